"""Asks what a word means that a charger or a car reports, and that is not known."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_state_change_event

from ..const import (
    CONF_PLUGGED_ENTITY,
    CONF_STATUS_ENTITY,
    DOMAIN,
    SUBENTRY_CHARGER,
    SUBENTRY_VEHICLE,
)
from .chargers.connection import Connection
from .chargers.meanings import configured_meanings, connection_of
from .chargers.words import compact
from .presence import presence_of
from .quantity import valid_state

_MAX_QUESTIONS: Final = 3
"""Of one charger or car: a sensor of numbers that was picked by mistake must not ask for each."""


@dataclass(frozen=True)
class _Source:
    """An entity that reports in words.

    Attributes:
        subentry: The charger or the car.
        entity_id: The entity.
        understands: Whether a state of it is known.
    """

    subentry: ConfigSubentry
    entity_id: str
    understands: Callable[[State], bool]


def _sources(entry: ConfigEntry) -> Iterator[_Source]:
    for charger in entry.get_subentries_of_type(SUBENTRY_CHARGER):
        if (entity_id := charger.data.get(CONF_STATUS_ENTITY)) is not None:
            yield _Source(charger, entity_id, _charger_reader(charger))
    for vehicle in entry.get_subentries_of_type(SUBENTRY_VEHICLE):
        if (entity_id := vehicle.data.get(CONF_PLUGGED_ENTITY)) is not None:
            yield _Source(vehicle, entity_id, _vehicle_reader(vehicle))


def _charger_reader(charger: ConfigSubentry) -> Callable[[State], bool]:
    meanings = configured_meanings(charger.data)
    return lambda state: connection_of(state.state, meanings) is not Connection.UNKNOWN


def _vehicle_reader(vehicle: ConfigSubentry) -> Callable[[State], bool]:
    meanings = configured_meanings(vehicle.data)
    return lambda state: presence_of(state, meanings) is not None


def _issue_id(entry: ConfigEntry, *parts: str) -> str:
    return "_".join(("unknown_word", entry.entry_id, *parts))


def _open_issues(hass: HomeAssistant, prefix: str) -> list[ir.IssueEntry]:
    return [
        issue
        for (domain, issue_id), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue_id.startswith(prefix) and issue.active
    ]


def async_forget_unknown_words(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Withdraw the questions about a site."""
    for issue in _open_issues(hass, _issue_id(entry, "")):
        ir.async_delete_issue(hass, DOMAIN, issue.issue_id)


def _withdraw_answered(hass: HomeAssistant, entry: ConfigEntry, sources: Iterable[_Source]) -> None:
    """Withdraw what is known by now, or was of a charger or car that is no more."""
    by_id = {source.subentry.subentry_id: source for source in sources}
    for issue in _open_issues(hass, _issue_id(entry, "")):
        data = issue.data or {}
        source = by_id.get(str(data.get("subentry_id")))
        word = str(data.get("word"))
        if source is None or source.understands(State(source.entity_id, word)):
            ir.async_delete_issue(hass, DOMAIN, issue.issue_id)


def async_watch_unknown_words(hass: HomeAssistant, entry: ConfigEntry) -> CALLBACK_TYPE:
    """Ask about each word that is not known, until somebody has said what it means.

    Returns what ends that.
    """
    sources = list(_sources(entry))
    _withdraw_answered(hass, entry, sources)

    @callback
    def look(source: _Source) -> None:
        state = valid_state(hass, source.entity_id)
        if state is None or source.understands(state):
            return
        own = _issue_id(entry, source.subentry.subentry_id, "")
        if len(_open_issues(hass, own)) < _MAX_QUESTIONS:
            _ask(hass, entry, source.subentry, state)

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        for source in sources:
            if source.entity_id == event.data["entity_id"]:
                look(source)

    for source in sources:
        look(source)
    entity_ids = {source.entity_id for source in sources}
    return async_track_state_change_event(hass, entity_ids, changed)


def _ask(hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry, state: State) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry, subentry.subentry_id, compact(state.state)),
        data={
            "entry_id": entry.entry_id,
            "subentry_id": subentry.subentry_id,
            "word": state.state,
        },
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key="unknown_word",
        translation_placeholders={
            "name": subentry.title,
            "entity": state.entity_id,
            "word": state.state,
        },
    )
