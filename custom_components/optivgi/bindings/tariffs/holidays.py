"""Which days are holidays: a calendar knows, or the workday sensor."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ...const import CONF_HOLIDAY_ENTITY, LOGGER
from .base import TariffError

_DAY = timedelta(days=1)
_WORKDAY = "workday"
# By Python's numbers of weekdays.
_MONDAY_TO_FRIDAY = range(5)

type _Read = Callable[[Iterable[date]], Awaitable[dict[date, bool]]]


class Holidays:
    """Asks an entity of the user's about each day, once."""

    def __init__(self, hass: HomeAssistant, entity_id: str) -> None:
        """Remember the entity to ask."""
        self._hass = hass
        self._entity_id = entity_id
        self._known: dict[date, bool] = {}

    async def async_between(self, first: date, last: date) -> frozenset[date]:
        """Return the holidays from a day to another; none where nobody answers."""
        days = [first + n * _DAY for n in range((last - first).days + 1)]
        try:
            await self._async_ask(days)
        except (HomeAssistantError, LookupError, TypeError, ValueError) as error:
            LOGGER.debug("%s does not tell holidays: %s", self._entity_id, error)
        return frozenset(day for day in days if self._known.get(day))

    async def async_validate(self, day: date) -> None:
        """Raise TariffError where the entity does not report holidays."""
        try:
            await self._async_ask([day])
        except (HomeAssistantError, LookupError, TypeError, ValueError) as error:
            refusal = TariffError("price_holidays_unreadable", entity=self._entity_id)
            refusal.field = CONF_HOLIDAY_ENTITY
            raise refusal from error

    async def _async_ask(self, days: Iterable[date]) -> None:
        self._known = {day: known for day, known in self._known.items() if day >= _year_ago()}
        unknown = [day for day in days if day not in self._known]
        if unknown:
            self._known |= await self._reader()(unknown)

    def _reader(self) -> _Read:
        registered = er.async_get(self._hass).async_get(self._entity_id)
        is_workday = registered is not None and registered.platform == _WORKDAY
        domain = self._entity_id.partition(".")[0]
        if domain == "calendar":
            # Workday's own calendar has the days on which people work.
            return self._async_workdays if is_workday else self._async_events
        if is_workday:
            return self._async_checked
        raise ValueError(f"{self._entity_id} is neither a calendar nor a workday sensor")

    async def _async_events(self, days: Iterable[date]) -> dict[date, bool]:
        """Every day that has an event for the whole day is a holiday."""
        days = list(days)
        busy = await self._async_busy(days)
        return {day: day in busy for day in days}

    async def _async_workdays(self, days: Iterable[date]) -> dict[date, bool]:
        days = list(days)
        busy = await self._async_busy(days)
        return {day: day.weekday() in _MONDAY_TO_FRIDAY and day not in busy for day in days}

    async def _async_busy(self, days: list[date]) -> set[date]:
        zone = dt_util.get_default_time_zone()
        answer = await self._async_call(
            "calendar",
            "get_events",
            {
                "start_date_time": datetime.combine(days[0], datetime.min.time(), zone),
                "end_date_time": datetime.combine(days[-1] + _DAY, datetime.min.time(), zone),
            },
        )
        return {day for event in answer["events"] for day in _days_of(event)}

    async def _async_checked(self, days: Iterable[date]) -> dict[date, bool]:
        checked = {}
        for day in days:
            if day.weekday() not in _MONDAY_TO_FRIDAY:
                checked[day] = False
                continue
            answer = await self._async_call(_WORKDAY, "check_date", {"check_date": day})
            checked[day] = not answer["workday"]
        return checked

    async def _async_call(self, domain: str, action: str, data: dict[str, Any]) -> Any:
        response = await self._hass.services.async_call(
            domain,
            action,
            data,
            blocking=True,
            return_response=True,
            target={"entity_id": self._entity_id},
        )
        return (response or {})[self._entity_id]


def _year_ago() -> date:
    return dt_util.now().date() - 400 * _DAY


def _days_of(event: Mapping[str, str]) -> Iterable[date]:
    """Yield the days of an event that lasts whole days, of which its end is none."""
    start, end = dt_util.parse_date(event["start"]), dt_util.parse_date(event["end"])
    if start is None or end is None:
        return
    yield start
    while (start := start + _DAY) < end:
        yield start
