"""A charger of OCPP is set up by picking its device, and changed without anything being left."""

from typing import Any

from demo.custom_components.ocpp.charge_point import ChargePoint
from demo.custom_components.ocpp.hardware import Quirks
from homeassistant.config_entries import SOURCE_USER
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import get_schema_suggested_value

from tests.house import CHARGERS, subentry

from .bench import FAST_KW
from .home import Home, allowed_kw, charger_data


def ours(charge_point: ChargePoint) -> list[Any]:
    """Return the profiles in a charge point that are ours."""
    return [stored for stored in charge_point.hardware.store.profiles if stored.id >= 7000]


def fields(result: Any) -> dict[str, Any]:
    """Return what a form of a charger has filled in, by field."""
    schema = result["data_schema"].schema
    values = {str(field): get_schema_suggested_value(schema, str(field)) for field in schema}
    return {field: value for field, value in values.items() if value is not None}


def ways_to_control(result: Any) -> set[str]:
    """Return the fields of the section with the other ways to control."""
    return {str(field) for field in result["data_schema"].schema["control"].schema.schema}


async def async_pick(home: Home, device: str) -> Any:
    """Pick a device in the form of a new charger; return the form with what was found."""
    assert home.bench.central.entry is not None
    found = dr.async_get(home.hass).async_get_device_by_identifier(
        ("ocpp", device), home.bench.central.entry.entry_id
    )
    assert found is not None
    flows = home.hass.config_entries.subentries
    result = await flows.async_init(("site", "charger"), context={"source": SOURCE_USER})
    return await flows.async_configure(result["flow_id"], {"device_id": found.id})


async def async_agree(home: Home, result: Any, **changed: Any) -> dict[str, Any]:
    """Say yes to what was found; return what is stored."""
    flows = home.hass.config_entries.subentries
    entered = {**fields(result), "phases": "3", "max_a": 16, **changed}
    result = await flows.async_configure(result["flow_id"], entered)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await home.house.async_settle()
    return dict(result["data"])


async def test_charger_is_found_by_its_device_and_needs_no_more(home: Home) -> None:
    cp = await home.async_start("1.6", chargers={}, others=CHARGERS[:1])
    result = await async_pick(home, "wallbox_1")
    assert {"ocpp_profiles", "meter_interval"} <= ways_to_control(result)
    data = await async_agree(home, result)
    assert data == charger_data()
    await home.async_plug_in(cp)
    await home.async_pass(12)
    assert len(ours(cp)) == 1
    assert allowed_kw(cp) == pytest.approx(FAST_KW)


async def test_connectors_are_found_by_their_own_devices(home: Home) -> None:
    quirks = Quirks(connectors=2)
    cp = await home.async_start("1.6", chargers={}, others=CHARGERS[:1], quirks=quirks)
    for connector in (1, 2):
        result = await async_pick(home, f"wallbox_1-conn{connector}")
        data = await async_agree(home, result, name=f"Port {connector}")
        assert data["status_entity"] == f"sensor.wallbox_1_connector_{connector}_status_connector"
    await home.async_plug_in(cp, 2)
    await home.async_pass(12)
    assert {stored.id for stored in ours(cp)} == {7021}


async def test_other_chargers_are_not_asked_for_it(home: Home) -> None:
    await home.async_start("1.6", chargers={}, others=CHARGERS[:1])
    assert home.house.entry is not None
    result = await home.house.entry.start_subentry_reconfigure_flow(home.hass, "garage")
    assert "ocpp_profiles" not in ways_to_control(result)


async def test_charger_from_before_is_freed_from_its_number(home: Home) -> None:
    """When Home Assistant stopped for the update, its number was left at the safe limit."""
    data = charger_data()
    del data["ocpp_profiles"]
    cp = await home.async_start("1.6", chargers={"box": data}, others=CHARGERS[:1])
    await home.hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": "number.wallbox_1_maximum_current", "value": 6},
        blocking=True,
    )
    await home.async_plug_in(cp)
    await home.async_pass(12)
    assert home.house.value("number.wallbox_1_maximum_current") == 32
    await home.house.async_select("select.box_mode", "now")
    await home.async_pass(12)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    # Afterwards that number is the user's own: a limit for the whole station.
    await home.hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": "number.wallbox_1_maximum_current", "value": 9},
        blocking=True,
    )
    await home.async_pass(30)
    assert cp.hardware.limit_a() == 9
    assert max(await home.async_planned_kw([home.bench.now])) == pytest.approx(6.21)


@pytest.mark.parametrize("before", ["tx_default", "tx", "both"])
@pytest.mark.parametrize("after", ["tx_default", "tx", "both", "number"])
async def test_another_setting_leaves_nothing_of_the_one_before(
    home: Home, before: str, after: str
) -> None:
    home.house.set_hourly_prices([0.3] * 26 + [0.1] * 22)
    chargers = {"box": charger_data(ocpp_profiles=before)}
    cp = await home.async_start("1.6", chargers=chargers)
    await home.async_plug_in(cp)
    await home.async_pass(12)
    assert cp.hardware.limit_a() == 0
    entry = home.house.entry
    assert entry is not None
    home.hass.config_entries.async_update_subentry(
        entry, entry.subentries["box"], data=charger_data(ocpp_profiles=after)
    )
    await home.house.async_settle()
    await home.house.async_select("select.box_mode", "now")
    await home.async_pass(40)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    assert home.issues == set()


async def test_subentries_as_they_are_stored_need_no_setting(home: Home) -> None:
    data = charger_data()
    del data["ocpp_profiles"]
    cp = await home.async_start(
        "2.0.1", chargers={}, others=(subentry("box", "charger", "Box", data),)
    )
    await home.async_plug_in(cp)
    await home.async_pass(12)
    assert len(ours(cp)) == 1
