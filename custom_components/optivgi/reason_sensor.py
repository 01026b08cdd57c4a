"""The reason why a charger does what it does, as a sentence on its device's page."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription
from homeassistant.const import MAX_LENGTH_STATE_STATE
from homeassistant.helpers.entity import EntityDescription

from .entity import ChargerEntity
from .explain.status import describe

_CUT: Final = "…"
REASON: Final[EntityDescription] = SensorEntityDescription(key="reason")


class ReasonSensor(ChargerEntity, SensorEntity):
    """Says why a charger does what it does.

    What is recorded is the first sentence: it stays while nothing happens. All of them are an
    attribute that is not recorded, as figures in them move.
    """

    _unrecorded_attributes = frozenset({"all"})

    @property
    @override
    def available(self) -> bool:
        """There is a reason even when no plan can be made."""
        return True

    @property
    def _sentences(self) -> list[str]:
        situation = self.situation
        texts = self._runtime.texts
        return [texts.sentence(one, situation.now) for one in describe(situation).reasons]

    @property
    @override
    def native_value(self) -> str | None:
        sentence = next(iter(self._sentences), None)
        if sentence is None or len(sentence) <= MAX_LENGTH_STATE_STATE:
            return sentence
        return sentence[: MAX_LENGTH_STATE_STATE - len(_CUT)] + _CUT

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return {"all": " ".join(self._sentences)}
