"""Which profiles a charge point may hold: the one it has shown to follow, and any sent since.

A profile that was sent may have been refused in silence, so that what it was to replace still
counts until the charge point is seen to follow.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from .charging_profile import Purpose
from .following import SentProfile


class HeldProfiles:
    """The profiles that a connector may hold, by what they are for."""

    def __init__(self) -> None:
        """Know of none yet."""
        self._by_purpose: dict[Purpose, list[SentProfile]] = {}

    def add(self, sent: SentProfile) -> None:
        """Note one that was sent, or may have been."""
        self._by_purpose.setdefault(sent.profile.purpose, []).append(sent)

    def withdraw(self, sent: SentProfile) -> None:
        """Note that one was never sent after all."""
        held = self._by_purpose.get(sent.profile.purpose, [])
        self._by_purpose[sent.profile.purpose] = [one for one in held if one is not sent]

    def confirm(self, sent: SentProfile) -> None:
        """Note that one is followed: what was sent before has been replaced."""
        self._by_purpose[sent.profile.purpose] = [sent]

    def forget(self, purpose: Purpose) -> None:
        """Note that there is none of ours for a purpose any more."""
        self._by_purpose.pop(purpose, None)

    def highest_a(self, edges: Sequence[datetime]) -> tuple[float, ...] | None:
        """Return the max that may be allowed in each step and after the last, in A per phase.

        None where nothing is known. That of a transaction takes the place of others.

        Args:
            edges: The beginnings of the steps, and the end of the last.
        """
        profiles = self._by_purpose.get(Purpose.TX) or self._by_purpose.get(Purpose.TX_DEFAULT)
        if not profiles:
            return None
        steps: list[tuple[datetime, datetime | None]] = [*pairwise(edges), (edges[-1], None)]
        return tuple(max(held.highest_a(*step) for held in profiles) for step in steps)
