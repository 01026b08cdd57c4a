"""A vehicle is a device of its own, and shows the same as the charger where it is."""

from datetime import timedelta
from typing import Any

from homeassistant.exceptions import ServiceValidationError
import pytest

from tests.house import CHARGERS, ZOE_DATA, House, subentry


async def set_value(house: House, entity_id: str, **value: Any) -> None:
    """Set a number, a time or a date."""
    await house.hass.services.async_call(
        entity_id.partition(".")[0], "set_value", {"entity_id": entity_id, **value}, blocking=True
    )
    await house.async_settle()


async def test_vehicle_and_its_charger_set_the_same(house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    for own, there in (
        ("number.zoe_target", "number.garage_target"),
        ("number.zoe_charge_at_once_up_to", "number.garage_charge_at_once_up_to"),
    ):
        await set_value(house, own, value=55)
        assert house.value(there) == 55
        await set_value(house, there, value=65)
        assert house.value(own) == 65
    await set_value(house, "time.zoe_departure", time="05:30:00")
    assert house.state("time.garage_departure").state == "05:30:00"
    first = "2026-11-21T04:30:00+00:00"
    assert house.state("datetime.garage_next_departure").state == first
    assert house.state("datetime.zoe_next_departure").state == first
    await set_value(house, "datetime.zoe_next_departure", datetime="2026-11-21T09:00:00+01:00")
    status = house.state("sensor.garage_status").attributes
    assert status["departure_source"] == "once"
    assert house.state("datetime.zoe_next_departure").state == "2026-11-21T08:00:00+00:00"


async def test_what_is_set_for_a_car_that_is_nowhere_counts_when_it_comes(house: House) -> None:
    data = {key: value for key, value in ZOE_DATA.items() if key != "charger"}
    await house.async_set_up_site(*CHARGERS, subentry("zoe", "vehicle", "Zoe", data))
    assert house.state("sensor.zoe_charger").state == "none"
    assert house.value("sensor.zoe_state_of_charge") == 40
    await set_value(house, "number.zoe_target", value=95)
    await set_value(house, "time.zoe_departure", time="05:30:00")
    await set_value(house, "datetime.zoe_next_departure", datetime="2026-11-21T09:00:00+01:00")
    assert house.state("datetime.zoe_next_departure").state == "2026-11-21T08:00:00+00:00"
    await house.async_plug_in("garage")
    await house.async_select("select.garage_vehicle", "Zoe")
    assert house.value("number.garage_target") == 95
    assert house.state("time.garage_departure").state == "05:30:00"
    assert house.state("datetime.garage_next_departure").state == "2026-11-21T08:00:00+00:00"


async def test_vehicle_says_where_it_is_and_the_state_of_charge_that_is_used(house: House) -> None:
    await house.async_set_up_site()
    # It is expected at the garage, but not there.
    assert house.state("sensor.zoe_charger").state == "none"
    await house.async_plug_in("garage")
    assert house.state("sensor.zoe_charger").state == "Garage"
    await set_value(house, "number.garage_state_of_charge", value=52)
    assert house.value("sensor.zoe_state_of_charge") == 52
    await house.async_plug_in("carport")
    await house.async_select("select.carport_vehicle", "Zoe")
    assert house.state("sensor.zoe_charger").state == "Carport"
    await house.async_unplug("garage")
    await house.async_unplug("carport")
    await house.async_advance(timedelta(seconds=30))
    assert house.state("sensor.zoe_charger").state == "none"


async def test_what_is_no_number_is_refused_for_a_vehicle(house: House) -> None:
    await house.async_set_up_site()
    with pytest.raises(ServiceValidationError):
        await set_value(house, "number.zoe_target", value=float("nan"))
