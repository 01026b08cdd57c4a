"""A state of charge that comes late, not at all, or wrong: cars are full in the morning anyway."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.util import dt as dt_util
import pytest
from tests.house import CHARGERS, GRID, ZOE_DATA, House, subentry

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
GARAGE = CHARGERS[0]
SENSOR = "sensor.zoe_battery"
NEAR = 0.3


def zoe(**changes: Any) -> Any:
    """Return Zoe's subentry, with changes; what is None is left out."""
    data = {**ZOE_DATA, **changes}
    return subentry("zoe", "vehicle", "Zoe", {k: v for k, v in data.items() if v is not None})


async def at_home(house: House, soc: float = 40, **changes: Any) -> None:
    """Let Zoe tell its state of charge, and stand beside the charger."""
    house.set_soc("zoe", soc)
    await house.async_set_up_site(GARAGE, zoe(**changes))


async def draw(house: House, watts: float, *, during: timedelta = timedelta()) -> None:
    """Let the car in the garage draw power for some time."""
    house.set_power("sensor.garage_power", watts)
    house.set_power(GRID, watts + 500)
    await house.async_select(
        "input_select.garage_status", "charging" if watts else "awaiting_start"
    )
    for _ in range(int(during / (5 * MINUTE))):
        await house.async_advance(5 * MINUTE)


def sleep(house: House) -> None:
    """Let the car fall asleep."""
    house.hass.states.async_set(SENSOR, "unavailable")


async def enter(house: House, key: str, value: float) -> None:
    """Enter a number at the charger."""
    await house.hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": f"number.garage_{key}", "value": value},
        blocking=True,
    )
    await house.async_settle()


def shown(house: House) -> Mapping[str, Any]:
    """Return what the status tells."""
    return house.state("sensor.garage_status").attributes


def planned_kwh(house: House) -> float:
    """Return what is planned to come into the battery."""
    return house.value("sensor.garage_planned_energy") * 0.9


# Late or silent


async def test_what_is_drawn_is_added_while_the_car_sleeps(house: House) -> None:
    await at_home(house)
    await house.async_plug_in("garage")
    assert (shown(house)["soc"], shown(house)["soc_source"]) == (40, "told")
    sent_at = shown(house)["soc_told_at"]
    sleep(house)
    await draw(house, 10_000, during=HOUR)
    # 9 of 50 kWh
    assert shown(house)["soc"] == pytest.approx(58, abs=NEAR)
    assert shown(house)["soc_source"] == "counted"
    assert shown(house)["soc_told_at"] == sent_at
    assert house.value("number.garage_state_of_charge") == shown(house)["soc"]
    await draw(house, 10_000, during=HOUR + 15 * MINUTE)
    assert house.state("sensor.garage_status").state == "finished"


async def test_old_reports_are_not_used(house: House) -> None:
    await at_home(house, 85)
    sleep(house)
    await house.async_advance(14 * HOUR)
    await house.async_plug_in("garage")
    assert shown(house)["soc"] is None
    assert shown(house)["soc_source"] == "none"
    assert "The car's state of charge is from 14 hours ago." in shown(house)["reason"]
    # The car would be taken to have enough.
    assert planned_kwh(house) == pytest.approx(20, abs=0.2)
    assert house.value("number.garage_energy_to_add") == 20
    assert house.state("number.garage_state_of_charge").state == "unknown"

    house.set_soc("zoe", 70)
    await house.async_settle()
    assert shown(house)["soc"] == 70
    assert planned_kwh(house) == pytest.approx(5, abs=0.2)
    assert house.state("number.garage_energy_to_add").state == "unavailable"
    assert "hours ago" not in shown(house)["reason"]


async def test_what_is_not_trusted_may_still_show_that_more_is_missing(house: House) -> None:
    await at_home(house, 10)
    sleep(house)
    await house.async_advance(14 * HOUR)
    await house.async_plug_in("garage")
    assert planned_kwh(house) == pytest.approx(35, abs=0.2)


async def test_age_at_which_it_is_not_used_can_be_set(house: House) -> None:
    await at_home(house, 60, soc_old_after=72)
    sleep(house)
    await house.async_advance(60 * HOUR)
    await house.async_plug_in("garage")
    assert shown(house)["soc"] == 60
    await house.async_unplug("garage")
    await house.async_advance(13 * HOUR)
    await house.async_plug_in("garage")
    assert shown(house)["soc"] is None


async def test_reports_from_before_a_drive_are_not_used(house: House) -> None:
    await at_home(house, 79)
    await house.async_plug_in("garage")
    sleep(house)
    await house.async_unplug("garage")
    await house.async_advance(2 * HOUR)
    await house.async_plug_in("garage")
    assert shown(house)["soc"] is None
    assert "has not reported its state of charge since it was away" in shown(house)["reason"]
    assert planned_kwh(house) == pytest.approx(20, abs=0.2)
    # It wakes up, and tells that it has been far away.
    house.set_soc("zoe", 23)
    await house.async_settle()
    assert (shown(house)["soc"], shown(house)["soc_source"]) == (23, "told")


