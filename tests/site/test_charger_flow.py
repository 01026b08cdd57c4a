"""The flow of a charger: its device, its entities, every refusal and the way on from it."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import slugify
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_schema_suggested_value,
)
from tests.house import (
    CARPORT_DATA,
    CHARGERS,
    ENGLISH,
    GARAGE_DATA,
    SITE_DATA,
    House,
    named_in,
    subentry,
)

from custom_components.optivgi.const import DOMAIN

AMPERES = {"unit_of_measurement": "A", "min": 6, "max": 16, "step": 1}
FROM_ZERO = {**AMPERES, "min": 0}
LIMIT = "number.box_limit"
STATUS = "sensor.wall_status"
ENTERED: dict[str, Any] = {
    "name": "Box",
    "limit_entity": LIMIT,
    "phases": "3",
    "min_a": 6,
    "max_a": 16,
}


@pytest.fixture
async def site(hass: HomeAssistant, house: House) -> AsyncGenerator[MockConfigEntry]:
    """Yield a site without chargers, beside a box that accepts 0 A."""
    entry = MockConfigEntry(
        domain=DOMAIN, title="Home", entry_id="site", unique_id="home", data=dict(SITE_DATA)
    )
    house.entry = entry
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await house.async_settle()
    hass.states.async_set(LIMIT, "10", FROM_ZERO)
    hass.states.async_set(STATUS, "Charging")
    yield entry
    # A new charger sets the site up anew.
    await house.async_settle()


async def start(hass: HomeAssistant, user_input: dict[str, Any] | None) -> SubentryFlowResult:
    """Open the flow and answer its first form."""
    result = await hass.config_entries.subentries.async_init(
        ("site", "charger"), context={"source": SOURCE_USER}
    )
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "user")
    result = await enter(hass, result, user_input or {})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "entities")
    assert not result["errors"]
    return result


async def enter(
    hass: HomeAssistant, result: SubentryFlowResult, user_input: dict[str, Any]
) -> SubentryFlowResult:
    """Submit the form that a flow shows."""
    return await hass.config_entries.subentries.async_configure(result["flow_id"], user_input)


def suggested(result: SubentryFlowResult) -> dict[str, Any]:
    """Return what a form has filled in."""
    assert result["data_schema"] is not None
    schema = result["data_schema"].schema
    values = {str(field): get_schema_suggested_value(schema, str(field)) for field in schema}
    return {field: value for field, value in values.items() if value is not None}


def charger_data(entry: MockConfigEntry) -> dict[str, Any]:
    """Return what is stored of the only charger."""
    (charger,) = entry.get_subentries_of_type("charger")
    return {"name": charger.title, **charger.data}


async def test_charger_without_a_device(
    hass: HomeAssistant, house: House, site: MockConfigEntry
) -> None:
    result = await start(hass, {"name": "Box"})
    assert suggested(result) == {"name": "Box"}
    entered = {**ENTERED, "status_entity": STATUS, "power_entity": "sensor.garage_power"}
    result = await enter(hass, result, entered)
    assert (result["type"], result["title"]) == (FlowResultType.CREATE_ENTRY, "Box")
    await house.async_settle()
    assert charger_data(site) == entered
    assert site.state is ConfigEntryState.LOADED
    assert house.state("select.box_mode").state == "smart"


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        ({"limit_entity": "sensor.garage_power"}, {"limit_entity": "limit_not_writable"}),
        ({"limit_entity": "number.nowhere"}, {"limit_entity": "entity_missing"}),
        ({"limit_entity": "number.unitless"}, {"limit_unit": "limit_unit_missing"}),
        ({"limit_entity": "number.percent"}, {"limit_entity": "limit_unit_unknown"}),
        ({"limit_entity": "number.weak"}, {"limit_entity": "limit_too_low"}),
        ({"limit_entity": "number.from_6"}, {"switch_entity": "cannot_stop"}),
        ({"limit_entity": "number.asleep"}, {"switch_entity": "cannot_stop"}),
        ({"min_a": 17}, {"min_a": "min_above_max"}),
        ({"switch_entity": STATUS}, {"switch_entity": "switch_not_writable"}),
        ({"switch_entity": "switch.nowhere"}, {"switch_entity": "entity_missing"}),
        ({"status_entity": "sensor.nowhere"}, {"status_entity": "entity_missing"}),
        ({"status_entity": "sensor.zoe_battery"}, {"status_entity": "status_unknown"}),
        ({"power_entity": "sensor.nowhere"}, {"power_entity": "entity_missing"}),
        ({"power_entity": "sensor.zoe_battery"}, {"power_entity": "power_unit_unknown"}),
    ],
)
async def test_what_cannot_work_is_refused_with_the_reason(
    hass: HomeAssistant,
    site: MockConfigEntry,
    wrong: dict[str, Any],
    errors: dict[str, str],
) -> None:
    hass.states.async_set("number.unitless", "10", {"min": 0, "max": 16})
    hass.states.async_set("number.percent", "10", {**FROM_ZERO, "unit_of_measurement": "%"})
    hass.states.async_set("number.weak", "1", {**FROM_ZERO, "max": 5})
    hass.states.async_set("number.from_6", "10", AMPERES)
    hass.states.async_set("number.asleep", "unknown", AMPERES)
    result = await enter(hass, await start(hass, None), {**ENTERED, **wrong})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "entities")
    assert result["errors"] == errors
    (reason,) = errors.values()
    text = ENGLISH["config_subentries"]["charger"]["error"][reason]
    assert named_in(text) <= (result["description_placeholders"] or {}).keys()
    assert suggested(result) == {**ENTERED, **wrong}

    result = await enter(hass, result, ENTERED)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_unit_is_asked_for_where_the_limit_names_none(
    hass: HomeAssistant, house: House, site: MockConfigEntry
) -> None:
    hass.states.async_set("number.unitless", "10", {"min": 6, "max": 16})
    entered = {
        **ENTERED,
        "limit_entity": "number.unitless",
        "switch_entity": "input_boolean.garage_charging",
    }
    result = await enter(hass, await start(hass, None), entered)
    assert result["errors"] == {"limit_unit": "limit_unit_missing"}
    result = await enter(hass, result, {**entered, "limit_unit": "A"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    assert charger_data(site)["limit_unit"] == "A"


async def test_switch_lets_a_limit_refuse_zero(hass: HomeAssistant, site: MockConfigEntry) -> None:
    hass.states.async_set(LIMIT, "10", AMPERES)
    result = await enter(hass, await start(hass, None), ENTERED)
    assert result["errors"] == {"switch_entity": "cannot_stop"}
    result = await enter(
        hass, result, {**ENTERED, "switch_entity": "input_boolean.garage_charging"}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_entities_may_be_unavailable_for_now(
    hass: HomeAssistant, house: House, site: MockConfigEntry
) -> None:
    """A charger that is offline is no mistake: its registry tells the unit."""
    registry = er.async_get(hass)
    limit = registry.async_get_or_create(
        "number", "demo", "limit", unit_of_measurement="A"
    ).entity_id
    others = {
        "switch_entity": "switch.offline",
        "status_entity": "binary_sensor.plug",
        "power_entity": "sensor.offline_power",
    }
    for entity_id in (limit, *others.values()):
        hass.states.async_set(entity_id, "unavailable")
    entered = {**ENTERED, "limit_entity": limit, **others}
    result = await enter(hass, await start(hass, None), entered)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    assert house.state("sensor.box_status").state == "unavailable"


async def test_odd_status_is_accepted_where_the_others_are_understood(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    """While a charger updates its firmware, its status says nothing of cars."""
    options = ["not_connected", "charging", "rebooting"]
    hass.states.async_set(STATUS, "rebooting", {"options": options})
    result = await enter(hass, await start(hass, None), {**ENTERED, "status_entity": STATUS})
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same site", "another site"])
async def test_two_chargers_do_not_share_a_limit(
    hass: HomeAssistant, house: House, *, elsewhere: bool
) -> None:
    await house.async_set_up_site(*([] if elsewhere else [CHARGERS[0]]))
    if elsewhere:
        MockConfigEntry(
            domain=DOMAIN,
            title="Cottage",
            data=dict(SITE_DATA),
            subentries_data=[subentry("shed", "charger", "Garage", {"limit_entity": LIMIT})],
        ).add_to_hass(hass)
    hass.states.async_set(LIMIT, "10", FROM_ZERO)
    taken = LIMIT if elsewhere else GARAGE_DATA["limit_entity"]
    result = await enter(hass, await start(hass, None), {**ENTERED, "limit_entity": taken})
    assert result["errors"] == {"limit_entity": "limit_in_use"}
    assert result["description_placeholders"] == {"charger": "Garage"}

    free = "number.other_limit"
    hass.states.async_set(free, "10", FROM_ZERO)
    result = await enter(hass, result, {**ENTERED, "limit_entity": free})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()


async def test_phases_are_those_of_the_site_unless_told_otherwise(
    hass: HomeAssistant, house: House, site: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(site, data={**SITE_DATA, "phases": "1"})
    await house.async_settle()
    entered = {key: value for key, value in ENTERED.items() if key != "phases"}
    result = await enter(hass, await start(hass, None), entered)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["phases"] == "1"


async def test_reconfigure(hass: HomeAssistant, house: House) -> None:
    """What is stored is filled in; its own limit is not in its way; what is left out is gone."""
    entry = await house.async_set_up_site()
    result = await entry.start_subentry_reconfigure_flow(hass, "garage")
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "reconfigure")
    assert suggested(result) == {"name": "Garage", **GARAGE_DATA}

    changed = {"name": "Workshop", **GARAGE_DATA, "max_a": 10}
    del changed["status_entity"]
    taken = {**changed, "limit_entity": CARPORT_DATA["limit_entity"]}
    result = await enter(hass, result, taken)
    assert result["errors"] == {"limit_entity": "limit_in_use"}
    result = await enter(hass, result, changed)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await house.async_settle()
    garage = entry.subentries["garage"]
    assert {"name": garage.title, **garage.data} == changed
    # Without a status a car is taken to be there; it may draw 10 A now.
    assert house.value("sensor.garage_planned_limit") == pytest.approx(10 * 3 * 0.23)


class Device:
    """A charger's device in the registries, as its integration would register it."""

    def __init__(self, hass: HomeAssistant, name: str, **info: str) -> None:
        """Register the device."""
        self._hass = hass
        self._entry = MockConfigEntry(domain="wall")
        self._entry.add_to_hass(hass)
        self.name = name
        self.id = (
            dr.async_get(hass)
            .async_get_or_create(
                config_entry_id=self._entry.entry_id,
                identifiers={("wall", "1234")},
                name=name,
                **info,  # type: ignore[arg-type]
            )
            .id
        )

    def add(
        self,
        domain: str,
        key: str,
        name: str,
        *,
        unit: str | None = None,
        device_class: str | None = None,
        options: list[str] | None = None,
        category: er.EntityCategory | None = None,
        state: str = "0",
        **attributes: Any,
    ) -> str:
        """Register an entity and let it have a state; returns its id."""
        entity_id = (
            er.async_get(self._hass)
            .async_get_or_create(
                domain,
                "wall",
                f"1234_{key}",
                config_entry=self._entry,
                device_id=self.id,
                translation_key=key,
                original_name=name,
                has_entity_name=True,
                suggested_object_id=slugify(f"{self.name} {name}"),
                unit_of_measurement=unit,
                original_device_class=device_class,
                capabilities={"options": options} if options else None,
                entity_category=category,
            )
            .entity_id
        )
        found = {"unit_of_measurement": unit, "options": options, **attributes}
        self._hass.states.async_set(
            entity_id, state, {key: value for key, value in found.items() if value is not None}
        )
        return entity_id

    def power(self, key: str, name: str) -> str:
        """Register a power sensor."""
        return self.add("sensor", key, name, unit="W", device_class="power")


