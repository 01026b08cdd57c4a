"""Has a person look at a home battery that does not obey, or whose power has the wrong sign."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.sun import is_up

from ..bindings.house.battery_device import BatteryDevice
from ..bindings.house.home_battery import HomeBattery, power_kw
from ..const import DOMAIN, FixedBy
from ..site.site import Site
from ..truth.battery_sign import BatterySign
from .battery_hold import Hold
from .part_issues import part_data

# By whether it is charged, or held
_ISSUES: Final[Mapping[bool, str]] = {
    False: "battery_does_not_hold",
    True: "battery_does_not_charge",
}
_OBEYS_WITHIN: Final = timedelta(minutes=3)
"""Inverters are read every half minute, and ramp."""
_GIVES_KW: Final = 0.3
"""What inverters need for themselves comes from the battery, too."""
_TAKES_PART: Final = 0.3
"""Some inverters charge from the grid with half of what they are commanded."""


def sign_issue_id(battery_id: str) -> str:
    """Return the id of the issue of a battery whose power has the wrong sign."""
    return f"battery_sign_wrong_{battery_id}"


class BatteryObedience:
    """Has a person look at a battery that does not do what it was commanded."""

    def __init__(self, hass: HomeAssistant, battery: HomeBattery, device: BatteryDevice) -> None:
        """Have seen nothing of a battery yet."""
        self._hass = hass
        self._battery = battery
        self._device = device
        self._since: dict[bool, datetime] = {}

    def begin(self) -> None:
        """Have seen nothing yet: it is commanded again."""
        self._since.clear()

    @callback
    def look(self, hold: Hold, now: datetime, *, written: bool) -> None:
        """Compare what was commanded with the power of the battery.

        Args:
            hold: What was decided.
            now: The present.
            written: Whether it was commanded.
        """
        kw, charge_kw = self._battery.power_kw, hold.charge_kw
        is_held = hold.holds and not charge_kw
        gives = written and kw < -_GIVES_KW
        self._judge(gives and is_held, now, charging=False, commanded=is_held, power=-kw)
        takes_nothing = written and kw < _TAKES_PART * charge_kw
        commanded = bool(charge_kw)
        self._judge(takes_nothing, now, charging=True, commanded=commanded, power=charge_kw)

    def _judge(
        self, disobeys: bool, now: datetime, *, charging: bool, commanded: bool, power: float
    ) -> None:
        issue_id = f"{_ISSUES[charging]}_{self._battery.id}"
        if not disobeys:
            self._since.pop(charging, None)
            if commanded and not self._battery.is_silent:
                ir.async_delete_issue(self._hass, DOMAIN, issue_id)
            return
        if now - self._since.setdefault(charging, now) < _OBEYS_WITHIN:
            return
        by = self._device.charges_by if charging else self._device.holds_by
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            data=part_data(self._battery.id),
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=_ISSUES[charging],
            translation_placeholders={
                "battery": self._battery.name,
                "entity": ", ".join(by),
                "power": f"{power:.1f}",
            },
        )


class BatterySigns:
    """Compares the batteries of a site with its meter."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, site: Site) -> None:
        """Believe all signs."""
        self._hass = hass
        self._entry = entry
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
                data=part_data(battery_id, FixedBy.BATTERY_SIGN),
                is_fixable=True,
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
