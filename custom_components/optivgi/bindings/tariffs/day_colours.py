"""Prices by the colour of the day, which is known a day ahead: the French Tempo.

Sensors of an integration have a price for each colour, at off-peak and peak hours, and the colours
of today and tomorrow. A day of a colour begins at 6:00, its off-peak hours at 22:00.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from homeassistant.core import State

from .axes import day_of
from .figures import ShownPrice
from .moments import Clock
from .named_values import NamedValue, named_values
from .quotes import Quote
from .words import COLOURS, NEXT_DAY, WITHOUT_TAX, words_of

_PEAK_FROM: Final = time(6)
"""Where Tempo's day begins."""
_OFF_PEAK_FROM: Final = time(22)
"""Tempo's off-peak hours are the same for all."""
_DAY: Final = timedelta(days=1)
_MIN_PRICES: Final = 4
"""Two colours at two kinds of hours: less is another tariff."""

type _Prices = dict[tuple[str, bool], float]
"""What a kWh costs on days of a colour, at peak hours or not."""


def read_day_colours(
    states: Iterable[State], clock: Clock, shown: ShownPrice, elsewhere: Iterable[State] = ()
) -> list[Quote]:
    """Return the prices of the days whose colour is known; nothing where there are no colours.

    Args:
        states: The entities of an integration.
        clock: The time of now.
        shown: What the picked entity shows: one of the prices.
        elsewhere: Entities of other integrations, which may have the colours.
    """
    named = [value for state in states for value in named_values(state)]
    prices = _prices(named, shown)
    if len(prices) < _MIN_PRICES or (
        shown.figure is not None and not any(map(shown.is_price, prices.values()))
    ):
        return []
    colours = _colours(named, clock) or _colours(
        (value for state in elsewhere if _is_tempo(state) for value in named_values(state)), clock
    )
    return [
        quote
        for day, colour in sorted(colours.items())
        for quote in _day(day, colour, prices, clock)
    ]


def colours_of_days(states: Iterable[State], clock: Clock) -> dict[date, str]:
    """Return the colour of each day that entities show, by the local date on which it begins."""
    return _colours((value for state in states for value in named_values(state)), clock)


def _is_tempo(state: State) -> bool:
    """Whether an entity of another integration is about Tempo: red is a storm to others."""
    name = f"{state.entity_id} {state.attributes.get('friendly_name', '')}"
    return "tempo" in words_of(name.lower())


def speaks_of_colours(state: State) -> bool:
    """Whether an entity has a colour, or a price for one."""
    return any(
        _colour_of(value) is not None or _colour_in(value) is not None
        for value in named_values(state)
    )


def _colour_of(value: NamedValue) -> str | None:
    """Return the colour that a value is about, where that is one."""
    found = {COLOURS[word] for word in value.words if word in COLOURS}
    return found.pop() if len(found) == 1 else None


def _colour_in(value: NamedValue) -> str | None:
    """Return the colour that a value is, where it is one."""
    return COLOURS.get(value.value.strip().lower()) if isinstance(value.value, str) else None


def _prices(named: Iterable[NamedValue], shown: ShownPrice) -> _Prices:
    """Return the price of each colour and kind of hours, with taxes where both are there."""
    found: dict[bool, _Prices] = {True: {}, False: {}}
    for value in named:
        colour, peak, price = _colour_of(value), value.is_peak, value.price(shown.currency)
        if colour is not None and peak is not None and price is not None:
            found[WITHOUT_TAX.isdisjoint(value.words)].setdefault((colour, peak), price)
    with_tax, without = found[True], found[False]
    if shown.figure is not None and any(map(shown.is_price, without.values())):
        return with_tax if any(map(shown.is_price, with_tax.values())) else without
    return with_tax or without


def _colours(named: Iterable[NamedValue], clock: Clock) -> dict[date, str]:
    """Return the colour of each day that is known."""
    local = clock.now.astimezone(clock.zone)
    running = local.date() - _DAY * (local.time() < _PEAK_FROM)
    found: dict[date, str] = {}
    for value in named:
        colour = _colour_in(value)
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
