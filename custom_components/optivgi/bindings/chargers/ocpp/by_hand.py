"""Whether a person has ended the transaction at the charge point, with a card or a button."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.util import dt as dt_util

from .entities import OcppEntities

_BY_PERSON: Final = frozenset({"Local", "EmergencyStop"})
"""The reasons of OCPP that name one who is there; ``Remote`` may be ourselves."""
_SHOWN_WITHIN: Final = timedelta(seconds=5)
"""The end and its reason are two entities, one after the other; later it is that of another end."""


class EndedByHand:
    """Learns from the end of each transaction who has ended it."""

    def __init__(self, entities: OcppEntities) -> None:
        """Know of no transaction yet."""
        self._entities = entities
        self._ran = False
        self._ended_at: datetime | None = None
        self._found = False

    def look(self) -> bool:
        """Return whether a person has ended the last one, until another begins or the car leaves.

        The reason outlasts what it is said of, so that it counts only just after an end.
        """
        seen, now = self._entities.read(), dt_util.utcnow()
        runs = seen.transaction_id is not None
        if runs or seen.status == "Available":
            self._ended_at, self._found = None, False
        elif self._ran:
            self._ended_at = now
        self._ran = runs
        if self._ended_at is not None and now - self._ended_at <= _SHOWN_WITHIN:
            self._found = self._found or seen.stop_reason in _BY_PERSON
        return self._found
