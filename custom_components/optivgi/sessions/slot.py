"""A span of a session with one price: what was drawn in it, and what could have been."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from .sources import Sources

LONGEST_SLOT: Final = timedelta(minutes=15)
"""A quarter of an hour: no time zone begins a month within one, and markets have no longer unit."""


@dataclass(frozen=True, kw_only=True)
class SlotPrice:
    """What a kWh costs in a slot, in the site's currency.

    Attributes:
        import_price: From the grid; None where no price is known at all.
        export_price: What the sun would have earned.
        estimated: The price is not published, as far as is known yet.
    """

    import_price: float | None = None
    export_price: float = 0.0
    estimated: bool = False

    def cost(self, sources: Sources) -> float:
        """Return what energy costs.

        Grid energy costs what is imported for, the sun what its export would have earned. What a
        home battery gives would have saved an import otherwise, and costs as much as that.
        """
        bought_kwh = sources.grid_kwh + sources.battery_kwh
        return bought_kwh * (self.import_price or 0.0) + sources.sun_kwh * self.export_price


@dataclass(kw_only=True, slots=True)
class Slot:
    """A part of a session.

    Attributes:
        end: Until before this moment; it is kept by its start.
        drawn: What was drawn.
        room_kwh: What the car could have drawn at its full power, within the limits.
        free_sun_kwh: How much of that the sun could have given.
        planned_kwh: What it would have drawn by the plan, where that is only observed.
        price: What a kWh costs.
    """

    end: datetime
    drawn: Sources = field(default_factory=Sources)
    room_kwh: float = 0.0
    free_sun_kwh: float = 0.0
    planned_kwh: float = 0.0
    price: SlotPrice = field(default_factory=SlotPrice)

    def mixed(self, kwh: float) -> Sources:
        """Return where other energy in this slot would have come from: the free sun first."""
        sun_kwh = min(kwh, max(self.free_sun_kwh, self.drawn.sun_kwh))
        battery_kwh = min(kwh - sun_kwh, self.drawn.battery_kwh)
        return Sources(
            grid_kwh=kwh - sun_kwh - battery_kwh, sun_kwh=sun_kwh, battery_kwh=battery_kwh
        )
