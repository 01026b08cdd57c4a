"""Short ways to write Problems, and the checks that hold for every plan.

The checks reckon from the fields of a Problem alone, not with the scheduler's own tools.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import math
import subprocess
import sys
from typing import Any

import pytest

from custom_components.optivgi.scheduler import (
    EV,
    PHASES,
    Battery,
    Circuit,
    Discharge,
    EVSchedule,
    GridConnection,
    Horizon,
    PerStep,
    Phase,
    Problem,
    Schedule,
    get_algorithm,
)

from .flows import given_kw, idle_kw, load_kw, net_kwh, room_kw, stored_kwh
from .unused import idle, unused

START = datetime(2026, 11, 21, 18, tzinfo=UTC)
TOLERANCE = 1e-6
TOLERANCE_KWH = 1e-4

type Values = float | Sequence[float]
type PhaseValues = Values | Mapping[Phase, Values]

_OF_PHASES = {"phase_limit_kw": 1000.0, "base_load_phase_kw": 0.0, "pv_phase_kw": 0.0}
"""Fields with a series for each phase, and what holds for a phase that is not named."""
_AS_IT_IS = ("estimated", "estimate_trust", "co2_price", "peak_tariffs", "id", "parent")


def at(hours: float) -> datetime:
    """Return the instant so many hours after the start."""
    return START + timedelta(hours=hours)


def car(ev_id: str = "car", stay: tuple[float, float] = (0, 1000), **fields: Any) -> EV:
    """Return an 11 kW car that stays from one hour to another."""
    values: dict[str, Any] = {"energy_kwh": 10.0, "max_power_kw": 11.0} | fields
    return EV(id=ev_id, arrival=at(stay[0]), departure=at(stay[1]), **values)


def storage(**fields: Any) -> Battery:
    """Return an empty home battery of 10 kWh and 5 kW without losses."""
    values: dict[str, Any] = {
        "id": "battery",
        "capacity_kwh": 10.0,
        "stored_kwh": 0.0,
        "max_charge_kw": 5.0,
        "max_discharge_kw": 5.0,
        "charge_efficiency": 1.0,
        "discharge_efficiency": 1.0,
    }
    return Battery(**(values | fields))


def giving(**fields: Any) -> Discharge:
    """Return what a car with 10 of 20 kWh in its battery may give, without losses."""
    values: dict[str, Any] = {"max_power_kw": 5.0, "stored_kwh": 10.0, "capacity_kwh": 20.0}
    return Discharge(**(values | fields))


def problem(
    prices: Sequence[float],
    *evs: EV,
    step_h: Values = 1.0,
    limit_kw: Values = 100.0,
    start_cost: float = 0.0,
    begin_h: float = 0.0,
    battery: Battery | Sequence[Battery] | None = None,
    circuits: Mapping[str, Mapping[str, Any]] | None = None,
    **site: Any,
) -> Problem:
    """Return a Problem with one step for each price; single numbers hold for all steps.

    Circuits are named by their ids. Values for phases are one series for all, or a series for
    each phase by its name.
    """
    steps = len(prices)

    def series(value: Values) -> PerStep:
        return (float(value),) * steps if isinstance(value, int | float) else tuple(value)

    def of_phases(value: PhaseValues, unnamed: float) -> tuple[PerStep, ...]:
        if isinstance(value, Mapping):
            return tuple(series(value.get(phase, unnamed)) for phase in PHASES)
        return (series(value),)

    def filled(fields: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: of_phases(value, _OF_PHASES[name])
            if name in _OF_PHASES
            else value
            if name in _AS_IT_IS
            else series(value)
            for name, value in fields.items()
        }

    return Problem(
        horizon=Horizon(start=at(begin_h), step_h=series(step_h)),
        site=GridConnection(limit_kw=series(limit_kw), import_price=tuple(prices), **filled(site)),
        evs=evs,
        circuits=tuple(
            Circuit(**filled({"id": name} | dict(fields)))
            for name, fields in (circuits or {}).items()
        ),
        batteries=(battery,) if isinstance(battery, Battery) else tuple(battery or ()),
        start_cost=start_cost,
    )


def planned(schedule: Schedule, ev_id: str = "car") -> EVSchedule:
    """Return what one EV gets."""
    ev = schedule.ev(ev_id)
    assert ev is not None
    return ev


def limits(schedule: Schedule, ev_id: str = "car") -> PerStep:
    """Return the planned power of one EV."""
    return planned(schedule, ev_id).limit_kw


def approx(values: Sequence[float] | float) -> Any:
    """Compare powers and energies up to what a solver may be off."""
    return pytest.approx(values, abs=1e-4)


def starts(asked: Problem, schedule: Schedule) -> int:
    """Count how often charging starts, what goes on not counted."""
    count = 0
    for ev, answer in zip(asked.evs, schedule.evs, strict=True):
        on = [ev.charging, *(power > 0 for power in answer.limit_kw)]
        count += sum(after and not before for before, after in pairwise(on))
    return count


def switches(ev: EV, answer: EVSchedule) -> int:
    """Count how often a charger changes between one and three phases."""
    assert ev.single_phase is not None
    modes = (ev.single_phase.active, *answer.single_phase)
    return sum(before != after for before, after in pairwise(modes))


def total_cost(asked: Problem, schedule: Schedule) -> float:
    """Return the money a plan is judged by: energy and starts."""
    return schedule.cost + asked.start_cost * starts(asked, schedule)


def objective(schedule: Schedule) -> float:
    """Return all that counts in decisions: the sum of the parts of a plan's money."""
    split = schedule.cost_split
    parts = (split.grid, split.surplus, split.peak, split.co2, split.wear, split.starts)
    return math.fsum((*parts, split.storage))


