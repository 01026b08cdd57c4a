"""Observing: it is planned and recorded what would have been saved, and nothing is written."""

from datetime import timedelta

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from tests.driven import Driven, at, drive
from tests.house import House
from tests.sessions.test_session_actions import get

from custom_components.optivgi.repairs import async_create_fix_flow

CONTROL = "select.home_control"
WRITES = {"input_number", "input_boolean"}


class ByItself(Driven):
    """A car at a charger that nobody limits: it draws 11 kW from plug-in on until it is at 80 %."""

    @classmethod
    def takes_all(cls, limit_kw: float, soc: float) -> float:
        """Take what the charger allows."""
        return 11.0 if soc < 80 else 0.0


async def observe(house: House) -> ByItself:
    """Set the site up, have it observed only, and let the car come."""
    driven = await drive(house, ByItself.takes_all, 60)
    await driven.async_leave(60)
    await house.async_select(CONTROL, "observe")
    await house.hass.services.async_call(
        "input_boolean",
        "turn_on",
        {ATTR_ENTITY_ID: "input_boolean.garage_charging"},
        blocking=True,
    )
    await house.hass.services.async_call(
        "input_number",
        "set_value",
        {ATTR_ENTITY_ID: "input_number.garage_limit", "value": 16},
        blocking=True,
    )
    return driven


async def test_what_would_have_been_saved_is_recorded_and_nothing_is_written(
    hass: HomeAssistant, house: House
) -> None:
    driven = await observe(house)
    assert house.state(CONTROL).state == "observe"
    calls = async_capture_events(hass, "call_service")
    await driven.async_plug_in()
    reason = house.state("sensor.garage_status").attributes["reason"]
    assert "It is only observed" in reason
    await driven.async_until(at("2026-11-21 06:50"))
    await driven.async_leave(60)

    assert [call.data for call in calls if call.data["domain"] in WRITES] == []
    session = (await get(hass))["sessions"][0]
    assert session["writes"] == 0
    # It has charged at once, at 0.5, and by the plan it would have waited for 0.1.
    assert session["cost"] == pytest.approx(0.5 * session["energy_kwh"], rel=0.01)
    assert session["planned_kwh"] == pytest.approx(session["energy_kwh"], rel=0.05)
    assert session["planned_cost"] == pytest.approx(0.1 * session["planned_kwh"], rel=0.1)
    assert session["would_save"] == pytest.approx(0.4 * session["planned_kwh"], rel=0.1)
    assert session["saved"] == pytest.approx(0, abs=0.05 * session["cost"])


async def test_after_a_week_it_is_asked_whether_to_drive(hass: HomeAssistant, house: House) -> None:
    driven = await observe(house)
    await driven.async_plug_in()
    await driven.async_until(at("2026-11-21 06:50"), 5.0)
    await driven.async_leave(60)
    issues = ir.async_get(hass)
    assert issues.async_get_issue("optivgi", "observe_only_site") is None
    await house.async_advance(timedelta(days=7))
    await house.async_advance(timedelta(minutes=2))
    issue = issues.async_get_issue("optivgi", "observe_only_site")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert float(issue.translation_placeholders["saved"]) > 2
    assert issue.translation_placeholders["sessions"] == "1"

    flow = await async_create_fix_flow(hass, issue.issue_id, issue.data)
    flow.hass, flow.handler, flow.issue_id = hass, "optivgi", issue.issue_id
    shown = await flow.async_step_init()
    assert shown["menu_options"] == ["drive", "observe"]
    await flow.async_step_drive()
    await house.async_settle()
    await house.async_settle()
    assert house.state(CONTROL).state == "drive"
    assert issues.async_get_issue("optivgi", "observe_only_site") is None
    # From now on it is driven.
    calls = async_capture_events(hass, "call_service")
    await house.async_plug_in("garage")
    await house.async_advance(timedelta(minutes=1))
    assert [
        call for call in calls if call.data["domain"] in WRITES and call.context.user_id is None
    ]


async def test_nothing_is_written_when_they_are_only_observed_from_now_on(
    hass: HomeAssistant, house: House
) -> None:
    """They were handed back before."""
    await drive(house, ByItself.takes_all, 60)
    assert house.garage_kw == 0
    await house.async_select(CONTROL, "observe")
    await house.async_settle()
    writes = async_capture_events(hass, "call_service")
    for _ in range(5):
        await house.async_advance(timedelta(minutes=5))
    assert [call.data for call in writes if call.data["domain"] in WRITES] == []
    assert house.state("sensor.garage_planned_energy").state != "unavailable"
