"""A simulated house, so that a real Home Assistant has something to plan. For the demo only."""

from dataclasses import dataclass
from datetime import datetime
import os

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from .const import DOMAIN, ENV_SPEED, TICK
from .house import House

PLATFORMS = (
    Platform.BINARY_SENSOR,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
)
SIGNAL_TICK: SignalType[()] = SignalType(f"{DOMAIN}_tick")


@dataclass(slots=True)
class DemoHouseData:
    """What the platforms work on."""

    house: House
    speed: float

    def refresh(self, hass: HomeAssistant) -> None:
        """Bring the house up to now and show it."""
        self.house.advance(dt_util.now(), self.speed)
        async_dispatcher_send(hass, SIGNAL_TICK)


type DemoHouseConfigEntry = ConfigEntry[DemoHouseData]


async def async_setup_entry(hass: HomeAssistant, entry: DemoHouseConfigEntry) -> bool:
    """Build the house and let time pass in it."""
    data = DemoHouseData(House(dt_util.now()), float(os.environ.get(ENV_SPEED, "1")))
    entry.runtime_data = data
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)

    async def _tick(_now: datetime) -> None:
        data.refresh(hass)

    entry.async_on_unload(async_track_time_interval(hass, _tick, TICK, name="Demo house"))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: DemoHouseConfigEntry) -> bool:
    """Let time stand still."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
