"""The wiring under a plant with true physics: what is commanded must never overload it."""

import asyncio
from collections.abc import Callable, Mapping
import random
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE, EVENT_HOMEASSISTANT_STOP
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from tests.house import House, charger_of
from tests.plant import (
    FUSE_KW,
    GRACE_S,
    MIN_KW,
    PHASE_KW,
    STEP_S,
    TOLERANCE_KW,
    Box,
    Plant,
    build,
    charging,
    wattbox,
)


async def test_a_rise_of_the_house_takes_effect_at_the_next_report(house: House) -> None:
    plant = await charging(house, Box("a"), wattbox("b"))
    assert sum(box.standing_kw for box in plant.boxes) > 16
    for house_kw in (6.0, 2.0, 12.0, 14.0, 0.5, 9.0):
        plant.house_kw = house_kw
        await plant.async_step(15)
        assert house_kw + sum(box.standing_kw for box in plant.boxes) <= FUSE_KW + TOLERANCE_KW
    assert plant.longest_over_s <= STEP_S


async def test_a_car_on_one_phase_does_not_overload_it(house: House) -> None:
    plant = await charging(house, Box("a"), Box("b", phases=1, onboard_kw=3.68))
    for house_kw in (3.0, 0.5, 6.0, 9.0, 1.0):
        plant.house_kw = house_kw
        await plant.async_step(15)
        one = house_kw / 3 + sum(box.standing_kw / box.phases for box in plant.boxes)
        assert one <= PHASE_KW + TOLERANCE_KW
    assert plant.longest_over_s <= STEP_S


async def test_cars_swap_only_when_the_other_has_let_go(house: House) -> None:
    """Charger and meters are slow; the swap waits for them."""
    plant = await charging(
        house,
        Box("a", confirm_s=10, reaction_s=10, power_lag_s=20),
        Box("b", confirm_s=20, reaction_s=10),
        modes=False,
    )
    for on, off in (("a", "b"), ("b", "a"), ("a", "b")):
        await plant.async_mode(off, "off")
        await plant.async_mode(on, "now")
        await plant.async_step(18)
        assert plant[off].standing_kw == 0
        assert plant[on].standing_kw > 11
    assert plant.broken == []
    assert plant.longest_over_s == 0


async def test_a_charger_that_cannot_stop_is_counted(house: House) -> None:
    """Without a switch and with 6 A as its least, a charger that is off draws 4.14 kW."""
    plant = await charging(house, Box("a", switch=False), Box("b"), modes=False)
    await plant.async_mode("b", "now")
    await plant.async_step(12)
    plant.house_kw = 5.0
    await plant.async_step(12)
    assert plant["a"].standing_kw == pytest.approx(MIN_KW)
    assert 5.0 + MIN_KW + plant["b"].standing_kw <= FUSE_KW


async def test_a_charger_that_refuses_to_reduce_makes_the_others_give_way(house: House) -> None:
    plant = await charging(house, Box("a"), Box("b"))
    plant["a"].refuses = True
    plant.house_kw = 6.0
    await plant.async_step(18)
    assert plant.loads[-1][1] <= FUSE_KW


@pytest.mark.parametrize(
    "site", [{}, {"power_entity": None, "base_load_kw": 0.5}], ids=["metered", "no meter"]
)
@pytest.mark.parametrize("fault", ["refuses", "ignores"])
async def test_a_charger_that_refuses_leaves_the_others_what_is_free(
    house: House, fault: str, site: Mapping[str, Any]
) -> None:
    """It goes on with 16 A whatever it is commanded; beside it and the house, 8 A are free."""
    plant = await charging(house, Box("a"), Box("b"), modes=False, site=site)
    await plant.async_mode("a", "now")
    await plant.async_step(12)
    setattr(plant["a"], fault, True)
    await plant.async_mode("a", "off")
    await plant.async_mode("b", "now")
    await plant.async_step(30)
    assert plant["a"].standing_kw > 11
    assert plant["b"].standing_kw == pytest.approx(8 * 0.69)
    assert plant.loads[-1][1] <= FUSE_KW


