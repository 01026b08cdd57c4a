"""Who charges and who has reserved; what people ask for by the API, checked."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from .configuration import Configuration

EARLY = timedelta(hours=2)
"""A car that comes so long before its reservation is the one that has reserved."""


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    energy_kwh: float = Field(gt=0, le=200)
    departure: AwareDatetime


class SessionRequest(_Asked):
    """What a car at a charger is to get, and until when."""


class ReservationRequest(_Asked):
    """What a car that comes later is to get."""

    charger: str
    arrival: AwareDatetime


class ConflictError(Exception):
    """What is asked cannot be: the charger is unknown, taken, or free."""


@dataclass
class Session:
    """A car at a charger; energies in kWh, in the battery and at the plug alike."""

    energy_kwh: float
    departure: datetime
    delivered_kwh: float = 0.0
    meter_start_kwh: float | None = None

    def measure(self, meter_kwh: float) -> None:
        """Take up what the charger's energy meter shows."""
        if self.meter_start_kwh is None:
            self.meter_start_kwh = meter_kwh
        self.delivered_kwh = max(self.delivered_kwh, meter_kwh - self.meter_start_kwh)

    @property
    def missing_kwh(self) -> float:
        """What it is still to get."""
        return max(0.0, self.energy_kwh - self.delivered_kwh)


class Book:
    """Sessions by charger, and reservations by number. It is kept in memory only."""

    def __init__(self, configuration: Configuration) -> None:
        """Begin empty."""
        self._configuration = configuration
        self._chargers = {charger.id for charger in configuration.chargers}
        self._numbers = count(1)
        self.sessions: dict[str, Session] = {}
        self.reservations: dict[int, ReservationRequest] = {}

    def begin(self, charger: str, meter_kwh: float | None = None) -> Session:
        """Begin a session: with what is reserved there for now, or else with the defaults."""
        now = datetime.now(UTC)
        for number, one in self.reservations.items():
            if one.charger == charger and one.arrival - EARLY <= now < one.departure:
                del self.reservations[number]
                session = Session(one.energy_kwh, one.departure)
                break
        else:
            stay = timedelta(hours=self._configuration.default_stay_h)
            session = Session(self._configuration.default_energy_kwh, now + stay)
        session.meter_start_kwh = meter_kwh
        self.sessions[charger] = session
        return session

    def end(self, charger: str) -> None:
        """End a session, if there is one."""
        self.sessions.pop(charger, None)

    def change(self, charger: str, asked: SessionRequest) -> Session:
        """Change what the car at a charger gets.

        Raises:
            ConflictError: No car is there.
        """
        if charger not in self.sessions:
            raise ConflictError(f"there is no session at {charger!r}")
        session = self.sessions[charger]
        session.energy_kwh, session.departure = asked.energy_kwh, asked.departure
        return session

    def reserve(self, asked: ReservationRequest) -> int:
        """Add a reservation; return its number.

        Raises:
            ConflictError: The charger is unknown or reserved, or the times are wrong.
        """
        if asked.charger not in self._chargers:
            raise ConflictError(f"there is no charger {asked.charger!r}")
        if asked.departure <= max(asked.arrival, datetime.now(UTC)):
            raise ConflictError("departure: must be after arrival, and in the future")
        for other in self.reservations.values():
            apart = asked.departure <= other.arrival or other.departure <= asked.arrival
            if other.charger == asked.charger and not apart:
                raise ConflictError("the charger is reserved at that time")
        number = next(self._numbers)
        self.reservations[number] = asked
        return number
