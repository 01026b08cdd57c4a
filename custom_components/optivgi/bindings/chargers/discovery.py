"""What a charger's device offers: which of its entities limits, switches, reports and measures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
import re
from typing import Any, Final

from homeassistant.const import UnitOfElectricCurrent
from homeassistant.core import HomeAssistant

from ...const import (
    CONF_ENERGY_ENTITY,
    CONF_LIMIT_ACTION,
    CONF_LIMIT_ENTITY,
    CONF_LIMIT_UNIT,
    CONF_MAX_A,
    CONF_OPTION_OFF,
    CONF_OPTION_ON,
    CONF_PHASE_ENTITY,
    CONF_PHASES,
    CONF_POWER_ENTITY,
    CONF_START_ENTITY,
    CONF_STATUS_ENTITY,
    CONF_STOP_ENTITY,
    CONF_SWITCH_ENTITY,
    CONF_SWITCH_INVERTED,
)
from ..candidates import candidate_of, offer_of
from ..discovery import Discovery, KnownRow
from ..evidence import Candidate, EvidenceCode, Finding, Role, rank, split_words
from ..quantity import is_current_unit, to_ampere
from .limit_role import LIMIT
from .on_off_roles import PAUSE, PLUG, SELECT, START, STOP, SWITCH, names_charging
from .options import numbers_of, on_off_options
from .own_entities import OwnEntities, connector_of
from .phase_role import PHASES, phases_of
from .presets import PresetMatch, find_phase_row, find_preset
from .report_roles import ENERGY, MAXIMUM, POWER, STATUS

ROLES_OF_FIELDS: Final[Mapping[str, tuple[Role, ...]]] = {
    CONF_LIMIT_ENTITY: (LIMIT,),
    CONF_SWITCH_ENTITY: (SWITCH, SELECT, PAUSE),
    CONF_START_ENTITY: (START,),
    CONF_STOP_ENTITY: (STOP,),
    CONF_STATUS_ENTITY: (STATUS,),
    CONF_POWER_ENTITY: (POWER,),
    CONF_PHASE_ENTITY: (PHASES,),
}
"""The fields of a charger's form that hold an entity, with the roles that it may have there."""
SINGLE_FIELDS: Final = (CONF_LIMIT_ENTITY, CONF_STATUS_ENTITY, CONF_POWER_ENTITY)
"""Those whose entity stands for itself; what starts and stops is found together."""

_ROLES: Final = tuple(role for roles in ROLES_OF_FIELDS.values() for role in roles)
# What belongs to the way to start and stop, so that there is only one.
_CONTROL: Final = dict.fromkeys(
    (
        *(CONF_SWITCH_ENTITY, CONF_START_ENTITY, CONF_STOP_ENTITY),
        *(CONF_OPTION_ON, CONF_OPTION_OFF, CONF_SWITCH_INVERTED),
    ),
    CONF_SWITCH_ENTITY,
)
_LOWEST_MAX_A: Final = 6
"""In A: the minimum of the standard. A maximum below it says that no car may charge now."""
# What a household socket carries for hours.
_SOCKET: Final = {CONF_PHASES: "1", CONF_MAX_A: 10}
_IS_CHARGER: Final = re.compile(r"charg|laden|lade|evse|wallbox|wall box|\bev\b|laadpaal")
_ONE_PHASE: Final = re.compile(
    r"\b(?:single|one|mono|1)[\s-]*(?:ph(?:ases?)?|phasig\w*|fas(?:e|ig\w*)?)\b|\b1p\b"
    r"|\beinphasig|\bmonophas|\bmonofas"
    r"|(?<![\d.,])(?:3[.,][67]\d?|7(?:[.,][0-4]\d?)?)[\s-]*kw\b",
    re.IGNORECASE,
)