@pytest.mark.parametrize("site", [{"power_entity": None, "base_load_kw": 0.5}])
async def test_a_charger_that_went_offline_goes_on_charging(
    house: House, site: Mapping[str, Any]
) -> None:
    """No meter tells what it takes then, so its last limit has to be left free for it."""
    plant = await charging(house, Box("a"), Box("b"), site=site)
    plant["a"].unavailable = True
    await plant.async_step(18)
    assert plant["a"].standing_kw > 8
    assert plant.broken == []
    assert plant.loads[-1][1] <= FUSE_KW


async def test_what_a_person_allows_a_car_is_left_free_before_it_draws(
    house: House, hass_admin_user: MockUser
) -> None:
    plant = await charging(house, Box("a", wants=False), Box("b"), modes=False)
    await plant.async_hand(hass_admin_user, "a", "turn_on")
    await plant.async_mode("b", "now")
    await plant.async_step(12)
    assert plant.broken == []


async def test_a_meter_that_was_silent_stays_distrusted_after_a_restart(house: House) -> None:
    plant = await charging(house, Box("a"), Box("b"), modes=False)
    plant.meter_every_s = 1e9
    await plant.async_step(30)
    plant.house_kw = 6.0
    await plant.async_mode("a", "now")
    await plant.async_mode("b", "now")
    await plant.async_step(6)
    assert plant["a"].standing_kw == pytest.approx(MIN_KW)
    await plant.hass.config_entries.async_reload("site")
    await plant.async_step(24)
    assert plant.loads[-1][1] <= FUSE_KW


@pytest.mark.parametrize("every_s", [10, 60])
async def test_a_meter_that_fell_silent_leaves_each_car_its_least(
    house: House, every_s: float
) -> None:
    """Its last value is of the time when the cars still drew more."""
    plant = await charging(house, Box("a"), wattbox("b"), meter_every_s=every_s)
    await plant.async_step(90)
    plant.meter_every_s = 1e9
    await plant.async_step(40 * 6)
    assert [box.standing_kw for box in plant.boxes] == pytest.approx([MIN_KW] * 2, abs=0.01)
    plant.meter_every_s = every_s
    await plant.async_step(36)
    assert sum(box.standing_kw for box in plant.boxes) > 16


@pytest.mark.parametrize("house_kw", [1.0, 9.0])
async def test_a_meter_that_reports_seldom_is_not_misread(house: House, house_kw: float) -> None:
    """What chargers draw now is no part of a value from before they were told."""
    plant = await charging(house, Box("a"), wattbox("b"), modes=False, meter_every_s=600)
    plant.house_kw = house_kw
    await plant.async_step(120)
    await plant.async_mode("a", "now")
    await plant.async_step(20)
    await plant.async_mode("b", "now")
    await plant.async_step(120)
    assert plant.longest_over_s == 0
    assert plant.broken == []


@pytest.mark.parametrize("gone", [True, False])
async def test_behind_a_silent_meter_the_house_takes_what_is_usual(
    house: House, gone: bool
) -> None:
    """It fell silent in a quiet minute; beside 12 kW, only one car can charge at its least."""
    plant = await charging(house, Box("a"), wattbox("b"), modes=False, step_s=60, meter_every_s=60)
    plant.house_kw = 12.0
    await plant.async_step(8 * 60)
    plant.house_kw = 0.3
    for box in plant.boxes:
        await plant.async_mode(box.name, "now")
    await plant.async_step(8)
    assert min(box.standing_kw for box in plant.boxes) > MIN_KW
    plant.meter_gone, plant.meter_every_s = gone, 1e9
    standing = []
    for _ in range(100):
        await plant.async_step()
        standing.append(sum(box.standing_kw for box in plant.boxes))
    # While its value could still be a new one, that is believed; and then at no moment any more.
    # One that is gone may be back within half a minute, which is half a step.
    silent_after = 1 if gone else next(step for step, kw in enumerate(standing) if kw < 10)
    assert silent_after <= 25
    assert max(standing[silent_after:]) <= MIN_KW + 0.01
    assert standing[-1] == pytest.approx(MIN_KW, abs=0.01)


