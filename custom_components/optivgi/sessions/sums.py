"""What energy came to in total, and as shares and average prices."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """Energy in kWh and money in the site's currency, added up.

    Attributes:
        grid_kwh: Imported.
        sun_kwh: Of the sun.
        battery_kwh: Of a home battery.
        cost: What that cost; the part without any known price is not in it.
        cost_at_once: What it would have cost, charged at plug-in under the same limits.
        estimated_kwh: How much of it is at prices that are estimates.
        unpriced_kwh: How much of it has no price.
        planned_kwh: What the plan would have drawn, where that is only observed.
        planned_cost: What that would have cost.
        observed_cost: What as much energy cost instead, at the average price of its session.
    """

    grid_kwh: float = 0.0
    sun_kwh: float = 0.0
    battery_kwh: float = 0.0
    cost: float = 0.0
    cost_at_once: float = 0.0
    estimated_kwh: float = 0.0
    unpriced_kwh: float = 0.0
    planned_kwh: float = 0.0
    planned_cost: float = 0.0
    observed_cost: float = 0.0

    @property
    def kwh(self) -> float:
        """All energy."""
        return self.grid_kwh + self.sun_kwh + self.battery_kwh

    @property
    def saved(self) -> float:
        """What was saved against charging at plug-in; below 0 where that would have been less."""
        return self.cost_at_once - self.cost

    @property
    def would_save(self) -> float:
        """What following the plan would have saved, where that was only observed."""
        return self.observed_cost - self.planned_cost

    @property
    def sun_share(self) -> float | None:
        """The part of the sun in the energy; None without any."""
        return self.sun_kwh / self.kwh if self.kwh > 0 else None

    @property
    def average_price(self) -> float | None:
        """What a kWh cost; None where nothing that has a price was drawn."""
        priced_kwh = self.kwh - self.unpriced_kwh
        return self.cost / priced_kwh if priced_kwh > 0 else None

    def plus(self, other: Sums) -> Self:
        """Return both together."""
        return self._each(lambda name: getattr(self, name) + getattr(other, name))

    def minus(self, other: Sums) -> Self:
        """Return what is left without the other."""
        return self._each(lambda name: getattr(self, name) - getattr(other, name))

    def times(self, factor: float) -> Self:
        """Return a multiple."""
        return self._each(lambda name: getattr(self, name) * factor)

    def _each(self, value: Callable[[str], float]) -> Self:
        return type(self)(**{field.name: value(field.name) for field in fields(self)})