CONFIG = er.EntityCategory.CONFIG
DIAGNOSTIC = er.EntityCategory.DIAGNOSTIC


def wallbox(hass: HomeAssistant) -> tuple[Device, dict[str, Any]]:
    """Build a device whose limit has no unit; its model has "Max" in its name."""
    device = Device(hass, "Wallbox Pulsar Max", manufacturer="Wallbox", model="Pulsar Max")
    device.add("number", "energy_price", "Energy price", min=-5, max=5)
    device.add("number", "maximum_icp_current", "Maximum ICP current", min=6, max=255)
    device.add("sensor", "max_available_power", "Max available power", unit="A")
    device.add("switch", "smart_schedule", "Smart schedule")
    return device, {
        "limit_entity": device.add(
            "number", "maximum_charging_current", "Maximum charging current", min=6, max=32
        ),
        "switch_entity": device.add("switch", "pause_resume", "Pause/resume"),
        "status_entity": device.add(
            "sensor", "status_description", "Status description", state="Ready"
        ),
        "power_entity": device.power("charging_power", "Charging power"),
    }


def peblar(hass: HomeAssistant) -> tuple[Device, dict[str, Any]]:
    """Build a device whose controls are all configuration."""
    device = Device(hass, "Peblar EV Charger", manufacturer="Peblar")
    for phase in (1, 2, 3):
        device.power(f"power_phase_{phase}", f"Power phase {phase}")
    device.add("switch", "force_single_phase", "Force single phase", category=CONFIG)
    device.add("switch", "socket_lock", "Keep socket locked", category=CONFIG)
    device.add("binary_sensor", "lock_state", "Socket lock", device_class="lock")
    return device, {
        "limit_entity": device.add(
            *("number", "charge_current_limit", "Charge limit"),
            unit="A",
            device_class="current",
            category=CONFIG,
            min=6,
            max=16,
        ),
        "switch_entity": device.add("switch", "charge", "Charge", category=CONFIG),
        "status_entity": device.add(
            *("sensor", "cp_state", "State"),
            device_class="enum",
            options=["charging", "error", "fault", "invalid", "no_ev_connected", "suspended"],
            category=DIAGNOSTIC,
        ),
        "power_entity": device.power("power_total", "Power"),
        "min_a": 6,
        "max_a": 16,
    }


