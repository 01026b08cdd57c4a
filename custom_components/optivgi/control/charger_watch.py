"""Watches the chargers: says once when one is lost, and once when it is back."""

from collections.abc import Iterable

from ..charging.charging_point import ChargingPoint
from ..const import LOGGER


class ChargerWatch:
    """Looks after the entities of the chargers of a site."""

    def __init__(self) -> None:
        """Miss nothing."""
        self._lost: set[str] = set()

    def look(self, points: Iterable[ChargingPoint]) -> None:
        """Look at the chargers as they were last observed."""
        for point in points:
            charger, missing = point.charger, point.reading.missing
            if missing and charger.id not in self._lost:
                self._lost.add(charger.id)
                LOGGER.warning(
                    "%s cannot be controlled: %s not available", charger.name, ", ".join(missing)
                )
            elif not missing and charger.id in self._lost:
                self._lost.discard(charger.id)
                LOGGER.info("%s can be controlled again", charger.name)
