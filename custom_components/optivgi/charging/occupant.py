"""The car at a charger, and how it is known which one that is."""

from collections.abc import Collection, Mapping

from ..bindings.vehicle import Vehicle
from ..cars.match_vehicles import FoundBy, Place, VehicleMatch
from ..settings.memory import ChargerSettings, Session


class Occupant:
    """Which car is assumed to be at one charger."""

    def __init__(
        self,
        charger_id: str,
        settings: ChargerSettings,
        vehicles: Mapping[str, Vehicle],
        usual: Vehicle | None,
        *,
        guest_tags: Collection[str] = (),
    ) -> None:
        """Take up what was found before a restart, else expect the usual car."""
        self.usual = usual
        """The car that usually charges there."""
        self._charger_id = charger_id
        self._settings = settings
        self._vehicles = vehicles
        self._only_possible = self._tagged = False
        self._guest_tags = guest_tags
        self._tag: str | None = None
        self._tagged_id: str | None = None
        sure = settings.vehicle_selected or settings.vehicle_identified
        if settings.vehicle_id is not None and not (sure and settings.vehicle_id in vehicles):
            self.leave()

    @property
    def vehicle(self) -> Vehicle | None:
        """The car that is there, or None for a guest."""
        return self._vehicles.get(self._settings.vehicle_id or "")

    @property
    def found_by(self) -> FoundBy:
        """How it is known which car is there."""
        if self._settings.vehicle_selected:
            return FoundBy.SELECTED
        if self._tagged:
            return FoundBy.TAG
        if self.vehicle is None:
            return FoundBy.GUEST
        if self._only_possible:
            return FoundBy.ONLY_POSSIBLE
        return FoundBy.PLUGGED_IN if self._settings.vehicle_identified else FoundBy.USUAL

    @property
    def is_unknown(self) -> bool:
        """Whether some car is there, it is not known which one, and there are cars to select."""
        return self.found_by is FoundBy.GUEST and bool(self._vehicles)

    @property
    def is_visitor(self) -> bool:
        """Whether a guest is at a charger that has a car of its own."""
        return self.vehicle is None and self.usual is not None

    def place(self, session: Session, *, is_proven: bool) -> Place:
        """Return what is known here for finding out which car is where."""
        if session.tag != self._tag:
            # Asked in each look at the site.
            self._tag = session.tag
            cars = (car.id for car in self._vehicles.values() if session.tag in car.tags)
            self._tagged_id = next(cars, None)
        # Where no car is usual, the last one is expected again.
        last = None if self._only_possible else self.vehicle
        expected = self.usual or last
        return Place(
            charger_id=self._charger_id,
            plugged_at=session.plugged_at,
            vehicle_id=None if (vehicle := self.vehicle) is None else vehicle.id,
            found_by=self.found_by,
            usual_id=None if expected is None else expected.id,
            was_last=self.usual is None,
            tagged_id=self._tagged_id,
            tagged_guest=session.tag in self._guest_tags,
            is_proven=is_proven,
        )

    def assign(self, finding: VehicleMatch) -> bool:
        """Assume a car to be there; returns whether it is another one than before."""
        self._settings.vehicle_selected = finding.found_by is FoundBy.SELECTED
        self._tagged = finding.found_by is FoundBy.TAG
        self._settings.vehicle_identified = self._tagged or finding.found_by is FoundBy.PLUGGED_IN
        self._only_possible = finding.found_by is FoundBy.ONLY_POSSIBLE
        before, self._settings.vehicle_id = self._settings.vehicle_id, finding.vehicle_id
        return before != finding.vehicle_id

    def deselect(self) -> None:
        """Let go of a car that the user selected somewhere else."""
        self._settings.vehicle_selected = False

    def leave(self) -> None:
        """Expect the usual car next, or the last one where none is usual."""
        self._only_possible = self._tagged = False
        self._settings.vehicle_selected = self._settings.vehicle_identified = False
        if self.usual is not None or self.vehicle is None:
            self._settings.vehicle_id = None if self.usual is None else self.usual.id
