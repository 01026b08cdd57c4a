"""Faults of a car, of the prices and of Home Assistant itself."""

from datetime import timedelta
from typing import Any, Final

from homeassistant.util import dt as dt_util

from tests.house import PRICE

from .fault import AILING, Broken, Event, Fault, Repeated
from .stand import Stand
from .world import Car


def _car(stand: Stand) -> Car:
    return stand.world[AILING].car


def _broken(name: str, becomes: dict[str, Any], **kwargs: Any) -> Broken:
    return Broken(name=f"car {name}", what=_car, becomes=becomes, **kwargs)


def _reports(name: str, says: object, **kwargs: Any) -> Event:
    """Return a car that reports the same level whatever it has."""

    def begin(stand: Stand) -> None:
        stand.soc_says[AILING] = lambda soc: says

    def end(stand: Stand) -> None:
        stand.soc_says.pop(AILING, None)

    return Event(name=f"car {name}", happens=begin, undoes=end, **kwargs)


def _takes_less(stand: Stand) -> None:
    car = stand.world[AILING].car
    car.max_a = max(1.0, car.max_a - 1)


def _plug_says(stand: Stand, state: str) -> None:
    stand.hass.states.async_set("binary_sensor.alpha_plug", state, {"device_class": "plug"})


CAR: Final[tuple[Fault, ...]] = (
    _broken("takes nothing", {"wants": False}),
    _broken("takes 8 A", {"max_a": 8.0}, recovers=False),
    # What it was measured to take is not expected to become more in the same night.
    _broken("uses one phase", {"phases": 1}, recovers=False),
    _broken("uses two phases", {"phases": 2}, recovers=False),
    _broken("sleeps once stopped", {"sleeps_at_zero": True}),
    _broken("is nearly full", {"tapers_from": 20.0}, recovers=False),
    Repeated(name="car takes less and less", does=_takes_less, every_s=30, recovers=False),
    _reports("reports the same level", 30),
    _reports("reports no number", "nan"),
    _reports("reports 0 %", 0),
    _reports("reports 255 %", 255),
    _reports("is out of reach", "unavailable"),
    Event(
        name="car says it is unplugged",
        happens=lambda stand: _plug_says(stand, "off"),
        undoes=lambda stand: _plug_says(stand, "on"),
    ),
)


async def _reload(stand: Stand) -> None:
    assert await stand.hass.config_entries.async_reload("site")
    await stand.async_come_to_rest()


def _price(stand: Stand, state: str, value: float | str | None) -> None:
    """Let the price sensor show something for every hour."""
    midnight = dt_util.start_of_local_day()
    hour = timedelta(hours=1)
    rows = [
        {"start": midnight + index * hour, "end": midnight + (index + 1) * hour, "value": value}
        for index in range(48)
    ]
    attributes: dict[str, Any] = {"unit_of_measurement": "EUR/kWh"}
    if value is not None:
        attributes |= {"raw_today": rows[:24], "raw_tomorrow": rows[24:]}
    stand.hass.states.async_set(PRICE, state, attributes)


def _prices(name: str, state: str, value: float | str | None) -> Event:
    return Event(
        name=f"prices {name}",
        happens=lambda stand: _price(stand, state, value),
        undoes=lambda stand: _price(stand, "0.3", 0.3),
    )


def _jump(stand: Stand) -> None:
    stand.house.freezer.tick(timedelta(minutes=20))


SITE: Final[tuple[Fault, ...]] = (
    Event(name="restart", happens=_reload),
    Repeated(
        name="restart every two minutes",
        does=lambda stand: stand.soon(_reload(stand)),
        every_s=120,
    ),
    Event(name="clock jumps by 20 minutes", happens=_jump),
    _prices("unavailable", "unavailable", None),
    _prices("not a number", "nan", "nan"),
    _prices("absurd", "1e12", 1e12),
    _prices("negative", "-5", -5.0),
)
