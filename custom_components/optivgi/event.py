"""Events: the plan changed, could not be made, or cannot give a car what it wants."""

from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import SiteEntity
from .errors import text_of
from .explain.shortfall import is_at_risk
from .planning.plan import Plan
from .runtime import OptivgiConfigEntry

PARALLEL_UPDATES = 0

PLAN_CHANGED: Final = "plan_changed"
PLAN_FAILED: Final = "plan_failed"
TARGET_AT_RISK: Final = "target_at_risk"

PLAN = EventEntityDescription(key="plan", event_types=[PLAN_CHANGED, PLAN_FAILED, TARGET_AT_RISK])


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OptivgiConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the event entity of the site."""
    async_add_entities([PlanEvent(entry, PLAN)])


class PlanEvent(SiteEntity, EventEntity):
    """Reports to automations what happens to the plan."""

    def __init__(self, entry: OptivgiConfigEntry, description: EventEntityDescription) -> None:
        """Compare with the plan that stands when this starts."""
        super().__init__(entry, description)
        self._reported: Plan | None = self.coordinator.data
        self._at_risk: frozenset[str] = frozenset()
        self._failed = False

    @property
    @override
    def available(self) -> bool:
        """It is there to report a plan that failed, too."""
        return True

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        if self.coordinator.last_update_success:
            self._failed = False
            self._report_changes(self.coordinator.data)
        elif not self._failed:
            self._failed = True
            error = self.coordinator.last_exception
            why = "" if error is None else text_of(self.hass, error)
            self._fire(PLAN_FAILED, {"error": why})
        self.async_write_ha_state()

    def _report_changes(self, plan: Plan) -> None:
        reported, self._reported = self._reported, plan
        if reported is plan:
            return
        if reported is None or plan.differs_from(reported):
            self._fire(
                PLAN_CHANGED,
                {
                    "cost": round(plan.schedule.cost, 4),
                    "peak_kw": round(plan.schedule.peak_kw, 3),
                    # Cars that come later are in the plan, but at no charger.
                    "chargers": [
                        self.site.points[ev.id].charger.name
                        for ev in plan.schedule.evs
                        if ev.id in self.site.points
                    ],
                },
            )
        at_risk = frozenset(
            charger_id for charger_id, point in self.site.points.items() if is_at_risk(point, plan)
        )
        for charger_id in sorted(at_risk - self._at_risk):
            answer = plan.answer(charger_id)
            self._fire(
                TARGET_AT_RISK,
                {
                    "charger": self.site.points[charger_id].charger.name,
                    "missing_kwh": None if answer is None else round(answer.shortfall_kwh, 2),
                },
            )
        self._at_risk = at_risk

    def _fire(self, event_type: str, attributes: dict[str, object]) -> None:
        self._trigger_event(event_type, attributes)
        self.async_write_ha_state()
