"""How well the fuse is protected, and what would improve that."""

from datetime import timedelta
from typing import Any

import pytest
from tests.control.test_phases import PER_PHASE, set_powers
from tests.house import CHARGERS, GARAGE_DATA, GRID, House, subentry

PROTECTION = "sensor.home_protection"


def grade(house: House) -> str:
    """Return what the sensor says."""
    return house.state(PROTECTION).state


def improve(house: House) -> str:
    """Return what would improve it."""
    return " ".join(house.state(PROTECTION).attributes["improve"])


async def report(house: House, every_s: int, reports: int = 14) -> None:
    """Let all sensors of the meter report by a clock."""
    for step in range(reports):
        set_powers(house, 200 + step % 7, 150 + step % 7, 150 + step % 7)
        house.set_power(GRID, 500 + step % 7)
        for _ in range(max(1, every_s // 10)):
            await house.async_advance(timedelta(seconds=min(10, every_s)))


@pytest.mark.parametrize(
    ("site", "every_s", "expected"),
    [
        (PER_PHASE, 10, "per_phase"),
        (PER_PHASE, 30, "per_phase_slow"),
        ({**PER_PHASE, "power_entity": None}, 10, "per_phase"),
        ({}, 5, "total"),
        ({}, 20, "total_slow"),
        ({"phases": "1"}, 10, "per_phase"),
        ({"power_entity": None, "base_load_kw": 0.5}, 10, "none"),
    ],
)
async def test_grades(house: House, site: dict[str, Any], every_s: int, expected: str) -> None:
    set_powers(house, 200, 150, 150)
    await house.async_set_up_site(*CHARGERS, data=site)
    assert grade(house) == ("none" if expected == "none" else "unproven")
    await report(house, every_s)
    assert grade(house) == expected
    assert bool(improve(house)) == (expected != "per_phase")


async def test_a_slow_total_says_what_it_costs(house: House) -> None:
    await house.async_set_up_site(subentry("garage", "charger", "Garage", GARAGE_DATA))
    await report(house, 60)
    house.set_power(GRID, 4500)
    await house.async_advance(timedelta(seconds=10))
    attributes = house.state(PROTECTION).attributes
    assert attributes["reports_every_s"] == 60
    assert attributes["silent_after_s"] == 180
    assert attributes["left_free_kw"] == pytest.approx(2, abs=0.01)
    assert "Pick a sensor for each phase: one may be full" in improve(house)
    assert "it reports every 60 s, and 2.0 kW are left free" in improve(house)


async def test_a_silent_meter_is_named(house: House) -> None:
    await house.async_set_up_site(subentry("garage", "charger", "Garage", GARAGE_DATA))
    await report(house, 10)
    for _ in range(5):
        await house.async_advance(timedelta(seconds=10))
    assert grade(house) == "silent"
    assert f"{GRID} shows nothing that counts." in improve(house)


async def test_a_charger_that_is_not_measured_is_named(house: House) -> None:
    data = {key: value for key, value in GARAGE_DATA.items() if key != "power_entity"}
    await house.async_set_up_site(subentry("garage", "charger", "Garage", data))
    assert "power sensor of Garage" in improve(house)


async def test_phases_that_nobody_knows_are_what_to_improve(house: House) -> None:
    await house.async_set_up_site(data={"even_phases": False})
    assert "Pick a sensor for each phase: without, all of the house load counts" in improve(house)
