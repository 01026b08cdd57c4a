"""Which car is at which charger, what is learned of it, and how guests are treated."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from tests.house import CHARGERS, GRID, LEAF_DATA, ZOE_DATA, House, subentry

MINUTE = timedelta(minutes=1)
PLUG = {"device_class": "plug"}


def cars(*, zoe: str = "binary_sensor.zoe_plug") -> list[Any]:
    """Return both cars' subentries; each tells whether it is plugged in."""
    leaf = "binary_sensor.leaf_plug"
    return [
        subentry("zoe", "vehicle", "Zoe", {**ZOE_DATA, "plugged_entity": zoe}),
        subentry("leaf", "vehicle", "Leaf", {**LEAF_DATA, "plugged_entity": leaf}),
    ]


def plug(house: House, car: str, state: str) -> None:
    """Let a car tell whether it is plugged in."""
    house.hass.states.async_set(f"binary_sensor.{car}_plug", state, PLUG)


def there(house: House, charger: str) -> tuple[str, str]:
    """Return which car is at a charger by the select, and how it was found."""
    state = house.state(f"select.{charger}_vehicle")
    return state.state, state.attributes["found_by"]


@pytest.fixture
async def telling(house: House) -> House:
    """Return a house whose cars tell whether they are plugged in; an hour has passed since."""
    for car in ("zoe", "leaf"):
        plug(house, car, "off")
    await house.async_set_up_site(*CHARGERS, *cars())
    await house.async_advance(60 * MINUTE)
    for car, soc in (("zoe", 40), ("leaf", 50)):
        house.set_soc(car, soc)
    return house


async def test_cars_at_each_others_chargers_are_found(telling: House) -> None:
    assert there(telling, "garage") == ("Zoe", "usual")
    await telling.async_plug_in("garage")
    plug(telling, "leaf", "on")
    await telling.async_settle()
    assert there(telling, "garage") == ("Leaf", "plugged_in")
    # It is not expected at its usual charger meanwhile.
    assert there(telling, "carport") == ("guest", "guest")
    assert telling.state("sensor.garage_status").attributes["soc"] == 50
    assert telling.value("number.garage_target") == 90

    await telling.async_advance(20 * MINUTE)
    await telling.async_plug_in("carport")
    plug(telling, "zoe", "on")
    await telling.async_settle()
    assert there(telling, "carport") == ("Zoe", "plugged_in")

    plug(telling, "leaf", "off")
    await telling.async_unplug("garage")
    assert there(telling, "garage") == ("guest", "guest")
    await telling.async_unplug("carport")
    assert there(telling, "garage") == ("Zoe", "usual")
    assert there(telling, "carport") == ("Leaf", "usual")


async def test_it_is_remembered_over_a_restart_and_while_the_car_sleeps(
    hass: HomeAssistant, telling: House
) -> None:
    await telling.async_plug_in("garage")
    plug(telling, "leaf", "on")
    await telling.async_settle()
    await telling.async_advance(60 * MINUTE)
    plug(telling, "leaf", "unavailable")
    assert await hass.config_entries.async_reload("site")
    await telling.async_settle()
    assert there(telling, "garage") == ("Leaf", "plugged_in")
    # It is reported again just when somebody else comes.
    plug(telling, "leaf", "on")
    await telling.async_plug_in("carport")
    assert there(telling, "garage") == ("Leaf", "plugged_in")
    assert there(telling, "carport") == ("guest", "guest")


async def test_user_knows_best_until_the_car_leaves(telling: House) -> None:
    await telling.async_plug_in("garage")
    await telling.async_select("select.garage_vehicle", "Zoe")
    plug(telling, "leaf", "on")
    await telling.async_settle()
    await telling.async_advance(30 * MINUTE)
    assert there(telling, "garage") == ("Zoe", "selected")
    await telling.async_unplug("garage")
    await telling.async_plug_in("garage")
    assert there(telling, "garage") == ("Zoe", "usual")


async def test_usual_car_that_is_away_is_not_taken_to_be_there(house: House) -> None:
    house.hass.states.async_set("device_tracker.zoe", "not_home")
    await house.async_set_up_site(*CHARGERS, *cars(zoe="device_tracker.zoe"))
    await house.async_advance(60 * MINUTE)
    await house.async_plug_in("garage")
    assert there(house, "garage") == ("guest", "guest")
    unknown = (
        "It is not known which car this is. It gets 20.0 kWh more into its battery."
        " Select the car, or Guest, as Vehicle."
    )
    assert house.state("sensor.garage_status").attributes["reason"].endswith(unknown)
    await house.async_select("select.garage_vehicle", "guest")
    assert "not known" not in house.state("sensor.garage_status").attributes["reason"]
    await house.async_unplug("garage")
    await house.async_plug_in("garage")
    house.hass.states.async_set("device_tracker.zoe", "home")
    await house.async_settle()
    assert there(house, "garage") == ("Zoe", "plugged_in")


