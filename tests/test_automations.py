"""Automations without YAML: triggers and conditions of our own, as Home Assistant runs them."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from homeassistant.components import automation
from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition, device_registry as dr, trigger
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
import yaml

from custom_components.optivgi.condition import CONDITIONS
from custom_components.optivgi.const import DOMAIN
from custom_components.optivgi.trigger import TRIGGERS
from tests.house import CHARGERS, ENGLISH, LEAF_DATA, VEHICLES, House, subentry

FOLDER = Path(__file__).parent.parent / "custom_components" / DOMAIN
PRICE = "sensor.home_price"
CHEAP_AT_NIGHT = [*([0.30] * 21), *([0.20] * 3), *([0.05] * 4), *([0.30] * 20)]
"""The house begins at 20:00."""


class Fired:
    """Which automations have run."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Listen."""
        self._hass = hass
        self._events = async_capture_events(hass, "fired")

    async def async_listen(self, *rows: tuple[str, dict[str, Any], dict[str, Any]]) -> None:
        """Set up an automation for each trigger, its target and its options."""
        config = [
            {
                "alias": name,
                "triggers": {"trigger": f"{DOMAIN}.{name}", "target": target, "options": options},
                "actions": {
                    "event": "fired",
                    "event_data": {"name": name, "session": "{{ trigger.session }}"},
                },
            }
            for name, target, options in rows
        ]
        assert await async_setup_component(
            self._hass, automation.DOMAIN, {automation.DOMAIN: config}
        )

    def session(self) -> dict[str, Any]:
        """Return the figures of the session that the last of them was about."""
        session: dict[str, Any] = self._events[-1].data["session"]
        return session

    def take(self) -> list[str]:
        """Return the names of those that have run since the last time."""
        names = [event.data["name"] for event in self._events]
        self._events.clear()
        return names


def device(hass: HomeAssistant, name: str) -> dict[str, Any]:
    """Return a target: a device of ours."""
    registry = dr.async_get(hass)
    (found,) = (one for one in registry.devices if one.name == name)
    return {"device_id": [found.id]}


AT_CHARGERS = [
    "car_plugged_in",
    "car_unplugged",
    "charging_started",
    "charging_finished",
    "operated_by_hand",
    "will_not_be_ready",
    "ready_again",
]


async def listen(house: House, names: Sequence[str] = AT_CHARGERS) -> Fired:
    """Set the house up, with an automation for each trigger at the garage."""
    await house.async_set_up_site()
    fired = Fired(house.hass)
    garage = device(house.hass, "Garage")
    await fired.async_listen(*((name, garage, {}) for name in names))
    return fired


async def test_a_car_that_comes_charges_and_leaves_triggers(house: House) -> None:
    fired = await listen(house)
    await house.async_plug_in("carport")
    assert fired.take() == []
    await house.async_plug_in("garage")
    assert fired.take() == ["car_plugged_in"]
    await house.async_select("select.garage_mode", "now")
    house.set_power("sensor.garage_power", 11000)
    await house.async_select("input_select.garage_status", "charging")
    assert fired.take() == ["charging_started"]
    await house.async_select("select.garage_mode", "smart")
    fired.take()
    entered = {"entity_id": "number.garage_state_of_charge", "value": 85}
    await house.hass.services.async_call("number", "set_value", entered, blocking=True)
    await house.async_settle()
    assert fired.take() == ["charging_finished"]
    await house.async_unplug("garage")
    assert fired.take() == ["car_unplugged"]


async def test_a_car_that_will_not_be_ready_triggers_once_and_when_it_will_be(
    house: House,
) -> None:
    fired = await listen(house)
    await house.async_plug_in("garage")
    assert fired.take() == ["car_plugged_in"]
    call = house.hass.services.async_call
    soon = house.state("datetime.garage_next_departure").last_updated + timedelta(minutes=40)
    at = {"entity_id": "datetime.garage_next_departure", "datetime": soon.isoformat()}
    await call("datetime", "set_value", at, blocking=True)
    await house.async_settle()
    assert fired.take() == ["will_not_be_ready"]
    await house.async_advance(timedelta(minutes=5))
    assert fired.take() == []
    later = {**at, "datetime": (soon + timedelta(hours=20)).isoformat()}
    await call("datetime", "set_value", later, blocking=True)
    await house.async_settle()
    assert fired.take() == ["ready_again"]


