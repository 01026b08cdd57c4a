"""From when until when rows count that name one of the two, or both."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

LENGTHS: Final = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 15, 30, 60))
"""The intervals that markets and suppliers use."""

_REGULAR: Final = 0.75
"""The share of rows an hour or less apart that makes a longer time between two a gap."""


def close(
    begins: Sequence[datetime | None], ends: Sequence[datetime | None] | None
) -> list[tuple[datetime, datetime] | None]:
    """Give an end to rows that lack one: the next begin; the last is as long as the others.

    None lasts beyond the next one's begin: sources that went from hours to quarters kept saying
    that each lasts an hour.
    """
    known = sorted({begin for begin in begins if begin is not None})
    lengths = _lengths(known)
    following = dict(pairwise(known))
    spans: list[tuple[datetime, datetime] | None] = []
    for index, begin in enumerate(begins):
        if begin is None:
            spans.append(None)
            continue
        end = ends[index] if ends is not None else None
        until = begin + lengths[begin]
        if end is not None and end > begin:
            until = min(end, following.get(begin, end))
        spans.append((begin, until))
    return spans


def close_backwards(
    ends: Sequence[datetime | None],
) -> list[tuple[datetime, datetime] | None]:
    """Give a begin to rows that are named by their end: the end before."""
    known = sorted({end for end in ends if end is not None})
    # Forwards each is as long as until the next one; backwards, as since the one before.
    lengths = dict(zip(known[1:], _lengths(known).values(), strict=False))
    usual = _usual(known)
    return [None if end is None else (end - lengths.get(end, usual), end) for end in ends]


def _lengths(moments: Sequence[datetime]) -> dict[datetime, timedelta]:
    """Return how long it is to the next moment, without what is missing from a list of hours."""
    found = {earlier: later - earlier for earlier, later in pairwise(moments)}
    usual = _usual(moments)
    short = sum(length <= LENGTHS[-1] for length in found.values())
    if short >= _REGULAR * len(found):
        found = {
            moment: length if length <= LENGTHS[-1] else usual for moment, length in found.items()
        }
    return {**found, **dict.fromkeys(moments[-1:], usual)}


def _usual(moments: Sequence[datetime]) -> timedelta:
    lengths = sorted(after - before for before, after in pairwise(moments))
    return lengths[(len(lengths) - 1) // 2] if lengths else timedelta(hours=1)
