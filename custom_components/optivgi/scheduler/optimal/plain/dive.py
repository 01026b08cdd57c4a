"""Makes a plan of a Relaxation: every car is on or off, at least at its minimum power when on.

A vertex of the relaxation leaves few powers between 0 and the minimum. They are rounded, the
clearest first, with a solve after each round (a dive); cars that then lack energy, or that start
too often, are planned anew one by one around the others, exactly (sequential.py). What is on and
what is off being decided, the relaxation is solved a last time for the powers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ...quantities.demand import Array
from ...quantities.tolerances import NEGLIGIBLE_KW, NEGLIGIBLE_KWH
from ...sharing.rationing import ration
from ...sharing.shortage import missing_fractions
from ..subproblem import HALF, SMALLEST_MONEY, Commitment
from .relaxation import Relaxation
from .sequential import SequenceTable

ROUNDS = 8
"""Rounds of rounding at most; what is left then is switched off and repaired."""
ROUNDED_SHARE = 0.5
"""Part of the open powers that each round decides."""
REPAIRS = 3
"""Times cars that lack energy are planned anew, at most."""
SMALL_MODEL = 1500
"""Up to so many powers, the integer solver decides the last of them."""
SMALL_REST = 12
"""So many it decides in milliseconds."""
DECIDED_GAP = 2e-3
"""Distance from the optimum at which it stops."""
DIVE_NODES = 50
"""Nodes of its search tree at most."""
ROUNDED_GAP = 1e-2
"""Where rounding alone leaves more than this, the integer solver decides the last powers."""
ORDERED_MODEL = 10_000
"""Up to so many powers cars are put in an order where starts cost: it makes fewer of them."""
GOOD_GAP = 1e-2
"""A plan within this of the bound is not improved car by car;"""
GOOD_GAP_WITH_STARTS = 3e-3
"""where starts cost, within this."""
LACKING_KWH = 1e-3
"""Less is the solver's tolerance, summed over a night."""
MARGIN_KWH = 1e-5
"""Kept below computed shares, so that rounding cannot make them unreachable."""
REOPENED = 3
"""Times that cars which are short may look for other times, at most."""
UNFAIR = 0.02
"""What the worst served car may miss beyond its fair share before other times are tried."""
CHEAPER = 1e-9
"""Money by which a car's new plan has to be cheaper."""


@dataclass(kw_only=True)
class CandidatePlan:
    """A plan for the cars of a Relaxation.

    Attributes:
        power_kw: Power of each car in each step.
        money: What it costs, starts included, in the site's currency.
        missing_kwh: Energy that is missing, of all cars.
        shadow_prices: Prices of the network limits and of the cars' energy, see
            Relaxation.shadow_prices.
    """

    power_kw: Array
    money: float
    missing_kwh: float
    shadow_prices: tuple[Array, Array]

    def better_than(self, other: CandidatePlan | None) -> bool:
        """Tell whether it serves the cars better, or as well for less."""
        if other is None:
            return True
        if abs(self.missing_kwh - other.missing_kwh) > LACKING_KWH:
            return self.missing_kwh < other.missing_kwh
        return self.money < other.money


