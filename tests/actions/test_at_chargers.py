"""Actions for buttons: what a charger is commanded after each, and when it ends by itself."""

from datetime import timedelta
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import area_registry as ar, device_registry as dr, label_registry as lr
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from tests.house import House

from custom_components.optivgi.const import DOMAIN

# The house begins at 20:00; the car is charged between 2:00 and 6:00.
NIGHT = [0.30] * 26 + [0.10] * 4 + [0.30] * 18
GARAGE = {"entity_id": "select.garage_mode"}
RESUME = "button.garage_resume"


@pytest.fixture
async def waiting(house: House) -> House:
    """Return a house where Zoe waits in the garage for the night's prices."""
    house.set_hourly_prices(NIGHT)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert house.garage_kw == 0
    return house


async def act(house: House, action: str, target: dict[str, Any] = GARAGE, **data: Any) -> None:
    """Call an action of ours on a target."""
    await house.hass.services.async_call(DOMAIN, action, {**target, **data}, blocking=True)
    await house.async_settle()


async def charge(house: House, hours: float) -> None:
    """Let the car in the garage draw what it may, a minute at a time."""
    for _ in range(round(hours * 60)):
        kw = house.garage_kw
        house.set_power("sensor.garage_power", kw * 1000)
        status = "charging" if kw else "awaiting_start"
        if house.state("input_select.garage_status").state != status:
            await house.async_select("input_select.garage_status", status)
        await house.async_advance(timedelta(minutes=1))


def mode(house: House) -> str:
    return house.state("select.garage_mode").state


def reason(house: House) -> str:
    return str(house.state("sensor.garage_status").attributes["reason"])


async def test_amount_is_charged_at_once_and_the_plan_goes_on(waiting: House) -> None:
    await act(waiting, "charge_now", energy=5)
    assert mode(waiting) == "now"
    assert waiting.garage_kw == pytest.approx(11.04)
    assert reason(waiting) == "Charges 5.0 kWh at once."
    # With 90 % into the battery, 5 kWh take 30 minutes.
    for _ in range(29):
        await charge(waiting, 1 / 60)
        assert mode(waiting) == "now"
        assert waiting.garage_kw == pytest.approx(11.04)
    await charge(waiting, 3 / 60)
    assert mode(waiting) == "smart"
    assert waiting.garage_kw == 0
    drawn = waiting.state("sensor.garage_status").attributes["delivered_kwh"]
    assert drawn * 0.9 == pytest.approx(5, abs=0.4)
    # What is missing to the target is charged as planned.
    assert waiting.value("sensor.garage_planned_energy") == pytest.approx(15 / 0.9, abs=0.6)


async def test_state_of_charge_is_reached_at_once_and_the_mode_before_comes_back(
    waiting: House,
) -> None:
    await waiting.async_select("select.garage_mode", "solar_only")
    await act(waiting, "charge_now", target_soc=45)
    assert waiting.garage_kw == pytest.approx(11.04)
    assert reason(waiting).startswith("Charges at once up to 45 %.")
    await charge(waiting, 0.1)
    assert mode(waiting) == "now"
    waiting.set_soc("zoe", 45.2)
    await waiting.async_settle()
    await waiting.async_advance(timedelta(seconds=11))
    assert mode(waiting) == "solar_only"
    assert waiting.garage_kw == 0


async def test_without_an_amount_it_charges_until_unplugged(waiting: House) -> None:
    await act(waiting, "charge_now")
    assert waiting.garage_kw == pytest.approx(11.04)
    assert reason(waiting) == "Charges at once: the mode is Now."
    assert waiting.state(RESUME).state == "unavailable"
    await waiting.async_unplug("garage")
    assert mode(waiting) == "smart"


async def test_unplugging_ends_an_amount(waiting: House) -> None:
    await waiting.async_select("select.garage_mode", "min_solar")
    await act(waiting, "charge_now", energy=5)
    await waiting.async_unplug("garage")
    assert mode(waiting) == "min_solar"
    await waiting.async_plug_in("garage")
    assert mode(waiting) == "min_solar"


async def test_tonight_is_skipped_and_the_next_night_is_not(waiting: House) -> None:
    await act(waiting, "skip_tonight")
    assert mode(waiting) == "off"
    assert reason(waiting) == "Skipped until Sat 07:00."
    for _ in range(10):
        await waiting.async_advance(timedelta(hours=1))
        assert waiting.garage_kw == 0
    await waiting.async_advance(timedelta(hours=1, minutes=1))
    await waiting.async_settle()
    # It is 7:01: the departure that was skipped has not been missed.
    assert mode(waiting) == "smart"
    assert waiting.garage_kw == 0
    assert waiting.state("sensor.garage_status").state == "waiting"
    departure = waiting.state("datetime.garage_next_departure").state
    assert departure == "2026-11-22T06:00:00+00:00"


