"""What is known of past weeks, in quarters of an hour: house, prices, and which cars were there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum

from ..scheduler.model import PHASES, PerStep, Phase

DEFAULT_WEEKS = 4
"""A month shows workdays, weekends and weather of all kinds."""
MOST_WEEKS = 12
"""A quarter of a year takes a minute or two."""
SLOT = timedelta(minutes=15)
"""What plans are made by."""
SLOT_H = SLOT / timedelta(hours=1)
"""The same in hours."""


class Unknown(StrEnum):
    """What could not be known of the past, so that a backtest had to assume something."""

    HOURLY_MEANS = "hourly_means"
    """Only means of hours are kept: highest imports are means too, good to about 10 %."""
    PLUG_TIMES = "plug_times"
    """When cars were plugged in: they are assumed to be there from when they first charged until
    the departure that is set."""
    DEPARTURES = "departures"
    """When cars were expected to leave: they are assumed to leave when they did."""
    SOLAR_FORECAST = "solar_forecast"
    """What the sun was expected to give: it is assumed to give what it usually did."""
    PRICES = "prices"
    """Some prices: the nearest ones stand in."""
    EXPORT_PRICE = "export_price"
    """What exported energy earned: it is assumed to have earned nothing."""
    HOUSE = "house"
    """What the house drew: it is assumed to have drawn nothing."""
    CIRCUITS = "circuits"
    """Fuses of circuits are not kept in."""
    BATTERIES = "batteries"
    """What home batteries would have done otherwise: they are left out."""
    PEAKS = "peaks"
    """What tariffs on the highest power would have cost: they are left out."""
    CHARGERS = "chargers"
    """What some chargers drew: their cars are left out."""


@dataclass(frozen=True, kw_only=True)
class Stay:
    """A car that was there.

    Attributes:
        charger: Where.
        first: The slot in which it was plugged in.
        end: The slot from which on it was gone.
        drawn_kw: What it drew in each slot of its stay.
        max_kw: The most it can draw.
        min_kw: The least it can draw while charging.
        step_kw: Its limits are the minimum plus whole steps of this.
        phases: Those that it draws from.
        departure: When it was expected to leave; None where that is not known.
    """

    charger: str
    first: int
    end: int
    drawn_kw: PerStep
    max_kw: float
    min_kw: float = 0.0
    step_kw: float = 0.0
    phases: tuple[Phase, ...] = PHASES
    departure: datetime | None = None

    @property
    def id(self) -> str:
        """What it is called in plans."""
        return f"{self.charger} {self.first}"

    @property
    def kwh(self) -> float:
        """What it drew: so much it is to get in any other way, too."""
        return sum(self.drawn_kw) * SLOT_H


@dataclass(frozen=True, kw_only=True)
class Past:
    """Some weeks.

    Attributes:
        start: The start of the first slot, UTC.
        zone: Where people live.
        house_kw: What everything but the cars drew, per slot; below 0 where the sun gave more.
        import_price: The price of a kWh, per slot.
        export_price: What an exported one earned, per slot.
        stays: The cars.
        limit_kw: What the connection carries.
        phase_limit_kw: What each phase carries; None where that is not limited.
        published_at: When the prices of the next day became known, local; None where all prices
            were known all along.
        start_cost: What a start of charging counts for.
        begin: The first slot that counts; those before are there to learn the house's habits from.
        unknown: What could not be known.
    """

    start: datetime
    zone: tzinfo
    house_kw: PerStep
    import_price: PerStep
    export_price: PerStep
    stays: tuple[Stay, ...]
    limit_kw: float
    phase_limit_kw: float | None = None
    published_at: time | None = time(13)
    start_cost: float = 0.0
    begin: int = 0
    unknown: frozenset[Unknown] = frozenset()

    def __len__(self) -> int:
        """Return the number of slots."""
        return len(self.house_kw)

    def at(self, slot: int) -> datetime:
        """Return when a slot begins."""
        return self.start + slot * SLOT

    def slot(self, moment: datetime) -> int:
        """Return the slot that contains a moment; it may be beyond both ends."""
        return (moment - self.start) // SLOT

    def local(self, slot: int) -> datetime:
        """Return when a slot begins, as the clocks show it."""
        return self.at(slot).astimezone(self.zone)

    def present(self, slot: int) -> Iterator[Stay]:
        """Yield the cars that are there in a slot."""
        return (stay for stay in self.stays if stay.first <= slot < stay.end)
