"""What speaks for an entity that switches a charger between one and three phases."""

from collections.abc import Mapping
from typing import Any, Final

from ...const import CONF_ONE_PHASE, CONF_PHASE_ENTITY, CONF_THREE_PHASES
from ..evidence import Candidate, EvidenceCode, Role, Sign, says, when
from .phase_switch import ALL
from .role_words import HOUSE, RULED_OUT
from .words import compact

_OPTIONS: Final[Mapping[int, str]] = {
    1: """
        1 1phase 1phases 1p onephase singlephase single force1phase forcesinglephase forceonephase
        monophasic monophase einphasig 1phasig 1phasen 1fas enfas 1fase l1phase
    """,
    ALL: """
        3 3phase 3phases 3p threephase threephases three force3phases forcethreephases threephasic
        triphase dreiphasig 3phasig 3phasen 3fas trefas 3fase 3fasen
    """,
}
"""How options are called, without spaces and capitals, for each number of phases."""


def phase_options(options: tuple[str, ...]) -> dict[int, str]:
    """Return the options of a select for one phase and for three; nothing without both."""
    named = {compact(option): option for option in options}
    found = {
        count: named[word] for count, words in _OPTIONS.items() for word in named if word in words
    }
    return found if len(found) == len(_OPTIONS) else {}


def phases_of(entity: Candidate) -> dict[str, Any]:
    """Return what is configured where an entity switches the phases."""
    found: dict[str, Any] = {CONF_PHASE_ENTITY: entity.entity_id}
    if options := phase_options(entity.options):
        found |= {CONF_ONE_PHASE: options[1], CONF_THREE_PHASES: options[ALL]}
    return found


_names_phases = says("phase phases phasen psm")


def _suits(entity: Candidate) -> bool:
    if entity.domain == "switch":
        return _names_phases(entity) is not None
    return bool(phase_options(entity.options))


PHASES: Final = Role(
    domains=frozenset({"select", "switch"}),
    suits=_suits,
    signs=(
        Sign(4, EvidenceCode.WORDS, _names_phases),
        Sign(
            4,
            EvidenceCode.OPTIONS,
            when(lambda entity: entity.domain == "select", lambda e: ", ".join(e.options)),
        ),
        Sign(
            4,
            EvidenceCode.WORDS,
            says("single_phase one_phase 1_phase force_single single_phase_charging einphasig"),
        ),
        Sign(
            RULED_OUT,
            EvidenceCode.NOT_IT,
            says(HOUSE, "rotation order sequence imbalance unbalance *schieflast detect* auto*"),
        ),
    ),
    needed=8,
)
"""What switches it to one phase: a select of both, or a switch that is on for one."""
