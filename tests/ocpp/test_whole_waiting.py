"""A charger that waits for another to let go says so, and is sent what comes later all the same."""

from datetime import timedelta

from demo.custom_components.ocpp.charge_point import ChargePoint
import pytest

from tests.house import GARAGE_DATA, subentry

from .bench import FAST_KW
from .home import Home, allowed_kw

SLOW = subentry("garage", "charger", "Garage", {**GARAGE_DATA, "min_interval": 600})
"""It is written every ten minutes, and until then nobody else gets its power."""
CHEAP_AT_NIGHT = [0.3] * 26 + [0.1] * 22


async def async_waiting(home: Home) -> ChargePoint:
    """Return a charge point that is to charge at once, when the garage has let go."""
    home.house.set_hourly_prices(CHEAP_AT_NIGHT)
    cp = await home.async_start("1.6", others=(SLOW,))
    await home.async_plug_in(cp)
    await home.house.async_plug_in("garage")
    await home.house.async_select("select.garage_mode", "now")
    await home.async_pass(12)
    assert allowed_kw(cp, home.bench.now + timedelta(minutes=20)) == 0
    await home.house.async_select("select.garage_mode", "smart")
    await home.house.async_select("select.box_mode", "now")
    await home.async_pass(2)
    assert home.house.garage_kw == pytest.approx(FAST_KW)
    assert allowed_kw(cp) == 0
    return cp


async def test_charger_that_waits_for_another_says_so(home: Home) -> None:
    await async_waiting(home)
    reason = "Other chargers leave too little power at the moment."
    assert await home.async_status() == ("waiting", reason)


async def test_what_comes_later_is_stored_while_another_has_not_let_go(home: Home) -> None:
    """Should nobody be there when the garage lets go, it charges by itself with what is left."""
    cp = await async_waiting(home)
    left_kw = 17.25 - 0.5 - FAST_KW
    assert allowed_kw(cp, home.bench.now + timedelta(minutes=20)) == pytest.approx(left_kw, abs=0.3)
