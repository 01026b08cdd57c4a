"""Which entities are the charger's, on a device that is more: two connectors, or an inverter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
import re
from typing import Final, Self

from ..evidence import Candidate, Finding, Role, says, weigh
from ..quantity import is_current_unit, is_energy_unit, is_power_unit

_CONNECTOR: Final = re.compile(
    r"\b(?:connector|socket|outlet|evse|port|plug|gun|charge point|charging point|chargepoint)"
    r" (?P<number>[1-9]|[ab])\b|\b(?P<side>left|right|links|rechts|vänster|höger|venstre|høyre)\b"
)
_names_vehicle = says("ev evse wallbox vehicle car")
_names_battery = says("battery inverter storage")
_names_inverter = says("inverter discharg* solar pv")


def connector_of(entity: Candidate) -> str | None:
    """Return which connector an entity names; None for none, or for the whole device."""
    match = _CONNECTOR.search(entity.words)
    return None if match is None else match["number"] or match["side"]


def _is_other(entity: Candidate) -> bool:
    """Return whether it measures or limits something, and names no car."""
    is_unit = (is_current_unit, is_power_unit, is_energy_unit)
    return any(of(entity.unit) for of in is_unit) and _names_vehicle(entity) is None


def _has_battery(entities: Iterable[Candidate]) -> bool:
    """Return whether a device charges another battery than a car's, as an inverter does."""
    others = [entity for entity in entities if _is_other(entity)]
    return any(map(_names_battery, others)) and any(map(_names_inverter, others))


@dataclass(frozen=True)
class OwnEntities:
    """The entities of a device that are those of one charger.

    Attributes:
        entities: All entities of the device.
        connector: The connector that is meant, on a device with several; else None.
        beside_battery: Whether the device charges a battery besides cars, and says which is which.
    """

    entities: Sequence[Candidate]
    connector: str | None = None
    beside_battery: bool = False

    @classmethod
    def of(
        cls, entities: Sequence[Candidate], meant: Candidate | None, roles: Iterable[Role]
    ) -> Self:
        """Return what is the charger's.

        Args:
            entities: All entities of the device.
            meant: One that is the charger's for sure; None where that is not known.
            roles: The roles of a charger.
        """
        connector = None if meant is None else connector_of(meant)
        others = {connector_of(entity) for entity in entities} - {None, connector}
        beside_battery = _has_battery(entities) and any(
            found.enough and _names_vehicle(found.entity) is not None
            for role in roles
            for found in weigh(role, entities)
        )
        return cls(entities, connector if others else None, beside_battery)

    def weigh(self, role: Role) -> list[Finding]:
        """Return those that can have a role, the one that fits it best first.

        What names the connector comes alone where it fits well enough: what names none may be the
        sum of all. Beside another battery, only what names a car is the charger's.
        """
        found = weigh(role, self.entities)
        if self.beside_battery:
            found = [one for one in found if _names_vehicle(one.entity)]
        if self.connector is not None:
            found = [one for one in found if connector_of(one.entity) in {None, self.connector}]
            named = [one for one in found if connector_of(one.entity)]
            found = named if any(one.enough for one in named) else found
        return found

    def rank(self, role: Role) -> list[Finding]:
        """Return those that fit a role well enough, the best first."""
        return [finding for finding in self.weigh(role) if finding.enough]
