"""What is worth a command, and what is commanded again: by what the charger shows."""

import asyncio
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser, async_mock_service
from tests.control.charger_bench import SOME_LEFT_W, Bench
from tests.house import GRID, House
from tests.plant import Box, charging

from custom_components.optivgi.const import Mode

MINUTE = timedelta(minutes=1)
AMPERES = {"unit_of_measurement": "A", "min": 6, "max": 32, "step": 1}
WATTS = {"unit_of_measurement": "W", "min": 0, "max": 22000, "step": 10}
SWITCHED = {"limit_entity": "number.box", "switch_entity": "switch.box"}
IN_AMPERES = {"number.box": ("6", AMPERES), "switch.box": ("off", {})}
BY_LIMIT = {"limit_entity": "number.box"}


@pytest.fixture
def bench(hass: HomeAssistant, house: House) -> Bench:
    """Return a charger that is not set up yet."""
    return Bench(hass, house)


def select(house: House, mode: Mode) -> None:
    """Select a mode, as the actions that do so are taken by the charger."""
    assert house.entry is not None
    house.entry.runtime_data.site.points["box"].select_mode(mode)


async def async_with_load(bench: Bench, house: House, watts: float) -> list[tuple[str, Any]]:
    """Let the house take so much until the next plan; return what it is sent meanwhile."""
    before = len(bench.calls)
    house.set_power(GRID, watts)
    for _ in range(8):
        await house.async_advance(MINUTE)
    return bench.calls[before:]


async def test_one_ampere_more_is_worth_a_command(bench: Bench, house: House) -> None:
    await bench.async_start(SWITCHED, IN_AMPERES)
    assert await bench.async_load(SOME_LEFT_W) == [("number.set_value", 8)]
    assert await async_with_load(bench, house, SOME_LEFT_W - 690) == [("number.set_value", 9)]


async def test_some_watts_more_are_not_worth_a_command(
    hass: HomeAssistant, bench: Bench, house: House
) -> None:
    await bench.async_start(BY_LIMIT, {"number.box": ("0", {**WATTS, "max": 8000})})
    assert bench.calls == [("number.set_value", 8000)]
    select(house, Mode.NOW)
    for most_w, sent in ((8090, []), (11000, [("number.set_value", 11000)])):
        before = len(bench.calls)
        hass.states.async_set("number.box", "8000", {**WATTS, "max": most_w})
        for _ in range(2):
            await house.async_advance(5 * MINUTE)
        assert bench.calls[before:] == sent


async def test_a_start_is_always_worth_a_command(bench: Bench, house: House) -> None:
    """What has no switch is stopped by 0; the house leaves 8 A to start with."""
    house.set_power(GRID, SOME_LEFT_W)
    await bench.async_start({**BY_LIMIT, "least_increase": 10}, {"number.box": ("0", WATTS)})
    assert bench.calls == [("number.set_value", 5950)]
    assert await async_with_load(bench, house, SOME_LEFT_W - 2000) == []


@pytest.mark.parametrize(("minimum_kw", "told_kw"), [(-1, 0), (0, 0), (0.5, 0.5)])
async def test_a_small_limit_is_no_stop(
    hass: HomeAssistant, bench: Bench, house: House, minimum_kw: float, told_kw: float
) -> None:
    """What has no switch is stopped by 0, or slowed down as far as it goes."""
    accepted = {"unit_of_measurement": "kW", "min": minimum_kw, "max": 11, "step": 0.1}
    await bench.async_start(BY_LIMIT, {"number.box": ("6", accepted)})
    bench.calls.clear()
    select(house, Mode.OFF)
    hass.states.async_set("number.box", "0.9", accepted)
    for _ in range(2):
        await house.async_advance(MINUTE)
    assert bench.calls == [("number.set_value", told_kw)]


@pytest.mark.parametrize(
    ("shown", "sent"),
    [
        ({"unit_of_measurement": "mA", "min": 6000, "max": 16000, "step": 1}, 16_000),
        ({"unit_of_measurement": "W", "min": 0, "max": 11_000, "step": 0.1}, 11_000),
        ({"unit_of_measurement": "A", "min": "6", "max": "16", "step": None}, 16),
        ({"unit_of_measurement": "A", "min": 6, "max": 16, "step": -1}, 16),
    ],
)
async def test_a_limit_with_any_step_is_planned_with(
    bench: Bench, house: House, shown: dict[str, Any], sent: float
) -> None:
    await bench.async_start(SWITCHED, {"number.box": ("0", shown), "switch.box": ("off", {})})
    select(house, Mode.NOW)
    await house.async_advance(MINUTE)
    assert ("number.set_value", sent) in bench.calls
    assert house.entry is not None
    assert house.entry.runtime_data.coordinator.last_update_success


