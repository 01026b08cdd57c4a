"""A charge point that charges on as many phases as its charging profile says."""

from demo.custom_components.ocpp.hardware import VOLTAGE, Quirks
import pytest

from .home import Home, charger_data

SWITCHES = Quirks(switches_phases=True)


def drawn(home: Home) -> list[float]:
    """Return what the car draws from each phase."""
    return [round(amperes) for amperes in home.bench.charge_points[0].hardware.drawn_a()]


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_phases_are_switched_by_the_profile_and_never_under_load(
    home: Home, version: str
) -> None:
    chargers = {"box": charger_data(ocpp_phases=True, phase_pause=30, phase_interval=60)}
    cp = await home.async_start(version, chargers=chargers, quirks=SWITCHES)
    await home.async_plug_in(cp)
    await home.house.async_select("select.box_mode", "now")
    await home.async_pass(12)
    assert drawn(home) == [16, 16, 16]
    assert cp.hardware.number_phases() == 3
    await home.house.async_select("select.box_phases", "one")
    seen = []
    for _ in range(30):
        before = drawn(home)[0]
        phases = cp.hardware.number_phases()
        await home.async_pass()
        if cp.hardware.number_phases() != phases:
            seen.append(before)
    assert seen == [0]
    assert drawn(home) == [16, 0, 0]
    assert home.house.state("select.box_phases").attributes["present"] == 1
    limit_kw = home.house.value("sensor.box_planned_limit")
    assert limit_kw == pytest.approx(16 * VOLTAGE / 1000)


async def test_charge_point_that_says_that_it_cannot_is_not_asked(home: Home) -> None:
    chargers = {"box": charger_data(ocpp_phases=True)}
    quirks = Quirks(switches_phases=False, says_so=True)
    cp = await home.async_start("1.6", chargers=chargers, quirks=quirks)
    await home.async_plug_in(cp)
    await home.house.async_select("select.box_mode", "now")
    await home.async_pass(12)
    await home.house.async_select("select.box_phases", "one")
    await home.async_pass(20)
    assert drawn(home) == [16, 16, 16]


async def test_charge_point_that_ignores_it_is_seen(home: Home) -> None:
    chargers = {"box": charger_data(ocpp_phases=True, phase_pause=30, phase_interval=60)}
    cp = await home.async_start("1.6", chargers=chargers)
    await home.async_plug_in(cp)
    await home.house.async_select("select.box_mode", "now")
    await home.async_pass(12)
    await home.house.async_select("select.box_phases", "one")
    await home.async_pass(40)
    assert "charger_does_not_switch_box" in home.issues
    assert home.house.state("select.box_phases").attributes["present"] == 3
