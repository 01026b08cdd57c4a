"""Plans a fleet of sites; sites are independent, so any executor may spread them."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass
from functools import cache
import os
import time

from optivgi_scheduler import Algorithm, AlgorithmError, Problem, Schedule, get_algorithm

TRIED = ("optimal", "go")
"""In this order; the second needs no solver."""


@dataclass(frozen=True, kw_only=True)
class PlannedSite:
    """What became of one site.

    Attributes:
        schedule: Its plan; None where there is none.
        error: Why not.
        planner: Process that planned it.
        cpu_s: Processor time that took there.
    """

    schedule: Schedule | None = None
    error: str = ""
    planner: int
    cpu_s: float


@cache
def _algorithm(name: str) -> Algorithm:
    """Return an algorithm of this process, imported once."""
    return get_algorithm(name)


def plan_site(problem: Problem, time_limit_s: float = 10.0) -> PlannedSite:
    """Plan one site; what goes wrong with it is in the answer, and stops no other site.

    A worker has to run it in one thread: algorithms belong to a thread.
    """
    begin = time.process_time()
    schedule, errors = None, []
    for name in TRIED:
        try:
            schedule = _algorithm(name).solve(problem, time_limit_s=time_limit_s)
            break
        except AlgorithmError as err:
            errors.append(f"{name}: {err}")
    return PlannedSite(
        schedule=schedule,
        error="; ".join(errors),
        planner=os.getpid(),
        cpu_s=time.process_time() - begin,
    )


def plan_fleet(
    sites: Mapping[str, Problem], executor: Executor | None = None
) -> Iterator[tuple[str, PlannedSite]]:
    """Yield the sites as they are planned.

    Args:
        sites: What to plan, by name.
        executor: What spreads them: a pool of processes, or that of a Dask client; None to plan
            one after the other, here.
    """
    if executor is None:
        for name, problem in sites.items():
            yield name, plan_site(problem)
        return
    names: dict[Future[PlannedSite], str] = {
        executor.submit(plan_site, problem): name for name, problem in sites.items()
    }
    for future in as_completed(names):
        try:
            yield names[future], future.result()
        except Exception as err:  # noqa: BLE001 - its process died, or the answer was lost
            lost = f"{type(err).__name__}: {err}"
            yield names[future], PlannedSite(error=lost, planner=0, cpu_s=0.0)
