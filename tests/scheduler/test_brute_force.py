"""The optimum of small problems, found by trying every on/off pattern with an LP of its own."""

from itertools import product
import random

from highspy import Highs, HighsModelStatus, kHighsInf
import numpy as np
import pytest

from custom_components.optivgi.scheduler import PHASES, Problem, SolveStatus, get_algorithm

from .builders import assert_sound, car, independent_cost, problem, starts, total_cost


def cheapest(asked: Problem) -> float | None:  # noqa: C901 - one model, row by row
    """Return the least money that meets every need exactly, or None where nothing does.

    For problems in which exporting never earns more than importing costs.
    """
    steps = range(len(asked.horizon))
    solver = Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    columns: dict[tuple[int, int], int] = {}
    grid: list[int] = []

    def column(cost: float, upper: float) -> int:
        solver.addCol(cost, 0.0, upper, 0, np.zeros(0, dtype=np.int32), np.zeros(0))
        return int(solver.getNumCol()) - 1

    def row(lower: float, upper: float, terms: list[tuple[int, float]]) -> None:
        index = np.array([at for at, _ in terms], dtype=np.int32)
        solver.addRow(lower, upper, len(terms), index, np.array([value for _, value in terms]))

    for step in steps:
        hours, sell = asked.horizon.step_h[step], asked.export_price[step]
        free = asked.surplus_kw[step] > 0
        buy = asked.site.import_price[step]
        for number, ev in enumerate(asked.evs):
            if asked.present_h(ev)[step] > 0:
                columns[number, step] = column(hours * (sell if free else buy), ev.max_power_kw)
        here = [(col, 1.0) for (_, at), col in columns.items() if at == step]
        row(0, asked.capacity_kw[step], here)
        if free:
            grid.append(column(hours * (buy - sell), kHighsInf))
            row(-kHighsInf, asked.surplus_kw[step], [*here, (grid[-1], -1.0)])
        for phase in PHASES if asked.phase_capacity_kw else ():
            row(
                -kHighsInf,
                asked.phase_capacity_kw[step],
                [
                    (col, 1 / len(asked.evs[number].phases))
                    for (number, at), col in columns.items()
                    if at == step and phase in asked.evs[number].phases
                ],
            )
    for number, ev in enumerate(asked.evs):
        row(
            ev.energy_kwh,
            ev.energy_kwh,
            [
                (col, asked.horizon.step_h[step] * ev.efficiency)
                for (owner, step), col in columns.items()
                if owner == number
            ],
        )
    best = None
    cells = list(columns)
    indices = np.array(list(columns.values()), dtype=np.int32)
    for pattern in product((0, 1), repeat=len(cells)):
        on = dict(zip(cells, pattern, strict=True))
        lower = [asked.evs[number].min_power_kw * on[number, step] for number, step in cells]
        upper = [asked.evs[number].max_power_kw * on[number, step] for number, step in cells]
        solver.changeColsBounds(len(indices), indices, np.array(lower), np.array(upper))
        solver.run()
        if solver.getModelStatus() != HighsModelStatus.kOptimal:
            continue
        begun = sum(
            on[number, step]
            and not on.get((number, step - 1), asked.evs[number].charging and step == 0)
            for number, step in cells
        )
        money = solver.getObjectiveValue() + asked.start_cost * begun
        best = money if best is None else min(best, money)
    return best


def small(seed: int) -> Problem:
    """Return a random problem of at most ten cells, often tight and often sunny."""
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    cars = rng.choice((1, 2, 2))
    steps = rng.choice((8, 10)) if cars == 1 else rng.choice((4, 5))
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


@pytest.mark.parametrize("seed", range(40))
def test_no_plan_is_cheaper(seed: int) -> None:
    asked = small(seed)
    schedule = get_algorithm("optimal").solve(asked, time_limit_s=60)
    assert_sound(asked, schedule)
    assert schedule.cost == pytest.approx(independent_cost(asked, schedule), abs=1e-6)
    best = cheapest(asked)
    if best is None:
        return
    assert all(ev.shortfall_kwh == 0 for ev in schedule.evs)
    assert total_cost(asked, schedule) == pytest.approx(best, rel=1e-4, abs=1e-4)
    assert schedule.status is SolveStatus.OPTIMAL
    assert schedule.gap == pytest.approx(0, abs=1e-4)


def test_most_small_problems_can_be_met() -> None:
    assert sum(cheapest(small(seed)) is not None for seed in range(40)) >= 20


def test_starts_are_counted_as_the_plan_says() -> None:
    asked = problem([0.1, 0.5, 0.1], car(energy_kwh=22, charging=True))
    schedule = get_algorithm("optimal").solve(asked, time_limit_s=60)
    assert starts(asked, schedule) == 1
