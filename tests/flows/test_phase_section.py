"""The part of a charger's form on switching phases: what is kept, what it does, what is refused."""

from typing import Any

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from tests.flows.charger_forms import as_found
from tests.flows.forms import in_form
from tests.house import CHARGERS, ENGLISH, VEHICLES, House, named_in

SWITCHING: dict[str, Any] = {
    "phase_entity": "input_select.garage_phases",
    "one_phase": "one",
    "three_phases": "three",
}
ACTION = [{"action": "brand.phases", "data": {}}]
BUDGETS = {
    "phase_pause": 20.0,
    "phase_interval": 300.0,
    "switches_per_session": 4.0,
    "switches_per_day": 8.0,
}


async def submit(hass: HomeAssistant, kind: str, part: str, entered: Any) -> SubentryFlowResult:
    """Change a charger or a vehicle by its form."""
    flow = hass.config_entries.subentries
    context: Any = {"source": "reconfigure", "subentry_id": part}
    form: Any = await flow.async_init(("site", kind), context=context)
    filled = {**as_found(form["data_schema"]), **in_form(form, entered)}
    return await flow.async_configure(form["flow_id"], filled)


async def test_charger_switches_as_it_is_entered_and_a_car_forbids_it(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site(*CHARGERS, *VEHICLES)
    assert hass.states.get("select.garage_phases") is None
    result = await submit(hass, "charger", "garage", {**SWITCHING, **BUDGETS})
    assert result["type"] is FlowResultType.ABORT
    await house.async_settle()
    assert {**SWITCHING, **BUDGETS}.items() <= entry.subentries["garage"].data.items()
    await house.async_plug_in("garage")
    await house.async_select("select.garage_phases", "one")
    assert house.state("input_select.garage_phases").state == "one"
    await house.async_select("select.garage_phases", "auto")
    await house.async_unplug("garage")
    await submit(hass, "vehicle", "zoe", {"keep_phases": True})
    await house.async_settle()
    assert entry.subentries["zoe"].data["keep_phases"] is True
    await house.async_plug_in("garage")
    await house.async_select("select.garage_phases", "three")
    assert house.state("input_select.garage_phases").state == "one"


@pytest.mark.parametrize(
    ("entered", "error"),
    [
        ({"phase_entity": "input_select.garage_phases"}, "phase_values_missing"),
        ({**SWITCHING, "three_phases": "one"}, "phase_values_missing"),
        ({**SWITCHING, "three_phases": "all"}, "phase_values_missing"),
        ({**SWITCHING, "phase_entity": "input_number.garage_limit"}, "phase_values_missing"),
        ({**SWITCHING, "phase_entity": "input_select.nothing"}, "entity_missing"),
        ({**SWITCHING, "phase_entity": "sensor.garage_power"}, "phase_entity_not_writable"),
        ({"one_phase_action": ACTION}, "action_missing"),
        (
            {"one_phase_action": ACTION, "three_phases_action": [{"delay": 1}]},
            "action_missing",
        ),
        ({**SWITCHING, "stop_rule": "never"}, "phases_never_stop"),
    ],
)
async def test_what_cannot_be_switched_is_refused(
    hass: HomeAssistant, house: House, entered: dict[str, Any], error: str
) -> None:
    await house.async_set_up_site(*CHARGERS)
    result = await submit(hass, "charger", "garage", entered)
    assert list((result["errors"] or {}).values()) == [error]
    text = ENGLISH["config_subentries"]["charger"]["error"][error]
    assert named_in(text) <= (result["description_placeholders"] or {}).keys()


async def test_charger_with_one_phase_keeps_nothing_of_switching(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site(*CHARGERS)
    await submit(hass, "charger", "garage", {**SWITCHING, "phases": "1"})
    await house.async_settle()
    assert not SWITCHING.keys() & entry.subentries["garage"].data.keys()


async def test_half_of_a_pair_of_actions_is_refused(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site(*CHARGERS)
    hass.services.async_register("brand", "phases", lambda call: None)
    result = await submit(hass, "charger", "garage", {"one_phase_action": ACTION})
    assert result["errors"] == {"phase_switching": "pair_incomplete"}


async def test_two_chargers_do_not_share_a_switch(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site(*CHARGERS)
    await submit(hass, "charger", "garage", SWITCHING)
    await house.async_settle()
    result = await submit(hass, "charger", "carport", SWITCHING)
    assert list((result["errors"] or {}).values()) == ["limit_in_use"]
