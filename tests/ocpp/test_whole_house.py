"""What the connection leaves comes before the plan, and the user before both."""

import asyncio
from datetime import timedelta

from demo.custom_components.ocpp.hardware import Car, Quirks
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Context
import pytest
from pytest_homeassistant_custom_component.common import MockUser, async_mock_service

from tests.house import CHARGERS

from .bench import FAST_KW
from .home import Home, allowed_kw, charger_data

MINUTE = timedelta(minutes=1)
VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


async def settled(home: Home) -> None:
    """Let what was sent be measured."""
    await home.async_pass(12)


@VERSIONS
async def test_house_load_caps_within_a_look_and_later_lets_go(home: Home, version: str) -> None:
    cp = await home.async_start(version)
    await home.async_plug_in(cp)
    await home.house.async_select("select.box_mode", "now")
    await settled(home)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    home.house_w = 9_000
    await home.async_pass()
    # 17.25 - 9 leaves 8.25 kW, which are 11 A and a part of another.
    assert cp.hardware.limit_a() == 11
    assert "house" in (await home.async_status())[1]
    # What comes and goes is not followed; afterwards the plan goes on.
    home.house_w = 500
    await home.async_pass(20)
    assert cp.hardware.limit_a() == 11
    await home.async_pass(30)
    assert cp.hardware.limit_a() == 16


async def test_pause_and_resume_leave_the_switch_alone(home: Home) -> None:
    calls = []
    home.hass.bus.async_listen("call_service", lambda event: calls.append(dict(event.data)))
    cp = await home.async_start("1.6")
    await home.async_plug_in(cp)
    await settled(home)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    await home.house.async_select("select.box_mode", "off")
    await home.async_pass()
    assert cp.hardware.limit_a() == 0
    # Nor afterwards, however long nobody is there.
    assert cp.hardware.limit_a(moment=home.bench.now + timedelta(days=9)) == 0
    assert (await home.async_status())[0] == "off"
    await settled(home)
    await home.house.async_select("select.box_mode", "smart")
    await settled(home)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    assert [call for call in calls if call["domain"] in {"switch", "number"}] == []


async def test_number_is_never_written_while_profiles_do(home: Home) -> None:
    cp = await home.async_start("1.6")
    await home.async_plug_in(cp)
    await settled(home)
    assert {stored.id for stored in cp.hardware.store.profiles} == {7011}


async def test_other_chargers_wait_until_less_is_confirmed(home: Home) -> None:
    """The garage gets what the box gives up, not before the box is seen to give it up."""
    cp = await home.async_start("1.6", others=CHARGERS)
    # This car draws less than it may; that it could draw more counts.
    await home.async_plug_in(cp, car=Car(max_a=6))
    await settled(home)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    await home.house.async_plug_in("garage")
    await home.house.async_select("select.box_mode", "off")
    # It was commanded, and its meter has not shown that yet.
    assert cp.hardware.limit_a() == 0
    assert home.house.garage_kw <= 17.25 - 0.5 - FAST_KW
    await settled(home)
    assert home.house.garage_kw == pytest.approx(FAST_KW)


async def test_it_takes_no_more_by_itself_than_others_leave(home: Home) -> None:
    """What the plan frees for it elsewhere it gets when that is free, not by its clock."""
    home.house.set_hourly_prices([0.3] * 24 + [0.1] * 24)
    home.house.set_soc("zoe", 55)
    cp = await home.async_start("1.6", others=CHARGERS, data={"fuse_a": 20})
    await home.async_plug_in(cp)
    await home.house.async_plug_in("garage")
    await home.house.async_select("select.garage_mode", "now")
    # What lies in the future is sent after five minutes.
    await home.async_pass(40)
    garage_kw = home.house.garage_kw
    assert garage_kw > 7
    planned = await home.async_planned_kw(
        [home.bench.now + timedelta(minutes=15 * step) for step in range(4 * 20)]
    )
    # As the garage is done one day, the plan has room for all that the box can take.
    assert max(planned) == pytest.approx(FAST_KW)
    ahead = [home.bench.now + timedelta(minutes=15 * step) for step in range(4 * 20)]
    assert max(allowed_kw(cp, moment) for moment in ahead) <= 13.8 - 0.5 - garage_kw + 0.1