@pytest.mark.parametrize("factor", [0, -1, 0.001, 1 / 3])
@pytest.mark.parametrize("later", [True, False], ids=["later", "from the start"])
async def test_a_meter_that_shows_less_than_the_cars_draw_is_not_believed(
    house: House, factor: float, later: bool
) -> None:
    """Stuck at 0, with its sign or unit wrong, or on one phase only: each car gets its least."""
    plant = await charging(
        house, Box("a"), wattbox("b"), modes=later, meter_factor=1 if later else factor
    )
    plant.meter_factor = factor
    plant.house_kw = 7.0
    for box in plant.boxes:
        await plant.async_mode(box.name, "now")
    await plant.async_step(12)
    plant.longest_over_s = 0.0
    await plant.async_step(90)
    assert [box.standing_kw for box in plant.boxes] == pytest.approx([MIN_KW] * 2, abs=0.01)
    await plant.hass.config_entries.async_reload("site")
    await plant.async_step(30)
    assert [box.standing_kw for box in plant.boxes] == pytest.approx([MIN_KW] * 2, abs=0.01)
    assert plant.longest_over_s == 0
    shown = charger_of(await house.async_schedule(), "A")
    assert shown["reason"].startswith("The meter shows less than the chargers draw")
    plant.meter_factor = 1
    await plant.async_step(36)
    assert sum(box.standing_kw for box in plant.boxes) > FUSE_KW - 7 - 0.7


@pytest.mark.parametrize(
    "site", [{}, {"pv_entity": "sensor.pv_power"}], ids=["sun was seen", "sun is measured"]
)
async def test_a_meter_that_shows_less_because_of_the_sun_is_believed(
    house: House, freezer: FrozenDateTimeFactory, site: Mapping[str, Any]
) -> None:
    freezer.move_to("2026-06-20 16:00:00+00:00")
    house.set_hourly_prices([0.3] * 48)
    house.set_power("sensor.pv_power", 9_000)
    plant = await charging(house, Box("a"), Box("b"), modes=False, site=site, sun_kw=9.0)
    if not site:
        await plant.async_step(60)
    for box in plant.boxes:
        await plant.async_mode(box.name, "now")
    await plant.async_step(120)
    assert sum(box.standing_kw for box in plant.boxes) == pytest.approx(22.08)


async def test_a_charger_that_does_not_answer_does_not_hold_up_the_others(house: House) -> None:
    """The action for one charger hangs while the house load rises on."""
    plant = await charging(house, Box("a"), Box("b"))
    plant.hanging, plant.gate = "a", asyncio.Event()
    plant.house_kw = 3.0
    await plant.async_step(2, pump=True)
    assert MIN_KW < plant["b"].standing_kw < 8
    plant.house_kw = 8.5
    await plant.async_step(6, pump=True)
    reduced_kw = plant["b"].standing_kw
    plant.gate.set()
    await plant.hass.async_block_till_done()
    assert reduced_kw <= MIN_KW + TOLERANCE_KW


async def test_a_hand_counts_also_where_the_charger_shows_it_late(
    house: House, hass_admin_user: MockUser
) -> None:
    """After five seconds Home Assistant does not tell any more who caused a state."""
    plant = await charging(house, Box("a", confirm_s=10), Box("b", confirm_s=10))
    await plant.async_hand(hass_admin_user, "a", "turn_off")
    await plant.async_hand(hass_admin_user, "b", "set_value", 7)
    await plant.async_step(18)
    assert plant.broken == []
    assert plant["a"].standing_kw == 0
    assert plant["b"].value == 7


async def test_a_hand_counts_while_a_command_is_on_its_way(
    house: House, hass_admin_user: MockUser
) -> None:
    plant = await charging(house, Box("a", value=8), modes=False)
    plant.gate = gate = asyncio.Event()
    await plant.hass.services.async_call(
        "select", "select_option", {"entity_id": "select.a_mode", "option": "now"}, blocking=True
    )
    await plant.async_step(3, pump=True)
    assert plant.writes[-1][1:3] == ("a", "set_value")
    plant.gate = None
    await plant.async_hand(hass_admin_user, "a", "set_value", 7)
    gate.set()
    await plant.hass.async_block_till_done()
    await plant.async_step(3)
    assert plant.broken == []


