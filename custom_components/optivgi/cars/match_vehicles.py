"""Which car is at which charger, from what the user says and what the cars say themselves."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from .presence import Presence, Sighting

SAME_PLUG_WITHIN: Final = timedelta(minutes=15)
"""A car and its charger report of the same plug within this: cars are asked seldom."""


class FoundBy(StrEnum):
    """How it is known which car is at a charger."""

    SELECTED = "selected"
    """The user said so."""
    TAG = "tag"
    """Its RFID tag was held to the charger."""
    PLUGGED_IN = "plugged_in"
    """The car says that it was plugged in, or came home, when the charger was."""
    USUAL = "usual"
    """It usually charges there."""
    ONLY_POSSIBLE = "only_possible"
    """No other car of the site can be there."""
    GUEST = "guest"
    """No car of the site is known to be there."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A charger, and which car was assumed to be there so far.

    Attributes:
        charger_id: Which charger.
        plugged_at: Since when a car is plugged in; None while none is.
        vehicle_id: The car assumed there so far; None for a guest.
        found_by: How it was found.
        usual_id: The car that usually charges there, or was the last one where none does.
        was_last: It was only the last one.
        tagged_id: The car whose RFID tag was held to it since then; None for none.
        tagged_guest: It was the tag of a guest.
        is_proven: That car fills up by what is drawn there, whatever its plug sensor says.
    """

    charger_id: str
    plugged_at: datetime | None = None
    vehicle_id: str | None = None
    found_by: FoundBy = FoundBy.GUEST
    usual_id: str | None = None
    was_last: bool = False
    tagged_id: str | None = None
    tagged_guest: bool = False
    is_proven: bool = False


@dataclass(frozen=True, kw_only=True)
class VehicleMatch:
    """The car at a charger, None for a guest, and how that is known."""

    vehicle_id: str | None
    found_by: FoundBy


def match_vehicles(
    places: Sequence[Place],
    sightings: Mapping[str, Sighting],
    now: datetime,
    last_said: Mapping[str, Sighting] | None = None,
    cars: Collection[str] = (),
) -> dict[str, VehicleMatch]:
    """Return the car at each charger; no car is at two.

    Args:
        places: The chargers.
        sightings: What the cars say that report where they are, by id.
        now: The present.
        last_said: What those said last that say nothing at the moment.
        cars: All that are known to the site.
    """
    search = _Matcher(places, sightings, now, last_said or {}, is_only_car=len(cars) == 1)
    search.take_selected()
    search.take_tagged()
    search.take_plugged_in()
    search.take_usual()
    search.take_only_possible(cars)
    search.expect_last()
    return search.found


class _Matcher:
    """Gives each charger its car: first what is surest."""

    def __init__(
        self,
        places: Sequence[Place],
        sightings: Mapping[str, Sighting],
        now: datetime,
        last_said: Mapping[str, Sighting],
        *,
        is_only_car: bool,
    ) -> None:
        """Begin with no car at any charger."""
        self.found: dict[str, VehicleMatch] = {}
        self._taken = set[str | None]()
        self._places = places
        self._sightings = sightings
        self._last_said = last_said
        self._now = now
        self._is_only_car = is_only_car and len(places) == 1

    def _is_free(self, car: str | None) -> bool:
        return car is not None and car not in self._taken

    def _assign(self, place: Place, car: str | None, found_by: FoundBy) -> None:
        self.found[place.charger_id] = VehicleMatch(vehicle_id=car, found_by=found_by)
        self._taken.add(car)

    def _denies(self, place: Place, car: str | None) -> bool:
        if car is None or (place.is_proven and car == place.vehicle_id):
            return False
        said = self._sightings.get(car)
        if said is None and place.found_by is FoundBy.GUEST:
            # It has denied that before: by falling silent it has not come.
            said = self._last_said.get(car)
        if self._is_only_car and said is not None and said.presence is Presence.UNPLUGGED:
            # Plug sensors are wrong more often than guests come; where it is cannot be mistaken.
            return False
        return _denies(place, said, self._now)

    def take_selected(self) -> None:
        """The user knows best."""
        for place in self._places:
            car = place.vehicle_id
            if place.found_by is FoundBy.SELECTED and (car is None or self._is_free(car)):
                self._assign(place, car, FoundBy.SELECTED)

    def take_tagged(self) -> None:
        """Who holds a tag to a charger is there; cars report late, and the usual one may be out."""
        for place in self._places:
            car = place.tagged_id
            if place.plugged_at is None or place.charger_id in self.found:
                continue
            if place.tagged_guest if car is None else self._is_free(car):
                self._assign(place, car, FoundBy.TAG)

    def take_plugged_in(self) -> None:
        """Cars say that they were plugged in when a charger was, or have said so before."""
        plugged = [
            place
            for place in self._places
            if place.plugged_at is not None and place.charger_id not in self.found
        ]
        cars = {car: said for car, said in self._sightings.items() if self._is_free(car)}
        matches = _matches(plugged, cars)
        for place in plugged:
            if (car := matches.get(place.charger_id)) is not None:
                self._assign(place, car, FoundBy.PLUGGED_IN)
        for place in plugged:
            stays = place.found_by is FoundBy.PLUGGED_IN and place.charger_id not in self.found
            car = place.vehicle_id
            if stays and self._is_free(car) and not self._denies(place, car):
                self._assign(place, car, FoundBy.PLUGGED_IN)

    def take_usual(self) -> None:
        """Where nothing else is known, it is the usual car, as far as it does not deny that.

        A car that was only the last one is not expected where nobody is before it is clear that
        it is nowhere else.
        """
        for place in sorted(self._places, key=lambda place: place.plugged_at is None):
            if place.plugged_at is not None or not place.was_last:
                self._expect(place)

    def take_only_possible(self, cars: Collection[str]) -> None:
        """Where one car is left for one charger, it is there, unless it says anything else.

        That is decided when it is plugged in: what a person has set for a guest stays. It stays
        there while it does not deny that.
        """
        open_places = [
            place
            for place in self._places
            if place.plugged_at is not None and place.charger_id not in self.found
        ]
        for place in open_places:
            car = place.vehicle_id
            stays = place.found_by is FoundBy.ONLY_POSSIBLE and self._is_free(car)
            if stays and not self._denies(place, car):
                self._assign(place, car, FoundBy.ONLY_POSSIBLE)
        open_places = [place for place in open_places if place.charger_id not in self.found]
        possible = [car for car in cars if self._is_free(car) and self._may_be_home(car)]
        came_now = len(open_places) == 1 and open_places[0].plugged_at == self._now
        if came_now and len(possible) == 1:
            self._assign(open_places[0], possible[0], FoundBy.ONLY_POSSIBLE)

    def expect_last(self) -> None:
        """Expect the last car where nobody is; where somebody is, nobody knows who."""
        for place in self._places:
            if place.plugged_at is None:
                self._expect(place)
            if place.charger_id not in self.found:
                self._assign(place, None, FoundBy.GUEST)

    def _expect(self, place: Place) -> None:
        car = place.usual_id
        if place.charger_id in self.found or not self._is_free(car):
            return
        if not self._denies(place, car):
            self._assign(place, car, FoundBy.USUAL)

    def _may_be_home(self, car: str) -> bool:
        """Return whether a car says nothing of where it is, or that it is at home.

        One that tells of its plug is found by that, were it here.
        """
        said = self._sightings.get(car) or self._last_said.get(car)
        return said is None or said.presence is Presence.HOME


def _matches(places: Iterable[Place], cars: Mapping[str, Sighting]) -> dict[str, str]:
    """Return which cars can only be at which charger by what they say.

    Where several came at the same time, the one that usually charges somewhere is there.
    """
    candidates = {
        place.charger_id: {car for car, said in cars.items() if _reports_plug_in(place, said)}
        for place in places
    }
    matched: dict[str, str] = {}

    def match(charger_id: str, car: str) -> None:
        matched[charger_id] = car
        del candidates[charger_id]
        for others in candidates.values():
            others.discard(car)

    for place in places:
        if place.usual_id is not None and place.usual_id in candidates.get(place.charger_id, ()):
            match(place.charger_id, place.usual_id)
    while (single := _single(candidates)) is not None:
        match(*single)
    return matched


def _single(candidates: Mapping[str, Collection[str]]) -> tuple[str, str] | None:
    """Return a charger and a car that can only be with each other."""
    for charger_id, cars in candidates.items():
        for car in cars:
            if len(cars) == 1 and sum(car in others for others in candidates.values()) == 1:
                return charger_id, car
    return None


def _reports_plug_in(place: Place, said: Sighting) -> bool:
    """Return whether a car reports being plugged in at a charger."""
    return (
        place.plugged_at is not None
        and said.presence in {Presence.PLUGGED, Presence.HOME}
        and abs(said.since - place.plugged_at) <= SAME_PLUG_WITHIN
    )


def _denies(place: Place, said: Sighting | None, now: datetime) -> bool:
    """Return whether a car says that it is not at a charger.

    One that went away before is believed at once. One that is not plugged in may not have reported
    yet, or lose its connection for a while.
    """
    if said is None or place.plugged_at is None:
        return False
    if said.presence is Presence.AWAY and said.since < place.plugged_at:
        return True
    if said.presence not in {Presence.AWAY, Presence.UNPLUGGED}:
        return False
    return now - max(said.since, place.plugged_at) >= SAME_PLUG_WITHIN