async def test_car_that_is_selected_is_nowhere_else(house: House) -> None:
    await house.async_set_up_site()
    await house.async_select("select.carport_vehicle", "Zoe")
    assert there(house, "carport") == ("Zoe", "selected")
    assert there(house, "garage") == ("guest", "guest")
    await house.async_select("select.garage_vehicle", "Zoe")
    assert there(house, "garage") == ("Zoe", "selected")
    assert there(house, "carport") == ("Leaf", "usual")
    await house.async_select("select.carport_vehicle", "Zoe")
    assert there(house, "carport") == ("Zoe", "selected")
    assert there(house, "garage") == ("guest", "guest")


async def test_reports_away_from_all_chargers_are_remembered(house: House) -> None:
    without = {key: value for key, value in ZOE_DATA.items() if key != "charger"}
    await house.async_set_up_site(*CHARGERS, subentry("zoe", "vehicle", "Zoe", without))
    house.set_soc("zoe", 33)
    await house.async_advance(MINUTE)
    house.hass.states.async_set("sensor.zoe_battery", "unavailable")
    await house.async_plug_in("garage")
    await house.async_select("select.garage_vehicle", "Zoe")
    assert house.state("sensor.garage_status").attributes["soc"] == 33


async def test_last_car_is_expected_where_none_is_usual(house: House) -> None:
    without = {key: value for key, value in ZOE_DATA.items() if key != "charger"}
    await house.async_set_up_site(*CHARGERS, subentry("zoe", "vehicle", "Zoe", without))
    assert there(house, "garage") == ("guest", "guest")
    await house.async_select("select.garage_vehicle", "Zoe")
    await house.async_plug_in("garage")
    await house.async_unplug("garage")
    assert there(house, "garage") == ("Zoe", "usual")


def without_charger(car: str, **fields: Any) -> Any:
    """Return a car that has no usual charger."""
    data = {"zoe": ZOE_DATA, "leaf": LEAF_DATA}[car] | fields
    return subentry(car, "vehicle", car.title(), {k: v for k, v in data.items() if k != "charger"})


def reason(house: House, charger: str) -> str:
    """Return why a charger does what it does."""
    text: str = house.state(f"sensor.{charger}_status").attributes["reason"]
    return text


async def test_only_car_that_can_be_there_is_there(house: House) -> None:
    """Zoe usually charges in the garage, Leaf anywhere."""
    await house.async_set_up_site(*CHARGERS, cars()[0], without_charger("leaf"))
    await house.async_plug_in("carport")
    assert there(house, "carport") == ("Leaf", "only_possible")
    assert house.state("sensor.carport_status").attributes["soc"] == 50
    assert house.value("number.carport_target") == 90
    assert "not known which car" not in reason(house, "carport")
    # It stays, whoever comes.
    await house.async_plug_in("garage")
    assert there(house, "garage") == ("Zoe", "usual")
    assert there(house, "carport") == ("Leaf", "only_possible")
    # Once it has been there, it is expected there, but may as well go to another charger.
    await house.async_unplug("garage")
    await house.async_unplug("carport")
    assert there(house, "carport") == ("Leaf", "usual")


async def test_car_that_was_the_last_one_somewhere_may_come_elsewhere(house: House) -> None:
    await house.async_set_up_site(*CHARGERS, without_charger("leaf"))
    await house.async_plug_in("carport")
    await house.async_unplug("carport")
    await house.async_plug_in("garage")
    assert there(house, "garage") == ("Leaf", "only_possible")
    assert there(house, "carport") == ("guest", "guest")


async def test_of_two_cars_that_can_be_there_the_person_is_asked(house: House) -> None:
    await house.async_set_up_site(*CHARGERS, without_charger("zoe"), without_charger("leaf"))
    await house.async_plug_in("carport")
    assert there(house, "carport") == ("guest", "guest")
    asked = (
        "It is not known which car this is. It gets 20.0 kWh more into its battery."
        " Select the car, or Guest, as Vehicle."
    )
    assert reason(house, "carport").endswith(asked)
    await house.async_select("select.carport_vehicle", "Zoe")
    assert "not known" not in reason(house, "carport")
    # One is left.
    await house.async_plug_in("garage")
    assert there(house, "garage") == ("Leaf", "only_possible")


async def test_car_that_says_it_is_elsewhere_is_none_that_can_be_there(house: House) -> None:
    house.hass.states.async_set("device_tracker.zoe", "not_home")
    zoe = without_charger("zoe", plugged_entity="device_tracker.zoe")
    await house.async_set_up_site(*CHARGERS, zoe, without_charger("leaf"))
    await house.async_plug_in("carport")
    assert there(house, "carport") == ("Leaf", "only_possible")
    await house.async_plug_in("garage")
    assert there(house, "garage") == ("guest", "guest")
    # It falls silent, and has not come by that.
    house.hass.states.async_set("device_tracker.zoe", "unavailable")
    await house.async_settle()
    assert there(house, "garage") == ("guest", "guest")


async def test_where_no_car_can_be_selected_nobody_is_asked(house: House) -> None:
    await house.async_set_up_site(*CHARGERS)
    await house.async_plug_in("garage")
    assert "not known" not in reason(house, "garage")


# Guests


