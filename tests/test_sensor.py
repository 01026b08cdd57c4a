"""The sensors: which there are, where they belong, and what they say from plug-in to the end."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, override

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest

from custom_components.optivgi.const import DOMAIN
from custom_components.optivgi.scheduler import registry
from custom_components.optivgi.scheduler.model import Problem, Schedule
from tests.house import ENGLISH, GRID, House
from tests.reservations.reserving import add
from tests.test_event import Breakable

# 20 kWh into Zoe's battery
ZOE_KWH = 20 / 0.9
CHEAP_FROM = "2026-11-21T01:00:00+00:00"
NIGHT = [0.30] * 26 + [0.10] * 3 + [0.30] * 19

ENTITIES = {
    "site": {
        "calendar": {"reservations": "calendar.home_reservations"},
        "event": {"plan": "event.home_plan"},
        "select": {"control": "select.home_control"},
        "sensor": {
            "algorithm": "sensor.home_algorithm",
            "house_forecast": "sensor.home_house_forecast",
            "optimality_gap": "sensor.home_optimality_gap",
            "plan_age": "sensor.home_plan_age",
            "planned_cost": "sensor.home_planned_cost",
            "planned_peak": "sensor.home_planned_peak",
            "planned_power": "sensor.home_planned_power",
            "price": "sensor.home_price",
            "protection": "sensor.home_protection",
            "solver_status": "sensor.home_solver_status",
            "solver_time": "sensor.home_solver_time",
        },
    },
    "garage": {
        "button": {"resume": "button.garage_resume"},
        "calendar": {"schedule": "calendar.garage_schedule"},
        "datetime": {"next_departure": "datetime.garage_next_departure"},
        "number": {
            "limit_soc": "number.garage_limit",
            "min_soc": "number.garage_charge_at_once_up_to",
            "state_of_charge": "number.garage_state_of_charge",
            "target_energy": "number.garage_energy_to_add",
            "target_soc": "number.garage_target",
        },
        "select": {"mode": "select.garage_mode", "vehicle": "select.garage_vehicle"},
        "sensor": {
            "expected_finish": "sensor.garage_expected_finish",
            "next_start": "sensor.garage_next_start",
            "planned_cost": "sensor.garage_planned_cost",
            "planned_energy": "sensor.garage_planned_energy",
            "planned_limit": "sensor.garage_planned_limit",
            "reason": "sensor.garage_reason",
            "status": "sensor.garage_status",
            "writes": "sensor.garage_commands_in_a_day",
        },
        "time": {"departure": "time.garage_departure"},
    },
}
ENTITIES["carport"] = {
    domain: {key: entity_id.replace("garage", "carport") for key, entity_id in keys.items()}
    for domain, keys in ENTITIES["garage"].items()
}
ENTITIES |= {
    vehicle: {
        "datetime": {"next_departure": f"datetime.{vehicle}_next_departure"},
        "number": {
            "limit_soc": f"number.{vehicle}_limit",
            "min_soc": f"number.{vehicle}_charge_at_once_up_to",
            "target_soc": f"number.{vehicle}_target",
        },
        "sensor": {
            "charger": f"sensor.{vehicle}_charger",
            "state_of_charge": f"sensor.{vehicle}_state_of_charge",
        },
        "time": {"departure": f"time.{vehicle}_departure"},
    }
    for vehicle in ("zoe", "leaf")
}
OF_SESSIONS = {
    "average_price": "average_price_this_month",
    "charged_energy": "charged_energy",
    "charging_cost": "charging_cost",
    "charging_saved": "saved",
    "last_session": "last_session",
    "solar_share": "solar_share_this_month",
}
for owner, parts in ENTITIES.items():
    device = "home" if owner == "site" else owner
    parts["sensor"] |= {key: f"sensor.{device}_{name}" for key, name in OF_SESSIONS.items()}


async def test_every_entity_is_on_the_device_of_its_owner(
    hass: HomeAssistant, house: House
) -> None:
    """Devices of chargers and vehicles belong to their subentries and hang on the site's."""
    await house.async_set_up_site()
    registry, devices = er.async_get(hass), dr.async_get(hass)
    found: dict[str, dict[str, dict[str, str]]] = {}
    owners = {}
    for entry in er.async_entries_for_config_entry(registry, "site"):
        owner, _, key = entry.unique_id.partition("_")
        assert entry.translation_key == key
        assert entry.has_entity_name
        assert entry.config_subentry_id == (None if owner == "site" else owner)
        found.setdefault(owner, {}).setdefault(entry.domain, {})[key] = entry.entity_id
        assert entry.device_id is not None
        owners.setdefault(owner, entry.device_id)
        assert owners[owner] == entry.device_id
    assert found == ENTITIES

    for owner, name, model in (
        ("site", "Home", "Site"),
        ("garage", "Garage", "Charger"),
        ("carport", "Carport", "Charger"),
        ("zoe", "Zoe", "Vehicle"),
        ("leaf", "Leaf", "Vehicle"),
    ):
        device = devices.async_get(owners[owner])
        assert isinstance(device, dr.DeviceEntry)
        assert device.identifiers == {(DOMAIN, owner)}
        assert (device.name, device.model, device.manufacturer) == (name, model, "OptiVGI")
        assert device.entry_type is dr.DeviceEntryType.SERVICE
        assert device.config_subentry_id == (None if owner == "site" else owner)
        assert device.via_device_id == (None if owner == "site" else owners["site"])


