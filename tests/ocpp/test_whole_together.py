"""All stored profiles together stay within the fuse, whenever Home Assistant dies."""

from datetime import datetime, timedelta

from demo.custom_components.ocpp.charge_point import ChargePoint
from demo.custom_components.ocpp.hardware import VOLTAGE, Car
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from tests.house import GRID
from tests.site.test_outlook import remember

from .bench import FAST_KW
from .home import HOUSE_W, Home, allowed_kw, charger_data

TWO = {"one": charger_data("wallbox_1"), "two": charger_data("wallbox_2")}
QUARTER = timedelta(minutes=15)
CHEAP_EARLY = [0.3] * 24 + [0.1, 0.11, 0.12, 0.13, 0.3, 0.3] + [0.3] * 18
CHEAP_LATE = [0.3] * 24 + [0.3, 0.3, 0.13, 0.12, 0.11, 0.1] + [0.3] * 18


def most_kw(home: Home, phase: int | None = None) -> float:
    """Return the most that all cars may draw at any moment to come, by what is stored."""
    begin = home.bench.now + timedelta(seconds=30)
    moments = [begin + quarter * QUARTER for quarter in range(1, 4 * 24)]
    return max(
        sum(drawn(cp, moment, phase) for cp in home.bench.charge_points)
        for moment in (*moments, begin + timedelta(days=9))
    )


def drawn(charge_point: ChargePoint, moment: datetime, phase: int | None) -> float:
    """Return what a charge point may give its car at a moment, on one phase or on all."""
    car = charge_point.hardware.connectors[1].car
    phases = 3 if car is None else car.phases
    limit_kw = allowed_kw(charge_point, moment) / 3
    if phase is None:
        return limit_kw * phases
    return limit_kw if phase < phases else 0.0


async def async_want(home: Home, id_: str, kwh: float) -> None:
    """Say how much the car at a charger is to get."""
    target = {"entity_id": f"number.{id_}_energy_to_add", "value": kwh}
    await home.hass.services.async_call("number", "set_value", target, blocking=True)


async def async_two(home: Home, *versions: str, fuse_a: int = 20) -> list[ChargePoint]:
    """Start with two charge points and a car at each, of which one may charge at a time."""
    home.house.set_hourly_prices(CHEAP_EARLY)
    await home.async_start(*versions, chargers=TWO, data={"fuse_a": fuse_a})
    for id_ in TWO:
        await async_want(home, id_, 15)
    for cp in home.bench.charge_points:
        await home.async_plug_in(cp)
    await home.async_pass(45)
    return home.bench.charge_points


def at_night(home: Home, hour: int) -> list[float]:
    """Return what both allow in the middle of an hour of the night to come, local time."""
    midnight = home.bench.now.replace(hour=23, minute=30)
    moment = midnight + timedelta(hours=hour)
    return [round(allowed_kw(cp, moment), 1) for cp in home.bench.charge_points]


def afterwards(home: Home) -> list[float]:
    """Return what both allow when nobody plans any more."""
    moment = home.bench.now + timedelta(days=9)
    return [allowed_kw(cp, moment) for cp in home.bench.charge_points]


@pytest.mark.parametrize("versions", [("1.6", "1.6"), ("2.0.1", "2.0.1")])
async def test_profiles_together_fit_at_every_moment(home: Home, versions: tuple[str, ...]) -> None:
    """New prices turn the night round: who is to give up its hours does so first."""
    await async_two(home, *versions)
    left_kw = 20 * 3 * 0.23 - HOUSE_W / 1000
    assert most_kw(home) <= left_kw + 0.01
    before = [at_night(home, hour) for hour in range(4)]
    assert sum(map(sum, before)) > 30
    home.house.set_hourly_prices(CHEAP_LATE)
    await home.house.async_settle()
    assert most_kw(home) <= left_kw + 0.01
    for _ in range(3):
        await home.async_pass()
        assert most_kw(home) <= left_kw + 0.01
    after = [at_night(home, hour) for hour in range(2, 6)]
    # All of it is stored half a minute after the prices.
    assert sum(map(sum, after)) == pytest.approx(sum(map(sum, before)), abs=3)
    assert sum(at_night(home, 0)) == 0