@pytest.mark.parametrize("reachable", [True, False])
async def test_it_leaves_room_for_what_nobody_tells_to_stop(
    home: Home, hass_admin_user: MockUser, reachable: bool
) -> None:
    """A charger that a person operates, or that is out of reach, goes on as it is."""
    home.house.set_hourly_prices([0.3] * 24 + [0.1] * 24)
    cp = await home.async_start("1.6", others=CHARGERS, data={"fuse_a": 20})
    await home.async_plug_in(cp)
    await home.house.async_plug_in("garage")
    await home.house.async_select("select.garage_mode", "now")
    await home.async_pass(3)
    if reachable:
        await home.hass.services.async_call(
            "input_number",
            "set_value",
            {"entity_id": "input_number.garage_limit", "value": 14},
            blocking=True,
            context=Context(user_id=hass_admin_user.id),
        )
    garage_kw = home.house.garage_kw
    assert garage_kw > 7
    if not reachable:
        home.hass.states.async_set("input_number.garage_limit", "unavailable")
    await home.async_pass(40)
    assert (await home.async_status("Garage"))[0] == ("held" if reachable else "out_of_reach")
    ahead = [home.bench.now + timedelta(minutes=15 * step) for step in range(4 * 20)]
    allowed = [allowed_kw(cp, moment) for moment in ahead]
    assert max(allowed) <= 13.8 - 0.5 - garage_kw + 0.1


async def test_charger_that_does_not_stop_is_left_room_for_once(home: Home) -> None:
    """What it takes against our will is a part of the house already, now and in what is stored."""
    cp = await home.async_start("1.6", others=CHARGERS)
    await home.house.async_plug_in("garage")
    await home.house.async_select("select.garage_mode", "now")
    assert home.house.garage_kw == pytest.approx(FAST_KW)
    home.house.set_power("sensor.garage_power", FAST_KW * 1000)
    home.house_w = 500 + FAST_KW * 1000
    async_mock_service(home.hass, "input_boolean", "turn_off")
    await home.house.async_select("select.garage_mode", "off")
    await home.async_plug_in(cp)
    await home.house.async_select("select.box_mode", "now")
    await home.async_pass(60)
    ahead = [home.bench.now + timedelta(minutes=minute) for minute in range(60)]
    left_kw = 17.25 - 0.5 - FAST_KW
    assert [allowed_kw(cp, moment) for moment in ahead] == pytest.approx([left_kw] * 60, abs=0.2)


async def test_sun_that_may_not_shine_does_not_widen_the_fuse(home: Home) -> None:
    """Nobody may be there to throttle it when clouds come."""
    noon = home.bench.now.replace(hour=11, minute=0, second=0) + timedelta(days=1)
    sun = [{"period_start": noon.isoformat(), "pv_estimate": 12.0}]
    home.hass.states.async_set("sensor.sun", "12", {"detailedHourly": sun})
    cp = await home.async_start("1.6", data={"fuse_a": 10, "solar_forecast_entity": "sensor.sun"})
    await home.async_plug_in(cp)
    target = {"entity_id": "time.box_departure", "time": "18:00:00"}
    await home.hass.services.async_call("time", "set_value", target, blocking=True)
    await home.async_pass(40)
    at_noon = noon + timedelta(minutes=20)
    assert await home.async_planned_kw([at_noon]) == [pytest.approx(FAST_KW)]
    assert 4 < allowed_kw(cp, at_noon) <= 6.9 - 0.5


async def test_home_assistant_that_stops_leaves_the_plan(home: Home) -> None:
    home.house.set_hourly_prices([0.3] * 26 + [0.1] * 22)
    cp = await home.async_start("1.6")
    await home.async_plug_in(cp)
    await settled(home)
    sent = len(cp.received)
    at_night = home.bench.now.replace(hour=1, minute=10) + timedelta(days=1)
    assert allowed_kw(cp, at_night) == pytest.approx(FAST_KW)
    home.hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await home.hass.async_block_till_done()
    assert len(cp.received) == sent
    assert allowed_kw(cp, at_night) == pytest.approx(FAST_KW)


