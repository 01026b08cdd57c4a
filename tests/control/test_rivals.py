"""Somebody else commands a charger, too: after a few rounds it is left to them, and named."""

from datetime import timedelta
from typing import Any

from homeassistant.components.repairs.const import DOMAIN as REPAIRS_DOMAIN
from homeassistant.core import Context, Event, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from tests.house import House
from tests.plant import Box, charging

TEN_SECONDS = timedelta(seconds=10)
AUTOMATION = {
    "alias": "Old charging",
    "trigger": {"platform": "time_pattern", "seconds": "/10"},
    "action": {
        "action": "input_number.set_value",
        "target": {"entity_id": "input_number.carport_limit"},
        "data": {"value": 11_000},
    },
}


@pytest.fixture
async def written(hass: HomeAssistant, house: House) -> list[dict[str, Any]]:
    """What is written to the chargers, by whomever."""
    found: list[dict[str, Any]] = []

    @callback
    def note(event: Event) -> None:
        if event.data["domain"] in {"input_number", "input_boolean"}:
            found.append(event.data["service_data"] | {"service": event.data["service"]})

    house.set_hourly_prices([0.5] * 24 + [0.1] * 24)
    await house.async_set_up_site()
    hass.bus.async_listen("call_service", note)
    return found


def issue(house: House, charger: str) -> ir.IssueEntry | None:
    return ir.async_get(house.hass).async_get_issue("optivgi", f"charger_has_rival_{charger}")


async def test_a_switch_that_turns_itself_on_is_left_alone_after_a_few_rounds(
    house: House, written: list[dict[str, Any]]
) -> None:
    await house.async_plug_in("garage")
    written.clear()
    for _ in range(6 * 60):
        if house.state("input_boolean.garage_charging").state == "off":
            house.hass.states.async_set("input_boolean.garage_charging", "on")
        await house.async_advance(TEN_SECONDS)
    stops = [call for call in written if call["service"] == "turn_off"]
    assert 1 <= len(stops) <= 3
    status = house.state("sensor.garage_status")
    assert status.state == "held"
    assert status.attributes["reason"].startswith("Garage keeps changing its limit: left alone")
    found = issue(house, "garage")
    assert found is not None
    assert found.translation_key == "charger_changes_itself"


async def test_an_automation_that_sets_the_limit_is_named_and_selecting_a_mode_resumes(
    hass: HomeAssistant, house: House, written: list[dict[str, Any]]
) -> None:
    await house.async_plug_in("carport")
    assert await async_setup_component(hass, "automation", {"automation": AUTOMATION})
    await house.async_settle()
    for _ in range(6 * 20):
        await house.async_advance(TEN_SECONDS)
    ours = [call for call in written if call.get("value") == 0]
    assert 1 <= len(ours) <= 3
    reason = house.state("sensor.carport_status").attributes["reason"]
    assert reason.startswith("Old charging keeps changing its limit")
    found = issue(house, "carport")
    assert found is not None
    assert found.translation_placeholders == {"charger": "Carport", "rival": "Old charging"}
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.old_charging"}, blocking=True
    )
    await house.async_select("select.carport_mode", "smart")
    await house.async_advance(TEN_SECONDS)
    assert house.carport_kw == 0
    assert house.state("sensor.carport_status").state == "waiting"
    assert issue(house, "carport") is None


async def test_a_charger_that_resets_itself_once_is_commanded_on(house: House) -> None:
    house.set_hourly_prices([0.5] * 24 + [0.1] * 24)
    await house.async_set_up_site()
    await house.async_plug_in("carport")
    limit = house.state("input_number.carport_limit")
    house.hass.states.async_set(limit.entity_id, "11000", limit.attributes)
    for _ in range(30):
        await house.async_advance(TEN_SECONDS)
    assert house.carport_kw == 0
    assert house.state("sensor.carport_status").state == "waiting"


async def test_a_charger_that_shows_its_limit_late_is_not_taken_for_its_own_rival(
    house: House,
) -> None:
    plant = await charging(house, Box("a", confirm_s=25))
    for house_kw in (8.0, 9.5, 11.0, 12.0):
        plant.house_kw = house_kw
        await plant.async_step(5)
    assert 0 < plant["a"].standing_kw < 17.25 - 12.0
    assert house.state(house.entity_id("sensor", "a", "status")).state == "charging"


@pytest.mark.parametrize(
    ("choice", "status", "later"),
    [
        ("resume", "waiting", "starting"),
        ("until_departure", "held", "starting"),
        ("until_unplugged", "held", "held"),
    ],
)
async def test_a_person_says_who_is_to_command_it(
    house: House, written: list[dict[str, Any]], choice: str, status: str, later: str
) -> None:
    """The car should have left at 07:00, and lacks energy: it charges at once from then on."""
    hass = house.hass
    await house.async_plug_in("garage")
    for _ in range(6 * 10):
        if house.state("input_boolean.garage_charging").state == "off":
            house.hass.states.async_set("input_boolean.garage_charging", "on")
        await house.async_advance(TEN_SECONDS)
    found = issue(house, "garage")
    assert found is not None
    assert found.is_fixable
    assert await async_setup_component(hass, REPAIRS_DOMAIN, {})
    flows = hass.data[REPAIRS_DOMAIN]["flow_manager"]
    flow = await flows.async_init("optivgi", context={"issue_id": found.issue_id})
    assert flow["description_placeholders"]["departure"] == "Sat 07:00"
    await flows.async_configure(flow["flow_id"], {"next_step_id": choice})
    await house.async_settle()
    assert issue(house, "garage") is None
    assert house.state("sensor.garage_status").state == status
    house.freezer.move_to("2026-11-21 06:00:10+00:00")
    await house.async_advance(TEN_SECONDS)
    await house.async_settle()
    assert house.state("sensor.garage_status").state == later


async def test_a_person_who_takes_over_later_has_it_until_unplugging(
    hass: HomeAssistant, house: House, hass_admin_user: MockUser
) -> None:
    """The rival had it until the departure only."""
    entry = await house.async_set_up_site()
    await house.async_plug_in("garage")
    session = entry.runtime_data.site.points["garage"].session
    session.held, session.held_by = True, "Old charging"
    session.held_until = dt_util.utcnow() + timedelta(minutes=5)
    await hass.services.async_call(
        "input_number",
        "set_value",
        {"entity_id": "input_number.garage_limit", "value": 8},
        blocking=True,
        context=Context(user_id=hass_admin_user.id),
    )
    for _ in range(6):
        await house.async_advance(timedelta(minutes=1))
    shown = house.state("sensor.garage_status")
    assert shown.state == "held"
    assert shown.attributes["reason_code"] == "operated_by_hand"