@pytest.mark.parametrize("versions", [("1.6", "1.6"), ("2.0.1", "2.0.1")])
async def test_profiles_together_fit_into_their_circuit(
    home: Home, versions: tuple[str, ...]
) -> None:
    """The connection carries both at once at any time; the circuit that both hang on does not."""
    circuit_kw = 20 * 3 * 0.23
    home.house.set_hourly_prices(CHEAP_EARLY)
    await home.async_start(
        *versions,
        chargers={id_: {**data, "circuit": "shed"} for id_, data in TWO.items()},
        circuits={"shed": {"fuse_a": 20}},
        data={"fuse_a": 63},
    )
    for id_ in TWO:
        await async_want(home, id_, 15)
    for cp in home.bench.charge_points:
        await home.async_plug_in(cp)
    await home.async_pass(45)
    assert most_kw(home) <= circuit_kw + 0.01
    # Two whole hours of it at least are used.
    assert sum(sum(at_night(home, hour)) for hour in range(4)) >= 2 * circuit_kw - 0.1
    home.house.set_hourly_prices(CHEAP_LATE)
    for _ in range(3):
        await home.async_pass()
        assert most_kw(home) <= circuit_kw + 0.01
    await home.house.async_select("select.one_mode", "now")
    await home.async_pass(6)
    assert most_kw(home) <= circuit_kw + 0.01


async def async_depart(home: Home, id_: str, time: str) -> None:
    """Say when the car at a charger leaves in the morning."""
    target = {"entity_id": f"time.{id_}_departure", "time": time}
    await home.hass.services.async_call("time", "set_value", target, blocking=True)


async def async_swap(home: Home) -> None:
    """Have each of two get the hours that the other has had; two at once are too much for 12 A."""
    home.house.set_hourly_prices([0.3] * 24 + [0.1] * 4 + [0.3] * 20)
    await home.async_start("1.6", "1.6", chargers=TWO, data={"fuse_a": 12})
    for id_ in TWO:
        await async_want(home, id_, 10)
    await async_depart(home, "one", "02:00:00")
    for cp in home.bench.charge_points:
        await home.async_plug_in(cp)
    await home.async_pass(12)
    assert [[kw > 0 for kw in at_night(home, hour)] for hour in (0, 2)] == [
        [True, False],
        [False, True],
    ]
    await async_depart(home, "one", "07:00:00")
    await async_depart(home, "two", "02:00:00")
    await home.house.async_settle()


async def test_who_both_gives_up_and_waits_is_sent_at_once_as_well(home: Home) -> None:
    await async_swap(home)
    for _ in range(6):
        await home.async_pass()
        assert most_kw(home) <= 12 * 3 * 0.23 - HOUSE_W / 1000 + 0.01
    assert [[kw > 0 for kw in at_night(home, hour)] for hour in (0, 2)] == [
        [False, True],
        [True, False],
    ]


async def test_who_has_waited_once_is_written_as_seldom_as_others_later(home: Home) -> None:
    """A little more in an hour of the night is sent with what the next plan changes."""
    await async_swap(home)
    await home.async_pass(6)
    sent = [len(cp.received) for cp in home.bench.charge_points]
    await async_want(home, "one", 13)
    await home.house.async_settle()
    await home.async_pass(6)
    assert [len(cp.received) for cp in home.bench.charge_points] == sent
    before = [at_night(home, hour) for hour in range(5)]
    await home.async_pass(24)
    assert [at_night(home, hour) for hour in range(5)] != before


async def test_charger_out_of_reach_keeps_what_it_was_confirmed_to_hold(home: Home) -> None:
    one, _ = await async_two(home, "1.6", "1.6")
    left_kw = 20 * 3 * 0.23 - HOUSE_W / 1000
    await home.bench.async_lose(one)
    await home.async_pass(2)
    # The plan leaves these hours to the other one now; who cannot be reached has them as well.
    await home.house.async_select("select.two_mode", "now")
    for _ in range(40):
        await home.async_pass()
        assert most_kw(home) <= left_kw + 0.01
    await one.async_connect(home.bench.central.port)
    for _ in range(6):
        await home.async_pass()
        assert most_kw(home) <= left_kw + 0.01
    assert max(sum(at_night(home, hour)) for hour in range(4)) > FAST_KW - 0.5


