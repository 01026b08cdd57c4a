"""Holds home batteries back while they must not discharge, charges them as planned, and lets go."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..bindings.house.battery_device import BatteryDevice, Setting
from ..const import DOMAIN
from ..planning.plan import Plan
from ..scheduler.guard import Cap
from ..site.site import Site
from .battery_charge import charge_kw
from .battery_driver import BatteryDriver, async_set
from .battery_hold import FREE, Hold, HoldCause, decide_hold
from .battery_watch import BatterySigns
from .state import ControlState


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
        self._signs = BatterySigns(hass, entry, site)
        self._drivers = {
            battery_id: BatteryDriver(
                hass, site, battery, site.store.memory.batteries[battery_id], battery.device
            )
            for battery_id, battery in site.batteries.items()
            if battery.device is not None
        }

    @callback
    def look(
        self,
        plan: Plan | None,
        states: Mapping[str, ControlState],
        caps: Sequence[Cap],
        now: datetime,
    ) -> None:
        """Decide what each battery may do, by the plan and by what was last observed.

        Args:
            plan: The plan to follow.
            states: What was decided for the chargers, by id.
            caps: What keeps them below what the wires carry.
            now: The present.
        """
        self._signs.look(now)
        for battery_id, battery in self._site.batteries.items():
            before = self.holds[battery_id]
            hold = decide_hold(self._site, battery, plan, before, now)
            driver = None if self._site.observing else self._drivers.get(battery_id)
            if driver is not None:
                kw = 0.0
                if plan is not None and driver.can_charge and hold.cause is HoldCause.PLAN:
                    kw = charge_kw(self._site, battery, plan, states, caps=caps, now=now)
                hold = driver.charged(hold, kw)
            self.holds[battery_id] = hold
            if driver is not None and driver.is_due(hold, now):
                write = driver.async_drive(hold)
                self._entry.async_create_task(self._hass, write, f"{DOMAIN} hold a battery")
        if self._left_behind() and not self._left_failed:
            self._entry.async_create_task(
                self._hass, self._async_restore_left(), f"{DOMAIN} release a battery"
            )

    def try_again(self, battery_id: str) -> None:
        """Set a battery again at the next look, whatever came of that before."""
        if (driver := self._drivers.get(battery_id)) is not None:
            driver.try_again()

    def _left_behind(self) -> list[str]:
        """Return the batteries that are held and that nobody holds any more."""
        memory = self._site.store.memory.batteries
        return [one for one, kept in memory.items() if kept.held and one not in self._drivers]

    async def _async_restore_left(self) -> None:
        """Let go of batteries that are held, and that nobody is to hold any more."""
        for battery_id in self._left_behind():
            kept = self._site.store.memory.batteries[battery_id]
            held, kept.held = kept.held, {}
            device = BatteryDevice(self._hass, next(iter(held)), {})
            if not await async_set(device, [Setting(*one) for one in held.items()][::-1]):
                # What is not there now may be later; at the latest after the next start.
                self._left_failed = True
                kept.held = held
            await self._site.store.async_save()

    async def async_release(self) -> None:
        """Let all batteries go: nobody watches them any more."""
        await asyncio.gather(*(driver.async_release() for driver in self._drivers.values()))
        await self._async_restore_left()
