"""CO2 of imported energy: entered in the form, planned with at its price, shown and said."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
import pytest
from tests.flows.forms import in_form
from tests.flows.test_config_flow_house import SITE, enter
from tests.flows.test_meter_section import CONSTANT
from tests.house import CHARGERS, ENGLISH, GRID, VEHICLES, House, charger_of, named_in

from custom_components.optivgi.bindings.tariffs.co2 import kg_per_kwh

CO2 = "sensor.carbon_intensity"


def set_co2(hass: HomeAssistant, by_hour: list[float], unit: str = "gCO2eq/kWh") -> None:
    """Let the sensor show the CO2 of now, and list what is forecast from the last hour on."""
    hour = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    rows = [
        {
            "start": (hour + timedelta(hours=n)).isoformat(),
            "end": (hour + timedelta(hours=n + 1)).isoformat(),
            "value": value,
        }
        for n, value in enumerate(by_hour)
    ]
    hass.states.async_set(CO2, str(by_hour[0]), {"unit_of_measurement": unit, "forecast": rows})


async def enter_co2(hass: HomeAssistant, house: House, entered: dict[str, Any]) -> None:
    """Enter the CO2 in the form of a site with one price for all hours."""
    entry = await house.async_set_up_site(*CHARGERS, *VEHICLES)
    form = await entry.start_reconfigure_flow(hass)
    result = await enter(hass, form, in_form(form, {**SITE, "power_entity": GRID, **entered}))
    assert result["step_id"] == "constant", result["errors"]
    result = await enter(hass, result, CONSTANT)
    assert result["type"] is FlowResultType.ABORT
    await house.async_settle()


@pytest.mark.parametrize(
    ("unit", "factor"), [("gCO2eq/kWh", 1.0), ("g/kWh", 1.0), ("kgCO2/MWh", 1.0), ("kg/kWh", 1e-3)]
)
async def test_car_waits_for_cleaner_hours_at_a_price_of_co2(
    hass: HomeAssistant, house: House, unit: str, factor: float
) -> None:
    """The same price all night, and half of the CO2 from the fourth hour on."""
    set_co2(hass, [value * factor for value in [400.0] * 4 + [150.0] * 32], unit)
    await enter_co2(hass, house, {"co2_entity": CO2, "co2_price": 0.1})
    await house.async_plug_in("garage")
    assert house.garage_kw == 0
    schedule = await house.async_schedule()
    garage = charger_of(schedule, "Garage")
    assert garage["reason_code"] == "waits_for_co2"
    assert "250 g less CO2" in garage["reason"]
    # 22 kWh at 0.15 kg
    assert schedule["site"]["co2_kg"] == pytest.approx(0.15 * 20 / 0.9, abs=0.4)
    cost = house.state(house.entity_id("sensor", "site", "planned_cost"))
    assert cost.attributes["co2_kg"] == pytest.approx(schedule["site"]["co2_kg"], abs=0.01)


async def test_without_a_price_co2_is_shown_and_changes_nothing(
    hass: HomeAssistant, house: House
) -> None:
    set_co2(hass, [400.0] * 4 + [150.0] * 32)
    await enter_co2(hass, house, {"co2_entity": CO2})
    await house.async_plug_in("garage")
    assert house.garage_kw > 10
    assert (await house.async_schedule())["site"]["co2_kg"] > 5


async def test_new_forecast_makes_a_new_plan_and_a_silent_sensor_stops_nothing(
    hass: HomeAssistant, house: House
) -> None:
    set_co2(hass, [150.0] * 36)
    await enter_co2(hass, house, {"co2_entity": CO2, "co2_price": 0.1})
    await house.async_plug_in("garage")
    assert house.garage_kw > 10
    set_co2(hass, [800.0] * 4 + [150.0] * 32)
    await house.async_settle()
    await house.async_settle()
    assert house.garage_kw == 0
    hass.states.async_set(CO2, "unavailable")
    await house.async_advance(timedelta(minutes=5))
    assert charger_of(await house.async_schedule(), "Garage")["reason_code"] == "waits_for_co2"


@pytest.mark.parametrize(
    ("entered", "error"),
    [
        ({"co2_price": 0.1}, "co2_missing"),
        ({"co2_entity": "sensor.nowhere"}, "co2_entity_missing"),
        ({"co2_entity": "sensor.zoe_battery"}, "co2_unit_unknown"),
    ],
)
async def test_what_shows_no_co2_is_refused(
    hass: HomeAssistant, house: House, entered: dict[str, Any], error: str
) -> None:
    entry = await house.async_set_up_site(*CHARGERS)
    form = await entry.start_reconfigure_flow(hass)
    result = await enter(hass, form, in_form(form, {**SITE, "power_entity": GRID, **entered}))
    assert result["errors"] == {"co2": error}
    text = ENGLISH["config"]["error"][error]
    assert named_in(text) <= (result["description_placeholders"] or {}).keys()


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("gCO2eq/kWh", 1e-3),
        ("g CO₂/kWh", 1e-3),
        ("kgCO2e/MWh", 1e-3),
        ("tCO2/MWh", 1.0),
        ("g/Wh", 1.0),
        ("EUR/kWh", None),
        ("%", None),
        (None, None),
    ],
)
def test_units_of_co2(unit: str | None, factor: float | None) -> None:
    assert kg_per_kwh({"unit_of_measurement": unit}) == (
        None if factor is None else pytest.approx(factor)
    )
