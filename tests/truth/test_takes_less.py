"""A car that takes less than its charger allows is measured, planned so, and known next time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from homeassistant.util import dt as dt_util
import pytest
from tests.house import CHARGERS, GRID, VEHICLES, ZOE_DATA, House, charger_of, subentry

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

    async def async_for(self, *, minutes: float, beside_kw: float = 0.0) -> None:
        """Look every half minute."""
        await self.async_until(dt_util.utcnow() + timedelta(minutes=minutes), 0.5, beside_kw)

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


async def drive(house: House, takes: Callable[[float, float], float], soc: float) -> Driven:
    """Set the site up in the evening; the car has just come. It is cheap from midnight to six."""
    house.set_soc("zoe", soc)
    house.set_hourly_prices(([0.1] * 6 + [0.5] * 18) * 2)
    vehicle = subentry("zoe", "vehicle", "Zoe", {**ZOE_DATA, "battery_kwh": BATTERY_KWH})
    await house.async_set_up_site(*CHARGERS, vehicle, VEHICLES[1])
    driven = Driven(house, takes, soc)
    await driven.async_plug_in()
    return driven


async def most_planned_kw(house: House) -> float:
    plan = charger_of(await house.async_schedule(), "Garage")["plan"]
    return max((step["limit_kw"] for step in plan), default=0.0)


@pytest.mark.parametrize(
    ("takes", "most_kw"), [(one_phase, 3.68), (eleven_amperes, 7.6), (two_phases, 7.6)]
)
async def test_what_is_measured_bounds_the_plan_within_three_minutes(
    house: House, takes: Any, most_kw: float
) -> None:
    driven = await drive(house, takes, 40)
    await house.async_select("select.garage_mode", "now")
    assert await most_planned_kw(house) > 11
    await driven.async_for(minutes=3)
    assert 0.85 * most_kw <= await most_planned_kw(house) <= most_kw
    drawn_kw = driven.drawn_kw
    await driven.async_for(minutes=15)
    assert driven.drawn_kw >= drawn_kw * 0.99
    assert len(driven.commands) <= 6


async def test_a_car_that_takes_more_again_is_planned_so(house: House) -> None:
    """Its battery was cold for half an hour."""
    warm_at = dt_util.utcnow() + timedelta(minutes=30)
    driven = await drive(
        house, lambda kw, _: min(kw, 11.04 if dt_util.utcnow() > warm_at else 6.0), 40
    )
    await house.async_select("select.garage_mode", "now")
    await driven.async_for(minutes=25)
    assert await most_planned_kw(house) <= 6.0
    await driven.async_for(minutes=15)
    assert driven.drawn_kw == pytest.approx(11.04)
    assert await most_planned_kw(house) == pytest.approx(11.04)


async def test_the_second_night_begins_in_time(house: House) -> None:
    """Nobody entered that the car charges from one phase; there is too little time for 80 %."""
    driven = await drive(house, one_phase, 40)
    await driven.async_until(at("2026-11-21 07:00"), minutes=2)
    assert 74 < driven.soc < 77
    await driven.async_leave(40)
    await driven.async_until(at("2026-11-21 18:00"), minutes=5)
    house.set_hourly_prices(([0.1] * 6 + [0.5] * 18) * 2)
    await driven.async_plug_in()
    driven.commands.clear()
    await driven.async_until(at("2026-11-22 07:00"), minutes=2)
    assert driven.soc >= 79.5
    assert len(driven.commands) <= 10


async def test_a_battery_that_is_nearly_full_says_nothing_of_the_next_night(house: House) -> None:
    driven = await drive(house, lambda kw, soc: min(kw, 11.04 if soc < 85 else 1.8), 84)
    await house.async_select("select.garage_mode", "now")
    await driven.async_for(minutes=30)
    assert await most_planned_kw(house) < 4.2
    await driven.async_leave(40)
    await driven.async_plug_in()
    assert await most_planned_kw(house) > 11


async def test_several_cars_on_one_unknown_phase_never_overload_it(house: House) -> None:
    """Both draw 16 A from the same phase; the fuse is 25 A."""
    driven = await drive(house, one_phase, 40)
    await house.async_plug_in("carport")
    for charger in ("garage", "carport"):
        await house.async_select(f"select.{charger}_mode", "now")
    over = 0
    for minute in range(40):
        carport_kw = one_phase(house.carport_kw, 0)
        house.set_power("sensor.carport_power", 1000 * carport_kw + minute % 2)
        await house.async_select(
            "input_select.carport_status", "Charging" if carport_kw else "Preparing"
        )
        await driven.async_for(minutes=0.5, beside_kw=carport_kw)
        over += one_phase(house.garage_kw, 0) + one_phase(house.carport_kw, 0) > 25 * 0.23 + 0.01
    assert not over
    assert driven.drawn_kw + one_phase(house.carport_kw, 0) > 4.5
