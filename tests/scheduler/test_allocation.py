"""Fitting limits into what the connection carries: properties that hold for any claims."""

from dataclasses import replace
import math

from hypothesis import given, strategies as st
import pytest

from custom_components.optivgi.scheduler import PHASES, Phase
from custom_components.optivgi.scheduler.allocation import (
    PRESSED_H,
    Capacity,
    Claim,
    FreeRoom,
    Load,
    allocate,
)

PER_AMPERE = 0.23


@st.composite
def claims(draw: st.DrawFn) -> list[Claim]:
    """Return some chargers that want something or nothing."""
    result = []
    for index in range(draw(st.integers(0, 6))):
        phases: tuple[Phase, ...] = draw(st.sampled_from([("L1",), PHASES]))
        amperes = draw(st.one_of(st.just(0.0), st.floats(6, 32)))
        result.append(
            Claim(
                id=str(index),
                wanted_kw=amperes * len(phases) * PER_AMPERE,
                min_kw=6 * len(phases) * PER_AMPERE,
                phases=phases,
                circuits=draw(st.sampled_from([(), ("shed",), ("wall", "shed")])),
                urgency=draw(st.floats(-24, 24)),
            )
        )
    return result


each_phase = st.one_of(st.none(), st.floats(-2, 20))
circuits = st.builds(Capacity, total_kw=st.floats(-5, 40), phase_kw=each_phase)
capacities = st.builds(
    Capacity,
    total_kw=st.floats(-5, 60),
    phase_kw=each_phase,
    circuits=st.fixed_dictionaries({"shed": circuits, "wall": circuits}),
)


@given(claims(), capacities)
def test_limits_fit_and_only_reduce(wanted: list[Claim], capacity: Capacity) -> None:
    limits = allocate(wanted, capacity)
    assert capacity.fits(claim.load(limits[claim.id]) for claim in wanted)
    for claim in wanted:
        assert limits[claim.id] <= claim.wanted_kw + 1e-6
        assert limits[claim.id] == 0 or limits[claim.id] >= claim.min_kw - 1e-6


@given(claims(), capacities)
def test_what_fits_is_left_as_it_is(wanted: list[Claim], capacity: Capacity) -> None:
    if capacity.fits(claim.load(claim.wanted_kw) for claim in wanted):
        limits = allocate(wanted, capacity)
        for claim in wanted:
            assert limits[claim.id] == pytest.approx(claim.wanted_kw, abs=1e-5)


@given(claims(), capacities)
def test_nobody_waits_for_someone_less_urgent(wanted: list[Claim], capacity: Capacity) -> None:
    """Who hangs on all that a car hangs on and has more time gives way before it."""
    limits = allocate(wanted, capacity)
    served = [claim for claim in wanted if limits[claim.id] > 0]
    for claim in wanted:
        if claim.wanted_kw > 0 and limits[claim.id] == 0:
            assert all(
                other.urgency >= claim.urgency
                for other in served
                if set(claim.circuits) <= set(other.circuits)
            )


def test_a_request_that_misses_the_least_by_rounding_is_served() -> None:
    claim = Claim(id="a", wanted_kw=4.14 - 1e-12, min_kw=4.14, phases=PHASES, urgency=0)
    assert allocate([claim], Capacity(total_kw=17.25))["a"] == pytest.approx(4.14)


def test_a_request_below_the_least_is_none_and_takes_nothing() -> None:
    wanted = [three("little", 3, 0), three("much", 11, -6)]
    given = allocate(wanted, Capacity(total_kw=12))
    assert given == pytest.approx({"little": 0, "much": 11})


def test_a_small_car_charges_with_little() -> None:
    claim = Claim(id="a", wanted_kw=0.6, min_kw=0.3, phases=("L1",), urgency=0)
    assert allocate([claim], Capacity(total_kw=5)) == pytest.approx({"a": 0.6})


@pytest.mark.parametrize("phase_kw", [None, -3.0, {"L1": -3.0, "L2": 5.0, "L3": 5.0}])
def test_a_connection_that_is_overloaded_carries_nothing(
    phase_kw: float | dict[Phase, float] | None,
) -> None:
    capacity = Capacity(total_kw=-5 if phase_kw is None else 9, phase_kw=phase_kw)
    assert capacity.fits([Load(0, ("L1",))])
    assert not capacity.fits([Load(0.1, ("L1",))])


def test_single_phase_cars_share_their_phase() -> None:
    wanted = [
        Claim(id=name, wanted_kw=3.68, min_kw=1.38, phases=("L1",), urgency=0)
        for name in ("a", "b")
    ]
    limits = allocate(wanted, Capacity(total_kw=17.25, phase_kw=5.0))
    assert limits == pytest.approx({"a": 2.5, "b": 2.5})


