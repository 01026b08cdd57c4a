"""Sets what holds one home battery or charges it, and puts back what was there before.

What a battery had before is kept on disk before anything is written, so that it is put back also
after a crash. Whether it is held or charged is seen by its power.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..bindings.house.battery_device import BatteryDevice, Setting
from ..bindings.house.home_battery import HomeBattery
from ..const import LOGGER
from ..settings.memory import BatteryMemory
from ..site.site import Site
from .battery_hold import Hold, HoldCause
from .battery_watch import BatteryObedience

_RETRY: Final = timedelta(minutes=1)
"""So long after a refusal it is tried again."""


class BatteryDriver:
    """Holds or charges one battery, and lets it go."""

    def __init__(
        self,
        hass: HomeAssistant,
        site: Site,
        battery: HomeBattery,
        kept: BatteryMemory,
        device: BatteryDevice,
    ) -> None:
        """Drive a battery by its device; ``kept`` is what it had before."""
        self._site = site
        self._battery = battery
        self._kept = kept
        self._device = device
        self._obedience = BatteryObedience(hass, battery, device)
        self._settings: list[Setting] = []
        self._charges_kw = 0.0
        self._written_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._lock = asyncio.Lock()

    @property
    def can_charge(self) -> bool:
        """Whether it can charge the battery from the grid."""
        return self._device.can_charge

    def charged(self, hold: Hold, kw: float) -> Hold:
        """Return what is done to a battery that is to charge from the grid with so much.

        From now on that power is no room for others; it is once less was written.
        """
        self._battery.commanded_kw = max(kw, self._charges_kw)
        return replace(hold, cause=HoldCause.CHARGED, charge_kw=kw) if kw else hold

    def try_again(self) -> None:
        """Forget what was set in vain, and what came of it."""
        self._settings, self._failed_at, self._written_at = [], None, None
        self._obedience.begin()

    def is_due(self, hold: Hold, now: datetime) -> bool:
        """Return whether anything is to be written now; less than it is charged with is at once."""
        self._obedience.look(hold, now, written=bool(self._kept.held))
        if self._lock.locked():
            return False
        if self._failed_at is not None and now - self._failed_at < _RETRY:
            return False
        since = None if self._written_at is None else (now - self._written_at).total_seconds()
        rested = since is None or since >= self._device.pause_s
        if hold.charge_kw < self._charges_kw:
            return True
        if not self._is_driven(hold):
            return bool(self._kept.held) and rested
        if self._kept.held and self._settings and hold.charge_kw == self._charges_kw:
            lost = not all(map(self._device.shows, self._settings))
            after_s = self._device.repeat_s or (self._device.pause_s if lost else 0)
            return bool(after_s) and since is not None and since >= after_s
        return rested

    def _is_driven(self, hold: Hold) -> bool:
        return bool(hold.charge_kw) or (hold.holds and self._device.can_hold)

    async def async_drive(self, hold: Hold) -> None:
        """Hold the battery, charge it, or let it go."""
        async with self._lock:
            if not self._is_driven(hold):
                await self._async_set([], 0.0)
            elif self._settings and hold.charge_kw == self._charges_kw:
                await self._async_set(self._settings, hold.charge_kw)
            elif hold.charge_kw:
                await self._async_set(self._device.charging(hold.charge_kw), hold.charge_kw)
            else:
                await self._async_set(self._device.holding(self._battery.soc), 0.0)

    async def async_release(self) -> None:
        """Let the battery go, whatever was decided."""
        async with self._lock:
            if self._kept.held:
                await self._async_set([], 0.0)

    async def _async_set(self, settings: list[Setting], kw: float) -> None:
        """Set entities, and put back all others that were set before."""
        held = self._kept.held
        wanted = {entity_id for entity_id, _ in settings}
        left = [Setting(*one) for one in held.items() if one[0] not in wanted][::-1]
        if not settings and not left:
            return
        for entity_id, _ in settings:
            held.setdefault(entity_id, self._device.present(entity_id))
        if settings:
            # On disk before anything is written: a crash must not leave the battery held.
            await self._site.store.async_save()
        self._written_at = dt_util.utcnow()
        # Who refuses may have taken some of it.
        self._settings, self._charges_kw = [], max(kw, self._charges_kw)
        if not await async_set(self._device, [*left, *settings]):
            self._failed_at = self._written_at
            return
        self._failed_at = None
        by = self._device.charges_by if kw else self._device.holds_by
        self._settings = settings if len(settings) == len(by) else []
        self._charges_kw = self._battery.commanded_kw = kw
        if left:
            for entity_id, _ in left:
                del held[entity_id]
            await self._site.store.async_save()


async def async_set(device: BatteryDevice, settings: list[Setting]) -> bool:
    """Set entities; return whether nobody refused."""
    try:
        await device.async_set(settings)
    except HomeAssistantError as error:
        LOGGER.warning("%s", error)
        return False
    return True
