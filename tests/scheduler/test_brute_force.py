"""The optimum of small problems, found by trying everything there is to choose.

For chargers of any power, every on/off pattern is tried, with a linear program of its own for
the powers; for chargers of whole steps, every combination of powers.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
import random
from typing import Any

from highspy import Highs, HighsModelStatus, kHighsInf
import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.optivgi.scheduler import (
    EV,
    PHASES,
    PeakTariff,
    Problem,
    Schedule,
    SolveStatus,
)

from .builders import car, optimal, problem, starts
from .flows import independent_cost, independent_peak_cost, parts_of, room_kw
from .oracle import least_bill

type Array = NDArray[np.float64]


def money(asked: Problem, schedule: Schedule) -> float:
    """Return what a plan costs at the meter, with peaks and starts."""
    energy = independent_cost(asked, schedule) + independent_peak_cost(asked, schedule)
    return energy + asked.start_cost * starts(asked, schedule)


class Powers:
    """The linear program for the powers of a Problem, whatever is on or off.

    For problems in which exporting never earns more than importing costs, with billing intervals
    of one step and one highest day.
    """

    def __init__(self, asked: Problem) -> None:
        """Build it: powers and the import of each step, the money of it in the objective."""
        self.asked = asked
        self.solver = Highs()  # type: ignore[no-untyped-call]
        self.solver.setOptionValue("output_flag", False)
        self.columns: dict[tuple[int, int], int] = {}
        self.idle = 0.0
        peaks = [(self._column(tariff.price_per_kw), tariff) for tariff in asked.site.peak_tariffs]
        for column, tariff in peaks:
            known = max((tariff.today_kw, *tariff.day_peaks_kw))
            self._row(known, kHighsInf, [(column, 1.0)])
        highest = [max((tariff.today_kw, *tariff.day_peaks_kw)) for _, tariff in peaks]
        for step, hours in enumerate(asked.horizon.step_h):
            buy, sell = asked.site.import_price[step], asked.export_price[step]
            net = asked.base_load_kw[step] - asked.pv_kw[step]
            # Import n at buy, export n - net - sum of powers at sell.
            n = self._column(hours * (buy - sell))
            drawn = []
            for number, ev in enumerate(asked.evs):
                if asked.present_h(ev)[step] > 0:
                    self.columns[number, step] = self._column(hours * sell)
                    drawn.append((self.columns[number, step], -1.0))
            self._row(net, kHighsInf, [(n, 1.0), *drawn])
            self.idle += hours * (max(net, 0.0) * (buy - sell))
            for index, (column, tariff) in enumerate(peaks):
                weight = tariff.weight[step] if tariff.weight else 1.0
                self._row(0.0, kHighsInf, [(column, 1.0), (n, -weight)])
                highest[index] = max(highest[index], weight * net)
            self._add_wires(step)
        self.idle += sum(
            tariff.price_per_kw * value for (_, tariff), value in zip(peaks, highest, strict=True)
        )
        self._add_needs()
        self.indices = np.array(list(self.columns.values()), dtype=np.int32)

    def _column(self, cost: float) -> int:
        self.solver.addCol(cost, 0.0, kHighsInf, 0, np.zeros(0, dtype=np.int32), np.zeros(0))
        return int(self.solver.getNumCol()) - 1

    def _row(self, lower: float, upper: float, terms: list[tuple[int, float]]) -> None:
        index = np.array([at for at, _ in terms], dtype=np.int32)
        values = np.array([value for _, value in terms], dtype=np.float64)
        self.solver.addRow(lower, upper, len(terms), index, values)

    def _add_wires(self, step: int) -> None:
        for row, room in room_kw(self.asked, step).items():
            terms = [
                (column, parts_of(self.asked, self.asked.evs[number]).get(row, 0.0))
                for (number, at), column in self.columns.items()
                if at == step
            ]
            self._row(-kHighsInf, room, [term for term in terms if term[1] > 0])

    def _add_needs(self) -> None:
        for number, ev in enumerate(self.asked.evs):
            terms = [
                (column, self.asked.horizon.step_h[step] * ev.efficiency)
                for (owner, step), column in self.columns.items()
                if owner == number
            ]
            self._row(ev.energy_kwh, ev.energy_kwh, terms)

    def cheapest(self, on: dict[tuple[int, int], int]) -> float | None:
        """Return the least money with this on and off, or None where the needs cannot be met."""
        evs = self.asked.evs
        lower = [evs[number].min_power_kw * on[number, step] for number, step in self.columns]
        upper = [evs[number].max_power_kw * on[number, step] for number, step in self.columns]
        self.solver.changeColsBounds(
            len(self.indices), self.indices, np.array(lower), np.array(upper)
        )
        self.solver.run()
        if self.solver.getModelStatus() != HighsModelStatus.kOptimal:
            return None
        begun = sum(
            bool(is_on) and not on.get((number, step - 1), evs[number].charging and step == 0)
            for (number, step), is_on in on.items()
        )
        value: float = self.solver.getObjectiveValue()
        return value - self.idle + self.asked.start_cost * begun


def cheapest(asked: Problem) -> float | None:
    """Return the least money that meets every need exactly, or None where nothing does."""
    powers = Powers(asked)
    cells = list(powers.columns)
    found = (
        powers.cheapest(dict(zip(cells, pattern, strict=True)))
        for pattern in product((0, 1), repeat=len(cells))
    )
    return min((value for value in found if value is not None), default=None)


def small(seed: int) -> Problem:
    """Return a random problem of at most ten cells, often tight and often sunny."""
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    cars = rng.choice((1, 2, 2))
    steps = rng.choice((8, 9)) if cars == 1 else rng.choice((4, 5))
    start_cost = rng.choice((0.0, 0.05, 0.5))
    # A car without a minimum may idle at next to nothing instead of starting anew.
    minimums = (1.4, 4.1) if start_cost else (0.0, 1.4, 4.1)
    evs = [
        car(
            f"car-{index}",
            energy_kwh=rng.uniform(5, 20),
            min_power_kw=(minimum := rng.choice(minimums)),
            max_power_kw=max(minimum, rng.choice((3.7, 7.4, 11.0))),
            efficiency=rng.choice((1.0, 0.9)),
            phases=rng.choice((PHASES, ("L1",), ("L2",))),
            charging=rng.random() < 0.5,
        )
        for index in range(cars)
    ]
    return problem(
        [rng.uniform(0.07, 0.4) for _ in range(steps)],
        *evs,
        limit_kw=rng.choice((12.0, 17.0, 40.0)),
        phase_limit_kw=rng.choice((5.75, 9.0)),
        base_load_kw=[rng.uniform(0, 2) for _ in range(steps)],
        pv_kw=[rng.choice((0.0, rng.uniform(0, 8))) for _ in range(steps)],
        export_price=0.07,
        start_cost=start_cost,
    )


def wired(seed: int) -> Problem:
    """Return a random problem with circuits, rotated phases, base load per phase and a peak."""
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    cars, steps = rng.choice(((1, 7), (2, 4), (2, 4), (3, 3)))
    # Low enough for all amounts of energy to be met exactly.
    minimum = rng.choice((1.4, 2.2))
    evs = []
    for index in range(cars):
        phases = rng.choice((PHASES, ("L1", "L2"), ("L2", "L3"), ("L3",)))
        evs.append(
            car(
                f"car-{index}",
                (rng.choice((0, 0, 1)), steps),
                energy_kwh=rng.uniform(4, 14),
                min_power_kw=minimum,
                max_power_kw=rng.choice((7.4, 11.0)),
                phases=phases,
                line_to_line=len(phases) == 2 and rng.random() < 0.5,
                circuit=rng.choice((None, "garage", "row")),
            )
        )
    tariff = PeakTariff(
        price_per_kw=rng.choice((0.05, 0.3, 3.0)),
        interval_h=1.0,
        today_kw=rng.choice((0.0, 3.0)),
        weight=rng.choice(((), (0.5,) + (1.0,) * (steps - 1))),
    )
    site: dict[str, Any] = {"peak_tariffs": (tariff,)} if rng.random() < 0.6 else {}
    return problem(
        [rng.uniform(0.07, 0.4) for _ in range(steps)],
        *evs,
        limit_kw=rng.choice((14.0, 30.0)),
        phase_limit_kw={"L1": 6.0, "L2": rng.choice((5.0, 8.0)), "L3": 7.0},
        base_load_phase_kw={phase: [rng.uniform(0, 1.5) for _ in range(steps)] for phase in PHASES},
        pv_phase_kw={"L2": [rng.choice((0.0, rng.uniform(0, 6))) for _ in range(steps)]},
        export_price=0.05,
        circuits={
            "garage": {"limit_kw": 13, "phase_limit_kw": 5},
            "row": {"parent": "garage", "limit_kw": rng.choice((7, 11)), "base_load_kw": 0.3},
        },
        start_cost=rng.choice((0.0, 0.1)),
        **site,
    )


@pytest.mark.parametrize("seed", [*range(50), 201, 208])
def test_no_plan_of_a_household_is_cheaper(seed: int) -> None:
    assert_cheapest(small(seed))


@pytest.mark.parametrize("seed", range(50))
def test_no_plan_of_a_garage_is_cheaper(seed: int) -> None:
    assert_cheapest(wired(seed))


def assert_cheapest(asked: Problem) -> None:
    schedule = optimal(asked)
    split = schedule.cost_split
    assert split.grid + split.surplus == pytest.approx(independent_cost(asked, schedule), abs=1e-6)
    assert split.peak == pytest.approx(independent_peak_cost(asked, schedule), abs=1e-6)
    best = cheapest(asked)
    if best is None:
        return
    assert all(ev.shortfall_kwh == 0 for ev in schedule.evs)
    assert money(asked, schedule) == pytest.approx(best, rel=1e-4, abs=1e-3)
    assert schedule.status is SolveStatus.OPTIMAL
    assert schedule.gap == pytest.approx(0, abs=1e-4)
    assert schedule.bound == pytest.approx(best, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("make", [small, wired])
def test_most_small_problems_can_be_met(make: Any) -> None:
    assert sum(cheapest(make(seed)) is not None for seed in range(12)) >= 6


def test_starts_are_counted_as_the_plan_says() -> None:
    asked = problem([0.1, 0.5, 0.1], car(energy_kwh=22, charging=True))
    assert starts(asked, optimal(asked)) == 1


# Whole amperes.


def levels(ev: EV) -> list[float]:
    """Return all powers a charger can be set to."""
    count = int((ev.max_power_kw - ev.min_power_kw) / ev.power_step_kw + 1e-6) + 1
    return [0.0, *(ev.min_power_kw + index * ev.power_step_kw for index in range(count))]


def amperes(seed: int) -> Problem:
    """Return a random problem of cars in whole steps whose needs can be met exactly."""
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    cars, steps, count = rng.choice(((1, 4, 9), (1, 5, 7), (2, 3, 4), (2, 3, 4), (2, 4, 2)))
    evs = []
    for index in range(cars):
        phases = rng.choice((PHASES, ("L1",)))
        ampere = 0.23 * len(phases)
        evs.append(
            car(
                f"car-{index}",
                energy_kwh=1.0,
                min_power_kw=6 * ampere,
                max_power_kw=(6 + 2 * count) * ampere,
                power_step_kw=2 * ampere,
                phases=phases,
                charging=rng.random() < 0.5,
            )
        )
    asked = problem(
        [rng.uniform(0.1, 0.4) for _ in range(steps)],
        *evs,
        step_h=rng.choice((1.0, 0.5)),
        limit_kw=rng.choice((11.0, 17.0, 40.0)),
        phase_limit_kw=rng.choice((5.0, 9.0)),
        base_load_kw=[rng.uniform(0, 1) for _ in range(steps)],
        pv_kw=[rng.choice((0.0, rng.uniform(0, 8))) for _ in range(steps)],
        export_price=0.06,
        start_cost=rng.choice((0.0, 0.0, 0.1)),
    )
    possible, energy = combinations(asked)
    chosen = energy[rng.randrange(len(possible))]
    wanted = tuple(
        replace(ev, energy_kwh=float(need)) for ev, need in zip(evs, chosen, strict=True)
    )
    return replace(asked, evs=wanted)


def combinations(asked: Problem) -> tuple[Array, Array]:
    """Return all combinations of powers that the wires carry, and each car's energy in them."""
    steps = len(asked.horizon)
    choices = list(_columns(asked))
    grid = np.stack(np.meshgrid(*choices, indexing="ij"), axis=-1).reshape(-1, len(choices))
    power = grid.reshape(-1, len(asked.evs), steps)
    carried = np.ones(len(power), dtype=bool)
    parts = [parts_of(asked, ev) for ev in asked.evs]
    for step in range(steps):
        for row, room in room_kw(asked, step).items():
            share = np.array([part.get(row, 0.0) for part in parts])
            carried &= power[:, :, step] @ share <= room + 1e-9
    power = power[carried]
    return power, power @ np.array(asked.horizon.step_h)


