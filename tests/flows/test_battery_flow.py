"""The flow of a home battery: what is filled in, entered, and refused; the sign of its power."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from tests.flows.charger_forms import as_found
from tests.flows.test_proposal import async_in_dashboard
from tests.house import BATTERY_DATA, CHARGERS, ENGLISH, GRID, STORE, House, named_in

SECTION = "battery_limits"


async def submit(
    hass: HomeAssistant, entered: dict[str, Any], changed: str | None = None
) -> SubentryFlowResult:
    """Open the form of a new battery, or of one that is changed, and submit it."""
    flow = hass.config_entries.subentries
    context: Any = {"source": SOURCE_USER}
    if changed is not None:
        context = {"source": "reconfigure", "subentry_id": changed}
    result = await flow.async_init(("site", "battery"), context=context)
    assert result["type"] is FlowResultType.FORM
    return await flow.async_configure(result["flow_id"], entered)


async def test_battery_is_added_and_shown_again(hass: HomeAssistant, house: House) -> None:
    house.set_battery(0, 50)
    entry = await house.async_set_up_site(*CHARGERS)
    more = {"grid_charge": True, "may_export": False, "on_phase": "l2"}
    result = await submit(hass, {"name": " Store ", **BATTERY_DATA, SECTION: more})
    assert (result["type"], result["title"]) == (FlowResultType.CREATE_ENTRY, "Store")
    await house.async_settle()
    (battery,) = entry.get_subentries_of_type("battery")
    assert battery.data == {**BATTERY_DATA, "grid_charge": True, "on_phase": "l2"}
    assert house.state("binary_sensor.store_hold_battery").state == "off"
    context: Any = {"source": "reconfigure", "subentry_id": battery.subentry_id}
    again = await hass.config_entries.subentries.async_init(("site", "battery"), context=context)
    shown = as_found(again["data_schema"])
    assert shown == {
        "name": "Store",
        **BATTERY_DATA,
        SECTION: {"grid_charge": True, "on_phase": "l2"},
        "hold": {},
        "charge": {},
    }


async def test_battery_of_the_dashboard_is_filled_in(
    recorder_mock: object, hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site(*CHARGERS)
    house.set_battery(0, 50)
    await async_in_dashboard(
        hass,
        power_config={"stat_rate_from": "sensor.out_power", "stat_rate_to": "sensor.in_power"},
        stat_soc="sensor.battery_soc",
        capacity=7,
    )
    flow = hass.config_entries.subentries
    result = await flow.async_init(("site", "battery"), context={"source": SOURCE_USER})
    assert as_found(result["data_schema"]) == {
        "name": "sensor.battery_out",
        "power_entity": "sensor.in_power",
        "discharge_power_entity": "sensor.out_power",
        "soc_entity": "sensor.battery_soc",
        "capacity_kwh": 7,
        "max_charge_kw": 3.5,
        "max_discharge_kw": 3.5,
        SECTION: {},
        "hold": {},
        "charge": {},
    }


@pytest.mark.parametrize(
    ("entered", "field", "error"),
    [
        ({"name": " "}, "name", "name_missing"),
        ({"name": "x" * 101}, "name", "name_too_long"),
        # What the form begins with
        ({"capacity_kwh": 0}, "capacity_kwh", "size_missing"),
        ({"max_charge_kw": 0}, "max_charge_kw", "size_missing"),
        ({"max_discharge_kw": 0}, "max_discharge_kw", "size_missing"),
        ({"name": "store"}, "name", "name_in_use"),
        ({"power_entity": "sensor.nothing"}, "power_entity", "entity_missing"),
        ({"power_entity": GRID}, "power_entity", "power_in_use"),
        ({"power_entity": "sensor.battery_power"}, "power_entity", "power_in_use"),
        (
            {"discharge_power_entity": "sensor.other_power"},
            "discharge_power_entity",
            "powers_same",
        ),
        ({"power_entity": "sensor.huge"}, "power_entity", "power_impossible"),
        ({"power_entity": "sensor.home_planned_power"}, "power_entity", "entity_is_our_own"),
        ({"soc_entity": "sensor.nothing"}, "soc_entity", "entity_missing"),
        ({"soc_entity": "sensor.huge"}, "soc_entity", "soc_unreadable"),
        ({"reserve_soc": 100}, "reserve_soc", "reserve_above_max"),
        ({"hold": {"hold_active": True}}, "hold", "hold_missing"),
        ({"hold": {"hold_entity": "number.nothing"}}, "hold", "entity_missing"),
        ({"hold": {"hold_entity": "input_select.store_mode"}}, "hold", "option_unknown"),
        ({"charge": {"charge_active": True}}, "charge", "charge_missing"),
        ({"charge": {"charge_entity": "input_select.store_mode"}}, "charge", "option_unknown"),
        ({"charge": {"charge_power_entity": "number.nothing"}}, "charge", "entity_missing"),
        (
            {"charge": {"charge_power_entity": "input_number.store_min_soc"}},
            "charge",
            "power_unit_unknown",
        ),
        (
            {
                "charge": {
                    "charge_active": True,
                    "charge_entity": "input_select.store_mode",
                    "charge_option": "charge",
                    "charge_power_entity": "input_number.store_charge_power",
                }
            },
            "charge",
            "charge_not_planned",
        ),
    ],
)
async def test_what_cannot_be_is_refused(
    hass: HomeAssistant, house: House, entered: dict[str, Any], field: str, error: str
) -> None:
    house.set_battery(0, 50)
    house.set_power("sensor.other_power", 0)
    house.set_power("sensor.huge", 50_000)
    await house.async_set_up_site(*CHARGERS, STORE)
    new = {"name": "Other", **BATTERY_DATA, "power_entity": "sensor.other_power"}
    result = await submit(hass, {**new, **entered, SECTION: {}})
    assert result["errors"] == {field: error}
    text = ENGLISH["config_subentries"]["battery"]["error"][error]
    assert named_in(text) <= (result["description_placeholders"] or {}).keys()


@pytest.mark.parametrize(
    ("shown", "inverted", "asked"),
    [
        # It gives 3 kW to a house of 3.2 kW: only a sign that is negative then fits.
        ((200, 3000), False, True),
        ((200, 3000), True, False),
        ((200, -3000), False, False),
        ((200, -3000), True, True),
        # It takes 3 kW from the grid, which fits both ways of the meter only with one sign.
        ((3200, 3000), False, False),
        # Too little to tell.
        ((200, 100), False, False),
    ],
)
async def test_sign_that_contradicts_the_meter_is_asked_about(
    hass: HomeAssistant, house: House, shown: tuple[int, int], *, inverted: bool, asked: bool
) -> None:
    house.set_power("sensor.pv", 0)
    await house.async_set_up_site(*CHARGERS, data={"pv_entity": "sensor.pv"})
    house.set_power(GRID, shown[0])
    house.set_battery(shown[1], 50)
    entered = {"name": "Store", **BATTERY_DATA, "power_inverted": inverted, SECTION: {}}
    result = await submit(hass, entered)
    if not asked:
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await house.async_settle()
        return
    assert result["errors"] == {"power_entity": "sign_contradicts"}
    assert "-2.8" in (result["description_placeholders"] or {})["house"]
    # Who says that it is right is believed.
    again = await hass.config_entries.subentries.async_configure(result["flow_id"], entered)
    assert again["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
