"""The number that limits a charger without profiles is checked, too."""

from dataclasses import replace

from demo.custom_components.ocpp.charge_point import ChargePoint
from demo.custom_components.ocpp.hardware import Car, Quirks
import pytest

from .bench import FAST_KW
from .home import Home, allowed_kw, install_foreign

AMPERES = frozenset({"Current.Offered", "Current.Import", "Power.Active.Import"})
WATTS = frozenset({"Power.Offered", "Power.Active.Import"})


def of_station(charge_point: ChargePoint) -> list[float]:
    """Return the limits that were written for the station."""
    return [
        raw["charging_schedule"]["charging_schedule_period"][0]["limit"]
        for raw in charge_point.received
        if raw["charging_profile_purpose"] == "ChargePointMaxProfile"
    ]


async def async_fall_back(
    home: Home, quirks: Quirks, *, since_012: bool = True, car: Car | None = None
) -> ChargePoint:
    """Return a charge point that refuses profiles in silence, with a car that is to charge."""
    cp = await home.async_start("1.6", quirks=quirks, since_012=since_012)
    cp.refuses_custom = True
    await home.async_plug_in(cp, car=car)
    await home.house.async_select("select.box_mode", "now")
    home.house_w = 9_000
    await home.async_pass(60)
    assert home.attributes()["profile"] == "failed"
    return cp


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_charger_that_measures_only_watts_is_read_back(home: Home, version: str) -> None:
    cp = await home.async_start(version, quirks=Quirks(measures=WATTS))
    await home.async_plug_in(cp)
    await home.async_pass(40)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    assert home.attributes()["profile"] == "confirmed"
    cp.hardware.quirks = replace(cp.hardware.quirks, ignores_profiles=True)
    home.house_w = 9_000
    await home.async_pass(60)
    assert home.attributes()["profile_problem"] == "allows_more"


@pytest.mark.parametrize("phases", [1, 3])
@pytest.mark.parametrize("since_012", [True, False])
@pytest.mark.parametrize("measures", [AMPERES, WATTS], ids=["A", "W"])
async def test_number_of_a_charger_in_watts_never_leaves_the_car_standing(
    home: Home, measures: frozenset[str], since_012: bool, phases: int
) -> None:
    """The integration writes the power of one phase, and the charger shares it between three."""
    quirks = Quirks(units=frozenset({"W"}), measures=measures)
    cp = await async_fall_back(home, quirks, since_012=since_012, car=Car(phases=phases))
    await home.async_pass(60)
    assert cp.hardware.status() == "Charging"
    # 32 is the most that the number takes.
    assert cp.hardware.limit_a() == pytest.approx(32 / 3)
    home.house_w = 12_500
    await home.async_pass(3)
    assert home.house_w / 1000 + sum(cp.hardware.drawn_a()) * 0.23 <= 17.25


@pytest.mark.parametrize("stations", [True, False])
@pytest.mark.parametrize("since_012", [True, False])
async def test_station_is_written_once(home: Home, since_012: bool, stations: bool) -> None:
    quirks = Quirks(station_profiles=stations)
    cp = await async_fall_back(home, quirks, since_012=since_012)
    assert cp.hardware.limit_a() == 11
    assert len(of_station(cp)) <= 1


async def test_number_that_limits_nothing_is_reported(home: Home) -> None:
    cp = await async_fall_back(home, Quirks(ignores_profiles=True))
    home.house_w = 500
    await home.async_pass(60)
    assert cp.hardware.limit_a() == 32
    assert home.issues == {"charging_profiles_fail_box", "charging_number_fails_box"}


async def test_pause_that_the_number_cannot_end_is_reported(home: Home) -> None:
    """A profile that somebody else has left there holds the car."""
    cp = await home.async_start("1.6")
    install_foreign(cp, 0.0)
    await home.async_plug_in(cp)
    await home.house.async_select("select.box_mode", "now")
    await home.async_pass(120)
    assert cp.hardware.status() == "SuspendedEVSE"
    assert home.issues == {"charging_profiles_fail_box", "charging_number_fails_box"}
