"""What was found of a device: what can be bound of it, and what speaks for each of its entities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from .evidence import Finding

_CLOSE: Final = 3
"""What a word in a name counts: names are chosen freely, so that they decide too little alone."""


@dataclass(frozen=True, kw_only=True)
class KnownRow:
    """What a row says of the integration of a device.

    Attributes:
        name: What people call the integration.
        data: What the row binds, by the keys of the configuration.
    """

    name: str
    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Discovery:
    """What was found of a charger or a car.

    Attributes:
        device_id: Its device, or None.
        picked: An entity of it that a person picked, or None.
        data: What can be configured of it without asking, by the keys of its configuration.
        known: The row of its integration, where there is one that fits.
        findings: By field, the entities that can be there, the best by evidence first.
        disabled: By field, an entity that would fit it better than what is there, but is disabled.
    """

    device_id: str | None = None
    picked: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    known: KnownRow | None = None
    findings: Mapping[str, Sequence[Finding]] = field(default_factory=dict)
    disabled: Mapping[str, Finding] = field(default_factory=dict)

    def close(self, field: str) -> tuple[Finding, Finding] | None:
        """Return what was found for a field and what fits about as well; None where one is clear.

        What a person picked, or a row of the integration names, is clear.
        """
        chosen = self.data.get(field)
        named = None if self.known is None else self.known.data.get(field)
        if chosen in {None, self.picked, named}:
            return None
        ranked = self.findings.get(field, ())
        best = next((one for one in ranked if one.entity.entity_id == chosen), None)
        other = next((one for one in ranked if one.entity.entity_id != chosen and one.enough), None)
        if best is None or other is None or best.points - other.points > _CLOSE:
            return None
        return best, other

    def having(self, field: str, entity_id: str | None) -> Self:
        """Return the same with another entity in a field; None for one that is not known yet."""
        others = {key: value for key, value in self.data.items() if key != field}
        return replace(self, data=others if entity_id is None else {**others, field: entity_id})
