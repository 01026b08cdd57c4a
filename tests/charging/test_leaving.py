"""A charger that says for a moment that its car has left loses nothing of what was set."""

from datetime import timedelta

from tests.house import GRID, House

SECOND = timedelta(seconds=1)


async def charge(house: House, watts: float = 11_000) -> None:
    """Let the garage's car charge in mode Now, with an entered state of charge."""
    house.hass.states.async_remove("sensor.zoe_battery")
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    await house.async_select("input_select.garage_status", "charging")
    house.set_power("sensor.garage_power", watts)
    house.set_power(GRID, watts + 500)
    await house.async_advance(timedelta(minutes=5))


async def test_a_word_of_a_second_loses_nothing(house: House) -> None:
    """The power never falls."""
    await charge(house)
    delivered = house.state("sensor.garage_status").attributes["delivered_kwh"]
    house.hass.states.async_set("input_select.garage_status", "disconnected")
    await house.async_advance(SECOND)
    house.hass.states.async_set("input_select.garage_status", "charging")
    await house.async_advance(timedelta(minutes=1))
    assert house.state("select.garage_mode").state == "now"
    assert house.state("input_boolean.garage_charging").state == "on"
    assert house.state("sensor.garage_status").attributes["delivered_kwh"] >= delivered > 0


async def test_power_that_goes_on_denies_the_word(house: House) -> None:
    await charge(house)
    house.hass.states.async_set("input_select.garage_status", "disconnected")
    for second in range(120):
        house.set_power("sensor.garage_power", 11_000 - second % 2)
        await house.async_advance(SECOND)
    assert house.state("select.garage_mode").state == "now"


async def test_power_that_has_fallen_confirms_the_word_at_once(house: House) -> None:
    await charge(house)
    house.set_power("sensor.garage_power", 0)
    house.hass.states.async_set("input_select.garage_status", "disconnected")
    house.set_power("sensor.garage_power", 1)
    await house.async_advance(SECOND)
    assert house.state("select.garage_mode").state == "smart"


async def test_a_word_that_stays_is_believed_and_nothing_is_sent_meanwhile(house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    house.hass.states.async_set("input_select.garage_status", "disconnected")
    await house.async_advance(SECOND)
    status = house.state("sensor.garage_status")
    assert (status.state, status.attributes["reason"]) == ("unplugged", "No car is plugged in.")
    assert house.state("select.garage_mode").state == "now"
    for _ in range(4):
        await house.async_advance(timedelta(seconds=10))
    assert house.state("select.garage_mode").state == "smart"
