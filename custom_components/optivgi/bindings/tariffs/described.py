"""Price sources with an action, distinguished by a description each: see ``described_sources``."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, override
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ...const import LOGGER
from .actions import ActionTariff, DailyActionTariff
from .base import TariffError
from .moments import Clock
from .reader import read_rows
from .series import Period, PriceSeries


@dataclass(frozen=True)
class Picked:
    """What a source's description may look at."""

    hass: HomeAssistant
    entity: er.RegistryEntry
    entry: ConfigEntry[Any]

    def is_about(self, *words: str) -> bool:
        """Whether the entity's unique id contains one of some words."""
        return any(word in self.entity.unique_id for word in words)


@dataclass(frozen=True)
class Window:
    """The time that is asked about: a day of the source, or from now on."""

    day: date
    start: datetime
    end: datetime


@dataclass(frozen=True)
class ActionSource:
    """How an integration hands out its prices.

    Attributes:
        action: The name of its action, or what returns it for the entity that was picked.
        data: What the action is asked with.
        rows: Where in the answer the list of prices is; in any shape.
        published_from: For an action for one day: the time of day from which on the next
            one may be there. None for an action for what is known from now on, without
            asking a server.
        zone: Where the source's days begin; None for where Home Assistant is.
        per_kwh: What turns its figures into money per kWh.
        estimated: Its prices are expected, not fixed.
        now: Rows of the price of now, where the action leaves that out.
    """

    action: str | Callable[[Picked], str]
    data: Callable[[Picked, Window], dict[str, Any]]
    rows: Callable[[Picked, Mapping[str, Any]], Any]
    published_from: time | None = None
    zone: str | None = None
    per_kwh: float = 1.0
    estimated: bool = False
    now: Callable[[Picked], Iterable[Mapping[str, Any]]] = lambda _: ()

    def create(self, hass: HomeAssistant, entity: er.RegistryEntry) -> ActionTariff:
        """Return the tariff of an entity of this source."""
        kind = LiveDescribedTariff if self.published_from is None else DailyDescribedTariff
        return kind(hass, entity, self)


class _DescribedTariff(ActionTariff):
    def __init__(self, hass: HomeAssistant, entity: er.RegistryEntry, source: ActionSource) -> None:
        """Take the source's description."""
        super().__init__(hass, entity)
        self._source = source

    async def _async_ask(self, window: Window) -> PriceSeries:
        picked = Picked(self._hass, self._entity, self.config_entry)
        action = self._source.action
        answer = await self.async_call(
            action if isinstance(action, str) else action(picked), self._source.data(picked, window)
        )
        listed = self._periods(self._source.rows(picked, answer or {}), self._source.estimated)
        now = self._periods(list(self._source.now(picked)), estimated=False)
        return PriceSeries.of([*listed, *now])

    def _periods(self, rows: Any, estimated: bool) -> list[Period]:
        clock = Clock(dt_util.utcnow(), dt_util.get_default_time_zone())
        return [
            Period(
                quote.start,
                quote.end,
                quote.value * (self._source.per_kwh if quote.per_kwh is None else quote.per_kwh),
                estimated,
            )
            for quote in read_rows(rows, clock)
        ]


class DailyDescribedTariff(_DescribedTariff, DailyActionTariff):
    """Prices by the day."""

    @property
    @override
    def zone(self) -> tzinfo:
        zone = self._source.zone
        return ZoneInfo(zone) if zone else dt_util.get_default_time_zone()

    @property
    @override
    def published_from(self) -> time:
        return self._source.published_from or time.min

    @override
    async def async_fetch(self, day: date) -> Iterable[Period]:
        start = datetime.combine(day, time.min, self.zone).astimezone(UTC)
        end = datetime.combine(day + timedelta(days=1), time.min, self.zone).astimezone(UTC)
        # An answer may go beyond the day, and that must not count as the other day being known.
        return (await self._async_ask(Window(day, start, end))).between(start, end).periods


class LiveDescribedTariff(_DescribedTariff):
    """What the integration knows from now on; asking costs nothing."""

    @override
    async def async_read(self, start: datetime, end: datetime) -> PriceSeries:
        day = start.astimezone(dt_util.get_default_time_zone()).date()
        try:
            series = await self._async_ask(Window(day, start, end))
        except TariffError:
            raise
        except (HomeAssistantError, TimeoutError, LookupError, TypeError, ValueError) as error:
            LOGGER.debug("No prices of %s: %s", self._entity.entity_id, error)
            raise self._not_ready() from error
        return self._answers(series, start)