async def test_reports_while_it_is_away_are_used(house: House) -> None:
    await at_home(house, 79)
    await house.async_plug_in("garage")
    await house.async_unplug("garage")
    await house.async_advance(2 * HOUR)
    house.set_soc("zoe", 31)
    await house.async_settle()
    sleep(house)
    await house.async_advance(HOUR)
    await house.async_plug_in("garage")
    assert shown(house)["soc"] == 31


async def test_what_is_only_repeated_after_a_pause_is_no_news(house: House) -> None:
    """As after a restart, when an integration shows what it knew."""
    await at_home(house, 79)
    sleep(house)
    await house.async_advance(14 * HOUR)
    house.set_soc("zoe", 79)
    await house.async_plug_in("garage")
    assert shown(house)["soc"] is None
    # One that is asked again and again does tell.
    await house.async_advance(5 * MINUTE)
    house.set_soc("zoe", 79)
    await house.async_advance(5 * MINUTE)
    assert shown(house)["soc"] == 79


async def test_cloud_that_repeats_what_it_heard_hours_ago_is_found_out(house: House) -> None:
    heard = "sensor.zoe_last_activity"
    house.hass.states.async_set(heard, dt_util.utcnow().isoformat())
    await at_home(house, 79, soc_time_entity=heard)
    await house.async_plug_in("garage")
    assert shown(house)["soc"] == 79
    await house.async_unplug("garage")
    for _ in range(4):
        await house.async_advance(30 * MINUTE)
        house.set_soc("zoe", 79)
    await house.async_plug_in("garage")
    assert shown(house)["soc"] is None
    assert "has not reported its state of charge since it was away" in shown(house)["reason"]
    house.hass.states.async_set(heard, dt_util.utcnow().isoformat())
    house.set_soc("zoe", 33)
    await house.async_settle()
    assert shown(house)["soc"] == 33
    # Now and then it still shows what it knew before.
    house.hass.states.async_set(heard, (dt_util.utcnow() - 3 * HOUR).isoformat())
    house.set_soc("zoe", 79)
    for _ in range(4):
        await house.async_advance(10 * MINUTE)
        assert shown(house)["soc"] == 33


async def test_a_moment_without_plug_changes_nothing(house: House) -> None:
    await at_home(house)
    await house.async_plug_in("garage")
    sleep(house)
    await draw(house, 10_000, during=HOUR)
    await draw(house, 0)
    before = shown(house)["soc"]
    await house.async_unplug("garage")
    await house.async_advance(5 * MINUTE)
    await house.async_plug_in("garage")
    assert shown(house)["soc"] == pytest.approx(before)
    assert before == pytest.approx(58, abs=NEAR)


async def test_all_of_it_survives_a_restart(house: House) -> None:
    await at_home(house)
    await house.async_plug_in("garage")
    sleep(house)
    await draw(house, 10_000, during=HOUR)
    before = shown(house)
    await house.hass.config_entries.async_reload("site")
    house.set_soc("zoe", 40)
    await house.async_settle()
    assert shown(house)["soc"] == pytest.approx(before["soc"], abs=NEAR)
    assert shown(house)["soc_told_at"] == before["soc_told_at"]


# Wrong


async def test_zero_does_not_start_a_car_that_is_ready(house: House) -> None:
    await at_home(house, 80)
    await house.async_plug_in("garage")
    assert house.state("sensor.garage_status").state == "finished"
    await enter(house, "charge_at_once_up_to", 30)
    house.set_soc("zoe", 0)
    for _ in range(12):
        await house.async_advance(5 * MINUTE)
        assert house.garage_kw == 0
    assert shown(house)["soc"] == 80
    assert (
        "The car reports 0 %, which is not plausible: using 80 % instead." in shown(house)["reason"]
    )
    house.set_soc("zoe", 80)
    await house.async_advance(5 * MINUTE)
    assert house.garage_kw == 0
    assert "cannot be" not in shown(house)["reason"]


async def test_hundred_does_not_stop_a_car_that_needs_more(house: House) -> None:
    await at_home(house)
    await house.async_plug_in("garage")
    await draw(house, 10_000, during=15 * MINUTE)
    assert house.garage_kw > 4
    house.set_soc("zoe", 100)
    await house.async_settle()
    await house.async_advance(10 * MINUTE)
    assert house.garage_kw > 4
    house.set_soc("zoe", 48)
    await house.async_advance(10 * MINUTE)
    assert house.garage_kw > 4
    assert shown(house)["soc"] == pytest.approx(50, abs=2)


