"""A car known to the site: its battery and what its state of charge sensor says."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_BATTERY_KWH,
    CONF_CHARGER,
    CONF_DEPARTURE,
    CONF_EFFICIENCY,
    CONF_MAX_A,
    CONF_PHASES,
    CONF_SOC_ENTITY,
    CONF_TARGET_SOC,
    DEFAULT_DEPARTURE,
    DEFAULT_EFFICIENCY,
    DEFAULT_TARGET_SOC,
)
from .quantity import number, valid_state

FULL_SOC = 100.0


def time_of_day(text: str) -> time:
    """Read a time selector's value; falls back to the default departure."""
    return dt_util.parse_time(text) or time.fromisoformat(DEFAULT_DEPARTURE)


class Vehicle:
    """A car of the site, from its subentry's data."""

    def __init__(
        self, hass: HomeAssistant, vehicle_id: str, name: str, data: Mapping[str, Any]
    ) -> None:
        """Bind the state of charge sensor, where there is one."""
        self.id = vehicle_id
        self.name = name
        self.battery_kwh: float = data[CONF_BATTERY_KWH]
        self.soc_entity: str | None = data.get(CONF_SOC_ENTITY)
        self.target_soc: float = data.get(CONF_TARGET_SOC, DEFAULT_TARGET_SOC)
        self.departure = time_of_day(data.get(CONF_DEPARTURE, DEFAULT_DEPARTURE))
        self.efficiency: float = data.get(CONF_EFFICIENCY, DEFAULT_EFFICIENCY)
        self.phases: int | None = int(data[CONF_PHASES]) if CONF_PHASES in data else None
        self.max_a: float | None = data.get(CONF_MAX_A)
        self.usual_charger: str | None = data.get(CONF_CHARGER)
        self._hass = hass

    def read_soc(self) -> float | None:
        """Return the state of charge in %, or None where no sensor says one."""
        soc = number(valid_state(self._hass, self.soc_entity))
        return soc if soc is not None and 0 <= soc <= FULL_SOC else None
