"""Limits: between kW and what a number entity accepts, never above what was meant."""

from homeassistant.core import State
from hypothesis import given, strategies as st
import pytest

from custom_components.optivgi.bindings.chargers.limit import LimitEntity

STEPS = {"A": (0.1, 0.5, 1), "mA": (100, 1000), "W": (1, 10, 100, 230), "kW": (0.1, 0.5, 1)}
RANGES = {
    "A": ((0, 32), (6, 16), (6, 32), (-32, 32), (6.1, 32.2)),
    "mA": ((0, 32000), (6000, 16000)),
    "W": ((0, 11000), (1380, 22080), (0, 3680)),
    "kW": ((0, 11), (4.2, 22), (1.4, 7.4)),
}


def limit(
    unit: str | None, minimum: float, maximum: float, step: float = 1, value: str = "10"
) -> State:
    """Return the state of a number."""
    attributes = {"min": minimum, "max": maximum, "step": step}
    if unit is not None:
        attributes["unit_of_measurement"] = unit  # type: ignore[assignment]
    return State("number.limit", value, attributes)


def read(state: State, assumed_unit: str | None = None) -> LimitEntity:
    """Read a number that has to be understood."""
    entity = LimitEntity.from_state(state, assumed_unit)
    assert entity is not None
    return entity


@st.composite
def entities(draw: st.DrawFn) -> LimitEntity:
    """Build any limit entity that a charger may have."""
    unit = draw(st.sampled_from(sorted(STEPS)))
    minimum, maximum = draw(st.sampled_from(RANGES[unit]))
    step = draw(st.sampled_from(STEPS[unit]))
    return LimitEntity(unit=unit, minimum=minimum, maximum=maximum, step=step, value=None)


@given(
    entity=entities(),
    power_kw=st.floats(0, 25),
    phases=st.sampled_from([1, 2, 3]),
    voltage=st.sampled_from([120, 230, 240]),
)
def test_value_to_write_is_never_above_the_limit(
    entity: LimitEntity, power_kw: float, phases: int, voltage: float
) -> None:
    """It is 0, or between the bounds, on a step, and no step below what would have been right."""
    value = entity.from_kw(power_kw, phases=phases, voltage=voltage)
    least = max(0.0, entity.minimum)
    step_kw = entity.to_kw(entity.step, phases=phases, voltage=voltage)
    written_kw = entity.to_kw(value, phases=phases, voltage=voltage)
    assert written_kw <= power_kw + 1e-5 * step_kw
    if value == 0:
        assert power_kw < entity.to_kw(least, phases=phases, voltage=voltage) + step_kw
        return
    assert least <= value <= entity.maximum
    steps = (value - least) / entity.step
    assert steps == pytest.approx(round(steps), abs=1e-4)
    if value + entity.step <= entity.maximum:
        assert written_kw + step_kw > power_kw - 1e-5 * step_kw


@given(entity=entities(), phases=st.sampled_from([1, 2, 3]), data=st.data())
def test_what_stands_in_a_charger_is_written_again_as_it_is(
    entity: LimitEntity, phases: int, data: st.DataObject
) -> None:
    least = max(0.0, entity.minimum)
    steps = data.draw(st.integers(0, int((entity.maximum - least) / entity.step)))
    value = round(least + steps * entity.step, 6)
    power_kw = entity.to_kw(value, phases=phases, voltage=230)
    assert entity.from_kw(power_kw, phases=phases, voltage=230) == pytest.approx(value)


@pytest.mark.parametrize(
    ("unit", "value", "phases", "power_kw"),
    [
        ("A", 16, 3, 11.04),
        ("A", 16, 1, 3.68),
        ("mA", 6000, 3, 4.14),
        ("W", 11000, 3, 11),
        ("W", 11000, 1, 11),
        ("kW", 7.4, 1, 7.4),
    ],
)
def test_units(unit: str, value: float, phases: int, power_kw: float) -> None:
    """A limit in A holds for each phase, one in W or kW for all together."""
    entity = read(limit(unit, 0, 100_000, 0.1))
    assert entity.to_kw(value, phases=phases, voltage=230) == pytest.approx(power_kw)
    assert entity.from_kw(power_kw, phases=phases, voltage=230) == pytest.approx(value)


def test_bounds_and_value_are_read() -> None:
    entity = read(limit("A", 6, 16, 2, "12"))
    assert (entity.minimum, entity.maximum, entity.step, entity.value) == (6, 16, 2, 12)
    assert not entity.accepts_zero
    assert read(limit("A", 0, 16)).accepts_zero
    assert read(limit("A", -16, 16)).accepts_zero
    assert read(limit("A", 0, 16, value="unknown")).value is None


def test_number_that_tells_no_bounds_has_those_of_home_assistant() -> None:
    entity = read(State("number.limit", "5", {"unit_of_measurement": "A"}))
    assert (entity.minimum, entity.maximum, entity.step) == (0, 100, 1)


def test_unit_is_assumed_only_where_there_is_none() -> None:
    assert read(limit(None, 6, 16), "A").unit == "A"
    assert read(limit("W", 0, 11000), "A").unit == "W"
    assert LimitEntity.from_state(limit(None, 6, 16), None) is None
    assert LimitEntity.from_state(limit("%", 0, 100), "A") is None


def test_less_than_the_minimum_is_none_at_all() -> None:
    entity = read(limit("A", 6, 16))
    assert entity.from_kw(4.13, phases=3, voltage=230) == 0
    assert entity.from_kw(4.14, phases=3, voltage=230) == 6
    assert entity.from_kw(100, phases=3, voltage=230) == 16
