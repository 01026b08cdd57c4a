"""A session that is over, as it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from .by_month import sums_by_month, total_of
from .ledger import EnergyBasis, Ledger, MissedWhy, reprice
from .slot import Slot, SlotPrice
from .sources import SourceBasis
from .sums import Sums


@dataclass(frozen=True, kw_only=True)
class SessionRecord:
    """One session.

    Attributes:
        id: Its own.
        charger_id: Where it was.
        charger: What that was called.
        vehicle_id: The car; None for a guest.
        vehicle: What that was called.
        tag: The RFID tag that was used.
        guest: The name of who had reserved.
        begin: When the car was plugged in.
        end: When it was unplugged; None while it is there.
        months: What it comes to, by the month of the energy.
        starts: How often it began to draw.
        writes: How often its charger was written.
        missing_kwh: What was missing in its battery in the end; None where nothing was asked for.
        missed_why: Why; None where nothing was missing.
        energy_basis: What its energy is known by.
        source_basis: What its sources are known by.
        unobserved_h: How long nobody was there to see.
        slots: Its parts, as long as their prices may change; empty after that.
    """

    id: str
    charger_id: str
    charger: str
    vehicle_id: str | None = None
    vehicle: str | None = None
    tag: str | None = None
    guest: str | None = None
    begin: datetime
    end: datetime | None = None
    months: dict[str, Sums] = field(default_factory=dict)
    starts: int = 0
    writes: int = 0
    missing_kwh: float | None = None
    missed_why: MissedWhy | None = None
    energy_basis: EnergyBasis = EnergyBasis.POWER
    source_basis: SourceBasis = SourceBasis.ASSUMED
    unobserved_h: float = 0.0
    slots: dict[datetime, Slot] = field(default_factory=dict)

    @property
    def sums(self) -> Sums:
        """What it comes to in total."""
        return total_of(self.months)

    @property
    def target_met(self) -> bool | None:
        """Whether the car got what was asked for; None where nothing was."""
        return None if self.missing_kwh is None else self.missed_why is None

    @property
    def owners(self) -> tuple[str, ...]:
        """The charger and the car that it belongs to."""
        return tuple(filter(None, (self.charger_id, self.vehicle_id)))

    def repriced(self, prices: Mapping[datetime, SlotPrice], zone: tzinfo) -> SessionRecord | None:
        """Return it at prices that are known now; None where they are what they were."""
        if not reprice(self.slots, prices):
            return None
        return replace(self, months=sums_by_month(self.slots, zone))

    def settled(self) -> SessionRecord:
        """Return it as it is kept once its prices do not change any more."""
        return replace(self, slots={})


def record_of(ledger: Ledger, charger_id: str, zone: tzinfo) -> SessionRecord:
    """Return a session as far as it is known.

    Args:
        ledger: What was noted of it.
        charger_id: Where it is.
        zone: Where people live.
    """
    slots = ledger.slots
    if ledger.pending:
        # By its power, until the meter reports.
        slots = {
            start: replace(slot, drawn=slot.drawn.plus(ledger.pending[start]))
            if start in ledger.pending
            else slot
            for start, slot in slots.items()
        }
    return SessionRecord(
        id=ledger.id,
        charger_id=charger_id,
        charger=ledger.charger,
        vehicle_id=ledger.vehicle_id,
        vehicle=ledger.vehicle,
        tag=ledger.tag,
        guest=ledger.guest,
        begin=ledger.begin,
        end=ledger.end,
        months=sums_by_month(slots, zone),
        starts=ledger.starts,
        writes=ledger.writes,
        missing_kwh=ledger.missing_kwh,
        missed_why=None if not ledger.missing_kwh else ledger.why,
        energy_basis=ledger.energy_basis,
        source_basis=ledger.source_basis,
        unobserved_h=ledger.unobserved_h,
        slots=dict(slots),
    )
