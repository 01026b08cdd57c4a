"""What a charger does has a reason that is true, also where several things come together."""

from datetime import timedelta
import re

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service
from tests.control.test_phases import PER_PHASE, set_powers
from tests.house import CHARGERS, GRID, VEHICLES, House
from tests.reservations.reserving import add
from tests.test_event import Breakable
from tests.test_sensor import NIGHT
from tests.truth.test_obedience import draw

from custom_components.optivgi.scheduler import algorithm_names, registry

HOUR = timedelta(hours=1)


def status_of(house: House, charger: str = "garage") -> tuple[str, str]:
    """Return what a charger does and why."""
    state = house.state(f"sensor.{charger}_status")
    return state.state, state.attributes["reason"]


async def test_phase_that_is_silent_is_named(hass: HomeAssistant, house: House) -> None:
    set_powers(house, 200, 150, 150)
    await house.async_set_up_site(*CHARGERS, data=PER_PHASE)
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    hass.states.async_set("sensor.l2", "unavailable")
    await house.async_advance(timedelta(seconds=90))
    assert status_of(house)[1] == "sensor.l2 is silent: safe limit."


async def test_solar_only_says_when_the_sun_is_expected(hass: HomeAssistant, house: House) -> None:
    """It waits for the sun, and not for the price that is lower by then."""
    house.set_hourly_prices([0.40] * 24 + [0.30] * 24)
    # Noon of the next day
    sun = [{"period_start": "2026-11-21T12:00:00+01:00", "pv_estimate": 9.0}]
    hass.states.async_set("sensor.sun", "9", {"detailedHourly": sun})
    await house.async_set_up_site(CHARGERS[0], data={"solar_forecast_entity": "sensor.sun"})
    target = {"entity_id": "time.garage_departure", "time": "18:00:00"}
    await hass.services.async_call("time", "set_value", target, blocking=True)
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "solar_only")
    assert status_of(house) == ("waiting_solar", "Waits for solar surplus, expected at Sat 12:00.")


async def test_what_was_reserved_is_what_is_listed(house: House) -> None:
    await house.async_set_up_site()
    await add(house, energy=5, charger="Garage", vehicle="Zoe", name="Ann")
    house.hass.states.async_set("sensor.zoe_battery", "unavailable")
    await house.async_advance(HOUR)
    await house.async_plug_in("garage")
    assert status_of(house)[1].endswith(
        ' It gets 5.0 kWh more into its battery. It has come for the reservation "Ann".'
    )
    house.set_soc("zoe", 40)
    house.set_power("sensor.garage_power", 11_000)
    await house.async_settle()
    await house.async_advance(HOUR)
    house.set_power("sensor.garage_power", 0)
    await house.async_settle()
    word, why = status_of(house)
    assert word == "finished"
    assert "kWh have been charged, as requested." in why


async def test_who_will_not_be_ready_is_not_said_to_be_done(house: House) -> None:
    """Of 20 kWh, half an hour is time for less than 6."""
    await house.async_set_up_site(CHARGERS[0], VEHICLES[0])
    await house.async_plug_in("garage")
    target = {"entity_id": "time.garage_departure", "time": "20:30:00"}
    await house.hass.services.async_call("time", "set_value", target, blocking=True)
    await house.async_settle()
    said = re.fullmatch(
        r"Needs nearly all the time until departure\. Charges until 20:30\."
        r" (1\d\.\d) kWh of the target will be missing: "
        r"there is not enough time until departure\.",
        status_of(house)[1],
    )
    assert said, status_of(house)


async def refuse(house: House, error: HomeAssistantError) -> None:
    """Let the carport refuse its limit until it is given up."""
    await house.async_set_up_site(CHARGERS[1])
    async_mock_service(house.hass, "input_number", "set_value", raise_exception=error)
    await house.async_plug_in("carport")
    await house.async_select("select.carport_mode", "off")
    await house.async_select("select.carport_mode", "smart")
    house.set_power(GRID, 9000)
    for _ in range(8):
        await house.async_advance(timedelta(seconds=31))


