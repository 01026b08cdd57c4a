"""A car whose battery fills by what it takes of its charger's limit, at the house's garage."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from homeassistant.util import dt as dt_util

from tests.house import CHARGERS, GRID, VEHICLES, ZOE_DATA, House, subentry

BATTERY_KWH = 64.0


def one_phase(limit_kw: float, soc: float) -> float:
    """The car draws 16 A from one of three phases."""
    return min(limit_kw / 3, 3.68)


def two_phases(limit_kw: float, soc: float) -> float:
    return limit_kw * 2 / 3


def eleven_amperes(limit_kw: float, soc: float) -> float:
    """Its own converter takes no more, from three phases."""
    return min(limit_kw, 7.6)


class Driven:
    """A car at the garage with a battery that fills by what it draws."""

    def __init__(self, house: House, takes: Callable[[float, float], float], soc: float) -> None:
        """Let it come."""
        self.house, self.takes, self.soc = house, takes, soc
        self.drawn_kw = 0.0
        self.is_here = False
        self.commands: list[datetime] = []
        house.hass.bus.async_listen("call_service", self._note)

    def _note(self, event: Any) -> None:
        if event.data["domain"] in {"input_number", "input_boolean"}:
            self.commands.append(dt_util.utcnow())

    async def async_plug_in(self) -> None:
        """Let it come."""
        self.is_here = True
        await self.house.async_plug_in("garage")

    async def async_leave(self, soc: float) -> None:
        """Unplug, drive, come back with less."""
        self.is_here, self.drawn_kw = False, 0.0
        self.house.set_power("sensor.garage_power", 0)
        await self.house.async_unplug("garage")
        self.soc = soc
        self.house.set_soc("zoe", soc)

    async def async_for(self, *, minutes: float, beside_kw: float = 0.0, step: float = 0.5) -> None:
        """Look every half minute."""
        await self.async_until(dt_util.utcnow() + timedelta(minutes=minutes), step, beside_kw)

    async def async_until(
        self, end: datetime, minutes: float = 1.0, beside_kw: float = 0.0
    ) -> None:
        """Let the car charge by what its charger allows it."""
        house = self.house
        while dt_util.utcnow() < end:
            limit_kw = house.garage_kw if self.is_here else 0.0
            self.drawn_kw = self.takes(limit_kw, self.soc) if limit_kw and self.soc < 100 else 0.0
            self.soc += self.drawn_kw * 0.9 * minutes / 60 / BATTERY_KWH * 100
            status = "disconnected"
            if self.is_here:
                status = "charging" if self.drawn_kw else "awaiting_start"
            house.hass.states.async_set("input_select.garage_status", status)
            house.set_power("sensor.garage_power", 1000 * self.drawn_kw + self.soc % 1)
            house.set_power(GRID, 500 + 1000 * (self.drawn_kw + beside_kw) + self.soc % 1)
            house.set_soc("zoe", int(self.soc))
            await house.async_advance(timedelta(minutes=minutes))


def at(local: str) -> datetime:
    """Return a moment by the clock on the wall."""
    return datetime.fromisoformat(local).replace(tzinfo=dt_util.get_default_time_zone())


async def drive(
    house: House, takes: Callable[[float, float], float], soc: float, **site: Any
) -> Driven:
    """Set the site up in the evening; the car has just come. It is cheap from midnight to six."""
    house.set_soc("zoe", soc)
    house.set_hourly_prices(([0.1] * 6 + [0.5] * 18) * 2)
    vehicle = subentry("zoe", "vehicle", "Zoe", {**ZOE_DATA, "battery_kwh": BATTERY_KWH})
    await house.async_set_up_site(*CHARGERS, vehicle, VEHICLES[1], data=site)
    driven = Driven(house, takes, soc)
    await driven.async_plug_in()
    return driven
