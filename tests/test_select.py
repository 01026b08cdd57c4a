"""The selects: what each mode does with a charger, and whose car is there."""

from datetime import timedelta

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest

from tests.house import GRID, House, charger_of, planned_kw_at

NIGHT = [0.30] * 26 + [0.10] * 4 + [0.30] * 18
GUEST_KWH = 20


@pytest.fixture
async def waiting(house: House) -> House:
    """Return a house where Zoe waits in the garage for the night's prices."""
    house.set_hourly_prices(NIGHT)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert house.state("sensor.garage_status").state == "waiting"
    assert house.garage_kw == 0
    return house


async def charge(house: House, watts: float, *, house_watts: float = 500) -> None:
    """Let the car in the garage draw power, and the meters show it."""
    house.set_power("sensor.garage_power", watts)
    house.set_power(GRID, watts + house_watts)
    await house.async_select("input_select.garage_status", "charging")


def status(house: House) -> tuple[str, str]:
    """Return what the garage does, and why."""
    state = house.state("sensor.garage_status")
    return state.state, state.attributes["reason"]


async def test_options(house: House) -> None:
    await house.async_set_up_site()
    mode, vehicle = house.state("select.garage_mode"), house.state("select.garage_vehicle")
    assert mode.attributes["options"] == ["off", "smart", "solar_only", "min_solar", "now"]
    assert vehicle.attributes["options"] == ["guest", "Zoe", "Leaf"]
    assert (mode.state, vehicle.state) == ("smart", "Zoe")
    with pytest.raises(ServiceValidationError):
        await house.async_select("select.garage_mode", "fast")


async def test_now_charges_at_once_even_when_it_is_expensive(waiting: House) -> None:
    await waiting.async_select("select.garage_mode", "now")
    assert waiting.garage_kw == pytest.approx(11.04)
    assert status(waiting) == ("starting", "Charges at once: the mode is Now.")
    # To the full, not to the target
    assert waiting.value("sensor.garage_planned_energy") == pytest.approx(30 / 0.9, abs=0.2)
    await charge(waiting, 11000)
    assert status(waiting)[0] == "charging"


async def test_now_ends_when_the_car_leaves(waiting: House) -> None:
    await waiting.async_select("select.garage_mode", "now")
    await charge(waiting, 11000)
    waiting.set_power("sensor.garage_power", 0)
    await waiting.async_unplug("garage")
    assert waiting.state("select.garage_mode").state == "smart"
    await waiting.async_plug_in("garage")
    assert status(waiting)[0] == "waiting"


async def test_off_stops_and_stays_stopped(waiting: House) -> None:
    await waiting.async_select("select.garage_mode", "now")
    await charge(waiting, 11000)
    await waiting.async_select("select.garage_mode", "off")
    assert waiting.state("input_boolean.garage_charging").state == "off"
    assert status(waiting) == ("off", "The mode is Off.")
    await charge(waiting, 0)
    # Through the cheapest hours and beyond the departure
    for _ in range(24):
        await waiting.async_advance(timedelta(minutes=30))
        assert waiting.state("input_boolean.garage_charging").state == "off"
    assert waiting.value("sensor.garage_planned_energy") == 0
    await waiting.async_unplug("garage")
    assert waiting.state("select.garage_mode").state == "off"


async def test_solar_only_waits_for_a_surplus_and_charges_with_no_more(waiting: House) -> None:
    await waiting.async_select("select.garage_mode", "solar_only")
    assert waiting.garage_kw == 0
    assert status(waiting) == ("waiting_solar", "There is no solar surplus to use.")

    # 3 kW do not suffice for three phases.
    waiting.set_power(GRID, -3000)
    await waiting.async_advance(timedelta(minutes=5))
    await waiting.async_settle()
    assert waiting.garage_kw == 0

    waiting.set_power(GRID, -8000)
    await waiting.async_advance(timedelta(minutes=5))
    await waiting.async_settle()
    assert 4.14 <= waiting.garage_kw <= 8
    assert status(waiting) == ("starting", "Charges with solar surplus.")

    waiting.set_power(GRID, 500)
    for _ in range(10):
        await waiting.async_advance(timedelta(minutes=1))
    await waiting.async_settle()
    assert waiting.garage_kw == 0
    await waiting.async_select("select.garage_mode", "smart")
    assert status(waiting)[0] == "waiting"


async def test_min_solar_charges_at_min_power_and_more_with_surplus(house: House) -> None:
    house.set_hourly_prices(NIGHT)
    house.set_power("sensor.roof", 0)
    await house.async_set_up_site(data={"pv_entity": "sensor.roof"})
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "min_solar")
    assert house.garage_kw == pytest.approx(4.14)
    assert status(house) == ("starting", "Charges at min power: the mode is Min + solar.")

    async def shine(roof: float) -> None:
        for _ in range(6):
            house.set_power("sensor.roof", roof)
            drawn = house.garage_kw * 1000
            await charge(house, drawn, house_watts=500 - roof)
            await house.async_advance(timedelta(minutes=1))
        await house.async_settle()

    await shine(9000)
    assert 7 <= house.garage_kw <= 8.5
    assert status(house) == ("charging", "Charges with solar surplus.")
    await shine(2000)
    assert house.garage_kw == pytest.approx(4.14)


async def test_min_solar_is_ready_by_departure_in_the_cheapest_hours(waiting: House) -> None:
    """Its minimum alone would not do: the rest comes when it costs least."""
    await waiting.async_select("select.garage_mode", "min_solar")
    await waiting.hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": "number.garage_target", "value": 100},
        blocking=True,
    )
    departs = dt_util.utcnow() + timedelta(hours=5)
    await waiting.hass.services.async_call(
        "datetime",
        "set_value",
        {"entity_id": "datetime.garage_next_departure", "datetime": departs},
        blocking=True,
    )
    await waiting.async_settle()
    plan = charger_of(await waiting.async_schedule(), "Garage")
    limits = [
        planned_kw_at(plan, dt_util.utcnow() + timedelta(minutes=15 * slot)) for slot in range(16)
    ]
    assert min(limits) >= 4.1
    assert max(limits) > 6


async def test_guest_has_no_target_and_gets_the_energy_to_add(waiting: House) -> None:
    assert waiting.value("number.garage_target") == 80
    await waiting.async_select("select.garage_vehicle", "guest")
    assert waiting.state("number.garage_target").state == "unavailable"
    assert waiting.value("number.garage_energy_to_add") == GUEST_KWH
    assert waiting.value("sensor.garage_planned_energy") == pytest.approx(GUEST_KWH / 0.9, abs=0.2)
    attributes = waiting.state("sensor.garage_status").attributes
    assert attributes["vehicle"] is None
    assert attributes["soc"] is None

    await waiting.async_select("select.garage_vehicle", "Leaf")
    assert waiting.value("number.garage_target") == 90
    assert waiting.state("time.garage_departure").state == "06:30:00"
    # From 50 to 90 % of 40 kWh
    assert waiting.value("sensor.garage_planned_energy") == pytest.approx(16 / 0.9, abs=0.2)


async def test_chargers_have_modes_of_their_own(hass: HomeAssistant, waiting: House) -> None:
    await waiting.async_plug_in("carport")
    await hass.services.async_call(
        "select",
        "select_option",
        {ATTR_ENTITY_ID: "select.carport_mode", "option": "now"},
        blocking=True,
    )
    await waiting.async_settle()
    assert waiting.carport_kw > 10
    assert waiting.garage_kw == 0
    assert waiting.state("select.garage_mode").state == "smart"