@pytest.mark.parametrize("entity", ["session_current_limit", "maximum_current"])
async def test_person_who_operates_it_wins_until_the_car_leaves(
    home: Home, hass_admin_user: MockUser, entity: str
) -> None:
    home.house.set_hourly_prices([0.3] * 26 + [0.1] * 22)
    cp = await home.async_start("1.6")
    await home.async_plug_in(cp)
    await settled(home)
    assert cp.hardware.limit_a() == 0
    await home.async_set_by(hass_admin_user, f"number.wallbox_1_{entity}", 10)
    await home.async_pass(2)
    assert (await home.async_status())[0] == "held"
    assert cp.hardware.limit_a() == 10
    sent = len(cp.received)
    await home.async_pass(30)
    assert len(cp.received) == sent
    assert "profile" not in home.attributes()
    await cp.async_unplug()
    await home.async_pass(2)
    await home.async_plug_in(cp)
    await settled(home)
    assert cp.hardware.limit_a() == 0


async def test_charger_that_is_slow_to_be_handed_back_is_asked_once(
    home: Home, hass_admin_user: MockUser
) -> None:
    # The integration itself waits no longer than we do; it might.
    home.bench.central.timeout_s = 60
    cp = await home.async_start("1.6")
    await home.async_plug_in(cp)
    await settled(home)
    cp.thinks_about = "TxDefaultProfile"
    await home.async_set_by(hass_admin_user, "number.wallbox_1_maximum_current", 12)
    await cp.left_unanswered.wait()
    # Nobody waits for the answer any longer, and then it comes.
    home.house.freezer.tick(timedelta(seconds=11))
    await asyncio.sleep(0)
    cp.may_answer.set()
    await home.hass.async_block_till_done(wait_background_tasks=True)
    await home.async_pass(2)
    received = len(cp.received)
    await home.async_pass(20)
    assert len(cp.received) == received


async def test_mode_takes_it_back(home: Home, hass_admin_user: MockUser) -> None:
    cp = await home.async_start("1.6")
    await home.async_plug_in(cp)
    await settled(home)
    await home.async_set_by(hass_admin_user, "number.wallbox_1_maximum_current", 12)
    await home.async_pass(2)
    assert cp.hardware.limit_a() == 12
    await home.house.async_select("select.box_mode", "off")
    await home.async_pass(8)
    assert cp.hardware.limit_a() == 0
    assert home.attributes()["profile"] == "confirmed"


async def test_each_connector_follows_its_own_plan(home: Home) -> None:
    chargers = {
        name: charger_data(f"wallbox_1_connector_{number}")
        for number, name in ((1, "left"), (2, "right"))
    }
    cp = await home.async_start(
        "1.6", chargers=chargers, quirks=Quirks(connectors=2), since_012=False
    )
    await home.async_plug_in(cp, 1)
    await home.async_plug_in(cp, 2, car=Car(phases=1))
    await home.house.async_select("select.left_mode", "off")
    await settled(home)
    assert [cp.hardware.limit_a(connector) for connector in (1, 2)] == [0, 16]
    await home.house.async_select("select.right_mode", "off")
    await home.house.async_select("select.left_mode", "now")
    # What gave way as the second car came is held back for a while.
    await home.async_pass(40)
    assert [cp.hardware.limit_a(connector) for connector in (1, 2)] == [16, 0]


async def test_nothing_is_left_of_it_when_the_charger_is_removed(home: Home) -> None:
    home.house.set_hourly_prices([0.3] * 26 + [0.1] * 22)
    cp = await home.async_start("1.6")
    await home.async_plug_in(cp)
    await settled(home)
    assert cp.hardware.limit_a() == 0
    assert home.house.entry is not None
    home.hass.config_entries.async_remove_subentry(home.house.entry, "box")
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert cp.hardware.limit_a() == 16