def three(name: str, wanted_kw: float, urgency: float) -> Claim:
    """Return a charger on three phases."""
    return Claim(id=name, wanted_kw=wanted_kw, min_kw=4.14, phases=PHASES, urgency=urgency)


@pytest.mark.parametrize(
    ("total_kw", "limits"),
    [(22, (11, 11)), (18, (11, 7)), (15.2, (11, 4.2)), (12, (7.86, 4.14)), (8, (8, 0))],
)
def test_the_one_with_the_most_time_to_spare_gives_way_first(
    total_kw: float, limits: tuple[float, float]
) -> None:
    wanted = [three("sooner", 11, -2), three("later", 11, -6)]
    given = allocate(wanted, Capacity(total_kw=total_kw))
    assert (given["sooner"], given["later"]) == pytest.approx(limits)


def test_who_has_no_time_to_spare_gives_way_only_when_nobody_else_can() -> None:
    pressed, relaxed = three("pressed", 11, -PRESSED_H / 2), three("relaxed", 11, -6)
    assert allocate([pressed, relaxed], Capacity(total_kw=16)) == pytest.approx(
        {"pressed": 11, "relaxed": 5}
    )
    assert allocate([pressed, relaxed], Capacity(total_kw=12)) == pytest.approx(
        {"pressed": 11, "relaxed": 0}
    )
    both = [pressed, three("too", 11, 0)]
    assert allocate(both, Capacity(total_kw=12)) == pytest.approx({"too": 7.86, "pressed": 4.14})


def test_nobody_pauses_for_who_charges_at_once_or_has_time_to_spare() -> None:
    """Half an hour is enough to make up for what is missing now."""
    relaxed = three("relaxed", 11, -6)
    for urgency in (math.inf, -0.75):
        given = allocate([three("first", 11, urgency), relaxed], Capacity(total_kw=12))
        assert given == pytest.approx({"first": 7.86, "relaxed": 4.14})


def test_nobody_pauses_for_one_that_gains_nothing_by_it() -> None:
    pressed = Claim(id="a", wanted_kw=7.36, min_kw=1.38, phases=("L1",), urgency=0)
    other = Claim(id="b", wanted_kw=3.68, min_kw=1.38, phases=("L2",), urgency=-6)
    limits = allocate([pressed, other], Capacity(total_kw=30, phase_kw=5))
    assert limits == pytest.approx({"a": 5, "b": 3.68})


@given(claims(), capacities)
def test_with_more_room_nobody_in_a_hurry_gets_less(
    wanted: list[Claim], capacity: Capacity
) -> None:
    """Of the most urgent one, that is: the others may have to wait for it."""
    if not wanted:
        return
    first = max(wanted, key=lambda claim: (claim.urgency, claim.id))
    most = allocate([first], capacity)[first.id]
    given = allocate(wanted, capacity)[first.id]
    assert given == 0 or given <= most + 1e-6
    if first.pressed and most > 0 and all(not other.pressed for other in wanted if other != first):
        assert given == pytest.approx(most)


@st.composite
def claims_on_any_phases(draw: st.DrawFn) -> list[Claim]:
    """Return chargers that draw from any of the phases."""
    return [
        replace(
            claim,
            phases=(phases := tuple(draw(st.sets(st.sampled_from(PHASES), min_size=1)))),
            wanted_kw=draw(st.sampled_from([0.0, 6.0, 10.0, 16.0])) * len(phases) * PER_AMPERE,
            min_kw=6 * len(phases) * PER_AMPERE,
        )
        for claim in draw(claims())
    ]


each_its_own = st.fixed_dictionaries(dict.fromkeys(PHASES, st.floats(-5, 15)))


@given(claims_on_any_phases(), each_its_own, st.floats(-5, 40))
def test_no_phase_carries_more_than_it_has_left(
    wanted: list[Claim], left: dict[Phase, float], total_kw: float
) -> None:
    """Whatever the house draws from each of them, and whoever charges from where."""
    limits = allocate(wanted, Capacity(total_kw=total_kw, phase_kw=left))
    for phase in PHASES:
        drawn = [limits[claim.id] / len(claim.phases) for claim in wanted if phase in claim.phases]
        assert sum(drawn) <= max(0.0, left[phase]) + 1e-5
    assert sum(limits.values()) <= max(0.0, total_kw) + 1e-5
    for claim in wanted:
        assert limits[claim.id] == 0 or limits[claim.id] >= claim.min_kw - 1e-6


