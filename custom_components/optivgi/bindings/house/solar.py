"""What the sun is expected to give: forecasts of energy integrations, or a sensor that has one."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
import math
from typing import Any, Final

from homeassistant import const as ha_const
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import CoreState, HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ...const import DOMAIN, LOGGER
from ...errors import as_part, text_of
from ...scheduler.model import Horizon, PerStep
from ..quantity import valid_state
from .power_sensor import BEYOND

_ENERGY: Final = "energy"
_HOUR: Final = timedelta(hours=1)
# Forecasts are at hand; one that has to be fetched first must not hold up the plan.
_PATIENCE_S: Final = 5.0
# These name the energy of a period by its end, before the version of Home Assistant that fixed
# it; all others by its beginning.
_NAMED_BY_END_BEFORE: Final = {"forecast_solar": (2026, 11)}

# Attributes with rows that have the mean power of a period in kW; the finer ones first
_DETAILS: Final = ("detailedForecast", "detailedHourly")
_ROW_START: Final = "period_start"
_ROW_KW: Final = "pv_estimate"


class SolarForecastError(HomeAssistantError):
    """A forecast cannot be read; the text says which and why."""

    def __init__(self, reason: str, **placeholders: str) -> None:
        """Keep the reason as a key, and what its text names."""
        super().__init__(
            translation_domain=DOMAIN,
            translation_key=reason,
            translation_placeholders=placeholders,
        )


@dataclass(frozen=True)
class _Production:
    start: datetime
    end: datetime
    kw: float


type _Read = Callable[[HomeAssistant, str], Awaitable[Mapping[str, Any] | None]]


async def _async_platforms(hass: HomeAssistant) -> Mapping[str, _Read]:
    """Return what reads the forecasts of a domain's config entries, by domain."""
    if _ENERGY not in hass.config.components:
        return {}
    # It is there, so it has been imported.
    from homeassistant.components.energy.websocket_api import (  # noqa: PLC0415
        async_get_energy_platforms,
    )

    return await async_get_energy_platforms(hass)


async def async_forecasting_entries(hass: HomeAssistant) -> list[ConfigEntry]:
    """Return the config entries that offer a forecast to the energy dashboard."""
    platforms = await _async_platforms(hass)
    return [entry for entry in hass.config_entries.async_entries() if entry.domain in platforms]


def has_forecast(state: State) -> bool:
    """Return whether an entity has a forecast in its attributes."""
    return bool(_powers_kw(state))


