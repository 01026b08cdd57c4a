"""What a simulated charge point is made of: connectors, cars, transactions and profiles.

There is no time in it but that of the clock it is given: a charge point at any moment is what its
profiles say for that moment.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from .profile_store import ProfileStore, Rules, Transaction

MIN_A = 6.0
VOLTAGE = 230.0


@dataclass(kw_only=True)
class Car:
    """What is plugged in."""

    phases: int = 3
    max_a: float = 16.0
    full: bool = False


@dataclass(kw_only=True)
class Connector:
    """One place to plug a car in."""

    car: Car | None = None
    transaction: Transaction | None = None
    faulted: bool = False
    had_transaction: bool = False
    """Whether the car that is there had one."""


@dataclass(frozen=True, kw_only=True)
class Quirks:
    """How charge points differ.

    Attributes:
        connectors: How many cars can be plugged in.
        units: The units of limits that it takes, as OCPP writes them in a profile.
        max_periods: How many periods a profile may have.
        max_stack_level: The highest stack level.
        station_profiles: Whether it takes profiles for the whole station.
        tx_while_suspended: Whether it takes a profile of a transaction that it holds back.
        hides: Keys of its configuration that it knows nothing of.
        measures: What it measures.
        hardware_a: What it is built for.
        ignores_profiles: Whether it takes every profile and follows none.
        waits_for_start: Whether a car that is plugged in waits until somebody lets it begin.
        ends_at_zero: Whether a limit of 0 A ends the transaction instead of suspending it.
        finishing: Whether it says Finishing after a transaction for as long as the car is there.
        meter_interval: How often it measures; in between it reports its status only, and what it
            measured before stays to be seen.
        station_only: Whether it takes profiles for the whole station only, at connector 0.
        ignores_after_zero: Whether it takes the first limit after 0 A and stays at 0 A.
        mute_for_absolute: Whether it leaves profiles unanswered that begin at a time of day.
        negative_ids: Whether its transactions have ids of its own, which are negative.
        switches_phases: Whether it charges on as many phases as its profile says.
        says_so: Whether its configuration tells that.
    """

    connectors: int = 1
    units: frozenset[str] = frozenset({"A", "W"})
    max_periods: int = 100
    max_stack_level: int = 8
    station_profiles: bool = True
    tx_while_suspended: bool = True
    hides: frozenset[str] = frozenset()
    measures: frozenset[str] = frozenset(
        {"Current.Offered", "Current.Import", "Power.Active.Import"}
    )
    hardware_a: float = 32.0
    ignores_profiles: bool = False
    waits_for_start: bool = False
    ends_at_zero: bool = False
    finishing: bool = False
    meter_interval: timedelta = timedelta()
    station_only: bool = False
    ignores_after_zero: bool = False
    mute_for_absolute: bool = False
    negative_ids: bool = False
    switches_phases: bool = False
    says_so: bool = False


@dataclass
class Hardware:
    """A charge point without its connection."""

    quirks: Quirks = field(default_factory=Quirks)
    v201: bool = False
    # How far its clock goes ahead of Home Assistant's.
    ahead: timedelta = timedelta()

    def __post_init__(self) -> None:
        """Build the connectors and an empty store of profiles."""
        quirks = self.quirks
        self.connectors = {number + 1: Connector() for number in range(quirks.connectors)}
        self.store = ProfileStore(
            Rules(
                v201=self.v201,
                units=quirks.units,
                max_periods=quirks.max_periods,
                max_stack_level=quirks.max_stack_level,
                station_profiles=quirks.station_profiles,
            ),
            VOLTAGE,
        )

    @property
    def now(self) -> datetime:
        """What its clock says."""
        return datetime.now(UTC) + self.ahead

    def limit_a(self, connector: int = 1, moment: datetime | None = None) -> float:
        """Return what a connector allows at a moment, now by default, in A per phase."""
        if self.quirks.ignores_profiles:
            return self.quirks.hardware_a
        transaction = self.connectors[connector].transaction
        return self.store.limit_a(
            connector, moment or self.now, transaction, self.quirks.hardware_a
        )

    def number_phases(self, connector: int = 1) -> int:
        """Return on how many phases a connector charges."""
        if not self.quirks.switches_phases:
            return 3
        transaction = self.connectors[connector].transaction
        return self.store.number_phases(connector, self.now, transaction)

    def composite(self, connector: int, duration_s: int) -> list[tuple[int, float]]:
        """Return what a connector will allow: offsets from now in seconds, and A per phase."""
        return self.store.composite(
            connector,
            self.now,
            duration_s,
            self.connectors[connector].transaction,
            self.quirks.hardware_a,
        )

    def status(self, connector: int = 1) -> str:
        """Return a connector's status in the words of OCPP 1.6."""
        place = self.connectors[connector]
        if place.faulted:
            return "Faulted"
        if place.car is None:
            return "Available"
        if place.transaction is None:
            ended = place.had_transaction and self.quirks.finishing
            return "Finishing" if ended else "Preparing"
        if self.limit_a(connector) < MIN_A:
            return "SuspendedEVSE"
        return "SuspendedEV" if place.car.full else "Charging"

    def drawn_a(self, connector: int = 1) -> list[float]:
        """Return what the car draws from each phase."""
        car = self.connectors[connector].car
        drawn = 0.0
        if car is not None and self.status(connector) == "Charging":
            drawn = min(car.max_a, self.limit_a(connector))
        phases = 0 if car is None else min(car.phases, self.number_phases(connector))
        return [drawn if phase < phases else 0.0 for phase in range(3)]

    def restart(self) -> None:
        """Lose power for a moment: transactions end, profiles stay."""
        for number, place in self.connectors.items():
            place.transaction = None
            self.store.end_transaction(number)