async def set_energy(house: House, kwh: float) -> None:
    """Set the energy to add in the garage."""
    await house.hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": "number.garage_energy_to_add", "value": kwh},
        blocking=True,
    )
    await house.async_settle()


async def test_what_a_guest_wants_is_forgotten_when_it_leaves(house: House) -> None:
    await house.async_set_up_site()
    await house.async_select("select.garage_vehicle", "guest")
    await set_energy(house, 42)
    await house.async_plug_in("garage")
    assert house.value("number.garage_energy_to_add") == 42
    assert house.value("sensor.garage_planned_energy") == pytest.approx(42 / 0.9, abs=0.3)
    await house.async_unplug("garage")
    assert there(house, "garage") == ("Zoe", "usual")
    await house.async_select("select.garage_vehicle", "guest")
    assert house.value("number.garage_energy_to_add") == 20


async def test_energy_set_where_only_guests_come_stays(house: House) -> None:
    await house.async_set_up_site(CHARGERS[0])
    await set_energy(house, 12)
    await house.async_plug_in("garage")
    await house.async_unplug("garage")
    assert house.value("number.garage_energy_to_add") == 12


# Efficiency


async def charge(house: House, soc: float, efficiency: float) -> float:
    """Let Zoe charge for an hour and tell whole %; return its state of charge then."""
    house.set_power("sensor.garage_power", 11_000)
    house.set_power(GRID, 11_500)
    await house.async_select("input_select.garage_status", "charging")
    for _ in range(12):
        await house.async_advance(5 * MINUTE)
        soc += 11 / 12 * efficiency / 50 * 100
        house.set_soc("zoe", int(soc))
        await house.async_advance(timedelta(seconds=10))
    house.set_power("sensor.garage_power", 0)
    house.set_power(GRID, 500)
    await house.async_unplug("garage")
    return soc


async def test_efficiency_is_learned_from_what_the_car_reports(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site(CHARGERS[0], subentry("zoe", "vehicle", "Zoe", ZOE_DATA))
    learned = [0.9]
    for _ in range(4):
        house.set_soc("zoe", 40)
        await house.async_settle()
        await house.async_plug_in("garage")
        await charge(house, 40, 0.78)
        learned.append(house.state("select.garage_vehicle").attributes["efficiency"])
        await house.async_advance(30 * MINUTE)
    assert learned == sorted(learned, reverse=True)
    assert learned[1] == pytest.approx(0.9 - 0.3 * 0.12, abs=0.02)
    assert learned[-1] == pytest.approx(0.81, abs=0.02)

    assert await hass.config_entries.async_reload("site")
    await house.async_settle()
    attributes = house.state("select.garage_vehicle").attributes
    assert attributes["efficiency"] == learned[-1]
    await house.async_plug_in("garage")
    assert entry.runtime_data.coordinator.data.problem.evs[0].efficiency == pytest.approx(
        learned[-1], abs=0.001
    )

    # Whoever enters another one wants that.
    hass.config_entries.async_update_subentry(
        entry, entry.subentries["zoe"], data={**ZOE_DATA, "efficiency": 0.95}
    )
    await house.async_settle()
    assert house.state("select.garage_vehicle").attributes["efficiency"] == 0.95


async def test_a_car_that_fills_up_here_is_here_whatever_its_plug_sensor_says(
    telling: House,
) -> None:
    """The plug sensor says off for ever."""
    await telling.async_plug_in("garage")
    await telling.async_select("select.garage_mode", "now")
    await telling.async_select("input_select.garage_status", "charging")
    soc = 40.0
    for _ in range(40):
        telling.set_power("sensor.garage_power", 1000 * telling.garage_kw)
        telling.set_power(GRID, 500 + 1000 * telling.garage_kw)
        await telling.async_advance(MINUTE)
        soc += telling.garage_kw / 60 * 0.9 / 50 * 100
        telling.set_soc("zoe", int(soc))
    assert there(telling, "garage")[0] == "Zoe"
    assert telling.value("number.garage_target") == 80


async def test_another_car_that_fills_up_here_is_a_guest(telling: House) -> None:
    """What is drawn here does not show in the state of charge of the car that is expected."""
    await telling.async_plug_in("garage")
    await telling.async_select("select.garage_mode", "now")
    await telling.async_select("input_select.garage_status", "charging")
    for _ in range(40):
        telling.set_power("sensor.garage_power", 1000 * telling.garage_kw)
        telling.set_power(GRID, 500 + 1000 * telling.garage_kw)
        await telling.async_advance(MINUTE)
    assert there(telling, "garage") == ("guest", "guest")


async def test_the_only_car_is_here_though_its_plug_sensor_denies_that(house: House) -> None:
    """It waits for cheap hours, so nothing else tells."""
    plug(house, "zoe", "off")
    house.set_hourly_prices([0.5] * 24 + [0.1] * 24)
    await house.async_set_up_site(CHARGERS[0], cars()[0])
    await house.async_advance(60 * MINUTE)
    await house.async_plug_in("garage")
    await house.async_advance(60 * MINUTE)
    assert there(house, "garage")[0] == "Zoe"
