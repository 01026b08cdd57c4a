"""Every way to drive a charger: what its integration is commanded to start, reduce and stop it."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from tests.control.charger_bench import NOTHING_LEFT_W, SOME_LEFT_W, Bench
from tests.house import House

from custom_components.optivgi.const import Mode

MINUTE = timedelta(minutes=1)
AMPERES = {"unit_of_measurement": "A", "min": 6, "max": 32, "step": 1}
NUMBER = {"number.box": ("6", AMPERES)}
SWITCH = {"switch.box": ("off", {})}
MODES = {"select.box": ("0", {"options": ["0", "1", "2"]})}
BUTTONS: dict[str, tuple[str, dict[str, Any]]] = {
    "button.start": ("unknown", {}),
    "button.stop": ("unknown", {}),
}


def action(name: str, **data: Any) -> list[dict[str, Any]]:
    """Return an action as the form stores it."""
    return [{"action": name, "data": data}]


@pytest.fixture
def bench(hass: HomeAssistant, house: House) -> Bench:
    """Return a charger that is not set up yet."""
    return Bench(hass, house)


LIMITED = {"limit_entity": "number.box"}
WAYS: dict[str, tuple[dict[str, Any], dict[str, Any], list[tuple[str, Any]], tuple[str, Any]]] = {
    "number and switch": (
        {**LIMITED, "switch_entity": "switch.box"},
        {**NUMBER, **SWITCH},
        [("number.set_value", 16), ("switch.turn_on", None)],
        ("switch.turn_off", None),
    ),
    "switch that pauses": (
        {**LIMITED, "switch_entity": "switch.box", "switch_inverted": True},
        {**NUMBER, "switch.box": ("on", {})},
        [("number.set_value", 16), ("switch.turn_off", None)],
        ("switch.turn_on", None),
    ),
    "select that starts, from an option that does neither": (
        {**LIMITED, "switch_entity": "select.box", "option_on": "2", "option_off": "1"},
        {**NUMBER, **MODES},
        [("number.set_value", 16), ("select.select_option", "2")],
        ("select.select_option", "1"),
    ),
    "buttons": (
        {**LIMITED, "start_entity": "button.start", "stop_entity": "button.stop"},
        {**NUMBER, **BUTTONS},
        [("number.set_value", 16), ("button.press", None)],
        ("button.press", None),
    ),
    "actions": (
        {
            **LIMITED,
            "start_action": action("brand.start"),
            "stop_action": action("brand.stop"),
        },
        NUMBER,
        [("number.set_value", 16), ("brand.start", None)],
        ("brand.stop", None),
    ),
    "select of currents": (
        {"limit_entity": "select.limit", "limit_unit": "A", "switch_entity": "switch.box"},
        {"select.limit": ("6", {"options": ["6", "8", "10", "16", "auto"]}), **SWITCH},
        [("select.select_option", "16"), ("switch.turn_on", None)],
        ("switch.turn_off", None),
    ),
    "action with amperes, stopped by 0": (
        {"limit_action": action("brand.set_limit", current="{{ limit_a }}")},
        {},
        [("brand.set_limit", 16)],
        ("brand.set_limit", 0),
    ),
    "action with watts": (
        {"limit_action": action("brand.set_limit", power="{{ limit_w | round }}")},
        {},
        [("brand.set_limit", 11040)],
        ("brand.set_limit", 0),
    ),
    "action in watts": (
        {"limit_unit": "W", "limit_action": action("brand.set_limit", power="{{ limit_w }}")},
        {},
        [("brand.set_limit", 11040)],
        ("brand.set_limit", 0),
    ),
    "nothing but a switch": (
        {"switch_entity": "switch.box"},
        SWITCH,
        [("switch.turn_on", None)],
        ("switch.turn_off", None),
    ),
}


@pytest.mark.parametrize("way", WAYS)
async def test_charger_is_started_and_stopped(bench: Bench, house: House, way: str) -> None:
    """Its limit is set before it starts; where something else stops it, its limit is let be."""
    data, states, started, stopped = WAYS[way]
    await bench.async_start(data, states)
    assert bench.calls == started
    for _ in range(3):
        await house.async_advance(MINUTE)
    assert bench.calls == started
    assert await bench.async_load(NOTHING_LEFT_W) == [stopped]
    for _ in range(3):
        await house.async_advance(MINUTE)
    assert bench.calls == [*started, stopped]


@pytest.mark.parametrize(
    ("way", "reduced"),
    [
        ("number and switch", ("number.set_value", 8)),
        ("select of currents", ("select.select_option", "8")),
        ("action with amperes, stopped by 0", ("brand.set_limit", 8)),
        ("action with watts", ("brand.set_limit", 5520)),
        ("action in watts", ("brand.set_limit", 5950)),
        ("nothing but a switch", ("switch.turn_off", None)),
    ],
)
async def test_charger_is_reduced_to_what_it_accepts(
    bench: Bench, way: str, reduced: tuple[str, Any]
) -> None:
    await bench.async_start(*WAYS[way][:2])
    assert await bench.async_load(SOME_LEFT_W) == [reduced]


async def test_bounds_are_those_of_the_moment(
    hass: HomeAssistant, bench: Bench, house: House
) -> None:
    """A cable for 10 A is seen without any change of the configuration."""
    await bench.async_start(LIMITED | {"switch_entity": "switch.box"}, {**NUMBER, **SWITCH})
    hass.states.async_set("number.box", "6", {**AMPERES, "max": 10})
    await house.async_advance(MINUTE)
    assert bench.calls[-1] == ("number.set_value", 10)


async def test_charger_that_refuses_zero_is_slowed_down_instead(bench: Bench, house: House) -> None:
    bench.refuses_zero = True
    await bench.async_start(LIMITED, {"number.box": ("6", {**AMPERES, "min": 0})})
    calls = await bench.async_load(NOTHING_LEFT_W)
    assert calls == [("number.set_value", 0), ("number.set_value", 6)]
    before = len(bench.calls)
    for _ in range(3):
        await house.async_advance(MINUTE)
    assert bench.calls[before:] == []


async def test_next_car_is_told_again_where_nothing_shows_what_was_told(
    hass: HomeAssistant, bench: Bench, house: House
) -> None:
    data, states, started, _ = WAYS["buttons"]
    await bench.async_start(data, states)
    hass.states.async_set("sensor.box_status", "disconnected")
    await house.async_settle()
    hass.states.async_set("sensor.box_status", "connected")
    await house.async_settle()
    assert bench.calls == [*started, ("button.press", None)]


async def test_limit_with_a_lifetime_is_renewed(bench: Bench, house: House) -> None:
    data = {"limit_action": action("brand.set_limit", current="{{ limit_a }}"), "renew": 1800}
    await bench.async_start(data, {})
    for _ in range(28):
        await house.async_advance(MINUTE)
    assert bench.calls == [("brand.set_limit", 16)]
    for _ in range(4):
        await house.async_advance(MINUTE)
    assert bench.calls == [("brand.set_limit", 16)] * 2


async def test_sensor_shows_what_came_of_an_action(
    hass: HomeAssistant, bench: Bench, house: House
) -> None:
    """What somebody else has set is noticed, and set right."""
    data, _, started, _ = WAYS["action with amperes, stopped by 0"]
    shown = {"sensor.limit": ("16", {"unit_of_measurement": "A"})}
    await bench.async_start({**data, "limit_entity": "sensor.limit"}, shown)
    assert bench.calls == []
    hass.states.async_set("sensor.limit", "32", {"unit_of_measurement": "A"})
    await house.async_settle()
    assert bench.calls == started


async def test_charger_is_not_written_more_often_than_it_may_be(bench: Bench, house: House) -> None:
    """What protects the connection does not wait; what the plan would rather have does."""
    data, states, _, _ = WAYS["number and switch"]
    await bench.async_start({**data, "min_interval": 900}, states)
    assert await bench.async_load(SOME_LEFT_W) == [("number.set_value", 8)]
    assert await bench.async_load(500) == []
    before = len(bench.calls)
    for _ in range(13):
        await house.async_advance(MINUTE)
    # Without an interval, it would have got more after five minutes.
    assert bench.calls[before:] == []
    for _ in range(4):
        await house.async_advance(MINUTE)
    assert bench.calls[before:] == [("number.set_value", 16)]


async def test_person_who_turns_it_off_does_not_wait(bench: Bench, house: House) -> None:
    data, states, _, (service, _) = WAYS["number and switch"]
    await bench.async_start({**data, "min_interval": 900}, states)
    assert house.entry is not None
    point = house.entry.runtime_data.site.points["box"]
    point.select_mode(Mode.OFF)
    await house.async_advance(timedelta(seconds=10))
    assert bench.calls[-1][0] == service


async def test_commands_of_a_day_are_counted(
    hass: HomeAssistant, bench: Bench, house: House
) -> None:
    data, states, started, _ = WAYS["number and switch"]
    await bench.async_start(data, states)
    sensor = house.entity_id("sensor", "box", "writes")
    er.async_get(hass).async_update_entity(sensor, disabled_by=None)
    assert house.entry is not None
    await hass.config_entries.async_reload(house.entry.entry_id)
    await house.async_settle()
    before = house.value(sensor)
    sent = await bench.async_load(NOTHING_LEFT_W)
    await house.async_advance(MINUTE)
    assert house.value(sensor) == before + len(sent) == len(sent)
    assert started
