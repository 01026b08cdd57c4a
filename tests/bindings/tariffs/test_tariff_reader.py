"""Whatever a source calls its prices and however it writes them, the same prices come out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
import json
import math
from typing import Any, Final
from zoneinfo import ZoneInfo

from homeassistant.core import State
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.optivgi.bindings.tariffs.clock_rates import read_clock_rates
from custom_components.optivgi.bindings.tariffs.day_colours import read_day_colours
from custom_components.optivgi.bindings.tariffs.figures import ShownPrice
from custom_components.optivgi.bindings.tariffs.moments import Clock
from custom_components.optivgi.bindings.tariffs.reader import (
    has_price_list,
    read_quotes,
    unread_lists,
)
from custom_components.optivgi.bindings.tariffs.series import Period, PriceSeries
from custom_components.optivgi.bindings.tariffs.two_rates import read_two_rates
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


@dataclass(frozen=True, repr=False)
class Written:
    """What a source has made of a world; each list is cut in what is shown of a failure."""

    attributes: dict[str, Any]
    ambiguous: bool
    form: str
    times: str
    labels: str
    order: int

    def __repr__(self) -> str:
        """Leave out what would fill pages."""
        return f"Written({self.form}, {self.times}, {self.labels}, {self.order})"


@st.composite
def written(draw: st.DrawFn, world: World) -> Written:
    times = draw(st.sampled_from(list(TIMES)))
    as_figure = FIGURES[draw(st.sampled_from(list(FIGURES)))]
    start_key, end_key, value_key, other_key = draw(
        st.lists(NAMES, min_size=4, max_size=4, unique_by=str.lower)
    )
    # One riddle at a time: a time in UTC that does not say so, and is an end, has two answers.
    labels = "both" if times == "naive utc" else draw(st.sampled_from(("start", "end", "both")))

    def rows_of(slots: Slots) -> list[dict[str, Any]]:
        return [
            {
                other_key: "normal",
                **({start_key: TIMES[times](begin, world.zone)} if labels != "end" else {}),
                **({end_key: TIMES[times](until, world.zone)} if labels != "start" else {}),
                value_key: as_figure(world.figure(price)),
            }
            for begin, until, price in slots
        ]

    local_day = world.slots[0][0].astimezone(world.zone).date()
    today = [s for s in world.slots if s[0].astimezone(world.zone).date() == local_day]
    tomorrow = world.slots[len(today) :]
    form = draw(st.sampled_from(("one", "days", "nested", "json", "columns", "keys", "pairs")))
    if form in ("columns", "keys", "pairs"):
        key = (lambda s: s[1]) if labels == "end" else (lambda s: s[0])
        cells = [
            (TIMES[times](key(slot), world.zone), as_figure(world.figure(slot[2])))
            for slot in world.slots
        ]
    order = -1 if draw(st.booleans()) and form != "keys" else 1
    name = draw(NAMES)
    value: dict[str, Any]
    match form:
        case "one":
            value = {name: rows_of(world.slots)[::order]}
        case "days":
            value = {
                f"{name}_today": rows_of(today)[::order],
                f"{name}_tomorrow": rows_of(tomorrow)[::order],
            }
        case "nested":
            value = {name: {"Home": {"rows": rows_of(world.slots)[::order]}}}
        case "json":
            value = {name: json.dumps(rows_of(world.slots)[::order], default=str)}
        case "columns":
            value = {
                start_key: [cell[0] for cell in cells][::order],
                value_key: [cell[1] for cell in cells][::order],
            }
        case "keys":
            value = {name: {str(cell[0]): cell[1] for cell in cells}}
        case _:
            value = {name: [list(cell) for cell in cells][::order]}
    return Written(
        {"unit_of_measurement": world.unit, "friendly_name": "Price", **value},
        ambiguous="naive" in times or times == "day first",
        form=form,
        times=times,
        labels=labels,
        order=order,
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_the_same_prices_come_out(data: st.DataObject) -> None:
    world = data.draw(worlds())
    source = data.draw(written(world))
    (now,) = [s for s in world.slots if s[0] <= world.now < s[1]]
    unit = parse_unit(world.unit, world.currency)
    shown = ShownPrice(world.figure(now[2]), unit, world.currency, tolerance=1e-6)
    quotes = read_quotes(source.attributes, Clock(world.now, world.zone), shown)
    series = PriceSeries.of(
        Period(q.start, q.end, q.value * (UNITS[world.unit][1] if q.per_kwh is None else q.per_kwh))
        for q in quotes
    )
    for begin, _, price in world.slots:
        if not source.ambiguous or world.is_known_by_local_time(begin):
            assert series.price_at(begin) == pytest.approx(price, abs=1e-6), begin


_CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.text(max_size=8),
    st.sampled_from(
        (
            "0001-01-01 00:00",
            "9999-12-31T23:59:59Z",
            "9999-12-31 24:00",
            "99.99.9999",
            "2026-13-45 00:00",
            "24:30",
            "[1, 2",
            "{}",
            "Infinity",
            "1e999",
            "00:00-24:00",
            "-0:15",
            10**400,
            1_795_993_200,
            "rouge",
        )
    ),
)
_NAMES = """
    start end from to time hour date price value rate days today tomorrow low high unit
    forecast_start 2026-11-28 00:00 01:00 price_00h couleur_demain prix_bleu_hp
"""
_KEYS = st.sampled_from(_NAMES.split())
_ANYTHING = st.recursive(
    _CELLS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=30,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(attributes=st.dictionaries(_KEYS, _ANYTHING, max_size=5), shown=st.text(max_size=5))
def test_nothing_that_an_entity_may_have_is_too_much(
    attributes: dict[str, Any], shown: str
) -> None:
    state = State("sensor.price", shown, {"unit_of_measurement": "EUR/kWh", **attributes})
    clock = Clock(datetime(2026, 11, 28, 9, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    price = ShownPrice.of(state, "EUR")
    for quote in read_quotes(state.attributes, clock, price):
        assert quote.start < quote.end
    unread_lists(state.attributes, clock, price)
    has_price_list(state.attributes, clock)
    read_clock_rates(state.attributes, clock, price)
    read_day_colours([state], clock, price)
    read_two_rates([state], clock, price)
