"""What a charger is left with that switches phases: for the next car, and in limits in W."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from tests.control.phased import BY_ACTIONS, Phased
from tests.house import CARPORT_DATA, LEAF_DATA, House, subentry

MINUTE = timedelta(minutes=1)


async def test_next_car_finds_all_phases(hass: HomeAssistant, house: House) -> None:
    """It may be one that must not be switched."""
    phased = Phased(hass, house, sun_kw=2.5)
    await phased.async_start("solar_only")
    await phased.async_for(minutes=3)
    assert phased.calls == [1]
    await house.async_unplug("garage")
    await phased.async_for(minutes=6)
    assert phased.calls == [1, 3]
    assert house.state("select.garage_phases").attributes["present"] == 3


async def test_charger_that_a_person_keeps_on_one_phase_stays_there(
    hass: HomeAssistant, house: House
) -> None:
    phased = Phased(hass, house)
    await phased.async_start("now")
    await house.async_select("select.garage_phases", "one")
    await phased.async_for(minutes=2)
    await house.async_unplug("garage")
    await phased.async_for(minutes=8)
    assert phased.calls == [1]


async def test_limit_in_watts_is_that_of_the_phases(hass: HomeAssistant, house: House) -> None:
    """The same current on one phase is a third of the power."""
    calls: list[Any] = []
    hass.services.async_register("brand", "phases", lambda call: calls.append(call.data["to"]))
    await house.async_set_up_site(
        subentry("carport", "charger", "Carport", {**CARPORT_DATA, **BY_ACTIONS}),
        subentry("leaf", "vehicle", "Leaf", LEAF_DATA),
    )
    await house.async_plug_in("carport")
    await house.async_select("select.carport_mode", "now")
    assert house.carport_kw == 11.0
    await house.async_select("select.carport_phases", "one")
    assert house.carport_kw == 0
    for _ in range(6):
        await house.async_advance(timedelta(seconds=10))
        await house.async_settle()
    assert calls == [1]
    assert house.carport_kw == 3.68