@given(claims_on_any_phases(), each_its_own)
def test_nobody_gives_way_for_a_phase_that_it_does_not_draw_from(
    wanted: list[Claim], left: dict[Phase, float]
) -> None:
    """What a phase has left makes no difference to those on the others."""
    on_l1 = [claim for claim in wanted if claim.phases == ("L1",)]
    elsewhere = [claim for claim in wanted if "L1" not in claim.phases]
    capacity = Capacity(total_kw=1000, phase_kw=left)
    alone = allocate(on_l1, capacity)
    together = allocate([*on_l1, *elsewhere], capacity)
    assert {key: together[key] for key in alone} == pytest.approx(alone, abs=1e-5)


def test_the_least_urgent_on_the_phase_that_is_full_gives_way() -> None:
    """Not the least urgent of all: on another phase that would help nobody."""
    on_l1 = Claim(id="a", wanted_kw=3.68, min_kw=1.38, phases=("L1",), urgency=-9)
    on_all = three("b", 11, -2)
    given = allocate([on_l1, on_all], Capacity(total_kw=30, phase_kw={"L1": 5, "L2": 1, "L3": 5}))
    assert given == pytest.approx({"a": 3.68, "b": 0})


def test_equals_on_other_phases_do_not_share_what_is_short() -> None:
    one, other = (
        Claim(id=phase, wanted_kw=3.68, min_kw=1.38, phases=(phase,), urgency=0)
        for phase in PHASES[:2]
    )
    given = allocate([one, other], Capacity(total_kw=30, phase_kw={"L1": 2, "L2": 9, "L3": 9}))
    assert given == pytest.approx({"L1": 2, "L2": 3.68})


@given(claims(), capacities)
def test_what_fits_beside_loads_fits_with_them(wanted: list[Claim], capacity: Capacity) -> None:
    """Nobody commands these loads; each phase still carries them and what is given beside."""
    loads = [claim.load(claim.wanted_kw) for claim in wanted[::2]]
    if not capacity.fits(loads):
        return
    limits = allocate(wanted[1::2], capacity.beside(loads))
    given_kw = [claim.load(limits[claim.id]) for claim in wanted[1::2]]
    assert capacity.fits([*loads, *given_kw])


@pytest.mark.parametrize("phase_kw", [5.75, {"L1": 5.75, "L2": 4.0, "L3": 3.0}])
def test_what_is_left_beside_loads_is_counted_by_phase(
    phase_kw: float | dict[Phase, float],
) -> None:
    each = phase_kw if isinstance(phase_kw, dict) else dict.fromkeys(PHASES, phase_kw)
    left = Capacity(total_kw=17.25, phase_kw=phase_kw).beside(
        [Load(3.0, PHASES), Load(1.5, ("L2",))]
    )
    assert {str(part): kw for part, kw in left.left()} == pytest.approx(
        {"site": 12.75, "L1": each["L1"] - 1, "L2": each["L2"] - 2.5, "L3": each["L3"] - 1}
    )
    assert Capacity(total_kw=17.25).beside([Load(3.0, PHASES)]).phase_kw is None


def on(name: str, *circuits: str, urgency: float = 0) -> Claim:
    """Return a charger on three phases that wants 11 kW through circuits."""
    return Claim(
        id=name, wanted_kw=11, min_kw=4.14, phases=PHASES, circuits=circuits, urgency=urgency
    )


def test_a_circuit_limits_those_on_it_only() -> None:
    capacity = Capacity(total_kw=40, circuits={"shed": Capacity(total_kw=12)})
    given = allocate([on("a", "shed"), on("b", "shed"), on("c")], capacity)
    assert given == pytest.approx({"a": 6, "b": 6, "c": 11})


def test_who_gives_way_within_a_circuit_makes_room_for_those_outside() -> None:
    """The outer one is too full as well, until the least urgent of the inner one has paused."""
    capacity = Capacity(total_kw=9, circuits={"shed": Capacity(total_kw=5)})
    cars = [on("a", "shed", urgency=-1), on("b", "shed", urgency=-2), on("c", urgency=-3)]
    assert allocate(cars, capacity) == pytest.approx({"a": 4.86, "b": 0, "c": 4.14})


def test_an_overloaded_circuit_is_no_reason_for_others_to_wait() -> None:
    capacity = Capacity(total_kw=40, circuits={"shed": Capacity(total_kw=12)})
    room = FreeRoom(capacity, [Load(13, PHASES, ("shed",))])
    assert room.fits(Load(11, PHASES))
    assert not room.fits(Load(0.1, PHASES, ("shed",)))
