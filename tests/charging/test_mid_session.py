"""What changes while a car is plugged in: which car it is, restarts, and time itself."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from tests.house import CHARGERS, LEAF_DATA, ZOE_DATA, House, subentry
from tests.reservations.reserving import add, reservations

MINUTE = timedelta(minutes=1)
TRACKER = "device_tracker.zoe"
TRACKED = subentry("zoe", "vehicle", "Zoe", {**ZOE_DATA, "plugged_entity": TRACKER})


async def set_energy(house: House, kwh: float) -> None:
    """Set the energy to add in the garage."""
    target = {"entity_id": "number.garage_energy_to_add", "value": kwh}
    await house.hass.services.async_call("number", "set_value", target, blocking=True)
    await house.async_settle()


def there(house: House) -> tuple[str, str]:
    """Return which car is in the garage by the select, and how it was found."""
    state = house.state("select.garage_vehicle")
    return state.state, state.attributes["found_by"]


@pytest.fixture
async def visited(house: House) -> House:
    """Return a house whose own car is away while a guest charges, who wants 12 kWh."""
    house.hass.states.async_set(TRACKER, "not_home")
    await house.async_set_up_site(CHARGERS[0], TRACKED)
    await house.async_advance(60 * MINUTE)
    await house.async_plug_in("garage")
    assert there(house) == ("guest", "guest")
    await set_energy(house, 12)
    return house


async def test_guest_stays_a_guest_over_a_restart(hass: HomeAssistant, visited: House) -> None:
    assert await hass.config_entries.async_reload("site")
    await visited.async_settle()
    assert there(visited) == ("guest", "guest")
    assert visited.value("number.garage_energy_to_add") == 12


async def test_guest_stays_a_guest_while_the_other_car_does_not_report(
    hass: HomeAssistant, visited: House
) -> None:
    """After a restart trackers come late, and clouds are out of reach now and then."""
    hass.states.async_set(TRACKER, "unavailable")
    await visited.async_settle()
    assert there(visited) == ("guest", "guest")
    assert await hass.config_entries.async_reload("site")
    await visited.async_settle()
    assert there(visited) == ("guest", "guest")
    assert visited.value("number.garage_energy_to_add") == 12
    # Who comes next may be the one that lives there.
    await visited.async_unplug("garage")
    await visited.async_advance(30 * MINUTE)
    await visited.async_plug_in("garage")
    assert there(visited) == ("Zoe", "usual")


async def test_reservation_waits_on_when_another_car_turns_out_to_be_there(
    hass: HomeAssistant, house: House
) -> None:
    """The car tells only minutes later that it is the one at the other's charger."""
    plugs = {"zoe": "binary_sensor.zoe_plug", "leaf": "binary_sensor.leaf_plug"}
    for entity_id in plugs.values():
        hass.states.async_set(entity_id, "off", {"device_class": "plug"})
    await house.async_set_up_site(
        *CHARGERS,
        subentry("zoe", "vehicle", "Zoe", {**ZOE_DATA, "plugged_entity": plugs["zoe"]}),
        subentry("leaf", "vehicle", "Leaf", {**LEAF_DATA, "plugged_entity": plugs["leaf"]}),
    )
    await add(house, energy=9, vehicle="Zoe", max_power=5)
    await house.async_advance(60 * MINUTE)
    await house.async_plug_in("garage")
    (reserved,) = await reservations(house)
    assert reserved["state"] == "here"
    hass.states.async_set(plugs["leaf"], "on", {"device_class": "plug"})
    await house.async_settle()
    assert there(house) == ("Leaf", "plugged_in")
    (reserved,) = await reservations(house)
    assert reserved["state"] == "expected"
    attributes: Any = house.state("sensor.garage_status").attributes
    assert attributes["departure_source"] == "daily"
    assert attributes["needed_kwh"] == pytest.approx(16)
    await house.async_advance(20 * MINUTE)
    hass.states.async_set(plugs["zoe"], "on", {"device_class": "plug"})
    await house.async_plug_in("carport")
    (reserved,) = await reservations(house)
    assert (reserved["state"], reserved["charger"]) == ("here", "Carport")


async def test_energy_is_counted_once_however_often_it_is_planned(house: House) -> None:
    """Plans begin at whole seconds; what was drawn in the second before is not drawn again."""
    await house.async_set_up_site(CHARGERS[0])
    await house.async_plug_in("garage")
    house.freezer.tick(timedelta(milliseconds=900 - house.freezer().microsecond / 1000 % 900))
    house.set_power("sensor.garage_power", 6000)
    await house.hass.async_block_till_done()
    start = house.state("sensor.garage_status").attributes["delivered_kwh"]
    for _ in range(100):
        await house.hass.services.async_call("optivgi", "reschedule", {}, blocking=True)
        house.freezer.tick(timedelta(seconds=6))
    await house.async_settle()
    drawn = house.state("sensor.garage_status").attributes["delivered_kwh"] - start
    assert drawn == pytest.approx(6 * 603 / 3600, abs=0.02)