@pytest.mark.parametrize(
    ("entity_id", "expected"),
    [
        ("sensor.garage_expected_finish", ("timestamp", None, None)),
        ("sensor.garage_next_start", ("timestamp", None, None)),
        ("sensor.garage_planned_cost", ("monetary", "EUR", None)),
        ("sensor.garage_planned_energy", ("energy", "kWh", None)),
        ("sensor.garage_planned_limit", ("power", "kW", "measurement")),
        ("sensor.garage_status", ("enum", None, None)),
        ("sensor.garage_charged_energy", ("energy", "kWh", "total_increasing")),
        ("sensor.zoe_charging_cost", ("monetary", "EUR", "total")),
        ("sensor.zoe_saved", ("monetary", "EUR", "total")),
        ("sensor.home_average_price_this_month", (None, "EUR/kWh", "measurement")),
        ("sensor.home_solar_share_this_month", (None, "%", "measurement")),
        ("sensor.zoe_charger", ("enum", None, None)),
        ("sensor.zoe_state_of_charge", ("battery", "%", "measurement")),
        ("sensor.home_algorithm", ("enum", None, None)),
        ("sensor.home_house_forecast", ("enum", None, None)),
        ("sensor.home_plan_age", ("timestamp", None, None)),
        ("sensor.home_planned_cost", ("monetary", "EUR", None)),
        ("sensor.home_planned_peak", ("power", "kW", None)),
        ("sensor.home_planned_power", ("power", "kW", "measurement")),
        ("sensor.home_protection", ("enum", None, None)),
        ("sensor.home_solver_status", ("enum", None, None)),
        ("sensor.home_solver_time", ("duration", "ms", "measurement")),
        ("number.garage_energy_to_add", ("energy", "kWh", None)),
        ("number.garage_target", (None, "%", None)),
    ],
)
async def test_classes_and_units(
    house: House, entity_id: str, expected: tuple[str | None, ...]
) -> None:
    await house.async_set_up_site()
    attributes = house.state(entity_id).attributes
    found = ("device_class", "unit_of_measurement", "state_class")
    assert tuple(attributes.get(name) for name in found) == expected


