"""The actions: a plan on demand, for the site that is meant."""

from collections.abc import AsyncGenerator
from datetime import datetime
from itertools import pairwise
import json
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from tests.house import PRICE, SITE_DATA, House, charger_of, subentry
from tests.test_event import Breakable

from custom_components.optivgi.const import DOMAIN
from custom_components.optivgi.scheduler import registry
from custom_components.optivgi.scheduler.registry import algorithm_names

NIGHT = [0.30] * 26 + [0.10] * 4 + [0.30] * 18
COTTAGE = {
    **{key: value for key, value in SITE_DATA.items() if not key.startswith("power")},
    "price_source": "constant",
    "price": 0.5,
}


@pytest.fixture
async def waiting(house: House) -> House:
    """Return a house where Zoe waits in the garage for the night's prices."""
    house.set_hourly_prices(NIGHT)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    return house


@pytest.fixture
async def cottage(hass: HomeAssistant, house: House) -> AsyncGenerator[MockConfigEntry]:
    """Yield a second site."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Cottage",
        entry_id="cottage",
        unique_id="cottage",
        data=COTTAGE,
        subentries_data=[
            subentry(
                *("shed", "charger", "Shed"),
                {"limit_entity": "input_number.carport_limit", "phases": "1"}
                | {"min_a": 6, "max_a": 16},
            )
        ],
    )
    entry.add_to_hass(hass)
    # It is set up together with the first one.
    yield entry
    await house.async_settle()


async def call(hass: HomeAssistant, action: str, *, respond: bool, **data: str) -> Any:
    """Call an action of ours."""
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=respond
    )


async def test_schedule_has_all_that_is_planned(hass: HomeAssistant, waiting: House) -> None:
    schedule = await call(hass, "get_schedule", respond=True)
    assert json.loads(json.dumps(schedule)) == schedule
    assert schedule["site"] == {
        "name": "Home",
        "limit_kw": pytest.approx(17.25),
        "base_load_kw": pytest.approx(0.5),
        "planned_peak_kw": pytest.approx(11.04, abs=0.5),
        "cost": pytest.approx(2.22, abs=0.03),
        "currency": "EUR",
        "made_at": schedule["site"]["made_at"],
        "price_error": None,
        "peak_cost": 0.0,
        "co2_kg": None,
    }
    assert datetime.fromisoformat(schedule["site"]["made_at"]).utcoffset() is not None
    assert [charger["name"] for charger in schedule["chargers"]] == ["Garage", "Carport"]

    garage = charger_of(schedule, "Garage")
    steps = garage.pop("plan")
    energy = garage.pop("energy_kwh")
    finish = garage.pop("expected_finish")
    assert garage == {
        "id": "garage",
        "name": "Garage",
        "mode": "smart",
        "vehicle": "Zoe",
        "status": "waiting",
        "reason": "Waits for Sat 02:00, when a kWh costs 0.200 EUR less.",
        "reason_code": "waits_for_price",
        "reasons": [
            {
                "code": "waits_for_price",
                "placeholders": {
                    "at": "2026-11-21T02:00:00+01:00",
                    "saved_price": 0.2,
                    "currency": "EUR",
                },
            }
        ],
        "limit_kw": 0,
        "constraint": {
            "kind": "price",
            "detail": None,
            "cost_per_kwh": 0.2,
            "cost": pytest.approx(20 / 0.9 * 0.2, abs=0.03),
            "next_at": "2026-11-21T02:00:00+01:00",
            "next_kw": pytest.approx(11.04, abs=0.5),
            "next_constraint": "cheap",
        },
        "departure": "2026-11-21T07:00:00+01:00",
        "needed_kwh": pytest.approx(20),
        "battery_kwh": pytest.approx(20, abs=0.2),
        "shortfall_kwh": pytest.approx(0, abs=1e-6),
        "cost": pytest.approx(2.22, abs=0.03),
        "cost_if_charged_at_once": pytest.approx(6.67, abs=0.06),
        "next_start": "2026-11-21T02:00:00+01:00",
    }
    assert energy == pytest.approx(20 / 0.9, abs=0.2)
    charging = [step for step in steps if step["limit_kw"] > 0]
    assert charging[0]["start"] == garage["next_start"]
    assert charging[-1]["end"] == finish
    assert {step["price"] for step in charging} == {0.10}
    assert all(not step["estimated"] for step in steps)

    carport = charger_of(schedule, "Carport")
    assert (carport["status"], carport["plan"], carport["departure"]) == ("unplugged", [], None)
    prices = schedule["prices"]
    assert {price["price"] for price in prices} == {0.10, 0.30}
    assert all(one["end"] == two["start"] for one, two in pairwise(prices))
    assert schedule["solver"]["status"] == "optimal"
    assert schedule["solver"]["failures"] == []


async def test_get_schedule_only_answers(hass: HomeAssistant, waiting: House) -> None:
    with pytest.raises(ServiceValidationError):
        await call(hass, "get_schedule", respond=False)


async def test_reschedule_makes_a_new_plan_at_once(hass: HomeAssistant, waiting: House) -> None:
    before = waiting.state("sensor.home_plan_age").state
    waiting.freezer.tick(7)
    assert await call(hass, "reschedule", respond=False) is None
    assert waiting.state("sensor.home_plan_age").state > before

    waiting.freezer.tick(7)
    response = await call(hass, "reschedule", respond=True)
    assert response == await call(hass, "get_schedule", respond=True)


async def test_reschedule_takes_what_has_changed_into_account(
    hass: HomeAssistant, waiting: House
) -> None:
    waiting.set_hourly_prices([0.30] * 20 + [0.05] * 4 + [0.30] * 24)
    response = await call(hass, "reschedule", respond=True, config_entry_id="site")
    assert charger_of(response, "Garage")["cost"] == pytest.approx(1.11, abs=0.03)
    # Followed at once, without waiting for the next look
    assert waiting.garage_kw > 10


async def test_unreadable_prices_are_reported(hass: HomeAssistant, waiting: House) -> None:
    """The last ones known go on being used."""
    hass.states.async_set(PRICE, "unavailable")
    response = await call(hass, "reschedule", respond=True)
    assert PRICE in response["site"]["price_error"]
    assert charger_of(response, "Garage")["cost"] == pytest.approx(2.22, abs=0.03)
    waiting.set_hourly_prices(NIGHT)
    response = await call(hass, "reschedule", respond=True)
    assert response["site"]["price_error"] is None


async def test_site_has_to_be_named_where_there_are_several(
    hass: HomeAssistant, cottage: MockConfigEntry, waiting: House
) -> None:
    with pytest.raises(ServiceValidationError) as error:
        await call(hass, "get_schedule", respond=True)
    assert error.value.translation_key is not None
    assert error.value.translation_domain is not None
    for entry_id, name, chargers in (
        ("site", "Home", ["Garage", "Carport"]),
        ("cottage", "Cottage", ["Shed"]),
    ):
        response = await call(hass, "get_schedule", respond=True, config_entry_id=entry_id)
        assert response["site"]["name"] == name
        assert [charger["name"] for charger in response["chargers"]] == chargers


@pytest.mark.parametrize("action", ["get_schedule", "reschedule"])
@pytest.mark.parametrize("entry_id", ["nowhere", "foreign", "cottage"])
async def test_implausible_sites_are_refused(
    hass: HomeAssistant, cottage: MockConfigEntry, waiting: House, action: str, entry_id: str
) -> None:
    """There is none, it is of another integration, or it is not loaded."""
    MockConfigEntry(domain="foreign", entry_id="foreign").add_to_hass(hass)
    await hass.config_entries.async_unload("cottage")
    with pytest.raises(ServiceValidationError) as error:
        await call(hass, action, respond=action == "get_schedule", config_entry_id=entry_id)
    assert error.value.translation_key is not None
    assert error.value.translation_domain is not None


async def test_actions_are_there_without_any_site(hass: HomeAssistant, waiting: House) -> None:
    """Automations stay valid while a site is disabled."""
    await hass.config_entries.async_set_disabled_by("site", ConfigEntryDisabler.USER)
    with pytest.raises(ServiceValidationError):
        await call(hass, "get_schedule", respond=True)


async def test_plan_that_cannot_be_made_is_an_error(
    hass: HomeAssistant,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in algorithm_names():
        monkeypatch.setitem(registry._FACTORIES, name, Breakable)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    monkeypatch.setattr(Breakable, "broken", True)
    with pytest.raises(HomeAssistantError) as error:
        await call(hass, "reschedule", respond=False)
    assert error.value.translation_key == "planning_unsolved"
    assert error.value.translation_placeholders == {"algorithms": "optimal, go"}
    assert str(error.value) == "No plan could be made: optimal, go gave none. The log says why"
    assert "broken on purpose" in caplog.text


async def test_there_is_no_schedule_before_the_first_plan(
    hass: HomeAssistant, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in algorithm_names():
        monkeypatch.setitem(registry._FACTORIES, name, Breakable)
    monkeypatch.setattr(Breakable, "broken", True)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    with pytest.raises(HomeAssistantError) as error:
        await call(hass, "get_schedule", respond=True)
    assert error.value.translation_key == "planning_unsolved"
