"""Short ways to write Problems, and the checks that hold for every plan.

The checks reckon from the fields of a Problem alone, not with the scheduler's own tools.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
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
    PeakTariff,
    PerStep,
    Phase,
    Problem,
    Schedule,
    get_algorithm,
)

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
    battery: Battery | None = None,
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
        battery=battery,
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


# What flows, reckoned from the fields of the Problem and of the Schedule.


def gave(answer: EVSchedule, step: int) -> float:
    """Return what an EV gives back in a step."""
    return answer.discharge_kw[step] if answer.discharge_kw else 0.0


def _given_kw(asked: Problem, step: int) -> float:
    """Return what a battery with a plan of its own does in a step."""
    given = asked.battery.given_kw if asked.battery else ()
    return given[step] if given else 0.0


def _idle_kw(asked: Problem, step: int) -> float:
    """Return what the meter shows in a step without the EVs and what is planned with them."""
    load = asked.site.total_base_load_kw[step] + _given_kw(asked, step)
    return load - asked.site.total_pv_kw[step]


def _planned_kw(asked: Problem, schedule: Schedule, step: int) -> float:
    """Return what the plan adds at the meter in a step, batteries taking what they do."""
    added = schedule.battery_kw[step] if schedule.battery_kw else 0.0
    for ev, answer in zip(asked.evs, schedule.evs, strict=True):
        added -= gave(answer, step)
        hours = asked.present_h(ev)
        if ev.taper and answer.limit_kw[step] > 0 and hours[step] > 0:
            stored = [
                accepted_kwh(ev, hours[:until], answer.limit_kw[:until])
                for until in (step, step + 1)
            ]
            added += (stored[1] - stored[0]) / (hours[step] * ev.efficiency)
        else:
            added += answer.limit_kw[step]
    return added


def independent_cost(asked: Problem, schedule: Schedule) -> float:
    """Return what the plan's energy costs, from the meter's point of view.

    Only for EVs that are there for whole steps.
    """
    cost = 0.0
    for step, hours in enumerate(asked.horizon.step_h):
        without = _idle_kw(asked, step)
        meter = without + _planned_kw(asked, schedule, step)
        buy, sell = asked.site.import_price[step], asked.export_price[step]

        def bill(power: float, buy: float = buy, sell: float = sell) -> float:
            return power * (buy if power > 0 else sell)

        cost += hours * (bill(meter) - bill(without))
    return cost


def peak_kw(asked: Problem, tariff: PeakTariff, schedule: Schedule | None) -> float:
    """Return what a tariff counts as the highest power, with a plan or without."""
    length = tariff.interval_h * 3600
    edges = [edge.timestamp() for edge in asked.horizon.edges]
    weights = tariff.weight or (1.0,) * len(asked.horizon)
    first = edges[0] // length
    mean = {first: weights[0] * tariff.imported_kwh / tariff.interval_h}
    days = {first: tariff.day[0] if tariff.day else 0}
    for step, (begin, end) in enumerate(pairwise(edges)):
        power = _idle_kw(asked, step)
        if schedule is not None:
            power += _planned_kw(asked, schedule, step)
        at_s = begin
        while at_s < end - 1e-3:
            interval = (at_s + 1e-3) // length
            until = min(end, (interval + 1) * length)
            part = weights[step] * max(0.0, power) * (until - at_s) / length
            mean[interval] = mean.get(interval, 0.0) + part
            days.setdefault(interval, tariff.day[step] if tariff.day else 0)
            at_s = until
    highest = {0: tariff.today_kw}
    for interval, value in mean.items():
        highest[days[interval]] = max(highest.get(days[interval], 0.0), value)
    ranked = sorted((*tariff.day_peaks_kw, *highest.values()), reverse=True)[: tariff.top_days]
    return math.fsum(ranked) / tariff.top_days


def independent_peak_cost(asked: Problem, schedule: Schedule) -> float:
    """Return what the plan adds to the tariffs on the highest power."""
    return math.fsum(
        tariff.price_per_kw * (peak_kw(asked, tariff, schedule) - peak_kw(asked, tariff, None))
        for tariff in asked.site.peak_tariffs
    )


def accepted_kwh(ev: EV, hours: Sequence[float], limit_kw: Sequence[float]) -> float:
    """Return the energy into the battery when the car draws all it may and its battery takes.

    A battery that takes less than the charger's minimum is reckoned to take that.
    """
    stored = 0.0
    for left, limit in zip(hours, limit_kw, strict=True):
        remaining = left
        while remaining > 1e-12 and limit > 0:
            passed = [point for point in ev.taper if point.energy_kwh <= stored + 1e-9]
            allowed = max(passed[-1].max_power_kw, ev.min_power_kw) if passed else math.inf
            rate = min(limit, allowed) * ev.efficiency
            if rate <= 0:
                break
            ahead = ev.taper[len(passed) : len(passed) + 1]
            to_next = (ahead[0].energy_kwh - stored) / rate if ahead else math.inf
            time = min(remaining, to_next)
            stored += time * rate
            remaining -= time
    return stored


def net_kwh(asked: Problem, ev: EV, answer: EVSchedule) -> float:
    """Return how much more is in the battery at departure than at arrival."""
    hours = asked.present_h(ev)
    energy = accepted_kwh(ev, hours, answer.limit_kw)
    if ev.discharge is not None:
        energy -= sum(
            length * gave(answer, step) / ev.discharge.efficiency
            for step, length in enumerate(hours)
        )
    return energy


def room_kw(asked: Problem, step: int) -> dict[str, float]:
    """Return what EVs and the battery may draw through each limited part in a step."""
    site = asked.site
    charge = max(0.0, _given_kw(asked, step))
    base, pv = site.total_base_load_kw[step], site.total_pv_kw[step]
    rooms = {"site": site.limit_kw[step] - base - charge + pv}
    for index, phase in enumerate(PHASES):
        own_base = site.base_load_phase_kw[index][step] if site.base_load_phase_kw else base / 3
        own_pv = site.pv_phase_kw[index][step] if site.pv_phase_kw else pv / 3
        if site.phase_limit_kw:
            limit = site.phase_limit_kw[index % len(site.phase_limit_kw)][step]
            rooms[phase] = limit - own_base - charge / 3 + own_pv
        for circuit in asked.circuits:
            load = circuit.base_load_kw[step] if circuit.base_load_kw else 0.0
            if circuit.limit_kw:
                rooms[circuit.id] = circuit.limit_kw[step] - load
            if circuit.phase_limit_kw:
                limit = circuit.phase_limit_kw[index % len(circuit.phase_limit_kw)][step]
                rooms[f"{circuit.id}/{phase}"] = limit - load / 3
    return {name: max(0.0, room) for name, room in rooms.items()}


def load_kw(asked: Problem, schedule: Schedule, step: int) -> dict[str, float]:
    """Return what EVs and the battery draw through each part in a step; giving does not count."""
    battery = max(0.0, schedule.battery_kw[step]) if schedule.battery_kw else 0.0
    loads: dict[str, float] = {"site": battery, **dict.fromkeys(PHASES, battery / 3)}
    parents = {circuit.id: circuit.parent for circuit in asked.circuits}
    for ev, answer in zip(asked.evs, schedule.evs, strict=True):
        power = answer.limit_kw[step]
        part = power / (math.sqrt(3) if ev.line_to_line else len(ev.phases))
        lines: dict[str, float] = dict.fromkeys(ev.phases, part)
        if ev.single_phase is not None and answer.single_phase and answer.single_phase[step]:
            lines = {ev.single_phase.phase: power}
        lines_and_all = {"site": power, **lines}
        circuit = ev.circuit
        while circuit is not None:
            lines_and_all |= {f"{circuit}/{phase}": value for phase, value in lines.items()}
            lines_and_all[circuit] = power
            circuit = parents[circuit]
        for name, value in lines_and_all.items():
            loads[name] = loads.get(name, 0.0) + value
    return loads


# What must hold for every plan.


def solve(name: str, asked: Problem) -> Schedule:
    """Return an algorithm's plan after checking what must hold for every plan."""
    schedule = get_algorithm(name).solve(asked, time_limit_s=30)
    assert_sound(asked, schedule)
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
    stored = can.stored_kwh
    # Where a car comes with more than its battery holds for it, that is not the plan's doing.
    for step, hours in enumerate(asked.present_h(ev)):
        given, drawn = answer.discharge_kw[step], answer.limit_kw[step]
        assert given == 0 or drawn == 0, "both ways at once"
        assert given == 0 or hours > 0, "given outside its stay"
        assert given == 0 or can.min_power_kw - TOLERANCE <= given <= can.max_power_kw + TOLERANCE
        before = stored
        stored += hours * (drawn * ev.efficiency - given / can.efficiency)
        assert stored >= min(before, can.min_stored_kwh) - TOLERANCE_KWH, "too empty"
        slot = ev.min_power_kw * ev.efficiency * hours
        assert drawn == 0 or stored <= can.capacity_kwh + slot + TOLERANCE_KWH, "too full"


