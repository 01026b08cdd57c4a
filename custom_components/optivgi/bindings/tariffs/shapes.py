"""The shapes in which integrations keep price lists in attributes, as data.

Every source has its own names for the same things. They are rows of the tables below; a source
with other names is one more row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
import math
import re
from typing import Any

from homeassistant.util import dt as dt_util

FORECAST_KEYS: tuple[str, ...] = ("forecast", "forecasts", "forecast_data")
LIST_KEYS: tuple[str, ...] = (
    "raw_today",
    "raw_tomorrow",
    "prices_today",
    "prices_tomorrow",
    "today_interval_prices",
    "tomorrow_interval_prices",
    "prices",
    "data",
    "rates",
    *FORECAST_KEYS,
)
"""Attributes with a list of prices; where two know the same price, the first one counts.

What stands under one of ``FORECAST_KEYS`` beside another list is estimated; where there is no
other list, it is the prices.
"""
FORECAST_START_KEY = "forecast_start"
"""Attribute with the instant from which on a list of prices goes on as a forecast."""

DAY_KEYS: Mapping[str, int] = {"today": 0, "tomorrow": 1, "prices_today": 0, "prices_tomorrow": 1}
"""Attributes with a day's prices as plain numbers, and how many days from now that day is."""

CLOCK_KEYS: Mapping[str, int] = {"export_today_prices": 0, "export_tomorrow_prices": 1}
"""Attributes with a day's prices by the clock on the wall, and how many days from now that day is.

Where there are any, nothing else counts: GE-Spot's sensors of exports have the prices of imports
beside them, under the names of the lists above.
"""

START_KEYS: tuple[str, ...] = (
    "start",
    "start_time",
    "startsAt",
    "start_date",
    "time",
    "hour",
    "datetime",
    "timestamp",
    "from",
    "valid_from",
    "period_start",
)
END_KEYS: tuple[str, ...] = (
    "end",
    "end_time",
    "endsAt",
    "end_date",
    "till",
    "to",
    "valid_to",
    "period_end",
)


@dataclass(frozen=True)
class ValueKey:
    """Where in a row the price stands.

    Attributes:
        path: The key, or keys one within another.
        per_kwh: What turns it into money per kWh where the key itself has a unit; None where the
            entity's unit does.
        whole: It counts for whole numbers only.
    """

    path: tuple[str, ...]
    per_kwh: float | None = None
    whole: bool = False

    def read(self, row: Mapping[str, Any]) -> float | None:
        """Return the figure of a row, or None where it has none here."""
        value: Any = row
        for key in self.path:
            if not isinstance(value, Mapping) or key not in value:
                return None
            value = value[key]
        if self.whole and not isinstance(value, int):
            return None
        return number(value)


VALUE_KEYS: tuple[ValueKey, ...] = (
    ValueKey(("value",)),
    ValueKey(("price_per_kwh",), per_kwh=1),
    ValueKey(("price_ct_per_kwh",), per_kwh=0.01),
    ValueKey(("price_eur_per_mwh",), per_kwh=0.001),
    ValueKey(("total",)),
    ValueKey(("per_kwh",), per_kwh=1),
    ValueKey(("value_inc_vat",), per_kwh=1),
    # Zonneplan: ten-millionths of a euro, beside a sensor in EUR/kWh
    ValueKey(("price_tax_included", "amount"), per_kwh=1e-7),
    ValueKey(("electricity_price",), per_kwh=1e-7, whole=True),
    ValueKey(("electricity_price",)),
    ValueKey(("price",)),
)

# pvpc_hourly_pricing: an attribute per local hour; "_d" is the second one as summer time ends
_HOUR_KEY = re.compile(r"^price_(?P<next>next_day_)?(?P<hour>[01]\d|2[0-3])h(?P<second>_d)?$")

# GE-Spot: "02:15", and "02:15_1" and "02:15_2" for times that are there twice
_CLOCK_TIME = re.compile(r"^(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(_(?P<turn>[12]))?$")

_DAY = timedelta(days=1)
# The intervals that markets and suppliers use.
_LENGTHS = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 15, 30, 60))
_NEVER = datetime.max.replace(tzinfo=UTC)
# Numbers from here on are seconds since 1970, and from there on milliseconds.
_EPOCH_S = 1e8
# In seconds that is the year 5138, in milliseconds 1973.
_EPOCH_MS = 1e11


