"""The least bill of a whole Problem by one plain integer program, written from the documentation.

It shares nothing with the scheduler but the Problem: docs/problem-format.md says what the fields
mean, and this writes that down once more, as directly as it can be written, for HiGHS to solve.

Expressed: stays, minimum powers, whole steps of power, starts, limits of site, phases and circuits
in both directions, line-to-line chargers, switching phases, PV and export, CO2, peak tariffs, home
batteries, cars that give back, a limit on what is exported, energy beyond the target below a
price, and batteries that take less as they fill.

Not expressed, and refused: what is charged before all else (``at_once``, ``min_energy_kwh``) or
all the time (``min_always``), what only surplus is for (``surplus_only``, ``extra_from_surplus``),
prices that are not believed, a home battery with a plan of its own. Not expressed either: how a
shortage is shared (the energy of each car is given), and a battery that slows down within a step
(it slows down from the step on in which it would; so a bill with a taper can be reached, but may
not be the least).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from highspy import Highs, HighsVarType, kHighsInf

from custom_components.optivgi.scheduler import EV, Battery, PeakTariff, Problem

from .flows import (
    Row,
    battery_parts,
    counted_kw,
    idle_kw,
    intervals_of,
    moments,
    parts_of,
    peak_price,
    room_kw,
)

type Var = Any
type Sum = Any

NEGLIGIBLE_KWH = 1e-4
SMALLEST_KW = 0.01
"""What is less is not charging: going on with it saves no start."""


@dataclass(frozen=True)
class Bill:
    """What the solver says of the least bill.

    Attributes:
        money: The best plan it found: what it costs more than no plan at all.
        bound: No plan costs less.
    """

    money: float
    bound: float


def least_bill(
    asked: Problem,
    energies: Mapping[str, float] | None = None,
    *,
    more: bool = True,
    time_limit_s: float = 60.0,
) -> Bill | None:
    """Return the least that a plan adds to the bill, or None where there is none.

    Counted is all that counts in decisions: energy, peaks, CO2, wear, starts, less what energy
    beyond the targets and what home batteries hold more in the end is worth.

    Args:
        asked: What is to be planned.
        energies: What each car is to get at least; by default what it wants. It may get a step at
            its least power more, never more than it may hold.
        more: Whether it may; who is paid for drawing would, and nobody asked for it.
        time_limit_s: How long the solver may take.
    """
    wanted = {ev.id: ev.wanted_kwh for ev in asked.evs} | dict(energies or {})
    return _Program(asked, wanted, more=more).solve(time_limit_s)


class _Program:
    """The program while it is written."""

    def __init__(self, asked: Problem, energies: Mapping[str, float], *, more: bool) -> None:
        _refuse(asked)
        self.asked, self.more = asked, more
        self.steps = range(len(asked.horizon))
        self.solver = Highs()
        self.solver.setOptionValue("output_flag", False)
        self.money: Sum = 0.0
        self.drawn: dict[tuple[int, int], list[Var]] = {}
        self.given: dict[tuple[int, int], Var] = {}
        self.loads: dict[tuple[Row, int], Sum] = {}
        self.backs: dict[tuple[Row, int], Sum] = {}
        self.charge: dict[tuple[int, int], Var] = {}
        self.discharge: dict[tuple[int, int], Var] = {}
        for number, ev in enumerate(asked.evs):
            self._add_car(number, ev, energies[ev.id])
        for number, battery in enumerate(asked.batteries):
            self._add_battery(number, battery)
        self._keep_batteries_from_the_grid()
        self._add_limits()
        imports, without = self._add_meter()
        for tariff in asked.site.peak_tariffs:
            self._add_peaks(tariff, imports)
            self.money -= peak_price(tariff, counted_kw(asked, tariff, without))

    def solve(self, time_limit_s: float) -> Bill | None:
        """Return what the solver finds in that time."""
        solver = self.solver
        solver.setOptionValue("mip_rel_gap", 1e-5)
        solver.setOptionValue("time_limit", time_limit_s)
        constant = self._var(1.0, 1.0)
        solver.minimize(self.money + 0.0 * constant)
        info = solver.getInfo()
        if info.primal_solution_status != 2:  # a plan
            return None
        integers = any(kind != HighsVarType.kContinuous for kind in solver.getLp().integrality_)
        money = float(info.objective_function_value)
        return Bill(money, float(info.mip_dual_bound) if integers else money)

    # Words of the program.

    def _var(self, low: float, high: float) -> Var:
        return self.solver.addVariable(lb=low, ub=high)

    def _choice(self) -> Var:
        return self.solver.addVariable(lb=0, ub=1, type=HighsVarType.kInteger)

    def _is(self, row: Any) -> None:
        self.solver.addConstr(row)

    def _pay(self, terms: Sum) -> None:
        self.money = self.money + terms

    # Cars.

    def _add_car(self, number: int, ev: EV, energy_kwh: float) -> None:
        hours = self.asked.present_h(ev)
        there = [step for step in self.steps if hours[step] > 0]
        on: dict[int, list[Var]] = {step: [] for step in self.steps}
        for step in there:
            self.drawn[number, step] = []
        all_phases = {step: self._add_power(number, ev, step, on) for step in there}
        modes = self._add_single_phase(number, ev, there, on, all_phases)
        for step in there:
            if on[step]:
                self._is(sum(on[step]) <= 1)
        self._add_starts(ev, on)
        self._add_giving(number, ev, there, on, modes)
        self._add_energy(number, ev, hours, energy_kwh)

    def _add_power(self, number: int, ev: EV, step: int, on: dict[int, list[Var]]) -> Var:
        """Add a power on all phases: 0, or the minimum and whole steps above it."""
        if ev.max_power_kw < ev.min_power_kw:
            return None
        x, z = self._var(0, ev.max_power_kw), self._choice()
        self._is(x <= ev.max_power_kw * z)
        self._is(x >= (ev.min_power_kw or SMALLEST_KW) * z)
        self._on_steps(x, z, ev.min_power_kw, ev.max_power_kw, ev.power_step_kw)
        on[step].append(z)
        self.drawn[number, step].append(x)
        self._load(self.loads, x, step, parts_of(self.asked, ev))
        return z

    def _on_steps(self, x: Var, z: Var, low: float, high: float, size: float) -> None:
        if size > 0:
            most = int((high - low) / size + 1e-6)
            k = self.solver.addVariable(lb=0, ub=most, type=HighsVarType.kInteger)
            self._is(x == low * z + size * k)

    def _add_single_phase(
        self, number: int, ev: EV, there: list[int], on: dict[int, list[Var]], all_: dict[int, Var]
    ) -> dict[int, Var]:
        """Add powers on one phase, and the mode that changes only so often."""
        single = ev.single_phase
        if single is None:
            return {}
        modes: dict[int, Var] = {}
        before: Var | float = float(single.active)
        changes: Sum = 0.0
        for step in there:
            mode = modes[step] = self._choice()
            x, z = self._var(0, single.max_power_kw), self._choice()
            self._is(x <= single.max_power_kw * z)
            self._is(x >= single.min_power_kw * z)
            size = ev.power_step_kw / len(ev.phases)
            self._on_steps(x, z, single.min_power_kw, single.max_power_kw, size)
            self._is(z <= mode)
            if all_[step] is not None:
                self._is(all_[step] <= 1 - mode)
            on[step].append(z)
            self.drawn[number, step].append(x)
            self._load(self.loads, x, step, parts_of(self.asked, ev, (single.phase,)))
            changed = self._var(0, 1)
            self._is(changed >= mode - before)
            self._is(changed >= before - mode)
            changes, before = changes + changed, mode
        if there:
            self._is(changes <= single.max_switches)
        return modes

    def _add_starts(self, ev: EV, on: dict[int, list[Var]]) -> None:
        before: Sum = float(ev.charging)
        for step in self.steps:
            now = sum(on[step]) if on[step] else 0.0
            if self.asked.start_cost > 0 and on[step]:
                start = self._var(0, 1)
                self._is(start >= now - before)
                self._pay(self.asked.start_cost * start)
            before = now

    def _add_giving(
        self,
        number: int,
        ev: EV,
        there: list[int],
        on: dict[int, list[Var]],
        modes: dict[int, Var],
    ) -> None:
        """Add what a car gives back, on all its phases and never while it charges."""
        can = ev.discharge
        if can is None:
            return
        stored: Sum = can.stored_kwh
        least = min(can.stored_kwh, can.min_stored_kwh)
        hours = self.asked.present_h(ev)
        for step in there:
            d, y = self._var(0, can.max_power_kw), self._choice()
            self._is(d <= can.max_power_kw * y)
            self._is(d >= can.min_power_kw * y)
            self._is(sum(on[step], y) <= 1)
            if step in modes:
                self._is(y <= 1 - modes[step])
            self.given[number, step] = d
            self._load(self.backs, d, step, parts_of(self.asked, ev))
            self._pay(hours[step] * can.wear_cost * d)
            after = self._var(least, can.capacity_kwh)
            self._is(
                after
                == stored
                + hours[step] * ev.efficiency * sum(self.drawn[number, step])
                - hours[step] / can.efficiency * d
            )
            # From below its least it may charge, but gives nothing until it is above.
            self._is(after >= least + (can.min_stored_kwh - least) * y)
            stored = after

    def _add_energy(self, number: int, ev: EV, hours: tuple[float, ...], energy_kwh: float) -> None:
        """Add what comes into the battery, with all that limits it."""
        stored: Sum = 0.0
        single = ev.single_phase
        for step in self.steps:
            powers = self.drawn.get((number, step), [])
            if not powers:
                continue
            gained = hours[step] * ev.efficiency * sum(powers)
            on_one = ev.min_power_kw if single is None else single.min_power_kw
            lowest = min(ev.min_power_kw, on_one)
            for point in ev.taper:
                allowed = max(point.max_power_kw, lowest)
                # Until the point is reached, by the end of the step, it may draw more.
                early = self._choice()
                most = max(ev.max_power_kw, allowed)
                self._is(sum(powers) <= allowed + (most - allowed) * early)
                room = hours[step] * ev.efficiency * most + energy_kwh
                self._is(stored + gained <= point.energy_kwh + (room * 10 + 1) * (1 - early))
            stored = stored + gained
            if (number, step) in self.given and ev.discharge is not None:
                stored = stored - hours[step] / ev.discharge.efficiency * self.given[number, step]
            if ev.discharge is not None and ev.room_kwh < kHighsInf:
                self._is(stored <= ev.room_kwh + NEGLIGIBLE_KWH)
        brought = stored
        if isinstance(brought, float):
            return
        extra: Sum = 0.0
        if ev.extra_below_price is not None and ev.possible_extra_kwh > 0:
            extra = self._var(0, ev.possible_extra_kwh)
            self._pay(-ev.extra_below_price / ev.efficiency * extra)
        size = max(ev.min_power_kw, ev.power_step_kw)
        if ev.single_phase is not None:
            size = max(size, ev.single_phase.min_power_kw)
        slot = size * ev.efficiency * max(hours) if self.more else 0.0
        self._is(brought - extra >= energy_kwh - NEGLIGIBLE_KWH)
        self._is(brought - extra <= energy_kwh + slot + NEGLIGIBLE_KWH)
        if ev.room_kwh < kHighsInf:
            self._is(brought <= ev.room_kwh + NEGLIGIBLE_KWH)

    # What they share.

    def _load(
        self, loads: dict[tuple[Row, int], Sum], x: Var, step: int, parts: Mapping[Row, float]
    ) -> None:
        for row, share in parts.items():
            loads[row, step] = loads.get((row, step), 0.0) + share * x

    def _add_limits(self) -> None:
        """Keep every limit in both directions: what may end any time makes no room."""
        for step in self.steps:
            for row, room in room_kw(self.asked, step).items():
                if (row, step) in self.loads:
                    self._is(self.loads[row, step] <= room)
            for row, room in room_kw(self.asked, step, back=True).items():
                if (row, step) in self.backs:
                    self._is(self.backs[row, step] <= room)

    def _add_battery(self, number: int, battery: Battery) -> None:
        stored: Sum = battery.stored_kwh
        least = min(battery.stored_kwh, battery.min_stored_kwh)
        most = max(battery.stored_kwh, battery.capacity_kwh)
        for step, hours in enumerate(self.asked.horizon.step_h):
            c, d = self._var(0, battery.max_charge_kw), self._var(0, battery.max_discharge_kw)
            takes, gives = self._choice(), self._choice()
            self._is(takes + gives <= 1)
            self._is(c <= battery.max_charge_kw * takes)
            self._is(d <= battery.max_discharge_kw * gives)
            self._is(c >= battery.min_power_kw * takes)
            self._is(d >= battery.min_power_kw * gives)
            self._load(self.loads, c, step, battery_parts())
            self._load(self.backs, d, step, battery_parts())
            self.charge[number, step], self.discharge[number, step] = c, d
            self._pay(hours * battery.wear_cost * d)
            after = self._var(least, most)
            lost = hours / battery.discharge_efficiency
            self._is(after == stored + hours * battery.charge_efficiency * c - lost * d)
            # Outside of its bounds it does only what brings it back.
            self._is(after >= least + (battery.min_stored_kwh - least) * gives)
            self._is(after <= most + (battery.capacity_kwh - most) * takes)
            stored = after
        if battery.end_price is not None:
            self._pay(-battery.end_price * (stored - battery.stored_kwh))
        else:
            self._is(stored >= min(battery.stored_kwh, battery.capacity_kwh))

    def _keep_batteries_from_the_grid(self) -> None:
        """Charge from the sun beside cars, and give what cars and house draw, where that is so."""
        batteries = list(enumerate(self.asked.batteries))
        from_sun = [number for number, battery in batteries if not battery.grid_charge]
        to_loads = [number for number, battery in batteries if not battery.may_export]
        much = self._most_kw()
        for step, hours in enumerate(self.asked.horizon.step_h):
            net: Sum = idle_kw(self.asked, step)
            for number, ev in enumerate(self.asked.evs):
                for x in self.drawn.get((number, step), []):
                    net = net + self.asked.present_h(ev)[step] / hours * x
            room = much + abs(idle_kw(self.asked, step))
            if from_sun:
                sunny = self._choice()
                charged = sum(self.charge[number, step] for number in from_sun)
                self._is(charged <= room * sunny)
                self._is(charged + net <= room * (1 - sunny))
            if to_loads:
                drawing = self._choice()
                given = sum(self.discharge[number, step] for number in to_loads)
                self._is(given <= room * drawing)
                self._is(given - net <= room * (1 - drawing))

    def _add_meter(self) -> tuple[list[Sum], list[float]]:
        """Count money at the meter; return the import of each step, and that without a plan."""
        site = self.asked.site
        imports: list[Sum] = [0.0 for _ in self.steps]
        without = [0.0 for _ in self.steps]
        for step, hours, there in moments(self.asked):
            idle = idle_kw(self.asked, step)
            net: Sum = idle
            for number in there:
                net = net + sum(self.drawn.get((number, step), []))
                if (number, step) in self.given:
                    net = net - self.given[number, step]
            for number in range(len(self.asked.batteries)):
                net = net + self.charge[number, step] - self.discharge[number, step]
            co2 = site.co2_price * (site.co2_kg_per_kwh[step] if site.co2_kg_per_kwh else 0.0)
            buy, sell = site.import_price[step] + co2, self.asked.export_price[step]
            most = self._most_kw() + abs(idle)
            g, e = self._var(0, most), self._var(0, most)
            limit = self.asked.export_limit_kw[step]
            curtailed = self._var(0, most)
            self._is(g - e - curtailed == net)
            self._is(e <= min(limit, most))
            full = self._choice()
            self._is(curtailed <= most * full)
            self._is(e >= min(limit, most) * full)
            if sell > buy or limit < most:
                way = self._choice()
                self._is(g <= most * way)
                self._is(e <= most * (1 - way))
                self._is(curtailed <= most * (1 - way))
            self._pay(hours * buy * g - hours * sell * e)
            self._pay(-hours * (buy * max(idle, 0.0) + sell * max(min(idle, 0.0), -limit)))
            part = hours / self.asked.horizon.step_h[step]
            imports[step] = imports[step] + part * g
            without[step] += part * max(idle, 0.0)
        return imports, without

    def _most_kw(self) -> float:
        """Return more than the meter can show beyond the house."""
        most = 0.0
        for ev in self.asked.evs:
            single = 0.0 if ev.single_phase is None else ev.single_phase.max_power_kw
            gives = 0.0 if ev.discharge is None else ev.discharge.max_power_kw
            most += max(ev.max_power_kw, single) + gives
        for battery in self.asked.batteries:
            most += battery.max_charge_kw + battery.max_discharge_kw
        return most

    # Prices for the highest power.

    def _add_peaks(self, tariff: PeakTariff, imports: list[Sum]) -> None:
        """Add the mean of the n highest days: the least of n * top + what each is above it."""
        found = intervals_of(self.asked, tariff)
        first = next(iter(found.values()))[0]
        days: dict[float, Var] = {first: self._var(tariff.today_kw, kHighsInf)}
        for day, before, parts in found.values():
            if day not in days:
                days[day] = self._var(0, kHighsInf)
            mean = sum((part * imports[step] for step, part in parts.items()), 0.0)
            self._is(days[day] >= before + mean)
        top = self._var(0, kHighsInf)
        highest: Sum = top + 0.0
        for peak in (*tariff.day_peaks_kw, *days.values()):
            above = self._var(0, kHighsInf)
            self._is(above >= peak - top)
            highest = highest + 1 / tariff.top_days * above
        paid = self._var(0, kHighsInf)
        self._is(paid >= highest - tariff.free_kw)
        self._pay(tariff.price_per_kw * paid)
        most = 1000.0
        for step in tariff.price_steps:
            passed = self._choice()
            self._is(highest <= step.above_kw + most * passed)
            self._pay(step.price * passed)


def _refuse(asked: Problem) -> None:
    """Refuse what is not expressed."""
    for ev in asked.evs:
        assert not any((ev.at_once, ev.surplus_only, ev.min_energy_kwh, ev.extra_from_surplus))
        assert not ev.min_always
    assert asked.site.estimate_trust == 1 or not any(asked.site.estimated)
    assert not asked.given_kw
