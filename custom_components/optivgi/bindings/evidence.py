"""How well an entity of a device fits what is looked for: evidence for and against, in points."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Final, Self

_BOUNDARIES: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]+")


def split_words(text: str) -> str:
    """Return the words of a name or a key in small letters: "EVPlugState" is "ev plug state"."""
    return " ".join(part.casefold() for part in _BOUNDARIES.split(text) if part)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An entity of the device with what shows what it is for.

    Attributes:
        entity_id: The entity.
        domain: Its domain.
        named: The words of its name and its translation key, without what the device is called.
        words: These, and those of its unique id.
        device_class: Its device class, or None.
        unit: Its unit, or None.
        options: The states it can have, where it names them.
        state: What it shows now; None where that is nothing.
        minimum: The minimum it accepts, in its unit; None where it is no number.
        maximum: The maximum it accepts, in its unit; None where it is no number.
        setting: Whether its integration calls it configuration or diagnostics.
        disabled: Whether it has no state because somebody, or its integration, disabled it.
    """

    entity_id: str
    domain: str
    named: str = ""
    words: str = ""
    device_class: str | None = None
    unit: str | None = None
    options: tuple[str, ...] = ()
    state: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    setting: bool = False
    disabled: bool = False


class EvidenceCode(StrEnum):
    """What can be seen of an entity; each has a text that says it to people."""

    DERIVED = "derived"
    DYNAMIC = "dynamic"
    KNOWN = "known"
    """Its integration has a row that names it."""
    LOCATION = "location"
    NAMELESS = "nameless"
    NOT_IT = "not_it"
    ONLY_CHARGING = "only_charging"
    ONLY_STATUS = "only_status"
    OPTIONS = "options"
    OTHER_END = "other_end"
    OTHER_STATES = "other_states"
    OTHER_WORDS = "other_words"
    PAUSES = "pauses"
    PICKED = "picked"
    """A person has chosen it."""
    PLUG = "plug"
    RANGE = "range"
    SETTING = "setting"
    STATE = "state"
    STATES = "states"
    UNIT = "unit"
    UNKNOWN_STATE = "unknown_state"
    UNUSUAL_UNIT = "unusual_unit"
    UPPER_LIMIT = "upper_limit"
    WORDS = "words"


type Look = Callable[[Candidate], str | None]
"""Returns what is seen of an entity, in its own words; None where that is nothing."""


@dataclass(frozen=True)
class Sign:
    """Something that speaks for a role, or against it.

    Attributes:
        points: What it counts; negative where it speaks against.
        code: What that is.
        look: What of the entity is seen.
    """

    points: int
    code: EvidenceCode
    look: Look


@dataclass(frozen=True)
class Role:
    """What an entity can be to a charger, and what shows that it is.

    Attributes:
        domains: Where it may come from.
        suits: Whether it can have the role at all.
        signs: What speaks for it and against it.
        needed: The points from which on it is bound without being asked for.
    """

    domains: frozenset[str]
    suits: Callable[[Candidate], bool]
    signs: tuple[Sign, ...]
    needed: int


@dataclass(frozen=True)
class Finding:
    """An entity that may have a role.

    Attributes:
        entity: The entity.
        points: How well it fits, the more the better.
        enough: Whether that is enough to bind it without being asked.
        signs: What counted, each with what was seen.
    """

    entity: Candidate
    points: int
    enough: bool
    signs: tuple[tuple[EvidenceCode, str], ...]

    @classmethod
    def of(cls, role: Role, entity: Candidate) -> Self:
        """Count what speaks for an entity and against it."""
        seen = [(sign, found) for sign in role.signs if (found := sign.look(entity)) is not None]
        points = sum(sign.points for sign, _ in seen)
        codes = tuple((sign.code, found) for sign, found in seen)
        return cls(entity, points, points >= role.needed, codes)


def weigh(role: Role, candidates: Iterable[Candidate]) -> list[Finding]:
    """Return all entities that can have a role, the one that fits it best first."""
    findings = [
        Finding.of(role, entity)
        for entity in candidates
        if entity.domain in role.domains and role.suits(entity)
    ]
    # Of equals the one that says least beside it: "status" rather than "status of something".
    return sorted(findings, key=lambda found: (-found.points, *_length(found.entity)))


def rank(role: Role, candidates: Iterable[Candidate]) -> list[Finding]:
    """Return the entities that fit a role well enough, the best first."""
    return [finding for finding in weigh(role, candidates) if finding.enough]


def _length(entity: Candidate) -> tuple[int, int, str]:
    return len(entity.named or entity.words), len(entity.words), entity.entity_id


def says(*words: str) -> Look:
    """Look for words in the names and the unique id of an entity.

    They are separated by spaces. A star stands for any letters, an underscore for a space between
    two words that count only together.
    """
    each = (
        re.escape(word).replace(r"\*", r"\w*").replace("_", " ") for word in " ".join(words).split()
    )
    expression = re.compile(rf"\b(?:{'|'.join(each)})\b")

    def look(entity: Candidate) -> str | None:
        found = expression.findall(entity.words)
        return ", ".join(dict.fromkeys(found)) if found else None

    return look


def when(condition: Callable[[Candidate], bool], shown: Callable[[Candidate], object]) -> Look:
    """Look whether something holds, and show of the entity what made it so."""

    def look(entity: Candidate) -> str | None:
        return str(shown(entity)) if condition(entity) else None

    return look
