"""Home batteries and cars that give energy back: each plan known by hand."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.optivgi.scheduler import (
    EV,
    PeakTariff,
    Problem,
    Schedule,
    ShortfallCause,
    SolveStatus,
    Taper,
)
from custom_components.optivgi.scheduler.registry import get_algorithm

from .builders import (
    approx,
    battery_kw,
    car,
    giving,
    hold_battery,
    limits,
    optimal,
    planned,
    problem,
    storage,
)
from .flows import independent_cost


def priced(asked: Problem) -> Schedule:
    """Return the best plan, its money compared with what the meter says."""
    schedule = optimal(asked)
    split = schedule.cost_split
    assert split.grid + split.surplus + split.storage == approx(independent_cost(asked, schedule))
    return schedule


HOUSE: dict[str, Any] = {"base_load_kw": 5}


def test_battery_charges_cheap_and_discharges_dear() -> None:
    schedule = priced(problem([0.1, 0.5], battery=storage(), **HOUSE))
    assert battery_kw(schedule) == approx([5, -5])
    assert schedule.cost_split.storage == approx(5 * 0.1 - 5 * 0.5)


def test_battery_losses_stop_a_small_gain() -> None:
    lossy = storage(charge_efficiency=0.9, discharge_efficiency=0.9)
    equal = priced(problem([0.10, 0.10], battery=lossy, **HOUSE))
    small = priced(problem([0.10, 0.12], battery=lossy, **HOUSE))
    large = priced(problem([0.10, 0.20], battery=lossy, **HOUSE))
    assert battery_kw(equal) == battery_kw(small) == approx([0, 0])
    assert battery_kw(large) == approx([5, -5 * 0.81])


def test_battery_wear_stops_a_small_gain() -> None:
    asked = problem([0.10, 0.20], battery=storage(wear_cost=0.05), **HOUSE)
    schedule = priced(asked)
    assert battery_kw(schedule) == approx([5, -5])
    assert schedule.cost_split.wear == approx(0.25)
    worn = replace(asked, batteries=(storage(wear_cost=0.15),))
    assert battery_kw(priced(worn)) == approx([0, 0])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"stored_kwh": 8.0, "end_price": 0.3}, [2, -5]),
        ({"capacity_kwh": 3.0}, [3, -3]),
        ({"max_charge_kw": 2.0}, [2, -2]),
        ({"max_discharge_kw": 2.0}, [2, -2]),
        ({"stored_kwh": 4.0, "min_stored_kwh": 6.0, "max_charge_kw": 3.0}, [3, -1]),
    ],
)
def test_battery_stays_within_its_limits(fields: dict[str, Any], expected: list[float]) -> None:
    schedule = optimal(problem([0.1, 0.5], battery=storage(**fields), **HOUSE))
    assert battery_kw(schedule) == approx(expected)


def test_battery_ends_with_no_less_than_at_the_start() -> None:
    asked = problem([0.5, 0.1], battery=storage(stored_kwh=5.0), **HOUSE)
    assert battery_kw(priced(asked)) == approx([-5, 5])
    dear = problem([0.1, 0.5], battery=storage(stored_kwh=5.0), **HOUSE)
    assert battery_kw(priced(dear)) == approx([5, -5])


@pytest.mark.parametrize(("worth", "expected"), [(0.3, [5, 0]), (0.15, [5, -5]), (0.05, [0, -5])])
def test_battery_end_price_decides_what_stays_stored(worth: float, expected: list[float]) -> None:
    full = storage(capacity_kwh=5.0, stored_kwh=5.0 if worth < 0.1 else 0.0, end_price=worth)
    prices = [0.1, 0.2]
    assert battery_kw(optimal(problem(prices, battery=full, **HOUSE))) == approx(expected)


def test_battery_stores_surplus_that_would_earn_little() -> None:
    asked = problem([0.3, 0.3], battery=storage(), pv_kw=(4, 0), base_load_kw=(0, 4))
    assert battery_kw(priced(asked)) == approx([4, -4])
    earning = problem(
        [0.3, 0.3], battery=storage(), pv_kw=(4, 0), base_load_kw=(0, 4), export_price=0.35
    )
    assert battery_kw(priced(earning)) == approx([0, 0])


def test_battery_serves_the_evening_and_the_grid_the_cars_at_night() -> None:
    night = car(stay=(0, 2), energy_kwh=10)
    full = storage(stored_kwh=10.0, end_price=0.0)
    schedule = optimal(problem([0.4, 0.1, 0.4], night, battery=full, base_load_kw=(5, 0, 5)))
    assert battery_kw(schedule) == approx([-5, 0, -5])
    assert limits(schedule) == approx([0, 10, 0])


def test_battery_and_car_share_the_limit_of_the_site() -> None:
    first = car(stay=(0, 1), energy_kwh=8)
    alone = priced(problem([0.1, 0.5], battery=storage(), limit_kw=10, base_load_kw=(0, 5)))
    asked = problem([0.1, 0.5], first, battery=storage(), limit_kw=10, base_load_kw=(0, 5))
    schedule = priced(asked)
    assert battery_kw(alone) == approx([5, -5])
    assert limits(schedule) == approx([8, 0])
    assert battery_kw(schedule) == approx([2, -2])


def test_battery_takes_a_third_of_its_power_from_each_phase() -> None:
    first = car(stay=(0, 1), energy_kwh=4, phases=("L1",))
    house: dict[str, Any] = {"base_load_kw": (0, 5), "phase_limit_kw": 5}
    schedule = priced(problem([0.1, 0.5], first, battery=storage(), **house))
    assert limits(schedule) == approx([4, 0])
    assert battery_kw(schedule) == approx([3, -3])


def test_battery_leaves_room_for_the_whole_limit_of_a_car() -> None:
    """A tapering car draws less than its charger is set to; what is set has to fit, too."""
    amperes: dict[str, Any] = {"min_power_kw": 1.38, "max_power_kw": 3.68, "power_step_kw": 0.23}
    slow = (Taper(energy_kwh=1.0, max_power_kw=3.5),)
    first = car(stay=(0, 1), energy_kwh=5, taper=slow, **amperes)
    house: dict[str, Any] = {"base_load_kw": (0, 5), "limit_kw": (3.7, 10)}
    schedule = optimal(problem([0.1, 0.5], first, battery=storage(), **house))
    assert limits(schedule)[0] + battery_kw(schedule)[0] <= 3.7 + 1e-6


def test_battery_discharge_gives_cars_no_extra_room() -> None:
    full = storage(stored_kwh=10.0, end_price=0.0)
    schedule = optimal(problem([0.5, 0.5], car(energy_kwh=20), battery=full, limit_kw=5))
    assert limits(schedule) == approx([5, 5])


# What a battery may do, and several of them.


def test_the_battery_that_loses_less_gives_first() -> None:
    stores = [
        storage(id="lossy", stored_kwh=5.0, discharge_efficiency=0.8, end_price=0.1),
        storage(id="good", stored_kwh=5.0, end_price=0.1),
    ]
    asked = problem([0.1, 0.5], battery=stores, base_load_kw=(0, 5))
    lossy, good = optimal(asked).batteries
    assert (lossy.id, good.id) == ("lossy", "good")
    assert good.power_kw[1] == approx(-5)
    assert lossy.power_kw[1] == approx(0)


def test_batteries_share_the_limit_of_the_site_with_their_charging() -> None:
    stores = [storage(id="one"), storage(id="two", stored_kwh=10.0, end_price=1.0)]
    schedule = optimal(problem([0.1, 0.5], battery=stores, limit_kw=8, base_load_kw=(4, 8)))
    assert schedule.batteries[0].power_kw[0] <= 4 + 1e-6, "what one gives makes no room"


def test_battery_that_may_not_charge_from_the_grid_takes_what_the_sun_leaves() -> None:
    sun: dict[str, Any] = {"pv_kw": (3, 0, 0), "base_load_kw": (1, 1, 5)}
    free = optimal(problem([0.1, 0.1, 0.5], battery=storage(), **sun))
    schedule = optimal(problem([0.1, 0.1, 0.5], battery=storage(grid_charge=False), **sun))
    assert sum(battery_kw(free)[:2]) == approx(5)
    assert battery_kw(schedule) == approx([2, 0, -2])
    # A car that has to charge in the sun takes it first.
    first = car(stay=(0, 1), energy_kwh=2)
    beside = problem([0.1, 0.1, 0.5], first, battery=storage(grid_charge=False), **sun)
    assert battery_kw(optimal(beside)) == approx([0, 0, 0])


def test_battery_that_may_not_export_gives_what_is_drawn() -> None:
    full = storage(stored_kwh=10.0, end_price=0.0, may_export=False)
    selling: dict[str, Any] = {"base_load_kw": 2, "export_price": 0.3}
    asked = problem([0.4, 0.4], battery=full, **selling)
    assert battery_kw(optimal(asked)) == approx([-2, -2])
    free = replace(asked, batteries=(replace(full, may_export=True),))
    assert battery_kw(optimal(free)) == approx([-5, -5])


def test_battery_does_nothing_below_its_minimum_power() -> None:
    own = storage(min_power_kw=1.0, may_export=False)
    little = problem([0.1, 0.5], battery=own, base_load_kw=(0.0, 0.8))
    assert battery_kw(optimal(little)) == approx([0, 0])
    enough = problem([0.1, 0.5], battery=own, base_load_kw=(0.0, 1.2))
    assert battery_kw(optimal(enough)) == approx([1.2, -1.2])


def test_battery_fuller_than_its_maximum_is_only_emptied() -> None:
    over = storage(capacity_kwh=8.0, stored_kwh=10.0, end_price=1.0)
    assert battery_kw(optimal(problem([0.1, 0.5], battery=over))) == approx([0, 0])
    given = storage(capacity_kwh=8.0, stored_kwh=10.0)
    schedule = optimal(problem([0.5, 0.1], battery=given, base_load_kw=(5, 0)))
    assert battery_kw(schedule) == approx([-5, 3])


# A battery with a plan of its own.


def test_given_battery_takes_from_the_surplus_first() -> None:
    sun: dict[str, Any] = {"pv_kw": (5, 5), "base_load_kw": 0}
    solar = car(energy_kwh=20, surplus_only=True)
    without = optimal(problem([0.3, 0.3], solar, **sun))
    schedule = optimal(problem([0.3, 0.3], solar, battery=storage(given_kw=(3.0, 0.0)), **sun))
    assert limits(without) == approx([5, 5])
    assert limits(schedule) == approx([2, 5])
    assert battery_kw(schedule) == ()


@pytest.mark.parametrize(("given", "most"), [(4.0, 3.0), (-4.0, 7.0)])
def test_given_battery_takes_from_the_limit_and_gives_no_room(given: float, most: float) -> None:
    own = storage(stored_kwh=5.0, given_kw=(given, 0.0))
    asked = problem([0.1, 0.5], car(energy_kwh=11), battery=own, limit_kw=10, base_load_kw=3)
    assert limits(optimal(asked))[0] == approx(most)


def test_given_battery_is_held_where_it_would_drain_into_the_car() -> None:
    own = storage(stored_kwh=10.0, given_kw=(-3.0, -3.0))
    asked = problem([0.1, 0.5], car(energy_kwh=8), battery=own, base_load_kw=3)
    schedule = optimal(asked)
    assert limits(schedule) == approx([8, 0])
    assert hold_battery(schedule) == (True, False)
    # The car pays the grid for all it draws.
    assert schedule.cost == approx(8 * 0.1)


def test_a_planned_battery_or_none_is_not_held() -> None:
    assert hold_battery(optimal(problem([0.1], car()))) == ()
    assert hold_battery(optimal(problem([0.1], car(), battery=storage()))) == ()


# V2G: 10 kWh of 20 in the car's battery, 5 kW back to a house that draws 5 kW.


def returning(schedule: Schedule) -> tuple[float, ...]:
    return planned(schedule).discharge_kw or (0.0,) * len(schedule.horizon)


def test_v2g_discharges_dear_and_recharges_cheap() -> None:
    full = car(energy_kwh=0)
    house: dict[str, Any] = {"base_load_kw": (0, 5, 0)}
    without = priced(problem([0.2, 0.6, 0.1], full, **house))
    asked = problem([0.2, 0.6, 0.1], replace(full, discharge=giving()), **house)
    schedule = priced(asked)
    assert limits(without) == approx([0, 0, 0])
    assert returning(schedule) == approx([0, 5, 0])
    assert limits(schedule) == approx([0, 0, 5])
    assert planned(schedule).energy_kwh == approx(0)
    assert independent_cost(asked, schedule) == approx(5 * 0.1 - 5 * 0.6)


def test_v2g_is_ready_at_departure() -> None:
    ev = car(stay=(0, 2), energy_kwh=5, discharge=giving())
    schedule = priced(problem([0.6, 0.1, 0.05], ev, **HOUSE))
    assert returning(schedule) == approx([5, 0, 0])
    assert limits(schedule) == approx([0, 10, 0])
    assert planned(schedule).shortfall_kwh == 0
    late = replace(ev, energy_kwh=11, discharge=giving(capacity_kwh=30.0))
    schedule = priced(problem([0.6, 0.1, 0.05], late, **HOUSE))
    assert returning(schedule) == approx([0, 0, 0])
    assert limits(schedule) == approx([0, 11, 0])


def test_v2g_does_not_discharge_what_cannot_be_recharged() -> None:
    ev = car(stay=(0, 1), energy_kwh=0, discharge=giving())
    assert returning(priced(problem([0.6, 0.1], ev, **HOUSE))) == approx([0, 0])


@pytest.mark.parametrize(
    ("fields", "given", "drawn"),
    [
        ({"stored_kwh": 6.0, "min_stored_kwh": 5.0}, [0, 1, 0], [0, 0, 1]),
        ({"max_power_kw": 3.0}, [0, 3, 0], [0, 0, 3]),
        ({"stored_kwh": 6.0, "min_stored_kwh": 5.0, "min_power_kw": 2.0}, [0, 0, 0], [0, 0, 0]),
        ({"stored_kwh": 6.0, "min_stored_kwh": 3.0, "min_power_kw": 2.0}, [0, 3, 0], [0, 0, 3]),
        ({"efficiency": 0.8}, [0, 5, 0], [0, 0, 6.25]),
    ],
    ids=["min stored", "max power", "below its minimum", "above its minimum", "efficiency"],
)
def test_v2g_stays_within_its_limits(
    fields: dict[str, Any], given: list[float], drawn: list[float]
) -> None:
    ev = car(energy_kwh=0, discharge=giving(**fields))
    # Charging before is more expensive than discharging earns.
    schedule = priced(problem([1.5, 0.6, 0.1], ev, base_load_kw=(0, 5, 0)))
    assert returning(schedule) == approx(given)
    assert limits(schedule) == approx(drawn)


def test_v2g_charges_no_more_than_its_battery_holds() -> None:
    ev = car(energy_kwh=0, discharge=giving(stored_kwh=19.0, max_power_kw=11.0))
    house: dict[str, Any] = {"base_load_kw": (0, 11, 0)}
    # Of what is given 1 kWh at most can be charged before, at 0.1; the rest after, at 0.3.
    schedule = priced(problem([0.1, 0.6, 0.3], ev, **house))
    assert returning(schedule) == approx([0, 11, 0])
    assert limits(schedule) == approx([1, 0, 10])


def test_v2g_is_not_charged_beyond_its_battery_whatever_is_wanted() -> None:
    ev = car(energy_kwh=15, discharge=giving())
    schedule = priced(problem([0.1, 0.2], ev))
    assert limits(schedule) == approx([10, 0])
    assert planned(schedule).shortfall_kwh == approx(5)
    assert planned(schedule).shortfall_cause is ShortfallCause.CAR_LIMIT


def test_v2g_needs_no_stored_energy_below_the_least_to_charge() -> None:
    ev = car(energy_kwh=4, discharge=giving(stored_kwh=2.0, min_stored_kwh=5.0))
    schedule = priced(problem([0.6, 0.1], ev, **HOUSE))
    assert returning(schedule) == approx([0, 0])
    assert limits(schedule) == approx([0, 4])


@pytest.mark.parametrize(("wear", "given"), [(0.1, 5.0), (0.6, 0.0)])
def test_v2g_stops_where_wear_costs_more_than_it_earns(wear: float, given: float) -> None:
    ev = car(energy_kwh=0, discharge=giving(wear_cost=wear))
    schedule = priced(problem([0.6, 0.1], ev, **HOUSE))
    assert returning(schedule) == approx([given, 0])
    assert schedule.cost_split.wear == approx(wear * given)


@pytest.mark.parametrize(("export", "given"), [(0.05, 2.0), (0.4, 5.0)])
def test_v2g_exports_only_where_that_earns_more_than_recharging_costs(
    export: float, given: float
) -> None:
    ev = car(energy_kwh=0, discharge=giving())
    asked = problem([0.6, 0.1], ev, base_load_kw=(2, 0), export_price=(export, 0.0))
    assert returning(priced(asked)) == approx([given, 0])


def test_v2g_gives_another_car_no_extra_room() -> None:
    other = car("other", (0, 1), energy_kwh=11)
    giver = car("giver", energy_kwh=0, discharge=giving())
    schedule = optimal(problem([0.6, 0.1], giver, other, limit_kw=6))
    assert limits(schedule, "other") == approx([6, 0])


def test_v2g_charging_and_discharging_never_meet_in_a_step() -> None:
    ev = car(energy_kwh=3, discharge=giving(), min_power_kw=1.4)
    asked = problem([-0.2, -0.3, 0.4, -0.1], ev, export_price=0.1)
    schedule = optimal(asked)
    assert planned(schedule).energy_kwh >= 3 - 1e-4
    assert all(
        given == 0 or drawn == 0
        for given, drawn in zip(returning(schedule), limits(schedule), strict=True)
    )


def test_given_battery_gives_cars_nothing_where_peaks_are_paid_for_either() -> None:
    own_plan = storage(given_kw=(-3.0, 0.0))
    ev = car(energy_kwh=3, max_power_kw=3)
    peaks = (PeakTariff(price_per_kw=1e-6),)
    house: dict[str, Any] = {"base_load_kw": (3, 3), "battery": own_plan}
    schedule = optimal(problem([0.3, 0.2], ev, peak_tariffs=peaks, **house))
    assert limits(schedule) == approx([0, 3])


@pytest.mark.parametrize("ev", [None, car(at_once=True, energy_kwh=2, max_power_kw=1)])
def test_battery_keeps_the_highest_import_low_whoever_else_charges(ev: EV | None) -> None:
    """The spread earns 0.8 for 4 kWh, and 1 kW of a peak costs 1."""
    tariff = PeakTariff(price_per_kw=1.0, interval_h=1.0)
    cars = () if ev is None else (ev,)
    asked = problem(
        [0.1, 0.1, 0.3, 0.3], *cars, base_load_kw=2, battery=storage(), peak_tariffs=(tariff,)
    )
    schedule = optimal(asked)
    assert schedule.cost_split.peak == approx(0 if ev is None else 1)
    assert max(battery_kw(schedule)) <= 1e-4
    free = optimal(replace(asked, site=replace(asked.site, peak_tariffs=())))
    assert max(battery_kw(free)) > 1


def test_the_plan_in_hand_is_the_best_so_far() -> None:
    """Should the solver not come to its end, that is what comes back."""
    asked = problem(
        [0.1, 0.3, 0.2, 0.4], car(energy_kwh=12, min_power_kw=1.38), battery=storage(), limit_kw=9
    )
    algorithm = get_algorithm("optimal")
    assert algorithm.plan_in_hand() is None
    schedule = algorithm.solve(asked, time_limit_s=30)
    in_hand = algorithm.plan_in_hand()
    assert in_hand is not None
    assert limits(in_hand) == approx(limits(schedule))
    assert battery_kw(in_hand) == approx(battery_kw(schedule))
    assert in_hand.cost_split == schedule.cost_split
    assert in_hand.gap is None
    assert in_hand.status is SolveStatus.FEASIBLE
