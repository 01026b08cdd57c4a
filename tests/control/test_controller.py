"""The controller: what is written to the chargers, when, in which order, and what never is."""

from datetime import timedelta
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Context, CoreState, Event, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockUser,
    async_capture_events,
    async_mock_service,
)
from tests.house import CHARGERS, GRID, VEHICLES, House, charger_of, planned_kw_at

from custom_components.optivgi.const import DOMAIN
from custom_components.optivgi.scheduler import Algorithm, NoSolutionError, registry
from custom_components.optivgi.scheduler.model import Problem, Schedule

MINUTE = timedelta(minutes=1)
LIMIT_KW = 17.25


def writes(events: list[Event]) -> list[tuple[str, str]]:
    """Return which entities were written by which action."""
    return [
        (event.data["service"], event.data["service_data"]["entity_id"])
        for event in events
        if event.data["service"] in {"set_value", "turn_on", "turn_off"}
    ]


async def now_mode(house: House, *chargers: str) -> None:
    """Let chargers charge as fast as the connection allows."""
    for charger in chargers:
        await house.async_select(f"select.{charger}_mode", "now")


async def status(house: House, charger: str) -> tuple[str, str]:
    """Return the status of a charger and its reason."""
    found = charger_of(await house.async_schedule(), charger)
    return found["status"], found["reason"]


async def test_nothing_is_written_before_home_assistant_has_started(
    hass: HomeAssistant, house: House
) -> None:
    hass.set_state(CoreState.not_running)
    calls = async_capture_events(hass, "call_service")
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_plug_in("carport")
    await house.async_advance(5 * MINUTE)
    assert writes(calls) == []

    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await house.async_settle()
    await house.async_advance(MINUTE)
    assert ("turn_on", "input_boolean.garage_charging") in writes(calls)


async def test_nothing_is_written_while_no_car_is_plugged_in(
    hass: HomeAssistant, house: House
) -> None:
    calls = async_capture_events(hass, "call_service")
    await house.async_set_up_site()
    for _ in range(4):
        await house.async_advance(15 * MINUTE)
    assert writes(calls) == []


