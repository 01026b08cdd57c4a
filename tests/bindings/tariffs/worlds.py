"""Prices of two days in some zone, unit and step, and the ways in which sources write cells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
import math
from typing import Any, Final
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from custom_components.optivgi.bindings.tariffs.figures import ShownPrice
from custom_components.optivgi.bindings.tariffs.moments import Clock
from custom_components.optivgi.bindings.tariffs.reader import read_quotes
from custom_components.optivgi.bindings.tariffs.series import Period, PriceSeries
from custom_components.optivgi.bindings.tariffs.units import parse_unit

type Slots = list[tuple[datetime, datetime, float]]

UNITS: Final = {
    "EUR/kWh": ("EUR", 1.0),
    "ct/kWh": ("EUR", 0.01),
    "EUR/MWh": ("EUR", 0.001),
    "p/kWh": ("GBP", 0.01),
    "öre/kWh": ("SEK", 0.01),
    "PLN/MWh": ("PLN", 0.001),
}
ZONES: Final = ("Europe/Helsinki", "Europe/Berlin", "Europe/London", "Australia/Sydney")
DAYS: Final = ("2026-11-28", "2026-06-10", "2026-10-24", "2026-03-28")


@dataclass(frozen=True, repr=False)
class World:
    """A house on a day, and the prices that it pays in some unit."""

    zone: ZoneInfo
    now: datetime
    slots: Slots
    unit: str

    def __repr__(self) -> str:
        """Leave out what would fill pages."""
        return f"World({self.zone}, {self.now}, {self.unit})"

    @property
    def currency(self) -> str:
        """The currency of the unit."""
        return UNITS[self.unit][0]

    def is_known_by_local_time(self, moment: datetime) -> bool:
        """Whether local times without a zone are clear then.

        They are not around a change of the clocks; and what the price of now shows, that times
        are UTC, say, may be one of two ways to read them that differ after the change.
        """
        offsets = {
            (moment + timedelta(hours=hours)).astimezone(self.zone).utcoffset()
            for hours in (-3, 0, 3)
        }
        return offsets == {self.now.astimezone(self.zone).utcoffset()}

    def read(self, attributes: dict[str, Any]) -> PriceSeries:
        """Return the prices per kWh that are read, while the sensor shows the one of now."""
        (now,) = [slot for slot in self.slots if slot[0] <= self.now < slot[1]]
        unit = parse_unit(self.unit, self.currency)
        shown = ShownPrice(self.figure(now[2]), unit, self.currency, tolerance=1e-6)
        own = UNITS[self.unit][1]
        return PriceSeries.of(
            Period(q.start, q.end, q.value * (own if q.per_kwh is None else q.per_kwh))
            for q in read_quotes(attributes, Clock(self.now, self.zone), shown)
        )

    def figure(self, price: float) -> float:
        """Return a price as the source says it."""
        return round(price / UNITS[self.unit][1], 6)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    minutes = draw(st.sampled_from((15, 30, 60)))
    unit = draw(st.sampled_from(list(UNITS)))
    midnight = datetime.fromisoformat(draw(st.sampled_from(DAYS))).replace(tzinfo=zone)
    start = midnight.astimezone(UTC)
    end = (midnight + timedelta(days=2)).astimezone(UTC)
    count = (end - start) // timedelta(minutes=minutes)
    # Each price is there once, as most are: else nothing shows which row is the one of now.
    step = draw(st.sampled_from([n for n in (7, 11, 13, 17) if math.gcd(n, count) == 1]))
    level = {"EUR": 0.1, "GBP": 0.1, "SEK": 0.5, "PLN": 0.4}[UNITS[unit][0]]
    slots = [
        (
            start + n * timedelta(minutes=minutes),
            start + (n + 1) * timedelta(minutes=minutes),
            round(level + level * ((n * step) % count) / count, 6),
        )
        for n in range(count)
    ]
    today = (midnight + timedelta(days=1)).astimezone(UTC) - start
    # A few minutes into a slot: before, sensors may still show the slot before.
    now = start + draw(st.integers(0, today // timedelta(minutes=minutes) - 1)) * timedelta(
        minutes=minutes
    )
    return World(zone, now + timedelta(minutes=5), slots, unit)


def _iso(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).isoformat()


TIMES: Final[Mapping[str, Callable[[datetime, tzinfo], Any]]] = {
    "object": lambda moment, zone: moment.astimezone(zone),
    "iso": _iso,
    "space": lambda moment, zone: str(moment.astimezone(zone)),
    "utc": lambda moment, _: moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    "naive": lambda moment, zone: moment.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
    "naive utc": lambda moment, _: moment.strftime("%Y-%m-%dT%H:%M:%S"),
    "day first": lambda moment, zone: moment.astimezone(zone).strftime("%d.%m.%Y %H:%M"),
    "seconds": lambda moment, _: int(moment.timestamp()),
    "milliseconds": lambda moment, _: int(moment.timestamp() * 1000),
}
FIGURES: Final[Mapping[str, Callable[[float], Any]]] = {
    "number": lambda figure: figure,
    "text": str,
    "comma": lambda figure: f"{figure:.6f}".replace(".", ","),
}
NAMES: Final = st.builds(
    lambda name, case: case(f"x{name}q"),
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=9),
    st.sampled_from((str.lower, str.upper, str.title)),
)
