"""Actions: what was charged, paid and saved; and forgetting it."""

from collections.abc import Callable, Iterable, Mapping
import csv
from io import StringIO
from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..bindings.chargers.words import compact
from ..const import DOMAIN
from ..errors import RefusedError, in_utc
from ..explain.sessions import figures_of, money_of, sentence_of
from ..sessions.by_month import month_of
from ..sessions.history import MonthRow, rows_of
from ..sessions.record import SessionRecord
from ..sessions.sums import Sums
from .permissions import async_require_control, async_require_read
from .targets import ATTR_CHARGER, ATTR_VEHICLE, TARGET_FIELDS, find_site, find_target, subentry_ids

SERVICE_GET_SESSIONS: Final = "get_sessions"
SERVICE_DELETE_SESSIONS: Final = "delete_sessions"
ATTR_PERSON: Final = "person"
ATTR_AFTER: Final = "after"
ATTR_BEFORE: Final = "before"
ATTR_COUNT: Final = "count"
ATTR_CSV: Final = "csv"

_MOST: Final = 1000
"""A response of half a megabyte: what a script can still handle."""
_DEFAULT_COUNT: Final = 50
"""About a month of a household."""
_GET_SCHEMA: Final = vol.Schema(
    {
        **TARGET_FIELDS,
        vol.Optional(ATTR_PERSON): str,
        vol.Optional(ATTR_AFTER): cv.datetime,
        vol.Optional(ATTR_BEFORE): cv.datetime,
        vol.Optional(ATTR_COUNT, default=_DEFAULT_COUNT): vol.All(
            vol.Coerce(int), vol.Range(min=0, max=_MOST)
        ),
        vol.Optional(ATTR_CSV, default=False): cv.boolean,
    }
)
_DELETE_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): str,
        vol.Optional(ATTR_VEHICLE): str,
        vol.Optional(ATTR_PERSON): str,
        vol.Optional(ATTR_BEFORE): cv.datetime,
    }
)


@callback
def async_setup_session_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_GET_SESSIONS,
        _async_get,
        schema=_GET_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_DELETE_SESSIONS,
        _async_delete,
        schema=_DELETE_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


class _Filter:
    """Which sessions are meant."""

    def __init__(self, call: ServiceCall, known: Iterable[SessionRecord]) -> None:
        """Read what an action names; a car that is no more is known by its former name."""
        data = call.data
        self._charger_id: str | None = None
        self.vehicle_ids: set[str] | None = None
        if (vehicle := data.get(ATTR_VEHICLE)) is not None:
            ids = subentry_ids(call.hass, vehicle)
            named = vehicle.casefold()
            self.vehicle_ids = ids | {
                record.vehicle_id
                for record in known
                if record.vehicle_id is not None and (record.vehicle or "").casefold() == named
            }
        self._person = data.get(ATTR_PERSON)
        after, before = data.get(ATTR_AFTER), data.get(ATTR_BEFORE)
        self._after = None if after is None else in_utc(after)
        self._before = None if before is None else in_utc(before)

    def at(self, charger_id: str | None) -> _Filter:
        """Mean only those at one charger; None for all."""
        self._charger_id = charger_id
        return self

    def __call__(self, row: SessionRecord | MonthRow) -> bool:
        """Return whether a session, or a sum of some, is meant."""
        if self._charger_id not in {None, row.charger_id}:
            return False
        if self.vehicle_ids is not None and row.vehicle_id not in self.vehicle_ids:
            return False
        if self._person is not None and not (
            row.tag == compact(self._person)
            or (row.guest or "").casefold() == self._person.casefold()
        ):
            return False
        if isinstance(row, MonthRow):
            zone = dt_util.get_default_time_zone()
            first = None if self._after is None else month_of(self._after, zone)
            last = None if self._before is None else month_of(self._before, zone)
            return (first is None or row.month > first) and (last is None or row.month < last)
        return (self._after is None or row.begin > self._after) and (
            self._before is None or row.begin < self._before
        )


