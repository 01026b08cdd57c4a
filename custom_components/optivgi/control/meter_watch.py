"""Watches the meter: asks it before it is called silent, and says when it is lost or wrong."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from homeassistant.components.homeassistant import DOMAIN as CORE_DOMAIN, SERVICE_UPDATE_ENTITY
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..bindings.house.power_sensor import MeterFault
from ..const import DOMAIN, LOGGER
from ..site.site import Site

_ISSUES: Final[Mapping[MeterFault, str]] = {
    MeterFault.BEYOND: "meter_beyond",
    MeterFault.BELOW: "meter_below",
}
# Meters of chargers that report every few minutes lag behind for that long; nobody has to be
# called for that.
_LASTS: Final = timedelta(minutes=5)


def meter_issue_ids(entry_id: str) -> list[str]:
    """Return the ids of the issues about the meter of a site."""
    return [f"{issue}_{entry_id}" for issue in _ISSUES.values()]


class MeterWatch:
    """Looks after the meter of a site, and those of its circuits."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, site: Site) -> None:
        """Watch a site's meter."""
        self._hass = hass
        self._entry = entry
        self._site = site
        self._since: datetime | None = None
        self._lost = False

    @callback
    def look(self, now: datetime) -> None:
        """Look at the meter as it was last observed."""
        self._report(now)
        # Where nobody charges, nobody needs to know what the house takes.
        charging = any(point.plugged for point in self._site.points.values())
        if charging:
            self._ask(now)
        self._log(charging=charging)

    def _log(self, *, charging: bool) -> None:
        """Log once that the meter was lost, and once that it is back."""
        lost = [e for house in self._site.houses for e in house.meter.entities_at_fault]
        if lost and charging and not self._lost:
            self._lost = True
            LOGGER.warning(
                "%s: %s of no use now, cars charge with their min current",
                self._site.name,
                ", ".join(lost),
            )
        elif not lost and self._lost:
            self._lost = False
            LOGGER.info("%s: the meter is back", self._site.name)

    def _ask(self, now: datetime) -> None:
        if self._hass.services.has_service(CORE_DOMAIN, SERVICE_UPDATE_ENTITY) and (
            silent := [e for house in self._site.houses for e in house.meter.ask(now)]
        ):
            self._hass.async_create_task(
                self._hass.services.async_call(
                    CORE_DOMAIN, SERVICE_UPDATE_ENTITY, {ATTR_ENTITY_ID: silent}
                ),
                "optivgi ask the meter",
            )

    def _report(self, now: datetime) -> None:
        """Have a person look at a meter that goes on showing what cannot be."""
        meter = self._site.meter
        shown = meter.implausible
        if not shown:
            self._since = None
            if meter.fault is None and (meter.doubt.proven or not meter.counts_chargers):
                self._forget()
            return
        self._since = self._since or now
        if now - self._since < _LASTS:
            return
        fault = MeterFault.BELOW if meter.doubt.lasting else MeterFault.BEYOND
        issue_id = f"{_ISSUES[fault]}_{self._entry.entry_id}"
        if ir.async_get(self._hass).async_get_issue(DOMAIN, issue_id) is not None:
            return
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            data={"entry_id": self._entry.entry_id},
            is_fixable=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key=_ISSUES[fault],
            translation_placeholders={
                "entity": ", ".join(shown),
                "shown": ", ".join("-" if kw is None else f"{kw:.3g}" for kw in shown.values()),
                "drawn": f"{self._site.drawn_kw:.1f}",
                "limit": f"{self._site.limit_kw:.3g}",
            },
        )

    def _forget(self) -> None:
        for issue_id in meter_issue_ids(self._entry.entry_id):
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
