"""Prices by the colour of the day, which is known a day ahead: the French Tempo.

Sensors of an integration have a price for each colour, at off-peak and peak hours, and the colours
of today and tomorrow. A day of a colour begins at 6:00, its off-peak hours at 22:00.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import State

from .axes import day_of
from .figures import ShownPrice
from .moments import Clock
from .quotes import Quote, number
from .units import parse_unit
from .words import COLOURS, NEXT_DAY, OFF_PEAK, PEAK, WITHOUT_TAX, words_of

_PEAK_FROM: Final = time(6)
"""Where Tempo's day begins."""
_OFF_PEAK_FROM: Final = time(22)
"""Tempo's off-peak hours are the same for all."""
_DAY: Final = timedelta(days=1)
_MIN_PRICES: Final = 4
"""Two colours at two kinds of hours: less is another tariff."""

type _Prices = dict[tuple[str, bool], float]
"""What a kWh costs on days of a colour, at peak hours or not."""


@dataclass(frozen=True)
class _Named:
    """A value with the words that it goes by."""

    words: tuple[str, ...]
    value: str
    unit: str | None

    @property
    def colour(self) -> str | None:
        """The colour that it is about, where that is one."""
        found = {COLOURS[word] for word in self.words if word in COLOURS}
        return found.pop() if len(found) == 1 else None


def read_day_colours(states: Iterable[State], clock: Clock, shown: ShownPrice) -> list[Quote]:
    """Return the prices of the days whose colour is known; nothing where there are no colours.

    Args:
        states: The entities of an integration.
        clock: The time of now.
        shown: What the picked entity shows: one of the prices.
    """
    named = [value for state in states for value in _values(state)]
    prices = _prices(named, shown)
    if len(prices) < _MIN_PRICES or (
        shown.figure is not None and not any(map(shown.is_price, prices.values()))
    ):
        return []
    return [
        quote
        for day, colour in sorted(_colours(named, clock).items())
        for quote in _day(day, colour, prices, clock)
    ]


def speaks_of_colours(state: State) -> bool:
    """Whether an entity has a colour, or a price for one."""
    return any(
        value.colour is not None or value.value.lower() in COLOURS for value in _values(state)
    )


def _values(state: State) -> Iterator[_Named]:
    """Yield the state and the attributes of an entity, each under its words."""
    name = state.attributes.get("friendly_name") or state.entity_id
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    yield _Named(words_of(str(name)), state.state, None if unit is None else str(unit))
    for key, value in state.attributes.items():
        if isinstance(value, str | int | float) and key != ATTR_UNIT_OF_MEASUREMENT:
            yield _Named(words_of(key), str(value), None if unit is None else str(unit))


def _prices(named: Iterable[_Named], shown: ShownPrice) -> _Prices:
    """Return the price of each colour and kind of hours, with taxes where both are there."""
    found: dict[bool, _Prices] = {True: {}, False: {}}
    for value in named:
        figure = number(value.value)
        unit = None if value.unit is None else parse_unit(value.unit, shown.currency)
        peak = bool(PEAK.intersection(value.words))
        if figure is None or unit is None or value.colour is None:
            continue
        if peak is bool(OFF_PEAK.intersection(value.words)):
            continue
        kind = found[WITHOUT_TAX.isdisjoint(value.words)]
        kind.setdefault((value.colour, peak), figure * unit.per_kwh)
    with_tax, without = found[True], found[False]
    if shown.figure is not None and any(map(shown.is_price, without.values())):
        return with_tax if any(map(shown.is_price, with_tax.values())) else without
    return with_tax or without


def _colours(named: Iterable[_Named], clock: Clock) -> dict[date, str]:
    """Return the colour of each day that is known."""
    local = clock.now.astimezone(clock.zone)
    running = local.date() - _DAY * (local.time() < _PEAK_FROM)
    found: dict[date, str] = {}
    for value in named:
        colour = COLOURS.get(value.value.strip().lower())
        if colour is None:
            continue
        if (days := day_of(value.words)) is not None:
            found[local.date() + days * _DAY] = colour
        elif NEXT_DAY.intersection(value.words):
            found.setdefault(running + _DAY, colour)
        else:
            found.setdefault(running, colour)
    return found


def _day(
    day: date, colour: str, prices: Mapping[tuple[str, bool], float], clock: Clock
) -> Iterator[Quote]:
    begin = datetime.combine(day, _PEAK_FROM, clock.zone).astimezone(UTC)
    evening = datetime.combine(day, _OFF_PEAK_FROM, clock.zone).astimezone(UTC)
    end = datetime.combine(day + _DAY, _PEAK_FROM, clock.zone).astimezone(UTC)
    if (price := prices.get((colour, True))) is not None:
        yield Quote(begin, evening, price, per_kwh=1.0)
    if (price := prices.get((colour, False))) is not None:
        yield Quote(evening, end, price, per_kwh=1.0)
