"""What the house takes beside the chargers: now, lately and usually, together and by phase."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime, timedelta
import math
from typing import Final

from ..bindings.house.home_battery import HomeBattery, can_give_kw, loads_of, power_kw
from ..bindings.house.meter import GridMeter
from ..bindings.house.power_sensor import PowerSensor
from ..charging.charging_point import ChargingPoint
from ..scheduler.allocation import Capacity, Load, load_kw
from ..scheduler.model import PHASES, PerPhase, PerStep, Phase

_FRESH: Final = timedelta(seconds=15)
"""What lags no more than this contradicts nobody for half a minute."""


class HouseLoad:
    """The base load of a site, with what its chargers do that nobody commanded.

    Meters are taken up by ``observe``; everything else reads what they showed then.
    """

    def __init__(
        self,
        meter: GridMeter,
        points: Mapping[str, ChargingPoint],
        *,
        assumed_kw: float,
        phases: int,
        even: bool = False,
        pv: PowerSensor | None = None,
        batteries: Sequence[HomeBattery] = (),
    ) -> None:
        """Measure by a meter, or go by what is assumed where it measures nothing.

        Args:
            meter: The meter.
            points: The chargers, by id.
            assumed_kw: What the house takes where nothing is measured.
            phases: How many the connection has.
            even: What it takes is spread over all phases.
            pv: What tells the power of PV, if anything does.
            batteries: The home batteries. What they do is no load of the house, and what they give
                is no room for cars: it may end any time.
        """
        self._batteries = batteries
        self.meter = meter
        self.pv = pv
        self._points = points
        self._assumed_kw = assumed_kw
        self._phases = PHASES[:phases]
        self._even = even
        self._house_kw: float | None = None
        self._min_kw = 0.0
        self._seen: set[str] = set()
        self._phases_report: Hashable = None
        self._phases_kw: Mapping[Phase, float | None] = {}
        self._uncontrolled_at: datetime | None = None
        self._uncontrolled_kw: Mapping[str, float] = {}
        self._lent: dict[str, Load] = {}

    def observe(self, now: datetime) -> None:
        """Take up what the meters tell, beside what the chargers were last seen to draw."""
        self._uncontrolled_at = None
        if not self.meter.entity_ids:
            return
        loads = [(point, point.load) for point in self._points.values()]
        reserved = [point.carried(load.attributed_kw(now)) for point, load in loads]
        reserved += loads_of(self._batteries)
        settling = any(load.is_unsettled(now) for _, load in loads)
        raising = any(load.is_raising(now) for _, load in loads)
        self.meter.observe(reserved, now, settling=settling)
        if self.meter.is_over:
            # A charger that has followed by its own meter is not why.
            at = self.meter.reported_at
            shown = [point.carried(load.shown_kw(now, at)) for point, load in loads]
            reserved = shown + loads_of(self._batteries)
        metered_kw = math.fsum(load.metered_kw for _, load in loads)
        pv_kw = None if self.pv is None else self.pv.kw
        if not settling or self._is_fresh(now):
            # Its own sensor may be late: whatever a battery may give is no fault of the meter.
            least_kw = metered_kw - can_give_kw(self._batteries)
            self.meter.compare(least_kw, pv_kw, now, self._metered_at)
        metered_kw += power_kw(self._batteries)
        self._see()
        house_kw = self.meter.base_load_kw(
            load_kw(reserved, None), now, settling=settling, raising=raising
        )
        self._min_kw = self.meter.min_kw(metered_kw, pv_kw, now)
        self._house_kw = None if house_kw is None else max(house_kw, self._min_kw)
        self._note_phases(now, settling=settling)
        self._phases_kw = self.meter.phases.base_loads_kw(
            reserved,
            now,
            total_kw=self.meter.total_kw,
            settling=settling,
            raising=raising,
            believed=self.meter.doubt.believed,
        )

    def forget(self) -> None:
        """Know of nothing that is measured any more: then what is usual counts."""
        self._house_kw, self._phases_kw = None, dict.fromkeys(self.meter.phases.sensors)

    @property
    def _metered_at(self) -> datetime | None:
        """When what chargers draw by their own meters was last confirmed by all of them."""
        times = [
            point.reading.measured_at
            for point in self._points.values()
            if point.load.metered_kw and point.reading.measured_at is not None
        ]
        return min(times, default=None)

    def _is_fresh(self, now: datetime) -> bool:
        """Return whether the chargers' own meters follow closely what they are commanded."""
        metered_at = self._metered_at
        return metered_at is not None and now - metered_at <= _FRESH

    def _note_phases(self, now: datetime, *, settling: bool) -> None:
        """Let chargers see what the phases carry, once for each report of after a command."""
        is_new = self.meter.phases.report != self._phases_report
        self._phases_report = self.meter.phases.report
        if is_new and not settling and (carried := self.meter.phases.carried_kw) is not None:
            for point in self._points.values():
                point.note_phases(now, carried)

    def now_kw(self, now: datetime) -> float | None:
        """Return what is taken by everything that we do not control; None while unknown.

        That includes what chargers may draw that do not do what they are commanded.
        """
        own_kw = self._own_kw
        return None if own_kw is None else own_kw + self.uncontrolled_kw(now)

    @property
    def _own_kw(self) -> float | None:
        """What is taken by all but chargers and batteries; None while that is unknown."""
        return self._house_kw if self.meter.entity_ids else self._assumed_kw

    def _of_batteries(self) -> list[Load]:
        """Return what batteries take, and what they may give that no meter shows."""
        hides = self.meter.counts_chargers
        return [
            battery.load(battery.taking_kw + (battery.hidden_kw if hides else 0.0))
            for battery in self._batteries
        ]

    def uncontrolled(self, now: datetime) -> Mapping[str, float]:
        """Return what each charger may draw that no command of ours changes, in kW."""
        if self._uncontrolled_at != now:
            # Each look asks for it half a dozen times.
            self._uncontrolled_at = now
            found = {
                charger_id: point.load.uncontrolled_kw(now, metered=self._sees(point))
                for charger_id, point in self._points.items()
            }
            for charger_id, lent in self._lent.items():
                found[charger_id] = max(lent.kw, found.get(charger_id, 0.0))
            self._uncontrolled_kw = found
        return self._uncontrolled_kw

    def lend(self, charger_id: str, load: Load | None) -> None:
        """Leave room for what somebody else may have a charger draw; None for no longer.

        Args:
            charger_id: The charger, one of the site's or a new one.
            load: What it may draw that the meter does not show yet.
        """
        self._uncontrolled_at = None
        self._lent.pop(charger_id, None)
        if load is not None:
            self._lent[charger_id] = load

    @property
    def is_lending(self) -> bool:
        """Whether somebody else commands a charger."""
        return bool(self._lent)

    def _load_of(self, charger_id: str, kw: float) -> Load:
        point = self._points.get(charger_id)
        return self._lent[charger_id]._replace(kw=kw) if point is None else point.carried(kw)

    def _sees(self, point: ChargingPoint) -> bool:
        """Return whether what a charger draws is known to be part of what the meter shows."""
        if point.missing_since is None:
            return self.meter.counts_chargers
        return point.charger.id in self._seen

    def _see(self) -> None:
        """Note which chargers that cannot be read the meter has reported since."""
        reported_at = self.meter.reported_at
        counts = self.meter.counts_chargers and self.meter.doubt.believed
        for charger_id, point in self._points.items():
            since = point.missing_since
            if since is None or not counts:
                self._seen.discard(charger_id)
            elif reported_at is not None and reported_at >= since:
                self._seen.add(charger_id)

    def _uncontrolled(self, now: datetime) -> list[Load]:
        return [self._load_of(charger_id, kw) for charger_id, kw in self.uncontrolled(now).items()]

    def unplanned(self, now: datetime, planned: Mapping[str, float]) -> tuple[Load, ...]:
        """Return what chargers may draw of what no command changes beyond what was planned with.

        Args:
            now: The present.
            planned: What each could draw of that when the plan was made, in kW.
        """
        return tuple(
            self._load_of(charger_id, kw - planned.get(charger_id, 0.0))
            for charger_id, kw in self.uncontrolled(now).items()
            if kw > planned.get(charger_id, 0.0)
        )

    def uncontrolled_kw(self, now: datetime) -> float:
        """Return what chargers may draw that no command of ours changes."""
        return load_kw(self._uncontrolled(now), None)

    def lately_kw(self, now: datetime) -> float | None:
        """Return the base load to plan with for now: that of the last minutes, without its peaks.

        None while it is unknown; the last value of a meter that is silent says nothing of now.
        """
        peak_kw = self.now_kw(now)
        if self.meter.is_stale:
            return None
        lately_kw = self.meter.load.lately.value
        if peak_kw is None or lately_kw is None:
            return peak_kw
        return max(lately_kw, self._min_kw) + self.uncontrolled_kw(now)

    @property
    def usual_kw(self) -> float:
        """What the house takes on average, for when it cannot be measured; surplus not counted."""
        usual_kw = self.meter.load.usually.value
        return max(0.0, self._assumed_kw if usual_kw is None else usual_kw)

    def capacity(
        self,
        now: datetime,
        *,
        limit_kw: float,
        phase_limit_kw: float | None,
    ) -> Capacity:
        """Return what chargers may draw now.

        Where a meter fell silent it may have seen too little: what is usual counts at least. One
        that reports seldom has not seen yet what has risen since.

        Args:
            now: The present.
            limit_kw: What the connection carries.
            phase_limit_kw: What each of its phases carries; None where they are not limited.
        """
        silent = frozenset[Phase]()
        beside = [*self._uncontrolled(now), *self._of_batteries()]
        beside_kw, house_kw = load_kw(beside, None), self._own_kw
        if house_kw is None or self.meter.is_stale:
            silent = frozenset(PHASES)
            house_kw = self.usual_kw if house_kw is None else max(house_kw, self.usual_kw)
        base_load_kw = house_kw + beside_kw
        free_kw = limit_kw - base_load_kw
        margin_kw = 0.0 if silent else self.meter.margin_kw
        phase_kw: float | dict[Phase, float] | None = None
        if phase_limit_kw is not None:
            silent |= self.meter.phases.silent
            loads = self._phase_loads_kw(house_kw, beside, silent)
            phase_kw = {}
            for phase in self._phases:
                room_kw = phase_limit_kw - loads[phase]
                rise_kw = self._phase_margin_kw(phase, silent, margin_kw)
                phase_kw[phase] = room_kw - self._margin_kw(rise_kw, room_kw, phase)
        return Capacity(
            total_kw=free_kw - self._margin_kw(margin_kw, free_kw, None),
            phase_kw=phase_kw,
            phases=self._phases,
            silent=tuple(sorted(silent)),
        )

    def _phase_loads_kw(
        self, house_kw: float, beside: Sequence[Load], silent: frozenset[Phase]
    ) -> Mapping[Phase, float]:
        """Return the load on each phase; what each may carry where they are not measured.

        Args:
            house_kw: What the house itself takes of all phases.
            beside: What is drawn beside it.
            silent: The phases whose sensor shows nothing.
        """
        if not self.meter.phases.sensors:
            own_kw = self._on_one_phase_kw(house_kw, self._sun_kw)
            return {phase: own_kw + load_kw(beside, phase) for phase in self._phases}
        equal_kw = house_kw / len(self._phases)
        loads = {}
        for phase, kw in self._phases_kw.items():
            usual = self.meter.phases.loads[phase].usually.value
            usual_kw = max(0.0, equal_kw if usual is None else usual)
            known = [] if kw is None else [max(kw, self._min_kw)]
            if not known or phase in silent:
                known.append(usual_kw)
            loads[phase] = max(known) + load_kw(beside, phase)
        return loads

    @property
    def phase_part(self) -> float:
        """Which part of a load one phase may carry: all, unless phases are measured or even.

        Kettles, ovens and many heat pumps use one phase, and nobody knows which.
        """
        return 1 / len(self._phases) if self.meter.phases.sensors or self._even else 1.0

    def _on_one_phase_kw(self, net_kw: float, sun_kw: float | None) -> float:
        """Return what one phase carries of the house at most, by what all carry together.

        Args:
            net_kw: What all carry.
            sun_kw: What PV takes off that: it may be on another phase; None while unknown.
        """
        if self._even:
            return net_kw / len(self._phases)
        if sun_kw is not None:
            return max(0.0, net_kw + max(0.0, sun_kw))
        return net_kw if net_kw >= 0 else self.usual_kw

    @property
    def _sun_kw(self) -> float | None:
        """What PV takes off what the meter shows; None while that is not measured."""
        return self.pv.kw if self.pv is not None and self.meter.counts_chargers else None

    def unevenness_kw(self, net_kw: PerStep, sun_kw: Sequence[float | None]) -> PerStep:
        """Return what one phase may carry beyond an equal part, where phases are not measured.

        Args:
            net_kw: What is expected to be drawn of all phases together, per step.
            sun_kw: What PV takes off that, per step; None while unknown.
        """
        if self.meter.phases.sensors:
            return (0.0,) * len(net_kw)
        return tuple(
            self._on_one_phase_kw(net, sun) - net / len(self._phases)
            for net, sun in zip(net_kw, sun_kw, strict=True)
        )

    def _phase_margin_kw(
        self, phase: Phase, silent: frozenset[Phase], total_margin_kw: float
    ) -> float:
        """Return what a sensor that reports seldom may not have seen yet; nothing where blind."""
        if not self.meter.phases.sensors:
            return total_margin_kw * self.phase_part
        sensor = self.meter.phases.sensors.get(phase)
        return 0.0 if sensor is None or phase in silent else sensor.habit.margin_kw

    def _margin_kw(self, margin_kw: float, free_kw: float, phase: Phase | None) -> float:
        """Return the margin that leaves cars the minimum they charge at.

        They have that where a meter is silent, too.
        """
        min_kw = load_kw(
            (
                point.carried(point.range_kw[0] * point.taking.load_part)
                for point in self._points.values()
                if point.plugged and point.controllable
            ),
            phase,
        )
        return min(margin_kw, max(0.0, free_kw - min_kw))

    def by_phase(self, now: datetime, base_load_kw: PerStep, nowcast: int) -> PerPhase:
        """Spread a forecast over the phases as they were lately, and beyond that usually.

        Empty where phases are not measured: then ``unevenness_kw`` counts.

        Args:
            now: The present.
            base_load_kw: The load of all phases together, per step.
            nowcast: For how many of the first steps things go on as they are.
        """
        if not self.meter.phases.sensors:
            return ()
        uncontrolled = self._uncontrolled(now)
        loads = self.meter.phases.loads
        lately = [
            (loads[phase].lately.value or 0.0) + load_kw(uncontrolled, phase) for phase in PHASES
        ]
        usually = [loads[phase].usually.value or 0.0 for phase in PHASES]
        spread = [lately if step < nowcast else usually for step in range(len(base_load_kw))]
        return tuple(
            tuple(
                parts[index] + (total - math.fsum(parts)) / len(PHASES)
                for total, parts in zip(base_load_kw, spread, strict=True)
            )
            for index in range(len(PHASES))
        )
