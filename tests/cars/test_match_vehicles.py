"""Which car is at which charger: what beats what, and that no car is at two."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.optivgi.cars.match_vehicles import FoundBy, Place, match_vehicles
from custom_components.optivgi.cars.presence import Presence, Sighting

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATER = NOON + 20 * MINUTE


def place(
    charger_id: str = "garage",
    vehicle_id: str | None = None,
    found_by: FoundBy = FoundBy.GUEST,
    *,
    usual: str | None = None,
    plugged_at: datetime | None = NOON,
) -> Place:
    """Return a charger where a car was plugged in at noon."""
    return Place(
        charger_id=charger_id,
        plugged_at=plugged_at,
        vehicle_id=vehicle_id,
        found_by=found_by,
        usual_id=usual,
    )


def said(presence: Presence, after: timedelta = timedelta()) -> Sighting:
    """Return what a car has been saying since some time after noon."""
    return Sighting(presence=presence, since=NOON + after)


PLUGGED = said(Presence.PLUGGED, 2 * MINUTE)
GUEST = (None, "guest")
BY_USER = place("garage", "leaf", FoundBy.SELECTED, usual="zoe")


@pytest.mark.parametrize(
    ("here", "sightings", "expected"),
    [
        # Nothing is known.
        (place(), {}, GUEST),
        (place(usual="zoe"), {}, ("zoe", "usual")),
        # The user knows best, of guests, too.
        (BY_USER, {"zoe": PLUGGED}, ("leaf", "selected")),
        (replace(BY_USER, vehicle_id=None), {"zoe": PLUGGED}, (None, "selected")),
        # The car that says so, rather than the usual one
        (place(usual="zoe"), {"leaf": PLUGGED}, ("leaf", "plugged_in")),
        (place(), {"leaf": said(Presence.PLUGGED, -14 * MINUTE)}, ("leaf", "plugged_in")),
        (place(), {"leaf": said(Presence.PLUGGED, 14 * MINUTE)}, ("leaf", "plugged_in")),
        (place(), {"leaf": said(Presence.HOME, -5 * MINUTE)}, ("leaf", "plugged_in")),
        # At another time it was plugged in somewhere else.
        (place(usual="zoe"), {"leaf": said(Presence.PLUGGED, -60 * MINUTE)}, ("zoe", "usual")),
        (place(), {"leaf": said(Presence.PLUGGED, 16 * MINUTE)}, GUEST),
        (place(), {"leaf": said(Presence.UNPLUGGED)}, GUEST),
        # Two say so: the usual one, or nobody knows.
        (place(usual="zoe"), {"leaf": PLUGGED, "zoe": PLUGGED}, ("zoe", "plugged_in")),
        (place(), {"leaf": PLUGGED, "zoe": PLUGGED}, GUEST),
        (place(usual="mini"), {"leaf": PLUGGED, "zoe": PLUGGED}, ("mini", "usual")),
        # The usual one says that it is elsewhere.
        (place(usual="zoe"), {"zoe": said(Presence.AWAY, -60 * MINUTE)}, GUEST),
        (place(usual="zoe"), {"zoe": said(Presence.UNPLUGGED, -60 * MINUTE)}, GUEST),
        # It is found before, and its connection is lost, or its cloud changes its mind.
        (place("garage", "leaf", FoundBy.PLUGGED_IN, usual="zoe"), {}, ("leaf", "plugged_in")),
        (
            place("garage", "leaf", FoundBy.PLUGGED_IN, usual="zoe"),
            {"leaf": said(Presence.UNPLUGGED, 10 * MINUTE)},
            ("leaf", "plugged_in"),
        ),
        (
            place("garage", "leaf", FoundBy.PLUGGED_IN, usual="zoe"),
            {"leaf": said(Presence.UNPLUGGED, 5 * MINUTE)},
            ("zoe", "usual"),
        ),
        (
            place("garage", "leaf", FoundBy.PLUGGED_IN, usual="zoe"),
            {"zoe": said(Presence.PLUGGED, 10 * MINUTE)},
            ("zoe", "plugged_in"),
        ),
        # Nobody is there: who is expected
        (place(usual="zoe", plugged_at=None), {"zoe": said(Presence.AWAY)}, ("zoe", "usual")),
    ],
)  # fmt: skip
def test_one_charger(
    here: Place, sightings: Mapping[str, Sighting], expected: tuple[str | None, str]
) -> None:
    found = match_vehicles([here], sightings, LATER)["garage"]
    assert (found.vehicle_id, found.found_by) == expected


def test_usual_car_that_is_not_plugged_in_yet_may_not_have_reported() -> None:
    here, zoe = place(usual="zoe"), {"zoe": said(Presence.UNPLUGGED, -60 * MINUTE)}
    assert match_vehicles([here], zoe, NOON + 10 * MINUTE)["garage"].vehicle_id == "zoe"
    assert match_vehicles([here], zoe, NOON + 15 * MINUTE)["garage"].vehicle_id is None


def test_car_that_is_somewhere_is_not_expected_elsewhere() -> None:
    garage, carport = place(usual="zoe"), place("carport", "zoe", FoundBy.SELECTED)
    found = match_vehicles([garage, carport], {}, LATER)
    assert (found["garage"].vehicle_id, found["carport"].vehicle_id) == (None, "zoe")
    carport = place("carport", usual="leaf")
    found = match_vehicles([garage, carport], {"zoe": PLUGGED, "leaf": PLUGGED}, LATER)
    assert (found["garage"].vehicle_id, found["carport"].vehicle_id) == ("zoe", "leaf")


def test_cars_that_came_at_different_times_are_distinguished() -> None:
    garage, carport = place(), place("carport", plugged_at=NOON + 20 * MINUTE)
    zoe, leaf = said(Presence.PLUGGED, MINUTE), said(Presence.PLUGGED, 21 * MINUTE)
    found = match_vehicles([garage, carport], {"zoe": zoe, "leaf": leaf}, LATER + 5 * MINUTE)
    assert (found["garage"].vehicle_id, found["carport"].vehicle_id) == ("zoe", "leaf")


def test_car_that_was_driven_from_one_charger_to_another_is_at_the_other() -> None:
    """Its first charger has not noticed."""
    garage = place("garage", "zoe", FoundBy.PLUGGED_IN)
    carport = place("carport", plugged_at=NOON + 60 * MINUTE)
    zoe = {"zoe": said(Presence.PLUGGED, 61 * MINUTE)}
    found = match_vehicles([garage, carport], zoe, NOON + 62 * MINUTE)
    assert (found["garage"].vehicle_id, found["carport"].vehicle_id) == (None, "zoe")


CARS = ["zoe", "leaf", "mini"]
CHARGERS = ["garage", "carport", "yard"]
TIMES = st.integers(-40, 40).map(lambda minutes: NOON + minutes * MINUTE)
SAYINGS = st.dictionaries(
    st.sampled_from(CARS),
    st.builds(
        Sighting,
        presence=st.sampled_from([p for p in Presence if p is not Presence.UNKNOWN]),
        since=TIMES,
    ),
)
PLACES = st.tuples(
    *(
        st.builds(
            Place,
            charger_id=st.just(charger),
            plugged_at=st.none() | TIMES,
            vehicle_id=st.none() | st.sampled_from(CARS),
            found_by=st.sampled_from(FoundBy),
            usual_id=st.none() | st.sampled_from(CARS),
            was_last=st.booleans(),
        )
        for charger in CHARGERS
    )
)


@settings(max_examples=500, deadline=None)
@given(places=PLACES, sightings=SAYINGS, known=st.sampled_from([(), CARS]))
def test_whatever_is_said_no_car_is_at_two_chargers(
    places: tuple[Place, ...], sightings: dict[str, Sighting], known: list[str]
) -> None:
    now = NOON + 41 * MINUTE
    found = match_vehicles(places, sightings, now, cars=known)
    assert found.keys() == set(CHARGERS)
    cars = [finding.vehicle_id for finding in found.values() if finding.vehicle_id is not None]
    assert len(cars) == len(set(cars))
    selected = [p.vehicle_id for p in places if p.found_by is FoundBy.SELECTED]
    for here in places:
        finding = found[here.charger_id]
        assert (finding.vehicle_id is None) == (finding.found_by is FoundBy.GUEST) or (
            finding.found_by is FoundBy.SELECTED
        )
        if here.found_by is FoundBy.SELECTED and selected.count(here.vehicle_id) == 1:
            assert finding.vehicle_id == here.vehicle_id
        if finding.found_by is FoundBy.PLUGGED_IN:
            assert here.plugged_at is not None

    # Looked at again with nothing new, everybody is where they were.
    again = [
        replace(
            p,
            vehicle_id=found[p.charger_id].vehicle_id,
            found_by=found[p.charger_id].found_by,
        )
        for p in places
    ]
    assert match_vehicles(again, sightings, now, cars=known) == found
