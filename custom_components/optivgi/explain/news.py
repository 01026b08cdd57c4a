"""Whether what entities of chargers show has changed: writing hundreds costs more than deciding.

Of what is shown, numbers that move with every reading (energies, texts that name a time) are looked
at again each minute; all else at once.
"""

from collections.abc import Mapping
from datetime import datetime

from ..charging.charging_point import ChargingPoint
from ..control.state import ControlState
from ..planning.plan import Plan
from .reason_texts import ReasonTexts

_AGAIN_S = 60.0
"""So often what moves slowly is shown anew; for each charger at another second of that."""
_ENERGY_DIGITS = 1
"""Energies that are equal to so many digits are the same; states of charge in whole %."""


class ChargerNews:
    """Tells whether there is anything new to show of a charger."""

    def __init__(
        self,
        points: Mapping[str, ChargingPoint],
        states: Mapping[str, ControlState],
        texts: ReasonTexts,
    ) -> None:
        """Know of nothing that is shown."""
        self._points, self._states, self._texts = points, states, texts
        self._shown: dict[str, tuple[object, ...]] = {}
        self._offsets = {
            charger_id: _AGAIN_S * index / len(points) for index, charger_id in enumerate(points)
        }
        self._plan: Plan | None = None
        self._plans = 0

    def is_new(self, charger_id: str, plan: Plan | None, now: datetime) -> bool:
        """Return whether there is more to show of a charger than when this was last asked.

        Args:
            charger_id: The charger.
            plan: What is followed; None where there is no plan that holds.
            now: The present.
        """
        if plan is not self._plan:
            self._plan, self._plans = plan, self._plans + 1
        facts = (self._plans, *self._facts(charger_id, now))
        is_new = facts != self._shown.get(charger_id)
        self._shown[charger_id] = facts
        return is_new

    def _facts(self, charger_id: str, now: datetime) -> tuple[object, ...]:
        point, state = self._points[charger_id], self._states[charger_id]
        reading, session = point.reading, point.session
        soc = None if session.soc is None else round(session.soc)
        return (
            (now.timestamp() + self._offsets[charger_id]) // _AGAIN_S,
            (state.cause, state.limit_kw, state.sent, state.attempts, state.error),
            (state.blind, state.silent, state.impossible),
            (state.recovery, len(state.written), state.profile, state.limited_elsewhere_a),
            (reading.connection, reading.limit, reading.is_on, reading.missing, reading.stopped),
            (reading.drawing, session.plugged_at, session.departure, session.departure_said),
            (session.reservation, session.energy_kwh, soc, session.soc_typed_at),
            (round(session.delivered_kwh, _ENERGY_DIGITS), session.ready_for, session.held),
            (session.finished, session.tag, point.takes_nothing, point.is_leaving, point.vehicle),
            (point.obedience.is_broken(now), self._texts.language),
            point.departure_tracker.calendar_missing,
            (state.phases_due, point.switching.offered, session.phases_held),
            point.switching.mode.record.failed,
            tuple(vars(point.settings).values()),
            point.vehicle_settings,
        )
