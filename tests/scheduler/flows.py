"""What flows in a plan and what it costs, from the fields of Problem and Schedule alone."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate, pairwise
import math

from custom_components.optivgi.scheduler import (
    EV,
    PHASES,
    EVSchedule,
    PeakTariff,
    Phase,
    Problem,
    Schedule,
)

type Row = tuple[str | None, str | None]
"""A limited part of the site: a circuit, or None for the site, and a phase, or None for all."""


def gave(answer: EVSchedule, step: int) -> float:
    """Return what an EV gives back in a step."""
    return answer.discharge_kw[step] if answer.discharge_kw else 0.0


def planned_kw(schedule: Schedule, step: int) -> list[float]:
    """Return what each home battery that is planned does in a step."""
    return [own.power_kw[step] for own in schedule.batteries if own.power_kw]


def given_kw(asked: Problem, step: int) -> float:
    """Return what batteries with plans of their own do in a step."""
    return sum(given[step] for given in asked.given_kw)


def idle_kw(asked: Problem, step: int) -> float:
    """Return what the meter shows in a step without the EVs and what is planned with them."""
    load = asked.site.total_base_load_kw[step] + given_kw(asked, step)
    return load - asked.site.total_pv_kw[step]


def moments(asked: Problem) -> list[tuple[int, float, frozenset[int]]]:
    """Return the steps cut where EVs come and go: number of the step, hours, and who is there."""
    found = []
    for step, (begin, end) in enumerate(pairwise(asked.horizon.edges)):
        cuts = {moment for ev in asked.evs for moment in (ev.arrival, ev.departure)}
        inside = sorted({begin, end, *(cut for cut in cuts if begin < cut < end)})
        for since, until in pairwise(inside):
            there = frozenset(
                number
                for number, ev in enumerate(asked.evs)
                if ev.arrival <= since and until <= ev.departure
            )
            found.append((step, (until - since) / timedelta(hours=1), there))
    return found


def _net_kw(asked: Problem, schedule: Schedule | None, step: int, there: frozenset[int]) -> float:
    """Return what the meter shows in a part of a step, with a plan or without."""
    net = idle_kw(asked, step)
    if schedule is None:
        return net
    net += sum(planned_kw(schedule, step))
    for number in there:
        net += _drawn_kw(asked, asked.evs[number], schedule.evs[number], step)
        net -= gave(schedule.evs[number], step)
    return net


def _drawn_kw(asked: Problem, ev: EV, answer: EVSchedule, step: int) -> float:
    """Return what an EV draws while it is there, its battery taking what it does."""
    hours = asked.present_h(ev)
    if not ev.taper or answer.limit_kw[step] <= 0 or hours[step] <= 0:
        return answer.limit_kw[step]
    before, after = (
        accepted_kwh(
            ev, hours[:until], answer.limit_kw[:until], answer.discharge_kw, answer.single_phase
        )
        for until in (step, step + 1)
    )
    return (after - before) / (hours[step] * ev.efficiency)


def independent_cost(asked: Problem, schedule: Schedule) -> float:
    """Return what the plan's energy costs, from the meter's point of view."""
    cost = 0.0
    for step, hours, there in moments(asked):
        for plan, sign in ((schedule, 1), (None, -1)):
            net = _net_kw(asked, plan, step, there)
            price = asked.site.import_price[step] if net > 0 else asked.export_price[step]
            net = max(net, -asked.export_limit_kw[step])
            cost += sign * hours * net * price
    return cost


def _imported_kw(asked: Problem, schedule: Schedule | None) -> list[float]:
    """Return the mean import of each step, with a plan or without."""
    imported = [0.0] * len(asked.horizon)
    for step, hours, there in moments(asked):
        mean = hours / asked.horizon.step_h[step]
        imported[step] += mean * max(0.0, _net_kw(asked, schedule, step, there))
    return imported


def intervals_of(
    asked: Problem, tariff: PeakTariff
) -> dict[float, tuple[float, float, dict[int, float]]]:
    """Return a tariff's billing intervals: day, what was before, what a kW of each step adds."""
    length = tariff.interval_h * 3600
    edges = [edge.timestamp() for edge in asked.horizon.edges]
    weights = tariff.weight or (1.0,) * len(asked.horizon)
    before = weights[0] * tariff.imported_kwh / tariff.interval_h
    found: dict[float, tuple[float, float, dict[int, float]]] = {}
    for step, (begin, end) in enumerate(pairwise(edges)):
        at_s = begin
        while at_s < end - 1e-3:
            interval = (at_s + 1e-3) // length
            until = min(end, (interval + 1) * length)
            day: float = tariff.day[step] if tariff.day else 0
            if not tariff.distinct_days:
                day = interval
            _, _, parts = found.setdefault(interval, (day, 0.0 if found else before, {}))
            parts[step] = parts.get(step, 0.0) + weights[step] * (until - at_s) / length
            at_s = until
    return found


