"""Runs algorithms beside the event loop, one solve at a time, with a fallback for each failure."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
import gc
import logging

from .algorithm import Algorithm, AlgorithmError, NoSolutionError, get_algorithm
from .model import Problem, Schedule, SolveStatus
from .translation import Translation

_LOGGER = logging.getLogger(__name__)


OVERTIME = 1.2
"""An algorithm is given up after this many times its limit; solvers check theirs now and then."""
OVERTIME_S = 0.5
"""And this much longer, for building the model and reading the plan."""


def _undisturbed(algorithm: Algorithm, problem: Problem, time_limit_s: float) -> Schedule:
    """Solve without garbage collections.

    A model is some ten thousand objects, enough to set off a collection of everything that Home
    Assistant holds; that stops the event loop for 100 ms (measured), the solve itself for 5 ms.
    None of these objects needs collecting: they are freed when the last reference goes.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        return algorithm.solve(problem, time_limit_s=time_limit_s)
    finally:
        if enabled:
            gc.enable()


def _calm(problem: Problem, schedule: Schedule, earlier: Schedule | None) -> Callable[[], Schedule]:
    """Return the job that lets an earlier plan stand where that is good enough."""

    def job() -> Schedule:
        from .calm import keep_calm  # noqa: PLC0415 - numpy is imported with it

        return keep_calm(problem, schedule, earlier)

    return job


class Runner:
    """Solves Problems in a thread of its own.

    The thread is private because HiGHS keeps its scheduler per thread: another user of a shared
    thread, with another number of threads, would make every solve fail.
    """

    def __init__(
        self,
        algorithms: Sequence[str | Algorithm] = ("optimal", "go"),
        time_limit_s: float = 10.0,
        start_cost: float = 0.0,
    ) -> None:
        """Prepare the runner; nothing is imported yet.

        Args:
            algorithms: Registered names, or algorithms, in the order in which to try them.
            time_limit_s: Time for each of them.
            start_cost: What ``run`` puts into its Problems as the cost of a start.
        """
        self._algorithms = tuple(algorithms)
        self._time_limit_s = time_limit_s
        self._start_cost = start_cost
        self._ready: dict[str, Algorithm] = {}
        self._followed: Schedule | None = None
        self._lock = asyncio.Lock()
        self._ended = False
        self._executor = self._new_executor()

    @staticmethod
    def _new_executor() -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers=1, thread_name_prefix="optivgi-solver")

    async def _in_thread[T](self, job: Callable[[], T]) -> T:
        if self._ended:
            raise NoSolutionError("the runner was shut down")
        return await asyncio.get_running_loop().run_in_executor(self._executor, job)

    async def solve(self, problem: Problem, earlier: Schedule | None = None) -> Schedule:
        """Solve a Problem with the first algorithm that gives a plan.

        Args:
            problem: What to plan.
            earlier: The plan that is being followed; it is kept where a new one is hardly better.

        Raises:
            NoSolutionError: None did, or the runner was shut down; the message tells what went
                wrong with each.
        """
        async with self._lock:
            failures: list[str] = []
            for entry in self._algorithms:
                name = entry if isinstance(entry, str) else entry.name
                try:
                    schedule = await self._try(entry, problem)
                except TimeoutError:
                    failures.append(f"{name}: no answer within {self._time_limit_s:g} s")
                    self._abandon_thread()
                except AlgorithmError as err:
                    failures.append(f"{name}: {err}")
                except Exception as err:
                    # Whatever a solver or a plug-in raises, the next algorithm has to be tried.
                    _LOGGER.exception("Algorithm %s failed", name)
                    failures.append(f"{name}: {type(err).__name__}: {err}")
                else:
                    if failures:
                        schedule = replace(
                            schedule, status=SolveStatus.FALLBACK, failures=tuple(failures)
                        )
                    return await self._in_thread(_calm(problem, schedule, earlier))
            raise NoSolutionError("; ".join(failures) or "there is no algorithm to try")

    async def _try(self, entry: str | Algorithm, problem: Problem) -> Schedule:
        """Let one algorithm solve a Problem.

        Raises:
            TimeoutError: It did not answer in time; its thread may still be busy.
            AlgorithmError: It gave no plan, or none for these EVs.
        """
        if isinstance(entry, str):
            if entry not in self._ready:
                # Importing a solver may take seconds, which are not taken from its time.
                self._ready[entry] = await self._in_thread(lambda: get_algorithm(entry))
            algorithm = self._ready[entry]
        else:
            algorithm = entry
        limit = self._time_limit_s
        schedule: Schedule | None = await asyncio.wait_for(
            self._in_thread(lambda: _undisturbed(algorithm, problem, limit)),
            OVERTIME * limit + OVERTIME_S,
        )
        if schedule is None or [ev.id for ev in schedule.evs] != [ev.id for ev in problem.evs]:
            raise NoSolutionError("its answer is not a plan for these EVs")
        return schedule

    def _abandon_thread(self) -> None:
        """Leave a busy thread to itself: it cannot be stopped, but it need not be waited for."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        if not self._ended:
            self._executor = self._new_executor()
        # Whoever is still busy there would have turned this on again.
        gc.enable()

    async def run(self, translation: Translation) -> Schedule:
        """Run one scheduling cycle: ask the site, plan, tell the chargers.

        The plan of the cycle before is kept where a new one is hardly better.

        Returns:
            The plan that was sent.

        Raises:
            ProblemError: What the site told contradicts itself; nothing is sent.
            NoSolutionError: No algorithm gave a plan; nothing is sent.
        """
        horizon = await translation.get_horizon()
        evs = await translation.get_evs(horizon)
        site = await translation.get_peak_power_demand(horizon)
        schedule = await self.solve(
            Problem(horizon=horizon, site=site, evs=evs, start_cost=self._start_cost),
            self._followed,
        )
        self._followed = schedule
        await translation.send_power_to_evs(schedule)
        return schedule

    def shutdown(self, *, wait: bool = False) -> None:
        """End the thread; nothing is solved any more.

        Args:
            wait: Return only when it has ended, with the solve that runs; never in an event loop.
        """
        self._ended = True
        self._executor.shutdown(wait=wait, cancel_futures=True)
