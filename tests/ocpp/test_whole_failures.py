"""A charger that does not follow profiles is controlled by its number, and people are notified."""

import asyncio
from datetime import timedelta

from demo.custom_components.ocpp.charge_point import ChargePoint
from demo.custom_components.ocpp.hardware import Quirks
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, callback
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.optivgi.const import Mode
from tests.house import CHARGERS, ENGLISH

from .bench import FAST_KW, MIN_KW
from .home import Home, allowed_kw, charger_data, install_foreign

VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


def of_others(charge_point: ChargePoint) -> set[int]:
    """Return the ids of the profiles that are not ours."""
    return {stored.id for stored in charge_point.hardware.store.profiles if stored.id < 7000}


def description_of(key: str) -> str:
    """Return what an issue says."""
    return str(ENGLISH["issues"][key]["fix_flow"]["step"]["init"]["description"])


async def async_restart(home: Home) -> None:
    """Set the site up again, as a restart does."""
    assert home.house.entry is not None
    await home.hass.config_entries.async_reload(home.house.entry.entry_id)
    await home.house.async_settle()


@VERSIONS
async def test_refused_profiles_leave_the_charger_to_its_number(home: Home, version: str) -> None:
    """OCPP 1.6 refusals are swallowed: the integration says all is well."""
    cp = await home.async_start(version)
    cp.refuses_custom = True
    await home.async_plug_in(cp)
    await home.house.async_select("select.box_mode", "now")
    home.house_w = 9_000
    await home.async_pass(60)
    assert home.issues == {"charging_profiles_fail_box"}
    assert of_others(cp)
    assert cp.hardware.limit_a() == 11
    word, reason = await home.async_status()
    assert word == "charging"
    assert "does not follow charging profiles" in reason
    assert home.attributes()["profile"] == "failed"
    assert (
        home.attributes()["profile_problem"] == {"1.6": "allows_more", "2.0.1": "refused"}[version]
    )


async def test_pause_that_cannot_be_taken_away_at_first_is_later(home: Home) -> None:
    """It refuses whatever it is sent for a while; its last profile holds the car back."""
    home.house.set_hourly_prices([0.3] * 26 + [0.1] * 22)
    cp = await home.async_start("2.0.1")
    await home.async_plug_in(cp)
    await home.async_pass(12)
    assert cp.hardware.limit_a() == 0
    cp.refuses = True
    await home.house.async_select("select.box_mode", "now")
    await home.async_pass(60)
    assert home.attributes()["profile"] == "failed"
    assert cp.hardware.limit_a() == 0
    cp.refuses = False
    await home.async_pass(200)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)


async def test_restart_tries_profiles_again_and_frees_the_number(home: Home) -> None:
    cp = await home.async_start("1.6")
    cp.refuses_custom = True
    await home.async_plug_in(cp)
    await home.house.async_select("select.box_mode", "now")
    home.house_w = 9_000
    await home.async_pass(60)
    assert home.issues
    cp.refuses_custom = False
    home.house_w = 500
    await async_restart(home)
    await home.async_pass(30)
    assert home.attributes()["profile"] == "confirmed"
    assert home.issues == set()
    # The next plans do not know of what the house drew before any more.
    await home.async_pass(60)
    # The number does not hold it back any more.
    assert allowed_kw(cp) == pytest.approx(FAST_KW)


async def test_charger_without_a_read_back_is_given_up(home: Home) -> None:
    cp = await home.async_start("1.6", quirks=Quirks(measures=frozenset({"Power.Active.Import"})))
    await home.async_plug_in(cp)
    await home.async_pass(30)
    assert home.attributes()["profile_problem"] == "no_read_back"
    assert home.issues == {"charging_profiles_fail_box"}


async def test_number_only_is_told_by_its_number(home: Home) -> None:
    cp = await home.async_start("1.6", chargers={"box": charger_data(ocpp_profiles="number")})
    await home.async_plug_in(cp)
    await home.async_pass(12)
    assert all(stored.id < 7000 for stored in cp.hardware.store.profiles)
    assert cp.hardware.limit_a() == 16
    assert "profile" not in home.attributes()


async def test_offline_charger_is_told_of_and_told_when_it_is_back(home: Home) -> None:
    home.house.set_hourly_prices([0.3] * 26 + [0.1] * 22)
    cp = await home.async_start("1.6")
    await home.async_plug_in(cp)
    await home.async_pass(12)
    await home.house.async_select("select.box_mode", "now")
    await home.async_pass(12)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    await home.bench.async_lose(cp)
    # All its states look alive.
    await home.async_pass(20)
    word, reason = await home.async_status()
    assert word == "out_of_reach"
    assert "goes on with the plan" in reason
    assert home.issues == set()
    await home.house.async_select("select.box_mode", "off")
    await home.async_pass(2)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    await cp.async_connect(home.bench.central.port)
    await home.async_pass(8)
    assert cp.hardware.limit_a() == 0
    assert (await home.async_status())[0] == "off"


