"""Who comes back after an outage is commanded at once, and judged by what it shows from then on."""

from datetime import timedelta

from demo.custom_components.ocpp.charge_point import ChargePoint
import pytest

from .bench import FAST_KW
from .home import Home, allowed_kw

SECOND = timedelta(seconds=1)


async def async_charging(home: Home) -> ChargePoint:
    """Return a charge point at which a car charges as fast as it can."""
    cp = await home.async_start("1.6")
    await home.async_plug_in(cp)
    await home.house.async_select("select.box_mode", "now")
    await home.async_pass(20)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    return cp


async def async_reboot(home: Home, charge_point: ChargePoint) -> None:
    """Let a charge point lose its connection, its profiles, and come back."""
    await home.bench.async_lose(charge_point)
    charge_point.hardware.store.profiles.clear()
    await charge_point.async_connect(home.bench.central.port)
    await home.hass.async_block_till_done(wait_background_tasks=True)


async def test_charger_that_comes_back_is_commanded_at_once(home: Home) -> None:
    cp = await async_charging(home)
    home.house_w = 9_000
    await home.async_pass()
    assert cp.hardware.limit_a() == 11
    # Just after it was written,
    await async_reboot(home, cp)
    await home.async_pass(every=SECOND)
    assert cp.hardware.limit_a() == 11
    # and once more.
    await async_reboot(home, cp)
    await home.async_pass(every=SECOND)
    assert cp.hardware.limit_a() == 11


async def test_decrease_of_an_outage_is_made_up_for_at_once(home: Home) -> None:
    cp = await async_charging(home)
    await home.bench.async_lose(cp)
    home.house_w = 9_000
    await home.async_pass(3)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    await cp.async_connect(home.bench.central.port)
    await home.async_pass(every=SECOND)
    # What it took meanwhile was beyond its command, and may have taken that down to nothing.
    assert cp.hardware.limit_a() <= 11


async def test_two_reboots_are_no_reason_to_give_up(home: Home) -> None:
    cp = await async_charging(home)
    for house_w in (9_000, 10_000):
        # It takes the command for less, and forgets it: the old limit shows meanwhile.
        home.house_w = house_w
        await home.async_pass()
        cp.hardware.store.profiles.clear()
        await home.async_pass(14)
        await async_reboot(home, cp)
    await home.async_pass(12)
    assert home.attributes()["profile"] == "confirmed"
    assert home.issues == set()
