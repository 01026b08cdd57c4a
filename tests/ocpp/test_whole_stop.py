"""What Home Assistant leaves as it stops: a plan to who follows one, and what a person has set."""

from datetime import timedelta

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from .bench import FAST_KW
from .home import Home, allowed_kw


async def async_stop(home: Home) -> None:
    """Let Home Assistant stop."""
    home.hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await home.hass.async_block_till_done()


async def test_charger_that_charges_goes_on_with_the_plan(home: Home) -> None:
    cp = await home.async_start("1.6")
    await home.async_plug_in(cp)
    await home.async_pass(12)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    await async_stop(home)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    soon = home.bench.now + timedelta(hours=1)
    assert allowed_kw(cp, soon) == pytest.approx(FAST_KW)


async def test_charger_that_is_operated_by_hand_is_left_as_it_is(
    home: Home, hass_admin_user: MockUser
) -> None:
    cp = await home.async_start("1.6")
    await home.async_plug_in(cp)
    await home.async_pass(12)
    await home.async_set_by(hass_admin_user, "number.wallbox_1_maximum_current", 12)
    await home.async_pass(2)
    assert cp.hardware.limit_a() == 12
    await async_stop(home)
    assert cp.hardware.limit_a() == 12
