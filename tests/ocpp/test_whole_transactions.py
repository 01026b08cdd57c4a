"""Charge points that end transactions at 0 A, or that must be asked to start."""

from datetime import timedelta

from demo.custom_components.ocpp.hardware import Car, Quirks
import pytest

from .bench import FAST_KW
from .home import Home, allowed_kw, charger_data

VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
AT_NIGHT = [0.3] * 25 + [0.1] * 23
MINUTE = timedelta(minutes=1)


@VERSIONS
@pytest.mark.parametrize("finishing", [True, False])
async def test_transaction_that_ends_at_zero_is_started_when_due(
    home: Home, version: str, finishing: bool
) -> None:
    home.house.set_hourly_prices(AT_NIGHT)
    await home.async_start(version, quirks=Quirks(ends_at_zero=True, finishing=finishing))
    (cp,) = home.bench.charge_points
    await home.async_plug_in(cp)
    # Until one at night it is only learned that there is no transaction at 0 A.
    await home.async_pass(4 * 60 + 50, every=MINUTE)
    assert cp.hardware.status() != "Charging"
    assert cp.started <= 1
    await home.async_pass(15, every=MINUTE)
    assert cp.hardware.status() == "Charging"
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    assert cp.started <= 2
    assert home.issues == set()


async def test_transaction_that_its_person_ended_is_no_lesson(home: Home) -> None:
    """By whom it was ended is known; the next car begins before it may draw, as ever."""
    home.house.set_hourly_prices(AT_NIGHT)
    cp = await home.async_start("1.6", quirks=Quirks(waits_for_start=True))
    await home.async_plug_in(cp)
    await home.async_pass(6)
    assert cp.hardware.status() == "SuspendedEVSE"
    await cp.async_end(1, "Local")
    await home.async_pass(3)
    await cp.async_unplug()
    await home.async_pass(3)
    await home.async_plug_in(cp)
    await home.async_pass(6)
    assert cp.hardware.status() == "SuspendedEVSE"


@pytest.mark.parametrize("use", ["tx_default", "number"])
async def test_charger_that_does_not_start_is_asked_three_times_an_hour(
    home: Home, use: str
) -> None:
    chargers = {"box": charger_data(ocpp_profiles=use)}
    cp = await home.async_start("1.6", quirks=Quirks(waits_for_start=True), chargers=chargers)
    cp.may_start = False
    await home.async_plug_in(cp)
    await home.house.async_select("select.box_mode", "now")
    await home.async_pass(6 * 59)
    assert 1 <= cp.started <= 3
    # The next car is another matter.
    await cp.async_unplug()
    await home.async_pass(3)
    cp.may_start = True
    await home.async_plug_in(cp, car=Car(max_a=10))
    await home.async_pass(12)
    assert cp.hardware.status() == "Charging"


async def test_transaction_with_a_negative_id_gets_its_profile(home: Home) -> None:
    home.house.set_hourly_prices(AT_NIGHT)
    chargers = {"box": charger_data(ocpp_profiles="tx")}
    cp = await home.async_start("1.6", quirks=Quirks(negative_ids=True), chargers=chargers)
    await home.async_plug_in(cp)
    await home.async_pass(12)
    assert cp.hardware.limit_a() == 0
    assert home.attributes()["profile"] == "confirmed"


async def test_refusal_that_is_reported_leads_to_the_number_at_once(home: Home) -> None:
    cp = await home.async_start("2.0.1")
    cp.refuses_custom = True
    home.house_w = 9_000
    await home.async_plug_in(cp)
    await home.async_pass(2)
    assert home.attributes()["profile"] == "failed"
    assert cp.hardware.limit_a() == 11


@VERSIONS
@pytest.mark.parametrize("waits", [True, False])
async def test_mode_off_takes_the_night_back_within_seconds(
    home: Home, version: str, waits: bool
) -> None:
    home.house.set_hourly_prices(AT_NIGHT)
    cp = await home.async_start(version, quirks=Quirks(waits_for_start=waits))
    await home.async_plug_in(cp)
    await home.async_pass(6)
    at_night = home.bench.now.replace(hour=1, minute=10) + timedelta(days=1)
    assert allowed_kw(cp, at_night) == pytest.approx(FAST_KW)
    await home.house.async_select("select.box_mode", "off")
    assert allowed_kw(cp, at_night) == 0
