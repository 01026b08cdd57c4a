"""How much of a limit a car draws: from how many phases, and at most. Plain Python."""

from dataclasses import dataclass, replace
from typing import Final

_SAME: Final = 0.08
"""Powers that differ by less are the same: voltage is 230 V give or take 5 %, meters are off."""
_SAME_KW: Final = 0.1
"""The same for low powers."""


@dataclass(frozen=True, kw_only=True)
class Take:
    """What a car was measured to draw of what it may.

    Attributes:
        phases: From how many of those that its charger offers it draws; None for all.
        max_kw: The most it draws, in kW; None where only its charger limits it.
        gets_all: On fewer phases it draws a whole limit, not the part for its phases: so do
            chargers whose limit is a power, unless they share it among all their phases.
        seen_kw: A limit at which it drew less than that limit, as if it used all phases,
        seen_drawn_kw: and what it drew there.
    """

    phases: int | None = None
    max_kw: float | None = None
    gets_all: bool = False
    seen_kw: float = 0.0
    seen_drawn_kw: float = 0.0

    def part(self, phases: int) -> float:
        """Return which part of a limit it draws where that is not too much for it."""
        if self.phases is None or self.gets_all:
            return 1.0
        return min(1.0, self.phases / phases)

    def drawn_kw(self, allowed_kw: float, phases: int) -> float:
        """Return what it is expected to draw at a limit."""
        drawn_kw = allowed_kw * self.part(phases)
        return drawn_kw if self.max_kw is None else min(drawn_kw, self.max_kw)

    def range_kw(self, min_kw: float, max_kw: float, phases: int) -> tuple[float, float]:
        """Return what it draws at the lowest and at the highest limit of its charger."""
        lowest_kw = min_kw * self.part(phases)
        if self.gets_all and self.max_kw is not None:
            lowest_kw = min(lowest_kw, self.max_kw)
        return lowest_kw, max(lowest_kw, self.drawn_kw(max_kw, phases))

    def with_more(
        self, allowed_kw: float, drawn_kw: float, phases: int, *, is_power: bool = False
    ) -> Take:
        """Return what is known when it draws so much: more than thought counts at once."""
        if is_power and (self.gets_all or self.phases is not None):
            # Its phases were known by how little it drew, and no charger that shares gives more.
            is_more = not _is_below(drawn_kw, self.drawn_kw(allowed_kw, phases))
            return Take(gets_all=True) if is_more else self
        used = self.phases
        while used is not None and not _is_below(drawn_kw, allowed_kw * used / phases):
            used = used + 1 if used + 1 < phases else None
        max_kw = self.max_kw
        if max_kw is not None and not _is_below(drawn_kw, max_kw):
            # At what it may draw, nobody knows what else it would.
            part = 1.0 if used is None else used / phases
            is_limited = _is_below(allowed_kw * part, drawn_kw)
            max_kw = None if is_limited else drawn_kw
        if used == self.phases and max_kw == self.max_kw:
            return self
        return Take(phases=used, max_kw=max_kw)

    def with_less(
        self,
        allowed_kw: float,
        drawn_kw: float,
        min_kw: float,
        phases: int,
        *,
        is_power: bool = False,
    ) -> Take:
        """Return what is known when it draws no more than this for long.

        Fewer phases explain it where so little cannot be drawn from all, or where at two limits it
        is the same part of them. Else it is what the car takes at most.

        Two thirds of a power are more likely all that a car on one phase takes, until a second
        limit shows the same part.

        Args:
            allowed_kw: What it may draw, were it to use all phases.
            drawn_kw: What it draws.
            min_kw: The minimum of a car that uses all phases.
            phases: How many its charger offers.
            is_power: The limit is a power, and not a current for each phase.
        """
        is_shared = not is_power or (self.phases is not None and not self.gets_all)
        possible = min(self.phases or phases, int(drawn_kw * (1 + _SAME) / (min_kw / phases)))
        if not possible:
            # Less than any car charges at: the last of a battery that is nearly full.
            return replace(self, max_kw=drawn_kw)
        used, is_part = possible, False
        for count in range(1, possible + 1):
            if not _is_same(drawn_kw, allowed_kw * count / phases):
                continue
            is_clear = is_shared or (count == 1 and not self.gets_all)
            if (possible < phases and is_clear) or self._was_same_part(allowed_kw, drawn_kw):
                used, is_part = count, True
        gets_all = possible < phases and not (is_shared or is_part)
        if gets_all:
            # From how many of those nobody knows, and if it is one, that carries all.
            used = 1
        known = None if used == phases else used
        expected = allowed_kw * (1.0 if gets_all else used / phases)
        return Take(
            phases=known,
            max_kw=None if _is_same(drawn_kw, expected) else drawn_kw,
            gets_all=gets_all,
            seen_kw=allowed_kw,
            seen_drawn_kw=drawn_kw,
        )

    def _was_same_part(self, allowed_kw: float, drawn_kw: float) -> bool:
        """Return whether at another limit it drew the same part of that."""
        if not self.seen_kw or _is_same(self.seen_kw, allowed_kw):
            return False
        return _is_same(drawn_kw / allowed_kw * self.seen_kw, self.seen_drawn_kw)


def _is_same(one_kw: float, other_kw: float) -> bool:
    return abs(one_kw - other_kw) <= max(_SAME_KW, _SAME * max(one_kw, other_kw))


def _is_below(one_kw: float, other_kw: float) -> bool:
    """Return whether the one is not above the other, as far as meters can say."""
    return one_kw <= other_kw + max(_SAME_KW, _SAME * other_kw)