# What must hold for every plan.


def solve(name: str, asked: Problem, *, time_limit_s: float = 30) -> Schedule:
    """Return an algorithm's plan after checking what must hold for every plan."""
    schedule = get_algorithm(name).solve(asked, time_limit_s=time_limit_s)
    assert_sound(asked, schedule)
    assert unused(asked, schedule) == []
    assert idle(asked, schedule) == []
    return schedule


def optimal(asked: Problem) -> Schedule:
    """Return the best plan there is, checked."""
    return solve("optimal", asked)


def assert_sound(asked: Problem, schedule: Schedule) -> None:
    """Check what must hold for the plan of every algorithm, whatever was asked."""
    assert [ev.id for ev in schedule.evs] == [ev.id for ev in asked.evs]
    assert schedule.horizon == asked.horizon
    for ev, answer in zip(asked.evs, schedule.evs, strict=True):
        _assert_powers(asked, ev, answer)
        _assert_given_back(asked, ev, answer)
        _assert_energy(asked, ev, answer)
    _assert_wires(asked, schedule)
    _assert_battery(asked, schedule)
    assert schedule.cost == pytest.approx(sum(ev.cost for ev in schedule.evs), abs=1e-9)
    assert schedule.gap is None or schedule.gap >= 0


def _assert_powers(asked: Problem, ev: EV, answer: EVSchedule) -> None:
    hours = asked.present_h(ev)
    assert len(answer.single_phase) in ({0, len(hours)} if ev.single_phase else {0})
    for step, power in enumerate(answer.limit_kw):
        least, most, portion_kw = ev.min_power_kw, ev.max_power_kw, ev.power_step_kw
        if ev.single_phase and answer.single_phase and answer.single_phase[step]:
            least, most = ev.single_phase.min_power_kw, ev.single_phase.max_power_kw
            portion_kw = 0.0
        assert power >= 0
        assert power <= most + TOLERANCE
        assert power == 0 or power >= least - TOLERANCE, "in the gap below minimum"
        assert power == 0 or hours[step] > 0, "outside its stay"
        if portion_kw > 0 and power > 0:
            portions = (power - least) / portion_kw
            assert portions == pytest.approx(round(portions), abs=1e-4), "between steps"
    if answer.single_phase and ev.single_phase is not None:
        assert switches(ev, answer) <= ev.single_phase.max_switches


def _assert_given_back(asked: Problem, ev: EV, answer: EVSchedule) -> None:
    assert len(answer.discharge_kw) in ({0, len(asked.horizon)} if ev.discharge else {0})
    if not answer.discharge_kw or ev.discharge is None:
        return
    can = ev.discharge
    stored = [can.stored_kwh + more for more in stored_kwh(asked, ev, answer)]
    for step, hours in enumerate(asked.present_h(ev)):
        given, drawn = answer.discharge_kw[step], answer.limit_kw[step]
        assert given == 0 or drawn == 0, "both ways at once"
        assert given == 0 or hours > 0, "given outside its stay"
        assert given == 0 or can.min_power_kw - TOLERANCE <= given <= can.max_power_kw + TOLERANCE
        before, after = stored[step : step + 2]
        assert after >= min(before, can.min_stored_kwh) - TOLERANCE_KWH, "too empty"
        # Where a car comes with more than its battery holds for it, that is not the plan's doing.
        assert drawn == 0 or after <= can.stored_kwh + ev.room_kwh + TOLERANCE_KWH, "too full"