async def _async_get(call: ServiceCall) -> ServiceResponse:
    """Answer with the sessions that are meant, and what they come to."""
    entry, charger_id = find_site(call), None
    if call.data.get(ATTR_CHARGER) is not None:
        target = find_target(call, with_vehicle=False)
        entry, charger_id = target.entry, None if target.point is None else target.point.charger.id
    await async_require_read(call, entry)
    runtime = entry.runtime_data
    accounts = runtime.accounts
    accounts.catch_up()
    running = accounts.running()
    chosen = _Filter(call, [*accounts.history.sessions, *running]).at(charger_id)
    zone = dt_util.get_default_time_zone()
    rows = list(accounts.history.by_month(chosen, zone))
    now_running = [record for record in running if chosen(record)]
    for record in now_running:
        rows += rows_of(record, zone)
    found = [record for record in accounts.history.sessions if chosen(record)] + now_running
    found.sort(key=lambda record: record.begin, reverse=True)
    shown = found[: call.data[ATTR_COUNT]]
    currency = call.hass.config.currency
    named = {vehicle_id: vehicle.name for vehicle_id, vehicle in runtime.site.vehicles.items()}
    former = {record.vehicle_id: record.vehicle for record in found} | named

    def of_car(row: MonthRow) -> dict[str, str | None]:
        return {"vehicle_id": row.vehicle_id, "vehicle": former.get(row.vehicle_id)}

    answer: dict[str, Any] = {
        "currency": currency,
        "count": len(found),
        "sessions": [
            {**figures_of(record), "message": sentence_of(record, runtime.texts, currency)}
            for record in shown
        ],
        "total": {"sessions": sum(row.sessions for row in rows)}
        | money_of(_sum(row.sums for row in rows)),
        "months": _grouped(rows, lambda row: {"month": row.month}),
        "vehicles": _grouped(rows, of_car),
        "vehicle_months": _grouped(rows, lambda row: {"month": row.month, **of_car(row)}),
        "persons": _grouped(
            [row for row in rows if row.tag or row.guest],
            lambda row: {"tag": row.tag, "guest": row.guest, "month": row.month},
        ),
    }
    if call.data[ATTR_CSV]:
        answer["csv"] = _csv(shown)
    return answer


def _sum(parts: Iterable[Sums]) -> Sums:
    whole = Sums()
    for part in parts:
        whole = whole.plus(part)
    return whole


def _grouped(
    rows: Iterable[MonthRow], group: Callable[[MonthRow], Mapping[str, str | None]]
) -> list[dict[str, Any]]:
    """Return what rows come to by something that they have in common, in the order of that."""
    groups: dict[tuple[tuple[str, str | None], ...], list[MonthRow]] = {}
    for row in rows:
        groups.setdefault(tuple(group(row).items()), []).append(row)
    return [
        dict(key)
        | {"sessions": sum(row.sessions for row in members)}
        | money_of(_sum(row.sums for row in members))
        for key, members in sorted(groups.items(), key=lambda item: str(item[0]))
    ]


def _csv(records: list[SessionRecord]) -> str:
    """Return sessions as comma-separated values, with the names of the figures above them."""
    written = StringIO()
    rows = [figures_of(record) for record in records]
    writer = csv.DictWriter(written, list(rows[0]) if rows else [], restval="")
    writer.writeheader()
    for row in rows:
        # What begins like a formula would be one in a spreadsheet.
        writer.writerow({key: _harmless(value) for key, value in row.items() if key in rows[0]})
    return written.getvalue()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t" and value else value


async def _async_delete(call: ServiceCall) -> ServiceResponse:
    """Forget sessions; answer with how many."""
    entry = find_site(call)
    await async_require_control(call, entry)
    if not call.data.keys() & {ATTR_VEHICLE, ATTR_PERSON, ATTR_BEFORE}:
        raise RefusedError("sessions_of_whom")
    runtime = entry.runtime_data
    history, now = runtime.accounts.history, dt_util.utcnow()
    chosen = _Filter(call, history.sessions)
    whole_cars = call.data.keys() & {ATTR_PERSON, ATTR_BEFORE} == set()
    forgotten = (chosen.vehicle_ids or set()) if whole_cars else set()
    deleted = history.delete(chosen, forgotten, now)
    runtime.sessions.save_soon()
    runtime.shown.renew(now)
    return {"deleted": deleted} if call.return_response else None