def easee(hass: HomeAssistant) -> tuple[Device, dict[str, Any]]:
    """Build a device that is limited by actions only."""
    device = Device(hass, "Easee Home")
    device.add("sensor", "dynamic_charger_limit", "Dynamic charger limit", unit="A")
    device.add("sensor", "reason_for_no_current", "Reason for no current", state="no reason")
    device.add("switch", "smart_charging", "Smart charging")
    device.add("switch", "lock_cable", "Lock cable permanently")
    return device, {
        "switch_entity": device.add("switch", "is_enabled", "Charger enabled"),
        "status_entity": device.add("sensor", "status", "Status", state="awaiting_start"),
        "power_entity": device.power("power", "Power"),
    }


def ocpp(hass: HomeAssistant) -> tuple[Device, dict[str, Any]]:
    """Build a device with the metrics of OCPP, and a switch besides the one that charges."""
    device = Device(hass, "charger", model="Smart 1")
    device.add("sensor", "status_firmware", "Status Firmware", state="Installed")
    device.add("sensor", "error_code", "Error Code", state="NoError")
    device.add("sensor", "stop_reason", "Stop Reason", state="Local")
    device.add("sensor", "status", "Status", state="Available")
    device.add("switch", "availability", "Availability")
    for key in ("power_offered", "power_active_export"):
        device.power(key, key.replace("_", " "))
    return device, {
        "limit_entity": device.add(
            *("number", "maximum_current", "Maximum Current"), unit="A", min=0, max=32
        ),
        "switch_entity": device.add("switch", "charge_control", "Charge Control"),
        "status_entity": device.add(
            "sensor", "status_connector", "Status Connector", state="Available"
        ),
        "power_entity": device.power("power_active_import", "Power Active Import"),
        "max_a": 32,
    }


