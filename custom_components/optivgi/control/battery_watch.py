"""Has a person look at a home battery whose power has the wrong sign."""

from datetime import datetime

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.sun import is_up

from ..bindings.house.home_battery import power_kw
from ..const import DOMAIN
from ..site.site import Site
from ..truth.battery_sign import BatterySign


def no_hold_issue_id(battery_id: str) -> str:
    """Return the id of the issue of a battery that gives while it is held."""
    return f"battery_does_not_hold_{battery_id}"


def sign_issue_id(battery_id: str) -> str:
    """Return the id of the issue of a battery whose power has the wrong sign."""
    return f"battery_sign_wrong_{battery_id}"


class BatterySigns:
    """Compares the batteries of a site with its meter."""

    def __init__(self, hass: HomeAssistant, site: Site) -> None:
        """Believe all signs."""
        self._hass = hass
        self._site = site
        self._signs = {battery_id: BatterySign() for battery_id in site.batteries}

    @callback
    def look(self, now: datetime) -> None:
        """Look at what was last observed; several batteries contradict nobody alone."""
        house_kw = self._house_kw(now)
        if house_kw is None or len(self._signs) != 1:
            return
        for battery_id, sign in self._signs.items():
            battery = self._site.batteries[battery_id]
            if battery.is_silent:
                continue
            sign.note(house_kw, battery.power_kw, now)
            if not sign.is_wrong:
                ir.async_delete_issue(self._hass, DOMAIN, sign_issue_id(battery_id))
                continue
            ir.async_create_issue(
                self._hass,
                DOMAIN,
                sign_issue_id(battery_id),
                is_fixable=False,
                severity=ir.IssueSeverity.WARNING,
                translation_key="battery_sign_wrong",
                translation_placeholders={
                    "battery": battery.name,
                    "entity": battery.sensor.entity_id,
                    "power": f"{battery.power_kw:.1f}",
                    "house": f"{house_kw:.1f}",
                },
            )

    def _house_kw(self, now: datetime) -> float | None:
        """Return what the house would take by what is measured; None where that says nothing."""
        meter, pv = self._site.meter, self._site.house.pv
        reading = meter.reading
        if reading is None or meter.is_stale or not meter.counts_chargers:
            return None
        sun_kw = None if pv is None else pv.kw
        if sun_kw is None and is_up(self._hass, now):
            return None
        beside_kw = self._site.drawn_kw + power_kw(self._site.batteries.values())
        return reading[0] + abs(sun_kw or 0.0) - beside_kw