def counted_kw(asked: Problem, tariff: PeakTariff, imported: Sequence[float]) -> float:
    """Return what a tariff counts as the highest power if so much is imported, per step."""
    found = intervals_of(asked, tariff)
    highest = {next(iter(found.values()))[0]: tariff.today_kw}
    for day, before, parts in found.values():
        mean = before + sum(part * imported[step] for step, part in parts.items())
        highest[day] = max(highest.get(day, 0.0), mean)
    ranked = sorted((*tariff.day_peaks_kw, *highest.values()), reverse=True)[: tariff.top_days]
    return math.fsum(ranked) / tariff.top_days


def peak_price(tariff: PeakTariff, kw: float) -> float:
    """Return what a tariff costs at a highest power."""
    # Solvers leave a watt and less.
    passed = sum(step.price for step in tariff.price_steps if kw - step.above_kw > 2e-4)
    return tariff.price_per_kw * max(kw - tariff.free_kw, 0.0) + passed


def peak_kw(asked: Problem, tariff: PeakTariff, schedule: Schedule | None) -> float:
    """Return what a tariff counts as the highest power, with a plan or without."""
    return counted_kw(asked, tariff, _imported_kw(asked, schedule))


def independent_peak_cost(asked: Problem, schedule: Schedule) -> float:
    """Return what the plan adds to the tariffs on the highest power."""
    return math.fsum(
        peak_price(tariff, peak_kw(asked, tariff, schedule))
        - peak_price(tariff, peak_kw(asked, tariff, None))
        for tariff in asked.site.peak_tariffs
    )


def accepted_kwh(
    ev: EV,
    hours: Sequence[float],
    limit_kw: Sequence[float],
    given_kw: Sequence[float] = (),
    on_one_phase: Sequence[bool] = (),
) -> float:
    """Return how much more is in the battery when the car draws all it may and its battery takes.

    A battery that takes less than the charger's minimum is computed to take that.
    """
    stored = 0.0
    for step, (left, limit) in enumerate(zip(hours, limit_kw, strict=True)):
        remaining = left
        least = ev.min_power_kw
        if ev.single_phase is not None and on_one_phase and on_one_phase[step]:
            least = ev.single_phase.min_power_kw
        if given_kw and given_kw[step] > 0:
            assert ev.discharge is not None
            stored -= left * given_kw[step] / ev.discharge.efficiency
        while remaining > 1e-12 and limit > 0:
            passed = [point for point in ev.taper if point.energy_kwh <= stored + 1e-9]
            allowed = max(passed[-1].max_power_kw, least) if passed else math.inf
            rate = min(limit, allowed) * ev.efficiency
            if rate <= 0:
                break
            ahead = ev.taper[len(passed) : len(passed) + 1]
            to_next = (ahead[0].energy_kwh - stored) / rate if ahead else math.inf
            time = min(remaining, to_next)
            stored += time * rate
            remaining -= time
    return stored


