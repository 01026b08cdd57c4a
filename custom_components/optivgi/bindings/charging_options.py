"""How a car is charged beside its target and its departure, as its form says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from ..const import (
    CONF_DISCHARGE_COST,
    CONF_DISCHARGE_SOC,
    CONF_EXTRA_PRICE,
    CONF_EXTRA_SOLAR,
    CONF_PREHEAT,
    CONF_PRIORITY,
    CONF_READY_BEFORE,
    Priority,
)

_WEIGHTS: Final[Mapping[Priority, float]] = {
    Priority.LOW: 0.5,
    Priority.NORMAL: 1.0,
    Priority.HIGH: 2.0,
}
"""How many times what a car misses counts: one of high priority misses half as much as others."""


def weight_of(data: Mapping[str, Any]) -> float:
    """Return how many times what is missing counts, by the form of a car or a charger."""
    return _WEIGHTS[Priority(data.get(CONF_PRIORITY, Priority.NORMAL))]


@dataclass(frozen=True, kw_only=True)
class ChargingOptions:
    """What a car is to get beside its target, and when.

    Attributes:
        weight: How many times what it misses counts where there is not enough for all.
        extra_below_price: It charges beyond its target where a kWh costs less; None for never.
        extra_from_solar: It charges beyond its target from solar surplus.
        ready_before: It is to be ready so long before its departure.
        discharge_soc: It may be discharged down to this state of charge, in %; None for never.
        discharge_cost: What that wears its battery, per kWh given.
        preheat: Its power stays on for so long before its departure, charged or not.
    """

    weight: float = 1.0
    extra_below_price: float | None = None
    extra_from_solar: bool = False
    ready_before: timedelta = timedelta(0)
    preheat: timedelta = timedelta(0)
    discharge_soc: float | None = None
    discharge_cost: float = 0.0

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> ChargingOptions:
        """Read the configuration of a car."""
        return cls(
            weight=weight_of(data),
            extra_below_price=data.get(CONF_EXTRA_PRICE),
            extra_from_solar=bool(data.get(CONF_EXTRA_SOLAR)),
            ready_before=timedelta(minutes=data.get(CONF_READY_BEFORE, 0.0)),
            preheat=timedelta(minutes=data.get(CONF_PREHEAT, 0.0)),
            discharge_soc=data.get(CONF_DISCHARGE_SOC),
            discharge_cost=data.get(CONF_DISCHARGE_COST, 0.0),
        )

    @property
    def goes_beyond_target(self) -> bool:
        """Whether it takes more than its target where that is cheap."""
        return self.extra_below_price is not None or self.extra_from_solar
