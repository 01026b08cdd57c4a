"""Circuits: chargers on a fuse of their own are planned within it, and held to it live."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
import pytest
from tests.house import (
    CARPORT_DATA,
    GARAGE_DATA,
    GRID,
    VEHICLES,
    House,
    charger_of,
    subentry,
)

SHED: Final = "sensor.shed_power"
FUSE_KW: Final = 20 * 0.69
TICK: Final = timedelta(seconds=11)
MINUTE: Final = timedelta(minutes=1)
METERED: Final[Mapping[str, Any]] = {
    "fuse_a": 20,
    "power_entity": SHED,
    "even_phases": True,
}
# The connection itself carries both chargers at full power.
WIDE: Final[Mapping[str, Any]] = {"fuse_a": 63}


def shed(**data: Any) -> tuple[ConfigSubentryDataWithId, ...]:
    """Return a house whose two chargers hang on one circuit of 20 A, or on what is given."""
    return (
        subentry("shed", "circuit", "Shed", data or {"fuse_a": 20}),
        subentry("garage", "charger", "Garage", {**GARAGE_DATA, "circuit": "shed"}),
        subentry("carport", "charger", "Carport", {**CARPORT_DATA, "circuit": "shed"}),
        *VEHICLES,
    )


async def async_both_now(house: House) -> None:
    """Let both chargers charge at once."""
    for charger in ("garage", "carport"):
        await house.async_plug_in(charger)
        await house.async_select(f"select.{charger}_mode", "now")
    await house.async_advance(MINUTE)


def report(house: House, others_kw: float = 0.0) -> None:
    """Let all meters show what the cars draw, with other consumers in the shed."""
    house.set_power("sensor.garage_power", house.garage_kw * 1000)
    house.set_power("sensor.carport_power", house.carport_kw * 1000)
    assert house.entry is not None
    on_shed_kw = others_kw + sum(
        getattr(house, f"{charger}_kw")
        for charger in ("garage", "carport")
        if "circuit" in house.entry.subentries[charger].data
    )
    house.set_power(SHED, on_shed_kw * 1000)
    house.set_power(GRID, (house.garage_kw + house.carport_kw + others_kw + 0.5) * 1000)


async def async_follow(house: House, others_kw: float, ticks: int = 3) -> None:
    """Let some time pass in which the cars follow and all meters report."""
    for _ in range(ticks):
        report(house, others_kw)
        await house.async_advance(TICK)


@pytest.mark.parametrize("data", [{"fuse_a": 20}, {"limit_kw": FUSE_KW}])
async def test_plan_never_exceeds_the_circuit_of_two_chargers(
    house: House, data: dict[str, Any]
) -> None:
    house.set_hourly_prices([0.30] * 24 + [0.10] * 4 + [0.30] * 20)
    await house.async_set_up_site(*shed(**data), data=WIDE)
    for charger in ("garage", "carport"):
        await house.async_plug_in(charger)
    schedule = await house.async_schedule()
    planned = [
        [step["limit_kw"] for step in charger_of(schedule, name)["plan"]]
        for name in ("Garage", "Carport")
    ]
    together = [sum(powers) for powers in zip(*planned, strict=True)]
    assert max(together) <= FUSE_KW + 0.01
    assert max(together) > 11.1, "both charge in the cheap hours"


async def test_charger_on_a_circuit_within_another_keeps_to_both(house: House) -> None:
    inner = subentry("wall", "circuit", "Wall", {"fuse_a": 8, "circuit": "shed"})
    outer, garage, carport, *cars = shed(fuse_a=18)
    garage["data"] = {**garage["data"], "circuit": "wall"}
    await house.async_set_up_site(inner, outer, garage, carport, *cars, data=WIDE)
    await async_both_now(house)
    assert house.garage_kw == pytest.approx(8 * 0.69)
    assert house.garage_kw + house.carport_kw <= 18 * 0.69 + 0.01
    assert house.carport_kw == pytest.approx(10 * 0.69, abs=0.02)


async def test_chargers_share_a_circuit_without_a_meter(house: House) -> None:
    await house.async_set_up_site(*shed(), data=WIDE)
    await async_both_now(house)
    assert 13 < house.garage_kw + house.carport_kw <= FUSE_KW + 0.01


async def test_chargers_give_way_to_what_else_the_circuit_carries(house: House) -> None:
    house.set_power(SHED, 0)
    await house.async_set_up_site(*shed(**METERED), data=WIDE)
    await async_both_now(house)
    await async_follow(house, 0.0)
    before_kw = house.garage_kw + house.carport_kw
    assert before_kw > 13
    report(house, 3.0)
    await house.hass.async_block_till_done()
    assert house.garage_kw + house.carport_kw <= FUSE_KW - 3.0 + 0.01
    assert house.garage_kw + house.carport_kw > 8


async def test_silent_meter_of_a_circuit_means_min_current_there_and_nowhere_else(
    hass: HomeAssistant, house: House
) -> None:
    house.set_power(SHED, 0)
    subentries = list(shed(**METERED))
    subentries[2] = subentry("carport", "charger", "Carport", CARPORT_DATA)
    await house.async_set_up_site(*subentries, data=WIDE)
    await async_both_now(house)
    await async_follow(house, 0.0)
    assert house.garage_kw > 10
    hass.states.async_set(SHED, "unavailable")
    for _ in range(5):
        await house.async_advance(TICK)
    assert house.garage_kw == pytest.approx(6 * 0.69)
    assert house.carport_kw > 10
    reason = charger_of(await house.async_schedule(), "Garage")["reason"]
    assert SHED in reason


async def test_what_is_waited_for_is_called_by_its_name(house: House) -> None:
    house.set_hourly_prices([0.30] * 48)
    house.set_soc("leaf", 20)
    await house.async_set_up_site(*shed(fuse_a=7), data=WIDE)
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    await house.async_plug_in("carport")
    reason = charger_of(await house.async_schedule(), "Carport")["reason"]
    assert "Shed" in reason
