"""The Runner: falls back, gives up, tells why, and leaves the event loop alone."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
import threading
from typing import Any, ClassVar, override

import pytest

from custom_components.optivgi.scheduler import (
    EV,
    Algorithm,
    Horizon,
    NoSolutionError,
    Problem,
    ProblemError,
    Runner,
    Schedule,
    Site,
    SolveStatus,
    Translation,
    UnknownAlgorithmError,
    algorithm as registry,
    get_algorithm,
    register,
)

from .builders import approx, car, limits, problem

ASKED = problem([0.3, 0.1], car(energy_kwh=11))


class Broken(Algorithm):
    """Raises what no algorithm should."""

    name: ClassVar[str] = "broken"

    @override
    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        raise ZeroDivisionError("by zero")


class Clueless(Algorithm):
    """Says that it found nothing."""

    name: ClassVar[str] = "clueless"

    @override
    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        raise NoSolutionError("nothing found")


class Silent(Algorithm):
    """Answers with nothing at all."""

    name: ClassVar[str] = "silent"

    @override
    def solve(self, problem: Problem, *, time_limit_s: float) -> Any:
        return None


class Stuck(Algorithm):
    """Does not come back until it is let go."""

    name: ClassVar[str] = "stuck"

    def __init__(self) -> None:
        """Keep it stuck at first."""
        self.let_go = threading.Event()

    @override
    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        self.let_go.wait(60)
        raise NoSolutionError("too late")


class Watching(Algorithm):
    """Notes the threads it runs in, and whether it ever runs twice at a time."""

    name: ClassVar[str] = "watching"

    def __init__(self) -> None:
        """Start with nothing noted."""
        self.threads: set[int] = set()
        self.busy = threading.Lock()

    @override
    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        assert self.busy.acquire(blocking=False), "two solves at a time"
        try:
            self.threads.add(threading.get_ident())
            return get_algorithm("go").solve(problem, time_limit_s=time_limit_s)
        finally:
            self.busy.release()


@contextmanager
def running(*algorithms: str | Algorithm, time_limit_s: float = 30.0) -> Iterator[Runner]:
    runner = Runner(algorithms, time_limit_s)
    try:
        yield runner
    finally:
        runner.shutdown()


async def test_the_first_algorithm_answers() -> None:
    with running("optimal", "go") as runner:
        schedule = await runner.solve(ASKED)
    assert schedule.algorithm == "optimal"
    assert schedule.status is SolveStatus.OPTIMAL
    assert schedule.failures == ()


async def test_every_kind_of_failure_leads_to_the_next_algorithm() -> None:
    with running(Broken(), Clueless(), Silent(), "missing", "go") as runner:
        schedule = await runner.solve(ASKED)
    assert schedule.algorithm == "go"
    assert schedule.status is SolveStatus.FALLBACK
    assert limits(schedule) == approx([0, 11])
    assert [failure.partition(":")[0] for failure in schedule.failures] == [
        "broken",
        "clueless",
        "silent",
        "missing",
    ]
    assert "ZeroDivisionError: by zero" in schedule.failures[0]


async def test_one_that_is_stuck_is_left_behind() -> None:
    stuck = Stuck()
    with running(stuck, "go", time_limit_s=0.01) as runner:
        schedule = await runner.solve(ASKED)
        assert schedule.status is SolveStatus.FALLBACK
        assert "no answer within 0.01 s" in schedule.failures[0]
        stuck.let_go.set()


async def test_without_any_plan_the_reasons_are_told() -> None:
    reasons = r"broken: .*by zero; clueless: nothing found"
    with running(Broken(), Clueless()) as runner, pytest.raises(NoSolutionError, match=reasons):
        await runner.solve(ASKED)
    with running() as runner, pytest.raises(NoSolutionError, match="no algorithm"):
        await runner.solve(ASKED)


async def test_one_solve_at_a_time_in_a_thread_of_its_own() -> None:
    watching = Watching()
    with running(watching) as runner:
        schedules = await asyncio.gather(*(runner.solve(ASKED) for _ in range(5)))
    assert {schedule.status for schedule in schedules} == {SolveStatus.FEASIBLE}
    assert len(watching.threads) == 1
    assert threading.get_ident() not in watching.threads


async def test_the_event_loop_goes_on_during_a_solve() -> None:
    stuck = Stuck()
    with running(stuck, "go") as runner:
        solve = asyncio.create_task(runner.solve(ASKED))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not solve.done()
        stuck.let_go.set()
        assert (await solve).algorithm == "go"


async def test_too_little_time_for_the_solver_ends_in_a_plan() -> None:
    with running("optimal", "go", time_limit_s=1e-9) as runner:
        schedule = await runner.solve(ASKED)
    assert limits(schedule) == approx([0, 11])


class House(Translation):
    """A site that remembers what it was told."""

    def __init__(self, asked: Problem, site: Site | None = None) -> None:
        """Answer with a Problem's parts, or with another site."""
        self.asked = asked
        self.site = site or asked.site
        self.sent: list[Schedule] = []

    @override
    async def get_horizon(self) -> Horizon:
        return self.asked.horizon

    @override
    async def get_evs(self, horizon: Horizon) -> tuple[EV, ...]:
        assert horizon is self.asked.horizon
        return self.asked.evs

    @override
    async def get_peak_power_demand(self, horizon: Horizon) -> Site:
        assert horizon is self.asked.horizon
        return self.site

    @override
    async def send_power_to_evs(self, schedule: Schedule) -> None:
        self.sent.append(schedule)


async def test_a_cycle_asks_the_site_and_tells_the_chargers() -> None:
    house = House(ASKED)
    with running("optimal") as runner:
        schedule = await runner.run(house)
    assert house.sent == [schedule]
    assert limits(schedule) == approx([0, 11])


async def test_nothing_is_sent_without_a_plan() -> None:
    house = House(ASKED)
    with running(Clueless()) as runner, pytest.raises(NoSolutionError):
        await runner.run(house)
    contradictory = House(ASKED, Site(limit_kw=(1.0,), import_price=(1.0,)))
    with running("go") as runner, pytest.raises(ProblemError, match=r"^site\.limit_kw: "):
        await runner.run(contradictory)
    assert house.sent == contradictory.sent == []


async def test_new_algorithms_register_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_FACTORIES", dict(registry._FACTORIES))
    register("watching", Watching)
    with running("watching") as runner:
        assert (await runner.solve(ASKED)).algorithm == "go"
    with pytest.raises(UnknownAlgorithmError, match="there are: optimal, go, watching"):
        get_algorithm("nobody")
