"""The section *Meter* of a site's form: two sensors, and what corrects them."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from tests.flows.forms import in_form
from tests.flows.test_config_flow_house import SITE, accepted, enter, refused, start, suggested
from tests.house import GRID, House

IMPORT, EXPORT = "sensor.power_consumed", "sensor.power_produced"
CONSTANT = {"price": 0.25, "price_factor": 1, "price_offset": 0}


@pytest.fixture(autouse=True)
async def _house(house: House) -> AsyncGenerator[None]:
    """Let every flow of this module run in a house with two sensors at its meter."""
    house.set_power(IMPORT, 0)
    house.set_power(EXPORT, 5000)
    yield
    await house.async_settle()


async def reconfigured(
    hass: HomeAssistant, house: House, entered: dict[str, Any]
) -> ConfigFlowResult:
    """Change the site, and return the form as it was opened."""
    assert house.entry is not None
    result = form = await hass.config_entries.flow.async_init(
        "optivgi", context={"source": SOURCE_RECONFIGURE, "entry_id": house.entry.entry_id}
    )
    known = {**SITE, "power_entity": GRID, **entered}
    result = await enter(hass, result, in_form(result, known))
    assert result["step_id"] == "constant", result["errors"]
    result = await enter(hass, result, CONSTANT)
    assert result["type"] is FlowResultType.ABORT
    await house.async_settle()
    return form


async def test_what_corrects_a_meter_is_entered_in_the_form(
    hass: HomeAssistant, house: House
) -> None:
    data = await accepted(
        hass, await start(hass), {**SITE, "power_entity": GRID, "meter_inverted": True}
    )
    assert "meter_inverted" not in data
    (entry,) = hass.config_entries.async_entries("optivgi")
    assert entry.options == {"meter_inverted": True}
    house.entry = entry
    form = await reconfigured(hass, house, {"meter_inverted": True, "meter_factor": 0.001})
    assert suggested(form, "meter_inverted", "meter") is True
    assert entry.options == {"meter_inverted": True, "meter_factor": 0.001}
    # Another meter, and nobody looked into the section
    same = {"meter_inverted": True, "meter_factor": 0.001}
    await reconfigured(hass, house, {**same, "power_entity": IMPORT})
    assert entry.options == {}


async def test_a_meter_that_is_corrected_is_compared_as_corrected(hass: HomeAssistant) -> None:
    """All sensors count the export as positive: they agree with each other."""
    for sensor in ("sensor.l1", "sensor.l2", "sensor.l3"):
        hass.states.async_set(sensor, "-1000", {"unit_of_measurement": "W"})
    hass.states.async_set(GRID, "-3000", {"unit_of_measurement": "W", "device_class": "power"})
    phases = {f"l{phase}_entity": f"sensor.l{phase}" for phase in (1, 2, 3)}
    entered = {**SITE, "power_entity": GRID, **phases, "meter_inverted": True}
    await accepted(hass, await start(hass), entered)


@pytest.mark.parametrize(("imported", "exported", "load_kw"), [(0, 5000, -5), (2000, 0, 2)])
async def test_what_is_exported_is_taken_off(
    house: House, imported: float, exported: float, load_kw: float
) -> None:
    house.set_power(IMPORT, imported)
    house.set_power(EXPORT, exported)
    await house.async_set_up_site(data={"power_entity": IMPORT, "export_power_entity": EXPORT})
    assert (await house.async_schedule())["site"]["base_load_kw"] == pytest.approx(load_kw)


async def test_one_of_two_sensors_that_is_gone_is_a_meter_that_is_gone(house: House) -> None:
    await house.async_set_up_site(data={"power_entity": IMPORT, "export_power_entity": EXPORT})
    await house.async_plug_in("garage")
    house.hass.states.async_set(EXPORT, "unavailable")
    for _ in range(4):
        await house.async_advance(timedelta(seconds=10))
    assert "sensor.power_produced" in house.state("sensor.garage_status").attributes["reason"]


@pytest.mark.parametrize(
    ("entered", "shown", "reason"),
    [
        ({"export_power_entity": IMPORT}, {}, "export_is_import"),
        ({"export_power_entity": "sensor.none"}, {}, "export_power_missing"),
        ({}, {EXPORT: (-5, "kW")}, "export_negative"),
        ({}, {EXPORT: (5, "kWh")}, "export_unit_unknown"),
        ({}, {IMPORT: (-3, "kW")}, "import_negative"),
    ],
)
async def test_sensors_that_cannot_be_those_two(
    hass: HomeAssistant,
    entered: dict[str, str],
    shown: dict[str, tuple[float, str]],
    reason: str,
) -> None:
    for entity_id, (value, unit) in shown.items():
        hass.states.async_set(entity_id, str(value), {"unit_of_measurement": unit})
    both = {"power_entity": IMPORT, "export_power_entity": EXPORT, **entered}
    result = await refused(hass, await start(hass), {**SITE, **both}, reason)
    schema = result["data_schema"]
    assert schema is not None
    # Where it is to be mended is open.
    assert schema.schema["meter"].options["collapsed"] is False
    assert schema.schema["solar"].options["collapsed"] is True


async def test_exports_need_imports(hass: HomeAssistant) -> None:
    result = await start(hass)
    result = await enter(hass, result, {**SITE, "export_power_entity": EXPORT})
    assert result["errors"] == {"power_entity": "import_missing"}