def _columns(asked: Problem) -> Iterator[list[float]]:
    for ev in asked.evs:
        yield from [levels(ev)] * len(asked.horizon)


def money_of(asked: Problem, power: Array) -> Array:
    """Return the money of each combination of powers, with starts."""
    hours = np.array(asked.horizon.step_h)
    buy, sell = np.array(asked.site.import_price), np.array(asked.export_price)
    without = np.array(asked.base_load_kw) - np.array(asked.pv_kw)

    def bill(net: Array) -> Array:
        paid: Array = np.where(net > 0, buy * net, sell * net) @ hours
        return paid

    on = power > 0
    before = np.array([ev.charging for ev in asked.evs])
    first = (on[:, :, 0] & ~before).sum(axis=1)
    begun = first + (on[:, :, 1:] & ~on[:, :, :-1]).sum(axis=(1, 2))
    paid: Array = bill(without + power.sum(axis=1)) - bill(without) + asked.start_cost * begun
    return paid


@pytest.mark.parametrize("seed", range(100))
def test_no_plan_in_whole_amperes_is_cheaper(seed: int) -> None:
    asked = amperes(seed)
    schedule = optimal(asked)
    power, energy = combinations(asked)
    needs = np.array([ev.energy_kwh for ev in asked.evs])
    served = (energy >= needs - 1e-6).all(axis=1)
    exact = served & (energy <= needs + 1e-6).all(axis=1)
    assert all(ev.shortfall_kwh == 0 for ev in schedule.evs)
    paid = money(asked, schedule)
    best, least = (float(money_of(asked, power[some]).min()) for some in (exact, served))
    assert paid <= best + 1e-3
    # Charging too much never pays.
    assert paid >= least - 1e-6


# What other tests compare with.


@pytest.mark.parametrize("make", [small, wired])
@pytest.mark.parametrize("seed", range(8))
def test_a_plain_program_finds_the_same(make: Any, seed: int) -> None:
    asked = make(seed)
    best, bill = cheapest(asked), least_bill(asked)
    if best is None:
        return
    assert bill is not None
    assert bill.money == pytest.approx(best, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("seed", range(8))
def test_a_plain_program_finds_the_same_in_whole_amperes(seed: int) -> None:
    asked = amperes(seed)
    power, energy = combinations(asked)
    needs = np.array([ev.energy_kwh for ev in asked.evs])
    served = (energy >= needs - 1e-6).all(axis=1)
    bill = least_bill(asked)
    assert bill is not None
    assert bill.money == pytest.approx(float(money_of(asked, power[served]).min()), abs=1e-3)
