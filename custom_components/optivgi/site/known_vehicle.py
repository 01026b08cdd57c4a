"""A vehicle of the site, at a charger or not: what is set for it, and what is known of it."""

from datetime import datetime, time

from ..bindings.vehicle import Vehicle
from ..cars.departures import Departure
from ..charging.charging_point import ChargingPoint
from ..charging.departure_tracker import next_departure
from ..settings.memory import VehicleSettings
from .site import Site


class KnownVehicle:
    """One vehicle. What is set here and at the charger where it is, is the same."""

    def __init__(self, vehicle: Vehicle, site: Site) -> None:
        """Look at a vehicle of a site."""
        self.vehicle = vehicle
        self._site = site

    @property
    def point(self) -> ChargingPoint | None:
        """The charger where it is, or where it is expected next; None for nowhere."""
        return self._site.point_of(self.vehicle)

    @property
    def charger_name(self) -> str | None:
        """The charger that it is plugged into; None for none of the site."""
        point = self.point
        return None if point is None or not point.plugged else point.charger.name

    @property
    def _settings(self) -> VehicleSettings:
        return self._site.store.memory.vehicles[self.vehicle.id]

    @property
    def soc(self) -> float | None:
        """The state of charge that is planned with at its charger, else the one reported, in %."""
        point = self.point
        return self.vehicle.read_soc() if point is None else point.soc

    @property
    def target_soc(self) -> float | None:
        """The state of charge wanted by departure, in %."""
        return self._settings.target_soc

    @target_soc.setter
    def target_soc(self, value: float) -> None:
        self._settings.target_soc = value

    @property
    def min_soc(self) -> float | None:
        """The state of charge up to which it charges at once, in %."""
        return self._settings.min_soc

    @min_soc.setter
    def min_soc(self, value: float) -> None:
        self._settings.min_soc = value

    @property
    def limit_soc(self) -> float | None:
        """The state of charge beyond which it is never charged, in %."""
        return self._settings.limit_soc

    @limit_soc.setter
    def limit_soc(self, value: float) -> None:
        self._settings.limit_soc = value

    @property
    def daily(self) -> time:
        """The local time of day at which it has to be ready, where nothing else is said."""
        return self._settings.departure

    @daily.setter
    def daily(self, value: time) -> None:
        self._settings.departure = value
        self._forget()

    def upcoming(self, now: datetime) -> Departure:
        """Return when it leaves next."""
        if (point := self.point) is not None:
            return point.departure_tracker.upcoming(now)
        return next_departure(self.vehicle, self._settings, now)

    def set_once(self, once: Departure) -> None:
        """Set a departure that counts until it passes or the car is unplugged."""
        self._settings.once = once
        self._forget()

    def _forget(self) -> None:
        if (point := self.point) is not None:
            point.departure_tracker.forget()
