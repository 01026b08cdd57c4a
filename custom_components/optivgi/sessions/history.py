"""All sessions of a site that are kept: for 24 months, and no more than so many one by one."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from .by_month import month_of
from .record import SessionRecord
from .sums import Sums

MONTHS_KEPT: Final = 24
"""Two winters can be compared."""
MOST_SESSIONS: Final = 5000
"""Of two cars that come each day, seven years; of 100 chargers four weeks: 2 MB on the disk.
Older ones are kept as sums of the month."""
PRICES_CHANGE_FOR: Final = timedelta(days=2)
"""So long after a session its prices may be published or corrected; no source keeps them longer."""


@dataclass(kw_only=True)
class MonthRow:
    """Sessions of one month that are not kept one by one.

    Attributes:
        month: As in 2026-11.
        charger_id: Where they were.
        vehicle_id: The car; None for guests.
        tag: The RFID tag.
        guest: Who had reserved.
        sessions: How many ended in it.
        sums: What they come to.
    """

    month: str
    charger_id: str
    vehicle_id: str | None = None
    tag: str | None = None
    guest: str | None = None
    sessions: int = 0
    sums: Sums = field(default_factory=Sums)

    def of_same(self, other: MonthRow) -> bool:
        """Whether it is about the same month, charger, car and person."""
        mine, others = (
            (row.month, row.charger_id, row.vehicle_id, row.tag, row.guest) for row in (self, other)
        )
        return mine == others


type Chosen = Callable[[SessionRecord | MonthRow], bool]
"""Says which sessions are meant."""


@dataclass(kw_only=True)
class SessionHistory:
    """The sessions of a site.

    Attributes:
        sessions: Those that are kept one by one, the oldest first.
        rows: What older ones come to.
        totals: What all sessions ever came to, by charger and car, and under "" for the site.
        reset_at: When the total of a car began again, as its sessions were deleted.
    """

    sessions: list[SessionRecord] = field(default_factory=list)
    rows: list[MonthRow] = field(default_factory=list)
    totals: dict[str, Sums] = field(default_factory=dict)
    reset_at: dict[str, datetime] = field(default_factory=dict)

    def add(self, record: SessionRecord, now: datetime, zone: tzinfo) -> None:
        """Keep a session that has ended."""
        self.sessions.append(record)
        self._count(record, record.sums)
        self.trim(now, zone)

    def put(self, index: int, after: SessionRecord) -> None:
        """Keep another version of a session."""
        before, self.sessions[index] = self.sessions[index], after
        self._count(before, after.sums.minus(before.sums))

    def _count(self, record: SessionRecord, sums: Sums) -> None:
        for owner in ("", *record.owners):
            self.totals[owner] = self.totals.get(owner, Sums()).plus(sums)

    @property
    def unsettled(self) -> range:
        """The places of those whose prices may change: they are the last ones."""
        first = len(self.sessions)
        while first and self.sessions[first - 1].slots:
            first -= 1
        return range(first, len(self.sessions))

    def settle(self, now: datetime) -> None:
        """Let go of the parts of sessions whose prices do not change any more."""
        for index in self.unsettled:
            record = self.sessions[index]
            if now - (record.end or record.begin) > PRICES_CHANGE_FOR:
                self.sessions[index] = record.settled()

    def trim(self, now: datetime, zone: tzinfo) -> None:
        """Forget what is too old, and keep what is too much as sums."""
        first = _months_before(month_of(now, zone), MONTHS_KEPT)
        over = max(0, len(self.sessions) - MOST_SESSIONS)
        for record in self.sessions[:over]:
            self._fold(record, zone)
        self.sessions = [
            record
            for record in self.sessions[over:]
            if month_of(record.end or record.begin, zone) > first
        ]
        self.rows = [row for row in self.rows if row.month > first]

    def _fold(self, record: SessionRecord, zone: tzinfo) -> None:
        for row in rows_of(record, zone):
            known = next((kept for kept in self.rows if kept.of_same(row)), None)
            if known is None:
                self.rows.append(row)
            else:
                known.sums = known.sums.plus(row.sums)
                known.sessions += row.sessions

    def delete(self, chosen: Chosen, vehicle_ids: Collection[str], now: datetime) -> int:
        """Forget sessions; return how many.

        The totals of chargers and site stay, as a meter's would. Those of a car begin again.

        Args:
            chosen: Which.
            vehicle_ids: The cars that are to be forgotten.
            now: The present.
        """
        before = len(self.sessions) + sum(row.sessions for row in self.rows)
        self.sessions = [record for record in self.sessions if not chosen(record)]
        self.rows = [row for row in self.rows if not chosen(row)]
        for vehicle_id in vehicle_ids:
            if self.totals.pop(vehicle_id, None) is not None:
                self.reset_at[vehicle_id] = now
        return before - len(self.sessions) - sum(row.sessions for row in self.rows)

    def by_month(self, chosen: Chosen, zone: tzinfo) -> Iterator[MonthRow]:
        """Yield what sessions come to, each in the months of its energy; they count in the last."""
        for record in self.sessions:
            if chosen(record):
                yield from rows_of(record, zone)
        yield from (replace(row) for row in self.rows if chosen(row))


def rows_of(record: SessionRecord, zone: tzinfo) -> Iterator[MonthRow]:
    """Yield what one session comes to, by the month of the energy; it counts in the last."""
    months = record.months or {month_of(record.end or record.begin, zone): Sums()}
    last = max(months)
    for month, sums in months.items():
        yield MonthRow(
            month=month,
            charger_id=record.charger_id,
            vehicle_id=record.vehicle_id,
            tag=record.tag,
            guest=record.guest,
            sessions=int(month == last),
            sums=sums,
        )


def _months_before(month: str, months: int) -> str:
    """Return the month so many before another one."""
    year, number = map(int, month.split("-"))
    index = year * 12 + number - 1 - months
    return f"{index // 12:04d}-{index % 12 + 1:02d}"