def discover(hass: HomeAssistant, device_id: str | None, picked: str | None = None) -> Discovery:
    """Find a charger's entities.

    Args:
        hass: Home Assistant.
        device_id: The charger's device, or None.
        picked: An entity of it that a person picked, which is kept.
    """
    offer = offer_of(hass, device_id, picked)
    device_id, enabled = offer.device_id, offer.enabled
    own = _own(enabled, picked)
    findings = {
        key: sorted(
            (found for role in roles for found in own.weigh(role)),
            key=lambda found: -found.points,
        )
        for key, roles in ROLES_OF_FIELDS.items()
    }
    if picked is None and own.connector is not None:
        # Which of several connectors it is shows in the limit: that is asked.
        findings[CONF_LIMIT_ENTITY] = replace(own, connector=None).weigh(LIMIT)
    known = find_preset(hass, offer.entries, device_id, picked)
    data = {} if known is None else dict(known.data)
    if device_id is not None:
        fields = ROLES_OF_FIELDS.keys() if known is None else known.preset.by_evidence
        found = _by_evidence(own, findings)
        data |= {key: value for key, value in found.items() if _CONTROL.get(key, key) in fields}
    phases = find_phase_row(hass, offer.entries, device_id, picked)
    if not phases and device_id is not None:
        phases = next((phases_of(found.entity) for found in own.rank(PHASES)), {})
    if picked is not None and (known is None or device_id is not None):
        kept = next((entity for entity in enabled if entity.entity_id == picked), None)
        data = _keep(data, kept or candidate_of(hass, picked))
    data = _assumed(data, own) | data
    if known is None and _is_household_plug(data, offer.candidates, offer.names):
        data |= _SOCKET
    elif any(_ONE_PHASE.search(name) for name in offer.names):
        data.setdefault(CONF_PHASES, "1")
    if data.get(CONF_PHASES) != "1":
        data |= phases
    return Discovery(
        device_id=device_id,
        picked=picked,
        data=data,
        known=None if known is None else KnownRow(name=known.preset.name, data=phases | known.data),
        findings=findings,
        disabled=_disabled(offer.candidates, findings, data, known),
    )


def _own(enabled: Sequence[Candidate], picked: str | None) -> OwnEntities:
    """Return what is the charger's: of the connector that was picked, else of the best limit."""
    everything = OwnEntities.of(enabled, None, _ROLES)
    meant = next((entity for entity in enabled if entity.entity_id == picked), None)
    if meant is None or connector_of(meant) is None:
        found = [one for role in (LIMIT, SWITCH, STATUS) for one in everything.rank(role)[:1]]
        meant = next((one.entity for one in found if connector_of(one.entity)), None)
    return OwnEntities.of(enabled, meant, _ROLES)


def _switched_by(entity: Candidate) -> dict[str, Any]:
    """Return what is configured where an entity starts and stops the charger."""
    found: dict[str, Any] = {CONF_SWITCH_ENTITY: entity.entity_id}
    if entity.domain == "select" and (options := on_off_options(entity.options)) is not None:
        found |= {CONF_OPTION_ON: options.on, CONF_OPTION_OFF: options.off}
    elif PAUSE.suits(entity):
        found[CONF_SWITCH_INVERTED] = True
    return found


def _pair(own: OwnEntities) -> dict[str, Any]:
    """Return what is configured where two buttons start and stop; nothing where one is missing."""
    first, second = own.rank(START)[:1], own.rank(STOP)[:1]
    if not first or not second:
        return {}
    return {
        CONF_START_ENTITY: first[0].entity.entity_id,
        CONF_STOP_ENTITY: second[0].entity.entity_id,
    }


def _way(own: OwnEntities) -> dict[str, Any]:
    """Return what is configured for the best way to start and stop; nothing where there is none.

    A switch, and a select that names charging, show what they are set to; buttons do not. A select
    of modes does more than start and stop.
    """
    switches, selects = own.rank(SWITCH), own.rank(SELECT)
    certain = [found for found in selects if names_charging(found.entity)]
    for found in (switches, certain):
        if found:
            return _switched_by(found[0].entity)
    if pair := _pair(own):
        return pair
    for found in (selects, own.rank(PAUSE)):
        if found:
            return _switched_by(found[0].entity)
    return {}


