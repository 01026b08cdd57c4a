"""Readings of any interval as quarters of an hour, and the stays of cars that they show."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from statistics import fmean

from ..scheduler.model import PHASES, Phase
from .past import SLOT, Stay

type Series = Mapping[datetime, float]
"""Means by the beginning of their interval, UTC."""

_CHARGES_KW = 0.3
"""A car that draws more charges; chargers take some for themselves, and cars for their heating."""
_PAUSE = timedelta(hours=6)
"""A car that draws nothing for so long is taken to have left, where nothing else is known."""
_LEAST_KWH = 0.2
"""Less than this in a stay is none that could have been charged in another way."""


@dataclass(frozen=True, kw_only=True)
class ChargerPast:
    """What is known of a charger.

    Attributes:
        name: What it is called.
        drawn_kw: What its cars drew.
        plugged: Whether a car was there, by slot; None where that is not known.
        min_kw: The least that it gives.
        step_kw: Its limits are the minimum plus whole steps of this.
        phases: Those that its cars draw from.
        leaves: Returns when a car that came at a moment was expected to leave; None where nobody
            knows.
    """

    name: str
    drawn_kw: Sequence[float]
    plugged: Sequence[bool | None]
    min_kw: float = 0.0
    step_kw: float = 0.0
    phases: tuple[Phase, ...] = PHASES
    leaves: Callable[[datetime], datetime | None] = lambda _: None


def slots_of(
    series: Series, start: datetime, count: int, interval: timedelta
) -> list[float | None]:
    """Return means of quarters of an hour; None where there is no reading.

    Longer intervals are taken to be the same all along, of shorter ones it is the mean.
    """
    found: list[list[float]] = [[] for _ in range(count)]
    for begin, value in series.items():
        first = (begin - start) // SLOT
        for slot in range(first, max(first + 1, -((start - begin - interval) // SLOT))):
            if 0 <= slot < count:
                found[slot].append(value)
    return [fmean(values) if values else None for values in found]


def without_gaps(values: Sequence[float | None]) -> tuple[tuple[float, ...], int]:
    """Return values with the nearest earlier one in each gap, and how many gaps there were."""
    known = [value for value in values if value is not None]
    last = known[0] if known else 0.0
    filled = []
    for value in values:
        last = last if value is None else value
        filled.append(last)
    return tuple(filled), len(values) - len(known)


def stays_of(charger: ChargerPast, start: datetime) -> Iterator[Stay]:
    """Yield the cars that charged there, from a moment on."""
    # What its cars never drew, they do not draw in any other way either.
    max_kw = max(charger.drawn_kw, default=0.0)
    for first, end in _spans(charger, start):
        drawn_kw = tuple(
            kw if kw > _CHARGES_KW else 0.0 for kw in map(float, charger.drawn_kw[first:end])
        )
        stay = Stay(
            charger=charger.name,
            first=first,
            end=end,
            drawn_kw=drawn_kw,
            max_kw=max_kw,
            min_kw=min(charger.min_kw, max_kw),
            step_kw=charger.step_kw,
            phases=charger.phases,
            departure=charger.leaves(start + first * SLOT),
        )
        if stay.kwh >= _LEAST_KWH:
            yield stay


def _spans(charger: ChargerPast, start: datetime) -> Iterator[tuple[int, int]]:
    """Yield from when until when cars were there."""
    plugged = charger.plugged
    for is_there, group in groupby(range(len(plugged)), key=lambda slot: plugged[slot]):
        slots = list(group)
        if is_there:
            yield slots[0], slots[-1] + 1
        elif is_there is None:
            yield from _guessed(charger, start, slots[0], slots[-1] + 1)


def _guessed(
    charger: ChargerPast, start: datetime, begin: int, limit: int
) -> Iterator[tuple[int, int]]:
    """Yield the same by what was drawn between two slots, where nothing else is known."""
    charging = [slot for slot in range(begin, limit) if charger.drawn_kw[slot] > _CHARGES_KW]
    while charging:
        first = charging[0]
        leaves = charger.leaves(start + first * SLOT)
        if leaves is None:
            end = first + 1
            while slots := [slot for slot in charging if end <= slot < end + _PAUSE // SLOT]:
                end = slots[-1] + 1
        else:
            end = min(limit, max(first + 1, (leaves - start) // SLOT))
        # Whoever still charges then has not left.
        while end in charging:
            end += 1
        yield first, end
        charging = [slot for slot in charging if slot >= end]
