"""How a solve is cut off: what says so must say so each time."""

from highspy import Highs, HighsVarType
import numpy as np

from custom_components.optivgi.scheduler.optimal.clock import SolveClock

PLENTY_S = 60.0


def hard_program() -> Highs:
    """Return a program that takes a solver more than a second: equal sums of random numbers."""
    solver = Highs()
    solver.setOptionValue("output_flag", False)
    weights = np.random.default_rng(1).integers(1_000_000, 9_000_000, size=(4, 60))
    chosen = [solver.addVariable(0, 1, type=HighsVarType.kInteger) for _ in range(60)]
    over = [solver.addVariable(0, 1e9) for _ in weights]
    for row, more in zip(weights.tolist(), over, strict=True):
        total = sum(weight * choice for weight, choice in zip(row, chosen, strict=True))
        solver.addConstr(total - more <= sum(row) // 3)
        solver.addConstr(total + more >= sum(row) // 3)
    solver.setMinimize()
    for more in over:
        solver.changeColCost(more.index, 1.0)
    return solver


def test_a_search_that_is_given_a_part_of_the_time_says_that_it_was_cut_off() -> None:
    clock = SolveClock(PLENTY_S)
    with clock.stage("program"):
        clock.run(hard_program(), integer=True, part=0.002)
    assert not clock.is_up
    assert clock.ended_in == "program"


def test_what_comes_to_its_end_was_not_cut_off() -> None:
    clock, solver = SolveClock(PLENTY_S), Highs()
    solver.setOptionValue("output_flag", False)
    solver.addVariable(0, 1)
    with clock.stage("program"):
        clock.run(solver)
    assert clock.ended_in == ""
