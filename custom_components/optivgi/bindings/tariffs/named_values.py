"""What the entities of an integration show, state by state and attribute by attribute."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import State

from .quotes import number
from .units import parse_unit
from .words import OFF_PEAK, PEAK, words_of


@dataclass(frozen=True)
class NamedValue:
    """A value with the words that it goes by.

    Attributes:
        words: Those of its key, or of the entity for a state.
        value: The state or the attribute.
        unit: The unit of the entity.
    """

    words: tuple[str, ...]
    value: Any
    unit: str | None

    @property
    def is_peak(self) -> bool | None:
        """Whether it is about peak hours; None where it is about both or none."""
        peak, off_peak = PEAK.intersection(self.words), OFF_PEAK.intersection(self.words)
        return None if bool(peak) is bool(off_peak) else bool(peak)

    def price(self, currency: str) -> float | None:
        """Return the price per kWh that it is; None where it is none."""
        figure = number(self.value)
        unit = None if self.unit is None else parse_unit(self.unit, currency)
        return None if figure is None or unit is None else figure * unit.per_kwh


def named_values(state: State) -> Iterator[NamedValue]:
    """Yield the state and the attributes of an entity, each under its words."""
    name = state.attributes.get("friendly_name") or state.entity_id
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    unit = None if unit is None else str(unit)
    yield NamedValue(words_of(str(name)), state.state, unit)
    for key, value in state.attributes.items():
        if key != ATTR_UNIT_OF_MEASUREMENT:
            yield NamedValue(words_of(key), value, unit)