def _assert_energy(asked: Problem, ev: EV, answer: EVSchedule) -> None:
    energy = net_kwh(asked, ev, answer)
    assert answer.energy_kwh == pytest.approx(energy, abs=TOLERANCE_KWH)
    least = max(ev.min_power_kw, ev.power_step_kw)
    if ev.single_phase is not None:
        # The least it can draw may be more on one phase, where it can draw nothing on all.
        least = max(least, ev.single_phase.min_power_kw)
    slot = least * ev.efficiency * max(asked.horizon.step_h)
    most = min(ev.energy_kwh + ev.extra_energy_kwh, ev.room_kwh)
    assert energy <= most + slot + TOLERANCE_KWH, "more than wanted"
    assert energy <= ev.room_kwh + TOLERANCE_KWH, "more than it may ever get"
    missing = ev.energy_kwh - answer.energy_kwh
    assert answer.shortfall_kwh == pytest.approx(missing if missing > 0.01 else 0, abs=1e-6)
    assert (answer.shortfall_cause is None) == (answer.shortfall_kwh == 0)
    beyond = max(0.0, energy - min(most, ev.energy_kwh))
    assert -TOLERANCE_KWH <= answer.extra_kwh <= beyond + TOLERANCE_KWH


def _assert_wires(asked: Problem, schedule: Schedule) -> None:
    for step, total in enumerate(schedule.total_kw):
        for back in (False, True):
            loads = load_kw(asked, schedule, step, back=back)
            for row, room in room_kw(asked, step, back=back).items():
                assert loads.get(row, 0.0) <= room + TOLERANCE, f"over the limit of {row}"
        solar = sum(
            answer.limit_kw[step]
            for ev, answer in zip(asked.evs, schedule.evs, strict=True)
            if ev.surplus_only and not ev.at_once and ev.min_energy_kwh == 0 and not ev.min_always
        )
        if solar > 0:
            surplus = -idle_kw(asked, step) + min(0.0, given_kw(asked, step))
            assert total <= surplus + TOLERANCE, "more than the surplus"


def battery_kw(schedule: Schedule) -> PerStep:
    """Return what all home batteries that are planned do together; nothing where none is."""
    planned_kw = [battery.power_kw for battery in schedule.batteries if battery.power_kw]
    return tuple(sum(step) for step in zip(*planned_kw, strict=True))


def hold_battery(schedule: Schedule) -> tuple[bool, ...]:
    """Return when the only home battery must not discharge; nothing where none is, or planned."""
    return next((battery.hold for battery in schedule.batteries), ())


def _assert_battery(asked: Problem, schedule: Schedule) -> None:
    steps = len(asked.horizon)
    assert [own.id for own in schedule.batteries] == [own.id for own in asked.batteries] or (
        schedule.batteries == ()
    )
    for battery, own in zip(asked.batteries, schedule.batteries, strict=False):
        assert len(own.hold) in {0, steps}
        assert bool(own.hold) != bool(own.power_kw)
        if battery.given_kw:
            assert own.power_kw == ()
        stored = battery.stored_kwh_by(own.power_kw, asked.horizon.step_h[: len(own.power_kw)])
        bounds = pairwise((battery.stored_kwh, *stored))
        for power, (before, after) in zip(own.power_kw, bounds, strict=True):
            most, least = battery.max_charge_kw, battery.max_discharge_kw
            assert -least - TOLERANCE <= power <= most + TOLERANCE
            assert after >= min(before, battery.min_stored_kwh) - TOLERANCE_KWH, "too empty"
            assert after <= max(before, battery.capacity_kwh) + TOLERANCE_KWH, "too full"
            if abs(power) > TOLERANCE:
                assert abs(power) >= battery.min_power_kw - TOLERANCE, "less than its minimum"
    _assert_sun_and_grid(asked, schedule)


def _assert_sun_and_grid(asked: Problem, schedule: Schedule) -> None:
    """Look at batteries that may not be charged from the grid, or not export."""
    for step in range(len(asked.horizon)):
        drawn = sum(
            answer.limit_kw[step] * hours[step] / asked.horizon.step_h[step]
            for answer, hours in zip(schedule.evs, map(asked.present_h, asked.evs), strict=True)
        )
        net = idle_kw(asked, step)
        from_sun = to_loads = 0.0
        for battery, own in zip(asked.batteries, schedule.batteries, strict=False):
            power = own.power_kw[step] if own.power_kw else 0.0
            from_sun += max(0.0, power) if not battery.grid_charge else 0.0
            to_loads += max(0.0, -power) if not battery.may_export else 0.0
        assert from_sun <= max(0.0, -net) + TOLERANCE, "charged from the grid"
        assert to_loads <= max(0.0, net + drawn) + TOLERANCE, "exported"


def printed(code: str) -> str:
    """Return what code prints in a Python of its own, in which nothing is imported yet."""
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
