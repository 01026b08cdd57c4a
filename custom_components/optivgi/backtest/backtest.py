"""A backtest: the last weeks as they were, and as they would have been."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ..scheduler.model import Problem, Schedule
from ..scheduler.runner import Runner
from .bill import Bill, bill
from .past import Past, Unknown
from .rolling import roll
from .ways import as_it_was, at_plug_in, with_foresight

_TIME_LIMIT_S = 5.0
"""As much as a plan of the present gets; nearly all need a hundredth of it."""
_FORESIGHT_S = 5.0
"""Some days with all their cars are planned within this."""


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """What came of it.

    Attributes:
        as_it_was: What the cars really drew.
        at_plug_in: Had they charged at once, under the same limits.
        planned: Had they followed plans made with what was known at each moment.
        foresight: Had everything been known before.
        stays: How many cars were there.
        plans: How many plans were made.
        unknown: What could not be known.
    """

    as_it_was: Bill
    at_plug_in: Bill
    planned: Bill
    foresight: Bill
    stays: int
    plans: int
    unknown: frozenset[Unknown]


async def run(
    past: Past,
    algorithms: tuple[str, ...],
    progress: Callable[[float], None] = lambda _: None,
) -> Backtest:
    """Run a backtest.

    Args:
        past: What is known of the weeks.
        algorithms: What plans are made by, in the order in which to try them.
        progress: Is called with the part that is done; may raise StoppedError.

    Raises:
        StoppedError: Whoever follows the progress has stopped it.
    """
    runner = Runner(algorithms, time_limit_s=_TIME_LIMIT_S)
    try:
        rolled = await roll(past, runner, progress)
        foreseen = await with_foresight(past, partial(_solve, runner, progress))
    finally:
        runner.shutdown()
    progress(1.0)
    return Backtest(
        as_it_was=bill(past, as_it_was(past)),
        at_plug_in=bill(past, at_plug_in(past)),
        planned=bill(past, rolled.way),
        foresight=bill(past, foreseen),
        stays=len(past.stays),
        plans=rolled.plans,
        unknown=past.unknown,
    )


async def _solve(runner: Runner, progress: Callable[[float], None], problem: Problem) -> Schedule:
    progress(1.0)
    return await runner.solve(problem, time_limit_s=_FORESIGHT_S)