def _assert_energy(asked: Problem, ev: EV, answer: EVSchedule) -> None:
    energy = net_kwh(asked, ev, answer)
    assert answer.energy_kwh == pytest.approx(energy, abs=TOLERANCE_KWH)
    least = max(ev.min_power_kw, ev.power_step_kw)
    if ev.single_phase is not None:
        # The least it can draw may be more on one phase, where it can draw nothing on all.
        least = max(least, ev.single_phase.min_power_kw)
    slot = least * ev.efficiency * max(asked.horizon.step_h)
    most = ev.energy_kwh + ev.extra_energy_kwh
    if ev.limit_energy_kwh is not None:
        most = min(most, ev.limit_energy_kwh)
    assert energy <= most + slot + TOLERANCE_KWH, "more than wanted"
    missing = ev.energy_kwh - answer.energy_kwh
    assert answer.shortfall_kwh == pytest.approx(missing if missing > 0.01 else 0, abs=1e-6)
    assert (answer.shortfall_cause is None) == (answer.shortfall_kwh == 0)
    beyond = max(0.0, energy - min(most, ev.energy_kwh))
    assert -TOLERANCE_KWH <= answer.extra_kwh <= beyond + TOLERANCE_KWH


def _assert_wires(asked: Problem, schedule: Schedule) -> None:
    for step, total in enumerate(schedule.total_kw):
        loads = load_kw(asked, schedule, step)
        for name, room in room_kw(asked, step).items():
            assert loads.get(name, 0.0) <= room + TOLERANCE, f"over the limit of {name}"
        solar = sum(
            answer.limit_kw[step]
            for ev, answer in zip(asked.evs, schedule.evs, strict=True)
            if ev.surplus_only and not ev.at_once and ev.min_energy_kwh == 0
        )
        if solar > 0:
            surplus = -_idle_kw(asked, step) + min(0.0, _given_kw(asked, step))
            assert total <= surplus + TOLERANCE, "more than the surplus"


def _assert_battery(asked: Problem, schedule: Schedule) -> None:
    battery, steps = asked.battery, len(asked.horizon)
    if battery is None or battery.given_kw:
        assert schedule.battery_kw == ()
        assert len(schedule.hold_battery) in ({0, steps} if battery else {0})
        return
    assert len(schedule.battery_kw) in {0, steps}
    changes = [
        hours
        * (power * battery.charge_efficiency if power > 0 else power / battery.discharge_efficiency)
        for hours, power in zip(asked.horizon.step_h, schedule.battery_kw, strict=False)
    ]
    stored = tuple(accumulate(changes, initial=battery.stored_kwh))
    for power, (before, after) in zip(schedule.battery_kw, pairwise(stored), strict=True):
        assert -battery.max_discharge_kw - TOLERANCE <= power <= battery.max_charge_kw + TOLERANCE
        assert after >= min(before, battery.min_stored_kwh) - TOLERANCE_KWH, "too empty"
        assert after <= battery.capacity_kwh + TOLERANCE_KWH, "too full"


def printed(code: str) -> str:
    """Return what code prints in a Python of its own, in which nothing is imported yet."""
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