async def test_skipping_outlasts_unplugging_and_restarts(waiting: House) -> None:
    await act(waiting, "skip_tonight", until="03:00:00")
    await waiting.async_unplug("garage")
    await waiting.async_plug_in("garage")
    assert waiting.entry is not None
    await waiting.hass.config_entries.async_reload(waiting.entry.entry_id)
    await waiting.async_settle()
    assert reason(waiting) == "Skipped until Sat 03:00."
    await waiting.async_advance(timedelta(hours=7, minutes=1))
    await waiting.async_settle()
    assert mode(waiting) == "smart"
    assert waiting.garage_kw > 0


async def test_selected_mode_ends_what_is_temporary(waiting: House) -> None:
    await act(waiting, "skip_tonight", until="21:00:00")
    await waiting.async_select("select.garage_mode", "off")
    assert reason(waiting) == "The mode is Off."
    await waiting.async_advance(timedelta(hours=2))
    assert mode(waiting) == "off"


@pytest.mark.parametrize("by", ["action", "button"])
async def test_plan_resumes_after_operation_by_hand(
    hass: HomeAssistant, waiting: House, hass_admin_user: MockUser, by: str
) -> None:
    assert waiting.state(RESUME).state == "unavailable"
    await waiting.async_advance(timedelta(minutes=2))
    switch = {"entity_id": "input_boolean.garage_charging"}
    person = Context(user_id=hass_admin_user.id)
    await hass.services.async_call("input_boolean", "turn_on", switch, True, person)
    await waiting.async_advance(timedelta(seconds=10))
    assert waiting.state("sensor.garage_status").state == "held"
    assert waiting.state(RESUME).state == "unknown"
    assert waiting.garage_kw > 0
    if by == "action":
        await act(waiting, "resume")
    else:
        await hass.services.async_call("button", "press", {"entity_id": RESUME}, blocking=True)
        await waiting.async_settle()
    assert waiting.state("sensor.garage_status").state == "waiting"
    assert waiting.garage_kw == 0
    assert mode(waiting) == "smart"


@pytest.mark.parametrize("action", ["charge_now", "skip_tonight"])
async def test_what_is_temporary_is_resumed_in_the_mode_before(waiting: House, action: str) -> None:
    await waiting.async_select("select.garage_mode", "min_solar")
    await act(waiting, "charge_now", energy=3)
    await act(waiting, action, **({"energy": 5} if action == "charge_now" else {}))
    assert waiting.state(RESUME).state == "unknown"
    await act(waiting, "resume")
    assert mode(waiting) == "min_solar"
    assert waiting.state(RESUME).state == "unavailable"


async def test_car_leaves_at_the_next_such_time(waiting: House) -> None:
    await act(waiting, "leave_at", time="19:30:00", target_soc=90)
    assert waiting.state("datetime.garage_next_departure").state == "2026-11-21T18:30:00+00:00"
    assert waiting.value("sensor.garage_planned_energy") == pytest.approx(25 / 0.9, abs=0.3)
    await act(waiting, "leave_at", time="22:00:00")
    assert waiting.state("datetime.garage_next_departure").state == "2026-11-20T21:00:00+00:00"
    assert waiting.garage_kw > 0


async def test_targets_are_those_of_home_assistant(hass: HomeAssistant, waiting: House) -> None:
    devices = dr.async_get(hass)
    garage, carport = (
        next(one for one in devices.devices if one.name == name) for name in ("Garage", "Carport")
    )
    yard = ar.async_get(hass).async_create("Yard").id
    label = lr.async_get(hass).async_create("Cars").label_id
    devices.async_update_device(carport.id, area_id=yard, labels={label})
    for target in (
        {"device_id": [carport.id]},
        {"area_id": [yard]},
        {"label_id": [label]},
        {"entity_id": ["sensor.carport_status"]},
    ):
        await act(waiting, "skip_tonight", target)
        assert waiting.state("select.carport_mode").state == "off", target
        assert mode(waiting) == "smart"
        await act(waiting, "resume", target)
        assert waiting.state("select.carport_mode").state == "smart"
    await act(waiting, "skip_tonight", {"device_id": [garage.id, carport.id]})
    assert mode(waiting) == waiting.state("select.carport_mode").state == "off"


async def test_refused_is_what_cannot_be(hass: HomeAssistant, waiting: House) -> None:
    with pytest.raises(ServiceValidationError, match="No charger is targeted"):
        await act(waiting, "charge_now", {"entity_id": ["sensor.zoe_battery"]})
    with pytest.raises(ServiceValidationError, match="No charger is targeted"):
        await act(waiting, "resume", {})
    await waiting.async_select("select.carport_vehicle", "guest")
    both = {"entity_id": ["select.garage_mode", "select.carport_mode"]}
    for action, data in (("charge_now", {}), ("leave_at", {"time": "06:00:00"})):
        with pytest.raises(ServiceValidationError, match="state of charge of a guest"):
            await act(waiting, action, both, target_soc=60, **data)
        # Nothing was done at the other one either.
        assert mode(waiting) == "smart"
