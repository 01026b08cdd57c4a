"""Home Assistant's own Nord Pool integration, which has its forecast behind an action only."""

from collections.abc import Iterable, Mapping
from datetime import date, time, tzinfo
from typing import Any, cast, override
from zoneinfo import ZoneInfo

from homeassistant.const import CONF_CURRENCY
from homeassistant.helpers import entity_registry as er

from .actions import DailyActionTariff, period_of
from .base import TariffError
from .series import Period

_CONF_AREAS = "areas"
_GET_PRICES = "get_prices_for_date"
# A binary sensor that turns on when tomorrow's prices are there
_TOMORROW_KEY = "tomorrow_price_available"
# The action gives prices as the market does.
_PER_KWH = 1 / 1000


class NordpoolTariff(DailyActionTariff):
    """Day-ahead prices of one area, without taxes and fees."""

    zone: tzinfo = ZoneInfo("Europe/Oslo")
    published_from: time = time(12, 30)

    @property
    @override
    def watched_entities(self) -> tuple[str, ...]:
        tomorrow = er.async_get(self._hass).async_get_entity_id(
            "binary_sensor", self._entity.platform, f"{self._area}-{_TOMORROW_KEY}"
        )
        return (*super().watched_entities, *([tomorrow] if tomorrow else []))

    @property
    def _areas(self) -> list[str]:
        entry_id = self._entity.config_entry_id or ""
        entry = self._hass.config_entries.async_get_entry(entry_id)
        return list(entry.data.get(_CONF_AREAS, [])) if entry else []

    @property
    def _area(self) -> str | None:
        """The area the picked entity is about: part of its unique id, or the only one there is."""
        areas = self._areas
        named = [area for area in areas if area in self._entity.unique_id.split("-")]
        return (named or areas)[0] if len(named or areas) == 1 else None

    @property
    @override
    def currencies(self) -> tuple[str, ...]:
        return (self.config_entry.data[CONF_CURRENCY],)

    @override
    async def async_fetch(self, day: date) -> Iterable[Period]:
        entry = self.config_entry
        area = self._area
        if area is None:
            raise TariffError(
                "price_area_unknown",
                entity=self._entity.entity_id,
                areas=", ".join(self._areas) or "-",
            )
        response = await self.async_call(
            _GET_PRICES,
            {"config_entry": entry.entry_id, "date": day.isoformat(), "areas": [area]},
        )
        rows = cast("Mapping[str, list[dict[str, Any]]]", response or {}).get(area, [])
        return [period_of(row["start"], row["end"], row["price"] * _PER_KWH) for row in rows]