def stored_kwh(asked: Problem, ev: EV, answer: EVSchedule) -> list[float]:
    """Return what has come into the battery by the beginning, and by the end of each step."""
    hours = asked.present_h(ev)
    kept = 1.0 if ev.discharge is None else ev.discharge.efficiency
    changes_kw = (
        _drawn_kw(asked, ev, answer, step) * ev.efficiency - gave(answer, step) / kept
        for step in range(len(hours))
    )
    changes = (length * change for length, change in zip(hours, changes_kw, strict=True))
    return list(accumulate(changes, initial=0.0))


def net_kwh(asked: Problem, ev: EV, answer: EVSchedule) -> float:
    """Return how much more is in the battery at departure than at arrival."""
    return stored_kwh(asked, ev, answer)[-1]


def room_kw(asked: Problem, step: int, *, back: bool = False) -> dict[Row, float]:
    """Return what EVs and the battery may draw through each limited part in a step.

    Args:
        asked: The site.
        step: The step.
        back: Return what they may give towards the grid instead; a battery with a plan of its own
            may give first.
    """
    site = asked.site
    sign = -1 if back else 1
    charge = sign * sum(max(0.0, sign * given[step]) for given in asked.given_kw)
    base, pv = site.total_base_load_kw[step] + charge, site.total_pv_kw[step]
    rooms: dict[Row, float] = {(None, None): site.limit_kw[step] - sign * (base - pv)}
    for index, phase in enumerate(PHASES):
        load, solar = base / 3, pv / 3
        if site.base_load_phase_kw:
            load = site.base_load_phase_kw[index][step] + charge / 3
        if site.pv_phase_kw:
            solar = site.pv_phase_kw[index][step]
        if site.phase_limit_kw:
            limit = site.phase_limit_kw[index % len(site.phase_limit_kw)][step]
            rooms[None, phase] = limit - sign * (load - solar)
        for circuit in asked.circuits:
            load = sign * (circuit.base_load_kw[step] if circuit.base_load_kw else 0.0)
            if circuit.limit_kw:
                rooms[circuit.id, None] = circuit.limit_kw[step] - load
            if circuit.phase_limit_kw:
                limit = circuit.phase_limit_kw[index % len(circuit.phase_limit_kw)][step]
                rooms[circuit.id, phase] = limit - load / 3
    return {row: max(0.0, room) for row, room in rooms.items()}


def parts_of(asked: Problem, ev: EV, phases: Sequence[Phase] | None = None) -> dict[Row, float]:
    """Return what each limited part carries of one kW that an EV draws, on its phases or others."""
    part = 1 / len(phases or ev.phases)
    if phases is None and ev.phases_used is not None:
        part = 1 / ev.phases_used
    if phases is None and ev.line_to_line:
        part = 1 / math.sqrt(3)
    own: dict[str | None, float] = {None: 1.0} | dict.fromkeys(phases or ev.phases, part)
    parents = {circuit.id: circuit.parent for circuit in asked.circuits}
    parts: dict[Row, float] = {(None, phase): share for phase, share in own.items()}
    circuit = ev.circuit
    while circuit is not None:
        parts |= {(circuit, phase): share for phase, share in own.items()}
        circuit = parents[circuit]
    return parts


def battery_parts() -> dict[Row, float]:
    """Return what each limited part carries of one kW of the home battery."""
    return {(None, None): 1.0, **{(None, phase): 1 / 3 for phase in PHASES}}


def load_kw(
    asked: Problem, schedule: Schedule, step: int, *, back: bool = False
) -> dict[Row, float]:
    """Return what EVs and the battery draw through each part in a step, or what they give back.

    One never makes up for the other: either may end any time.
    """
    sign = -1 if back else 1
    battery = sum(max(0.0, sign * own) for own in planned_kw(schedule, step))
    loads = {row: battery * share for row, share in battery_parts().items()}
    for ev, answer in zip(asked.evs, schedule.evs, strict=True):
        single = ev.single_phase
        on_one = single is not None and answer.single_phase and answer.single_phase[step]
        parts = parts_of(asked, ev, (single.phase,) if single is not None and on_one else None)
        power = gave(answer, step) if back else answer.limit_kw[step]
        for row, share in parts.items():
            loads[row] = loads.get(row, 0.0) + power * share
    return loads
