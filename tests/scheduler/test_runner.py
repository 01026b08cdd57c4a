"""The Runner: falls back, gives up in time, tells why, and leaves the event loop alone."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
import gc
import threading
import time
from typing import Any, ClassVar, override

import pytest

from custom_components.optivgi.scheduler import (
    EV,
    Algorithm,
    Battery,
    Circuit,
    GridConnection,
    Horizon,
    NoSolutionError,
    Problem,
    ProblemError,
    Runner,
    Schedule,
    SolveStatus,
    Translation,
    UnknownAlgorithmError,
    get_algorithm,
    incumbent,
    register,
    registry,
)
from custom_components.optivgi.scheduler.last_resort import EMERGENCY, LAST_PLAN
from custom_components.optivgi.scheduler.runner import OVERTIME_S

from .builders import approx, assert_sound, car, limits, problem, storage

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
        self.begun = threading.Event()
        self.cancelled = 0

    @override
    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        self.begun.set()
        self.let_go.wait(60)
        raise NoSolutionError("too late")

    async def has_begun(self) -> None:
        """Wait until it is stuck."""
        await asyncio.get_running_loop().run_in_executor(None, self.begun.wait)

    @override
    def cancel(self) -> None:
        self.cancelled += 1


class Flaky(Algorithm):
    """Fails when it is told to."""

    name: ClassVar[str] = "flaky"
    fails = False

    @override
    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        if self.fails:
            raise NoSolutionError("not now")
        return get_algorithm("go").solve(problem, time_limit_s=time_limit_s)


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


@pytest.fixture(autouse=True)
def _wait_for_abandoned_threads() -> Iterator[None]:
    """Who was given up ends by itself; the next test is not to meet it."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("optivgi-solver"):
            thread.join(timeout=30)


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


class Unavailable(Algorithm):
    """Needs what is not installed."""

    name: ClassVar[str] = "unavailable"

    def __init__(self) -> None:
        """Fail to import."""
        raise ModuleNotFoundError("No module named 'pulp'")

    @override
    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        raise AssertionError


async def test_without_its_solver_the_next_algorithm_plans(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(registry, "_FACTORIES", dict(registry._FACTORIES))
    register("unavailable", Unavailable)
    with running("unavailable", "go") as runner:
        for _ in range(3):
            schedule = await runner.solve(ASKED)
    assert schedule.algorithm == "go"
    assert schedule.status is SolveStatus.FALLBACK
    assert schedule.failures == ("unavailable: ModuleNotFoundError: No module named 'pulp'",)
    told = [record for record in caplog.records if "not available" in record.message]
    assert len(told) == 1, "told once, not in every cycle"


async def test_without_any_answer_the_last_plan_goes_on() -> None:
    earlier = get_algorithm("go").solve(ASKED, time_limit_s=1)
    with running(Broken(), Clueless()) as runner:
        schedule = await runner.solve(ASKED, earlier)
    assert schedule.algorithm == LAST_PLAN
    assert schedule.status is SolveStatus.FALLBACK
    assert limits(schedule) == limits(earlier)
    assert [failure.partition(":")[0] for failure in schedule.failures] == ["broken", "clueless"]


async def test_without_a_last_plan_cars_charge_by_urgency() -> None:
    asked = problem([0.1] * 6, car(energy_kwh=30, min_power_kw=4))
    with running(Broken()) as runner:
        schedule = await runner.solve(asked)
    assert schedule.algorithm == EMERGENCY
    assert schedule.status is SolveStatus.FALLBACK
    assert_sound(asked, schedule)
    with running() as runner:
        schedule = await runner.solve(ASKED)
    assert schedule.failures == ("there is no algorithm to try",)


async def test_the_time_limit_holds_for_all_together() -> None:
    """Each of the stuck ones is left behind in what is left of the time."""
    stuck = [Stuck(), Stuck()]
    with running(*stuck, time_limit_s=1.0) as runner:
        begin = time.monotonic()
        schedule = await runner.solve(ASKED)
        passed = time.monotonic() - begin
        for one in stuck:
            one.let_go.set()
    assert schedule.algorithm == EMERGENCY
    assert passed < 1.2 + 2 * OVERTIME_S + 0.5


async def test_who_is_given_up_is_told_and_the_next_gets_a_thread_of_its_own() -> None:
    stuck = Stuck()
    with running(stuck, "go", time_limit_s=0.01) as runner:
        await runner.solve(ASKED)
        assert stuck.cancelled == 1
        assert (await runner.solve(ASKED)).algorithm == "go"
        stuck.let_go.set()


async def test_a_cancelled_solve_ends_at_once_and_another_begins() -> None:
    stuck = Stuck()
    with running(stuck, "go") as runner:
        solve = asyncio.create_task(runner.solve(ASKED))
        follower = asyncio.create_task(runner.solve(ASKED))
        await stuck.has_begun()
        runner.cancel()
        with pytest.raises(NoSolutionError, match="cancelled"):
            await solve
        assert stuck.cancelled == 1
        stuck.let_go.set()
        assert (await follower).algorithm == "go"


async def test_the_thread_is_left_when_the_task_is_cancelled() -> None:
    stuck = Stuck()
    with running(stuck, "go") as runner:
        solve = asyncio.create_task(runner.solve(ASKED))
        await stuck.has_begun()
        solve.cancel()
        with pytest.raises(asyncio.CancelledError):
            await solve
        assert stuck.cancelled == 1
        assert gc.isenabled()
        stuck.let_go.set()
        assert (await runner.solve(ASKED)).algorithm == "go"


async def test_after_the_end_nothing_is_solved() -> None:
    stuck = Stuck()
    runner = Runner([stuck, "go"])
    solve = asyncio.create_task(runner.solve(ASKED))
    await stuck.has_begun()
    runner.shutdown()
    assert stuck.cancelled == 1
    stuck.let_go.set()
    with pytest.raises(NoSolutionError, match="shut down"):
        await solve
    with pytest.raises(NoSolutionError, match="shut down"):
        await runner.solve(ASKED)


async def test_a_fresh_plan_stands_where_it_cannot_be_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*args: Any) -> Schedule:
        raise ZeroDivisionError

    monkeypatch.setattr(incumbent, "keep_incumbent", fails)
    earlier = get_algorithm("go").solve(ASKED, time_limit_s=1)
    with running("go") as runner:
        schedule = await runner.solve(ASKED, earlier)
    assert limits(schedule) == approx([0, 11])
    assert not schedule.kept


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

    def __init__(self, asked: Problem, site: GridConnection | None = None) -> None:
        """Answer with a Problem's parts, or with another site."""
        self.asked = asked
        self.site = site or asked.site
        self.sent: list[tuple[Problem, Schedule]] = []

    @override
    async def get_horizon(self) -> Horizon:
        return self.asked.horizon

    @override
    async def get_evs(self, horizon: Horizon) -> tuple[EV, ...]:
        assert horizon is self.asked.horizon
        return self.asked.evs

    @override
    async def get_peak_power_demand(self, horizon: Horizon) -> GridConnection:
        assert horizon is self.asked.horizon
        return self.site

    @override
    async def send_power_to_evs(self, problem: Problem, schedule: Schedule) -> None:
        self.sent.append((problem, schedule))


