"""Where the energy of cars comes from: the grid, the sun, a home battery."""

from dataclasses import dataclass
from enum import StrEnum
import math


class SourceBasis(StrEnum):
    """What the sources of energy are known by."""

    GRID_METER = "grid_meter"
    """The meter at the connection shows what is imported while the cars draw."""
    HOUSE_METER = "house_meter"
    """House and PV are measured: the cars get what the house leaves of the sun."""
    ASSUMED = "assumed"
    """Nothing measures it: all is taken for imported."""


@dataclass(kw_only=True, slots=True)
class Sources:
    """Energy in kWh, by where it comes from."""

    grid_kwh: float = 0.0
    sun_kwh: float = 0.0
    battery_kwh: float = 0.0

    @property
    def kwh(self) -> float:
        """All of it."""
        return math.fsum((self.grid_kwh, self.sun_kwh, self.battery_kwh))

    def plus(self, other: Sources) -> Sources:
        """Return both together."""
        return Sources(
            grid_kwh=self.grid_kwh + other.grid_kwh,
            sun_kwh=self.sun_kwh + other.sun_kwh,
            battery_kwh=self.battery_kwh + other.battery_kwh,
        )

    def times(self, factor: float) -> Sources:
        """Return a multiple of it."""
        return Sources(
            grid_kwh=self.grid_kwh * factor,
            sun_kwh=self.sun_kwh * factor,
            battery_kwh=self.battery_kwh * factor,
        )


@dataclass(frozen=True, kw_only=True)
class SiteFlow:
    """What flowed at a site in a span of time, in kWh.

    Attributes:
        imported_kwh: Through the connection, below 0 for exported; None where not measured.
        house_kwh: What the house took beside chargers, battery and PV; None while unknown.
        pv_kwh: What PV gave; None where not measured.
        battery_kwh: What the home battery gave, below 0 for taken; 0 without one.
    """

    imported_kwh: float | None = None
    house_kwh: float | None = None
    pv_kwh: float | None = None
    battery_kwh: float = 0.0

    @property
    def basis(self) -> SourceBasis:
        """What the sources are known by."""
        if self.imported_kwh is not None:
            return SourceBasis.GRID_METER
        return SourceBasis.ASSUMED if self.house_kwh is None else SourceBasis.HOUSE_METER

    def sources(self, cars_kwh: float) -> Sources:
        """Return where the energy of all cars together came from.

        The house is served first by sun and battery, the cars get what is left: a car that waits
        for the sun changes nothing but its own part. What is imported goes to the cars up to what
        they draw. Where PV and battery are both there, the sun counts before the battery as far as
        PV is known to leave it.

        Args:
            cars_kwh: What all of them drew.
        """
        if cars_kwh <= 0:
            return Sources()
        given_kwh = max(0.0, self.battery_kwh)
        if self.imported_kwh is not None:
            grid_kwh = min(cars_kwh, max(0.0, self.imported_kwh))
            local_kwh = cars_kwh - grid_kwh
            if self.pv_kwh is None:
                battery_kwh = min(local_kwh, given_kwh)
            else:
                house_kwh = self.imported_kwh + self.pv_kwh + self.battery_kwh - cars_kwh
                sun_kwh = min(local_kwh, max(0.0, self.pv_kwh - max(0.0, house_kwh)))
                battery_kwh = min(local_kwh - sun_kwh, given_kwh)
            return Sources(
                grid_kwh=grid_kwh, sun_kwh=local_kwh - battery_kwh, battery_kwh=battery_kwh
            )
        sun_kwh = min(cars_kwh, self._left_by_house_kwh)
        battery_kwh = min(cars_kwh - sun_kwh, max(0.0, given_kwh - self._wanted_by_house_kwh))
        return Sources(
            grid_kwh=cars_kwh - sun_kwh - battery_kwh, sun_kwh=sun_kwh, battery_kwh=battery_kwh
        )

    @property
    def _left_by_house_kwh(self) -> float:
        if self.house_kwh is None:
            return 0.0
        return max(0.0, (self.pv_kwh or 0.0) - self.house_kwh)

    @property
    def _wanted_by_house_kwh(self) -> float:
        return 0.0 if self.house_kwh is None else max(0.0, self.house_kwh - (self.pv_kwh or 0.0))

    def free_sun_kwh(self, own_kwh: float, cars_kwh: float) -> float:
        """Return how much sun one car might have used beside what the others drew.

        Args:
            own_kwh: What it drew itself.
            cars_kwh: What all of them drew, itself included.
        """
        given_kwh = max(0.0, self.battery_kwh)
        if self.imported_kwh is not None:
            return max(0.0, own_kwh - self.imported_kwh - given_kwh)
        return max(0.0, self._left_by_house_kwh - (cars_kwh - own_kwh))
