"""What a person can do about a charger that follows no profiles, or not only ours."""

from demo.custom_components.ocpp.charge_point import ChargePoint
import pytest

from tests.fixes import Fix, async_fix

from .bench import FAST_KW
from .home import Home, allowed_kw, charger_data, install_foreign

FOREIGN_A = 8.0
EXCEEDED, STANDS = "charging_profiles_exceeded", "charging_number_stands"
ELSEWHERE = "charging_limited_elsewhere"


async def async_charge(home: Home, charge_point: ChargePoint, looks: int) -> None:
    """Let a car charge at once."""
    await home.async_plug_in(charge_point)
    await home.house.async_select("select.box_mode", "now")
    await home.async_pass(looks)


async def async_limited(home: Home, version: str = "1.6", **charger: float) -> ChargePoint:
    """Return a charge point that somebody else limits, as was reported."""
    cp = await home.async_start(version, chargers={"box": charger_data(**charger)})
    install_foreign(cp, FOREIGN_A)
    await async_charge(home, cp, 80)
    assert home.issues == {"charging_limited_box"}
    assert cp.hardware.limit_a() == FOREIGN_A
    return cp


async def async_refused(home: Home) -> ChargePoint:
    """Return a charge point that refuses profiles in silence, as was reported."""
    cp = await home.async_start("1.6")
    cp.refuses_custom = True
    home.house_w = 9_000
    await async_charge(home, cp, 60)
    assert home.issues == {"charging_profiles_fail_box"}
    home.house_w = 500
    return cp


@pytest.mark.parametrize("cured", [True, False])
async def test_profiles_are_tried_again(home: Home, cured: bool) -> None:
    cp = await async_refused(home)
    cp.refuses_custom = not cured
    await async_fix(home.house, EXCEEDED, "again")
    home.house_w = 500 if cured else 9_000
    await home.async_pass(90)
    assert home.issues == (set() if cured else {"charging_profiles_fail_box"})
    assert home.attributes()["profile"] == ("confirmed" if cured else "failed")


async def test_only_the_number_is_used_from_now_on(home: Home) -> None:
    cp = await async_refused(home)
    await async_fix(home.house, EXCEEDED, "number")
    home.house_w = 9_000
    await home.async_pass(60)
    assert home.house.entry is not None
    assert home.house.entry.subentries["box"].data["ocpp_profiles"] == "number"
    assert "profile" not in home.attributes()
    assert cp.hardware.limit_a() == 11
    assert home.issues == set()


async def test_profile_of_somebody_else_is_removed(home: Home) -> None:
    cp = await async_limited(home)
    await async_fix(home.house, ELSEWHERE, "clear")
    await home.async_pass(60)
    assert all(stored.id >= 7000 for stored in cp.hardware.store.profiles)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    assert home.issues == set()


async def test_profiles_that_cannot_be_removed_leave_the_issue(home: Home) -> None:
    cp = await async_limited(home)
    fix = Fix(home.house, ELSEWHERE)
    await fix.async_begin()
    await home.bench.async_lose(cp)
    assert await fix.async_choose("clear") == "clear_failed"
    assert home.issues == {"charging_limited_box"}


async def test_what_the_charger_offers_becomes_its_max(home: Home) -> None:
    cp = await async_limited(home)
    await async_fix(home.house, ELSEWHERE, "max_current")
    await home.async_pass(90)
    assert home.house.entry is not None
    assert home.house.entry.subentries["box"].data["max_a"] == FOREIGN_A
    assert home.issues == set()
    assert cp.hardware.limit_a() == FOREIGN_A


async def test_limit_elsewhere_that_lasts_comes_back(home: Home) -> None:
    cp = await async_limited(home)
    await async_fix(home.house, ELSEWHERE, "again", lasts=True)
    await home.async_pass(2)
    assert home.issues == {"charging_limited_box"}
    cp.hardware.store.profiles[:] = [one for one in cp.hardware.store.profiles if one.id >= 7000]
    await home.async_pass(30)
    assert home.issues == set()


@pytest.mark.parametrize(
    ("version", "min_a", "hidden"), [("2.0.1", 6, "clear"), ("1.6", FOREIGN_A + 1, "max_current")]
)
async def test_what_cannot_be_done_is_not_offered(
    home: Home, version: str, min_a: float, hidden: str
) -> None:
    """The integration removes nobody's profiles of 2.0.1; less than the min current is no max."""
    await async_limited(home, version, min_a=min_a)
    fix = Fix(home.house, ELSEWHERE, hidden={hidden})
    assert await fix.async_begin() == "init"


async def test_pause_that_somebody_else_has_stored_is_removed(home: Home) -> None:
    cp = await home.async_start("1.6")
    install_foreign(cp, 0.0)
    await async_charge(home, cp, 120)
    assert home.issues == {"charging_profiles_fail_box", "charging_number_fails_box"}
    await async_fix(home.house, STANDS, "clear")
    await home.async_pass(60)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    assert home.attributes()["profile"] == "confirmed"
    assert "charging_profiles_fail_box" not in home.issues
