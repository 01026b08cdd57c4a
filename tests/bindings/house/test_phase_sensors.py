"""Phases: their signs, and what chargers draw from them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
import math

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from hypothesis import given, strategies as st
import pytest

from custom_components.optivgi.bindings.house.habit import MeterHabit
from custom_components.optivgi.bindings.house.phases import PhaseMeter, signed_kw
from custom_components.optivgi.bindings.house.power_sensor import PowerSensor
from custom_components.optivgi.scheduler.allocation import Load
from custom_components.optivgi.scheduler.model import PHASES

NOW = datetime(2026, 11, 20, 19, tzinfo=dt_util.UTC)
ENTITIES = ("sensor.l1", "sensor.l2", "sensor.l3")


def show(hass: HomeAssistant, values: Sequence[float], unit: str) -> None:
    for entity_id, value in zip(ENTITIES, values, strict=True):
        hass.states.async_set(entity_id, str(value), {"unit_of_measurement": unit})


def meter(hass: HomeAssistant, *, counts_chargers: bool = True) -> PhaseMeter:
    sensors = [PowerSensor(hass, entity, MeterHabit(), voltage=230) for entity in ENTITIES]
    phases = PhaseMeter(sensors, counts_chargers=counts_chargers)
    phases.observe((), NOW)
    return phases


@pytest.mark.parametrize(
    ("values", "unit"),
    [((10, 2, 0), "A"), ((10_000, 2_000, 0), "mA"), ((2300, 460, 0), "W"), ((2.3, 0.46, 0), "kW")],
)
async def test_units(hass: HomeAssistant, values: Sequence[float], unit: str) -> None:
    show(hass, values, unit)
    assert list(meter(hass).base_loads_kw((), NOW).values()) == pytest.approx([2.3, 0.46, 0])
    assert meter(hass).raw_total_kw == pytest.approx(2.76)


async def test_chargers_are_taken_off_the_phases_that_they_use(hass: HomeAssistant) -> None:
    show(hass, (6, 3, 3), "kW")
    chargers = [Load(6.0, PHASES), Load(2.0, PHASES[:1])]
    assert list(meter(hass).base_loads_kw(chargers, NOW).values()) == pytest.approx([2, 1, 1])
    house = meter(hass, counts_chargers=False)
    assert list(house.base_loads_kw(chargers, NOW).values()) == [6, 3, 3]


async def test_a_phase_without_reports_is_silent(hass: HomeAssistant) -> None:
    show(hass, (6, 3, 3), "kW")
    hass.states.async_set("sensor.l2", "unknown")
    hass.states.async_set("sensor.l3", "3", {"unit_of_measurement": "%"})
    phases = meter(hass)
    assert phases.base_loads_kw((), NOW) == {"L1": 6, "L2": None, "L3": None}
    assert phases.silent == {"L2", "L3"}
    assert phases.raw_total_kw is None


async def test_each_phase_has_a_habit_of_its_own(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(NOW)
    phases = meter(hass)
    show(hass, (6, 3, 3), "kW")
    at = NOW
    for _ in range(12):
        phases.sensors["L1"].note_report(at)
        at += timedelta(seconds=10)
    phases.observe((), at)
    assert phases.silent == frozenset()
    for _ in range(4):
        at += timedelta(seconds=10)
        phases.observe((), at)
    assert phases.silent == {"L1"}


kilowatts = st.floats(0, 12)


@given(st.tuples(*(st.floats(-12, 12),) * 3))
def test_currents_without_a_sign_never_make_a_phase_seem_emptier_than_it_is(
    really: tuple[float, float, float],
) -> None:
    """By more than meters that are read at different moments are apart anyway."""
    total = math.fsum(really)
    told = signed_kw([abs(kw) for kw in really], total)
    tolerance = max(0.2, 0.05 * abs(total))
    assert all(seen >= kw - tolerance for seen, kw in zip(told, really, strict=True))


@given(st.tuples(kilowatts, kilowatts, kilowatts))
def test_an_export_on_all_phases_is_seen(exported: tuple[float, float, float]) -> None:
    told = signed_kw(exported, -math.fsum(exported))
    assert told == tuple(-kw if math.fsum(exported) else kw for kw in exported)


def test_signs_that_are_told_are_believed() -> None:
    assert signed_kw((-3, 1, 1), -1) == (-3, 1, 1)
    assert signed_kw((3, 1, 1), None) == (3, 1, 1)
    assert signed_kw((3, 1, 1), 5) == (3, 1, 1)