def _by_evidence(own: OwnEntities, findings: Mapping[str, Sequence[Finding]]) -> dict[str, Any]:
    """Return what is configured of a charger that no row is known for."""
    found: dict[str, Any] = {
        key: findings[key][0].entity.entity_id
        for key in SINGLE_FIELDS
        if findings[key] and findings[key][0].enough
    }
    found |= _way(own)
    if not found.keys() & {CONF_LIMIT_ENTITY, CONF_STATUS_ENTITY, CONF_SWITCH_ENTITY}:
        for plug in own.rank(PLUG)[:1]:
            found[CONF_SWITCH_ENTITY] = plug.entity.entity_id
    return found


def _keep(data: Mapping[str, Any], picked: Candidate) -> dict[str, Any]:
    """Return what was found with what a person picked, in the role that it can have."""
    if picked.domain == "switch" or SELECT.suits(picked):
        others = {key: value for key, value in data.items() if key not in _CONTROL}
        return {**others, **_switched_by(picked)}
    fields = {
        CONF_LIMIT_ENTITY: picked.domain in {"number", "select"},
        CONF_POWER_ENTITY: POWER.suits(picked) and picked.domain == "sensor",
        CONF_STATUS_ENTITY: picked.domain in STATUS.domains and STATUS.suits(picked),
    }
    return {**data, **{key: picked.entity_id for key, serves in fields.items() if serves}}


def _assumed(data: Mapping[str, Any], own: OwnEntities) -> dict[str, Any]:
    """Return what no way to drive it depends on: the unit, the max current, the energy meter."""
    found: dict[str, Any] = {}
    bound = data.get(CONF_LIMIT_ENTITY)
    limit = next((entity for entity in own.entities if entity.entity_id == bound), None)
    if limit is not None and limit.unit is None and LIMIT.suits(limit):
        found[CONF_LIMIT_UNIT] = UnitOfElectricCurrent.AMPERE
    for maximum in own.rank(MAXIMUM):
        if maximum.entity is limit:
            continue
        value = next(iter(numbers_of((maximum.entity.state or "",))), 0.0)
        value = to_ampere(value, maximum.entity.unit or UnitOfElectricCurrent.AMPERE)
        if value >= _LOWEST_MAX_A:
            found[CONF_MAX_A] = value
            break
    for total in own.rank(ENERGY):
        found[CONF_ENERGY_ENTITY] = total.entity.entity_id
        break
    return found


def _is_household_plug(
    data: Mapping[str, Any], candidates: Iterable[Candidate], names: Iterable[str]
) -> bool:
    """Return whether nothing says that it is more than a plug at the wall."""
    known = list(candidates)
    called = " ".join([*map(split_words, names), *(entity.words for entity in known)])
    return (
        data.keys() & {*ROLES_OF_FIELDS, CONF_LIMIT_ACTION}
        <= {CONF_SWITCH_ENTITY, CONF_POWER_ENTITY}
        and CONF_SWITCH_ENTITY in data
        and not any(is_current_unit(entity.unit) for entity in known)
        and _IS_CHARGER.search(called) is None
    )


def _disabled(
    candidates: Sequence[Candidate],
    findings: Mapping[str, Sequence[Finding]],
    data: Mapping[str, Any],
    known: PresetMatch | None,
) -> dict[str, Finding]:
    """Return what is disabled and would fit better than what is there, or than nothing."""
    asleep = [entity for entity in candidates if entity.disabled]
    if known is not None:
        sign = (EvidenceCode.KNOWN, known.preset.name)
        return {
            key: Finding(entity, 0, enough=True, signs=(sign,))
            for key, entity_id in known.disabled.items()
            for entity in asleep
            if entity.entity_id == entity_id
        }
    found: dict[str, Finding] = {}
    served = {_CONTROL.get(key, key) for key in data}
    for key in (CONF_LIMIT_ENTITY, CONF_SWITCH_ENTITY, CONF_STATUS_ENTITY, CONF_POWER_ENTITY):
        better = [finding for role in ROLES_OF_FIELDS[key] for finding in rank(role, asleep)]
        chosen = data.get(key)
        points = next((f.points for f in findings[key] if f.entity.entity_id == chosen), 0)
        if better and better[0].points > points and (points or key not in served):
            found[key] = better[0]
    return found
