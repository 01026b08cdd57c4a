"""What each charger is to get: decided without writing anything."""

from copy import deepcopy
from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service
from tests.house import GRID, House

from custom_components.optivgi.control.decisions import decide
from custom_components.optivgi.control.state import (
    Cause,
    Command,
    ControlState,
    Decision,
    Step,
)
from custom_components.optivgi.runtime import OptivgiConfigEntry, OptivgiRuntime
from custom_components.optivgi.scheduler.guard import Change
from custom_components.optivgi.scheduler.recovery import Recovery

MINUTE = timedelta(minutes=1)


def runtime_of(house: House) -> OptivgiRuntime:
    """Return what has been loaded, as the entities are now."""
    entry: OptivgiConfigEntry | None = house.hass.config_entries.async_get_entry("site")
    assert entry is not None
    entry.runtime_data.site.observe(dt_util.utcnow())
    return entry.runtime_data


def decided(house: House, **states: ControlState) -> dict[str, Decision]:
    """Decide by the plan that there is; of chargers that are not given, nothing is known."""
    runtime = runtime_of(house)
    return decide(
        runtime.site,
        runtime.coordinator.data,
        {charger_id: states.get(charger_id, ControlState()) for charger_id in runtime.site.points},
        dt_util.utcnow(),
        awaits_plan=False,
    )


async def test_deciding_changes_nothing_and_comes_to_the_same_again(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site()
    for charger in ("garage", "carport"):
        await house.async_plug_in(charger)
        await house.async_select(f"select.{charger}_mode", "now")
    await house.async_advance(timedelta(minutes=1))
    entry: OptivgiConfigEntry | None = hass.config_entries.async_get_entry("site")
    assert entry is not None
    runtime, now = entry.runtime_data, dt_util.utcnow()
    # Nothing has been decided since the house takes nearly all.
    house.set_power(GRID, 17000)
    runtime.site.observe(now)
    states, session = runtime.controller.states, runtime.site.points["garage"].session
    before = deepcopy((states, session))
    first, second = (
        decide(runtime.site, runtime.coordinator.data, states, now, awaits_plan=False)
        for _ in range(2)
    )
    assert first == second
    assert {decision.cause for decision in first.values()} == {Cause.HOUSE_LOAD}
    assert (states, session) == before


@pytest.mark.parametrize(
    ("age", "cause", "limit_kw"),
    [(30 * MINUTE, Cause.PLAN, 11.04), (30 * MINUTE + timedelta(seconds=1), Cause.SAFE, 4.14)],
)
async def test_a_plan_is_followed_for_half_an_hour(
    house: House, age: timedelta, cause: Cause, limit_kw: float
) -> None:
    """What is safe then cannot wait, as nobody knows what the house takes."""
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    runtime = runtime_of(house)
    plan = runtime.coordinator.data
    now, states = plan.made_at + age, runtime.controller.states
    own = decide(runtime.site, plan, states, now, awaits_plan=False)["garage"]
    assert own.cause is cause
    assert own.command is not None
    assert own.command.limit_kw == pytest.approx(limit_kw)
    assert own.urgent is (cause is Cause.SAFE)


@pytest.mark.parametrize(
    ("awaits_plan", "cause", "limit_kw"), [(True, Cause.WAITING, None), (False, Cause.SAFE, 4.14)]
)
async def test_without_a_plan_the_limit_is_safe_unless_one_is_about_to_come(
    house: House, awaits_plan: bool, cause: Cause, limit_kw: float | None
) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    runtime, now = runtime_of(house), dt_util.utcnow()
    states = runtime.controller.states
    own = decide(runtime.site, None, states, now, awaits_plan=awaits_plan)["garage"]
    assert own.cause is cause
    assert (own.command and own.command.limit_kw) == pytest.approx(limit_kw)


@pytest.mark.parametrize(
    ("zoe_soc", "leaf_soc", "order"),
    [
        (40, 50, ["carport", "garage"]),
        (37, 50, ["garage", "carport"]),
        (79, 95, ["garage", "carport"]),
    ],
)
async def test_who_has_the_least_time_to_spare_comes_first(
    house: House, zoe_soc: float, leaf_soc: float, order: list[str]
) -> None:
    """Leaf leaves at 6:30 and needs 1:37 hours; Zoe leaves at 7:00, and needs 2:01 or 2:10."""
    house.set_soc("zoe", zoe_soc)
    house.set_soc("leaf", leaf_soc)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_plug_in("carport")
    assert list(decided(house)) == order


async def test_who_charges_at_once_comes_first_however_long_it_has(house: House) -> None:
    house.set_soc("zoe", 10)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_plug_in("carport")
    assert list(decided(house)) == ["garage", "carport"]
    await house.async_select("select.carport_mode", "now")
    assert list(decided(house)) == ["carport", "garage"]


async def test_a_part_of_an_ampere_is_no_increase(house: House) -> None:
    """The house leaves 8.25 kW, which are 11 A and a part of another."""
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_advance(MINUTE)
    house.set_power(GRID, 9000)
    await house.hass.async_block_till_done()
    assert house.garage_kw == pytest.approx(7.59)
    own = decided(house)["garage"]
    assert own.change is Change.DECREASE
    assert own.command == Command(value=11, limit_kw=pytest.approx(7.59))


async def test_less_by_plan_can_wait(house: House) -> None:
    house.set_hourly_prices([0.3] * 26 + [0.1] * 22)
    await house.async_set_up_site()
    await house.async_plug_in("carport")
    house.hass.states.async_set(
        "input_number.carport_limit", "5000", house.state("input_number.carport_limit").attributes
    )
    own = decided(house)["carport"]
    nothing = Command(value=0.0, limit_kw=0.0)
    assert own == Decision(cause=Cause.PLAN, command=nothing, change=Change.DECREASE, urgent=False)


async def test_off_cannot_wait(house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("carport")
    async_mock_service(house.hass, "input_number", "set_value")
    await house.async_select("select.carport_mode", "off")
    own = decided(house)["carport"]
    nothing = Command(value=0.0, limit_kw=0.0)
    assert own == Decision(cause=Cause.PLAN, command=nothing, change=Change.DECREASE, urgent=True)


@pytest.mark.parametrize(("plugged", "change"), [(True, Change.WAIT), (False, Change.INCREASE)])
async def test_a_command_under_way_counts_while_its_car_is_there(
    house: House, plugged: bool, change: Change
) -> None:
    """So does the time since the house made a charger give way."""
    await house.async_set_up_site()
    await house.async_select("select.carport_mode", "off")
    async_mock_service(house.hass, "input_boolean", "turn_on")
    await house.async_plug_in("garage")
    if plugged:
        await house.async_plug_in("carport")
    at = dt_util.utcnow()
    recovery = Recovery(since=at, at=at, left_kw=0.0, before_kw=11.0)
    sent = (Command(value=11_000, limit_kw=11.0), Step.SET_LIMIT)
    found = decided(house, carport=ControlState(sent=sent, recovery=recovery))
    assert found["garage"].change is change
    assert found["carport"].recovery == (recovery if plugged else None)


async def test_who_is_held_back_by_a_silent_meter_knows_which(house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert decided(house)["garage"].silent == ()
    house.hass.states.async_set(GRID, "unavailable")
    await house.async_advance(MINUTE)
    found = decided(house)
    assert (found["garage"].cause, found["garage"].silent) == (Cause.METER, (GRID,))
    assert (found["carport"].cause, found["carport"].silent) == (Cause.IDLE, ())
