"""A charge point of lbbrhzn/ocpp as its entities show it.

They are found by their unique ids, as people rename entities. When a charge point loses its
connection, the integration writes nothing: states stay as they were. How fresh they are is shown
by when they were last reported, and the integration reports all of a charge point whenever it
hears anything of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
import re
from typing import Final, Self

from homeassistant.const import STATE_UNAVAILABLE, Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er

from ...quantity import number, power_kw, valid_state

OCPP_DOMAIN: Final = "ocpp"

STATUS: Final = "status_connector"
TRANSACTION: Final = "transaction_id"
RECONNECTS: Final = "reconnects"
OFFERED: Final = "current_offered"
IMPORTED: Final = "current_import"
OFFERED_POWER: Final = "power_offered"
STOP_REASON: Final = "stop_reason"
PONG: Final = "latency_pong"
MAXIMUM: Final = "maximum_current"
SESSION_LIMIT: Final = "session_current_limit"

# ocpp.<cpid>[.conn<n>].<key>.sensor, and <platform>.ocpp.<cpid>[.conn<n>].<key> of all others
_UNIQUE_ID: Final = re.compile(
    r"(?:[a-z]+\.)?ocpp\.(?P<cpid>[^.]+)(?:\.conn(?P<connector>\d+))?\.(?P<key>.+?)(?:\.sensor)?"
)
# No transaction runs, in the words of 1.6 and of 2.0.1.
_NO_TRANSACTION: Final = frozenset({"0", ""})


@dataclass(frozen=True, kw_only=True)
class OcppAddress:
    """Which charge point, by the name it has in Home Assistant, and which of its connectors."""

    entry_id: str
    cpid: str
    connector: int = 1

    @classmethod
    def find(cls, hass: HomeAssistant, entity_ids: Iterable[str]) -> Self | None:
        """Find the charge point that entities belong to; None where they are of no such one.

        An entity of one connector says which one; those of the charge point do not.
        """
        found: Self | None = None
        for entity_id in entity_ids:
            entry = er.async_get(hass).async_get(entity_id)
            if entry is None or entry.platform != OCPP_DOMAIN or entry.config_entry_id is None:
                continue
            if (parts := _UNIQUE_ID.fullmatch(entry.unique_id)) is None:
                continue
            connector = parts["connector"]
            if found is None or connector is not None:
                found = cls(
                    entry_id=entry.config_entry_id,
                    cpid=parts["cpid"],
                    connector=int(connector or 1),
                )
        return found


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a charge point's entities say at one moment.

    Attributes:
        connected: Whether it was connected when it last said anything.
        heard_at: When anything of it was last reported.
        reconnects: How often it reconnected; counts up from the start of Home Assistant.
        status: The connector's, in the words of OCPP 1.6.
        transaction_id: The transaction that runs at the connector.
        stop_reason: Why the last one ended, in the words of OCPP.
        offered_a: What the charger offers the car, in A per phase.
        offered_kw: The same in kW, on all phases that the charger thinks of together.
        imported_a: What the car draws, in A per phase.
        reported_at: When these were last reported.
        user_limits_a: The limits that stand in the integration's own numbers.
    """

    connected: bool
    heard_at: datetime | None
    reconnects: float | None
    status: str | None
    transaction_id: str | None
    stop_reason: str | None
    offered_a: float | None
    offered_kw: float | None
    imported_a: float | None
    reported_at: datetime | None
    user_limits_a: tuple[float, ...]


