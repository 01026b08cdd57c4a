"""What is noted of a session while it lasts: slot by slot, by power first, then by the meter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
import math
from typing import Final, NamedTuple

from .energy_total import EnergyTotal
from .slot import Slot, SlotPrice
from .sources import SourceBasis, Sources


class EnergyBasis(StrEnum):
    """What energy is known by."""

    METER = "meter"
    """The charger's own meter."""
    POWER = "power"
    """Its measured power over time."""
    LIMIT = "limit"
    """Its limit over time: nothing measures what it draws."""


class MissedWhy(StrEnum):
    """Why a car left with less than it was to get."""

    LEFT_EARLY = "left_early"
    """It left before its departure."""
    TIME = "time"
    """The time it was there does not suffice at its power."""
    ROOM = "room"
    """The connection did not carry more beside the others."""
    SUN = "sun"
    """It charges from surplus only, and there was not enough."""
    CAR = "car"
    """It took less than it could have, or nothing."""
    BY_HAND = "by_hand"
    """Somebody else commanded the charger."""
    OBSERVED = "observed"
    """Its charger was only observed."""
    UNKNOWN = "unknown"
    """Nobody can say."""


class Span(NamedTuple):
    """A part of the time with one price: it becomes a slot, or a part of one.

    Attributes:
        slot_start: Of the slot that it is in.
        slot_end: The end of that.
        hours: How much of it is meant.
        price: What a kWh costs there.
    """

    slot_start: datetime
    slot_end: datetime
    hours: float
    price: SlotPrice