@dataclass(frozen=True)
class Quote:
    """A price as its source says it.

    Attributes:
        start: From this instant on.
        end: Until before this one.
        value: The figure.
        per_kwh: What turns it into money per kWh; None where the entity's unit says so.
        estimated: It is no price yet, but what somebody expects.
    """

    start: datetime
    end: datetime
    value: float
    per_kwh: float | None = None
    estimated: bool = False


@dataclass(frozen=True)
class Clock:
    """What a list that does not say it itself is about."""

    now: datetime
    zone: tzinfo

    def day(self, days: int) -> date:
        """Return the local date some days from now."""
        return self.now.astimezone(self.zone).date() + timedelta(days=days)

    def instant(self, day: date, at: time = time.min) -> datetime:
        """Return a local date and time in UTC."""
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def parse(self, value: Any, after: datetime | None = None) -> datetime | None:
        """Read a point in time, to the minute; None where it is none.

        Args:
            value: A datetime, its text, or seconds or milliseconds since 1970. Without a time
                zone it is local.
            after: What comes before it; distinguishes the second of two equal local times.
        """
        moment = _datetime(value)
        if moment is None:
            return None
        if moment.tzinfo is None:
            local = moment.replace(tzinfo=self.zone)
            moment = local.astimezone(UTC)
            if after is not None and moment <= after:
                moment = max(moment, local.replace(fold=1).astimezone(UTC))
        # Some sources begin a second after the minute, others end a second before it.
        seconds = round(moment.timestamp() / 60) * 60
        return datetime.fromtimestamp(seconds, UTC)


