"""The plan as everybody reads it: entities, actions, calendar and the controller."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

from ..scheduler.model import (
    EV,
    PHASES,
    Battery,
    EVSchedule,
    PerStep,
    Problem,
    Reason,
    ReasonKind,
    Schedule,
)
from ..scheduler.reserve import NO_RESERVE, Reserve
from ..site.basis import Basis

# A limit below this is none: solvers leave crumbs.
NOTHING_KW = 1e-3

# Limits that differ by less are the same to a charger.
_SAME_KW = 0.05


@dataclass(frozen=True, kw_only=True)
class PlannedStep:
    """One step of a charger's plan: what its car may draw in kW, price per kWh, on how many phases.

    The phases are None where nothing is drawn.
    """

    start: datetime
    end: datetime
    limit_kw: float
    price: float
    estimated: bool
    phases: int | None = None


@dataclass(frozen=True, kw_only=True)
class Block:
    """Consecutive steps in which a charger is to charge.

    Attributes:
        start: Start of the first step, or of the charging that goes on there.
        end: End of the last one.
        energy_kwh: The maximum that is still drawn.
        cost: Price of that energy, were all of it imported.
        peak_kw: The highest limit.
        estimated: Whether it rests on an estimated price.
    """

    start: datetime
    end: datetime
    energy_kwh: float
    cost: float
    peak_kw: float
    estimated: bool


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A schedule, what it was made from, and when.

    Attributes:
        problem: What was asked.
        schedule: What was answered.
        made_at: When.
        known_chargers: The chargers whose car was plugged in and could be planned for;
            those without an EV in the problem are to get nothing.
        base_load_kw: The load of everything else when it was made; None while unknown.
        peak_load_kw: What everything else usually draws at most in each step; empty where unknown.
        phase_part: Which part of a load of the house one phase may carry.
        uncontrolled_kw: What each charger could draw then that no command of ours changes.
        basis: What the expected load and production of the house rest on.
        price_error: Why prices could not be read; None if they were.
        prices_known: Whether any price was ever read; without, costs mean nothing.
        parts: Which part of its limit each car draws that is here.
        circuit_names: What the circuits of the site are called, by id.
        peak_tariff_ids: Whose each of the problem's tariffs on the highest power is.
        operator_kw: What the grid operator allowed the site then; None where nothing limited it.
        dimmed_kw: What the chargers were left from the grid then; None where they were not dimmed.
        running_since: When the charging began that is under way, per charger.
        reserve: What it leaves free where it can.
    """

    problem: Problem
    schedule: Schedule
    made_at: datetime
    known_chargers: frozenset[str] = frozenset()
    base_load_kw: float | None = None
    peak_load_kw: PerStep = ()
    phase_part: float = 1 / len(PHASES)
    uncontrolled_kw: Mapping[str, float] = field(default_factory=dict)
    basis: Basis = field(default_factory=Basis)
    price_error: str | None = None
    prices_known: bool = True
    parts: Mapping[str, float] = field(default_factory=dict)
    circuit_names: Mapping[str, str] = field(default_factory=dict)
    peak_tariff_ids: tuple[str, ...] = ()
    operator_kw: float | None = None
    dimmed_kw: float | None = None
    running_since: Mapping[str, datetime] = field(default_factory=dict)
    reserve: Reserve = NO_RESERVE
    _steps: dict[str, tuple[PlannedStep, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @cached_property
    def _requests(self) -> Mapping[str, EV]:
        """The requests by charger: each look at hundreds asks for each."""
        return {ev.id: ev for ev in reversed(self.problem.evs)}

    def limit_for(self, ev: EV, drawn_kw: float) -> float:
        """Return the limit of its charger at which a car draws so much, in kW on all phases."""
        phases = len(ev.phases)
        return drawn_kw / self.parts.get(ev.id, (ev.phases_used or phases) / phases)

    def request(self, charger_id: str) -> EV | None:
        """Return the charging request of the car at a charger."""
        return self._requests.get(charger_id)

    def others_h(self, charger_id: str) -> float:
        """Return for how long the other cars need all that the connection carries."""
        needed_kwh = sum(
            ev.energy_kwh / ev.efficiency for ev in self.problem.evs if ev.id != charger_id
        )
        limit_kw = self.problem.site.limit_kw[0]
        return needed_kwh / limit_kw if limit_kw > NOTHING_KW else 0.0

    def answer(self, charger_id: str) -> EVSchedule | None:
        """Return what the car at a charger gets."""
        return self.schedule.ev(charger_id)

    def steps(self, charger_id: str) -> tuple[PlannedStep, ...]:
        """Return the plan of a charger step by step; empty where none is made for it."""
        if charger_id not in self._steps:
            answer = self.answer(charger_id)
            self._steps[charger_id] = () if answer is None else tuple(self._build_steps(answer))
        return self._steps[charger_id]

    def _build_steps(self, answer: EVSchedule) -> Iterator[PlannedStep]:
        request = self.request(answer.id)
        site = self.problem.site
        estimated = site.estimated or (False,) * len(site.import_price)
        single = answer.single_phase or (False,) * len(site.import_price)
        for (start, end), limit_kw, price, guessed, on_one in zip(
            pairwise(self.schedule.horizon.edges),
            answer.limit_kw,
            site.import_price,
            estimated,
            single,
            strict=True,
        ):
            ends, phases = end, None
            if request is not None and limit_kw > NOTHING_KW:
                # A car that leaves within a step charges until it leaves, if it does.
                leaves = request.departure
                if start >= leaves and request.later_departure is not None:
                    leaves = request.later_departure
                ends = min(end, max(start, leaves))
                phases = 1 if on_one else request.phases_used or len(request.phases)
            yield PlannedStep(
                start=start,
                end=ends,
                limit_kw=limit_kw,
                price=price,
                estimated=guessed,
                phases=phases,
            )

    def blocks(self, charger_id: str) -> tuple[Block, ...]:
        """Return when a charger is to charge, consecutive steps taken together."""
        blocks: list[Block] = []
        steps: list[PlannedStep] = []
        for step in self.steps(charger_id):
            if step.limit_kw > NOTHING_KW:
                steps.append(step)
            elif steps:
                blocks.append(_block(steps))
                steps = []
        if steps:
            blocks.append(_block(steps))
        since = self.running_since.get(charger_id)
        if blocks and since is not None and blocks[0].start <= self.schedule.horizon.start:
            blocks[0] = replace(blocks[0], start=since)
        return tuple(blocks)

    def running(self, moment: datetime) -> dict[str, datetime]:
        """Return since when each charger has been charging that is to charge at a moment."""
        return {
            ev.id: block.start
            for ev in self.schedule.evs
            for block in self.blocks(ev.id)
            if block.start <= moment <= block.end
        }

    @property
    def co2_kg(self) -> float | None:
        """What the cars cause by what they take from the grid; None where that is not known."""
        site = self.problem.site
        if not site.co2_kg_per_kwh:
            return None
        surplus = (
            max(0.0, sun - load)
            for sun, load in zip(site.total_pv_kw, site.total_base_load_kw, strict=True)
        )
        return sum(
            hours * max(0.0, kw - free) * kg
            for hours, kw, free, kg in zip(
                self.problem.horizon.step_h,
                self.schedule.total_kw,
                surplus,
                site.co2_kg_per_kwh,
                strict=True,
            )
        )

    @property
    def reserved_cost(self) -> float:
        """What the plan costs for cars that come later."""
        return sum(ev.cost for ev in self.schedule.evs if ev.id not in self.known_chargers)

    def energy_kwh(self, charger_id: str) -> float:
        """Return the max power of a charger by this plan."""
        return sum(block.energy_kwh for block in self.blocks(charger_id))

    def power_kw_at(self, charger_id: str, moment: datetime) -> float | None:
        """Return what a car may draw at a moment; None where the plan says nothing about it."""
        if charger_id not in self.known_chargers:
            return None
        if self.request(charger_id) is None:
            return 0.0
        return self.schedule.limit_kw_at(charger_id, moment)

    def given_kw_at(self, charger_id: str, moment: datetime) -> float:
        """Return what a car is to give back at a moment."""
        answer, index = self.answer(charger_id), self.schedule.horizon.index_at(moment)
        if answer is None or index is None or not answer.discharge_kw:
            return 0.0
        return answer.discharge_kw[index]

    def peak_levels(self, moment: datetime) -> Iterator[tuple[str, float]]:
        """Yield up to which mean the billing intervals of a moment cost no more than planned.

        With each comes whose tariff it is; those that do not count then are left out.
        """
        index = self.schedule.horizon.index_at(moment)
        if index is None:
            return
        levels = self.schedule.peak_level_kw or ((),) * len(self.peak_tariff_ids)
        for tariff, tariff_id, level_kw in zip(
            self.problem.site.peak_tariffs, self.peak_tariff_ids, levels, strict=True
        ):
            weight = tariff.weight[index] if tariff.weight else 1.0
            if weight > 0 and level_kw and tariff.is_priced:
                yield tariff_id, level_kw[index] / weight

    def cost_of_kw_more(self, moment: datetime) -> float:
        """Return what a kW above the highest planned would cost, in the site's currency."""
        index = self.schedule.horizon.index_at(moment)
        total = 0.0
        for tariff in self.problem.site.peak_tariffs:
            weight = tariff.weight[index or 0] if tariff.weight else 1.0
            # By the price of a step, where the tariff has those, else of a kW.
            rise = tariff.price_per_kw * weight / tariff.top_days
            steps = [step.price for step in tariff.price_steps if step.price > 0]
            total += rise if rise or not steps or not weight else min(steps)
        return total

    def is_below_peak(self, charger_id: str, moment: datetime) -> bool:
        """Return whether a charger gets less at a moment so that no peak rises."""
        reason = self.reason_at(charger_id, moment)
        return reason is not None and reason.kind is ReasonKind.PEAK

    def is_single_for(self, charger_id: str, moment: datetime, lasts: timedelta) -> bool | None:
        """Return whether a car charges on one phase from a moment on, for as long as this.

        None where it does not charge then, its charger does not switch, or is to switch meanwhile.
        """
        answer = self.answer(charger_id)
        if answer is None or not answer.single_phase:
            return None
        modes = {
            single
            for (start, end), limit_kw, single in zip(
                pairwise(self.schedule.horizon.edges),
                answer.limit_kw,
                answer.single_phase,
                strict=True,
            )
            if end > moment and start < moment + lasts and limit_kw > NOTHING_KW
        }
        return next(iter(modes)) if len(modes) == 1 else None

    def battery(self, battery_id: str) -> Battery | None:
        """Return a home battery as it was planned with; None where it could not be."""
        return next((one for one in self.problem.batteries if one.id == battery_id), None)

    def battery_kw(self, battery_id: str) -> PerStep:
        """Return what a home battery is to do, or does by itself, per step: charging above 0."""
        answer, asked = self.schedule.battery(battery_id), self.battery(battery_id)
        if answer is not None and answer.power_kw:
            return answer.power_kw
        return () if asked is None else asked.given_kw

    def battery_kw_at(self, battery_id: str, moment: datetime) -> float | None:
        """Return what a home battery is to do at a moment; None where the plan says nothing."""
        index, power_kw = self.schedule.horizon.index_at(moment), self.battery_kw(battery_id)
        return power_kw[index] if power_kw and index is not None else None

    def battery_stored_kwh(self, battery_id: str) -> PerStep:
        """Return what a home battery is to hold at the end of each step."""
        asked, power_kw = self.battery(battery_id), self.battery_kw(battery_id)
        if asked is None or not power_kw:
            return ()
        return asked.stored_kwh_by(power_kw, self.schedule.horizon.step_h)

    def present_start(self, charger_id: str, moment: datetime) -> datetime | None:
        """Return when the charging began that is planned at a moment; None where none is."""
        blocks = self.blocks(charger_id)
        return next((b.start for b in blocks if b.start <= moment < b.end), None)

    def next_start(self, charger_id: str, moment: datetime) -> datetime | None:
        """Return when a charger starts to charge next after a moment."""
        return next((b.start for b in self.blocks(charger_id) if b.start > moment), None)

    def reason_at(self, charger_id: str, moment: datetime) -> Reason | None:
        """Return the reason for what a charger gets at a moment, where the plan has one."""
        answer, index = self.answer(charger_id), self.schedule.horizon.index_at(moment)
        if answer is None or index is None or not answer.reasons:
            return None
        return answer.reasons[index]

    def expected_finish(self, charger_id: str) -> datetime | None:
        """Return when a charger is done with what is planned until its car leaves."""
        request, blocks = self.request(charger_id), self.blocks(charger_id)
        if request is not None and request.later_departure is not None:
            blocks = tuple(block for block in blocks if block.start < request.departure)
        return blocks[-1].end if blocks else None

    def differs_from(self, earlier: Plan) -> bool:
        """Return whether this plan gives any charger another limit than an earlier one does.

        Steps that one of the two does not have, as time has gone on, make no difference.
        """
        charger_ids = {ev.id for plan in (self, earlier) for ev in plan.schedule.evs}
        return any(
            abs((one or 0.0) - (other or 0.0)) > _SAME_KW
            for charger_id in charger_ids
            for moment in self.schedule.horizon.edges[1:-1]
            if moment < earlier.schedule.horizon.end
            for one, other in (
                (
                    self.schedule.limit_kw_at(charger_id, moment),
                    earlier.schedule.limit_kw_at(charger_id, moment),
                ),
            )
        )


def _block(steps: list[PlannedStep]) -> Block:
    energies = [(step.end - step.start) / timedelta(hours=1) * step.limit_kw for step in steps]
    return Block(
        start=steps[0].start,
        end=steps[-1].end,
        energy_kwh=sum(energies),
        cost=sum(energy * step.price for energy, step in zip(energies, steps, strict=True)),
        peak_kw=max(step.limit_kw for step in steps),
        estimated=any(step.estimated for step in steps),
    )