async def test_a_charger_that_is_out_of_reach_triggers_and_when_it_is_back(house: House) -> None:
    fired = await listen(house, ["out_of_reach", "reachable_again"])
    await house.async_plug_in("garage")
    limit = house.state("input_number.garage_limit")
    house.hass.states.async_set(limit.entity_id, "unavailable")
    await house.async_settle()
    assert fired.take() == ["out_of_reach"]
    house.hass.states.async_set(limit.entity_id, limit.state, limit.attributes)
    await house.async_settle()
    assert fired.take() == ["reachable_again"]


async def test_a_session_that_is_over_triggers_once_with_its_figures(house: House) -> None:
    await house.async_set_up_site()
    fired = Fired(house.hass)
    names = ("Garage", "Zoe", "Home")
    devices = [device(house.hass, name)["device_id"][0] for name in names]
    await fired.async_listen(("session_finished", {"device_id": devices}, {}))
    for hours in (1, 2):
        await house.async_plug_in("garage")
        await house.async_select("select.garage_mode", "now")
        house.set_power("sensor.garage_power", 10_000)
        await house.async_select("input_select.garage_status", "charging")
        for _ in range(hours * 4):
            await house.async_advance(timedelta(minutes=15))
        house.set_power("sensor.garage_power", 0)
        assert fired.take() == []
        await house.async_unplug("garage")
        session = fired.session()
        assert session["vehicle"] == "Zoe"
        assert session["energy_kwh"] == pytest.approx(10 * hours, abs=0.3)
        assert session["cost"] == pytest.approx(10 * hours * 0.3, abs=0.1)
        assert "unit_of_measurement" not in session
        assert fired.take() == ["session_finished"]
    # Where one is forgotten, the one before is not over again.
    await house.hass.services.async_call(DOMAIN, "delete_sessions", {"vehicle": "Zoe"}, True)
    await house.async_settle()
    assert fired.take() == []


async def test_cars_that_share_a_charger_trigger_where_one_waits(house: House) -> None:
    leaf = {**LEAF_DATA, "charger": "garage", "location_entity": "device_tracker.leaf"}
    house.hass.states.async_set("device_tracker.leaf", "not_home")
    await house.async_set_up_site(
        CHARGERS[0], VEHICLES[0], subentry("leaf", "vehicle", "Leaf", leaf)
    )
    fired = Fired(house.hass)
    await fired.async_listen(("swap_cars", device(house.hass, "Garage"), {}))
    await house.async_plug_in("garage")
    entered = {"entity_id": "number.garage_state_of_charge", "value": 85}
    await house.hass.services.async_call("number", "set_value", entered, blocking=True)
    await house.async_settle()
    assert house.state("sensor.garage_status").state == "finished"
    # It is not there yet.
    await house.async_advance(timedelta(minutes=20))
    assert fired.take() == []
    house.hass.states.async_set("device_tracker.leaf", "home")
    await house.async_settle()
    assert house.state("sensor.garage_status").attributes["swap_for"] == ["Leaf"]
    assert fired.take() == ["swap_cars"]
    # What is slow is shown within a minute.
    house.set_soc("leaf", 89)
    await house.async_settle()
    await house.async_advance(timedelta(minutes=1))
    assert house.state("sensor.garage_status").attributes["swap_for"] == []
    house.set_soc("leaf", 60)
    await house.async_settle()
    await house.async_advance(timedelta(minutes=1))
    assert fired.take() == ["swap_cars"]
    await house.async_unplug("garage")
    assert house.state("sensor.garage_status").attributes["swap_for"] == []