def v2c(hass: HomeAssistant) -> tuple[Device, dict[str, Any]]:
    """Build a device whose only switch is the wrong way round: on while paused."""
    device = Device(hass, "EVSE 192.168.1.5")
    for key in ("min_intensity", "max_intensity"):
        device.add(
            *("number", key, key.replace("_", " ")),
            unit="A",
            device_class="current",
            category=CONFIG,
        )
    device.add("switch", "paused", "Pause session")
    device.add("switch", "locked", "Lock EVSE")
    device.add("switch", "timer", "Charge point timer")
    device.add("switch", "dynamic", "Dynamic intensity modulation")
    device.add("switch", "pause_dynamic", "Pause dynamic control modulation")
    device.add("binary_sensor", "charging", "Charging", device_class="battery_charging")
    device.add("binary_sensor", "ready", "Ready")
    for key in ("house_power", "fv_power", "battery_power"):
        device.power(key, key.replace("_", " "))
    return device, {
        "limit_entity": device.add(
            *("number", "intensity", "Intensity"),
            unit="A",
            device_class="current",
            min=6,
            max=32,
        ),
        "status_entity": device.add(
            "binary_sensor", "connected", "Connected", device_class="plug", state="off"
        ),
        "power_entity": device.power("charge_power", "Charge power"),
        "min_a": 6,
        "max_a": 32,
    }