async def test_nothing_is_written_while_the_limit_is_unavailable(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site()
    hass.states.async_set("input_number.carport_limit", "unavailable")
    calls = async_capture_events(hass, "call_service")
    await house.async_plug_in("carport")
    await house.async_advance(5 * MINUTE)
    assert writes(calls) == []
    word, reason = await status(house, "Carport")
    assert word == "out_of_reach"
    assert "input_number.carport_limit" in reason


async def test_a_charger_that_refuses_zero_is_stopped_by_its_switch(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert house.garage_kw == pytest.approx(11.04)
    await house.async_select("select.garage_mode", "off")
    assert house.state("input_boolean.garage_charging").state == "off"
    assert house.value("input_number.garage_limit") >= 6
    assert (await status(house, "Garage"))[0] == "off"


async def test_a_charger_without_a_switch_is_stopped_by_zero(house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("carport")
    assert house.carport_kw == pytest.approx(11.0)
    await house.async_select("select.carport_mode", "off")
    assert house.carport_kw == 0


async def test_limits_never_exceed_the_connection_in_any_transition(
    hass: HomeAssistant, house: House
) -> None:
    """Cars come, go and change their urgency; at no write is there more than fits."""
    await house.async_set_up_site()
    # Before it is commanded, each charger would let its car draw all it can.
    await house.async_select("select.garage_mode", "off")
    totals: list[float] = []

    @callback
    def watch(_: Event) -> None:
        totals.append(house.garage_kw + house.carport_kw)

    await house.async_plug_in("garage")
    await house.async_plug_in("carport")
    hass.bus.async_listen("state_changed", watch)
    for charger, mode in (
        ("garage", "now"),
        ("carport", "now"),
        ("garage", "smart"),
        ("garage", "now"),
        ("carport", "off"),
        ("carport", "now"),
        ("garage", "off"),
    ):
        await house.async_select(f"select.{charger}_mode", mode)
        await house.async_advance(2 * MINUTE)
    assert totals
    assert max(totals) <= LIMIT_KW - 0.5 + 1e-6


async def test_an_increase_waits_until_the_decrease_is_confirmed(
    hass: HomeAssistant, house: House
) -> None:
    """The carport does not obey, so the garage must not take what the carport should give."""
    await house.async_set_up_site()
    await house.async_plug_in("carport")
    assert house.carport_kw == pytest.approx(11.0)
    swallowed = async_mock_service(hass, "input_number", "set_value")
    await house.async_plug_in("garage")
    await now_mode(house, "garage")
    await house.async_advance(2 * MINUTE)
    assert [call for call in swallowed if call.data["entity_id"] == "input_number.carport_limit"]
    assert house.garage_kw + house.carport_kw <= LIMIT_KW


async def test_house_load_reduces_at_once_and_recovers_later(house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await now_mode(house, "garage")
    assert house.garage_kw == pytest.approx(11.04)
    house.set_power("sensor.garage_power", 11_040)
    house.set_power(GRID, 11_040 + 500)
    await house.async_advance(timedelta(seconds=25))

    house.set_power(GRID, 11_040 + 9_000)
    await house.hass.async_block_till_done()
    assert house.garage_kw == pytest.approx(0.69 * 11), "17.25 - 9 leaves 8.25 kW"
    word, reason = await status(house, "Garage")
    assert word == "charging"
    assert "house" in reason

    house.set_power("sensor.garage_power", 7_590)
    for moment in range(4):
        house.set_power(GRID, 7_590 + 9_000 - moment)
        await house.async_advance(timedelta(seconds=30))
    house.set_power(GRID, 7_590 + 500)
    for _ in range(5):
        await house.async_advance(timedelta(seconds=30))
        assert house.garage_kw == pytest.approx(0.69 * 11), "not up again at every dip"
    await house.async_advance(timedelta(seconds=45))
    assert house.garage_kw == pytest.approx(11.04)


async def test_the_least_urgent_car_gives_way_where_not_all_can_charge(house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_plug_in("carport")
    await now_mode(house, "carport")
    assert house.garage_kw >= 4.14
    await house.async_advance(MINUTE)
    house.set_power(GRID, 11_000)
    await house.hass.async_block_till_done()
    assert house.garage_kw == 0
    assert 4.14 <= house.carport_kw <= 6.25
    assert (await status(house, "Garage"))[1].startswith("The house leaves too little power")


async def test_the_car_with_the_most_time_to_spare_gives_way_first(house: House) -> None:
    """Leaf lacks 16 kWh at 6:30, Zoe 5 kWh at 7:00; both charge at the same time."""
    house.set_soc("zoe", 70)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_plug_in("carport")
    leaf_kw, zoe_kw = house.carport_kw, house.garage_kw
    assert zoe_kw > 4.83
    house.set_power("sensor.garage_power", zoe_kw * 1000)
    house.set_power("sensor.carport_power", leaf_kw * 1000)
    house.set_power(GRID, (zoe_kw + leaf_kw + 0.5) * 1000)
    await house.hass.async_block_till_done()
    await house.async_advance(timedelta(seconds=35))
    assert (house.carport_kw, house.garage_kw) == (leaf_kw, zoe_kw)
    # What the house takes now leaves Leaf all it has, and Zoe at least what it needs to go on.
    house.set_power(GRID, (LIMIT_KW - 4.83 + zoe_kw) * 1000)
    await house.hass.async_block_till_done()
    assert house.carport_kw == pytest.approx(leaf_kw)
    assert house.garage_kw == pytest.approx(4.83)


async def test_a_restless_house_is_left_a_little_and_a_quiet_one_is_not(house: House) -> None:
    entry = await house.async_set_up_site()

    async def planned_kw() -> float:
        await house.async_plug_in("garage")
        await house.async_plug_in("carport")
        plan = entry.runtime_data.coordinator.data
        most = max(map(sum, zip(*(ev.limit_kw for ev in plan.schedule.evs), strict=True)))
        await house.async_unplug("garage")
        await house.async_unplug("carport")
        return float(most)

    assert await planned_kw() > LIMIT_KW - 0.5 - 0.7
    for watts in (2500, 500, 2500, 500):
        house.set_power(GRID, watts)
        await house.async_advance(15 * MINUTE)
    assert await planned_kw() <= LIMIT_KW - 0.5 - 0.7


async def test_without_the_meter_cars_get_the_safe_limit(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await now_mode(house, "garage")
    assert house.garage_kw == pytest.approx(11.04)
    hass.states.async_set(GRID, "unavailable")
    await house.async_advance(timedelta(seconds=35))
    assert house.garage_kw == pytest.approx(4.14)
    assert "silent" in (await status(house, "Garage"))[1]
    house.set_power(GRID, 500)
    await house.async_advance(2 * MINUTE)
    assert house.garage_kw == pytest.approx(11.04)


async def test_a_meter_that_falls_silent_is_not_trusted(house: House) -> None:
    """It used to report every 10 s; after minutes of silence its last value says nothing."""
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await now_mode(house, "garage")
    for tick in range(20):
        house.set_power(GRID, 500 + tick)
        await house.async_advance(timedelta(seconds=10))
    assert house.garage_kw == pytest.approx(11.04)
    for _ in range(30):
        await house.async_advance(timedelta(seconds=10))
    assert house.garage_kw == pytest.approx(4.14)


async def test_plan_behind_a_silent_meter_rests_on_what_is_usual(house: House) -> None:
    """The oven was on when it fell silent; that is not how the house goes on for ever."""
    await house.async_set_up_site()
    for tick in range(90):
        house.set_power(GRID, 16_000 if tick == 89 else 500 + tick)
        await house.async_advance(timedelta(seconds=10))
    for _ in range(40):
        await house.async_advance(timedelta(seconds=10))
    await house.async_plug_in("garage")
    schedule = await house.async_schedule()
    garage = charger_of(schedule, "Garage")
    assert planned_kw_at(garage, dt_util.utcnow()) == pytest.approx(11.04)


async def test_a_sensor_that_only_reports_changes_stays_trusted(house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await now_mode(house, "garage")
    for _ in range(12):
        await house.async_advance(5 * MINUTE)
    assert house.garage_kw == pytest.approx(11.04)


async def test_a_charger_that_does_not_follow_is_told_again_then_reported(
    hass: HomeAssistant, house: House, issue_registry: ir.IssueRegistry
) -> None:
    await house.async_set_up_site()
    await house.async_select("select.carport_mode", "off")
    await house.async_plug_in("carport")
    assert house.carport_kw == 0
    real = hass.services.async_services_for_domain("input_number")["set_value"]
    swallowed = async_mock_service(hass, "input_number", "set_value")
    await now_mode(house, "carport")
    for _ in range(10):
        await house.async_advance(timedelta(seconds=15))
    assert 3 <= len(swallowed) <= 5, "sent again, but not hammered"
    assert (await status(house, "Carport"))[0] == "not_following"
    assert issue_registry.async_get_issue(DOMAIN, "charger_does_not_follow_carport")

    hass.services.async_register("input_number", "set_value", real.job.target, schema=real.schema)
    await house.async_advance(6 * MINUTE)
    await house.async_advance(MINUTE)
    assert house.carport_kw == pytest.approx(11.0)
    assert not issue_registry.async_get_issue(DOMAIN, "charger_does_not_follow_carport")


async def test_the_report_goes_when_the_charger_follows_after_a_restart(
    hass: HomeAssistant, house: House, issue_registry: ir.IssueRegistry
) -> None:
    await house.async_set_up_site()
    real = hass.services.async_services_for_domain("input_boolean")["turn_on"]
    async_mock_service(hass, "input_boolean", "turn_on")
    await house.async_plug_in("garage")
    for _ in range(10):
        await house.async_advance(timedelta(seconds=15))
    assert issue_registry.async_get_issue(DOMAIN, "charger_does_not_follow_garage")
    hass.services.async_register("input_boolean", "turn_on", real.job.target, schema=real.schema)
    await hass.config_entries.async_reload("site")
    await house.async_settle()
    await house.async_advance(MINUTE)
    assert house.garage_kw == pytest.approx(11.04)
    assert not issue_registry.async_get_issue(DOMAIN, "charger_does_not_follow_garage")


async def test_one_charger_that_fails_does_not_stop_the_other(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.async_set_up_site()
    async_mock_service(hass, "input_boolean", "turn_on", raise_exception=ValueError("no answer"))
    await house.async_plug_in("garage")
    await house.async_plug_in("carport")
    assert house.garage_kw == 0
    assert house.carport_kw > 4
    assert caplog.text.count("no answer") == 1


async def test_a_limit_set_by_hand_is_respected_until_unplug(
    hass: HomeAssistant, house: House, hass_admin_user: MockUser
) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert house.garage_kw == pytest.approx(11.04)
    await hass.services.async_call(
        "input_number",
        "set_value",
        {"entity_id": "input_number.garage_limit", "value": 8},
        blocking=True,
        context=Context(user_id=hass_admin_user.id),
    )
    await house.async_settle()
    for _ in range(4):
        await house.async_advance(15 * MINUTE)
    assert house.value("input_number.garage_limit") == 8
    assert (await status(house, "Garage"))[0] == "held"

    await house.async_unplug("garage")
    await house.async_plug_in("garage")
    assert house.garage_kw == pytest.approx(11.04)


async def test_a_stop_by_hand_is_respected_until_a_mode_is_selected(
    hass: HomeAssistant, house: House, hass_admin_user: MockUser
) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await hass.services.async_call(
        "input_boolean",
        "turn_off",
        {"entity_id": "input_boolean.garage_charging"},
        blocking=True,
        context=Context(user_id=hass_admin_user.id),
    )
    await house.async_settle()
    await house.async_advance(15 * MINUTE)
    assert house.garage_kw == 0
    await house.async_select("select.garage_mode", "smart")
    assert house.garage_kw == pytest.approx(11.04)


async def test_what_is_charged_by_hand_is_left_free_for_it(
    hass: HomeAssistant, house: House, hass_admin_user: MockUser
) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await hass.services.async_call(
        "input_number",
        "set_value",
        {"entity_id": "input_number.garage_limit", "value": 15},
        blocking=True,
        context=Context(user_id=hass_admin_user.id),
    )
    house.set_power("sensor.garage_power", 10_350)
    house.set_power(GRID, 10_850)
    await house.async_settle()
    await house.async_plug_in("carport")
    await now_mode(house, "carport")
    assert 4.14 <= house.carport_kw <= LIMIT_KW - 10.85


class Broken(Algorithm):
    """An algorithm that never finds a plan."""

    name = "broken"

    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        """Fail."""
        raise NoSolutionError("broken on purpose")


async def test_without_any_plan_cars_get_the_safe_limit(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.async_set_up_site()
    for name in registry.algorithm_names():
        monkeypatch.setitem(registry._FACTORIES, name, Broken)
    await house.hass.config_entries.async_reload("site")
    await house.async_settle()
    await house.async_plug_in("garage")
    for _ in range(5):
        await house.async_advance(MINUTE)
    assert house.garage_kw == pytest.approx(4.14)


async def test_a_plan_that_stays_is_written_once(hass: HomeAssistant, house: House) -> None:
    house.set_hourly_prices([0.3] * 26 + [0.1] * 2 + [0.3] * 20)
    house.set_soc("zoe", 60)
    await house.async_set_up_site(CHARGERS[0], *VEHICLES[:1])
    await house.async_plug_in("garage")
    calls = async_capture_events(hass, "call_service")
    for _ in range(60):
        await house.async_advance(5 * MINUTE)
    assert writes(calls) == []


async def test_home_assistant_stops_and_leaves_safe_limits(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    house.set_power("sensor.garage_power", 11_040)
    await house.async_settle()
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert house.garage_kw == pytest.approx(4.14)


async def test_a_session_goes_on_after_a_restart(
    hass: HomeAssistant, hass_storage: dict[str, Any], house: House
) -> None:
    """The energy drawn before counts, and the charger is not stopped in between."""
    await house.async_set_up_site()
    await house.async_select("select.garage_vehicle", "guest")
    await house.async_plug_in("garage")
    house.set_power("sensor.garage_power", 11_040)
    for _ in range(6):
        await house.async_advance(10 * MINUTE)
    before = charger_of(await house.async_schedule(), "Garage")["needed_kwh"]
    assert before == pytest.approx(20 - 11.04 * 0.9, abs=0.5)
    stops = async_capture_events(hass, "call_service")
    await hass.config_entries.async_reload("site")
    await house.async_settle()
    after = charger_of(await house.async_schedule(), "Garage")["needed_kwh"]
    assert after == pytest.approx(before, abs=0.1)
    assert ("turn_off", "input_boolean.garage_charging") not in writes(stops)
