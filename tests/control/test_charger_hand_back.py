"""What a charger is left with when it is removed, and which changes are worth a command."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from tests.house import GARAGE_DATA, GRID, VEHICLES, House, subentry

MINUTE = timedelta(minutes=1)


def garage(**data: Any) -> Any:
    """Return the charger in the garage, configured further."""
    return subentry("garage", "charger", "Garage", {**GARAGE_DATA, **data})


@pytest.mark.parametrize(
    ("wish", "amperes", "switch"), [("least", 16, "off"), ("most", 16, "on"), ("keep", 16, "off")]
)
async def test_a_car_that_waits_is_left_as_wished(
    hass: HomeAssistant, house: House, wish: str, amperes: float, switch: str
) -> None:
    house.set_hourly_prices([0.3] * 26 + [0.1] * 22)
    entry = await house.async_set_up_site(garage(hand_back=wish), *VEHICLES)
    await house.async_plug_in("garage")
    assert house.garage_kw == 0
    hass.config_entries.async_remove_subentry(entry, "garage")
    await house.async_settle()
    assert house.value("input_number.garage_limit") == amperes
    assert house.state("input_boolean.garage_charging").state == switch


@pytest.mark.parametrize(("wish", "amperes"), [("least", 6), ("most", 16), ("keep", 10)])
async def test_a_car_that_charges_is_left_as_wished(
    hass: HomeAssistant, house: House, wish: str, amperes: float
) -> None:
    entry = await house.async_set_up_site(garage(hand_back=wish), *VEHICLES)
    house.set_power(GRID, 10_300)
    await house.async_settle()
    await house.async_plug_in("garage")
    assert house.value("input_number.garage_limit") == 10
    hass.config_entries.async_remove_subentry(entry, "garage")
    await house.async_settle()
    assert house.value("input_number.garage_limit") == amperes
    assert house.state("input_boolean.garage_charging").state == "on"


async def test_home_assistant_that_stops_raises_nothing(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site(garage(hand_back="most"), *VEHICLES)
    await house.async_plug_in("garage")
    await hass.async_stop(force=True)
    assert house.value("input_number.garage_limit") == 6


@pytest.mark.parametrize("min_a", [0, 3])
async def test_small_increases_may_not_be_worth_a_command(house: House, min_a: float) -> None:
    await house.async_set_up_site(garage(least_increase=min_a), *VEHICLES)

    async def pass_with(load_w: float) -> float:
        for _ in range(20):
            house.set_power("sensor.garage_power", house.garage_kw * 1000)
            house.set_power(GRID, load_w + house.garage_kw * 1000)
            await house.async_advance(MINUTE / 2)
        return house.value("input_number.garage_limit")

    house.set_power(GRID, 11_000)
    await house.async_settle()
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    assert house.value("input_number.garage_limit") == 9
    # There is room for one or two more, then for five.
    assert (await pass_with(9_600) == 9) is (min_a == 3)
    assert await pass_with(2_000) >= 14