async def test_a_hand_is_remembered_by_a_restart_right_after(
    house: House, hass_admin_user: MockUser, hass_storage: dict[str, Any]
) -> None:
    plant = await charging(house, Box("a", wants=False))
    while dt_util.utcnow().minute % 5 != 1:
        await plant.async_step()
    await plant.async_step(3)
    await plant.async_hand(hass_admin_user, "a", "set_value", 8)
    # The next plan writes it in any case.
    plant.hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await plant.hass.async_block_till_done()
    assert hass_storage["optivgi.site"]["data"]["sessions"]["a"]["held"] is True


async def async_until(plant: Plant, reached: Callable[[], bool]) -> None:
    """Let time pass until something is so, but not for ever."""
    for _ in range(90):
        if reached():
            return
        await plant.async_step()
    pytest.fail(f"not reached in {plant.step_s * 90} s")


async def test_a_decrease_is_written_while_an_increase_is_not_yet_shown(house: House) -> None:
    plant = await charging(house, Box("a"), modes=False)
    plant.house_kw = 13.0
    await plant.async_step(12)
    await plant.async_mode("a", "now")
    await plant.async_step(12)
    assert plant["a"].standing_kw == pytest.approx(MIN_KW)
    plant["a"].confirm_s = 60
    plant.house_kw = 6.0
    await async_until(plant, lambda: plant["a"].standing_kw > 9)
    plant.house_kw = 13.0
    await plant.async_step(2)
    assert plant["a"].standing_kw == pytest.approx(MIN_KW)


@pytest.mark.parametrize("box", [Box("a"), wattbox("a")], ids=["switch", "watts"])
async def test_a_stop_is_written_while_a_start_is_not_yet_shown(house: House, box: Box) -> None:
    """What is shown is what is wanted again, and not what the charger was sent last."""
    plant = await charging(house, box, modes=False)
    box.confirm_s = 60
    await plant.async_mode("a", "now")
    await plant.async_step()
    assert box.standing_kw > 11
    await plant.async_mode("a", "off")
    await plant.async_step(2)
    assert box.standing_kw == 0


async def test_a_least_limit_is_written_while_more_is_not_yet_shown(house: House) -> None:
    """The charger knows only 6 and 16 A."""
    plant = await charging(house, Box("a", step=10), modes=False)
    plant.house_kw = 13.0
    await plant.async_step(30)
    await plant.async_mode("a", "now")
    await plant.async_step(12)
    assert plant["a"].standing_kw == pytest.approx(MIN_KW)
    plant.house_kw = 0.5
    await plant.async_step(6)
    plant["a"].confirm_s = 120
    while plant["a"].standing_kw < 11:
        await plant.async_step()
    assert plant["a"].shown[0] == 6
    plant.house_kw = 13.0
    await plant.async_step(2)
    assert plant["a"].standing_kw == pytest.approx(MIN_KW)


async def test_cars_that_wait_are_left_with_safe_limits_too(house: House) -> None:
    """Nobody watches the house load after a stop, and a car may start at any time."""
    plant = await charging(house, Box("a", wants=False), Box("b", wants=False))
    plant.hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await plant.hass.async_block_till_done()
    assert all(box.standing_kw <= MIN_KW + TOLERANCE_KW for box in plant.boxes)


async def test_a_load_about_the_least_does_not_start_and_stop(house: House) -> None:
    plant = await charging(house, wattbox("b"))
    noise = random.Random(1)  # noqa: S311
    since = dt_util.utcnow()
    for _ in range(180):
        plant.house_kw = 13.0 + noise.gauss(0, 0.3)
        await plant.async_step()
    starts = [w for w in plant.writes if w[0] >= since and w[3]]
    assert len(starts) <= 6