class OcppEntities:
    """The entities of one connector and of its charge point."""

    def __init__(self, hass: HomeAssistant, address: OcppAddress) -> None:
        """Look for nothing yet: the integration may load later than we do."""
        self._hass = hass
        self._address = address
        self._entries: list[er.RegistryEntry] = []
        self._by_key: Mapping[tuple[str, str], str] = {}

    def _found(self) -> Mapping[tuple[str, str], str]:
        """Return the entity ids by platform and key; the connector's go before the station's."""
        entries = er.async_entries_for_config_entry(
            er.async_get(self._hass), self._address.entry_id
        )
        # A central system has all entities of all its charge points.
        if entries != self._entries:
            self._entries, self._by_key = entries, self._find(entries)
        return self._by_key

    def _find(self, entries: Iterable[er.RegistryEntry]) -> Mapping[tuple[str, str], str]:
        found: dict[tuple[str, str], tuple[bool, str]] = {}
        for entry in entries:
            parts = _UNIQUE_ID.fullmatch(entry.unique_id)
            if parts is None or parts["cpid"] != self._address.cpid:
                continue
            connector = parts["connector"]
            if connector is not None and int(connector) != self._address.connector:
                continue
            # Names of metrics have dots in OCPP.
            place = (entry.domain, parts["key"].replace(".", "_").lower())
            known = found.get(place)
            if known is None or (connector is not None and not known[0]):
                found[place] = (connector is not None, entry.entity_id)
        return {place: entity_id for place, (_, entity_id) in found.items()}

    @property
    def watched(self) -> tuple[str, ...]:
        """The entities whose changes may require a profile to be sent again."""
        found = self._found()
        keys = (STATUS, TRANSACTION, RECONNECTS, OFFERED, OFFERED_POWER)
        places = ((Platform.SENSOR.value, key) for key in keys)
        return tuple(found[place] for place in places if place in found)

    @property
    def since_012(self) -> bool:
        """Whether the integration has the controls it has since 0.12; its version is no help."""
        return (Platform.NUMBER, SESSION_LIMIT) in self._found()

    @property
    def number_entity(self) -> str | None:
        """The number to fall back to: of the session where there is one, else of the station."""
        found = self._found()
        session = found.get((Platform.NUMBER, SESSION_LIMIT))
        state = None if session is None else self._hass.states.get(session)
        # It has no value until it is first set, and is there all the same.
        if state is not None and state.state != STATE_UNAVAILABLE:
            return session
        return found.get((Platform.NUMBER, MAXIMUM))

    @property
    def number_entities(self) -> tuple[str, ...]:
        """The numbers by which a person limits the session or the station."""
        found = self._found()
        places = ((Platform.NUMBER.value, key) for key in (SESSION_LIMIT, MAXIMUM))
        return tuple(found[place] for place in places if place in found)

    def read(self) -> Seen:
        """Read them as they are now."""
        found = self._found()

        def state(key: str, platform: Platform = Platform.SENSOR) -> State | None:
            entity_id = found.get((platform, key))
            return None if entity_id is None else self._hass.states.get(entity_id)

        def valid(key: str, platform: Platform = Platform.SENSOR) -> State | None:
            return valid_state(self._hass, found.get((platform, key)))

        status = valid(STATUS)
        measured = (OFFERED, OFFERED_POWER, IMPORTED)
        readings = [s for key in measured if (s := valid(key)) is not None]
        alive = [s for key in (STATUS, PONG) if (s := valid(key)) is not None] + readings
        transaction, reason = state(TRANSACTION), valid(STOP_REASON)
        limits = (number(valid(key, Platform.NUMBER)) for key in (SESSION_LIMIT, MAXIMUM))
        return Seen(
            connected=status is not None,
            heard_at=max((s.last_reported for s in alive), default=None),
            reconnects=number(valid(RECONNECTS)),
            status=None if status is None else status.state,
            transaction_id=_transaction(transaction),
            stop_reason=None if reason is None else reason.state,
            offered_a=number(valid(OFFERED)),
            offered_kw=power_kw(valid(OFFERED_POWER)),
            imported_a=number(valid(IMPORTED)),
            reported_at=max((s.last_reported for s in readings), default=None),
            user_limits_a=tuple(limit for limit in limits if limit is not None),
        )


def _transaction(state: State | None) -> str | None:
    if state is None or state.state in {STATE_UNAVAILABLE, "unknown", *_NO_TRANSACTION}:
        return None
    return state.state.removesuffix(".0")
