"""A meter that goes on showing what cannot be becomes an issue, and a person says what is wrong."""

from typing import Any

from homeassistant.components.repairs.const import DOMAIN as REPAIRS_DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest

from custom_components.optivgi.const import DOMAIN
from tests.flows.forms import in_form
from tests.flows.test_config_flow import CONSTANT, SITE
from tests.house import ENGLISH, GRID, House
from tests.plant import FUSE_KW, MIN_KW, Box, Plant, charging, wattbox

BELOW, BEYOND = "meter_below_site", "meter_beyond_site"


async def wrong(house: House, factor: float) -> Plant:
    """Return a plant whose meter is wrong while two cars charge."""
    plant = await charging(house, Box("a"), wattbox("b"), meter_factor=factor, house_kw=1.0)
    await plant.async_step(60)
    return plant


async def fix(hass: HomeAssistant, issue_id: str, choice: str) -> None:
    """Say what is wrong."""
    assert await async_setup_component(hass, REPAIRS_DOMAIN, {})
    flows = hass.data[REPAIRS_DOMAIN]["flow_manager"]
    result: dict[str, Any] = await flows.async_init(DOMAIN, context={"issue_id": issue_id})
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "init")
    texts = ENGLISH["issues"][issue_id.removesuffix("_site")]["fix_flow"]["step"]["init"]
    assert set(result["menu_options"]) == texts["menu_options"].keys()
    assert GRID in result["description_placeholders"]["entity"]
    result = await flows.async_configure(result["flow_id"], {"next_step_id": choice})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize(
    ("factor", "issue_id", "choice", "options"),
    [
        (-1, BELOW, "inverted", {"meter_inverted": True}),
        (0.001, BELOW, "kilowatts", {"meter_factor": 1000}),
        (1000, BEYOND, "watts", {"meter_factor": 0.001}),
    ],
)
async def test_a_wrong_meter_is_set_right(
    house: House, factor: float, issue_id: str, choice: str, options: dict[str, Any]
) -> None:
    hass = house.hass
    issue_registry = ir.async_get(hass)
    plant = await wrong(house, factor)
    assert [box.standing_kw for box in plant.boxes] == pytest.approx([MIN_KW] * 2, abs=0.01)
    issue = issue_registry.async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.is_fixable
    await fix(hass, issue_id, choice)
    assert house.entry is not None
    assert house.entry.options == pytest.approx(options)
    assert issue_registry.async_get_issue(DOMAIN, issue_id) is None
    await plant.async_step(60)
    assert issue_registry.async_get_issue(DOMAIN, issue_id) is None
    standing_kw = sum(box.standing_kw for box in plant.boxes)
    assert FUSE_KW - 1 - 1.5 < standing_kw <= FUSE_KW - 1 + 0.01


async def test_a_meter_that_was_stuck_needs_no_correction(
    hass: HomeAssistant, house: House, issue_registry: ir.IssueRegistry
) -> None:
    plant = await wrong(house, 0)
    await fix(hass, BELOW, "elsewhere")
    assert house.entry is not None
    assert house.entry.options == {}
    # As long as it is stuck, that is an issue.
    await plant.async_step(2)
    assert issue_registry.async_get_issue(DOMAIN, BELOW) is not None
    plant.meter_factor = 1
    await plant.async_step(30)
    assert issue_registry.async_get_issue(DOMAIN, BELOW) is None


async def test_what_was_wrong_for_a_moment_is_nobodys_business(
    house: House, issue_registry: ir.IssueRegistry
) -> None:
    plant = await charging(house, Box("a"), wattbox("b"), house_kw=1.0)
    plant.meter_factor = 0
    await plant.async_step(20)
    plant.meter_factor = 1
    await plant.async_step(60)
    assert not [key for key in issue_registry.issues if key[0] == DOMAIN]


async def test_an_issue_of_a_site_that_is_removed_is_none(
    hass: HomeAssistant, house: House, issue_registry: ir.IssueRegistry
) -> None:
    await wrong(house, 0)
    assert issue_registry.async_get_issue(DOMAIN, BELOW) is not None
    await hass.config_entries.async_remove("site")
    assert issue_registry.async_get_issue(DOMAIN, BELOW) is None


@pytest.mark.parametrize(("power", "kept"), [(GRID, True), ("sensor.other", False)])
async def test_what_corrects_a_meter_is_not_for_another_one(
    hass: HomeAssistant, house: House, power: str, kept: bool
) -> None:
    house.set_power("sensor.other", 500)
    entry = await house.async_set_up_site()
    hass.config_entries.async_update_entry(entry, options={"meter_inverted": True})
    await house.async_settle()
    result = await entry.start_reconfigure_flow(hass)
    flows = hass.config_entries.flow
    # The form shows it as it stands.
    entered = {**SITE, "power_entity": power, "meter_inverted": True}
    result = await flows.async_configure(result["flow_id"], in_form(result, entered))
    result = await flows.async_configure(result["flow_id"], CONSTANT)
    assert result["reason"] == "reconfigure_successful"
    await house.async_settle()
    assert entry.options == ({"meter_inverted": True} if kept else {})
