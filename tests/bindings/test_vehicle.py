"""A vehicle: what its configuration leaves out, and what its sensor may say."""

from datetime import time

from homeassistant.core import HomeAssistant
import pytest

from custom_components.optivgi.bindings.vehicle import Vehicle, time_of_day


async def test_all_but_the_battery_has_a_default(hass: HomeAssistant) -> None:
    vehicle = Vehicle(hass, "id", "Mini", {"battery_kwh": 30})
    assert (vehicle.id, vehicle.name, vehicle.battery_kwh) == ("id", "Mini", 30)
    assert (vehicle.target_soc, vehicle.departure, vehicle.efficiency) == (80, time(7), 0.9)
    assert (vehicle.phases, vehicle.max_a, vehicle.usual_charger) == (None, None, None)
    assert vehicle.soc_entity is None
    assert vehicle.read_soc() is None


async def test_configuration_is_taken_up(hass: HomeAssistant) -> None:
    vehicle = Vehicle(
        hass,
        "id",
        "Mini",
        {
            "battery_kwh": 30,
            "target_soc": 65,
            "departure": "05:45:00",
            "efficiency": 0.85,
            "phases": "1",
            "max_a": 20,
            "charger": "garage",
        },
    )
    assert (vehicle.target_soc, vehicle.departure, vehicle.efficiency) == (65, time(5, 45), 0.85)
    assert (vehicle.phases, vehicle.max_a, vehicle.usual_charger) == (1, 20, "garage")


@pytest.mark.parametrize(
    ("state", "soc"),
    [
        ("0", 0),
        ("55.5", 55.5),
        ("100", 100),
        ("100.1", None),
        ("-1", None),
        ("unknown", None),
        ("unavailable", None),
        ("nan", None),
        ("full", None),
        (None, None),
    ],
)
async def test_only_percentages_are_states_of_charge(
    hass: HomeAssistant, state: str | None, soc: float | None
) -> None:
    if state is not None:
        hass.states.async_set("sensor.soc", state)
    vehicle = Vehicle(hass, "id", "Mini", {"battery_kwh": 30, "soc_entity": "sensor.soc"})
    assert vehicle.read_soc() == soc


def test_time_of_day_that_cannot_be_read_is_the_default() -> None:
    assert time_of_day("06:30:00") == time(6, 30)
    assert time_of_day("soon") == time(7)