async def test_what_a_charger_answers_ends_a_sentence_once(house: House) -> None:
    await refuse(house, HomeAssistantError("It is busy."))
    word, why = status_of(house, "carport")
    assert word == "not_following"
    assert why.startswith("The charger does not accept its limit: ")
    assert why.endswith("It is busy.")
    assert not why.endswith("..")


async def test_without_a_plan_the_house_is_the_reason_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in algorithm_names():
        monkeypatch.setitem(registry._FACTORIES, name, Breakable)
    monkeypatch.setattr(Breakable, "broken", True)
    await house.async_set_up_site(CHARGERS[0])
    await house.async_plug_in("garage")
    await house.async_advance(timedelta(minutes=2))
    assert status_of(house)[1] == "There is no plan, so it charges with the safe limit."
    house.set_power(GRID, 17_000)
    await house.async_advance(timedelta(minutes=1))
    assert house.garage_kw == 0
    assert status_of(house)[1] == "The house leaves too little power at the moment."


def reasons_of(house: House, charger: str = "garage") -> list[str]:
    """Return the codes of all reasons of a charger's status, the main one first."""
    attributes = house.state(f"sensor.{charger}_status").attributes
    codes = [reason["code"] for reason in attributes["reasons"]]
    assert attributes["reason_code"] == codes[0]
    return codes


async def test_a_reason_is_readable_for_automations(house: House) -> None:
    house.set_hourly_prices(NIGHT)
    house.hass.states.async_set("sensor.zoe_battery", "unavailable")
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert reasons_of(house) == ["waits_for_price", "soc_unknown", "gets_energy", "enter_soc"]
    price, _, energy, _ = house.state("sensor.garage_status").attributes["reasons"]
    assert price["placeholders"] == {
        "at": "2026-11-21T02:00:00+01:00",
        "saved_price": 0.2,
        "currency": "EUR",
    }
    assert energy["placeholders"] == {"needed_kwh": 20.0}


async def test_who_draws_more_than_it_shows_does_not_charge_as_planned(house: House) -> None:
    """A minute of that is no delay; it takes longer until it has been commanded in vain."""
    house.set_hourly_prices([0.5] * 24 + [0.1] * 24)
    await house.async_set_up_site()
    await house.async_plug_in("carport")
    await house.async_select("input_select.carport_status", "Charging")
    await draw(house, "carport", 11_000, 120)
    assert status_of(house, "carport")[0] == "not_following"
    assert reasons_of(house, "carport")[0] == "draws_too_much"


async def test_a_silent_meter_is_said_to_who_waits(hass: HomeAssistant, house: House) -> None:
    house.set_hourly_prices(NIGHT)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    hass.states.async_set(GRID, "unavailable")
    await house.async_advance(timedelta(seconds=90))
    assert status_of(house)[1].startswith("Waits for Sat 02:00, when")
    assert status_of(house)[1].endswith(f" {GRID} is silent: safe limit.")


async def test_a_car_that_takes_nothing_is_named_beside_what_takes_the_room(house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    for _ in range(12):
        house.set_power("sensor.garage_power", 0)
        await house.async_advance(timedelta(minutes=1))
    assert status_of(house) == (
        "starting",
        "The car takes nothing. It may draw 4.1 kW at any time.",
    )
    house.set_power(GRID, 17_000)
    await house.async_advance(timedelta(minutes=1))
    assert house.garage_kw == 0
    assert status_of(house)[1] == (
        "The car takes nothing. The house leaves too little power at the moment."
    )


async def test_no_price_is_good_that_is_the_same_until_the_car_leaves(house: House) -> None:
    """It is cheaper then; the car has nothing of that."""
    house.set_hourly_prices([0.40] * 31 + [0.10] * 17)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    house.set_soc("zoe", 20)
    await house.async_settle()
    begins = house.state("sensor.garage_next_start").state
    if begins != "unknown":
        await house.async_advance(max(HOUR * 0, dt_util.parse_datetime(begins) - dt_util.utcnow()))
    house.set_power("sensor.garage_power", 11000)
    house.set_power(GRID, 11500)
    await house.async_select("input_select.garage_status", "charging")
    await house.async_settle()
    status, reason = status_of(house)
    assert status == "charging"
    assert "best prices" not in reason