async def test_figures_of_the_solver_are_diagnostics(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site()
    registry = er.async_get(hass)
    diagnostic = {
        entry.entity_id: entry.disabled
        for entry in er.async_entries_for_config_entry(registry, "site")
        if entry.entity_category is er.EntityCategory.DIAGNOSTIC
    }
    assert diagnostic == {
        "sensor.carport_commands_in_a_day": True,
        "sensor.garage_commands_in_a_day": True,
        "sensor.home_algorithm": False,
        "sensor.home_house_forecast": False,
        "sensor.home_optimality_gap": True,
        "sensor.home_plan_age": False,
        "sensor.home_protection": False,
        "sensor.home_solver_status": False,
        "sensor.home_solver_time": False,
    }
    registry.async_update_entity("sensor.home_optimality_gap", disabled_by=None)
    assert house.entry is not None
    await hass.config_entries.async_reload(house.entry.entry_id)
    await house.async_settle()
    gap = house.state("sensor.home_optimality_gap")
    assert gap.attributes["unit_of_measurement"] == "%"
    assert float(gap.state) < 1


def sensors(house: House, owner: str) -> dict[str, str]:
    """Return the states of an owner's sensors of the plan by their keys."""
    others = {"writes", *OF_SESSIONS}
    return {
        key: house.state(entity_id).state
        for key, entity_id in ENTITIES[owner]["sensor"].items()
        if key not in others
    }


def reason(house: House) -> str:
    """Return why the garage does what it does."""
    text: str = house.state("sensor.garage_status").attributes["reason"]
    return text


async def test_before_a_car_is_plugged_in(house: House) -> None:
    await house.async_set_up_site()
    assert sensors(house, "garage") == {
        "expected_finish": "unknown",
        "next_start": "unknown",
        "planned_cost": "0.0",
        "planned_energy": "0",
        "planned_limit": "unknown",
        "reason": "No car is plugged in.",
        "status": "unplugged",
    }
    assert reason(house) == "No car is plugged in."
    assert float(house.state("sensor.home_planned_peak").state) == 0


async def test_a_car_waits_charges_and_finishes(house: House) -> None:
    house.set_hourly_prices(NIGHT)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    garage = sensors(house, "garage")
    assert garage["status"] == "waiting"
    assert reason(house) == "Waits for Sat 02:00, when a kWh costs 0.200 EUR less."
    assert garage["next_start"] == CHEAP_FROM
    assert "2026-11-21T03:00:00" < garage["expected_finish"] <= "2026-11-21T04:00:00+00:00"
    assert float(garage["planned_cost"]) == pytest.approx(ZOE_KWH * 0.10, abs=0.03)
    assert float(garage["planned_energy"]) == pytest.approx(ZOE_KWH, abs=0.2)
    assert float(garage["planned_limit"]) == 0
    attributes = house.state("sensor.garage_status").attributes
    told = {"vehicle": "Zoe", "soc": 40, "needed_kwh": 20, "delivered_kwh": 0, "limit_kw": 0}
    assert {key: attributes[key] for key in told} == told
    departure: Any = attributes["departure"]
    assert departure.isoformat() == "2026-11-21T06:00:00+00:00"
    site = sensors_of_site(house)
    assert site["planned_cost"] == pytest.approx(ZOE_KWH * 0.10, abs=0.03)
    assert 7 < site["planned_peak"] <= 11.04
    assert site["planned_power"] == 0
    assert house.state("sensor.home_algorithm").state == "optimal"
    assert house.state("sensor.home_solver_status").state == "optimal"
    assert house.state("sensor.home_plan_age").state.startswith("2026-11-20T19:00")

    start = dt_util.parse_datetime(CHEAP_FROM)
    assert start is not None
    await house.async_advance(start - dt_util.utcnow() + timedelta(seconds=3))
    await house.async_settle()
    assert sensors(house, "garage")["status"] == "starting"
    planned_kw = float(sensors(house, "garage")["planned_limit"])
    assert planned_kw > 7
    assert sensors_of_site(house)["planned_power"] == pytest.approx(planned_kw)

    house.set_power("sensor.garage_power", 11000)
    house.set_power(GRID, 11500)
    await house.async_select("input_select.garage_status", "charging")
    assert sensors(house, "garage")["status"] == "charging"
    assert reason(house).startswith("A kWh costs 0.100 EUR now, one of the best prices. Done at 04")

    await house.async_advance(timedelta(minutes=1))
    house.set_soc("zoe", 80)
    house.set_power("sensor.garage_power", 0)
    await house.async_select("input_select.garage_status", "completed")
    garage = sensors(house, "garage")
    assert garage["status"] == "finished"
    assert reason(house) == "The car is at 80 %, its target is 80 %."
    assert float(garage["planned_energy"]) == 0
    assert float(garage["planned_limit"]) == 0

    await house.async_unplug("garage")
    assert sensors(house, "garage")["status"] == "unplugged"


def sensors_of_site(house: House) -> dict[str, float]:
    """Return the site's figures by their keys."""
    return {
        key: float(house.state(f"sensor.home_{key}").state)
        for key in ("planned_cost", "planned_peak", "planned_power")
    }


async def test_next_start_is_the_present_one_while_it_charges(house: House) -> None:
    """It charges in the first hour and again at night."""
    cheap = [0.30] * 20 + [0.10] + [0.30] * 5 + [0.12] * 3 + [0.30] * 19
    house.set_hourly_prices(cheap)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    now = house.state("sensor.garage_next_start")
    begun = dt_util.parse_datetime(now.state)
    assert begun is not None
    assert timedelta(0) <= dt_util.utcnow() - begun < timedelta(minutes=1)
    later = dt_util.parse_datetime(CHEAP_FROM)
    assert (now.attributes["charging"], now.attributes["later_start"]) == (True, later)
    await house.async_advance(timedelta(minutes=10))
    assert house.state("sensor.garage_next_start").state == now.state
    await house.async_advance(timedelta(minutes=50))
    await house.async_settle()
    then = house.state("sensor.garage_next_start")
    assert (then.state, then.attributes["charging"]) == (CHEAP_FROM, False)
    assert then.attributes["later_start"] is None


async def test_energy_says_in_its_name_where_it_is_measured(house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    drawn = house.state("sensor.garage_planned_energy")
    assert drawn.name == "Garage Planned energy from the grid"
    assert float(drawn.state) == pytest.approx(ZOE_KWH, abs=0.2)
    assert drawn.attributes["battery_kwh"] == pytest.approx(20, abs=0.2)
    await house.async_unplug("garage")
    assert house.state("sensor.garage_planned_energy").attributes["battery_kwh"] == 0
    added = house.state("number.garage_energy_to_add")
    assert added.name == "Garage Energy to battery"


async def test_cost_of_the_site_says_what_of_it_is_for_reservations(house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    alone = house.state("sensor.home_planned_cost")
    assert alone.attributes["reservations"] == 0
    assert alone.attributes["cars_here"] == pytest.approx(float(alone.state), abs=0.01)
    await add(house, energy=9, charger="Carport", name="Ann")
    both = house.state("sensor.home_planned_cost")
    assert both.attributes["reservations"] == pytest.approx(9 / 0.9 * 0.30, abs=0.02)
    assert both.attributes["cars_here"] == pytest.approx(ZOE_KWH * 0.30, abs=0.02)
    assert float(both.state) == pytest.approx((ZOE_KWH + 10) * 0.30, abs=0.04)


class Foreign(Breakable):
    """An algorithm that somebody else has registered."""

    @override
    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        return replace(super().solve(problem, time_limit_s=time_limit_s), algorithm="foreign")


async def test_algorithm_is_one_of_those_that_there_are(house: House) -> None:
    await house.async_set_up_site()
    algorithm = house.state("sensor.home_algorithm")
    assert algorithm.state == "optimal"
    assert algorithm.attributes["options"] == ["optimal", "go", "last_plan"]


async def test_algorithm_of_others_is_called_by_its_name(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry._FACTORIES, "optimal", Foreign)
    await house.async_set_up_site()
    assert house.state("sensor.home_algorithm").state == "foreign"


async def test_heuristic_is_called_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._FACTORIES, "optimal", Breakable)
    monkeypatch.setattr(Breakable, "broken", True)
    await house.async_set_up_site()
    assert house.state("sensor.home_algorithm").state == "go"
    assert ENGLISH["entity"]["sensor"]["algorithm"]["state"]["go"] == "Heuristic"


async def test_currency_is_that_of_home_assistant(hass: HomeAssistant, house: House) -> None:
    hass.config.currency = "CHF"
    await house.async_set_up_site(data={"price_source": "constant", "price": 0.2})
    for entity_id in ("sensor.home_planned_cost", "sensor.garage_planned_cost"):
        assert house.state(entity_id).attributes["unit_of_measurement"] == "CHF"


async def test_estimated_prices_are_called_so(house: House) -> None:
    """Of tomorrow nothing is known; that its night will be cheap is a guess from last night."""
    house.set_hourly_prices([0.30, 0.30, 0.10, 0.10, 0.10] + [0.30] * 19)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert sensors(house, "garage")["next_start"] == CHEAP_FROM
    assert reason(house).endswith("less by estimate.")
