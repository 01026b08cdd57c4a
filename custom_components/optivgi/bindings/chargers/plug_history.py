"""When cars were plugged in, by what the recorder has kept of a charger's status."""

from datetime import datetime
from itertools import pairwise

from homeassistant.core import HomeAssistant, State

from ...const import LOGGER
from .charger import Charger

type Plugged = tuple[datetime, datetime, bool | None]
"""From when until when a car was there, or was not; None where that was not known."""

_RECORDER = "recorder"


async def async_read_plugged(
    hass: HomeAssistant, charger: Charger, start: datetime, end: datetime
) -> list[Plugged]:
    """Return what is kept of the time between two instants; states are kept for days."""
    if charger.status_entity is None or _RECORDER not in hass.config.components:
        return []
    # Only where there is a recorder is there what it needs.
    from homeassistant.components.recorder import get_instance  # noqa: PLC0415

    return await get_instance(hass).async_add_executor_job(_read, hass, charger, start, end)


def _read(hass: HomeAssistant, charger: Charger, start: datetime, end: datetime) -> list[Plugged]:
    from homeassistant.components.recorder.history import (  # noqa: PLC0415
        state_changes_during_period,
    )
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    entity_id = charger.status_entity or ""
    try:
        changes: list[State] = state_changes_during_period(
            hass, start, end, entity_id, no_attributes=True
        ).get(entity_id, [])
    except SQLAlchemyError as error:
        LOGGER.debug("The history of %s cannot be read: %s", entity_id, error)
        return []
    begins = [max(state.last_changed, start) for state in changes]
    return [
        (begin, until, charger.meant_plugged(state.state))
        for state, (begin, until) in zip(changes, pairwise([*begins, end]), strict=True)
    ]
