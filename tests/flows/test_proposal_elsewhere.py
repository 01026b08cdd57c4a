"""What other integrations of charging were set up with is proposed as well."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from tests.flows.charger_devices import Device, peblar
from tests.flows.charger_forms import suggested
from tests.flows.test_proposal import BATTERY, FOUND, enter, kinds, page, proposed
from tests.house import PRICE, House


@pytest.fixture(autouse=True)
async def _house(house: House) -> AsyncGenerator[None]:
    """Let what a flow sets up come to its end."""
    yield
    await house.async_settle()


async def test_what_other_integrations_were_set_up_with_is_evidence(
    hass: HomeAssistant, house: House
) -> None:
    """A price that ends sooner, a car without a plug, a charger without a status, a fuse."""
    attributes = {"unit_of_measurement": "EUR/kWh"}
    hass.states.async_set("sensor.my_tariff", "0.25", attributes)
    hass.states.async_set("sensor.mains", "812", {"unit_of_measurement": "W"})
    zoe = Device(hass, "Zoe", key="zoe")
    soc = zoe.add("sensor", "battery_level", "Battery level", state="54", **BATTERY)
    box = Device(hass, "Box", key="box")
    switch = box.add("switch", "charging", "Charging", state="on")
    peblar(hass)
    named = ["prices", "charger"]
    assert kinds(await page(hass)) == named
    MockConfigEntry(
        domain="ev_smart_charging",
        title="Zoe at the box",
        data={"price_sensor": "sensor.my_tariff", "charger_entity": switch, "ev_soc_sensor": ""},
        options={"ev_soc_sensor": soc, "grid_usage_sensor": "sensor.mains"},
    ).add_to_hass(hass)
    MockConfigEntry(
        domain="evse_load_balancer", title="Balancer", data={"fuse_size": 20, "phase_count": 1}
    ).add_to_hass(hass)
    result = await page(hass)
    assert kinds(result) == ["prices", "meter", "charger", "charger", "vehicle"]
    assert suggested(result["data_schema"])["fuse_a"] == 20
    assert suggested(result["data_schema"])["phases"] == "1"
    lines = list(proposed(result).values())
    assert [line.endswith("; Zoe at the box uses it, too") for line in lines] == [
        True,
        True,
        True,
        False,
        True,
    ]
    everything = {"name": "Home", "fuse_a": 20, "phases": "1", FOUND: list(proposed(result))}
    result = await enter(hass, result, everything)
    assert result["step_id"] == "car"
    result = await enter(hass, result, {"battery_kwh": 41})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    data = result["result"].data
    assert data["price_entity"] == "sensor.my_tariff"
    assert (data["power_entity"], data["fuse_a"]) == ("sensor.mains", 20)


async def test_what_another_integration_names_may_be_gone(hass: HomeAssistant) -> None:
    peblar(hass)
    MockConfigEntry(
        domain="ev_smart_charging",
        data={"price_sensor": "sensor.gone", "charger_entity": "switch.gone", "ev_soc_sensor": 7},
    ).add_to_hass(hass)
    MockConfigEntry(
        domain="evse_load_balancer", data={"fuse_size": "much", "meter_device": "gone"}
    ).add_to_hass(hass)
    assert kinds(await page(hass)) == ["prices", "charger"]


async def take_all(hass: HomeAssistant, **fields: Any) -> dict[str, Any]:
    """Take everything that is proposed, and return what the site is set up with."""
    result = await page(hass)
    everything = {"name": "Home", "fuse_a": 25, "phases": "3", **fields}
    result = await enter(hass, result, {**everything, FOUND: list(proposed(result))})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    return dict(result["result"].data)


WATTS = {"unit_of_measurement": "W", "device_class": "power"}
PHASES = {f"l{number}_entity": f"sensor.import_l{number}" for number in (1, 2, 3)}


def balancer(hass: HomeAssistant) -> None:
    """Set EVSE Load Balancer up with sensors of each phase, as it stores them."""
    for number in (1, 2, 3):
        hass.states.async_set(f"sensor.import_l{number}", "400", WATTS)
    MockConfigEntry(
        domain="evse_load_balancer",
        title="Balancer",
        data={
            "fuse_size": 25,
            "phase_count": 3,
            "custom_phase_config": True,
            **{
                f"l{number}": {
                    "power_consumption": f"sensor.import_l{number}",
                    "power_production": f"sensor.export_l{number}",
                    "voltage": f"sensor.voltage_l{number}",
                }
                for number in (1, 2, 3)
            },
        },
    ).add_to_hass(hass)


async def test_sensors_of_phases_that_a_balancer_goes_by_are_the_meter(hass: HomeAssistant) -> None:
    peblar(hass)
    balancer(hass)
    (line,) = [label for key, label in proposed(await page(hass)).items() if "meter" in key]
    assert line == "Meter: import l1, 1.20 kW now, and each of three phases"
    data = await take_all(hass)
    assert {key: data[key] for key in PHASES} == PHASES
    assert "power_entity" not in data


@pytest.mark.parametrize(("grid_w", "taken"), [("1210", True), ("4000", False)])
async def test_sensors_of_phases_go_with_a_meter_that_they_fit(
    hass: HomeAssistant, grid_w: str, *, taken: bool
) -> None:
    peblar(hass)
    balancer(hass)
    meter = Device(hass, "Mains", key="mains")
    power = meter.add("sensor", "power", "Grid power", state=grid_w, unit="W")
    data = await take_all(hass)
    assert data["power_entity"] == power
    assert {key: data[key] for key in data.keys() & PHASES.keys()} == (PHASES if taken else {})


async def test_target_of_a_car_is_read_where_ev_smart_charging_reads_it(
    hass: HomeAssistant,
) -> None:
    peblar(hass)
    zoe = Device(hass, "Zoe", key="zoe")
    soc = zoe.add("sensor", "battery_level", "Battery level", state="54", **BATTERY)
    hass.states.async_set("input_number.wanted", "85", {"unit_of_measurement": "%"})
    MockConfigEntry(
        domain="ev_smart_charging",
        title="Zoe at the box",
        data={"ev_soc_sensor": soc, "ev_target_soc_sensor": "input_number.wanted"},
    ).add_to_hass(hass)
    result = await page(hass)
    everything = {"name": "Home", "fuse_a": 20, "phases": "3", FOUND: list(proposed(result))}
    result = await enter(hass, result, everything)
    result = await enter(hass, result, {"battery_kwh": 41})
    (car,) = result["result"].get_subentries_of_type("vehicle")
    assert car.data["soc_limit_entity"] == "input_number.wanted"


async def test_meter_and_prices_of_evcc_are_proposed(hass: HomeAssistant) -> None:
    """Its entry names nothing, but its site shows what it was given."""
    peblar(hass)
    price = hass.states.get(PRICE)
    assert price is not None
    hass.states.async_remove(PRICE)
    entry = MockConfigEntry(domain="evcc_intg", title="evcc at home", data={"host": "http://evcc"})
    entry.add_to_hass(hass)
    shown: dict[str, tuple[str, dict[str, Any]]] = {
        "grid_power": ("1210", WATTS),
        "grid_currents_0": ("2", {"unit_of_measurement": "A"}),
        "grid_currents_1": ("2.2", {"unit_of_measurement": "A"}),
        "grid_currents_2": ("1.1", {"unit_of_measurement": "A"}),
        "tariff_api_grid": (price.state, {**price.attributes}),
    }
    for key, (state, attributes) in shown.items():
        entity = er.async_get(hass).async_get_or_create(
            "sensor",
            "evcc_intg",
            f"evcc_intg.evcc_{key}",
            config_entry=entry,
            suggested_object_id=f"evcc_{key}",
        )
        hass.states.async_set(entity.entity_id, state, attributes)
    result = await page(hass)
    assert kinds(result) == ["prices", "meter", "charger"]
    lines = list(proposed(result).values())
    assert [line.endswith("; evcc at home uses it, too") for line in lines] == [True, True, False]
    data = await take_all(hass)
    assert data["price_entity"] == "sensor.evcc_tariff_api_grid"
    assert data["power_entity"] == "sensor.evcc_grid_power"
    assert data["l2_entity"] == "sensor.evcc_grid_currents_1"