async def test_a_charger_that_shows_no_limit_starts_at_once(bench: Bench) -> None:
    """Nothing that is shown sets off another look; the next by itself is later than this."""
    limit = [{"action": "brand.set_limit", "data": {"current": "{{ limit_a }}"}}]
    data = {"limit_action": limit, "switch_entity": "switch.box"}
    await bench.async_start(data, {"switch.box": ("off", {})})
    assert bench.calls == [("brand.set_limit", 16), ("switch.turn_on", None)]


async def test_who_is_told_again_has_no_more_time_to_follow(
    hass: HomeAssistant, house: House
) -> None:
    """What is drawn against our will counts from when the first command should have shown."""
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_advance(MINUTE)
    house.set_power("sensor.garage_power", 11_040)
    swallowed = async_mock_service(hass, "input_boolean", "turn_off")
    await house.async_select("select.garage_mode", "off")
    for _ in range(4):
        await house.async_advance(timedelta(seconds=10))
    assert len(swallowed) == 2
    assert house.entry is not None
    garage = house.entry.runtime_data.site.points["garage"]
    assert garage.load.uncontrolled_kw(dt_util.utcnow(), metered=True) == pytest.approx(11.04)


async def test_who_refuses_to_stop_is_counted_at_once(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_advance(MINUTE)
    refusal = HomeAssistantError("refused")
    refused = async_mock_service(hass, "input_boolean", "turn_off", raise_exception=refusal)
    await house.async_select("select.garage_mode", "off")
    assert len(refused) == 1
    assert house.entry is not None
    garage = house.entry.runtime_data.site.points["garage"]
    assert garage.load.uncontrolled_kw(dt_util.utcnow(), metered=True) == pytest.approx(11.04)


async def test_people_are_notified_with_what_a_charger_answers(
    hass: HomeAssistant, house: House, issue_registry: ir.IssueRegistry
) -> None:
    await house.async_set_up_site()
    refusal = HomeAssistantError("too hot")
    async_mock_service(hass, "input_boolean", "turn_on", raise_exception=refusal)
    await house.async_plug_in("garage")
    for _ in range(7):
        await house.async_advance(timedelta(seconds=10))
    issue = issue_registry.async_get_issue("optivgi", "charger_does_not_follow_garage")
    assert issue is not None
    assert issue.is_fixable
    sent = issue.translation_placeholders
    assert sent is not None
    assert (sent["charger"], sent["entity"]) == ("Garage", "input_number.garage_limit")
    assert sent["error"].endswith("too hot")


@pytest.mark.parametrize(
    ("mode", "refusal"), [("now", None), ("off", HomeAssistantError("offline"))]
)
async def test_only_a_charger_that_took_a_zero_in_vain_is_slowed_down_instead(
    hass: HomeAssistant, house: House, mode: str, refusal: HomeAssistantError | None
) -> None:
    """One that does not take more, or nothing at all, can still be stopped later."""
    accepted = house.state("input_number.carport_limit").attributes
    hass.states.async_set("input_number.carport_limit", "4140", accepted)
    await house.async_set_up_site()
    real = hass.services.async_services_for_domain("input_number")["set_value"]
    vain = async_mock_service(hass, "input_number", "set_value", raise_exception=refusal)
    await house.async_select("select.carport_mode", "off")
    await house.async_plug_in("carport")
    await house.async_select("select.carport_mode", mode)
    for _ in range(10):
        await house.async_advance(timedelta(seconds=10))
    assert len(vain) >= 3
    hass.services.async_register("input_number", "set_value", real.job.target, schema=real.schema)
    await house.async_select("select.carport_mode", "off")
    for _ in range(7):
        await house.async_advance(MINUTE)
    assert house.carport_kw == 0


async def test_a_person_who_stops_it_while_a_limit_is_on_its_way_is_not_overruled(
    house: House, hass_admin_user: MockUser
) -> None:
    """What takes longer than some seconds is no longer waited for, so this person is quick."""
    plant = await charging(house, Box("a", value=8), modes=False)
    plant.step_s = 2
    plant.gate = gate = asyncio.Event()
    await house.hass.services.async_call(
        "select", "select_option", {"entity_id": "select.a_mode", "option": "now"}, blocking=True
    )
    try:
        for _ in range(20):
            await plant.async_step(pump=True)
            if plant.writes:
                break
        assert plant.writes[-1][1:3] == ("a", "set_value")
        plant.gate = None
        await plant.async_hand(hass_admin_user, "a", "turn_off")
    finally:
        # What waits for it would wait for ever: time stands still.
        gate.set()
    await house.hass.async_block_till_done()
    await plant.async_step(15)
    assert plant.broken == []
    assert plant["a"].standing_kw == 0
