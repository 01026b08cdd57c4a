"""Others who change what was commanded and confirmed, and who they are."""

from datetime import timedelta
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..bindings.chargers.connection import Connection
from ..charging.charging_point import ChargingPoint
from ..const import DOMAIN, LOGGER
from .state import ControlState

RIVAL_AFTER: Final = 3
"""So many changes are no accident: a charger that resets itself once does not come back."""
WITHIN: Final = timedelta(minutes=30)
"""Schedules of clouds, and automations with a clock, repeat themselves within this."""
_DOMAINS: Final = ("automation", "script", "scene")
_ISSUES: Final = {True: "charger_has_rival", False: "charger_changes_itself"}
"""The issue, by whether it is known who changes a charger."""


def is_overwritten(point: ChargingPoint, state: ControlState, *, missing: bool) -> bool:
    """Return whether a charger shows something else than it has shown to follow.

    Args:
        point: The charger.
        state: What was last confirmed.
        missing: It does not show that any more.
    """
    if state.confirmed is None or state.sent is not None or point.charger.is_due_again():
        return False
    if point.charger.follows_profiles:
        # What it shows follows its plan, and that is looked after where profiles are.
        return False
    # A charger whose car is full may switch itself off.
    takes_no_more = point.reading.stopped or point.reading.connection is Connection.FINISHED
    return missing and not takes_no_more


def count(state: ControlState) -> int:
    """Count one change more, and return how many there were lately."""
    now = dt_util.utcnow()
    state.overwritten = [at for at in state.overwritten if now - at < WITHIN] + [now]
    return len(state.overwritten)


def rival_issue_id(charger_id: str) -> str:
    """Return the id of the issue of a charger that somebody else commands, too."""
    return f"charger_has_rival_{charger_id}"


def stand_down(hass: HomeAssistant, point: ChargingPoint) -> None:
    """Leave a charger to who overwrites what it is commanded, and ask a person what to do."""
    rival = origin_of(hass, point)
    point.hold(rival or point.charger.name)
    LOGGER.warning(
        "%s is left alone: %s has changed it %d times",
        point.charger.name,
        rival or "the charger itself, or its app,",
        RIVAL_AFTER,
    )
    ir.async_create_issue(
        hass,
        DOMAIN,
        rival_issue_id(point.charger.id),
        data={"charger_id": point.charger.id},
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=_ISSUES[rival is not None],
        translation_placeholders={"charger": point.charger.name, "rival": rival or "-"},
    )


def origin_of(hass: HomeAssistant, point: ChargingPoint) -> str | None:
    """Return the name of the automation, script or scene that changed a charger; None if none did.

    What they do carries the context of their run, which their own state carries, too.
    """
    contexts = {
        context_id
        for entity_id in point.charger.command_entity_ids
        if (state := hass.states.get(entity_id)) is not None
        for context_id in (state.context.id, state.context.parent_id)
        if context_id is not None
    }
    for state in hass.states.async_all(_DOMAINS):
        if state.context.id in contexts:
            return state.name
    return None
