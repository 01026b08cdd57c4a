"""Holds home batteries back while they must not discharge, and lets them go again.

What a battery had before is kept on disk before anything is written, so that it is put back also
after a crash. Whether it is held is seen by what it gives.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..bindings.house.battery_device import HoldDevice, Setting
from ..bindings.house.home_battery import HomeBattery
from ..const import DOMAIN, LOGGER
from ..planning.plan import Plan
from ..settings.memory import BatteryMemory
from ..site.site import Site
from .battery_hold import FREE, Hold, decide_hold
from .battery_watch import BatterySigns, no_hold_issue_id

_OBEYS_WITHIN: Final = timedelta(minutes=3)
"""Inverters are read every half minute, and ramp."""
_GIVES_KW: Final = 0.3
"""What inverters need for themselves comes from the battery, too."""
_RETRY: Final = timedelta(minutes=1)
"""So long after a refusal it is tried again."""


class BatteryControl:
    """Looks after the home batteries of a site."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, site: Site) -> None:
        """Have decided nothing yet; nothing is written before the first look."""
        self.holds: dict[str, Hold] = dict.fromkeys(site.batteries, FREE)
        """What was last decided, by battery."""
        self._hass = hass
        self._entry = entry
        self._site = site
        self._left_failed = False
        self._signs = BatterySigns(hass, site)
        self._drivers = {
            battery_id: BatteryDriver(
                hass, site, battery, site.store.memory.batteries[battery_id], battery.hold_device
            )
            for battery_id, battery in site.batteries.items()
            if battery.hold_device is not None
        }

    @callback
    def look(self, plan: Plan | None, now: datetime) -> None:
        """Decide what each battery may do, by the plan and by what was last observed."""
        self._signs.look(now)
        for battery_id, battery in self._site.batteries.items():
            before = self.holds[battery_id]
            hold = self.holds[battery_id] = decide_hold(self._site, battery, plan, before, now)
            driver = None if self._site.observing else self._drivers.get(battery_id)
            if driver is not None and driver.is_due(hold, now):
                write = driver.async_drive(hold)
                self._entry.async_create_task(self._hass, write, f"{DOMAIN} hold a battery")
        if self._left_behind() and not self._left_failed:
            self._entry.async_create_task(
                self._hass, self._async_restore_left(), f"{DOMAIN} release a battery"
            )

    def _left_behind(self) -> list[str]:
        """Return the batteries that are held and that nobody holds any more."""
        memory = self._site.store.memory.batteries
        return [one for one, kept in memory.items() if kept.held and one not in self._drivers]

    async def _async_restore_left(self) -> None:
        """Let go of batteries that are held, and that nobody is to hold any more."""
        for battery_id in self._left_behind():
            kept = self._site.store.memory.batteries[battery_id]
            held, kept.held = kept.held, {}
            device = HoldDevice.of_settings(self._hass, held)
            if not await _async_set(device, [Setting(*one) for one in held.items()][::-1]):
                # What is not there now may be later; at the latest after the next start.
                self._left_failed = True
                kept.held = held
            await self._site.store.async_save()

    async def async_release(self) -> None:
        """Let all batteries go: nobody watches them any more."""
        await asyncio.gather(*(driver.async_release() for driver in self._drivers.values()))
        await self._async_restore_left()


class BatteryDriver:
    """Holds one battery, and lets it go."""

    def __init__(
        self,
        hass: HomeAssistant,
        site: Site,
        battery: HomeBattery,
        kept: BatteryMemory,
        device: HoldDevice,
    ) -> None:
        """Drive a battery by its device; ``kept`` is what it had before."""
        self._hass = hass
        self._site = site
        self._battery = battery
        self._kept = kept
        self._device = device
        self._settings: list[Setting] = []
        self._written_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._gives_since: datetime | None = None
        self._lock = asyncio.Lock()

    def is_due(self, hold: Hold, now: datetime) -> bool:
        """Return whether anything is to be written now."""
        self._watch(hold, now)
        if self._lock.locked():
            return False
        if self._failed_at is not None and now - self._failed_at < _RETRY:
            return False
        since = None if self._written_at is None else (now - self._written_at).total_seconds()
        if not hold.holds:
            return bool(self._kept.held) and (since is None or since >= self._device.pause_s)
        if self._kept.held and self._settings:
            lost = not all(map(self._device.shows, self._settings))
            after_s = self._device.repeat_s or (self._device.pause_s if lost else 0)
            return bool(after_s) and since is not None and since >= after_s
        return since is None or since >= self._device.pause_s

    async def async_drive(self, hold: Hold) -> None:
        """Hold the battery, or let it go."""
        async with self._lock:
            if hold.holds:
                await self._async_hold()
            else:
                await self._async_let_go()

    async def async_release(self) -> None:
        """Let the battery go, whatever was decided."""
        async with self._lock:
            if self._kept.held:
                await self._async_let_go()

    async def _async_hold(self) -> None:
        settings = self._settings or self._device.holding(self._battery.soc)
        if not settings:
            return
        for entity_id, _ in settings:
            self._kept.held.setdefault(entity_id, self._device.present(entity_id))
        # On disk before anything is written: a crash must not leave the battery held.
        await self._site.store.async_save()
        if await self._async_write(settings) and self._device.is_whole(settings):
            self._settings = settings

    async def _async_let_go(self) -> None:
        held = [Setting(*one) for one in self._kept.held.items()]
        if await self._async_write(held[::-1]):
            self._kept.held = {}
            self._settings = []
            await self._site.store.async_save()

    async def _async_write(self, settings: list[Setting]) -> bool:
        self._written_at = dt_util.utcnow()
        written = await _async_set(self._device, settings)
        self._failed_at = None if written else self._written_at
        return written

    def _watch(self, hold: Hold, now: datetime) -> None:
        """Have a person look at a battery that goes on giving while it is held."""
        gives = self._battery.power_kw < -_GIVES_KW
        if not (hold.holds and self._kept.held and gives):
            self._gives_since = None
            if hold.holds and self._kept.held and not self._battery.is_silent:
                ir.async_delete_issue(self._hass, DOMAIN, no_hold_issue_id(self._battery.id))
            return
        self._gives_since = self._gives_since or now
        if now - self._gives_since < _OBEYS_WITHIN:
            return
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            no_hold_issue_id(self._battery.id),
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="battery_does_not_hold",
            translation_placeholders={
                "battery": self._battery.name,
                "entity": ", ".join(self._device.entity_ids),
                "power": f"{-self._battery.power_kw:.1f}",
            },
        )


async def _async_set(device: HoldDevice, settings: list[Setting]) -> bool:
    """Set entities; return whether nobody refused."""
    try:
        await device.async_set(settings)
    except HomeAssistantError as error:
        LOGGER.warning("%s", error)
        return False
    return True