class Dive:
    """Makes plans of one Relaxation, which has been solved."""

    def __init__(self, relaxation: Relaxation) -> None:
        """Begin with all decisions open."""
        self.relaxation = relaxation
        self.subproblem = relaxation.subproblem
        self.share = np.array([demand.share for demand in self.subproblem.demands])
        self.minimum = relaxation.minimum[:, None]
        self.small = int(relaxation.cells.sum()) <= SMALL_MODEL
        self.charging = np.array([demand.ev.charging for demand in self.subproblem.demands])

    def run(self, bound: float) -> CandidatePlan:
        """Return the best plan found.

        Args:
            bound: What every plan costs at least, in the site's currency.

        Raises:
            NoSolutionError: The time was up before there was one.
        """
        starts = self.subproblem.prices.start_cost > 0
        scale = max(abs(bound), SMALLEST_MONEY * self.subproblem.prices.unit)
        if self.small or (starts and int(self.relaxation.cells.sum()) <= ORDERED_MODEL):
            self.relaxation.rank_ties()
        best = self._repaired(self.fixed(self._round(0)))
        if self.small and best.money - bound > ROUNDED_GAP * scale:
            self.relaxation.bound(self.relaxation.floor, self.relaxation.ceiling)
            self.relaxation.solve()
            decided = self._repaired(self.fixed(self._round(SMALL_REST)))
            best = decided if decided.better_than(best) else best
        good = GOOD_GAP_WITH_STARTS if starts else GOOD_GAP
        if best.money - bound > good * scale:
            best = self._replan_all(best)
        return best

    def _repaired(self, candidate: CandidatePlan) -> CandidatePlan:
        """Return a plan with cars that lack energy planned anew."""
        for _ in range(REPAIRS):
            if candidate.missing_kwh <= LACKING_KWH:
                break
            repaired = self.fixed(self._replan_short(candidate.power_kw))
            if not repaired.better_than(candidate):
                break
            candidate = repaired
        return candidate

    def even_out(self, power_kw: Sequence[Array]) -> list[Array] | None:
        """Return the calmest powers for what a plan has on and off; None where there are none.

        Powers are early, then they change as little as possible from step to step, and cars that
        share what there is do not take turns. This ends the use of the relaxation.
        """
        if not self.small or self.relaxation.clock.is_up:
            return None
        on = np.array(power_kw) > HALF * self.minimum
        if self.fixed(on).missing_kwh > LACKING_KWH or not self.relaxation.even_out(on):
            return None
        return list(np.where(on, self.relaxation.power_kw, 0.0))

    def _round(self, rest: int) -> Commitment:
        """Dive: return which powers are on; the integer solver decides so many of the last."""
        relaxation = self.relaxation
        lower, upper = relaxation.floor.copy(), relaxation.ceiling.copy()
        for _ in range(ROUNDS):
            part, open_ = self._open(lower)
            if int(open_.sum()) <= rest:
                break
            # The clearest first. One that is switched on decides more than one switched off.
            unclear = np.where(part >= HALF, 1 - part, 2 * part)
            clear = open_ & (unclear <= np.quantile(unclear[open_], ROUNDED_SHARE))
            upper[clear & (part < HALF)] = 0.0
            self._switch_on(clear & (part >= HALF), part, lower, upper)
            relaxation.bound(lower, upper)
            if not relaxation.solve():
                break
        if rest:
            self._decide_rest(lower, upper)
        return relaxation.power_kw >= self.minimum - NEGLIGIBLE_KW

    def _open(self, lower: Array) -> tuple[Array, Commitment]:
        """Return each power as a part of its minimum, and which are between 0 and that."""
        part = self.relaxation.power_kw / np.maximum(self.minimum, NEGLIGIBLE_KW)
        return part, (part > NEGLIGIBLE_KW) & (part < 1 - NEGLIGIBLE_KW) & (lower <= 0)

    def _decide_rest(self, lower: Array, upper: Array) -> None:
        """Let the integer solver decide what is still open; what is off stays off."""
        relaxation = self.relaxation
        part, open_ = self._open(lower)
        if not open_.any():
            return
        on = part >= 1 - NEGLIGIBLE_KW
        min_kw = np.maximum(relaxation.floor, self.minimum)
        relaxation.bound(
            np.where(on | open_, np.minimum(min_kw, upper), lower), np.where(on | open_, upper, 0.0)
        )
        if not relaxation.decide(open_, DECIDED_GAP, DIVE_NODES):
            relaxation.bound(lower, upper)
            relaxation.solve()

    def _switch_on(self, chosen: Commitment, part: Array, lower: Array, upper: Array) -> None:
        """Force cells on in place, the clearest first, as far as network limits and needs allow."""
        relaxation = self.relaxation
        room = self.subproblem.network.capacity_kw - self.share.T @ lower
        spare = relaxation.need - (relaxation.gain * lower).sum(axis=1)
        spare += relaxation.minimum * relaxation.gain.max(axis=1) * (spare > 0)
        cells = np.argwhere(chosen)
        order = np.argsort(-part[chosen], kind="stable")
        for index, step in cells[order].tolist():
            low = float(relaxation.minimum[index])
            load = self.share[index] * low
            energy = low * float(relaxation.gain[index, step])
            if energy <= spare[index] and (load <= room[:, step] + NEGLIGIBLE_KW).all():
                lower[index, step] = low
                room[:, step] -= load
                spare[index] -= energy
            else:
                upper[index, step] = 0.0

    def fixed(self, on: Commitment) -> CandidatePlan:
        """Return the cheapest powers for what is on and off."""
        relaxation = self.relaxation
        lower, upper = self._between(on)
        on = upper > 0
        relaxation.bound(lower, upper)
        if not relaxation.solve():
            # More energy than wanted, or too much at once: give up what is least needed.
            relaxation.bound(np.where(relaxation.floor > 0, lower, 0.0), upper)
            relaxation.solve()
            return self.fixed(relaxation.power_kw >= self.minimum - NEGLIGIBLE_KW)
        power = np.where(on, relaxation.power_kw, 0.0)
        return CandidatePlan(
            power_kw=power,
            money=relaxation.money + self.subproblem.prices.start_cost * self._starts(power),
            missing_kwh=float(relaxation.missing_kwh.sum()),
            shadow_prices=relaxation.shadow_prices(),
        )

    def _starts(self, power: Array) -> int:
        on = power > 0
        before = np.column_stack([self.charging, on[:, :-1]])
        return int(np.count_nonzero(on & ~before))

    def _replan_short(self, power: Array) -> Commitment:
        """Plan cars that lack energy anew, those with the least choice first."""
        lacking = np.flatnonzero(self.relaxation.missing_kwh > LACKING_KWH)
        possible = (self.relaxation.gain * self.relaxation.ceiling).sum(axis=1)
        slack = possible - self.relaxation.need
        planned = power.copy()
        self._sweep(sorted(lacking.tolist(), key=lambda car: float(slack[car])), planned)
        on: Commitment = planned > 0
        return on

    def _replan_all(self, best: CandidatePlan) -> CandidatePlan:
        """Plan all cars anew, one by one, with what their starts cost."""
        planned = best.power_kw.copy()
        self._sweep(range(len(planned)), planned, if_cheaper=True)
        steadier = self.fixed(planned > 0)
        return steadier if steadier.better_than(best) else best

    def _sweep(self, cars: Iterable[int], planned: Array, *, if_cheaper: bool = False) -> None:
        """Plan some cars anew in place, each exactly around all the others (sequential.py)."""
        table = SequenceTable(self.subproblem.with_need(self.relaxation.need.tolist()))
        left = self.subproblem.network.capacity_kw - self.share.T @ planned
        taken = planned.sum(axis=0)
        for car in cars:
            if self.relaxation.clock.is_up:
                return
            old = planned[car]
            left += np.outer(self.share[car], old)
            taken -= old
            fresh = table.solve(np.array([car]), left[None], taken[None])[0]
            if not if_cheaper or (
                table.car_cost(car, fresh, taken) < table.car_cost(car, old, taken) - CHEAPER
            ):
                planned[car] = fresh
            left -= np.outer(self.share[car], planned[car])
            taken += planned[car]

    def share_out(self, candidate: CandidatePlan, needs_kwh: Array) -> CandidatePlan:
        """Share what there is where rounding has left somebody short of what can be had.

        Who is short may charge at other times. What is missing then is spread over the cars that
        are on; where that leaves somebody much shorter than need be, the times of a plan made by
        the clock are tried, too.

        Args:
            candidate: A plan in which not everybody gets what was aimed for.
            needs_kwh: What each car would take.
        """
        fair = self.relaxation.need
        demands = self.subproblem.with_need(needs_kwh.tolist()).demands
        priorities = np.array([demand.ev.priority for demand in demands])
        level = float(np.max(priorities * (1 - fair / np.maximum(needs_kwh, 1e-9))))

        def missing(candidate: CandidatePlan) -> list[float]:
            return missing_fractions(demands, list(candidate.power_kw))

        tried = self._reopened(candidate)
        enough = min(tried, key=lambda candidate: candidate.missing_kwh)
        if enough.missing_kwh <= LACKING_KWH:
            return enough
        fairest = min(tried, key=missing)
        ways = [enough.power_kw > 0]
        if fairest is not enough:
            ways.append(fairest.power_kw > 0)
        shared = [self._shared(on, fair, needs_kwh, priorities) for on in ways]
        best = min(shared, key=missing)
        if missing(best)[0] > level + UNFAIR and not self.relaxation.clock.is_up:
            rationed = np.array(ration(demands, self.subproblem.network))
            other = self._shared(rationed > 0, fair, needs_kwh, priorities)
            best = min(best, other, key=missing)
        return best

    def _reopened(self, candidate: CandidatePlan) -> list[CandidatePlan]:
        """Return a plan and others in which those who are short may charge at other times."""
        tried = [candidate]
        for _ in range(REOPENED):
            if candidate.missing_kwh <= LACKING_KWH or self.relaxation.clock.is_up:
                break
            before, candidate = candidate.missing_kwh, self._opened(candidate)
            tried.append(candidate)
            if abs(candidate.missing_kwh - before) <= LACKING_KWH:
                break
        return tried

    def _opened(self, candidate: CandidatePlan) -> CandidatePlan:
        """Return a plan in which cars that are short are on wherever they would draw anything.

        When the others are on stays. A car may need less in one step more than its minimum power;
        then it draws that, if there is room for it, and less in other steps.
        """
        relaxation = self.relaxation
        short = (
            relaxation.need > (relaxation.gain * candidate.power_kw).sum(axis=1) + NEGLIGIBLE_KWH
        )
        on = candidate.power_kw > 0
        lower, upper = self._between(on)
        lower[short], upper[short] = relaxation.floor[short], relaxation.ceiling[short]
        relaxation.bound(lower, upper)
        relaxation.solve()
        part, _ = self._open(lower)
        drawn = (part > NEGLIGIBLE_KW) & short[:, None]
        self._switch_on(drawn, part, lower, upper)
        drawn = self._needed(drawn & (upper > 0), part)
        return self.fixed(np.where(short[:, None], drawn, on))

    def _needed(self, on: Commitment, part: Array) -> Commitment:
        """Return what may be on, the clearest first, within the need at minimum power."""
        relaxation = self.relaxation
        order = np.argsort(-part, axis=1, kind="stable")
        energy = np.where(on, relaxation.gain * self.minimum, 0.0)
        sum_kwh = np.cumsum(np.take_along_axis(energy, order, axis=1), axis=1)
        fits = sum_kwh <= relaxation.need[:, None]
        # What cannot be met exactly is met with one step.
        fits[:, 0] = True
        needed = np.zeros_like(on)
        np.put_along_axis(needed, order, fits, axis=1)
        return needed & on

    def _shared(
        self, on: Commitment, fair: Array, needs_kwh: Array, priorities: Array
    ) -> CandidatePlan:
        """Return the fairest powers for what is on and off, and among these the cheapest."""
        relaxation = self.relaxation
        lower, upper = self._between(on)
        min_kwh = (relaxation.gain * lower).sum(axis=1)
        relaxation.bound(lower, upper)
        relaxation.set_needs(np.maximum(min_kwh, needs_kwh))
        shares = relaxation.share_beyond(fair, priorities)
        relaxation.set_needs(np.maximum(min_kwh, shares - MARGIN_KWH))
        return self.fixed(on)

    def _between(self, on: Commitment) -> tuple[Array, Array]:
        """Return the minimum and the maximum each power may be when it is decided what is on."""
        relaxation = self.relaxation
        on = on & relaxation.cells | (relaxation.floor > 0)
        lower = np.where(on, np.maximum(relaxation.floor, self.minimum), 0.0)
        return lower, np.where(on, relaxation.ceiling, 0.0)