async def test_the_plan_triggers_where_it_changes(house: House) -> None:
    await house.async_set_up_site()
    fired = Fired(house.hass)
    home = device(house.hass, "Home")
    await fired.async_listen(("plan_changed", home, {}), ("plan_failed", home, {}))
    await house.async_plug_in("garage")
    assert set(fired.take()) == {"plan_changed"}


async def test_cheap_hours_begin_and_end_by_the_prices_of_the_day(house: House) -> None:
    house.set_hourly_prices(CHEAP_AT_NIGHT)
    await house.async_set_up_site()
    fired = Fired(house.hass)
    home = device(house.hass, "Home")
    await fired.async_listen(
        ("cheap_hours_began", home, {"hours": 3}), ("cheap_hours_ended", home, {"hours": 3})
    )
    assert house.state(PRICE).attributes["cheaper_hours"] == 3
    assert house.value(PRICE) == pytest.approx(0.30)
    ran = []
    for _ in range(10 * 4):
        await house.async_advance(timedelta(minutes=15))
        await house.async_settle()
        now = house.state(PRICE)
        ran += [(name, float(now.state)) for name in fired.take()]
    assert ran == [
        ("cheap_hours_began", 0.20),
        ("cheap_hours_ended", 0.30),
    ]


async def conditions_that_hold(hass: HomeAssistant, names: Sequence[str]) -> set[str]:
    """Return which conditions hold at the garage and the house."""
    target = {
        "device_id": [*device(hass, "Garage")["device_id"], *device(hass, "Home")["device_id"]]
    }
    holding = set()
    for name in names:
        config = {"condition": f"{DOMAIN}.{name}", "target": target}
        config["options"] = {"hours": 3} if "price" in name else {}
        validated = await condition.async_validate_condition_config(hass, config)
        check = await condition.async_from_config(hass, validated)
        if check.async_check():
            holding.add(name)
        check.async_unload()
    return holding


async def test_conditions_hold_as_the_chargers_and_the_prices_say(house: House) -> None:
    house.set_hourly_prices(CHEAP_AT_NIGHT)
    await house.async_set_up_site()
    assert await conditions_that_hold(house.hass, list(CONDITIONS)) == set()
    await house.async_plug_in("garage")
    assert await conditions_that_hold(house.hass, list(CONDITIONS)) == {
        "is_plugged_in",
        "will_be_ready",
    }
    await house.async_select("select.garage_mode", "now")
    house.set_power("sensor.garage_power", 11000)
    await house.async_select("input_select.garage_status", "charging")
    assert await conditions_that_hold(house.hass, list(CONDITIONS)) == {
        "is_plugged_in",
        "is_charging",
        "will_be_ready",
    }
    house.set_hourly_prices([0.3] * 19 + [0.1] * 10 + [0.4] * 19)
    await house.async_select("select.garage_mode", "smart")
    await house.async_settle()
    assert await conditions_that_hold(house.hass, list(CONDITIONS)) == {
        "is_plugged_in",
        "is_charging",
        "is_charging_by_plan",
        "will_be_ready",
        "price_is_among_cheapest",
    }


async def test_all_of_them_can_be_picked_in_the_editor(house: House) -> None:
    await house.async_set_up_site()
    shown = await trigger.async_get_all_descriptions(house.hass)
    assert {name for name in shown if name.startswith(f"{DOMAIN}.")} == {
        f"{DOMAIN}.{name}" for name in TRIGGERS
    }
    held = await condition.async_get_all_descriptions(house.hass)
    assert {name for name in held if name.startswith(f"{DOMAIN}.")} == {
        f"{DOMAIN}.{name}" for name in CONDITIONS
    }


@pytest.mark.parametrize("kind", ["triggers", "conditions"])
def test_each_has_its_texts_and_fields(kind: str) -> None:
    described = yaml.safe_load((FOLDER / f"{kind}.yaml").read_text())
    rows = {name: row for name, row in described.items() if not name.startswith(".")}
    texts = ENGLISH[kind]
    assert rows.keys() == texts.keys()
    for name, row in rows.items():
        assert texts[name].get("fields", {}).keys() == row.get("fields", {}).keys()
