"""A car known to the site: its battery and what its own entities say."""

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..cars.departures import read_weekly_table
from ..cars.presence import Sighting
from ..cars.soc import ReportedSoc
from ..const import (
    CONF_BATTERY_KWH,
    CONF_CHARGER,
    CONF_DEPARTURE,
    CONF_DEPARTURE_ENTITY,
    CONF_DEPARTURE_TEXT,
    CONF_EFFICIENCY,
    CONF_KEEP_PHASES,
    CONF_LOCATION_ENTITY,
    CONF_MAX_A,
    CONF_PHASES,
    CONF_PLUGGED_ENTITY,
    CONF_SOC_ENTITY,
    CONF_SOC_LIMIT_ENTITY,
    CONF_SOC_OLD_AFTER,
    CONF_SOC_TIME_ENTITY,
    CONF_TAGS,
    CONF_TARGET_SOC,
    CONF_WEEKLY,
    DEFAULT_DEPARTURE,
    DEFAULT_EFFICIENCY,
    DEFAULT_SOC_OLD_AFTER_H,
    DEFAULT_TARGET_SOC,
)
from .car_limit import car_limit_of, percentage
from .chargers.calls import Caller
from .chargers.meanings import configured_meanings
from .chargers.words import compact
from .charging_options import ChargingOptions
from .departure_calendar import DepartureCalendar
from .presence import read_presence
from .quantity import valid_state
from .soc import read_soc


def time_of_day(text: str) -> time:
    """Read a time selector's value; falls back to the default departure."""
    return dt_util.parse_time(text) or time.fromisoformat(DEFAULT_DEPARTURE)


class Vehicle:
    """A car of the site, from its subentry's data."""

    def __init__(
        self, hass: HomeAssistant, vehicle_id: str, name: str, data: Mapping[str, Any]
    ) -> None:
        """Bind the car's entities, where there are any."""
        self.id = vehicle_id
        self.name = name
        self.battery_kwh: float = data[CONF_BATTERY_KWH]
        self.soc_entity: str | None = data.get(CONF_SOC_ENTITY)
        self.target_soc: float = data.get(CONF_TARGET_SOC, DEFAULT_TARGET_SOC)
        self.departure = time_of_day(data.get(CONF_DEPARTURE, DEFAULT_DEPARTURE))
        self.weekly = read_weekly_table(data.get(CONF_WEEKLY, ()))
        entity_id = data.get(CONF_DEPARTURE_ENTITY)
        self.calendar = (
            DepartureCalendar(hass, entity_id, data.get(CONF_DEPARTURE_TEXT)) if entity_id else None
        )
        self.efficiency: float = data.get(CONF_EFFICIENCY, DEFAULT_EFFICIENCY)
        self.phases: int | None = int(data[CONF_PHASES]) if CONF_PHASES in data else None
        self.max_a: float | None = data.get(CONF_MAX_A)
        self.keeps_phases: bool = data.get(CONF_KEEP_PHASES, False)
        """Its charger must not switch phases while it is plugged in."""
        self.usual_charger: str | None = data.get(CONF_CHARGER)
        self.plugged_entity: str | None = data.get(CONF_PLUGGED_ENTITY)
        self.location_entity: str | None = data.get(CONF_LOCATION_ENTITY)
        self.soc_time_entity: str | None = data.get(CONF_SOC_TIME_ENTITY)
        self.tags = frozenset(map(compact, data.get(CONF_TAGS, ())))
        """The RFID tags that start its charging, as they are compared."""
        self.options = ChargingOptions.of(data)
        """How it is charged beside its target and its departure."""
        self._own_limit_entity: str | None = data.get(CONF_SOC_LIMIT_ENTITY)
        self.limit = car_limit_of(Caller(hass, name), data)
        """The car's own limit, where its target is to be written there."""
        self.soc_old_after = timedelta(hours=data.get(CONF_SOC_OLD_AFTER, DEFAULT_SOC_OLD_AFTER_H))
        self._meanings = configured_meanings(data)
        self._hass = hass

    @property
    def watched_entities(self) -> tuple[str, ...]:
        """The entities a change of which makes a new plan worth while."""
        calendar = None if self.calendar is None else self.calendar.entity_id
        return tuple(
            filter(
                None,
                (
                    self.soc_entity,
                    self.plugged_entity,
                    self.location_entity,
                    calendar,
                    self._own_limit_entity,
                ),
            )
        )

    @property
    def own_limit_soc(self) -> float | None:
        """The state of charge at which the car itself stops, in %; None while nothing shows it."""
        state = valid_state(self._hass, self._own_limit_entity)
        return None if state is None else percentage(state)

    def reported_soc(self) -> ReportedSoc | None:
        """Return what the sensor reports of the state of charge; None while it reports nothing."""
        return read_soc(self._hass, self.soc_entity, self.soc_time_entity, self.battery_kwh)

    def read_soc(self) -> float | None:
        """Return the state of charge in %, or None where no sensor says one."""
        reported = self.reported_soc()
        return None if reported is None else reported.soc

    def sighting(self) -> Sighting | None:
        """Return what the car says about where it is; None while it says nothing."""
        return read_presence(self._hass, self.plugged_entity, self._meanings, self.location_entity)
