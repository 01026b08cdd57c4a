"""What the meter's answers to our commands tell of chargers, cars, and of the meter itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ..bindings.house.home_battery import HomeBattery, can_give_kw, power_kw
from ..bindings.house.meter import GridMeter
from ..bindings.house.power_sensor import PowerSensor
from ..charging.charging_point import ChargingPoint
from ..truth.draw_bound import DrawBound
from ..truth.step_response import Shown, StepResponse


class MeterResponses:
    """Learns from the meter where chargers measure nothing themselves."""

    def __init__(
        self,
        meter: GridMeter,
        points: Mapping[str, ChargingPoint],
        pv: PowerSensor | None = None,
        batteries: Sequence[HomeBattery] = (),
    ) -> None:
        """Begin with no answer.

        Args:
            meter: The meter of the site.
            points: The chargers, by id.
            pv: What measures the power of PV, if anything does.
            batteries: The home batteries, which may give what cars draw.
        """
        self._batteries = batteries
        self._meter = meter
        self._pv = pv
        self._points = points
        # Where all chargers measure what they give, nothing is left to find out.
        is_blind = any(point.charger.power_entity is None for point in points.values())
        settle = [point.charger.settle for point in points.values()]
        self._responses = StepResponse(max(settle)) if is_blind else None
        self._bounds = {charger_id: DrawBound() for charger_id in points}
        self._is_wrong = False

    def observe(self, now: datetime) -> None:
        """Compare the chargers' limits with what the meter shows."""
        if self._responses is None or not self._meter.counts_chargers:
            return
        limits = {}
        for charger_id, point in self._points.items():
            limits[charger_id] = (point.limit_kw or 0.0) if point.plugged else 0.0
            if not point.plugged:
                self._responses.forget(charger_id)
        measured = {
            charger_id
            for charger_id, point in self._points.items()
            if point.reading.power_kw is not None
        }
        if self._responses.note(now, limits, measured, self._shown()):
            self._judge_meter()
            for charger_id, answers in self._responses.answers.items():
                self._points[charger_id].taking.note_answers(answers)
        self._bound(now)

    def _bound(self, now: datetime) -> None:
        """Find cars that the meter shows too little for to use more than one phase."""
        loads = {charger_id: point.load for charger_id, point in self._points.items()}
        reading = self._meter.reading
        if (
            reading is None
            or self._meter.is_stale
            or not self._meter.doubt.believed
            or any(load.is_unsettled(now) for load in loads.values())
        ):
            for bound in self._bounds.values():
                bound.forget()
            return
        total_kw, report = reading
        sun_kw = self._meter.doubt.sun_kw(None if self._pv is None else self._pv.kw, now)
        given_kw = sun_kw + can_give_kw(self._batteries)
        most_kw = total_kw + given_kw - sum(load.metered_kw for load in loads.values())
        for charger_id, point in self._points.items():
            bound = self._bounds[charger_id]
            is_hidden = point.reading.drawing and point.reading.power_kw is None
            if not is_hidden or point.taking.phases == 1 or point.taking.uses_one_phase:
                bound.forget()
                continue
            certain = bound.note(
                now,
                report,
                most_kw=most_kw,
                min_kw=point.range_kw[0],
                allowed_kw=point.limit_kw or 0.0,
                phases=point.taking.phases,
            )
            if certain:
                point.taking.note_phases_used(1)

    def _shown(self) -> Shown | None:
        if (reading := self._meter.reading) is None:
            return None
        total_kw, report = reading
        return Shown(
            total_kw=total_kw - power_kw(self._batteries),
            phases_kw=self._meter.phases.carried_kw or {},
            report=report,
        )

    def _judge_meter(self) -> None:
        """Believe a meter that answers the wrong way, or in another unit, no more."""
        scale = None if self._responses is None else self._responses.scale
        if scale is None:
            return
        if scale != 1.0:
            self._is_wrong = self._meter.doubt.lasting = True
        elif self._is_wrong:
            self._is_wrong = self._meter.doubt.lasting = False
