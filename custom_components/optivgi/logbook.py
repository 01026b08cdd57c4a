"""What the logbook shows of sessions."""

from collections.abc import Callable

from homeassistant.components.logbook import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
    LazyEventPartialState,
)
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .explain.session_news import ATTR_MESSAGE, EVENT_SESSION_FINISHED


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[
        [str, str, Callable[[LazyEventPartialState], dict[str, str | None]]], None
    ],
) -> None:
    """Describe the end of a session as it was described when it happened."""

    @callback
    def describe(event: LazyEventPartialState) -> dict[str, str | None]:
        data = event.data
        return {
            LOGBOOK_ENTRY_NAME: data.get("charger"),
            LOGBOOK_ENTRY_MESSAGE: data.get(ATTR_MESSAGE),
            LOGBOOK_ENTRY_ENTITY_ID: data.get(ATTR_ENTITY_ID),
        }

    async_describe_event(DOMAIN, EVENT_SESSION_FINISHED, describe)
