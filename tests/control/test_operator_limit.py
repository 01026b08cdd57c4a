"""What the grid operator allows: entered in the form, kept at once, planned with and named."""

from datetime import timedelta
from typing import Any

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from hypothesis import given, strategies as st
import pytest
from tests.flows.forms import in_form
from tests.flows.test_config_flow_house import SITE, enter
from tests.flows.test_meter_section import CONSTANT
from tests.house import CHARGERS, ENGLISH, GRID, VEHICLES, House, charger_of, named_in

from custom_components.optivgi.bindings.house.operator_limit import dimmed_kw

LIMIT, SIGNAL = "sensor.operator_limit", "binary_sensor.dimmed"
HOUSE_KW = 0.5


def limit_to(hass: HomeAssistant, value: str, unit: str = "kW") -> None:
    """Let the grid operator set a limit."""
    hass.states.async_set(LIMIT, value, {"unit_of_measurement": unit})


async def in_house(hass: HomeAssistant, house: House, entered: dict[str, Any]) -> None:
    """Enter the operator's entities in the form of a site whose cars charge at once."""
    entry = await house.async_set_up_site(*CHARGERS, *VEHICLES)
    form = await entry.start_reconfigure_flow(hass)
    result = await enter(hass, form, in_form(form, {**SITE, "power_entity": GRID, **entered}))
    assert result["step_id"] == "constant", result["errors"]
    result = await enter(hass, result, CONSTANT)
    assert result["type"] is FlowResultType.ABORT
    await house.async_settle()
    for charger in ("garage", "carport"):
        await house.async_plug_in(charger)
        await house.async_select(f"select.{charger}_mode", "now")
    await pass_by(house, 60)