async def test_after_a_restart_each_leaves_the_other_all_that_it_may_hold(home: Home) -> None:
    """What was stored before is not known; with what is sent first it is."""
    boxes = await async_two(home, "1.6", "1.6")
    before = [len(cp.received) for cp in boxes]
    assert home.house.entry is not None
    await home.hass.config_entries.async_reload(home.house.entry.entry_id)
    await home.async_pass(18)
    for cp, sent in zip(boxes, before, strict=True):
        periods = cp.received[sent]["charging_schedule"]["charging_schedule_period"]
        assert max(period["limit"] for period in periods) < 6
    assert sum(sum(at_night(home, hour)) for hour in range(4)) > 30


async def test_charger_without_a_car_holds_nothing_that_takes_room(home: Home) -> None:
    """It was sent nothing yet, and whatever it holds, nobody draws that."""
    home.house.set_hourly_prices(CHEAP_EARLY)
    await home.async_start("1.6", "1.6", chargers=TWO, data={"fuse_a": 20})
    await home.async_plug_in(home.bench.charge_points[0])
    await home.async_pass(12)
    assert at_night(home, 0)[0] == pytest.approx(FAST_KW, abs=0.1)


async def test_each_phase_is_kept_by_all_together(home: Home) -> None:
    """Two cars on one phase each meet on L1."""
    home.house.set_hourly_prices(CHEAP_EARLY)
    await home.async_start("1.6", "1.6", chargers=TWO, data={"fuse_a": 20})
    for cp in home.bench.charge_points:
        await home.async_plug_in(cp, car=Car(phases=1))
    await home.async_pass(45)
    assert most_kw(home, 0) <= 20 * VOLTAGE / 1000 - HOUSE_W / 3000 + 0.01


async def test_min_power_after_the_plan_is_shared_too(home: Home) -> None:
    """Nobody plans any more, and two cars at 6 A are too much for 10 A."""
    await async_two(home, "1.6", "1.6", fuse_a=10)
    assert sorted(afterwards(home)) == pytest.approx([0.0, 4.14])


async def test_min_power_after_the_plan_is_shared_on_each_phase(home: Home) -> None:
    """Both are on L1, which carries 10 A; together, all three phases would carry that."""
    one_phase = {id_: {**data, "phases": "1"} for id_, data in TWO.items()}
    await home.async_start("1.6", "1.6", chargers=one_phase, data={"fuse_a": 10})
    for cp in home.bench.charge_points:
        await home.async_plug_in(cp, car=Car(phases=1))
    await home.async_pass(18)
    # On three phases, 6 A would be so much.
    assert sorted(afterwards(home)) == pytest.approx([0.0, 4.14])


@pytest.mark.usefixtures("recorder_mock")
async def test_what_the_house_usually_draws_at_most_is_left_free(home: Home) -> None:
    """Every Wednesday at two the house takes 8 kW, which is no reason to plan less today."""

    def house_w(local: datetime) -> float:
        return 8000 if (local.weekday(), local.hour) == (2, 2) else HOUSE_W

    remember(home.hass, GRID, house_w)
    # What chargers draw is known to be none of it.
    remember(home.hass, "sensor.wallbox_1_power_active_import", lambda _: 0)
    await async_wait_recording_done(home.hass)
    home.house.set_hourly_prices(CHEAP_LATE)
    await home.async_start("1.6", data={"fuse_a": 20})
    (cp,) = home.bench.charge_points
    await async_want(home, "box", 40)
    await home.async_plug_in(cp)
    await home.async_pass(40)
    moment = home.bench.now.replace(hour=23, minute=20) + timedelta(hours=2)
    (planned_kw,) = await home.async_planned_kw([moment])
    assert planned_kw > 9
    assert 4 < allowed_kw(cp, moment) <= 20 * 0.69 - 8
    assert allowed_kw(cp, moment + timedelta(hours=1)) == pytest.approx(FAST_KW)
