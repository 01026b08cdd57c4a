"""The yardstick for households: one plain integer program, given to HiGHS cold, by PuLP.

Everything at once and nothing clever: on and off, whole steps of power, starts, phases, circuits,
tariffs on the highest power, a home battery, cars that give energy back, fewer phases, and
batteries that take less as they fill (a limit holds from the step in which its energy is reached).
It shares no code with the scheduler's own programs. What it cannot say: cars that charge at once
or from surplus only, energy beyond what is wanted, and too little for self.cars.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
import math
import time

import pulp

from custom_components.optivgi.scheduler import EV, PHASES, Battery, PeakTariff, Problem

from .bill import Moves, day_of, intervals

type Terms = list[tuple[pulp.LpVariable, float]]

_MORE_THAN_ANY_KW = 1000.0
"""No home imports as much."""

BIG_KW = 1e3
TINY_KW = 1e-6


@dataclass(frozen=True, kw_only=True)
class ColdPlan:
    """What the solver had when its time was up.

    Attributes:
        moves: The plan; None where there was none.
        bound: No plan can cost less, in the site's currency without idle costs; None if unknown.
        solve_s: Time taken, building and loading not counted.
    """

    moves: Moves | None
    bound: float | None
    solve_s: float


@dataclass
class _Car:
    """The variables of one EV, by step."""

    ev: EV
    hours: tuple[float, ...]
    drawn: dict[int, pulp.LpVariable] = field(default_factory=dict)
    on: dict[int, pulp.LpVariable] = field(default_factory=dict)
    single: dict[int, pulp.LpVariable] = field(default_factory=dict)
    single_on: dict[int, pulp.LpVariable] = field(default_factory=dict)
    given: dict[int, pulp.LpVariable] = field(default_factory=dict)


class ColdProgram:
    """The whole problem as one program."""

    def __init__(self, problem: Problem) -> None:
        """Build it."""
        self.problem = problem
        self.program = pulp.LpProblem("cold", pulp.LpMinimize)
        self.steps = range(len(problem.horizon))
        self.money: Terms = []
        self.battery: dict[tuple[str, int], tuple[pulp.LpVariable, pulp.LpVariable]] = {}
        self.cars = [self._car(index, ev) for index, ev in enumerate(problem.evs)]
        for battery in problem.batteries:
            self._add_battery(battery)
        self._add_limits()
        self._add_meter()
        self.program.setObjective(pulp.lpSum_vars_coefs(self.money))

    def _variable(
        self, name: str, low: float = 0.0, high: float | None = None, *, whole: bool = False
    ) -> pulp.LpVariable:
        return self.program.add_variable(name, low, high, "Integer" if whole else "Continuous")

    def _row(self, terms: Terms, sense: str, right: float) -> None:
        left = pulp.lpSum_vars_coefs(terms)
        row = left <= right if sense == "<=" else left >= right if sense == ">=" else left == right
        self.program.addConstraint(row)

    def _car(self, index: int, ev: EV) -> _Car:
        car = _Car(ev=ev, hours=self.problem.present_h(ev))
        for step in self.steps:
            if car.hours[step] > 0:
                self._add_cell(index, step, car)
        self._add_phases(index, car)
        self._add_starts(index, car)
        self._add_store(index, car)
        return car

    def _add_cell(self, index: int, step: int, car: _Car) -> None:
        ev = car.ev
        self._add_band(
            f"{index}_{step}",
            (car.drawn, car.on, step),
            (ev.min_power_kw, ev.max_power_kw, ev.power_step_kw),
        )
        if ev.single_phase is not None:
            one = ev.single_phase
            portion = ev.power_step_kw / len(ev.phases)
            self._add_band(
                f"1_{index}_{step}",
                (car.single, car.single_on, step),
                (one.min_power_kw, one.max_power_kw, portion),
            )
        if ev.discharge is not None:
            give = ev.discharge
            given = self._variable(f"d_{index}_{step}", 0, give.max_power_kw)
            giving = self._variable(f"y_{index}_{step}", 0, 1, whole=True)
            self._row([(given, 1.0), (giving, -give.max_power_kw)], "<=", 0)
            self._row([(given, 1.0), (giving, -give.min_power_kw)], ">=", 0)
            on = [(cells[step], 1.0) for cells in (car.on, car.single_on) if step in cells]
            self._row([*on, (giving, 1.0)], "<=", 1)
            self.money.append((given, car.hours[step] * give.wear_cost))
            car.given[step] = given

    def _add_band(
        self,
        name: str,
        cells: tuple[dict[int, pulp.LpVariable], dict[int, pulp.LpVariable], int],
        band: tuple[float, float, float],
    ) -> None:
        """Add a power that is 0, or the minimum and whole steps above it."""
        powers, switches, step = cells
        low, high, portion = band
        if portion > 0:
            high = low + math.floor((high - low) / portion + 1e-6) * portion
        power = powers[step] = self._variable(f"x_{name}", 0, high)
        on = switches[step] = self._variable(f"z_{name}", 0, 1, whole=True)
        self._row([(power, 1.0), (on, -high)], "<=", 0)
        self._row([(power, 1.0), (on, -low)], ">=", 0)
        if portion > 0:
            count = self._variable(f"k_{name}", 0, round((high - low) / portion), whole=True)
            self._row([(power, 1.0), (on, -low), (count, -portion)], "=", 0)

    def _add_phases(self, index: int, car: _Car) -> None:
        one = car.ev.single_phase
        if one is None:
            return
        before: pulp.LpVariable | None = None
        changes: Terms = []
        for step in sorted(car.drawn):
            mode = self._variable(f"m_{index}_{step}", 0, 1, whole=True)
            change = self._variable(f"c_{index}_{step}", 0, 1)
            self._row([(car.single_on[step], 1.0), (mode, -1.0)], "<=", 0)
            self._row([(car.on[step], 1.0), (mode, 1.0)], "<=", 1)
            was = 0.0 if before is not None else float(one.active)
            earlier = [] if before is None else [(before, -1.0)]
            self._row([(mode, 1.0), *earlier, (change, -1.0)], "<=", was)
            self._row([(mode, -1.0), *((v, -c) for v, c in earlier), (change, -1.0)], "<=", -was)
            changes.append((change, 1.0))
            before = mode
        self._row(changes, "<=", one.max_switches)

    def _add_starts(self, index: int, car: _Car) -> None:
        if self.problem.start_cost <= 0:
            return
        for step in car.on:
            start = self._variable(f"v_{index}_{step}", 0, 1)
            now = _at(step, car.on, car.single_on)
            before = [(v, -c) for v, c in _at(step - 1, car.on, car.single_on)]
            on_before = float(step == 0 and car.ev.charging)
            self._row([*now, *before, (start, -1.0)], "<=", on_before)
            self.money.append((start, self.problem.start_cost))

    def _add_store(self, index: int, car: _Car) -> None:
        """Add what is in the battery after each step, its taper, and what is wanted of it."""
        ev, give = car.ev, car.ev.discharge
        low = min(give.min_stored_kwh - give.stored_kwh, 0.0) if give is not None else 0.0
        high = ev.room_kwh if math.isfinite(ev.room_kwh) else None
        last: pulp.LpVariable | None = None
        portion = max(ev.power_step_kw, 0.0) * ev.efficiency * max(car.hours)
        least = ev.min_power_kw * ev.efficiency * max(car.hours)
        for step in sorted(car.drawn):
            stored = self._variable(f"s_{index}_{step}", low, high)
            gain = car.hours[step] * ev.efficiency
            chain: Terms = [(stored, 1.0)]
            chain += [(cells[step], -gain) for cells in (car.drawn, car.single) if step in cells]
            if give is not None:
                chain.append((car.given[step], car.hours[step] / give.efficiency))
            if last is not None:
                chain.append((last, -1.0))
            self._row(chain, "=", 0)
            self._add_taper(index, step, car, stored)
            last = stored
        if last is not None:
            self._row([(last, 1.0)], ">=", ev.wanted_kwh)
            self._row([(last, 1.0)], "<=", ev.wanted_kwh + max(portion, least))

    def _add_taper(self, index: int, step: int, car: _Car, stored: pulp.LpVariable) -> None:
        for number, point in enumerate(car.ev.taper):
            reached = self._variable(f"w_{index}_{step}_{number}", 0, 1, whole=True)
            most = car.ev.room_kwh if math.isfinite(car.ev.room_kwh) else 10 * BIG_KW
            self._row([(stored, 1.0), (reached, -most)], "<=", point.energy_kwh)
            allowed = max(point.max_power_kw, car.ev.min_power_kw)
            powers = _at(step, car.drawn, car.single)
            self._row([*powers, (reached, BIG_KW)], "<=", allowed + BIG_KW)

    def _add_battery(self, battery: Battery) -> None:
        last: pulp.LpVariable | None = None
        for step, hours in enumerate(self.problem.horizon.step_h):
            charge = self._variable(f"bc_{battery.id}_{step}", 0, battery.max_charge_kw)
            give = self._variable(f"bd_{battery.id}_{step}", 0, battery.max_discharge_kw)
            way = self._variable(f"bw_{battery.id}_{step}", 0, 1, whole=True)
            self._row([(charge, 1.0), (way, -battery.max_charge_kw)], "<=", 0)
            most = battery.max_discharge_kw
            self._row([(give, 1.0), (way, most)], "<=", most)
            low = min(battery.min_stored_kwh, battery.stored_kwh)
            stored = self._variable(f"bs_{battery.id}_{step}", low, battery.capacity_kwh)
            chain: Terms = [
                (stored, 1.0),
                (charge, -hours * battery.charge_efficiency),
                (give, hours / battery.discharge_efficiency),
            ]
            if last is not None:
                chain.append((last, -1.0))
            self._row(chain, "=", battery.stored_kwh if last is None else 0.0)
            self.money.append((give, hours * battery.wear_cost))
            self.battery[battery.id, step] = charge, give
            last = stored
        if last is not None and battery.end_price is not None:
            self.money.append((last, -battery.end_price))
        elif last is not None:
            self._row([(last, 1.0)], ">=", battery.stored_kwh)

    def _add_limits(self) -> None:
        """Add what site, phases and circuits may carry; what gives adds no room."""
        problem = self.problem
        for step in self.steps:
            self._limit(step, problem.capacity_kw[step], self.cars, None)
            for number, phase in enumerate(PHASES if problem.site.phase_limit_kw else ()):
                capacity = problem.phase_capacity_kw[number][step]
                self._limit(step, capacity, self.cars, phase)
        for circuit in problem.circuits:
            members = [car for car in self.cars if circuit in problem.circuits_of(car.ev)]
            phases = circuit.phase_limit_kw * (3 if len(circuit.phase_limit_kw) == 1 else 1)
            for step in self.steps:
                base = circuit.base_load_kw[step] if circuit.base_load_kw else 0.0
                if circuit.limit_kw:
                    room = max(0.0, circuit.limit_kw[step] - base)
                    self._limit(step, room, members, None, battery=False)
                for phase, series in zip(PHASES, phases, strict=False):
                    room = max(0.0, series[step] - base / len(PHASES))
                    self._limit(step, room, members, phase, battery=False)

    def _limit(
        self,
        step: int,
        capacity: float,
        cars: Iterable[_Car],
        phase: str | None,
        *,
        battery: bool = True,
    ) -> None:
        terms: Terms = []
        for car in cars:
            part = 1.0
            if phase is not None:
                part = 1 / len(car.ev.phases) if phase in car.ev.phases else 0.0
            if step in car.drawn and part:
                terms.append((car.drawn[step], part))
            one = car.ev.single_phase
            if step in car.single and one is not None and phase in {None, one.phase}:
                terms.append((car.single[step], 1.0))
        if battery:
            part = 1.0 if phase is None else 1 / len(PHASES)
            terms += [(charge, part) for charge, _ in self._batteries_at(step)]
        if terms:
            self._row(terms, "<=", capacity)

    def _batteries_at(self, step: int) -> list[tuple[pulp.LpVariable, pulp.LpVariable]]:
        return [both for (_, at), both in self.battery.items() if at == step]

    def _add_meter(self) -> None:
        problem = self.problem
        imports: dict[int, pulp.LpVariable] = {}
        for step, hours in enumerate(problem.horizon.step_h):
            buy = self._variable(f"g_{step}", 0, BIG_KW)
            sell = self._variable(f"e_{step}", 0, BIG_KW)
            way = self._variable(f"gw_{step}", 0, 1, whole=True)
            if problem.export_price[step] >= problem.decision_price[step]:
                self._row([(buy, 1.0), (way, -BIG_KW)], "<=", 0)
                self._row([(sell, 1.0), (way, BIG_KW)], "<=", BIG_KW)
            balance: Terms = [(buy, 1.0), (sell, -1.0)]
            for car in self.cars:
                part = car.hours[step] / hours
                balance += [(v, -part * c) for v, c in _at(step, car.drawn, car.single)]
                balance += [(v, part) for v, _ in _at(step, car.given)]
            for charge, give in self._batteries_at(step):
                balance += [(charge, -1.0), (give, 1.0)]
            self._row(balance, "=", problem.base_load_kw[step] - problem.pv_kw[step])
            self.money.append((buy, hours * problem.decision_price[step]))
            self.money.append((sell, -hours * problem.export_price[step]))
            imports[step] = buy
        for number, tariff in enumerate(problem.site.peak_tariffs):
            self._add_peak(number, tariff, imports)

    def _add_peak(
        self, number: int, tariff: PeakTariff, imports: dict[int, pulp.LpVariable]
    ) -> None:
        days: dict[int, pulp.LpVariable] = {}
        for position, (_, steps) in enumerate(sorted(intervals(self.problem, tariff).items())):
            first = min(steps)
            day = day_of(tariff, position, first)
            if day not in days:
                low = tariff.today_kw if not days else 0.0
                days[day] = self._variable(f"P_{number}_{day}", low)
            before = 0.0
            if position == 0:
                weight = tariff.weight[first] if tariff.weight else 1.0
                before = weight * tariff.imported_kwh / tariff.interval_h
            mean = [(imports[step], part) for step, part in steps.items()]
            self._row([*mean, (days[day], -1.0)], "<=", -before)
        past = [
            self._variable(f"past_{number}_{index}", peak, peak)
            for index, peak in enumerate(tariff.day_peaks_kw)
        ]
        threshold = self._variable(f"top_{number}")
        mean = [(threshold, 1.0)]
        for index, peak in enumerate([*days.values(), *past]):
            above = self._variable(f"above_{number}_{index}")
            self._row([(above, 1.0), (threshold, 1.0), (peak, -1.0)], ">=", 0)
            mean.append((above, 1 / tariff.top_days))
        beyond = self._variable(f"beyond_{number}")
        self._row([*mean, (beyond, -1.0)], "<=", tariff.free_kw)
        self.money.append((beyond, tariff.price_per_kw))
        for index, step in enumerate(tariff.price_steps):
            passed = self._variable(f"passed_{number}_{index}", high=1.0, whole=True)
            self._row([*mean, (passed, -_MORE_THAN_ANY_KW)], "<=", step.above_kw)
            self.money.append((passed, step.price))

    def solve(self, time_limit_s: float, gap: float = 1e-4) -> ColdPlan:
        """Let HiGHS solve it, cold, on one thread."""
        solver = pulp.HiGHS(msg=False, threads=1, timeLimit=time_limit_s, gapRel=gap)
        begin = time.perf_counter()
        stats = self.program.solve(solver)
        passed = time.perf_counter() - begin
        if not stats.has_solution:
            return ColdPlan(moves=None, bound=stats.best_bound, solve_s=passed)
        steps = len(self.problem.horizon)
        battery = {own.id: [0.0] * steps for own in self.problem.batteries}
        for (battery_id, step), (charge, give) in self.battery.items():
            battery[battery_id][step] = _value(charge) - _value(give)
        moves = Moves(
            drawn_kw=[_series(steps, car.drawn, car.single) for car in self.cars],
            given_kw=[_series(steps, car.given) for car in self.cars],
            battery_kw=battery,
        )
        return ColdPlan(moves=moves, bound=stats.best_bound, solve_s=passed)


def _at(step: int, *cells: dict[int, pulp.LpVariable]) -> Terms:
    return [(kind[step], 1.0) for kind in cells if step in kind]


def _series(steps: int, *cells: dict[int, pulp.LpVariable]) -> list[float]:
    return [sum(_value(kind[step]) for kind in cells if step in kind) for step in range(steps)]


def _value(variable: pulp.LpVariable) -> float:
    value = float(variable.varValue or 0.0)
    return value if abs(value) > TINY_KW else 0.0