@pytest.mark.parametrize(("told", "then"), [(75, 75), (60, 58)])
async def test_what_persists_or_moves_on_is_believed(
    house: House, told: float, then: float
) -> None:
    await at_home(house)
    await house.async_plug_in("garage")
    house.set_soc("zoe", told)
    await house.async_settle()
    assert shown(house)["soc"] == 40
    if then != told:
        house.set_soc("zoe", then)
    else:
        await house.async_advance(10 * MINUTE)
        assert shown(house)["soc"] == 40
        await house.async_advance(5 * MINUTE)
    await house.async_settle()
    assert shown(house)["soc"] == then


async def test_charger_that_says_the_car_is_done_bears_it_out(house: House) -> None:
    await at_home(house)
    await house.async_plug_in("garage")
    await house.async_advance(6 * MINUTE)
    await house.async_advance(6 * MINUTE)
    house.set_soc("zoe", 95)
    await house.async_select("input_select.garage_status", "completed")
    assert shown(house)["soc"] == 95


async def test_first_report_of_a_car_may_not_be_zero(house: House) -> None:
    await at_home(house, 0)
    await house.async_plug_in("garage")
    assert shown(house)["soc"] is None
    await house.async_advance(20 * MINUTE)
    # It goes on to say so, and there is nothing to set against it.
    assert shown(house)["soc"] == 0


async def test_car_that_was_nearly_empty_may_be_empty(house: House) -> None:
    await at_home(house, 4)
    house.set_soc("zoe", 0)
    await house.async_plug_in("garage")
    assert shown(house)["soc"] == 0


# Entered by the user


async def test_car_without_sensor_gets_the_energy_to_add_until_something_is_entered(
    house: House,
) -> None:
    await at_home(house, soc_entity=None)
    await house.async_plug_in("garage")
    assert planned_kwh(house) == pytest.approx(20, abs=0.2)
    assert "The car's state of charge is not known." in shown(house)["reason"]

    await enter(house, "state_of_charge", 50)
    assert (shown(house)["soc"], shown(house)["soc_source"]) == (50, "typed")
    assert planned_kwh(house) == pytest.approx(15, abs=0.2)
    assert house.state("number.garage_energy_to_add").state == "unavailable"
    await draw(house, 10_000, during=HOUR)
    assert shown(house)["soc"] == pytest.approx(68, abs=NEAR)
    assert shown(house)["soc_source"] == "counted"

    await draw(house, 0)
    await house.async_unplug("garage")
    await house.async_plug_in("garage")
    assert shown(house)["soc"] is None
    assert planned_kwh(house) == pytest.approx(20, abs=0.2)


async def test_what_is_entered_counts_from_then_on(house: House) -> None:
    """Not from plug-in: what was drawn before is in it."""
    await at_home(house, soc_entity=None)
    await house.async_plug_in("garage")
    await draw(house, 10_000, during=HOUR)
    await enter(house, "state_of_charge", 50)
    assert shown(house)["soc"] == pytest.approx(50, abs=NEAR)


async def test_what_is_entered_before_the_car_is_plugged_in_counts(house: House) -> None:
    await at_home(house, soc_entity=None)
    await enter(house, "state_of_charge", 50)
    await house.async_plug_in("garage")
    assert shown(house)["soc"] == 50
    await house.hass.config_entries.async_reload("site")
    await house.async_settle()
    assert shown(house)["soc"] == 50


async def test_what_was_entered_long_before_is_of_another_trip(house: House) -> None:
    await at_home(house, soc_entity=None)
    await enter(house, "state_of_charge", 50)
    await house.async_advance(2 * HOUR)
    await house.async_plug_in("garage")
    assert shown(house)["soc"] is None


async def test_sensor_beats_what_was_entered_only_by_news(house: House) -> None:
    await at_home(house, 40)
    await house.async_plug_in("garage")
    await enter(house, "state_of_charge", 60)
    house.set_soc("zoe", 40)
    await house.async_advance(20 * MINUTE)
    assert (shown(house)["soc"], shown(house)["soc_source"]) == (60, "typed")
    house.set_soc("zoe", 45)
    await house.async_settle()
    assert (shown(house)["soc"], shown(house)["soc_source"]) == (45, "told")


async def test_what_is_entered_against_a_wrong_sensor_stays(house: House) -> None:
    await at_home(house, 40)
    await house.async_plug_in("garage")
    house.set_soc("zoe", 100)
    await house.async_settle()
    await enter(house, "state_of_charge", 55)
    for _ in range(6):
        house.set_soc("zoe", 100)
        await house.async_advance(5 * MINUTE)
    assert shown(house)["soc"] == 55


async def test_state_of_charge_is_none_of_a_guest(house: House) -> None:
    await at_home(house)
    await house.async_select("select.garage_vehicle", "guest")
    assert house.state("number.garage_state_of_charge").state == "unavailable"
    await house.async_select("select.garage_vehicle", "Zoe")
    assert house.value("number.garage_state_of_charge") == 40