async def async_check(home: Home, charge_point: ChargePoint) -> None:
    """Check that a charge point allows what is planned; without a profile it allows 32 A."""
    (planned_kw,) = await home.async_planned_kw([home.bench.now])
    assert MIN_KW <= allowed_kw(charge_point) == pytest.approx(planned_kw)


@pytest.mark.parametrize("use", ["tx_default", "tx", "both"])
@VERSIONS
async def test_profiles_that_were_lost_are_sent_again(home: Home, use: str, version: str) -> None:
    cp = await home.async_start(version, chargers={"box": charger_data(ocpp_profiles=use)})
    await home.async_plug_in(cp)
    await home.async_pass(12)
    await async_check(home, cp)
    # After a reconnection,
    await home.bench.async_lose(cp)
    cp.hardware.store.profiles.clear()
    await cp.async_connect(home.bench.central.port)
    await home.async_pass(12)
    await async_check(home, cp)
    # with the next car,
    await cp.async_unplug()
    await home.async_pass(2)
    cp.hardware.store.profiles.clear()
    await home.async_plug_in(cp)
    await home.async_pass(12)
    await async_check(home, cp)
    # and after a restart of Home Assistant.
    cp.hardware.store.profiles.clear()
    await async_restart(home)
    await home.async_pass(12)
    await async_check(home, cp)


async def test_mute_charger_holds_nobody_up_for_long(home: Home) -> None:
    # The integration itself waits no longer than we do; it might.
    home.bench.central.timeout_s = 60
    cp = await home.async_start("1.6", others=CHARGERS)
    await home.house.async_plug_in("garage")
    await home.house.async_select("select.garage_mode", "now")
    await home.async_plug_in(cp)
    await home.async_pass(40)
    box_kw, garage_kw = allowed_kw(cp), home.house.garage_kw
    assert box_kw > 4
    cp.mute = True
    cp.left_unanswered.clear()
    paused = asyncio.Event()

    @callback
    def on_change(event: Event[EventStateChangedData]) -> None:
        if event.data["entity_id"] == "input_boolean.garage_charging":
            paused.set()

    home.hass.bus.async_listen(EVENT_STATE_CHANGED, on_change)
    # Nobody waits for the one that does not answer before the other is commanded less.
    home.house_w = 12_000
    home.house.freezer.tick(timedelta(seconds=5))
    home.report_meter()
    await cp.left_unanswered.wait()
    assert home.house.entry is not None
    home.house.entry.runtime_data.site.points["garage"].select_mode(Mode.OFF)
    home.house.freezer.tick(timedelta(seconds=10.5))
    await paused.wait()
    assert home.house.garage_kw < garage_kw
    # What is still on its way ends by itself.
    cp.mute = False
    home.house.freezer.tick(timedelta(minutes=10))
    await home.hass.async_block_till_done()


async def test_profile_of_somebody_else_is_named_with_its_remedy(home: Home) -> None:
    """On the highest level it wins over ours, as some chargers hold one from their operator."""
    cp = await home.async_start("1.6")
    install_foreign(cp, 6.0)
    await home.async_plug_in(cp)
    await home.house.async_select("select.box_mode", "now")
    await home.async_pass(80)
    assert cp.hardware.limit_a() == 6
    assert home.issues == {"charging_limited_box"}
    said = home.house.state("sensor.box_status").attributes["reason"]
    assert said.endswith(" Something else limits it to 6.0 A.")
    issue = ir.async_get(home.hass).async_get_issue("optivgi", "charging_limited_box")
    assert issue is not None
    assert issue.translation_key is not None
    assert "ocpp.clear_profile" in description_of(issue.translation_key)
    await home.hass.services.async_call(
        "ocpp", "clear_profile", {"devid": "wallbox_1"}, blocking=True
    )
    await home.async_pass(60)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    assert home.issues == set()


@pytest.mark.parametrize("key", ["refused", "held_back", "exceeded"])
def test_issues_name_the_remedy_for_what_somebody_else_has_stored(key: str) -> None:
    assert "ocpp.clear_profile" in description_of(f"charging_profiles_{key}")


async def test_first_limit_after_a_pause_may_be_ignored(home: Home) -> None:
    """It is sent once more, and the charger is not given up for that."""
    cp = await home.async_start("1.6", quirks=Quirks(ignores_after_zero=True))
    await home.async_plug_in(cp)
    await home.house.async_select("select.box_mode", "off")
    await home.async_pass(12)
    assert cp.hardware.limit_a() == 0
    await home.house.async_select("select.box_mode", "now")
    await home.async_pass(60)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    assert home.issues == set()


async def test_station_that_knows_no_connectors_is_limited_by_its_number(home: Home) -> None:
    cp = await home.async_start("1.6", quirks=Quirks(station_only=True, max_stack_level=0))
    await home.async_plug_in(cp)
    await home.house.async_select("select.box_mode", "now")
    home.house_w = 9_000
    await home.async_pass(60)
    assert cp.hardware.limit_a() == 11
    assert home.issues == {"charging_profiles_fail_box"}