def _datetime(value: Any) -> datetime | None:
    """Read what stands for a point in time, whatever its type."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        # A date or a number alone is no point in time.
        if "-" not in value or ":" not in value:
            return None
        try:
            return dt_util.parse_datetime(value.strip())
        except ValueError:
            return None
    figure = number(value)
    if figure is None or not _EPOCH_S <= figure < _EPOCH_MS * 100:
        return None
    return datetime.fromtimestamp(figure / (1000 if figure >= _EPOCH_MS else 1), UTC)


def number(value: Any) -> float | None:
    """Return a finite number, or None where a value is none."""
    if value is None or isinstance(value, (bool, datetime)):
        return None
    try:
        figure = float(value)
    except TypeError, ValueError:
        return None
    return figure if math.isfinite(figure) else None


def read_quotes(attributes: Mapping[str, Any], clock: Clock) -> list[Quote]:
    """Return every price that an entity's attributes hold, in the order in which they count.

    Known names come first. Only where they hold nothing, every other attribute is looked at,
    for template and REST sensors have names of their own.
    """
    if not CLOCK_KEYS.keys().isdisjoint(attributes):
        return [
            quote
            for key, days in CLOCK_KEYS.items()
            for quote in _read_clock_times(attributes.get(key), clock.day(days), clock)
        ]
    lists = {key: read_collection(attributes.get(key), clock) for key in LIST_KEYS}
    if any(quotes for key, quotes in lists.items() if key not in FORECAST_KEYS):
        for key in FORECAST_KEYS:
            lists[key] = [replace(quote, estimated=True) for quote in lists[key]]
    quotes = [quote for quotes in lists.values() for quote in quotes]
    if (guessed_from := clock.parse(attributes.get(FORECAST_START_KEY))) is not None:
        quotes = [replace(q, estimated=q.estimated or q.start >= guessed_from) for q in quotes]
    quotes = quotes or [
        quote
        for key, days in DAY_KEYS.items()
        for quote in _read_day(attributes.get(key), clock.day(days), clock)
    ]
    quotes = quotes or _read_hours(attributes, clock)
    quotes = quotes or _read_mapping(attributes, clock)
    return quotes or [
        quote for value in attributes.values() for quote in read_collection(value, clock)
    ]


def has_price_list(attributes: Mapping[str, Any]) -> bool:
    """Whether an attribute is there that holds prices at other times, be it empty now."""
    return any(key in attributes for key in (*LIST_KEYS, *DAY_KEYS, *CLOCK_KEYS))


def read_collection(value: Any, clock: Clock) -> list[Quote]:
    """Read a list of rows, a list of pairs or a mapping of times to prices."""
    if isinstance(value, Mapping):
        return _read_mapping(value, clock)
    if isinstance(value, str) or not isinstance(value, Sequence):
        return []
    return _close(_read_items(value, clock))


@dataclass
class _Open:
    """A quote whose end may be unknown."""

    start: datetime
    end: datetime | None
    value: float
    per_kwh: float | None = None


def _read_items(items: Iterable[Any], clock: Clock) -> Iterable[_Open]:
    last: datetime | None = None
    for item in items:
        quote = (
            _read_row(item, clock, last)
            if isinstance(item, Mapping)
            else _read_pair(item, clock, last)
        )
        if quote is not None:
            last = quote.start
            yield quote


def _read_row(row: Mapping[str, Any], clock: Clock, last: datetime | None) -> _Open | None:
    start = _first_time(row, START_KEYS, clock, last)
    if start is None:
        return None
    for key in VALUE_KEYS:
        if (value := key.read(row)) is not None:
            return _Open(start, _first_time(row, END_KEYS, clock, start), value, key.per_kwh)
    return None


def _read_pair(item: Any, clock: Clock, last: datetime | None) -> _Open | None:
    if isinstance(item, str) or not isinstance(item, Sequence):
        return None
    match item:
        case [moment, figure]:
            start, value = clock.parse(moment, last), number(figure)
            return None if start is None or value is None else _Open(start, None, value)
    return None


def _first_time(
    row: Mapping[str, Any], keys: Iterable[str], clock: Clock, after: datetime | None
) -> datetime | None:
    for key in keys:
        if (moment := clock.parse(row.get(key), after)) is not None:
            return moment
    return None


def _read_mapping(value: Mapping[str, Any], clock: Clock) -> list[Quote]:
    return _close(_read_items(value.items(), clock))


def _close(items: Iterable[_Open]) -> list[Quote]:
    """Give an end to quotes that lack one: the next start; the last is as long as the others.

    None lasts beyond the next one's start: sources that went from hours to quarters kept saying
    that each lasts an hour.
    """
    quotes = sorted(items, key=lambda quote: quote.start)
    starts = sorted({quote.start for quote in quotes})
    following = dict(pairwise(starts))
    lengths = [after - before for before, after in pairwise(starts)]
    usual = sorted(lengths)[len(lengths) // 2] if lengths else timedelta(hours=1)
    return [
        Quote(
            quote.start,
            min(quote.end or _NEVER, following.get(quote.start, quote.end or quote.start + usual)),
            quote.value,
            quote.per_kwh,
        )
        for quote in quotes
    ]


def _read_hours(attributes: Mapping[str, Any], clock: Clock) -> list[Quote]:
    quotes: list[Quote] = []
    for key, raw in attributes.items():
        match = _HOUR_KEY.match(key)
        if match is None or (value := number(raw)) is None:
            continue
        at = time(int(match["hour"]), fold=1 if match["second"] else 0)
        start = clock.instant(clock.day(1 if match["next"] else 0), at)
        quotes.append(Quote(start, start + timedelta(hours=1), value))
    return quotes


def _read_clock_times(rows: Any, day: date, clock: Clock) -> list[Quote]:
    """Read a local day's prices, each with its time of day."""
    quotes: list[_Open] = []
    for row in rows if isinstance(rows, Sequence) else ():
        match = _CLOCK_TIME.match(str(row.get("time"))) if isinstance(row, Mapping) else None
        if match is None or (value := number(row.get("value"))) is None:
            continue
        at = time(int(match["hour"]), int(match["minute"]), fold=match["turn"] == "2")
        quotes.append(_Open(clock.instant(day, at), None, value))
    return _close(quotes)


def _read_day(values: Any, day: date, clock: Clock) -> list[Quote]:
    """Read a local day's prices that are equally long."""
    if isinstance(values, str) or not isinstance(values, Sequence) or not values:
        return []
    figures = [number(value) for value in values]
    start, end = clock.instant(day), clock.instant(day + _DAY)
    if (length := (end - start) / len(figures)) in _LENGTHS:
        edges = [start + index * length for index in range(len(figures) + 1)]
    elif (length := _DAY / len(figures)) in _LENGTHS:
        # 24 hours by the clock on the wall on a day that has 23 or 25 of them
        midnight = datetime.combine(day, time.min)
        edges = [
            (midnight + index * length).replace(tzinfo=clock.zone).astimezone(UTC)
            for index in range(len(figures) + 1)
        ]
    else:
        return []
    return [
        Quote(begin, until, figure)
        for (begin, until), figure in zip(pairwise(edges), figures, strict=True)
        if figure is not None and begin < until
    ]
