"""What a car's own entities say: its state of charge, and where it is."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util
import pytest

from custom_components.optivgi.bindings.presence import presence_of, read_presence
from custom_components.optivgi.bindings.soc import is_fraction, read_soc, soc_of
from custom_components.optivgi.cars.presence import Presence
from custom_components.optivgi.cars.soc import ReportedSoc

PERCENT = {"unit_of_measurement": "%"}


@pytest.mark.parametrize(
    ("state", "attributes", "soc"),
    [
        ("62", PERCENT, 62),
        ("62.5", {}, 62.5),
        ("62 %", {}, 62),
        ("62%", {}, 62),
        ("0.62", PERCENT, 0.62),
        ("0.62 %", {}, 0.62),
        ("0.62", {}, None),
        ("0", {}, 0),
        ("1", {}, 1),
        ("102.3", PERCENT, None),
        ("-1", PERCENT, None),
        ("inf", PERCENT, None),
        ("full", {}, None),
        ("%", {}, None),
    ],
)
def test_state_of_charge(state: str, attributes: dict[str, Any], soc: float | None) -> None:
    assert soc_of(State("sensor.soc", state, attributes), 50) == soc


def test_part_of_one_is_told_from_percent() -> None:
    assert is_fraction(State("sensor.soc", "0.62"))
    assert not is_fraction(State("sensor.soc", "0.62", PERCENT))
    assert not is_fraction(State("sensor.soc", "62"))


async def test_age_is_that_of_the_last_report(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    first = dt_util.utcnow()
    hass.states.async_set("sensor.soc", "62")
    assert read_soc(hass, "sensor.soc", None, 50) == ReportedSoc(soc=62, at=first, is_news=False)
    freezer.tick(timedelta(hours=1))
    hass.states.async_set("sensor.soc", "62")
    freezer.tick(timedelta(hours=1))
    assert read_soc(hass, "sensor.soc", None, 50) == ReportedSoc(
        soc=62, at=first + timedelta(hours=1)
    )
    hass.states.async_set("sensor.soc", "unavailable")
    assert read_soc(hass, "sensor.soc", None, 50) is None


async def test_age_is_what_the_car_says_where_it_does(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    now = dt_util.utcnow()
    hass.states.async_set("sensor.soc", "62")
    for told, at in (
        ((now - timedelta(hours=3)).isoformat(), now - timedelta(hours=3)),
        # Clocks are not always right.
        ((now + timedelta(hours=3)).isoformat(), now),
    ):
        hass.states.async_set("sensor.heard", told)
        assert read_soc(hass, "sensor.soc", "sensor.heard", 50) == ReportedSoc(soc=62, at=at)
    for told in ("unknown", "soon"):
        hass.states.async_set("sensor.heard", told)
        assert read_soc(hass, "sensor.soc", "sensor.heard", 50) == ReportedSoc(
            soc=62, at=now, is_news=False
        )


CHARGES = {"device_class": "battery_charging"}


@pytest.mark.parametrize(
    ("entity_id", "state", "attributes", "presence"),
    [
        ("binary_sensor.plug", "on", {"device_class": "plug"}, Presence.PLUGGED),
        ("binary_sensor.plug", "off", {"device_class": "plug"}, Presence.UNPLUGGED),
        ("binary_sensor.charges", "on", CHARGES, Presence.PLUGGED),
        # Not to charge is not to be unplugged.
        ("binary_sensor.charges", "off", CHARGES, Presence.UNKNOWN),
        ("device_tracker.car", "home", {}, Presence.HOME),
        ("device_tracker.car", "not_home", {}, Presence.AWAY),
        ("device_tracker.car", "Work", {}, Presence.AWAY),
        ("person.anna", "home", {}, Presence.HOME),
        ("input_boolean.plugged", "on", {}, Presence.PLUGGED),
        ("sensor.charging", "charging", {}, Presence.PLUGGED),
        ("sensor.charging", "Connected", {}, Presence.PLUGGED),
        ("sensor.charging", "complete", {}, Presence.PLUGGED),
        ("sensor.charging", "disconnected", {}, Presence.UNPLUGGED),
        ("sensor.charging", "not_in_charge", {}, Presence.UNKNOWN),
        ("sensor.charging", "Not charging", {}, Presence.UNKNOWN),
        ("sensor.charging", "error", {}, Presence.UNKNOWN),
        ("sensor.charging", "blue", {}, None),
        ("sensor.charging", "17", {}, None),
    ],
)
def test_presence(
    entity_id: str, state: str, attributes: dict[str, Any], presence: Presence | None
) -> None:
    assert presence_of(State(entity_id, state, attributes)) is presence


@pytest.mark.parametrize("state", ["unknown", "unavailable", "blue", None])
async def test_car_that_says_nothing_of_it_is_not_seen(
    hass: HomeAssistant, state: str | None
) -> None:
    if state is not None:
        hass.states.async_set("sensor.charging", state)
    assert read_presence(hass, "sensor.charging") is None
    assert read_presence(hass, None) is None
