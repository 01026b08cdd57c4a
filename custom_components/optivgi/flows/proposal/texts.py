"""What was found in the house, as people read it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import translation

from ...bindings.chargers.discovery import ROLES_OF_FIELDS
from ...bindings.vehicle_discovery import CAR_FIELDS
from ...const import CONF_POWER_ENTITY, CONF_SOC_ENTITY, DOMAIN
from ...explain.reason_texts import DECIMAL_MARK
from ..found_texts import FoundTexts, async_found_texts
from .find import Find, FindKind

EVIDENCE: Final = "evidence"
USED: Final = "used"
PROPOSED: Final = (
    "prices",
    "prices_now",
    "meter",
    "meter_phases",
    "solar",
    "chargers",
    "vehicles",
    "charger",
    "charger_incomplete",
    "vehicle",
    "battery",
    "battery_incomplete",
    EVIDENCE,
    USED,
)
"""The texts that there are: a kind, and which of its texts."""
_FIELDS: Final[Mapping[FindKind, Collection[str]]] = {
    FindKind.CHARGER: ROLES_OF_FIELDS,
    FindKind.VEHICLE: CAR_FIELDS,
}
_GROUPS: Final[Mapping[FindKind, str]] = {
    FindKind.CHARGER: "chargers",
    FindKind.VEHICLE: "vehicles",
}
"""What may be found several times is listed under one heading."""
_OF_BATTERIES: Final = (CONF_POWER_ENTITY, CONF_SOC_ENTITY)
_MESSAGES: Final = f"component.{DOMAIN}.exceptions"


class ProposalTexts:
    """Writes what was found, in the language of Home Assistant."""

    def __init__(
        self,
        states: Mapping[str, State],
        texts: Mapping[str, str],
        found: Mapping[FindKind, FoundTexts],
    ) -> None:
        """Write with the names of entities, the texts of the translations, and reasons."""
        self._states, self._texts, self._found = states, texts, found

    def label(self, find: Find) -> str:
        """Return one line that says what was found."""
        kind = f"proposal_{find.kind}{f'_{find.text}' if find.text else ''}"
        mark = self._texts[f"{_MESSAGES}.{DECIMAL_MARK}.message"]
        numbers = {key: text.replace(".", mark) for key, text in find.shown.items()}
        shown = {"entities": ", ".join(self._entities(find)), **numbers}
        line = self._say(kind).format(name=find.name, **shown)
        if not find.used_by:
            return line
        return self._say(f"proposal_{USED}").format(found=line, other=find.used_by)

    def evidence(self, finds: Iterable[Find]) -> str:
        """Return what speaks for the entities of chargers, to be opened: it is long."""
        title = self._say(f"proposal_{EVIDENCE}")
        of_each = "\n\n".join(
            f"**{find.name}**\n\n{self._found[find.kind].write(find.discovery)}"
            for find in finds
            if find.discovery is not None
        )
        return f"<details><summary>{title}</summary>\n\n{of_each}\n\n</details>"

    def list(self, finds: Iterable[Find]) -> str:
        """Return a list of all that was found, in its order: chargers and cars by their kind."""
        lines = []
        for kind, group in groupby(finds, key=lambda find: find.kind):
            if kind in _GROUPS:
                lines.append(f"- {self._say(f'proposal_{_GROUPS[kind]}')}")
            start = "  - " if kind in _GROUPS else "- "
            lines += [f"{start}{self.label(find)}" for find in group]
        return "\n".join(lines)

    def _say(self, key: str) -> str:
        return self._texts[f"{_MESSAGES}.{key}.message"]

    def _entities(self, find: Find) -> Iterator[str]:
        """Yield what a charger or a car is driven and read by, by the names of its entities."""
        for field in _FIELDS.get(find.kind, _OF_BATTERIES):
            if (entity_id := find.data.get(field)) is not None:
                state = self._states.get(entity_id)
                name = entity_id if state is None else state.name
                # People know the device that its entities are named after.
                yield name.removeprefix(find.name).strip() or name


async def async_proposal_texts(hass: HomeAssistant) -> ProposalTexts:
    """Return what writes in the language of Home Assistant, English where it has no texts."""
    texts = await translation.async_get_translations(
        hass, hass.config.language, "exceptions", [DOMAIN]
    )
    states = {state.entity_id: state for state in hass.states.async_all()}
    found = {
        kind: await async_found_texts(hass, str(kind), fields) for kind, fields in _FIELDS.items()
    }
    return ProposalTexts(states, texts, found)
