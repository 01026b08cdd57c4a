"""Asks a person what to do about a car that will not be ready."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..charging.charging_point import ChargingPoint
from ..const import DOMAIN
from ..coordinator import OptivgiCoordinator
from ..planning.plan import Plan
from ..site.site import Site
from .reason_texts import ReasonTexts
from .shortfall import is_at_risk

_WORTH_ASKING_KWH: Final = 1.0
"""Five kilometres: less is said in the status, and asks nobody for anything."""
_QUARTER: Final = timedelta(minutes=15)
"""To which people round when they leave."""


def shortage_issue_id(charger_id: str) -> str:
    """Return the id of the issue about the car at a charger."""
    return f"will_not_be_ready_{charger_id}"


def ready_at(point: ChargingPoint, plan: Plan, now: datetime) -> datetime:
    """Return when a car would have what will be missing, charged on after its departure.

    That is a whole quarter of an hour, with the power that it has at most until then.
    """
    answer, request = plan.answer(point.charger.id), plan.request(point.charger.id)
    departure = max(now, point.departure_tracker.current(now).at)
    if answer is None or request is None:
        return departure
    power_kw = max(answer.limit_kw, default=0.0) or request.max_power_kw
    missing_h = answer.shortfall_kwh / request.efficiency / power_kw
    quarters = -(-timedelta(hours=missing_h) // _QUARTER)
    return departure + quarters * _QUARTER


class ReadinessWatch:
    """Raises an issue for each car that will miss its target, and withdraws it."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        site: Site,
        coordinator: OptivgiCoordinator,
        texts: ReasonTexts,
    ) -> None:
        """Watch the plans of a site."""
        self._hass = hass
        self._entry_id = entry_id
        self._site = site
        self._coordinator = coordinator
        self._texts = texts
        self._looked_at: Plan | None = None

    @callback
    def look(self) -> None:
        """Look at the plan, once."""
        plan = self._coordinator.data
        if plan is self._looked_at:
            return
        self._looked_at = plan
        for point in self._site.points.values():
            answer = plan.answer(point.charger.id)
            if answer is None or not is_at_risk(point, plan):
                ir.async_delete_issue(self._hass, DOMAIN, shortage_issue_id(point.charger.id))
            elif answer.shortfall_kwh >= _WORTH_ASKING_KWH and not point.session.shortage_accepted:
                self._ask(point, answer.shortfall_kwh)

    def _ask(self, point: ChargingPoint, missing_kwh: float) -> None:
        now = dt_util.utcnow()
        vehicle = point.vehicle
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            shortage_issue_id(point.charger.id),
            data={"entry_id": self._entry_id, "short_charger_id": point.charger.id},
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key="will_not_be_ready",
            translation_placeholders={
                "car": point.charger.name if vehicle is None else vehicle.name,
                "charger": point.charger.name,
                "missing": f"{missing_kwh:.0f}",
                "departure": self._texts.clock(point.departure_tracker.current(now).at, now),
            },
        )
