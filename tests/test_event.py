"""The event entity: reported once when the plan changes, fails, or leaves a car short."""

from datetime import timedelta
from typing import override

from homeassistant.core import HomeAssistant, State
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.optivgi.scheduler import (
    Algorithm,
    NoSolutionError,
    algorithm_names,
    registry,
)
from custom_components.optivgi.scheduler.model import Problem, Schedule
from tests.house import GRID, House
from tests.reservations.reserving import add

PLAN = "event.home_plan"
REAL = registry._FACTORIES["optimal"]


class Breakable(Algorithm):
    """The best algorithm there is, until it breaks."""

    name = "optimal"
    broken = False

    def __init__(self) -> None:
        """Wrap the real one."""
        self._real = REAL()

    @override
    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        if self.broken:
            raise NoSolutionError("broken on purpose")
        return self._real.solve(problem, time_limit_s=time_limit_s)


class Reported:
    """What the event entity has reported since the last look."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Listen."""
        self._events = async_capture_events(hass, "state_changed")

    def states(self) -> list[State]:
        """Return the states of new events, and forget them."""
        states = [
            event.data["new_state"]
            for event in self._events
            if event.data["entity_id"] == PLAN
            and event.data["new_state"] is not None
            and event.data["new_state"].state not in {"unknown", "unavailable"}
        ]
        self._events.clear()
        return states

    def types(self) -> list[str]:
        """Return the types of new events, and forget them."""
        return [state.attributes["event_type"] for state in self.states()]


async def test_plan_changes_are_reported_and_nothing_else(
    hass: HomeAssistant, house: House
) -> None:
    """Neither the first plan after a start nor time going on is a change."""
    reported = Reported(hass)
    await house.async_set_up_site()
    assert reported.types() == []

    await house.async_plug_in("garage")
    (event,) = reported.states()
    assert event.attributes["event_type"] == "plan_changed"
    assert event.attributes["chargers"] == ["Garage"]
    assert event.attributes["cost"] == pytest.approx(20 / 0.9 * 0.30, abs=0.06)
    assert 10 < event.attributes["peak_kw"] <= 11.04

    # The car charges exactly as planned, through several slots.
    limit_kw = house.garage_kw
    await house.async_select("input_select.garage_status", "charging")
    house.set_power("sensor.garage_power", limit_kw * 1000)
    house.set_power(GRID, limit_kw * 1000 + 500)
    await house.async_settle()
    reported.types()
    for _ in range(12):
        await house.async_advance(timedelta(minutes=5))
    assert house.state("sensor.garage_status").state == "charging"
    assert reported.types() == []

    await house.async_select("select.garage_mode", "off")
    assert reported.types() == ["plan_changed"]


async def test_plans_that_change_for_cars_to_come_are_reported(
    hass: HomeAssistant, house: House
) -> None:
    """They change the plan of the chargers, and are not at one yet."""
    await house.async_set_up_site()
    reported = Reported(hass)
    await add(house, energy=20)
    (event,) = reported.states()
    assert event.attributes["event_type"] == "plan_changed"
    assert event.attributes["chargers"] == []

    await house.async_plug_in("garage")
    (event,) = reported.states()
    assert event.attributes["chargers"] == ["Garage"]


async def test_car_that_will_miss_its_target_is_reported_once(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site()
    await house.async_advance(timedelta(hours=10))
    reported = Reported(hass)
    await house.async_plug_in("garage")
    changed, at_risk = reported.states()
    assert changed.attributes["event_type"] == "plan_changed"
    assert at_risk.attributes["event_type"] == "target_at_risk"
    assert at_risk.attributes["charger"] == "Garage"
    # 20 kWh are wanted; within the hour there is not even room for 11 kWh.
    assert 9 < at_risk.attributes["missing_kwh"] < 12

    await hass.services.async_call("optivgi", "reschedule", {}, blocking=True)
    assert "target_at_risk" not in reported.types()
    await house.async_unplug("garage")
    await house.async_plug_in("garage")
    assert "target_at_risk" in reported.types()


async def test_failing_plans_are_reported_once(
    hass: HomeAssistant, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event stays available to say so, as do the settings; what the plan says is not."""
    for name in algorithm_names():
        monkeypatch.setitem(registry._FACTORIES, name, Breakable)
    await house.async_set_up_site()
    reported = Reported(hass)
    monkeypatch.setattr(Breakable, "broken", True)
    await house.async_plug_in("garage")
    await house.async_advance(timedelta(minutes=5))
    (failed,) = reported.states()
    assert failed.attributes["event_type"] == "plan_failed"
    assert (
        failed.attributes["error"]
        == "No plan could be made: optimal, go gave none. The log says why."
    )
    assert house.state("sensor.home_planned_cost").state == "unavailable"
    assert house.state("select.garage_mode").state == "smart"
    assert house.state("sensor.garage_status").state == "planning"
    await house.async_advance(timedelta(minutes=30))
    # Nobody knows a better limit than the least.
    assert house.garage_kw == pytest.approx(4.14)
    assert house.state("sensor.garage_status").attributes["reason"].startswith("There is no plan")

    monkeypatch.setattr(Breakable, "broken", False)
    await house.async_advance(timedelta(minutes=5))
    assert reported.types() == ["plan_changed"]
    assert float(house.state("sensor.home_planned_cost").state) > 0


async def test_site_without_any_plan_is_there_and_gets_one_later(
    hass: HomeAssistant, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in algorithm_names():
        monkeypatch.setitem(registry._FACTORIES, name, Breakable)
    monkeypatch.setattr(Breakable, "broken", True)
    reported = Reported(hass)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert reported.types() == ["plan_failed"]
    assert house.state("calendar.garage_schedule").state == "unavailable"
    assert house.state("sensor.garage_planned_limit").state == "unavailable"
    assert house.state("sensor.garage_status").state == "planning"

    monkeypatch.setattr(Breakable, "broken", False)
    await house.async_advance(timedelta(minutes=5))
    assert reported.types() == ["plan_changed"]
    assert house.state("sensor.garage_status").state == "starting"
    assert house.state("calendar.garage_schedule").state == "on"
