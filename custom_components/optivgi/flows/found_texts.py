"""What was found of a charger or a car, as people read it: the choice, why, and the second one."""

from collections.abc import Collection, Iterable, Iterator, Mapping
import re
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import translation
from homeassistant.helpers.selector import SelectOptionDict

from ..bindings.chargers.role_words import RULED_OUT
from ..bindings.discovery import Discovery
from ..bindings.evidence import EvidenceCode, Finding
from ..const import (
    CONF_START_ACTION,
    CONF_START_ENTITY,
    CONF_STOP_ENTITY,
    CONF_SWITCH_ENTITY,
    DOMAIN,
)

ANOTHER: Final = "another"
"""Stands for an entity that is none of those that were found."""
_OF_PAIR: Final = frozenset({CONF_START_ENTITY, CONF_STOP_ENTITY})


class FoundTexts:
    """Writes what was found, in the language of Home Assistant."""

    def __init__(self, texts: Mapping[str, str], kind: str, fields: Collection[str]) -> None:
        """Write with the texts of the translations.

        Args:
            texts: Those, by their keys.
            kind: The type of subentry that was looked for.
            fields: Those of its form that hold an entity, in the order in which they are listed.
        """
        self._texts = texts
        self._fields = fields
        form = re.escape(f"component.{DOMAIN}.config_subentries.{kind}.step.entities.")
        field = re.compile(rf"{form}(?:sections\.\w+\.)?data\.(\w+)")
        self._roles = {
            found[1]: text for key, text in texts.items() if (found := field.fullmatch(key))
        }

    def write(self, found: Discovery) -> str:
        """Return a list of what was found for each field, in their order; empty for nothing."""
        return "\n".join(line for field in self._fields for line in self._of_field(found, field))

    def options(self, found: Iterable[Finding]) -> list[SelectOptionDict]:
        """Return a choice of entities, each with what speaks for it, and of none of them."""
        options = [
            SelectOptionDict(value=one.entity.entity_id, label=self._option(one)) for one in found
        ]
        return [*options, SelectOptionDict(value=ANOTHER, label=self._say("found_another"))]

    def _option(self, finding: Finding) -> str:
        return f"{finding.entity.entity_id}: {self._reasons(finding)}"

    def _of_field(self, found: Discovery, field: str) -> Iterator[str]:
        role = self._roles[field]
        ranked = {
            finding.entity.entity_id: finding
            for finding in found.findings.get(field, ())
            # Nothing speaks for an entity with less.
            if finding.points > RULED_OUT
        }
        if (chosen := found.data.get(field)) is not None:
            why = self._why_chosen(found, field, ranked.pop(chosen, None))
            yield f"- {self._say('found_chosen', role=role, entity=f'`{chosen}`')} {why}"
        if (second := next(iter(ranked.values()), None)) and (chosen or _is_missed(found, field)):
            key = "found_second" if second.enough else "found_left_out"
            yield ("  - " if chosen else f"- **{role}**: ") + self._line(key, second)
        if (better := found.disabled.get(field)) is not None:
            yield f"- {self._line('found_disabled', better, role=role)}"

    def _line(self, key: str, finding: Finding, **named: str) -> str:
        said = self._say(key, entity=f"`{finding.entity.entity_id}`", **named)
        return f"{said} {self._reasons(finding)}"

    def _why_chosen(self, found: Discovery, field: str, finding: Finding | None) -> str:
        if found.known is not None and found.known.data.get(field) == found.data[field]:
            return self._say(_key(EvidenceCode.KNOWN), seen=found.known.name)
        return self._say(_key(EvidenceCode.PICKED)) if finding is None else self._reasons(finding)

    def _reasons(self, finding: Finding) -> str:
        seen: dict[EvidenceCode, list[str]] = {}
        for code, text in finding.signs:
            seen.setdefault(code, []).append(text)
        return " ".join(
            self._say(_key(code), seen=", ".join(dict.fromkeys(texts)))
            for code, texts in seen.items()
        )

    def _say(self, key: str, **named: str) -> str:
        return self._texts[f"component.{DOMAIN}.exceptions.{key}.message"].format(**named).strip()


def _is_missed(found: Discovery, field: str) -> bool:
    """Return whether a field that is empty is worth a word: there is one way to start and stop."""
    switched = found.data.keys() & {*_OF_PAIR, CONF_START_ACTION}
    return field not in _OF_PAIR and not (field == CONF_SWITCH_ENTITY and switched)


def _key(code: EvidenceCode) -> str:
    return f"evidence_{code}"


async def async_found_texts(hass: HomeAssistant, kind: str, fields: Collection[str]) -> FoundTexts:
    """Return what writes in the language of Home Assistant, English where it has no texts."""
    texts: dict[str, str] = {}
    for category in ("exceptions", "config_subentries"):
        texts |= await translation.async_get_translations(
            hass, hass.config.language, category, [DOMAIN]
        )
    return FoundTexts(texts, kind, fields)