class SolarForecast:
    """The expected PV production."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry_ids: Sequence[str],
        entity_id: str | None,
        *,
        carries_kw: float = math.inf,
    ) -> None:
        """Remember where to read: config entries whose forecasts add up, or a sensor.

        Args:
            hass: Home Assistant.
            entry_ids: The config entries.
            entity_id: The sensor, or None.
            carries_kw: What the connection is made for; many times more is no sun.
        """
        self.error: str | None = None
        """Why it could not be read the last time, in the language of Home Assistant; None where it
        could."""
        self._hass = hass
        self._entry_ids = entry_ids
        self._entity_id = entity_id
        self._max_kw = BEYOND * carries_kw
        self._warned = self._warned_of_values = False

    @property
    def wanted(self) -> bool:
        """Whether there is any forecast to read."""
        return bool(self._entry_ids) or self._entity_id is not None

    async def async_read(self, horizon: Horizon) -> PerStep | None:
        """Return the mean production in each step in kW; None where there is no forecast.

        Beyond the end of the forecast nothing is expected.
        """
        if not self.wanted:
            return None
        try:
            production = await self._async_production()
        except SolarForecastError as err:
            # Until Home Assistant has started, others may come later.
            if not self._warned and self._hass.state is CoreState.running:
                LOGGER.warning("Plans are made without the sun: %s", as_part(err))
                self._warned = True
            self.error = as_part(text_of(self._hass, err))
            return None
        if self._warned:
            LOGGER.info("The solar forecast can be read again")
        self._warned = False
        self.error = None
        energy_kwh = [0.0] * len(horizon)
        for period in self._possible(production):
            if period.start < horizon.end and period.end > horizon.start:
                for index, hours in enumerate(horizon.overlap_h(period.start, period.end)):
                    energy_kwh[index] += hours * period.kw
        return tuple(kwh / h for kwh, h in zip(energy_kwh, horizon.step_h, strict=True))

    def _possible(self, production: Sequence[_Production]) -> Sequence[_Production]:
        """Leave out what no sun gives: nothing is expected there."""
        kept = [period for period in production if period.kw <= self._max_kw]
        is_wrong = len(kept) < len(production)
        if is_wrong and not self._warned_of_values:
            LOGGER.warning("Solar power that cannot be true is left out of the forecast")
        self._warned_of_values = is_wrong
        return kept

    async def _async_production(self) -> list[_Production]:
        if self._entity_id is not None:
            return self._of_entity(self._entity_id)
        return [
            period
            for entry_id in self._entry_ids
            for period in await self._async_of_entry(entry_id)
        ]

    def _of_entity(self, entity_id: str) -> list[_Production]:
        """Read a sensor and its siblings: each has a day of its own."""
        registry = er.async_get(self._hass)
        picked = registry.async_get(entity_id)
        siblings = {entity_id}
        if picked is not None and picked.config_entry_id is not None:
            siblings |= {
                entry.entity_id
                for entry in er.async_entries_for_config_entry(registry, picked.config_entry_id)
                if entry.domain == picked.domain
            }
        powers: dict[datetime, float] = {}
        for sibling in sorted(siblings):
            if (state := valid_state(self._hass, sibling)) is not None:
                powers |= _powers_kw(state)
        if not powers:
            raise SolarForecastError("solar_empty", name=entity_id)
        return [_Production(start, end, powers[start]) for start, end in _periods(powers)]

    async def _async_of_entry(self, entry_id: str) -> list[_Production]:
        entry = self._hass.config_entries.async_get_entry(entry_id)
        if entry is None:
            raise SolarForecastError("solar_removed")
        if entry.state is not ConfigEntryState.LOADED:
            raise SolarForecastError("solar_not_loaded", name=entry.title)
        if (read := (await _async_platforms(self._hass)).get(entry.domain)) is None:
            raise SolarForecastError("solar_not_offered", name=entry.title)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                forecast = await read(self._hass, entry_id)
        except Exception as err:
            raise SolarForecastError("solar_failed", name=entry.title, error=repr(err)) from err
        if not forecast or not forecast["wh_hours"]:
            raise SolarForecastError("solar_empty", name=entry.title)
        return _of_energy(forecast["wh_hours"], named_by_end=_named_by_end(entry.domain))


def _named_by_end(domain: str) -> bool:
    """Return whether an integration names the energy of a period by its end."""
    version = (ha_const.MAJOR_VERSION, ha_const.MINOR_VERSION)
    return version < _NAMED_BY_END_BEFORE.get(domain, version)


def _periods(moments: Iterable[datetime]) -> list[tuple[datetime, datetime]]:
    """Return the periods that begin at moments; each lasts until the next, at most an hour."""
    begins = sorted(moments)
    ends = [min(later, earlier + _HOUR) for earlier, later in pairwise(begins)]
    ends += [last + (ends[-1] - begins[-2] if ends else _HOUR) for last in begins[-1:]]
    return list(zip(begins, ends, strict=True))


def _of_energy(wh: Mapping[str, float], *, named_by_end: bool) -> list[_Production]:
    """Turn energies in Wh, by the beginning or the end of their period, into powers."""
    energy_wh = {
        dt_util.as_utc(moment): energy
        for name, energy in wh.items()
        if (moment := dt_util.parse_datetime(name)) is not None
    }
    periods = _periods(energy_wh)
    if named_by_end:
        # The period before a moment is as long as that from the moment before; the first as usual.
        lengths = [end - begin for begin, end in periods]
        periods = [
            (end - length, end)
            for (end, _), length in zip(periods, [*lengths[-1:], *lengths[:-1]], strict=True)
        ]
    energies = [energy_wh[moment] for moment in sorted(energy_wh)]
    return [
        _Production(begin, end, max(0.0, energy) / 1000 / ((end - begin) / _HOUR))
        for (begin, end), energy in zip(periods, energies, strict=True)
    ]


def _powers_kw(state: State) -> dict[datetime, float]:
    """Return the powers that an entity's attributes expect, by the beginning of their period."""
    for name in _DETAILS:
        rows = state.attributes.get(name)
        if isinstance(rows, list | tuple) and (found := dict(_rows(rows))):
            return found
    return {}


def _rows(rows: Iterable[Any]) -> Iterator[tuple[datetime, float]]:
    for row in rows:
        if not isinstance(row, Mapping):
            continue
        start, kw = row.get(_ROW_START), row.get(_ROW_KW)
        start = dt_util.parse_datetime(start) if isinstance(start, str) else start
        if isinstance(start, datetime) and isinstance(kw, int | float) and math.isfinite(kw):
            yield dt_util.as_utc(start), max(0.0, kw)