_NOTHING_KWH: Final = 1e-9
"""Less has no parts that a meter's energy could be shared by."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """What was seen of a car in a short time, all in kWh.

    Attributes:
        drawn: What it drew, by its power.
        room_kwh: What it could have drawn at full power within the limits.
        free_sun_kwh: How much of that the sun could have given.
        planned_kwh: What the plan would have had it draw, where that is only observed.
    """

    drawn: Sources
    room_kwh: float = 0.0
    free_sun_kwh: float = 0.0
    planned_kwh: float = 0.0


@dataclass(kw_only=True)
class Ledger:
    """One session that goes on, or has ended and waits for the last report of its meter.

    Attributes:
        id: Its own.
        charger: What the charger is called.
        begin: When the car was plugged in.
        until: So far it has been seen.
        end: When the car was unplugged; None while it is there.
        slots: Its parts, by their start.
        pending: What was drawn by its power since the meter last reported, by slot.
        pending_since: Since when that is.
        gaps: What of that time nobody saw.
        total: The charger's meter.
        counted_kwh: What of the power that is integrated elsewhere is in here.
        metered_kwh: What the meter has counted.
        unmeasured_kwh: What was only thought to be drawn, by its limit.
        unobserved_h: How long nobody was there to see.
        assumed_kwh: What is taken for imported as nothing measures it.
        basis: What the sources were last known by.
        starts: How often it began to draw.
        is_drawing: It draws now.
        writes: How often its charger was written.
        written_at: When last, of those that are counted.
        vehicle_id: The car; None for a guest.
        vehicle: What that is called.
        tag: The RFID tag that was used.
        guest: The name of who had reserved.
        departure: When it was to leave.
        missing_kwh: What was still missing in its battery; None where nothing was asked for.
        why: What would explain that, as long as it is there.
    """

    id: str
    charger: str
    begin: datetime
    until: datetime
    end: datetime | None = None
    slots: dict[datetime, Slot] = field(default_factory=dict)
    pending: dict[datetime, Sources] = field(default_factory=dict)
    pending_since: datetime | None = None
    gaps: list[tuple[datetime, datetime]] = field(default_factory=list)
    total: EnergyTotal = field(default_factory=EnergyTotal)
    counted_kwh: float = 0.0
    metered_kwh: float = 0.0
    unmeasured_kwh: float = 0.0
    unobserved_h: float = 0.0
    assumed_kwh: float = 0.0
    basis: SourceBasis = SourceBasis.ASSUMED
    starts: int = 0
    is_drawing: bool = False
    writes: int = 0
    written_at: datetime | None = None
    vehicle_id: str | None = None
    vehicle: str | None = None
    tag: str | None = None
    guest: str | None = None
    departure: datetime | None = None
    missing_kwh: float | None = None
    why: MissedWhy | None = None

    @property
    def drawn_kwh(self) -> float:
        """All that was drawn, by the meter as far as that has reported."""
        kept = (slot.drawn.kwh for slot in self.slots.values())
        return math.fsum((*kept, self.pending_kwh))

    @property
    def pending_kwh(self) -> float:
        """What was drawn by its power since the meter last reported."""
        return math.fsum(sources.kwh for sources in self.pending.values())

    @property
    def planned_kwh(self) -> float:
        """What the plan would have had it draw, where that is only observed."""
        return math.fsum(slot.planned_kwh for slot in self.slots.values())

    def take(self, interval: Interval, spans: Iterable[Span]) -> None:
        """Note what was seen; the order in which times are noted makes no difference.

        Args:
            interval: What was seen.
            spans: The time in which, by slots.
        """
        parts = list(spans)
        hours = math.fsum(span.hours for span in parts)
        for span in parts:
            share = span.hours / hours if hours else 1 / len(parts)
            slot = self._slot(span)
            slot.room_kwh += interval.room_kwh * share
            slot.free_sun_kwh += interval.free_sun_kwh * share
            slot.planned_kwh += interval.planned_kwh * share
            if interval.drawn.kwh > 0:
                before = self.pending.get(span.slot_start, Sources())
                self.pending[span.slot_start] = before.plus(interval.drawn.times(share))

    def miss(self, start: datetime, end: datetime, room_kw: float, spans: Iterable[Span]) -> None:
        """Note that nobody was there to see for a while; the meter may show later what was drawn.

        Args:
            start: From then on
            end: until then.
            room_kw: What the car could have drawn.
            spans: That time, by slots.
        """
        for span in spans:
            self._slot(span).room_kwh += room_kw * span.hours
        self.gaps.append((start, end))
        self.unobserved_h += (end - start) / timedelta(hours=1)

    def _slot(self, span: Span) -> Slot:
        slot = self.slots.get(span.slot_start)
        if slot is None:
            slot = self.slots[span.slot_start] = Slot(end=span.slot_end, price=span.price)
        elif span.price.import_price is not None:
            slot.price = span.price
        return slot

    def report_total(self, kwh: float, at: datetime, max_kw: float) -> None:
        """Take up a report of the charger's meter: what was drawn since the last one is that much.

        Args:
            kwh: What it shows.
            at: When it reported that.
            max_kw: The most that the charger can give.
        """
        before = self.total.kwh
        drawn_kwh = self.total.take(kwh, at, max_kw)
        if drawn_kwh is not None and drawn_kwh > 0:
            self._confirm(drawn_kwh)
            self.metered_kwh += drawn_kwh
        elif drawn_kwh is None and self.total.kwh != before:
            # It has begun, or begun again: what was drawn before is known by the power only.
            self.accept_pending()

    def _confirm(self, kwh: float) -> None:
        """Have what was drawn since the meter last reported come to what that shows."""
        pending_kwh = self.pending_kwh
        unseen_kwh = max(0.0, kwh - pending_kwh) if self.gaps else 0.0
        if unseen_kwh:
            self._spread(unseen_kwh, self.gaps)
        seen_kwh = kwh - unseen_kwh
        if pending_kwh > _NOTHING_KWH:
            for start, sources in self.pending.items():
                self.pending[start] = sources.times(seen_kwh / pending_kwh)
        elif seen_kwh > 0:
            self._spread(seen_kwh, [(self.pending_since or self.begin, self.until)])
        self.accept_pending()

    def _spread(self, kwh: float, times: Iterable[tuple[datetime, datetime]]) -> None:
        """Spread energy evenly over times in which nobody saw it drawn."""
        hours = {
            start: math.fsum(
                max(timedelta(0), min(slot.end, end) - max(start, begin)) / timedelta(hours=1)
                for begin, end in times
            )
            for start, slot in self.slots.items()
        }
        whole_h = math.fsum(hours.values())
        for start, part_h in hours.items():
            share = part_h / whole_h if whole_h else 1 / len(hours)
            slot = self.slots[start]
            slot.drawn = slot.drawn.plus(slot.mixed(kwh * share))

    def accept_pending(self) -> None:
        """Keep what is known by the power only, as no meter shows more."""
        for start, sources in self.pending.items():
            slot = self.slots[start]
            slot.drawn = slot.drawn.plus(sources)
        self.pending.clear()
        self.gaps.clear()
        self.pending_since = self.until

    def reprice(self, prices: Mapping[datetime, SlotPrice]) -> bool:
        """Take up prices that are known now, by slot; return whether any is another one."""
        return reprice(self.slots, prices)

    @property
    def energy_basis(self) -> EnergyBasis:
        """What most of its energy is known by."""
        drawn_kwh = self.drawn_kwh
        if drawn_kwh > 0 and self.metered_kwh >= drawn_kwh / 2:
            return EnergyBasis.METER
        return EnergyBasis.LIMIT if self.unmeasured_kwh > drawn_kwh / 2 else EnergyBasis.POWER

    @property
    def source_basis(self) -> SourceBasis:
        """What most of its sources are known by."""
        is_assumed = self.assumed_kwh > self.drawn_kwh / 2
        return SourceBasis.ASSUMED if is_assumed else self.basis


def reprice(slots: Mapping[datetime, Slot], prices: Mapping[datetime, SlotPrice]) -> bool:
    """Put prices that are known now into slots; return whether any is another one."""
    changed = False
    for start, price in prices.items():
        slot = slots.get(start)
        if slot is not None and slot.price != price:
            slot.price, changed = price, True
    return changed
