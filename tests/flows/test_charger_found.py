"""The form of a charger says what was found and why, the second choice, and what is disabled."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from tests.bindings.chargers.cases import CASES, RegisteredCase
from tests.bindings.chargers.registered import DEVICES, register
from tests.flows.charger_devices import DIAGNOSTIC, Device
from tests.flows.charger_forms import pick, suggested

FACTS = {name: case for name, case in CASES.items() if "disabled" in case["wanted"]}
AMPERES: dict[str, Any] = {"unit": "A", "device_class": "current", "min": 6, "max": 16}


async def lines(hass: HomeAssistant, device_id: str | None) -> list[str]:
    """Return what the form says of what was found."""
    result = await pick(hass, {"device_id": device_id})
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    return placeholders["found"].splitlines()


async def test_each_choice_has_its_reasons_and_the_second_choice(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    device = Device(hass, "Drive")
    limit = device.add("number", "requested_current", "Requested current", **AMPERES)
    other = device.add("number", "maximum_current", "Maximum current", **AMPERES)
    status = device.add("sensor", "status", "Status", state="Preparing")
    safe = device.add("switch", "charging_schedule", "Charging schedule")
    assert await lines(hass, device.id) == [
        (
            f"- **Limit**: `{limit}`. It is in A. It accepts 6 - 16. Its name says current. "
            "It is meant to be changed often: requested."
        ),
        (
            f"  - Second choice: `{other}`. It is in A. It accepts 6 - 16. Its name says current. "
            "But it may be an upper limit: maximum."
        ),
        (
            f"- **Switch**: Not chosen: `{safe}`. Its name says charging. "
            "But its name says more: charging schedule. But it says schedule."
        ),
        (
            f"- **Status**: `{status}`. It shows Preparing. Its name says status. "
            "Its name is about the status only."
        ),
    ]


async def test_one_way_to_start_and_stop_is_enough(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    device = Device(hass, "Drive")
    device.add("switch", "charging_schedule", "Charging schedule")
    for key in ("start_charging", "pause_charging", "stop_charging"):
        device.add("button", key, key.replace("_", " "))
    found = await lines(hass, device.id)
    assert [line.split("`")[0] for line in found if "**" in line] == [
        "- **Start button**: ",
        "- **Stop button**: ",
    ]
    assert [line for line in found if "Second choice" in line]


async def test_a_known_charger_says_so(hass: HomeAssistant, site: MockConfigEntry) -> None:
    device = register(hass, "peblar", DEVICES["peblar"])
    found = await lines(hass, device.device_id)
    known = "It is known for Peblar."
    for role, field in (
        ("Limit", "number.*_charge_current_limit"),
        ("Switch", "switch.*_charge"),
        ("Status", "sensor.*_cp_state"),
        ("Power", "sensor.*_power_total"),
    ):
        assert f"- **{role}**: `{device.entity_ids[field]}`. {known}" in found


@pytest.mark.parametrize("name", FACTS)
async def test_what_would_fit_and_is_disabled_is_named(
    hass: HomeAssistant, site: MockConfigEntry, name: str
) -> None:
    case = FACTS[name]
    device = RegisteredCase(hass, case)
    entity_id = device.entity_ids[case["wanted"]["disabled"]]
    (line,) = [line for line in await lines(hass, device.device_id) if "is disabled" in line]
    assert line.startswith(f"- **Limit**: `{entity_id}` would fit better, but is disabled.")


async def test_besen_is_bound_by_what_a_fresh_install_has(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    entities: list[dict[str, Any]] = [
        {"domain": "number", "unique_id": "b_charging_current", "unit": "A", "min": 6, "max": 32},
        {"domain": "switch", "unique_id": "b_charging"},
        {"domain": "sensor", "unique_id": "b_current_state", "disabled": True},
        {"domain": "sensor", "unique_id": "b_charging_message", "state": "waiting_for_button"},
    ]
    device = RegisteredCase(
        hass, {"platform": "besen", "device": {"name": "BESEN"}, "entities": entities}
    )
    result = await pick(hass, {"device_id": device.device_id})
    found = suggested(result["data_schema"])
    assert found["status_entity"] == device.entity_ids["sensor.b_charging_message"]
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    better = device.entity_ids["sensor.b_current_state"]
    assert f"`{better}` would fit better, but is disabled." in placeholders["found"]


@pytest.mark.parametrize(
    ("name", "current", "socket"),
    [
        ("Lamp plug", False, True),
        ("Charger relay", False, False),
        ("EV", False, False),
        ("Relay", True, False),
    ],
)
async def test_only_what_says_nothing_of_charging_is_a_household_plug(
    hass: HomeAssistant, site: MockConfigEntry, name: str, *, current: bool, socket: bool
) -> None:
    device = Device(hass, name, manufacturer="Shelly", model="Plus 1PM")
    relay = device.add("switch", "relay_0", "Output 0")
    device.power("power", "Power")
    if current:
        device.add("sensor", "current", "Current", unit="A", device_class="current")
    found = suggested((await pick(hass, {"device_id": device.id}))["data_schema"])
    assert found["switch_entity"] == relay
    assert (found.get("max_a"), found.get("phases")) == ((10, "1") if socket else (None, None))


@pytest.mark.parametrize(
    ("model", "phases"),
    [
        ("Home 1-phase 32 A", "1"),
        ("Eve Single Pro-line, single phase", "1"),
        ("7.4 kW", "1"),
        ("Home 1P", "1"),
        ("Box 1-phasig", "1"),
        ("Laddbox 1-fas", "1"),
        ("T1 phase guard", None),
        ("7kW Type 2", "1"),
        ("22 kW", None),
        ("11 kW three phases", None),
        ("EVC-17.4 kW", None),
    ],
)
async def test_a_model_of_one_phase_begins_with_one(
    hass: HomeAssistant, site: MockConfigEntry, model: str, phases: str | None
) -> None:
    device = Device(hass, "Box", model=model)
    device.add("number", "charging_current", "Charging current", **AMPERES)
    found = suggested((await pick(hass, {"device_id": device.id}))["data_schema"])
    assert found.get("phases") == phases


async def test_the_max_current_is_read_where_the_limit_does_not_say_it(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    device = Device(hass, "Box")
    device.add("switch", "charging", "Charging")
    device.add("sensor", "max_charge_current", "Max charge current", unit="A", state="0")
    device.add(
        *("sensor", "rated_current", "Rated charging current"),
        unit="A",
        category=DIAGNOSTIC,
        state="20",
    )
    device.add("sensor", "grid_max_current", "Grid max current", unit="A", state="63")
    found = suggested((await pick(hass, {"device_id": device.id}))["data_schema"])
    assert found["max_a"] == 20


async def test_the_max_current_is_read_in_its_unit(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    device = Device(hass, "Box")
    device.add("sensor", "max_current", "Max charging current", unit="mA", state="20000")
    found = suggested((await pick(hass, {"device_id": device.id}))["data_schema"])
    assert found["max_a"] == 20


async def test_a_charger_that_is_offline_is_bound_too(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    device = Device(hass, "Box")
    status = device.add("sensor", "status", "Status", state="unavailable")
    device.add("sensor", "wifi_status", "Wi-Fi status", state="unavailable")
    limit = device.add(
        *("number", "current_limit", "Current limit"), **AMPERES, state="unavailable"
    )
    found = suggested((await pick(hass, {"device_id": device.id}))["data_schema"])
    assert (found["limit_entity"], found["status_entity"]) == (limit, status)


async def test_what_the_device_is_called_rules_nothing_out(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    device = Device(hass, "Smart Solar", manufacturer="Schedule Ltd", model="Grid Eco")
    limit = device.add("number", "current", "Smart Solar charging current", **AMPERES)
    switch = device.add("switch", "charging", "Schedule Ltd Grid Eco charging")
    found = suggested((await pick(hass, {"device_id": device.id}))["data_schema"])
    assert (found["limit_entity"], found["switch_entity"]) == (limit, switch)


# Where two fit about as well


async def asked(hass: HomeAssistant, device_id: str, kind: str = "charger") -> SubentryFlowResult:
    """Pick a device, and return the form that comes next."""
    flow = hass.config_entries.subentries
    result = await flow.async_init(("site", kind), context={"source": SOURCE_USER})
    return await flow.async_configure(result["flow_id"], {"device_id": device_id})


def two_limits(hass: HomeAssistant) -> tuple[Device, str, str]:
    """Build a device with two numbers that fit about as well, and a status."""
    device = Device(hass, "Drive")
    first = device.add("number", "charge_current", "Charge current", **AMPERES)
    second = device.add("number", "charging_current_b", "Charging current B", **AMPERES)
    device.add("sensor", "status", "Status", state="Preparing")
    return device, first, second


async def test_two_that_fit_about_as_well_are_a_choice_with_their_reasons(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    device, first, second = two_limits(hass)
    result = await asked(hass, device.id)
    assert result["step_id"] == "choose"
    assert result["data_schema"] is not None
    ((field, selector),) = result["data_schema"].schema.items()
    assert (str(field), field.default()) == ("limit_entity", first)
    labels = {option["value"]: option["label"] for option in selector.config["options"]}
    assert labels.keys() == {first, second, "another"}
    assert labels[second].startswith(f"{second}: It is in A. It accepts 6 - 16. Its name says")
    assert labels["another"] == "Another entity."


@pytest.mark.parametrize("chosen", ["first", "second", "another"])
async def test_what_is_chosen_is_filled_in(
    hass: HomeAssistant, site: MockConfigEntry, chosen: str
) -> None:
    """Another entity is picked among all, in the form that comes next."""
    device, first, second = two_limits(hass)
    result = await asked(hass, device.id)
    entity_id = {"first": first, "second": second, "another": None}[chosen]
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], {"limit_entity": entity_id or "another"}
    )
    assert result["step_id"] == "entities"
    assert suggested(result["data_schema"]).get("limit_entity") == entity_id
    assert result["data_schema"] is not None
    picker = result["data_schema"].schema["limit_entity"]
    assert "number" in picker.config["filter"][0]["domain"]
    if entity_id is not None:
        placeholders = result["description_placeholders"]
        assert placeholders is not None
        assert f"- **Limit**: `{entity_id}`. It is in A." in placeholders["found"]


async def test_where_one_is_clear_nothing_is_asked(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    device = Device(hass, "Drive")
    device.add("number", "requested_current", "Requested current", **AMPERES)
    device.add("number", "maximum_current", "Maximum current", **AMPERES)
    assert (await asked(hass, device.id))["step_id"] == "entities"


async def test_what_a_row_names_is_not_asked(hass: HomeAssistant, site: MockConfigEntry) -> None:
    device = register(hass, "peblar", DEVICES["peblar"])
    assert (await asked(hass, device.device_id))["step_id"] == "entities"


async def test_two_states_of_charge_of_a_car_are_a_choice(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    device = Device(hass, "Car")
    for key in ("battery_level", "battery_soc"):
        device.add("sensor", key, key, unit="%", device_class="battery", state="55")
    result = await asked(hass, device.id, "vehicle")
    assert result["step_id"] == "choose"
    assert result["data_schema"] is not None
    assert [str(field) for field in result["data_schema"].schema] == ["soc_entity"]


async def test_the_limit_of_the_other_connector_comes_with_what_belongs_to_it(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    """It is asked which one it is, once; the sum of both is neither."""
    device = Device(hass, "Twin")
    entities = {
        side: [
            device.add("number", f"{side}_current", f"{side} charging current", **AMPERES),
            device.add("switch", f"{side}_charging", f"{side} charging enabled"),
            device.add("sensor", f"{side}_status", f"{side} status", state="Preparing"),
            device.add("sensor", f"{side}_power", f"{side} power", unit="W", device_class="power"),
        ]
        for side in ("Socket 2", "Socket 1")
    }
    device.power("power", "Total power")
    fields = ("limit_entity", "switch_entity", "status_entity", "power_entity")
    flow = hass.config_entries.subentries
    for side, of_it in entities.items():
        result = await asked(hass, device.id)
        assert result["step_id"] == "choose"
        assert result["data_schema"] is not None
        assert [str(field) for field in result["data_schema"].schema] == ["limit_entity"]
        result = await flow.async_configure(result["flow_id"], {"limit_entity": of_it[0]})
        found = suggested(result["data_schema"])
        assert [found[field] for field in fields] == of_it, side
        # One that is picked says it as well.
        result = await pick(hass, {"device_id": device.id, "entity_id": of_it[1]})
        found = suggested(result["data_schema"])
        assert [found[field] for field in fields] == of_it, side