async def test_few_writes_in_quiet_hours(house: House) -> None:
    """Nothing changes but the cars' state of charge, which they tell in whole percents."""
    plant = await build(house, Box("a"), wattbox("b"), step_s=60)
    await plant.async_plug("a")
    await plant.async_plug("b")
    await plant.async_step(10)
    since = dt_util.utcnow()
    await plant.async_step(120)
    assert max(plant.writes_per_hour(since).values()) <= 2


async def test_not_many_writes_in_a_living_house(house: House) -> None:
    """Noise of 300 W and 2 kW that come and go every 20 minutes, both cars at the fuse."""
    plant = await charging(house, Box("a", battery_kwh=1e4), wattbox("b", battery_kwh=1e4))
    noise = random.Random(1)  # noqa: S311
    since = dt_util.utcnow()
    for step in range(240):
        appliance = 2.0 if step % 120 < 60 else 0.0
        plant.house_kw = max(0.1, 1.0 + noise.gauss(0, 0.3) + appliance)
        await plant.async_step()
    assert plant.longest_over_s <= 2 * STEP_S
    assert plant.broken == []
    assert max(plant.writes_per_hour(since).values()) <= 40


async def test_cars_are_full_by_departure_in_spite_of_all(house: House) -> None:
    """House peaks, a meter that goes, a charger that is gone for a while, a restart."""
    house.set_hourly_prices([0.2 if hour % 24 < 6 else 0.4 for hour in range(48)])
    plant = await build(house, Box("a", soc=50), wattbox("b", soc=55), step_s=60)
    await plant.async_plug("a", 50)
    await plant.async_plug("b", 55)
    trouble: dict[int, Callable[[], None]] = {
        150: lambda: setattr(plant, "house_kw", 13.0),
        180: lambda: setattr(plant, "house_kw", 1.0),
        240: lambda: setattr(plant, "meter_gone", True),
        270: lambda: setattr(plant, "meter_gone", False),
        300: lambda: setattr(plant["a"], "unavailable", True),
        330: lambda: setattr(plant["a"], "unavailable", False),
    }
    while dt_util.as_local(dt_util.utcnow()).hour != 7:
        if (step := int((plant.bases[-1][0].timestamp() % 86400 - 19 * 3600) // 60)) in trouble:
            trouble[step]()
        if step == 360:
            await plant.hass.config_entries.async_reload("site")
        await plant.async_step()
    assert min(box.soc for box in plant.boxes) >= 79
    assert plant.longest_over_s <= plant.step_s


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens(house: House, hass_admin_user: MockUser, seed: int) -> None:
    """People, house, prices and restarts do as they like; all devices obey, some slowly."""
    dice = random.Random(seed)  # noqa: S311
    slow = {"confirm_s": 5 * (seed % 2), "reaction_s": 10 * (seed % 2)}
    plant = await build(
        house,
        Box("a", **slow),
        wattbox("b", power_lag_s=10 * (seed % 2)),
        Box("c", phases=1, onboard_kw=3.68),
        meter_lag_s=10 * (seed % 2),
    )
    for _ in range(50):
        box = dice.choice(plant.boxes)
        match dice.randrange(9):
            case 0 | 1 | 2:
                plant.house_kw = dice.choice([0.3, 1.0, 3.0, 6.0, 9.0, 13.0])
            case 3 | 4:
                await plant.async_mode(box.name, dice.choice(["now", "now", "smart", "off"]))
            case 5:
                await plant.async_plug(box.name, dice.choice([20, 50, 79.5]))
            case 6:
                await plant.async_unplug(box.name)
            case 7 if dice.random() < 0.3:
                await plant.hass.config_entries.async_reload("site")
                await plant.hass.async_block_till_done()
            case 7:
                house.set_hourly_prices([dice.choice([0.1, 0.2, 0.3]) for _ in range(48)])
            case 8 if box.plugged and box.switch:
                await plant.async_hand(hass_admin_user, box.name, "set_value", dice.choice([6, 9]))
            case _:
                box.wants = not box.wants
        await plant.async_step(dice.choice([1, 2, 3, 6]))
    assert [word for word in plant.broken if "kW" not in word] == []
    assert plant.longest_over_s <= GRACE_S