async def test_a_cycle_asks_the_site_and_tells_the_chargers() -> None:
    house = House(ASKED)
    with running("optimal") as runner:
        schedule = await runner.run(house)
    assert house.sent == [(ASKED, schedule)]
    assert limits(schedule) == approx([0, 11])


async def test_circuits_and_the_battery_are_part_of_what_is_asked() -> None:
    circuits = (Circuit(id="garage", limit_kw=(3.0, 3.0)),)
    battery = storage()
    seen: list[Problem] = []

    class Equipped(House):
        """A site with more than chargers."""

        @override
        async def get_circuits(self, horizon: Horizon) -> tuple[Circuit, ...]:
            return circuits

        @override
        async def get_batteries(self, horizon: Horizon) -> tuple[Battery, ...]:
            return (battery,)

    class Curious(Watching):
        """Notes what is asked."""

        @override
        def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
            seen.append(problem)
            return super().solve(problem, time_limit_s=time_limit_s)

    with running(Curious()) as runner:
        await runner.run(Equipped(ASKED))
    assert seen[0].circuits == circuits
    assert seen[0].batteries == (battery,)


async def test_nothing_is_sent_where_what_is_asked_contradicts_itself() -> None:
    contradictory = House(ASKED, GridConnection(limit_kw=(1.0,), import_price=(1.0,)))
    with running("go") as runner, pytest.raises(ProblemError, match=r"^site\.limit_kw: "):
        await runner.run(contradictory)
    assert contradictory.sent == []


async def test_the_plan_that_was_sent_goes_on_when_all_fails() -> None:
    house = House(ASKED)
    flaky = Flaky()
    with running(flaky) as runner:
        first = await runner.run(house)
        flaky.fails = True
        second = await runner.run(house)
    assert second.algorithm == LAST_PLAN
    assert limits(second) == limits(first)
    assert house.sent == [(ASKED, first), (ASKED, second)]


async def test_new_algorithms_register_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_FACTORIES", dict(registry._FACTORIES))
    register("watching", Watching)
    with running("watching") as runner:
        assert (await runner.solve(ASKED)).algorithm == "go"
    with pytest.raises(UnknownAlgorithmError, match="there are: optimal, go, watching"):
        get_algorithm("nobody")
