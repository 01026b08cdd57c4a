"""Watches the meter: asks it for a report before it is called silent."""

from datetime import datetime

from homeassistant.components.homeassistant import DOMAIN as CORE_DOMAIN, SERVICE_UPDATE_ENTITY
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, callback

from ..site.site import Site


class MeterWatch:
    """Looks after the meter of a site."""

    def __init__(self, hass: HomeAssistant, site: Site) -> None:
        """Watch a site's meter."""
        self._hass = hass
        self._site = site

    @callback
    def look(self, now: datetime) -> None:
        """Look at the meter as it was last observed."""
        if not any(point.plugged for point in self._site.points.values()):
            # Nobody needs to know what the house takes.
            return
        if self._hass.services.has_service(CORE_DOMAIN, SERVICE_UPDATE_ENTITY) and (
            silent := self._site.meter.ask(now)
        ):
            self._hass.async_create_task(
                self._hass.services.async_call(
                    CORE_DOMAIN, SERVICE_UPDATE_ENTITY, {ATTR_ENTITY_ID: silent}
                ),
                "optivgi ask the meter",
            )
