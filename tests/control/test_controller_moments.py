"""When the controller acts by itself, and what it leaves to whom when it goes."""

from collections.abc import Iterable
from datetime import timedelta

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Context, HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser, async_fire_time_changed
from tests.house import CHARGERS, GARAGE_DATA, PRICE, VEHICLES, House, subentry

from custom_components.optivgi.scheduler import Algorithm, NoSolutionError, registry
from custom_components.optivgi.scheduler.model import Problem, Schedule

SECOND = timedelta(seconds=1)


class NoPlan(Algorithm):
    """An algorithm that never finds a plan."""

    name = "no plan"

    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        """Fail."""
        raise NoSolutionError("broken on purpose")


async def async_move_to(house: House, hour: int, minute: int, second: int) -> None:
    """Go on to a time of the next day at which the house is looked at."""
    tomorrow = dt_util.utcnow() + timedelta(days=1)
    house.freezer.move_to(tomorrow.replace(hour=hour, minute=minute, second=second, microsecond=0))
    async_fire_time_changed(house.hass)
    await house.hass.async_block_till_done(wait_background_tasks=True)


async def test_a_start_leaves_chargers_alone_for_a_minute(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first plan is about to come; where it does not, the limit is to be safe."""
    await house.async_set_up_site()
    await house.async_plug_in("carport")
    assert house.carport_kw == pytest.approx(11.0)
    attributes = house.state("input_number.carport_limit").attributes
    for name in registry.algorithm_names():
        monkeypatch.setitem(registry._FACTORIES, name, NoPlan)
    await house.hass.config_entries.async_unload("site")
    house.hass.states.async_set("input_number.carport_limit", "8000", attributes)
    await house.hass.config_entries.async_setup("site")
    await house.async_settle()
    for _ in range(5):
        await house.async_advance(10 * SECOND)
    assert house.carport_kw == pytest.approx(8.0)
    await house.async_advance(10 * SECOND)
    assert house.carport_kw == pytest.approx(4.14)


def set_quarterly_prices(house: House, prices: Iterable[float]) -> None:
    """Let the price sensor show a price for each quarter of an hour from midnight on."""
    quarter = timedelta(minutes=15)
    begin = dt_util.start_of_local_day() + timedelta(days=1)
    rows = [
        {"start": begin + n * quarter, "end": begin + (n + 1) * quarter, "value": price}
        for n, price in enumerate(prices)
    ]
    price = house.state(PRICE)
    attributes = {**price.attributes, "raw_tomorrow": rows}
    house.hass.states.async_set(PRICE, price.state, attributes)


async def test_a_slot_begins_on_time(house: House) -> None:
    """At the second, not when all is looked at again, or planned anew, for no other reason."""
    set_quarterly_prices(house, [0.3] * 7 + [0.1] * 89)
    house.set_soc("zoe", 60)
    await house.async_set_up_site(CHARGERS[0], *VEHICLES[:1])
    await house.async_plug_in("garage")
    assert house.garage_kw == 0
    await async_move_to(house, 0, 44, 53)
    await house.async_advance(5 * SECOND)
    assert house.garage_kw == 0
    await house.async_advance(2 * SECOND)
    assert house.garage_kw == pytest.approx(11.04)


async def test_a_charger_that_is_removed_is_left_and_the_others_go_on(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_plug_in("carport")
    before = house.garage_kw
    assert min(before, house.carport_kw) > 4.5
    hass.config_entries.async_remove_subentry(entry, "carport")
    await hass.async_block_till_done()
    assert house.carport_kw == pytest.approx(4.14)
    assert house.garage_kw >= before


async def test_home_assistant_that_stops_leaves_safe_limits_but_to_who_is_held(
    hass: HomeAssistant, house: House, hass_admin_user: MockUser
) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_plug_in("carport")
    await hass.services.async_call(
        "input_number",
        "set_value",
        {"entity_id": "input_number.garage_limit", "value": 8},
        blocking=True,
        context=Context(user_id=hass_admin_user.id),
    )
    await house.async_settle()
    assert house.carport_kw > 4.5
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert house.carport_kw == pytest.approx(4.14)
    assert house.value("input_number.garage_limit") == 8


async def test_home_assistant_that_stops_does_not_wait_and_looks_at_nothing_any_more(
    hass: HomeAssistant, house: House
) -> None:
    """The garage was written just before, and is written every ten minutes."""
    slow = subentry("garage", "charger", "Garage", {**GARAGE_DATA, "min_interval": 600})
    await house.async_set_up_site(slow, CHARGERS[1], *VEHICLES)
    await house.async_plug_in("carport")
    await house.async_plug_in("garage")
    assert min(house.garage_kw, house.carport_kw) > 4.5
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    for _ in range(3):
        assert house.garage_kw == pytest.approx(4.14)
        assert house.carport_kw == pytest.approx(4.14)
        await house.async_advance(10 * SECOND)


async def test_home_assistant_that_stops_has_no_waiting_car_begin(
    hass: HomeAssistant, house: House
) -> None:
    house.set_hourly_prices([0.3] * 26 + [0.1] * 22)
    await house.async_set_up_site()
    for charger in ("garage", "carport"):
        await house.async_plug_in(charger)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert house.garage_kw == 0
    assert house.carport_kw == 0
