"""Runs algorithms beside the event loop, one solve at a time; there is a plan whatever fails."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
import gc
import logging
import time

from .algorithm import Algorithm
from .errors import AlgorithmError, NoSolutionError
from .last_resort import EMERGENCY, LAST_PLAN, charge_by_urgency, follow_last_plan
from .model import Problem, Schedule, SolveStatus
from .registry import get_algorithm
from .reserve import Reserve, costs_energy, is_short
from .stays import join_stays, split_followed, split_stays
from .translation import Translation

_LOGGER = logging.getLogger(__name__)


OVERTIME = 1.05
"""An algorithm is given up after this many times its limit; solvers check theirs now and then."""
OVERTIME_S = 0.25
"""And this much longer, for building the model and reading the plan."""
MIN_TIME_SHARE = 0.1
"""Each algorithm gets at least this part of the whole limit, whatever those before it took."""
_ENDED = "the runner was shut down"
IMPORT_S = 60.0
"""Importing a solver may take so long, once, on a slow disk."""


class _CalledOffError(NoSolutionError):
    """No other algorithm is to be tried."""


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


def _with_incumbent(problem: Problem, schedule: Schedule, earlier: Schedule | None) -> Schedule:
    """Let an earlier plan stand where that is good enough."""
    if earlier is None:
        return schedule
    try:
        from .incumbent import keep_incumbent  # noqa: PLC0415 - numpy is imported with it

        return keep_incumbent(problem, schedule, earlier)
    except Exception:
        # A fresh plan is there; keeping the earlier one is a nicety.
        _LOGGER.exception("The earlier plan could not be compared")
        return schedule


def _last_resort(problem: Problem, earlier: Schedule | None, failures: Sequence[str]) -> Schedule:
    """Return a plan that needs no algorithm, and what went wrong with each."""
    reported = list(failures) or ["there is no algorithm to try"]
    schedule = None
    try:
        schedule = follow_last_plan(problem, earlier)
    except Exception as err:
        _LOGGER.exception("The last plan cannot go on")
        reported.append(f"last_plan: {type(err).__name__}: {err}")
    if schedule is None:
        schedule = charge_by_urgency(problem)
    return replace(schedule, failures=tuple(reported))


DEFAULT_ALGORITHMS = "optimal", "go"
"""The best one first, and then the one that always answers."""


def algorithms_after(first: str | None) -> tuple[str, ...]:
    """Return in which order to try algorithms where one is preferred; None for no preference.

    After ``go`` none is tried: who prefers it does not want to wait for a solver.
    """
    if first is None or first == DEFAULT_ALGORITHMS[-1]:
        return DEFAULT_ALGORITHMS if first is None else (first,)
    return first, *(name for name in DEFAULT_ALGORITHMS if name != first)


class Runner:
    """Solves Problems in a thread of its own.

    The thread is private because HiGHS keeps its scheduler per thread: another user of a shared
    thread, with another number of threads, would make every solve fail.
    """

    def __init__(
        self,
        algorithms: Sequence[str | Algorithm] = DEFAULT_ALGORITHMS,
        time_limit_s: float = 10.0,
        start_cost: float = 0.0,
    ) -> None:
        """Prepare the runner; nothing is imported yet.

        Args:
            algorithms: Registered names, or algorithms, in the order in which to try them.
            time_limit_s: Time for all of them together; a plan is there a fifth later at most,
                and a quarter of a second for each algorithm that had to be given up.
            start_cost: What ``run`` puts into its Problems as the cost of a start.
        """
        self._algorithms = tuple(algorithms)
        self._time_limit_s = time_limit_s
        self._start_cost = start_cost
        self._ready: dict[str, Algorithm] = {}
        self._followed: Schedule | None = None
        self._lock = asyncio.Lock()
        self._ended = False
        self._cancelled = False
        self._solving: tuple[Algorithm, asyncio.Future[Schedule]] | None = None
        self._warned: set[str] = set()
        self._executor = self._new_executor()

    @staticmethod
    def _new_executor() -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers=1, thread_name_prefix="optivgi-solver")

    def _in_thread[T](self, job: Callable[[], T]) -> asyncio.Future[T]:
        if self._ended:
            raise NoSolutionError(_ENDED)
        return asyncio.get_running_loop().run_in_executor(self._executor, job)

    async def solve(
        self, problem: Problem, earlier: Schedule | None = None, time_limit_s: float | None = None
    ) -> Schedule:
        """Solve a Problem with the first algorithm that gives a plan.

        Where none does, the earlier plan goes on as far as the limits allow, or else all cars
        charge at their minimum power, the most urgent first.

        Args:
            problem: What to plan.
            earlier: The plan that is being followed; it is kept where a new one is hardly better.
            time_limit_s: Time for all algorithms together, if not that of the runner.

        Raises:
            NoSolutionError: The solve was cancelled, or the runner was shut down.
        """
        split = split_stays(problem)
        followed = split_followed(earlier, split)
        return join_stays(await self._solve(split, followed, time_limit_s))

    async def _solve(
        self, problem: Problem, earlier: Schedule | None, time_limit_s: float | None
    ) -> Schedule:
        """Solve a Problem in which nobody wants anything after its departure."""
        whole = self._time_limit_s if time_limit_s is None else time_limit_s
        async with self._lock:
            self._cancelled = False
            begin = time.monotonic()
            failures: list[str] = []
            for entry in self._algorithms:
                left = whole - (time.monotonic() - begin)
                limit = max(left, MIN_TIME_SHARE * self._time_limit_s)
                try:
                    waited = time.monotonic()
                    algorithm = await self._algorithm(entry)
                    begin += time.monotonic() - waited
                    schedule = await self._try(algorithm, problem, limit)
                except _CalledOffError:
                    raise
                except Exception as err:
                    # Whatever a solver or a plug-in raises, the next algorithm has to be tried.
                    if self._ended:
                        raise NoSolutionError(_ENDED) from err
                    name = entry if isinstance(entry, str) else entry.name
                    failures.append(self._failure(name, err, limit))
                else:
                    if failures:
                        failed = (*failures, *schedule.failures)
                        schedule = replace(schedule, status=SolveStatus.FALLBACK, failures=failed)
                    return await self._in_thread(
                        partial(_with_incumbent, problem, schedule, earlier)
                    )
            return await self._in_thread(partial(_last_resort, problem, earlier, failures))

    def _failure(self, name: str, err: Exception, limit_s: float) -> str:
        """Return what went wrong with an algorithm; log what it should not have raised."""
        if isinstance(err, TimeoutError):
            return f"{name}: no answer within {limit_s:.3g} s"
        if isinstance(err, AlgorithmError):
            return f"{name}: {err}"
        reported = f"{name}: {type(err).__name__}: {err}"
        if isinstance(err, ImportError):
            # It is not there in the next cycle either.
            if reported not in self._warned:
                _LOGGER.warning("Algorithm %s is not available: %s", name, err)
            self._warned.add(reported)
        else:
            _LOGGER.error("Algorithm %s failed", name, exc_info=err)
        return reported

    async def _algorithm(self, entry: str | Algorithm) -> Algorithm:
        """Return an algorithm, ready to use. Its import is not taken from its time."""
        if not isinstance(entry, str):
            return entry
        if entry not in self._ready:
            job = self._in_thread(partial(get_algorithm, entry))
            try:
                self._ready[entry] = await asyncio.wait_for(job, IMPORT_S)
            except TimeoutError:
                self._abandon_thread()
                raise NoSolutionError(f"not imported within {IMPORT_S:g} s") from None
        return self._ready[entry]

    async def _try(self, algorithm: Algorithm, problem: Problem, limit_s: float) -> Schedule:
        """Let one algorithm solve a Problem.

        Raises:
            TimeoutError: It did not answer in time.
            AlgorithmError: It gave no plan, or none for these EVs, or was cancelled.
        """
        if self._cancelled:
            raise _CalledOffError("the solve was cancelled")
        job = self._in_thread(partial(_undisturbed, algorithm, problem, limit_s))
        self._solving = algorithm, job
        try:
            schedule: Schedule | None = await asyncio.wait_for(job, OVERTIME * limit_s + OVERTIME_S)
        except (TimeoutError, asyncio.CancelledError) as err:
            # HiGHS frees the interpreter while it computes, so it can be cancelled.
            algorithm.cancel()
            self._abandon_thread()
            if self._cancelled:
                raise _CalledOffError("the solve was cancelled") from None
            if not isinstance(err, TimeoutError):
                raise
            schedule = await self._in_thread(algorithm.plan_in_hand)
            if schedule is None:
                raise
            late = self._failure(algorithm.name, err, limit_s)
            schedule = replace(schedule, status=SolveStatus.FALLBACK, failures=(late,))
        finally:
            self._solving = None
        if schedule is None or [ev.id for ev in schedule.evs] != [ev.id for ev in problem.evs]:
            raise NoSolutionError("its answer is not a plan for these EVs")
        return schedule

    def cancel(self) -> None:
        """Call off the solve that runs, as when its Problem is out of date; others wait on.

        Whoever awaits it gets a NoSolutionError. What its thread finds is not looked at.
        """
        self._cancelled = True
        if self._solving is not None:
            self._solving[1].cancel()

    def _abandon_thread(self) -> None:
        """Leave a busy thread to itself: it cannot be stopped, but it need not be waited for.

        So is the state of the algorithms in it.
        """
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._ready.clear()
        if not self._ended:
            self._executor = self._new_executor()
        # Whoever is still busy there would have turned this on again.
        gc.enable()

    async def run(self, translation: Translation) -> Schedule:
        """Run one scheduling cycle: ask the site, plan, send limits to the chargers.

        The plan of the cycle before is kept where a new one is hardly better. The reserve that the
        site wants is left free, unless that costs a car energy.

        Returns:
            The plan that was sent.

        Raises:
            ProblemError: What the site reported contradicts itself; nothing is sent.
            NoSolutionError: The solve was cancelled, or the runner was shut down; nothing is sent.
        """
        horizon = await translation.get_horizon()
        evs = await translation.get_evs(horizon)
        site = await translation.get_peak_power_demand(horizon)
        problem = Problem(
            horizon=horizon,
            site=site,
            evs=evs,
            circuits=await translation.get_circuits(horizon),
            batteries=await translation.get_batteries(horizon),
            start_cost=self._start_cost,
        )
        reserve = await translation.get_reserve()
        schedule = await self.solve_with_reserve(problem, reserve, self._followed)
        if schedule.algorithm not in {LAST_PLAN, EMERGENCY}:
            # What stands in for a plan is not worth keeping once there is one.
            self._followed = schedule
        await translation.send_power_to_evs(problem, schedule)
        return schedule

    async def solve_with_reserve(
        self, problem: Problem, reserve: Reserve, earlier: Schedule | None = None
    ) -> Schedule:
        """Solve a Problem, leaving a reserve free where no car goes short for it.

        Args:
            problem: What to plan.
            reserve: What is to be left free.
            earlier: The plan that is being followed, as for ``solve``.

        Raises:
            NoSolutionError: The solve was cancelled, or the runner was shut down.
        """
        begin = time.monotonic()
        # Before the reserve: who is to be ready a little earlier does not come back for that.
        problem = split_stays(problem)
        eased = reserve.kept_in(problem)
        schedule = await self.solve(eased, earlier)
        if eased == problem or not is_short(schedule):
            return schedule
        left = max(0.0, self._time_limit_s - (time.monotonic() - begin))
        whole = await self.solve(problem, earlier, left)
        worse = whole.status is SolveStatus.FALLBACK and schedule.status is not SolveStatus.FALLBACK
        return whole if costs_energy(schedule, whole) and not worse else schedule

    def shutdown(self, *, wait: bool = False) -> None:
        """End the thread; nothing is solved any more.

        Args:
            wait: Return only when it has ended, with the solve that runs; never in an event loop.
        """
        self._ended = True
        if self._solving is not None:
            self._solving[0].cancel()
        self._executor.shutdown(wait=wait, cancel_futures=True)
