"""What a car gets beside its target: beyond it, earlier, before others, and power to preheat."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
import pytest
from tests.flows.charger_forms import pick
from tests.flows.forms import in_form
from tests.house import CHARGERS, GRID, LEAF_DATA, ZOE_DATA, House, charger_of, subentry

NIGHT = [0.30] * 26 + [0.10] * 4 + [0.30] * 18
FULL_KWH = 60 / 100 * 50 / 0.9
"""From 40 to 100 % of 50 kWh, at the plug."""


def zoe(**options: Any) -> Any:
    """Return Zoe with these options beside what she is otherwise."""
    return subentry("zoe", "vehicle", "Zoe", {**ZOE_DATA, **options})


async def set_number(house: House, entity_id: str, value: float) -> None:
    await house.hass.services.async_call(
        "number", "set_value", {"entity_id": entity_id, "value": value}, blocking=True
    )
    await house.async_settle()


async def come(house: House, *vehicles: Any, prices: Any = NIGHT, **site: Any) -> None:
    """Plug a car in at the garage."""
    house.set_hourly_prices(prices)
    await house.async_set_up_site(*CHARGERS, *vehicles, data=site)
    await house.async_plug_in("garage")


def reason(house: House) -> str:
    return str(house.state("sensor.garage_status").attributes["reason"])


async def test_options_are_entered_in_the_form_of_the_car(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site(*CHARGERS)
    options = {
        "priority": "high",
        "extra_from_solar": True,
        "extra_below_price": 0.2,
        "ready_before": 30,
        "preheat": 20,
    }
    form = await pick(hass, {}, "vehicle")
    entered = in_form(form, {"name": "Mini", "battery_kwh": 30, "soc_entity": "sensor.zoe_battery"})
    entered |= in_form(form, options)
    result = await hass.config_entries.subentries.async_configure(form["flow_id"], entered)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    (mini,) = entry.get_subentries_of_type("vehicle")
    assert options.items() <= mini.data.items()


async def test_a_low_price_takes_a_car_beyond_its_target_up_to_its_limit(house: House) -> None:
    await come(house, zoe(target_soc=50, extra_below_price=0.2))
    assert house.value("sensor.garage_planned_energy") == pytest.approx(FULL_KWH, abs=0.3)
    # The target would need two of the four cheap hours only.
    await set_number(house, "number.garage_limit", 70)
    assert house.value("number.zoe_limit") == 70
    assert house.value("sensor.garage_planned_energy") == pytest.approx(FULL_KWH / 2, abs=0.3)


async def test_no_price_is_low_enough_without_the_option(house: House) -> None:
    await come(house, zoe(target_soc=50))
    assert house.value("sensor.garage_planned_energy") == pytest.approx(FULL_KWH / 6, abs=0.3)


async def test_a_charged_car_goes_on_with_the_sun(house: House) -> None:
    house.set_soc("zoe", 80)
    await come(house, zoe(extra_from_solar=True))
    assert house.state("sensor.garage_status").state == "finished"
    house.set_power(GRID, -8000)
    await house.async_advance(timedelta(minutes=5))
    await house.async_settle()
    assert 4.14 <= house.garage_kw <= 8
    assert reason(house).startswith("Charges beyond its target, up to 100 %, as that is cheap.")
    house.set_power(GRID, 500)
    for _ in range(10):
        await house.async_advance(timedelta(minutes=1))
    await house.async_settle()
    assert house.garage_kw == 0


@pytest.mark.parametrize("mode", ["smart", "now"])
async def test_the_limit_stops_every_mode(house: House, mode: str) -> None:
    await come(house, zoe())
    await set_number(house, "number.garage_limit", 60)
    await house.async_select("select.garage_mode", mode)
    assert house.value("sensor.garage_planned_energy") == pytest.approx(FULL_KWH / 3, abs=0.3)
    await set_number(house, "number.garage_state_of_charge", 60)
    assert house.garage_kw == 0
    assert reason(house).startswith("The car is at 60 %, its target is 60 %.")


async def test_the_lower_of_our_limit_and_the_cars_own_counts(
    hass: HomeAssistant, house: House
) -> None:
    hass.states.async_set("sensor.zoe_limit", "60", {"unit_of_measurement": "%"})
    await come(house, zoe(soc_limit_entity="sensor.zoe_limit"))
    assert house.value("sensor.garage_planned_energy") == pytest.approx(FULL_KWH / 3, abs=0.3)
    assert "The limit of 60 % is below the target of 80 %." in reason(house)
    hass.states.async_set("sensor.zoe_limit", "90", {"unit_of_measurement": "%"})
    await house.async_settle()
    assert house.value("sensor.garage_planned_energy") == pytest.approx(FULL_KWH * 2 / 3, abs=0.3)
    assert "below the target" not in reason(house)


async def test_a_car_is_ready_before_it_leaves(house: House) -> None:
    """It would charge in the last hours, which are the cheapest."""
    prices = [0.30] * 29 + [0.10] * 2 + [0.30] * 17
    leaves = dt_util.start_of_local_day() + timedelta(days=1, hours=7)
    await come(house, zoe(target_soc=60, ready_before=90), prices=prices)
    plan = charger_of(await house.async_schedule(), "Garage")["plan"]
    ends = [dt_util.parse_datetime(step["end"]) for step in plan if step["limit_kw"] > 0]
    assert max(end for end in ends if end is not None) <= leaves - timedelta(minutes=90)


async def test_power_stays_on_to_preheat(house: House) -> None:
    house.set_soc("zoe", 80)
    await come(house, zoe(preheat=30))
    assert house.garage_kw == 0
    leaves = dt_util.start_of_local_day() + timedelta(days=1, hours=7)
    for minutes, kw in ((45, 0.0), (20, 4.14), (5, 4.14), (-5, 0.0)):
        house.freezer.move_to(leaves - timedelta(minutes=minutes, seconds=30))
        await house.async_advance(timedelta(seconds=10))
        await house.async_settle()
        house.set_power(GRID, 500)
        await house.async_advance(timedelta(seconds=20))
        await house.async_settle()
        assert house.garage_kw == pytest.approx(kw), minutes
        if kw:
            assert reason(house).startswith("The power stays on until 07:00 for preheating.")


@pytest.mark.parametrize("priority", ["low", "high"])
async def test_who_has_priority_misses_less(house: House, priority: str) -> None:
    """Three hours of 6 kW for two cars."""
    house.set_hourly_prices([0.3] * 48)
    cars = (
        zoe(priority=priority, departure="23:00:00"),
        subentry(
            "leaf", "vehicle", "Leaf", {**LEAF_DATA, "departure": "23:00:00", "battery_kwh": 40}
        ),
    )
    await house.async_set_up_site(*CHARGERS, *cars, data={"limit_kw": 9})
    await house.async_plug_in("garage")
    await house.async_plug_in("carport")
    garage, carport = (
        house.value(f"sensor.{name}_planned_energy") for name in ("garage", "carport")
    )
    missing = 1 - garage * 0.9 / 20, 1 - carport * 0.9 / 16
    assert (missing[0] < missing[1]) == (priority == "high")


async def test_a_car_that_stays_charges_on_for_its_next_departure(house: House) -> None:
    """On Saturday at 7 it needs 50 %, on Sunday 90 %: the rest is planned for Saturday."""
    week = [
        {"weekdays": ["sat"], "at": "07:00:00", "target_soc": 50},
        {"weekdays": ["sun"], "at": "07:00:00", "target_soc": 90},
    ]
    assert dt_util.now().strftime("%a") == "Fri"
    await come(house, zoe(weekly_departures=week))
    plan = charger_of(await house.async_schedule(), "Garage")["plan"]
    leaves = dt_util.start_of_local_day() + timedelta(days=1, hours=7)
    starts = [dt_util.parse_datetime(step["start"]) for step in plan if step["limit_kw"] > 0]
    assert min(start for start in starts if start is not None) < leaves
    assert max(start for start in starts if start is not None) >= leaves
    # What is announced is when it is ready for the first.
    finish = dt_util.parse_datetime(house.state("sensor.garage_expected_finish").state)
    assert finish is not None
    assert finish <= leaves
    # It is still there.
    house.freezer.move_to(leaves + timedelta(minutes=1))
    await set_number(house, "number.garage_state_of_charge", 50)
    assert house.state("sensor.garage_status").attributes["departure"] > leaves
    planned_kwh = house.value("sensor.garage_planned_energy")
    assert planned_kwh == pytest.approx(40 / 100 * 50 / 0.9, abs=0.4)
