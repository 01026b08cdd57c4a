"""A car that is announced: when it comes and goes, and what it wants."""

from dataclasses import dataclass
from datetime import datetime
import re
from typing import Final

GUEST_NAME: Final = "Guest"
"""What a car is called that nobody has named."""
ASSUMED_BATTERY_KWH: Final = 60.0
"""A guest's battery, where what it wants is reported in %."""
ASSUMED_ARRIVAL_SOC: Final = 30.0
"""How full a car arrives in %, where nobody reports."""

_SUMMARY: Final = re.compile(
    r"\s*(?P<name>.*?)\s*(?<![\d.,])(?P<amount>\d+(?:[.,]\d+)?)\s*(?P<unit>kwh|%)"
    r"\s*(?:@\s*(?P<charger>\S.*?))?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Reservation:
    """A charging request of a car that comes later.

    Attributes:
        id: Unique within the site.
        name: Who comes, as people call it.
        arrival: When, in UTC.
        departure: When it leaves, in UTC.
        charger_id: Where it charges; None for anywhere.
        vehicle_id: The car, where it is one of the site's.
        energy_kwh: Energy wanted in the battery; None where target_soc says what is wanted.
        target_soc: State of charge wanted at departure in %.
        arrival_soc: State of charge at arrival in %; None while unknown.
        max_power_kw: The most the car draws; None for what the charger gives.
        made_at: When it was made, in UTC; None where that was not noted.
    """

    id: str
    name: str
    arrival: datetime
    departure: datetime
    charger_id: str | None = None
    vehicle_id: str | None = None
    energy_kwh: float | None = None
    target_soc: float | None = None
    arrival_soc: float | None = None
    max_power_kw: float | None = None
    made_at: datetime | None = None

    def needed_kwh(self, battery_kwh: float | None, soc: float | None) -> float:
        """Return the energy wanted in the battery.

        Args:
            battery_kwh: Of the car; None for a guest.
            soc: What the car says of itself now in %.
        """
        if self.energy_kwh is not None:
            return self.energy_kwh
        known = soc if self.arrival_soc is None else self.arrival_soc
        at_arrival = ASSUMED_ARRIVAL_SOC if known is None else known
        missing = max(0.0, (self.target_soc or 0.0) - at_arrival)
        return missing / 100 * (ASSUMED_BATTERY_KWH if battery_kwh is None else battery_kwh)

    def overlaps(self, other: Reservation) -> bool:
        """Return whether both cars would be there at the same time."""
        return self.arrival < other.departure and other.arrival < self.departure


@dataclass(frozen=True, kw_only=True)
class TitleRequest:
    """What the title of a calendar event asks for."""

    name: str
    energy_kwh: float | None
    target_soc: float | None
    charger: str | None


def read_summary(summary: str) -> TitleRequest | None:
    """Read "Tesla 20 kWh", "Guest 80 %" or "Tesla 20 kWh @ Garage"; None for anything else."""
    if (match := _SUMMARY.fullmatch(summary)) is None:
        return None
    amount = float(match["amount"].replace(",", "."))
    in_kwh = match["unit"] != "%"
    return TitleRequest(
        name=match["name"],
        energy_kwh=amount if in_kwh else None,
        target_soc=None if in_kwh else amount,
        charger=match["charger"],
    )


def write_summary(reservation: Reservation, charger: str | None) -> str:
    """Return the title of a reservation's event, as ``read_summary`` reads it."""
    if reservation.energy_kwh is not None:
        wanted = f"{reservation.energy_kwh:g} kWh"
    else:
        wanted = f"{reservation.target_soc or 0:g} %"
    return f"{reservation.name} {wanted}" + (f" @ {charger}" if charger else "")
