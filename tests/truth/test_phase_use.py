"""From which phase a one-phase car draws shows at the sensors of the phases."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest
from tests.house import GRID, House

from custom_components.optivgi.scheduler.model import PHASES, Phase
from custom_components.optivgi.truth.phase_use import PhaseUse

BEGIN = datetime(2026, 11, 20, 19, tzinfo=UTC)
SENSORS = {f"l{number}_entity": f"sensor.grid_l{number}" for number in (1, 2, 3)}


@given(
    own=st.sampled_from(PHASES),
    house_kw=st.lists(st.tuples(*[st.floats(0, 1.2)] * 3), min_size=4, max_size=20),
)
def test_the_phase_that_carries_the_car_is_found(
    own: Phase, house_kw: list[tuple[float, float, float]]
) -> None:
    use = PhaseUse()
    for loads in house_kw:
        carried = dict(zip(PHASES, loads, strict=True))
        carried[own] += 3.5
        use.note(3.5, 1, carried)
    assert use.phases == (own,)


def test_a_load_of_the_house_that_is_as_large_hides_it_only_while_it_lasts() -> None:
    use = PhaseUse()
    for _ in range(10):
        use.note(3.5, 1, {"L1": 3.8, "L2": 3.9, "L3": 0.2})
    assert use.phases == ()
    for _ in range(4):
        use.note(3.5, 1, {"L1": 3.8, "L2": 0.4, "L3": 0.2})
    assert use.phases == ("L1",)


@pytest.mark.parametrize("own", [("L2",), ("L1", "L3")])
def test_three_reports_that_say_the_same_are_needed(own: tuple[Phase, ...]) -> None:
    use = PhaseUse()
    drawn_kw = 3.5 * len(own)
    for _ in range(5):
        use.note(drawn_kw, len(own), {"L1": 3.8, "L2": 3.9, "L3": 4.0})
    clear = {phase: 3.8 if phase in own else 0.3 for phase in PHASES}
    for known in ((), (), own):
        use.note(drawn_kw, len(own), clear)
        assert use.phases == known
    # Of what is hardly anything, meters say nothing.
    use.note(0.9 * len(own), len(own), dict.fromkeys(PHASES, 0.2))
    assert use.phases == own


def test_one_of_two_phases_that_was_another_is_found() -> None:
    use = PhaseUse()
    wires: tuple[tuple[Phase, ...], ...] = (("L1", "L2"), ("L1", "L3"))
    for own in wires:
        for _ in range(4):
            use.note(7.0, 2, {phase: 3.8 if phase in own else 0.3 for phase in PHASES})
        assert use.phases == own


def test_what_contradicts_it_makes_it_begin_anew() -> None:
    use = PhaseUse()
    for _ in range(4):
        use.note(3.5, 1, {"L1": 3.8, "L2": 0.4, "L3": 0.2})
    use.note(3.5, 1, {"L1": 0.1, "L2": 0.4, "L3": 3.7})
    assert use.phases == ()


@pytest.mark.parametrize("own", [0, 1, 2])
async def test_a_car_on_one_phase_gets_what_that_phase_leaves(house: House, own: int) -> None:
    """The fuse is 16 A, the house takes 1 A of each phase: 15 A are left."""
    await house.async_set_up_site(data={**SENSORS, "fuse_a": 16})
    house.set_soc("zoe", 20)
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    highest_a = 0.0
    for step in range(90):
        car_kw = house.garage_kw / 3
        loads = [0.23 + car_kw if phase == own else 0.23 for phase in range(3)]
        highest_a = max(highest_a, loads[own] / 0.23)
        await house.async_select(
            "input_select.garage_status", "charging" if car_kw else "awaiting_start"
        )
        house.set_power("sensor.garage_power", 1000 * car_kw + step % 2)
        house.set_power(GRID, 1000 * sum(loads) + step % 2)
        for phase in range(3):
            house.set_power(f"sensor.grid_l{phase + 1}", 1000 * loads[phase] + step % 2)
        await house.async_advance(timedelta(seconds=10))
    assert house.value("input_number.garage_limit") >= 14
    assert highest_a <= 16


@given(
    own=st.sampled_from(PHASES),
    house_kw=st.lists(st.tuples(*[st.floats(0, 1.2)] * 3), min_size=30, max_size=40),
)
def test_the_phase_of_an_unmeasured_car_is_found_beside_small_loads(
    own: Phase, house_kw: list[tuple[float, float, float]]
) -> None:
    use = PhaseUse()
    for report, loads in enumerate(house_kw):
        carried = dict(zip(PHASES, loads, strict=True))
        carried[own] += 2.3
        use.note_unmeasured(BEGIN + timedelta(seconds=10 * report), 1.38, carried)
    assert use.phases == (own,)


def test_an_unmeasured_car_that_draws_nothing_is_on_no_phase_for_long() -> None:
    use = PhaseUse()
    for minute in range(3):
        use.note_unmeasured(BEGIN + timedelta(minutes=minute), 1.38, dict.fromkeys(PHASES, 0.3))
        assert use.phases == ()
    for minute in range(3, 7):
        carried: dict[Phase, float] = {"L1": 0.3, "L2": 2.3, "L3": 0.3}
        use.note_unmeasured(BEGIN + timedelta(minutes=minute), 1.38, carried)
        assert use.phases == ()
    use.note_unmeasured(BEGIN + timedelta(minutes=7), 1.38, dict.fromkeys(PHASES, 0.3))
    assert use.phases == ()
    known = PhaseUse("L2")
    known.note_unmeasured(BEGIN, 1.38, {"L1": 0.3, "L2": 2.3, "L3": 0.3})
    assert known.phases == ("L2",)
    known.note_unmeasured(BEGIN, 1.38, {"L1": 2.0, "L2": 0.2, "L3": 0.3})
    assert known.phases == ()
