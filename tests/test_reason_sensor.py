"""The reason is on the device's page, in the language of Home Assistant."""

from tests.house import House

REASON = "sensor.garage_reason"


async def test_the_reason_of_a_charger_is_a_sentence(house: House) -> None:
    await house.async_set_up_site()
    unplugged = house.hass.states.get(REASON)
    assert unplugged is not None
    assert unplugged.state == "No car is plugged in."
    await house.async_plug_in("garage")
    status = house.hass.states.get("sensor.garage_status")
    reason = house.hass.states.get(REASON)
    assert status is not None
    assert reason is not None
    assert status.attributes["reason"].startswith(reason.state)
    assert reason.attributes["all"] == status.attributes["reason"]
    assert len(reason.state) <= 255


async def test_the_reason_is_there_without_a_plan(house: House) -> None:
    await house.async_set_up_site()
    house.hass.states.async_set("sensor.price", "unavailable")
    await house.async_select("select.garage_mode", "off")
    reason = house.hass.states.get(REASON)
    assert reason is not None
    assert reason.state.endswith(".")


async def test_it_is_read_in_german(house: House) -> None:
    await house.async_set_up_site()
    await house.hass.config.async_update(language="de")
    await house.async_settle()
    reason = house.hass.states.get(REASON)
    assert reason is not None
    assert reason.state not in {"No car is plugged in.", ""}
