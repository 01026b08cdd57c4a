"""How much CO2 a kWh from the grid causes: an entity that shows it, and lists what is forecast.

Such entities list values as those of prices do, and are read alike.
"""

from collections.abc import Mapping
from datetime import datetime
import re
from typing import Any, Final, override

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant, State

from .attributes import AttributeTariff
from .base import TariffError
from .series import PriceSeries
from .units import PriceUnit

_UNIT: Final = re.compile(
    r"(?P<mass>mg|g|kg|t)\s*(co2|co₂)?\s*-?(eq\.?|e)?\s*/\s*(?P<energy>k|m|g)?wh"
)
_KG: Final[Mapping[str, float]] = {"mg": 1e-6, "g": 1e-3, "kg": 1.0, "t": 1e3}
_PER_KWH: Final[Mapping[str, float]] = {"": 1e3, "k": 1.0, "m": 1e-3, "g": 1e-6}


def kg_per_kwh(attributes: Mapping[str, Any]) -> float | None:
    """Return what turns an entity's values into kg per kWh; None where its unit is no such.

    Units are written in many ways: gCO2eq/kWh, g/kWh, kgCO2e/MWh.
    """
    text = str(attributes.get(ATTR_UNIT_OF_MEASUREMENT) or "").strip().lower()
    if (match := _UNIT.fullmatch(text)) is None:
        return None
    return _KG[match["mass"]] * _PER_KWH[match["energy"] or ""]


class Co2Intensity(AttributeTariff):
    """An entity with the CO2 of a kWh: a series in kg, where others have money."""

    def __init__(self, hass: HomeAssistant, entity_id: str) -> None:
        """Remember what to read."""
        super().__init__(hass, entity_id)

    @property
    @override
    def other_currency(self) -> str | None:
        return None

    @override
    async def async_validate(self, start: datetime, end: datetime) -> PriceSeries:
        return await self.async_read(start, end)

    @override
    def _unit(self, state: State) -> PriceUnit:
        factor = kg_per_kwh(state.attributes)
        if factor is None:
            raise TariffError(
                "co2_unit_unknown",
                entity=state.entity_id,
                unit=str(state.attributes.get(ATTR_UNIT_OF_MEASUREMENT) or "-"),
            )
        return PriceUnit(per_kwh=factor)
