"""What a site's form asks of the house: its phases, its sun, and what the dashboard knows."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.components.energy.data import async_get_manager
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_schema_suggested_value,
)
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker
from tests.flows.forms import in_form
from tests.house import ENGLISH, GRID, PRICE, House, named_in
from tests.roof import answer, async_set_up_roof

from custom_components.optivgi.const import DOMAIN

ALWAYS_NAMED = {"start_cost": "0.02"}
"""What the form names whatever is wrong with it."""
SITE: dict[str, Any] = {
    "name": "Home",
    "fuse_a": 25,
    "phases": "3",
    "voltage": 230,
    "price_source": "constant",
    "power_covers": "grid",
}
CONSTANT: dict[str, Any] = {"price": 0.25, "price_factor": 1, "price_offset": 0}
L1, L2, L3 = PHASES = ("sensor.l1", "sensor.l2", "sensor.l3")
OWN = "sensor.planned_power"
PER_PHASE = {"l1_entity": L1, "l2_entity": L2, "l3_entity": L3}
PV = "sensor.pv_power"
SOLAR = "sensor.solcast"


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    """Open the flow."""
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})


async def enter(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: dict[str, Any]
) -> ConfigFlowResult:
    """Submit the form that a flow shows."""
    return await hass.config_entries.flow.async_configure(
        result["flow_id"], in_form(result, user_input)
    )


@pytest.fixture(autouse=True)
async def _house(house: House) -> AsyncGenerator[None]:
    """Let every flow of this module run in a house, and what it sets up come to its end."""
    yield
    await house.async_settle()


def show(hass: HomeAssistant, values: tuple[float | str, ...], unit: str | None = "W") -> None:
    """Let the sensors of the phases show something."""
    for entity_id, value in zip(PHASES, values, strict=True):
        hass.states.async_set(entity_id, str(value), {"unit_of_measurement": unit})


def suggested(result: ConfigFlowResult, field: str, part: str | None = None) -> Any:
    """Return what a form, or a section of it, has filled in."""
    assert result["data_schema"] is not None
    schema = result["data_schema"].schema
    if part is not None:
        schema = schema[part].schema.schema
    return get_schema_suggested_value(schema, field)


async def refused(
    hass: HomeAssistant, result: ConfigFlowResult, entered: dict[str, Any], reason: str
) -> ConfigFlowResult:
    """Enter what is refused in a section: that is open and named, and nothing entered is lost."""
    result = await enter(hass, result, entered)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "site")
    ((part, shown),) = result["errors"].items()
    assert shown == reason
    assert result["data_schema"] is not None
    assert result["data_schema"].schema[part].options["collapsed"] is False
    assert result["description_placeholders"] is not None
    name = ENGLISH["config"]["step"]["site"]["sections"][part]["name"]
    assert result["description_placeholders"]["field"].startswith(name)
    named = named_in(ENGLISH["config"]["error"][reason])
    assert result["description_placeholders"].keys() >= named
    for part in ("per_phase", "solar"):
        for field, value in entered.get(part, {}).items():
            assert suggested(result, field, part) == value
    return result


async def accepted(
    hass: HomeAssistant, result: ConfigFlowResult, entered: dict[str, Any]
) -> dict[str, Any]:
    """Enter what is right, and return what is stored."""
    result = await enter(hass, result, entered)
    assert result["step_id"] == "constant"
    result = await enter(hass, result, CONSTANT)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done(wait_background_tasks=True)
    assert result["result"].state is ConfigEntryState.LOADED
    return dict(result["data"])


async def test_phases_are_stored_beside_the_rest(hass: HomeAssistant) -> None:
    show(hass, (3, 2, 1), "A")
    data = await accepted(hass, await start(hass), {**SITE, "per_phase": PER_PHASE})
    assert data == {**{k: v for k, v in SITE.items() if k != "name"}, **PER_PHASE, **CONSTANT}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"phases": "1"}, "phases_of_one"),
        ({"per_phase": {"l1_entity": L1, "l3_entity": L3}}, "phases_incomplete"),
        ({"per_phase": {**PER_PHASE, "l3_entity": L1}}, "phases_same"),
        ({"per_phase": dict.fromkeys(PER_PHASE, L1)}, "phases_same"),
        ({"per_phase": {**PER_PHASE, "l2_entity": "sensor.nowhere"}}, "phase_entity_missing"),
        ({"per_phase": {**PER_PHASE, "l2_entity": "sensor.zoe_battery"}}, "phase_unit_unknown"),
    ],
)
async def test_sensors_that_cannot_be_those_of_phases(
    hass: HomeAssistant, change: dict[str, Any], reason: str
) -> None:
    show(hass, (3, 2, 1), "A")
    right = {**SITE, "per_phase": PER_PHASE}
    result = await refused(hass, await start(hass), {**right, **change}, reason)
    await accepted(hass, result, right)


@pytest.mark.parametrize(
    "entered",
    [
        {"power_entity": OWN},
        {"per_phase": {**PER_PHASE, "l2_entity": OWN}},
        {"solar": {"pv_entity": OWN}},
    ],
)
async def test_what_follows_from_a_plan_is_nothing_to_plan_from(
    hass: HomeAssistant, house: House, entered: dict[str, Any]
) -> None:
    show(hass, (3000, 2000, 1000))
    er.async_get(hass).async_get_or_create(
        "sensor", DOMAIN, "planned_power", suggested_object_id="planned_power"
    )
    hass.states.async_set(OWN, "3.2", {"unit_of_measurement": "kW", "device_class": "power"})
    result = await enter(hass, await start(hass), {**SITE, **entered})
    assert set(result["errors"].values()) == {"entity_is_our_own"}
    await accepted(hass, result, {**SITE, "per_phase": PER_PHASE})


async def test_a_phase_is_not_all_of_them(hass: HomeAssistant, house: House) -> None:
    show(hass, (3000, 2000, 1000))
    right = {**SITE, "per_phase": PER_PHASE}
    result = await refused(hass, await start(hass), {**right, "power_entity": L2}, "phases_same")
    await accepted(hass, result, right)


@pytest.mark.parametrize(
    ("phases", "unit", "total_w", "reason"),
    [
        ((3000, 2000, 1000), "W", -6000, "phases_negated"),
        ((-3000, -2000, -1000), "W", 6000, "phases_negated"),
        ((3000, 2000, 1000), "mW", 6000, "phases_thousandfold"),
        ((3, 2, 1), "W", 6000, "phases_thousandfold"),
        ((0.013, 0.009, 0.004), "A", 6000, "phases_thousandfold"),
        ((3000, 2000, 1000), "W", 6, "phases_thousandfold"),
        ((3000, 2000, 1000), "kW", 6000, "phases_impossible"),
        ((13000, 9000, 4000), "A", None, "phases_impossible"),
    ],
)
async def test_wrong_units_and_signs_show_in_what_is_measured_now(
    hass: HomeAssistant,
    house: House,
    *,
    phases: tuple[float, ...],
    unit: str,
    total_w: float | None,
    reason: str,
) -> None:
    right = {**SITE, "per_phase": PER_PHASE}
    if total_w is not None:
        right["power_entity"] = GRID
        house.set_power(GRID, total_w)
    show(hass, phases, unit)
    result = await refused(hass, await start(hass), right, reason)
    show(hass, (3000, 2000, 1000))
    house.set_power(GRID, 6000)
    await accepted(hass, result, right)


@pytest.mark.parametrize(
    ("phases", "unit", "total_w", "reason"),
    [
        ((13, 9, 4), "A", -6000, "phases_unsigned"),
        ((13, 2, 4), "A", -2000, "phases_unsigned"),
        ((3000, 2000, 1000), "W", 2500, "phases_differ"),
        ((3000, 2000, 1000), "W", 200, "phases_differ"),
        ((-400, 0, 0), "W", 300, "phases_differ"),
    ],
)
async def test_what_may_be_right_is_accepted_when_it_is_entered_again(
    hass: HomeAssistant,
    house: House,
    *,
    phases: tuple[float, ...],
    unit: str,
    total_w: float,
    reason: str,
) -> None:
    show(hass, phases, unit)
    house.set_power(GRID, total_w)
    entered = {**SITE, "power_entity": GRID, "per_phase": PER_PHASE}
    result = await refused(hass, await start(hass), entered, reason)
    # Something else is looked at again.
    changed = {**entered, "fuse_a": 20}
    result = await refused(hass, result, changed, reason)
    data = await accepted(hass, result, changed)
    assert data["l1_entity"] == L1


@pytest.mark.parametrize("values", [(3, "unavailable", 1), (2.1, 1, 0.9), (0, 0, 0)])
async def test_phases_that_are_silent_or_about_right_are_no_reason_to_stop(
    hass: HomeAssistant, house: House, values: tuple[float | str, ...]
) -> None:
    show(hass, values, "kW")
    house.set_power(GRID, 4200 if values[0] else 200)
    entered = {**SITE, "power_entity": GRID, "per_phase": PER_PHASE}
    await accepted(hass, await start(hass), entered)


ROWS = [{"period_start": "2026-11-21T12:00:00+01:00", "pv_estimate": 1.0}]


@pytest.mark.parametrize(
    ("solar", "reason"),
    [
        ({"solar_forecast_entity": "sensor.nowhere"}, "solar_entity_missing"),
        ({"solar_forecast_entity": GRID}, "solar_entity_without_forecast"),
        ({"pv_entity": "sensor.nowhere"}, "pv_entity_missing"),
        ({"pv_entity": "sensor.zoe_battery"}, "pv_unit_unknown"),
        ({"pv_entity": "sensor.negated"}, "pv_negative"),
        ({"pv_entity": "sensor.thousandfold"}, "pv_impossible"),
    ],
)
async def test_what_is_no_solar_forecast_is_refused(
    hass: HomeAssistant, house: House, solar: dict[str, str], reason: str
) -> None:
    house.set_power("sensor.negated", -3000)
    house.set_power("sensor.thousandfold", 3_000_000)
    house.set_power(PV, -30)
    hass.states.async_set(SOLAR, "4", {"detailedHourly": ROWS})
    result = await refused(hass, await start(hass), {**SITE, "solar": solar}, reason)
    right = {"solar_forecast_entity": SOLAR, "pv_entity": PV}
    data = await accepted(hass, result, {**SITE, "solar": right})
    assert {key: data[key] for key in right} == right


async def test_a_sun_that_is_silent_for_now_is_no_reason_to_stop(hass: HomeAssistant) -> None:
    for entity_id in (SOLAR, PV):
        hass.states.async_set(entity_id, "unavailable")
    solar = {"solar_forecast_entity": SOLAR, "pv_entity": PV}
    await accepted(hass, await start(hass), {**SITE, "solar": solar})


# The energy dashboard


@pytest.fixture
async def roof(
    recorder_mock: object, hass: HomeAssistant, aioclient_mock: AiohttpClientMocker
) -> MockConfigEntry:
    """Return an integration that forecasts a roof, beside the energy dashboard."""
    assert await async_setup_component(hass, "energy", {})
    answer(aioclient_mock, {"2026-11-21T11:00:00+00:00": 0, "2026-11-21T12:00:00+00:00": 2000})
    return await async_set_up_roof(hass)


async def prefer(hass: HomeAssistant, *sources: dict[str, Any]) -> None:
    """Let a person have set up the energy dashboard."""
    manager = await async_get_manager(hass)
    await manager.async_update({"energy_sources": list(sources)})  # type: ignore[typeddict-item]


def grid(**more: Any) -> dict[str, Any]:
    """Return a grid connection as the dashboard keeps it."""
    nothing = dict.fromkeys(
        (
            "stat_energy_to",
            "stat_cost",
            "entity_energy_price",
            "number_energy_price",
            "stat_compensation",
            "entity_energy_price_export",
            "number_energy_price_export",
        )
    )
    about = {"type": "grid", "stat_energy_from": "sensor.imported", "cost_adjustment_day": 0.0}
    return {**nothing, **about, **more}


def sun(**more: Any) -> dict[str, Any]:
    """Return a roof as the dashboard keeps it."""
    return {"type": "solar", "stat_energy_from": "sensor.produced", **more}


async def test_what_the_dashboard_knows_is_filled_in(
    hass: HomeAssistant, roof: MockConfigEntry, house: House
) -> None:
    """It can be taken as it is."""
    house.set_power(PV, 0)
    await prefer(
        hass,
        grid(stat_rate=GRID, entity_energy_price=PRICE, number_energy_price_export=0.07),
        sun(stat_rate=PV, config_entry_solar_forecast=[roof.entry_id]),
    )
    result = await start(hass)
    assert suggested(result, "power_entity") == GRID
    assert suggested(result, "pv_entity", "solar") == PV
    assert suggested(result, "solar_forecasts", "solar") == [roof.entry_id]
    solar = {"pv_entity": PV, "solar_forecasts": [roof.entry_id]}
    entered = {**SITE, "price_source": "entity", "power_entity": GRID, "solar": solar}
    result = await enter(hass, result, entered)
    assert suggested(result, "price_entity") == PRICE
    assert suggested(result, "export_offset", "export") == 0.07
    result = await enter(
        hass, result, {"price_entity": PRICE, "price_factor": 1, "price_offset": 0}
    )
    result = await enter(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    # Its forecast is planned with: 2 kW from 12 to 13 local.
    problem = result["result"].runtime_data.coordinator.data.problem
    pv = dict(zip(problem.horizon.edges[:-1], problem.site.total_pv_kw, strict=True))
    assert {start.hour for start, kw in pv.items() if kw > 0} == {11}
    assert max(pv.values()) == pytest.approx(2.0)


async def test_a_fixed_price_and_an_inverted_sensor(
    hass: HomeAssistant, roof: MockConfigEntry
) -> None:
    """The dashboard makes a sensor that is turned round: that one is meant."""
    await prefer(
        hass,
        grid(
            power_config={"stat_rate_inverted": "sensor.turned"},
            number_energy_price=0.31,
            entity_energy_price_export=PRICE,
        ),
    )
    result = await start(hass)
    assert suggested(result, "power_entity") not in {None, "sensor.turned"}
    assert suggested(result, "price_source") == "constant"
    result = await enter(hass, result, SITE)
    assert suggested(result, "price") == 0.31
    assert suggested(result, "export_entity", "export") == PRICE


async def test_what_is_not_clear_is_left_open(hass: HomeAssistant, roof: MockConfigEntry) -> None:
    """Two connections, two roofs, and statistics that belong to no entity."""
    nothing = await start(hass)
    assert suggested(nothing, "power_entity") is None
    await prefer(
        hass,
        grid(stat_rate=GRID),
        grid(stat_rate="sensor.other", stat_energy_from="sensor.more"),
        sun(stat_rate=PV, config_entry_solar_forecast=None),
        sun(stat_rate="sensor.pv_2", stat_energy_from="sensor.produced_2"),
    )
    result = await start(hass)
    assert suggested(result, "power_entity") is None
    assert suggested(result, "pv_entity", "solar") is None
    assert suggested(result, "solar_forecasts", "solar") is None
    await prefer(hass, grid(stat_rate="meter:power"))
    assert suggested(await start(hass), "power_entity") is None


async def test_forecasts_and_a_sensor_count_the_sun_twice(
    hass: HomeAssistant, roof: MockConfigEntry
) -> None:
    hass.states.async_set(SOLAR, "4", {"detailedHourly": ROWS})
    both = {"solar_forecasts": [roof.entry_id], "solar_forecast_entity": SOLAR}
    result = await refused(hass, await start(hass), {**SITE, "solar": both}, "solar_twice")
    data = await accepted(hass, result, {**SITE, "solar": {**both, "solar_forecasts": []}})
    assert "solar_forecasts" not in data


async def test_a_forecast_in_use_can_be_kept_and_a_removed_one_is_gone(
    hass: HomeAssistant, house: House, roof: MockConfigEntry
) -> None:
    entry = await house.async_set_up_site(data={"solar_forecasts": [roof.entry_id, "removed"]})
    result = await entry.start_reconfigure_flow(hass)
    kept = suggested(result, "solar_forecasts", "solar")
    assert kept == [roof.entry_id]
    result = await enter(hass, result, {**SITE, "solar": {"solar_forecasts": kept}})
    result = await enter(hass, result, CONSTANT)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["solar_forecasts"] == [roof.entry_id]


async def test_the_voltage_between_phases_is_asked_about(hass: HomeAssistant) -> None:
    entered = {**SITE, "voltage": 400}
    result = await enter(hass, await start(hass), entered)
    assert result["errors"] == {"limits": "voltage_between_phases"}
    assert result["description_placeholders"] == {
        **ALWAYS_NAMED,
        "field": "Limits, Voltage",
        "voltage": "400",
        "neutral": "231",
    }
    data = await accepted(hass, result, entered)
    assert data["voltage"] == 400


async def test_one_phase_has_no_voltage_to_another(hass: HomeAssistant) -> None:
    data = await accepted(hass, await start(hass), {**SITE, "phases": "1", "voltage": 400})
    assert data["voltage"] == 400


@pytest.mark.parametrize(
    ("connection", "limit"),
    [({"fuse_a": 25}, "17.2"), ({"fuse_a": 25, "limit_kw": 10}, "10"), ({"limit_kw": 10}, "10")],
)
async def test_the_house_draws_no_more_than_the_connection_carries(
    hass: HomeAssistant, connection: dict[str, Any], limit: str
) -> None:
    without = {key: value for key, value in SITE.items() if key != "fuse_a"}
    entered = {**without, **connection, "base_load_kw": 18}
    result = await enter(hass, await start(hass), entered)
    assert result["errors"] == {"limits": "base_load_beyond"}
    assert result["description_placeholders"] == {
        **ALWAYS_NAMED,
        "field": "Limits, House load without a sensor",
        "load": "18",
        "limit": limit,
    }
    data = await accepted(hass, result, {**entered, "base_load_kw": 0.4})
    assert data["base_load_kw"] == 0.4


async def test_two_sites_have_two_meters(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site()
    entered = {**SITE, "name": "Cottage", "power_entity": GRID}
    result = await enter(hass, await start(hass), entered)
    assert result["errors"] == {"power_entity": "meter_in_use"}
    assert result["description_placeholders"] == {
        **ALWAYS_NAMED,
        "field": "Power sensor",
        "site": "Home",
        "entity": GRID,
    }


async def test_two_sites_have_two_sensors_of_a_phase(hass: HomeAssistant, house: House) -> None:
    show(hass, (100, 200, 300))
    await house.async_set_up_site(data=PER_PHASE)
    elsewhere = {"l1_entity": "sensor.a", "l2_entity": "sensor.b", "l3_entity": L3}
    for entity_id in ("sensor.a", "sensor.b"):
        hass.states.async_set(entity_id, "100", {"unit_of_measurement": "W"})
    entered = {**SITE, "name": "Cottage", "per_phase": elsewhere}
    result = await enter(hass, await start(hass), entered)
    assert result["errors"] == {"per_phase": "meter_in_use"}
    assert result["description_placeholders"] == {
        **ALWAYS_NAMED,
        "field": "Per phase, L3",
        "site": "Home",
        "entity": L3,
    }


async def test_a_meter_shows_what_the_connection_can_carry(
    hass: HomeAssistant, house: House
) -> None:
    house.set_power(GRID, 3_500_000)
    entered = {**SITE, "power_entity": GRID}
    result = await enter(hass, await start(hass), entered)
    assert result["errors"] == {"power_entity": "power_impossible"}
    assert result["description_placeholders"] == {
        **ALWAYS_NAMED,
        "field": "Power sensor",
        "entity": GRID,
        "power": "3500",
    }
    house.set_power(GRID, 3500)
    assert (await accepted(hass, result, entered))["power_entity"] == GRID


async def test_a_site_has_a_name(hass: HomeAssistant) -> None:
    result = await enter(hass, await start(hass), {**SITE, "name": " "})
    assert result["errors"] == {"name": "name_missing"}