def confusing(hass: HomeAssistant) -> tuple[Device, dict[str, Any]]:
    """Build a device with many entities that sound alike, and a limit in W."""
    device = Device(hass, "Solar Energy Control", manufacturer="Schedule Smart Ltd")
    for key, unit in (
        ("led_brightness", "%"),
        ("lamp_dimming", None),
        ("minimum_current", "A"),
        ("offline_current_limit", "A"),
        ("fallback_limit", "A"),
        ("circuit_max_current", "A"),
        ("grid_current_limit", "A"),
        ("house_fuse", "A"),
        ("energy_limit", "kWh"),
        ("charge_limit_soc", "%"),
        ("max_charger_power", "W"),
    ):
        device.add("number", key, key.replace("_", " "), unit=unit)
    for key in ("child_lock", "led_ring", "auto_charge", "solar_boost", "card_authorization"):
        device.add("switch", key, key.replace("_", " "))
    for key in ("wifi_status", "network_state", "cloud_status", "error_state"):
        device.add("sensor", key, key.replace("_", " "), state="ok")
    device.add("sensor", "output_state", "Output", options=["charging", "standing"])
    device.add("sensor", "plug_state", "Plug", options=["connected", "disconnected"])
    device.add(
        "binary_sensor", "mqtt_connected", "MQTT connected", device_class="connectivity", state="on"
    )
    for key in ("power_l1", "l2_power", "power_phase_3", "max_power", "grid_power", "peak_power"):
        device.power(key, key.replace("_", " "))
    device.add("sensor", "charge_energy", "Charge energy", unit="kWh", device_class="energy")
    return device, {
        "limit_entity": device.add(
            *("number", "dynamic_limit", "Dynamic charging limit"), unit="W", min=0, max=11000
        ),
        "switch_entity": device.add("switch", "charging_enabled", "Charging enabled"),
        "status_entity": device.add(
            *("sensor", "charging_state", "Charging"),
            options=["not_connected", "waiting", "charging"],
        ),
        "power_entity": device.power("charging_power", "Charging power"),
    }


@pytest.mark.parametrize(
    "build", [wallbox, peblar, easee, ocpp, v2c, confusing], ids=lambda build: build.__name__
)
async def test_entities_found_on_the_device_are_filled_in(
    hass: HomeAssistant, site: MockConfigEntry, build: Any
) -> None:
    device, expected = build(hass)
    result = await start(hass, {"device_id": device.id})
    assert suggested(result) == {"name": device.name, **expected}


async def test_charger_as_found_needs_no_more_than_a_yes(
    hass: HomeAssistant, house: House, site: MockConfigEntry
) -> None:
    device, found = peblar(hass)
    result = await start(hass, {"device_id": device.id, "name": "Drive"})
    assert suggested(result) == {"name": "Drive", **found}
    hass.states.async_set(found["status_entity"], "no_ev_connected")
    result = await enter(hass, result, {**suggested(result), "phases": "3"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert charger_data(site) == {"name": "Drive", **found, "phases": "3"}


async def test_name_by_the_user_counts(hass: HomeAssistant, site: MockConfigEntry) -> None:
    device, _ = peblar(hass)
    dr.async_get(hass).async_update_device(device.id, name_by_user="Carport box")
    result = await start(hass, {"device_id": device.id})
    assert suggested(result)["name"] == "Carport box"


async def test_disabled_entities_are_not_offered(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    device, found = peblar(hass)
    er.async_get(hass).async_update_entity(
        found["switch_entity"], disabled_by=er.RegistryEntryDisabler.USER
    )
    result = await start(hass, {"device_id": device.id})
    assert "switch_entity" not in suggested(result)


async def test_device_that_is_gone_leaves_the_form_empty(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    result = await start(hass, {"device_id": "gone"})
    assert suggested(result) == {}


async def test_range_of_an_unavailable_limit_is_left_to_the_user(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    device, found = peblar(hass)
    hass.states.async_set(found["limit_entity"], "unavailable")
    result = await start(hass, {"device_id": device.id})
    assert suggested(result).keys() & {"limit_entity", "min_a", "max_a"} == {"limit_entity"}


async def test_our_own_device_is_no_charger(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site()
    registry = dr.async_get(hass)
    own = registry.async_get_device_by_identifier((DOMAIN, "garage"), entry.entry_id)
    assert own is not None
    result = await hass.config_entries.subentries.async_init(
        ("site", "charger"), context={"source": SOURCE_USER}
    )
    result = await enter(hass, result, {"device_id": own.id})
    assert (result["step_id"], result["errors"]) == ("user", {"device_id": "own_device"})
    result = await enter(hass, result, {"name": "Drive"})
    assert result["step_id"] == "entities"
