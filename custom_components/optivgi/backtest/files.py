"""Past weeks from a file of comma-separated values.

The first row names the columns: ``time`` (ISO, UTC where it names no zone), ``price`` per kWh,
``house_kw`` (all but the cars; below 0 where the sun gives more), for each charger ``<name>_kw``,
and where they are known ``<name>_plugged`` (0 or 1) and ``export_price``.
"""

from collections.abc import Callable, Mapping
import csv
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import pairwise
from pathlib import Path
from statistics import median

from .past import SLOT, Past, Unknown
from .readings import ChargerPast, slots_of, stays_of, without_gaps

_KW, _PLUGGED = "_kw", "_plugged"
_HOUSE = "house"


@dataclass(frozen=True, kw_only=True)
class FileSite:
    """What a file does not say.

    Attributes:
        limit_kw: What the connection carries.
        min_kw: The least that a charger gives.
        zone: Where people live.
        departure: When cars are expected to leave, each day, local; None for when they did.
        published_at: When the prices of the next day are known; None for all along.
        start_cost: What a start counts for.
    """

    limit_kw: float
    min_kw: float
    zone: tzinfo
    departure: time | None
    published_at: time | None
    start_cost: float


def read(path: Path, site: FileSite) -> Past:
    """Read a file.

    Raises:
        ValueError: It is none of this kind.
    """
    columns = _columns(path)
    if missing := {"price", _HOUSE + _KW} - columns.keys():
        raise ValueError(f"{path}: there is no column {', '.join(sorted(missing))}")
    times = sorted(columns["price"])
    interval = timedelta(seconds=median((b - a).total_seconds() for a, b in pairwise(times)))
    start = times[0] - (times[0] - datetime.min.replace(tzinfo=UTC)) % SLOT
    count = -((start - times[-1] - interval) // SLOT)

    def of(name: str) -> tuple[tuple[float, ...], int]:
        return without_gaps(slots_of(columns.get(name, {}), start, count, interval))

    prices, price_gaps = of("price")
    unknown = {Unknown.SOLAR_FORECAST} if min(of(_HOUSE + _KW)[0]) < 0 else set()
    if interval > SLOT:
        unknown.add(Unknown.HOURLY_MEANS)
    if price_gaps:
        unknown.add(Unknown.PRICES)
    if "export_price" not in columns:
        unknown.add(Unknown.EXPORT_PRICE)
    if site.departure is None:
        unknown.add(Unknown.DEPARTURES)
    chargers = []
    for name in (name.removesuffix(_KW) for name in columns if name.endswith(_KW)):
        if name == _HOUSE:
            continue
        there = slots_of(columns.get(name + _PLUGGED, {}), start, count, interval)
        if None in there:
            unknown.add(Unknown.PLUG_TIMES)
        chargers.append(
            ChargerPast(
                name=name,
                drawn_kw=of(name + _KW)[0],
                plugged=[None if value is None else value > 0 for value in there],
                min_kw=site.min_kw,
                leaves=leaves_daily(site.departure, site.zone),
            )
        )
    return Past(
        start=start,
        zone=site.zone,
        house_kw=of(_HOUSE + _KW)[0],
        import_price=prices,
        export_price=of("export_price")[0],
        stays=tuple(stay for charger in chargers for stay in stays_of(charger, start)),
        limit_kw=site.limit_kw,
        published_at=site.published_at,
        start_cost=site.start_cost,
        unknown=frozenset(unknown),
    )


def leaves_daily(clock: time | None, zone: tzinfo) -> Callable[[datetime], datetime | None]:
    """Return what says when a car leaves next that leaves at the same time of every day."""

    def leaves(moment: datetime) -> datetime | None:
        if clock is None:
            return None
        local = moment.astimezone(zone)
        departure = datetime.combine(local.date(), clock, zone)
        if departure <= local:
            departure = datetime.combine(local.date() + timedelta(days=1), clock, zone)
        return departure.astimezone(UTC)

    return leaves


def _columns(path: Path) -> Mapping[str, dict[datetime, float]]:
    columns: dict[str, dict[datetime, float]] = {}
    with path.open(newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                at = datetime.fromisoformat(row.pop("time"))
                moment = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
                for name, text in row.items():
                    if name and text:
                        columns.setdefault(name, {})[moment] = float(text)
            except (KeyError, TypeError, ValueError) as err:
                raise ValueError(f"{path}, line {number}: {err}") from err
    if len(columns.get("price", {})) < 2:  # noqa: PLR2004 - one shows no interval
        raise ValueError(f"{path}: there are no prices")
    return columns
