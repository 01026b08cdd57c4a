"""Points in time, however a source writes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from email.utils import parsedate_to_datetime
import re
from typing import Any

from homeassistant.util import dt as dt_util

from .quotes import number

_DAY = timedelta(days=1)
_YEARS = 5  # Nobody knows prices so far away, nor are they of use so long after
_MINUTE_S = 60  # and as many minutes in an hour
_EPOCH_S = 1e8  # Numbers from here on are seconds since 1970,
_EPOCH_MS = 1e11  # and from here on milliseconds: in seconds the year 5138, in milliseconds 1973

_ISO = re.compile(r"\d{4}-?\d{2}-?\d{2}[T ]\d{2}")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
# "02:15"; GE-Spot has "02:15_1" and "02:15_2" for times that are there twice
_TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:(?P<mark>[:hH])(?P<minute>[0-5]\d)?)?(?::[0-5]\d(?:\.\d+)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?(?:_(?P<turn>[12]))?",
    re.IGNORECASE,
)
# "00:00 - 00:15", "00-01", and intervals as ISO 8601 writes them
_SPAN = re.compile(
    r"\s+(?:-|\u2013|to|bis)\s+|(?<=\d)\u2013(?=\d)|(?<=[\dZ])/(?=\d{4}-\d{2}-\d{2}T)"
)
_HOURS = re.compile(r"(\d{2})-(\d{2})")
_MAIL = re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}")
_NO_DIGITS = re.compile(r"^\D+")
_NOON = 12  # where pm begins
_LAST_HOUR = 24  # some write the end of a day so
_TWO_TIMES = 2  # in a span


@dataclass(frozen=True)
class ClockTime:
    """A time of day on the clock on the wall, without a day.

    Attributes:
        minutes: Since midnight; up to 24:00.
        second: It is the later one of two, on the day that has it twice.
    """

    minutes: int
    second: bool = False


type Stamp = datetime | date | ClockTime
"""What a cell says of time: an instant, which may lack its zone, a day, or a time of day."""


@dataclass(frozen=True)
class Clock:
    """What a list that does not say it itself is about.

    Attributes:
        now: When the list was written.
        zone: Where people live by the times in it.
    """

    now: datetime
    zone: tzinfo

    def day(self, days: int) -> date:
        """Return the local date some days from now."""
        return self.now.astimezone(self.zone).date() + timedelta(days=days)

    def instant(self, day: date, at: time = time.min) -> datetime:
        """Return a local date and time in UTC."""
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def stamp(self, value: Any) -> Stamp | None:
        """Read what a cell says of time; None where it says nothing, or what no price is for."""
        stamp = self._stamp(value)
        return None if isinstance(stamp, date) and self._is_far(stamp) else stamp

    def _is_far(self, day: date) -> bool:
        return abs(day.year - self.now.year) > _YEARS

    def _stamp(self, value: Any) -> Stamp | None:
        match value:
            case datetime() | date():
                return value
            case time():
                return ClockTime(value.hour * _MINUTE_S + value.minute, bool(value.fold))
            case str():
                return self._text(value.strip())
        figure = number(value)
        return None if figure is None else _since_1970(figure)

    def _text(self, text: str) -> Stamp | None:
        if not text or not (text[0].isdigit() or _MAIL.match(text)):
            return None
        if match := _HOURS.fullmatch(text):
            return ClockTime(int(match[1]) * _MINUTE_S)
        span = _SPAN.split(text)
        if len(span) == _TWO_TIMES:
            text = f"{span[0]}:00" if len(span[0]) <= _TWO_TIMES else span[0]
        if text.isdecimal():
            return self._digits(text)
        return _standard(text) or self._dated(text) or _clock_time(text)

    def _dated(self, text: str) -> datetime | date | None:
        """Read a date in the order of some country, and a time that may follow."""
        if (found := self._date(text)) is None:
            return None
        day, end = found
        # A word may stand between them, as the Danish "kl."
        rest = _NO_DIGITS.sub("", text[end:])
        if not rest:
            return day
        at = _clock_time(rest)
        if at is None:
            return None
        return datetime.combine(day, time.min) + timedelta(minutes=at.minutes)

    def _digits(self, text: str) -> Stamp | None:
        """Read digits alone: seconds since 1970, or a date that is written without a break."""
        try:
            match len(text):
                case 8:
                    return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007
                case 12:
                    return datetime.strptime(text, "%Y%m%d%H%M")  # noqa: DTZ007
                case 14:
                    return datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007
        except ValueError:
            return None
        return _since_1970(float(text))

    def _date(self, text: str) -> tuple[date, int] | None:
        """Read the date that a text begins with, and where that ends."""
        if match := _YEAR_FIRST.match(text):
            year, month, day = (int(part) for part in match.groups())
            found = [_valid_date(year, month, day)]
        elif match := _YEAR_LAST.match(text):
            one, two, year = (int(part) for part in match.groups())
            found = [_valid_date(year, two, one), _valid_date(year, one, two)]
        else:
            return None
        days = [day for day in found if day is not None and not self._is_far(day)]
        if not days:
            return None
        # Some write the day first, others the month: prices are about these days.
        return min(days, key=lambda day: abs(day - self.day(0))), match.end()

    def resolve(self, stamps: Sequence[datetime | None], zone: tzinfo) -> list[datetime | None]:
        """Return points in time in UTC, to the minute.

        Those without a time zone are in the given one; the second of two equal local times is
        the later one, in the order of the list, be that backwards.
        """
        known = [stamp for stamp in stamps if stamp is not None]
        if all(stamp.tzinfo is not None for stamp in known):
            return [None if stamp is None else _to_minute(stamp) for stamp in stamps]
        # Where rows say which of two equal times they are, their order is of no use.
        says = any(stamp.fold for stamp in known)
        order = -1 if _falls(known) else 1
        found: list[datetime | None] = []
        before: datetime | None = None
        for stamp in stamps[::order]:
            moment = None if stamp is None else _to_minute(_with_zone(stamp, zone, before))
            before = None if says else moment or before
            found.append(moment)
        return found[::order]


def _standard(text: str) -> datetime | None:
    """Read a point in time as ISO 8601 has it, or as mails do."""
    try:
        if _MAIL.match(text):
            return parsedate_to_datetime(text)
        return dt_util.parse_datetime(text) if _ISO.match(text) else None
    except ValueError, OverflowError:
        return None


def _falls(stamps: Sequence[datetime]) -> bool:
    """Whether a list is written with the newest first."""
    naive = [stamp.replace(tzinfo=None) for stamp in stamps]
    return len(naive) > 1 and naive[0] > naive[-1]


def _with_zone(stamp: datetime, zone: tzinfo, before: datetime | None) -> datetime:
    if stamp.tzinfo is not None:
        return stamp
    local = stamp.replace(tzinfo=zone)
    moment = local.astimezone(UTC)
    if before is not None and moment <= before:
        moment = max(moment, local.replace(fold=1).astimezone(UTC))
    return moment


def _to_minute(moment: datetime) -> datetime:
    """Round: some begin a second after the minute, others end a second before it."""
    seconds = round(moment.timestamp() / _MINUTE_S) * _MINUTE_S
    return datetime.fromtimestamp(seconds, UTC)


def _since_1970(figure: float) -> datetime | None:
    if not _EPOCH_S <= figure < _EPOCH_MS * 100:
        return None
    return datetime.fromtimestamp(figure / (1000 if figure >= _EPOCH_MS else 1), UTC)


def _valid_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _clock_time(text: str) -> ClockTime | None:
    match = _TIME.fullmatch(text)
    if match is None or not (match["mark"] or match["half"]):
        return None
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        hour = hour % _NOON + (_NOON if match["half"][0] in "pP" else 0)
    if hour > _LAST_HOUR or (hour == _LAST_HOUR and minute):
        return None
    return ClockTime(hour * _MINUTE_S + minute, match["turn"] == "2")


def on_days(
    times: Iterable[ClockTime | None], days: Iterable[date | None], *, rolling: bool
) -> list[datetime | None]:
    """Put times of day on their days, as local time without a zone.

    Args:
        times: The times of day.
        days: The day of each.
        rolling: Whether a time that is earlier than the one before is of the next day.
    """
    found: list[datetime | None] = []
    more, last = 0, -1
    for at, day in zip(times, days, strict=True):
        if at is None or day is None:
            found.append(None)
            continue
        if rolling:
            more += at.minutes < last
            last = at.minutes
        moment = datetime.combine(day + more * _DAY, time.min) + timedelta(minutes=at.minutes)
        found.append(moment.replace(fold=int(at.second)))
    return found
