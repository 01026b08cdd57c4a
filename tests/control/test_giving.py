"""Chargers that give back of a car's battery: where that is allowed, planned, safe and counted."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from tests.flows.charger_forms import pick
from tests.flows.forms import in_form
from tests.house import CARPORT_DATA, GRID, ZOE_DATA, House, subentry

LIMIT = "input_number.two_way_limit"
EVENING = [0.30] * 20 + [0.60] * 3 + [0.10] * 25
TWO_WAY = {**CARPORT_DATA, "limit_entity": LIMIT, "discharges": True}
ZOE = {**ZOE_DATA, "charger": "carport", "discharge_to": 50}
HOUSE_W = 500.0


async def come(house: House, *, charger: Any = None, vehicle: Any = None, **site: Any) -> None:
    """Let the car come charged, on an evening of high prices before a night of low ones."""
    house.set_hourly_prices(EVENING)
    house.set_soc("zoe", 80)
    await house.async_set_up_site(
        subentry("carport", "charger", "Carport", {**TWO_WAY, **(charger or {})}),
        subentry("zoe", "vehicle", "Zoe", {**ZOE, **(vehicle or {})}),
        data={"export_entity": "sensor.electricity_price", "export_factor": 0.9, **site},
    )
    await house.async_plug_in("carport")


async def flow(house: House, minutes: int) -> None:
    """Let the charger do what its limit says, and all meters show it."""
    for _ in range(minutes):
        watts = house.value(LIMIT)
        house.set_power("sensor.carport_power", watts)
        house.set_power(GRID, HOUSE_W + watts)
        await house.async_advance(timedelta(minutes=1))
    await house.async_settle()


def base_kw(house: House) -> float:
    """Return what the plan takes the house to draw now."""
    assert house.entry is not None
    return float(house.entry.runtime_data.coordinator.data.problem.base_load_kw[0])


async def test_it_gives_back_while_that_pays_and_charges_again(house: House) -> None:
    await come(house)
    assert house.value(LIMIT) == -7000
    status = house.state("sensor.carport_status")
    assert status.state == "discharging"
    assert status.attributes["reason"].startswith(
        "Gives back 7.0 kW of the battery, as a kWh costs 0.600 EUR now."
    )
    await flow(house, 30)
    # 3.5 kWh at the plug are 3.9 of 50 kWh in the battery.
    assert house.value("number.carport_state_of_charge") == pytest.approx(80 - 7.8, abs=0.6)
    # What it gives hides what the house takes: that is no surplus.
    assert base_kw(house) == pytest.approx(HOUSE_W / 1000, abs=0.1)
    assert house.value("sensor.carport_planned_energy") > 3


async def test_never_below_what_is_to_be_left(house: House) -> None:
    await come(house)
    await house.hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": "number.carport_state_of_charge", "value": 50},
        blocking=True,
    )
    await house.async_settle()
    assert house.value(LIMIT) == 0


@pytest.mark.parametrize(
    ("charger", "vehicle"),
    [({"discharges": False}, {}), ({}, {"discharge_to": None}), ({}, {"discharge_cost": 0.6})],
    ids=["charger", "car", "wear"],
)
async def test_it_is_off_unless_wanted_and_worth_it(
    house: House, charger: dict[str, Any], vehicle: dict[str, Any]
) -> None:
    wanted = {key: value for key, value in {**ZOE, **vehicle}.items() if value is not None}
    house.set_hourly_prices(EVENING)
    house.set_soc("zoe", 80)
    await house.async_set_up_site(
        subentry("carport", "charger", "Carport", {**TWO_WAY, **charger}),
        subentry("zoe", "vehicle", "Zoe", wanted),
        data={"export_entity": "sensor.electricity_price", "export_factor": 0.9},
    )
    await house.async_plug_in("carport")
    assert house.value(LIMIT) == 0


async def test_it_stops_when_the_house_is_not_seen(house: House) -> None:
    await come(house)
    await flow(house, 2)
    assert house.value(LIMIT) < 0
    house.hass.states.async_set(GRID, "unavailable")
    for _ in range(10):
        await house.async_advance(timedelta(minutes=1))
    await house.async_settle()
    assert house.value(LIMIT) >= 0


@pytest.mark.parametrize("mode", ["off", "solar_only", "now"])
async def test_only_smart_gives_back(house: House, mode: str) -> None:
    await come(house)
    assert house.value(LIMIT) < 0
    await house.async_select("select.carport_mode", mode)
    await flow(house, 2)
    assert house.value(LIMIT) >= 0


async def test_no_more_than_the_fuse_carries_back(house: House) -> None:
    """3 x 25 A carry 17.25 kW; a roof that gives 14 kW leaves little."""
    house.set_power("sensor.roof", 14_500)
    house.set_power(GRID, -14_000)
    await come(house, pv_entity="sensor.roof")
    assert -3250 <= house.value(LIMIT) <= 0


async def test_the_form_takes_only_a_limit_below_zero(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site(subentry("zoe", "vehicle", "Zoe", ZOE_DATA))
    form = await pick(hass, {})
    one_way = {"name": "Box", **CARPORT_DATA, "discharges": True}
    configure = hass.config_entries.subentries.async_configure
    result = await configure(form["flow_id"], in_form(form, one_way))
    assert "limit_not_negative" in result["errors"].values()
    two_way = {**one_way, "limit_entity": LIMIT}
    result = await configure(form["flow_id"], in_form(result, two_way))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()


async def test_what_is_drawn_after_giving_back_counts(house: House) -> None:
    """Not only once as much was drawn as had been given."""
    await come(house)
    await flow(house, 30)
    await house.hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": "select.carport_mode", "option": "now"},
        blocking=True,
    )
    before = house.value("sensor.carport_charged_energy")
    # 11 kW, which is less by then than was given; the sensor moves every five minutes.
    await flow(house, 16)
    assert house.value(LIMIT) > 10000
    assert 1.8 < house.value("sensor.carport_charged_energy") - before < 3
