"""The yardstick: linear programs whose optimum is known by hand."""

from datetime import timedelta

from benchmarks.instances import START
from benchmarks.relaxation import fairest_fraction, least_shortage_kwh, most_kwh, relax
import pytest

from custom_components.optivgi.scheduler import EV, GridConnection, Horizon, Problem


def problem(
    *evs: EV, prices: tuple[float, ...], limit_kw: float = 100.0, **site: object
) -> Problem:
    """Return a Problem of one-hour steps."""
    steps = len(prices)
    return Problem(
        horizon=Horizon(start=START, step_h=(1.0,) * steps),
        site=GridConnection(limit_kw=(limit_kw,) * steps, import_price=prices, **site),  # type: ignore[arg-type]
        evs=evs,
    )


def car(name: str, energy_kwh: float, *, hours: int = 24, **fields: object) -> EV:
    """Return a 10 kW car that stays for some hours from the start."""
    return EV(
        id=name,
        arrival=START,
        departure=START + timedelta(hours=hours),
        energy_kwh=energy_kwh,
        max_power_kw=10.0,
        **fields,  # type: ignore[arg-type]
    )


def test_the_cheapest_hours_are_used_first() -> None:
    relaxed = relax(problem(car("a", 14), prices=(0.3, 0.1, 0.2)))
    assert relaxed.money == pytest.approx(10 * 0.1 + 4 * 0.2)
    assert relaxed.shortage_kwh == pytest.approx(0)


def test_losses_are_paid_for() -> None:
    relaxed = relax(problem(car("a", 9, efficiency=0.9), prices=(0.3, 0.1)))
    assert relaxed.money == pytest.approx(10 * 0.1)


def test_surplus_costs_what_it_would_have_earned() -> None:
    site = {"export_price": (0.05, 0.05), "pv_kw": (6.0, 0.0), "base_load_kw": (1.0, 0.0)}
    relaxed = relax(problem(car("a", 8), prices=(0.3, 0.2), **site))
    assert relaxed.money == pytest.approx(5 * 0.05 + 3 * 0.2)


def test_surplus_below_the_minimum_power_cannot_be_used_alone() -> None:
    # At 4 kW half of the power comes from the 2 kW of surplus, so half of 2 kWh does.
    site = {"export_price": (0.0,), "pv_kw": (2.0,)}
    relaxed = relax(problem(car("a", 2, min_power_kw=4.0), prices=(0.2,), **site))
    assert relaxed.money == pytest.approx(1 * 0.2)


def test_the_phases_limit_what_can_be_delivered() -> None:
    cars = (car("a", 20, phases=("L1",)), car("b", 20, phases=("L1", "L2", "L3")))
    site = problem(*cars, prices=(0.1, 0.1), phase_limit_kw=((4.0, 4.0),))
    # L1 carries all of the one and a third of the other: 4 = a + b / 3, with b at most 10.
    assert most_kwh(site) == pytest.approx(2 * (10 + 4 - 10 / 3))


def test_the_least_shortage_and_the_fairest_shares_are_known() -> None:
    site = problem(car("a", 10), car("b", 20), prices=(0.1, 0.3), limit_kw=12.0)
    assert least_shortage_kwh(site) == pytest.approx(6)
    assert relax(site).shortage_kwh == pytest.approx(6)
    assert fairest_fraction(site) == pytest.approx(24 / 30)


def test_nobody_gets_more_than_everything() -> None:
    assert fairest_fraction(problem(car("a", 5), prices=(0.1,))) == pytest.approx(1)
