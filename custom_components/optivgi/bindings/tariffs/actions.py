"""What sources have in common that hand out prices through a response action."""

from abc import abstractmethod
import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, override

from aiohttp import ClientError
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ...const import LOGGER
from .base import Tariff, TariffError, TariffNotReady
from .series import Period, PriceSeries
from .units import PriceUnit, judge_prices, other_currency, parse_unit

RETRY = timedelta(minutes=5)
"""How long a day that was not there is not asked for again; every question goes to a server."""
# Servers of prices answer within seconds; the plan goes on without them after this.
TIMEOUT_S = 20


class ActionTariff(Tariff):
    """Prices through an action of the integration that the picked entity belongs to."""

    def __init__(self, hass: HomeAssistant, entity: er.RegistryEntry) -> None:
        """Take the integration, and its config entry, from the entity that was picked."""
        self._hass = hass
        self._entity = entity

    @property
    @override
    def watched_entities(self) -> tuple[str, ...]:
        return (self._entity.entity_id,)

    @property
    @override
    def other_currency(self) -> str | None:
        try:
            return other_currency(self.currencies, self._hass.config.currency)
        except TariffError:
            return None

    @override
    async def async_validate(self, start: datetime, end: datetime) -> PriceSeries:
        currencies = self.currencies
        series = await self.async_read(start, end)
        judge_prices(
            (period.price for period in series.periods),
            PriceUnit(currencies=currencies),
            currency=self._hass.config.currency,
            entity_id=self._entity.entity_id,
        )
        return series

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies that the picked entity's unit may stand for; none where it has no unit.

        An integration has more than prices of electricity: a unit that is none of those reports
        is none of those shows that.
        """
        state = self._hass.states.get(self._entity.entity_id)
        stated = state.attributes.get("unit_of_measurement") if state else None
        stated = stated or self._entity.unit_of_measurement
        if not stated:
            return ()
        currency = self._hass.config.currency
        unit = parse_unit(str(stated), currency)
        if unit is None:
            raise TariffError(
                "price_unit_unknown",
                entity=self._entity.entity_id,
                unit=str(stated),
                currency=currency,
            )
        return unit.currencies

    @property
    def config_entry(self) -> ConfigEntry[Any]:
        """The config entry that the entity belongs to, once it is loaded."""
        entry_id = self._entity.config_entry_id
        entry = self._hass.config_entries.async_get_entry(entry_id) if entry_id else None
        if entry is None:
            raise TariffError("price_entity_missing", entity=self._entity.entity_id)
        if entry.state is not ConfigEntryState.LOADED:
            raise self._not_ready()
        return entry

    async def async_call(self, action: str, data: dict[str, Any]) -> ServiceResponse:
        """Call an action of the integration, for as long as a plan can wait for it."""
        async with asyncio.timeout(TIMEOUT_S):
            return await self._hass.services.async_call(
                self._entity.platform, action, data, blocking=True, return_response=True
            )

    def _answers(self, series: PriceSeries, start: datetime) -> PriceSeries:
        """Return what was read, or say that it is of no use."""
        if not series.reaches_beyond(start):
            raise self._not_ready()
        return series

    def _not_ready(self) -> TariffNotReady:
        entity_id = self._entity.entity_id
        state = self._hass.states.get(entity_id)
        return TariffNotReady(
            "price_not_available", entity=entity_id, state=state.state if state else "-"
        )


class DailyActionTariff(ActionTariff):
    """Prices by the day, asked for once."""

    def __init__(self, hass: HomeAssistant, entity: er.RegistryEntry) -> None:
        """Know no day yet."""
        super().__init__(hass, entity)
        self._days: dict[date, tuple[Period, ...]] = {}
        self._not_before: dict[date, datetime] = {}

    @property
    @abstractmethod
    def zone(self) -> tzinfo:
        """Where the source's days begin and end."""

    @property
    @abstractmethod
    def published_from(self) -> time:
        """The time of its day from which on a source may know the next day."""

    @abstractmethod
    async def async_fetch(self, day: date) -> Iterable[Period]:
        """Ask for a day's prices; nothing where they are not published."""

    @override
    async def async_read(self, start: datetime, end: datetime) -> PriceSeries:
        today = start.astimezone(self.zone).date()
        self._days = {day: known for day, known in self._days.items() if day >= today}
        self._not_before = {day: at for day, at in self._not_before.items() if day >= today}
        for day in self._askable(today, end):
            await self._async_update(day)
        return self._answers(
            PriceSeries.of(period for day in self._days.values() for period in day), start
        )

    def _askable(self, today: date, end: datetime) -> Iterable[date]:
        """Yield the days until an instant that the source may know."""
        now = dt_util.utcnow().astimezone(self.zone)
        latest = now.date() + timedelta(days=int(now.time() >= self.published_from))
        day = today
        while day <= latest and datetime.combine(day, time.min, self.zone) < end:
            yield day
            day += timedelta(days=1)

    async def _async_update(self, day: date) -> None:
        now = dt_util.utcnow()
        if day in self._days or self._not_before.get(day, now) > now:
            return
        self._not_before[day] = now + RETRY
        try:
            periods = tuple(await self.async_fetch(day))
        except TariffError:
            # No server was asked
            del self._not_before[day]
            raise
        except (HomeAssistantError, TimeoutError, ClientError, LookupError, ValueError) as error:
            LOGGER.debug("No prices of %s for %s: %s", self._entity.entity_id, day, error)
            return
        if periods:
            self._days[day] = periods


def period_of(start: str, end: str, price: float) -> Period:
    """Build a period from ISO texts with a time zone."""
    return Period(
        datetime.fromisoformat(start).astimezone(UTC),
        datetime.fromisoformat(end).astimezone(UTC),
        price,
    )