async def test_nothing_is_left_of_it_when_the_site_is_removed(home: Home) -> None:
    home.house.set_hourly_prices([0.3] * 26 + [0.1] * 22)
    cp = await home.async_start("1.6")
    await home.async_plug_in(cp)
    await settled(home)
    assert cp.hardware.limit_a() == 0
    assert home.house.entry is not None
    await home.hass.config_entries.async_remove(home.house.entry.entry_id)
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert cp.hardware.limit_a() == 16


@VERSIONS
async def test_car_begins_before_it_may_draw_so_that_it_goes_on_alone(
    home: Home, version: str
) -> None:
    home.house.set_hourly_prices([0.3] * 26 + [0.1] * 22)
    cp = await home.async_start(version, quirks=Quirks(waits_for_start=True))
    await home.async_plug_in(cp)
    assert (await home.async_status())[0] == "waiting"
    await settled(home)
    assert cp.hardware.status() == "SuspendedEVSE"
    await home.bench.central.async_kill()
    home.bench.freezer.move_to("2026-11-21 01:15:00+00:00")
    assert sum(cp.hardware.drawn_a()) == 48


async def test_car_does_not_begin_while_the_mode_is_off(home: Home) -> None:
    cp = await home.async_start("1.6", quirks=Quirks(waits_for_start=True))
    await home.house.async_select("select.box_mode", "off")
    await home.async_plug_in(cp)
    await settled(home)
    assert cp.hardware.status() == "Preparing"


async def test_car_that_begins_by_itself_is_no_load_of_the_house(home: Home) -> None:
    """The meter at the grid sees it a minute before the charger's own meter tells it."""
    cp = await home.async_start("1.6", others=CHARGERS, data={"fuse_a": 40})
    await home.house.async_plug_in("garage")
    await home.house.async_select("select.garage_mode", "now")
    home.house.set_power("sensor.garage_power", FAST_KW * 1000)
    home.house_w = 500 + FAST_KW * 1000
    await home.async_plug_in(cp)
    await cp.async_unplug()
    await home.async_pass(40)
    assert home.house.garage_kw == pytest.approx(FAST_KW)
    # What its meter reported last stays to be seen; nobody draws that.
    assert home.house.value("sensor.wallbox_1_power_active_import") > 4
    assert home.house.entry is not None
    assert home.house.entry.runtime_data.coordinator.data.base_load_kw == pytest.approx(0.5)
    cp.hardware.connectors[1].car = Car()
    await cp.async_tell_status(1)
    await cp.async_begin(1)
    await cp.async_tell_status(1)
    home.report_meter()
    await home.hass.async_block_till_done(wait_background_tasks=True)
    home.bench.freezer.tick(timedelta(seconds=5))
    home.report_meter()
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert "house" not in (await home.async_status("Box"))[1]
    assert "house" not in (await home.async_status("Garage"))[1]
    assert home.house.garage_kw == pytest.approx(FAST_KW)


@pytest.mark.parametrize("use", ["tx_default", "number"])
async def test_transaction_that_ended_as_we_paused_it_begins_again(home: Home, use: str) -> None:
    """Finishing says that the charge point stopped, not that the car has enough."""
    quirks = Quirks(ends_at_zero=True, finishing=True)
    chargers = {"box": charger_data(ocpp_profiles=use)}
    cp = await home.async_start("1.6", quirks=quirks, chargers=chargers)
    await home.async_plug_in(cp)
    await home.house.async_select("select.box_mode", "now")
    await settled(home)
    assert cp.hardware.status() == "Charging"
    home.house_w = 15_000
    await home.async_pass(12)
    assert cp.hardware.status() == "Finishing"
    assert (await home.async_status())[0] == "waiting"
    home.house_w = 500
    await home.async_pass(25, every=timedelta(minutes=1))
    assert cp.hardware.status() == "Charging"
    assert allowed_kw(cp) > 4
    cp.hardware.connectors[1].car = Car(full=True)
    await home.async_pass(12)
    assert (await home.async_status())[0] == "finished"