async def pass_by(house: House, seconds: int) -> None:
    """Let time pass; the cars draw what they may, and the meters show it."""
    for _ in range(seconds // 10):
        house.set_power("sensor.garage_power", house.garage_kw * 1000)
        house.set_power("sensor.carport_power", house.carport_kw * 1000)
        house.set_power(GRID, (HOUSE_KW + house.garage_kw + house.carport_kw) * 1000)
        await house.async_advance(timedelta(seconds=10))


@pytest.mark.parametrize(
    ("value", "unit", "kw"),
    [("9", "kW", 9), ("9000", "W", 9), ("15", "A", 10.35)],
)
async def test_limit_is_kept_at_once_named_and_planned_with(
    hass: HomeAssistant, house: House, value: str, unit: str, kw: float
) -> None:
    """Not with the next plan: chargers are told when the limit changes."""
    limit_to(hass, "100000", unit)
    await in_house(hass, house, {"operator_limit_entity": LIMIT})
    assert house.garage_kw + house.carport_kw > 14
    limit_to(hass, value, unit)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert house.garage_kw + house.carport_kw <= kw - HOUSE_KW + 0.01
    assert house.garage_kw + house.carport_kw > 4
    await pass_by(house, 60)
    schedule = await house.async_schedule()
    for name in ("Garage", "Carport"):
        assert "grid operator" in charger_of(schedule, name)["reason"]
    for start in range(8):
        total = sum(charger["plan"][start]["limit_kw"] for charger in schedule["chargers"])
        assert total <= kw + 0.01
    limit_to(hass, "100000", unit)
    await pass_by(house, 60)
    assert house.garage_kw + house.carport_kw > 14


async def test_dimmed_chargers_share_what_the_law_leaves_them(
    hass: HomeAssistant, house: House
) -> None:
    """Two chargers: 4.2 kW and 0.8 * 4.2 kW from the grid, whatever the house draws besides."""
    hass.states.async_set(SIGNAL, "off")
    await in_house(hass, house, {"dimming_entity": SIGNAL})
    assert house.garage_kw + house.carport_kw > 14
    hass.states.async_set(SIGNAL, "on")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert 6.8 < house.garage_kw + house.carport_kw <= 7.56
    await pass_by(house, 30)
    garage = charger_of(await house.async_schedule(), "Garage")
    carport = charger_of(await house.async_schedule(), "Carport")
    for charger in (garage, carport):
        assert "The grid operator dims: the chargers may take 7.6 kW" in charger["reason"]
    hass.states.async_set(SIGNAL, "off")
    await pass_by(house, 60)
    assert house.garage_kw + house.carport_kw > 14


async def test_own_surplus_comes_on_top_while_dimmed(hass: HomeAssistant, house: House) -> None:
    hass.states.async_set(SIGNAL, "on")
    house.set_power("sensor.pv", 0)
    entered = {"dimming_entity": SIGNAL, "dimmed_devices": 1, "pv_entity": "sensor.pv"}
    await in_house(hass, house, entered)
    assert house.garage_kw + house.carport_kw == pytest.approx(4.2, abs=0.1)
    for _ in range(24):
        drawn_kw = house.garage_kw + house.carport_kw
        house.set_power("sensor.garage_power", house.garage_kw * 1000)
        house.set_power("sensor.carport_power", house.carport_kw * 1000)
        house.set_power("sensor.pv", 5500)
        house.set_power(GRID, (drawn_kw - 5.0) * 1000)
        await house.async_advance(timedelta(seconds=10))
    assert 7.5 < house.garage_kw + house.carport_kw <= 9.21


async def test_silent_signal_counts_as_dimmed_and_is_reported(
    hass: HomeAssistant, house: House
) -> None:
    hass.states.async_set(SIGNAL, "off")
    await in_house(hass, house, {"dimming_entity": SIGNAL})
    hass.states.async_set(SIGNAL, STATE_UNAVAILABLE)
    await pass_by(house, 30)
    assert house.garage_kw + house.carport_kw > 14
    await pass_by(house, 60)
    assert house.garage_kw + house.carport_kw <= 7.56
    issue = ir.async_get(hass).async_get_issue("optivgi", "operator_limit_silent_site")
    assert issue is not None
    text = ENGLISH["issues"]["operator_limit_silent"]
    step = text["fix_flow"]["step"]["init"]
    named = named_in(text["title"]) | named_in(step["description"])
    assert named <= (issue.translation_placeholders or {}).keys()
    hass.states.async_set(SIGNAL, "off")
    await pass_by(house, 60)
    assert house.garage_kw + house.carport_kw > 14
    assert ir.async_get(hass).async_get_issue("optivgi", "operator_limit_silent_site") is None


async def test_silent_limit_stays_as_it_was(hass: HomeAssistant, house: House) -> None:
    """Also over a restart: nobody has said that it has ended."""
    limit_to(hass, "9")
    await in_house(hass, house, {"operator_limit_entity": LIMIT})
    limit_to(hass, STATE_UNAVAILABLE)
    await pass_by(house, 120)
    assert house.garage_kw + house.carport_kw <= 8.51
    assert house.entry is not None
    assert await hass.config_entries.async_reload(house.entry.entry_id)
    await pass_by(house, 120)
    assert 4 < house.garage_kw + house.carport_kw <= 8.51
    assert ir.async_get(hass).async_get_issue("optivgi", "operator_limit_silent_site")


@pytest.mark.parametrize(
    ("entered", "error"),
    [
        ({"operator_limit_entity": "sensor.nowhere"}, "operator_entity_missing"),
        ({"operator_limit_entity": "sensor.zoe_battery"}, "operator_unit_unknown"),
        ({"dimming_entity": "binary_sensor.nowhere"}, "operator_entity_missing"),
    ],
)
async def test_what_says_no_limit_is_refused(
    hass: HomeAssistant, house: House, entered: dict[str, Any], error: str
) -> None:
    entry = await house.async_set_up_site(*CHARGERS)
    form = await entry.start_reconfigure_flow(hass)
    result = await enter(hass, form, in_form(form, {**SITE, "power_entity": GRID, **entered}))
    assert result["errors"] == {"limits": error}
    text = ENGLISH["config"]["error"][error]
    assert named_in(text) <= (result["description_placeholders"] or {}).keys()


@pytest.mark.parametrize(
    ("devices", "kw"), [(1, 4.2), (2, 7.56), (3, 10.5), (8, 18.9), (9, 19.32), (20, 40.11)]
)
def test_power_left_to_dimmed_devices(devices: int, kw: float) -> None:
    assert dimmed_kw(devices) == pytest.approx(kw)


@given(devices=st.integers(1, 60))
def test_no_device_more_leaves_much_less(devices: int) -> None:
    """By the factors of the rule itself, from eight to nine too."""
    assert dimmed_kw(devices) >= 4.2
    assert dimmed_kw(devices) <= 4.2 * devices + 1e-9
