"""What the house leaves to its chargers, together and by phase, by all that is known of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from tests.house import CHARGERS, GARAGE_DATA, GRID, VEHICLES, House, subentry

from custom_components.optivgi.scheduler.model import PHASES
from custom_components.optivgi.site.house_load import HouseLoad

LIMIT_KW, PHASE_KW = 17.25, 5.75
TICK = timedelta(seconds=10)
L1, L2, L3 = SENSORS = ("sensor.l1", "sensor.l2", "sensor.l3")
PER_PHASE: Mapping[str, Any] = {"l1_entity": L1, "l2_entity": L2, "l3_entity": L3}
WITHOUT_CHARGERS: Mapping[str, Any] = {"power_covers": "house"}
ONE_PHASE = subentry("garage", "charger", "Garage", {**GARAGE_DATA, "phases": "1"})


def set_phases(house: House, *watts: float | None) -> None:
    """Let the phases report; None for one that is gone."""
    for entity_id, power in zip(SENSORS, watts, strict=True):
        if power is None:
            house.hass.states.async_set(entity_id, "unavailable")
        else:
            house.set_power(entity_id, power)


def load_of(house: House) -> HouseLoad:
    """Return the load of the house, as its sensors are now."""
    assert house.entry is not None
    site = house.entry.runtime_data.site
    site.observe(dt_util.utcnow())
    load: HouseLoad = site.house
    return load


def left_kw(house: House) -> tuple[float, list[float], set[str]]:
    """Return what is left, of it on each phase, and the phases of which that is not known."""
    capacity = load_of(house).capacity(dt_util.utcnow(), limit_kw=LIMIT_KW, phase_limit_kw=PHASE_KW)
    assert isinstance(capacity.phase_kw, Mapping)
    return capacity.total_kw, [capacity.phase_kw[phase] for phase in PHASES], set(capacity.silent)


async def async_take_by_hand(house: House, user: MockUser) -> None:
    """Let a person charge with 15 A, whatever is planned."""
    await house.async_plug_in("garage")
    await house.hass.services.async_call(
        "input_number",
        "set_value",
        {"entity_id": "input_number.garage_limit", "value": 15},
        blocking=True,
        context=Context(user_id=user.id),
    )
    await house.async_settle()


async def test_phases_that_are_not_measured_have_equal_parts(house: House) -> None:
    house.set_power(GRID, 3000)
    await house.async_set_up_site()
    total_kw, phase_kw, silent = left_kw(house)
    assert total_kw == pytest.approx(LIMIT_KW - 3)
    assert phase_kw == pytest.approx([PHASE_KW - 1] * 3)
    assert silent == set()


async def test_a_connection_of_one_phase_has_no_others(house: House) -> None:
    entry = await house.async_set_up_site(ONE_PHASE, data={"phases": "1"})
    capacity = entry.runtime_data.site.capacity(dt_util.utcnow())
    assert capacity.total_kw == pytest.approx(PHASE_KW - 0.5)
    assert capacity.phase_kw is None
    assert capacity.silent == ()


async def test_phases_that_are_measured_have_their_own(house: House) -> None:
    house.set_power(GRID, 4500)
    set_phases(house, 3000, 1000, 500)
    await house.async_set_up_site(data=PER_PHASE)
    total_kw, phase_kw, silent = left_kw(house)
    assert total_kw == pytest.approx(LIMIT_KW - 4.5)
    assert phase_kw == pytest.approx([PHASE_KW - 3, PHASE_KW - 1, PHASE_KW - 0.5])
    assert silent == set()


async def test_a_phase_that_is_measured_may_take_less_than_usual(house: House) -> None:
    house.set_power(GRID, 4500)
    set_phases(house, 3000, 1000, 500)
    await house.async_set_up_site(data=PER_PHASE)
    for _ in range(10):
        house.set_power(GRID, 1600)
        set_phases(house, 500, 600, 500)
        await house.async_advance(TICK)
    _, phase_kw, silent = left_kw(house)
    assert phase_kw == pytest.approx([PHASE_KW - 0.5, PHASE_KW - 0.6, PHASE_KW - 0.5])
    assert silent == set()


async def test_a_phase_that_was_never_read_has_an_equal_part(house: House) -> None:
    house.set_power(GRID, 4500)
    set_phases(house, 3000, None, 500)
    await house.async_set_up_site(data=PER_PHASE)
    _, phase_kw, silent = left_kw(house)
    assert phase_kw == pytest.approx([PHASE_KW - 3, PHASE_KW - 1.5, PHASE_KW - 0.5])
    assert silent == {"L2"}


@pytest.mark.parametrize(("watts", "usual_kw"), [(1000, 1.0), (-3000, 0.0)])
async def test_a_phase_that_is_gone_takes_what_is_usual(
    house: House, watts: float, usual_kw: float
) -> None:
    """The sun that it saw may not shine any more."""
    house.set_power(GRID, 3000 + watts + 500)
    set_phases(house, 3000, watts, 500)
    await house.async_set_up_site(data=PER_PHASE)
    for _ in range(4):
        set_phases(house, 3000, None, 500)
        await house.async_advance(TICK)
    _, phase_kw, silent = left_kw(house)
    assert phase_kw == pytest.approx([PHASE_KW - 3, PHASE_KW - usual_kw, PHASE_KW - 0.5])
    assert silent == {"L2"}


@pytest.mark.parametrize(("watts", "usual_kw"), [(3000, 3.0), (-3000, 0.0)])
async def test_a_meter_that_is_gone_leaves_what_is_usual(
    house: House, watts: float, usual_kw: float
) -> None:
    house.set_power(GRID, watts)
    await house.async_set_up_site()
    house.hass.states.async_set(GRID, "unavailable")
    for _ in range(4):
        await house.async_advance(TICK)
    total_kw, phase_kw, silent = left_kw(house)
    assert total_kw == pytest.approx(LIMIT_KW - usual_kw)
    assert phase_kw == pytest.approx([PHASE_KW - usual_kw / 3] * 3)
    assert silent == {*PHASES}
    assert load_of(house).lately_kw(dt_util.utcnow()) is None


async def test_a_meter_that_was_never_read_leaves_what_is_assumed(house: House) -> None:
    house.hass.states.async_set(GRID, "unavailable")
    await house.async_set_up_site(data={"base_load_kw": 0.7})
    total_kw, _, silent = left_kw(house)
    assert total_kw == pytest.approx(LIMIT_KW - 0.7)
    assert silent == {*PHASES}


@pytest.mark.parametrize(("last_w", "each_kw"), [(100, 1.9), (4000, 4.05)])
async def test_a_meter_that_fell_silent_leaves_what_is_usual_or_less(
    house: House, last_w: float, each_kw: float
) -> None:
    """It reported every ten seconds; in a quiet minute or in one in which much was drawn."""
    house.set_power(GRID, 6000)
    set_phases(house, 2000, 2000, 2000)
    await house.async_set_up_site(data=PER_PHASE)
    for step in range(60):
        each = (2000 if step < 53 else last_w) + step
        house.set_power(GRID, 3 * each)
        set_phases(house, each, each, each)
        await house.async_advance(TICK)
    for _ in range(30):
        await house.async_advance(TICK)
    total_kw, phase_kw, silent = left_kw(house)
    assert silent == {*PHASES}
    assert total_kw == pytest.approx(LIMIT_KW - 3 * each_kw, abs=0.5)
    assert phase_kw == pytest.approx([PHASE_KW - each_kw] * 3, abs=0.2)


async def test_a_command_to_one_charger_does_not_look_like_a_house_that_gives(
    house: House,
) -> None:
    """The meter may show late what it draws, and is not wrong; the other charger is calm."""
    slow = subentry("garage", "charger", "Garage", {**GARAGE_DATA, "settle": 300})
    await house.async_set_up_site(slow, CHARGERS[1])
    await house.async_select("select.carport_mode", "off")
    await house.async_plug_in("carport")
    for _ in range(6):
        await house.async_advance(TICK)
    await house.async_plug_in("garage")
    assert house.garage_kw == pytest.approx(11.04)
    house.set_power("sensor.garage_power", 11_040)
    for step in range(10):
        house.set_power(GRID, 500 + step)
        await house.async_advance(TICK)
    total_kw, _, silent = left_kw(house)
    assert total_kw == pytest.approx(LIMIT_KW - 0.5, abs=0.02)
    assert silent == set()


async def test_a_meter_that_shows_little_because_of_measured_sun_is_not_wrong(
    house: House,
) -> None:
    """By the clock it is dark; what is measured counts."""
    house.set_power("sensor.pv", 9000)
    await house.async_set_up_site(data={"pv_entity": "sensor.pv"})
    await house.async_plug_in("garage")
    house.set_power("sensor.garage_power", 11_040)
    for step in range(15):
        house.set_power(GRID, 11_040 + 500 - 9000 + step)
        await house.async_advance(TICK)
    total_kw, _, silent = left_kw(house)
    assert silent == set()
    assert total_kw == pytest.approx(LIMIT_KW - 0.5 + 9, abs=0.02)


@pytest.mark.parametrize(
    ("data", "house_kw"),
    [
        ({"power_entity": None, "base_load_kw": 0.5}, 0.5),
        (WITHOUT_CHARGERS, 3.0),
        ({**WITHOUT_CHARGERS, **PER_PHASE}, 3.0),
    ],
    ids=["assumed", "measured", "by phase"],
)
async def test_what_a_person_lets_charge_is_not_left(
    house: House, hass_admin_user: MockUser, data: Mapping[str, Any], house_kw: float
) -> None:
    house.set_power(GRID, 3000)
    set_phases(house, 1000, 1000, 1000)
    await house.async_set_up_site(data=data)
    await async_take_by_hand(house, hass_admin_user)
    total_kw, phase_kw, silent = left_kw(house)
    assert total_kw == pytest.approx(LIMIT_KW - house_kw - 10.35)
    assert phase_kw == pytest.approx([PHASE_KW - house_kw / 3 - 3.45] * 3)
    assert silent == set()
    load = load_of(house)
    assert load.now_kw(dt_util.utcnow()) == pytest.approx(house_kw + 10.35)
    assert load.lately_kw(dt_util.utcnow()) == pytest.approx(house_kw + 10.35)


async def test_what_a_person_lets_charge_is_not_left_behind_a_silent_meter(
    house: House, hass_admin_user: MockUser
) -> None:
    house.set_power(GRID, 3000)
    await house.async_set_up_site(data=WITHOUT_CHARGERS)
    await async_take_by_hand(house, hass_admin_user)
    house.hass.states.async_set(GRID, "unavailable")
    assert left_kw(house)[0] == pytest.approx(LIMIT_KW - 3 - 10.35)


async def test_a_load_that_has_just_come_counts_now_and_not_yet_in_plans(house: House) -> None:
    await house.async_set_up_site()
    for step in range(10):
        house.set_power(GRID, 500 + step)
        await house.async_advance(TICK)
    house.set_power(GRID, 5000)
    load, now = load_of(house), dt_util.utcnow()
    assert load.now_kw(now) == pytest.approx(5)
    assert load.lately_kw(now) == pytest.approx(0.5, abs=0.02)


async def test_a_site_without_a_meter_takes_what_is_assumed(house: House) -> None:
    await house.async_set_up_site(data={"power_entity": None, "base_load_kw": 0.5})
    total_kw, phase_kw, silent = left_kw(house)
    assert total_kw == pytest.approx(LIMIT_KW - 0.5)
    assert phase_kw == pytest.approx([PHASE_KW - 0.5 / 3] * 3)
    assert silent == set()
    load, now = load_of(house), dt_util.utcnow()
    assert load.lately_kw(now) == load.usual_kw == pytest.approx(0.5)
    assert load.by_phase(now, (0.5,), 1) == ()


async def test_a_forecast_is_spread_as_the_phases_were_lately_then_as_usual(
    hass: HomeAssistant, house: House, hass_admin_user: MockUser
) -> None:
    """What a person lets charge is on L1, and goes on only for now."""
    house.set_power(GRID, 4500)
    set_phases(house, 3000, 1000, 500)
    await house.async_set_up_site(ONE_PHASE, data={**WITHOUT_CHARGERS, **PER_PHASE})
    await async_take_by_hand(house, hass_admin_user)
    house.set_power(GRID, 7500)
    set_phases(house, 6000, 1000, 500)
    for _ in range(60):
        await house.async_advance(TICK)
    one, two, three = load_of(house).by_phase(dt_util.utcnow(), (12.0, 9.0), 1)
    assert [sum(step) for step in zip(one, two, three, strict=True)] == pytest.approx([12.0, 9.0])
    assert [a - b for a, b in zip(two, three, strict=True)] == pytest.approx([0.5, 0.5])
    assert one[0] - two[0] == pytest.approx(5 + 3.45, abs=0.1)
    assert one[1] - two[1] == pytest.approx(2.25, abs=0.1)


async def test_a_phase_that_was_never_read_has_no_part_of_its_own_in_a_forecast(
    house: House,
) -> None:
    house.set_power(GRID, 4500)
    set_phases(house, 3000, None, 500)
    await house.async_set_up_site(CHARGERS[0], data=PER_PHASE)
    spread = load_of(house).by_phase(dt_util.utcnow(), (5.0, 5.0), 1)
    assert spread == (pytest.approx((3.5, 3.5)), pytest.approx((0.5, 0.5)), pytest.approx((1, 1)))


async def test_a_charger_without_a_meter_does_not_look_like_the_sun(house: House) -> None:
    """Its car draws 16 A from one phase of 48 A that it is thought to draw; it is night."""
    data = {key: value for key, value in GARAGE_DATA.items() if key != "power_entity"}
    await house.async_set_up_site(subentry("garage", "charger", "Garage", data), *VEHICLES)
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    await house.async_select("input_select.garage_status", "charging")
    for second in range(12):
        house.set_power(GRID, 3_680 + 500 + second)
        await house.async_advance(timedelta(seconds=10))
    total_kw, _, _ = left_kw(house)
    assert total_kw <= LIMIT_KW
