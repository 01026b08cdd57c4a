"""What a car's device offers: which of its entities report the car."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ..const import (
    CONF_BATTERY_KWH,
    CONF_LOCATION_ENTITY,
    CONF_PLUGGED_ENTITY,
    CONF_SOC_ENTITY,
    CONF_SOC_LIMIT_ENTITY,
    CONF_SOC_TIME_ENTITY,
)
from .candidates import candidate_of, offer_of
from .discovery import Discovery
from .evidence import Candidate, Finding, Role, rank, weigh
from .quantity import energy_kwh, valid_state
from .vehicle_roles import (
    CAR_CAPACITY,
    CAR_CHARGING,
    CAR_LIMIT,
    CAR_LOCATION,
    CAR_PLUG,
    CAR_SOC,
    CAR_SOC_TIME,
)

CAR_FIELDS: Final[Mapping[str, tuple[Role, ...]]] = {
    CONF_SOC_ENTITY: (CAR_SOC,),
    CONF_PLUGGED_ENTITY: (CAR_PLUG, CAR_CHARGING),
    CONF_LOCATION_ENTITY: (CAR_LOCATION,),
    CONF_SOC_TIME_ENTITY: (CAR_SOC_TIME,),
    CONF_SOC_LIMIT_ENTITY: (CAR_LIMIT,),
}
"""The fields of a vehicle's form that hold an entity, with its roles there, the best first."""
_PLAUSIBLE_KWH: Final = (3.0, 1000.0)
"""From a light quadricycle to a lorry: anything else is a capacity of something else."""


def discover_vehicle(
    hass: HomeAssistant, device_id: str | None, picked: str | None = None
) -> Discovery:
    """Find a car's entities.

    Args:
        hass: Home Assistant.
        device_id: The car's device, or None.
        picked: An entity of it that a person picked, which is kept.
    """
    offer = offer_of(hass, device_id, picked)
    enabled = offer.enabled
    findings = {
        # One that fits is before all that do not, and a plug before what only says of charging.
        key: sorted(
            (found for role in roles for found in weigh(role, enabled)),
            key=lambda found: not found.enough,
        )
        for key, roles in CAR_FIELDS.items()
    }
    data: dict[str, Any] = {
        key: found[0].entity.entity_id
        for key, found in findings.items()
        if found and found[0].enough
    }
    if picked is not None:
        own = next((entity for entity in enabled if entity.entity_id == picked), None)
        data |= _fields_of(own or candidate_of(hass, picked))
    for capacity in rank(CAR_CAPACITY, enabled):
        kwh = energy_kwh(valid_state(hass, capacity.entity.entity_id))
        if kwh is not None and _PLAUSIBLE_KWH[0] <= kwh <= _PLAUSIBLE_KWH[1]:
            data[CONF_BATTERY_KWH] = round(kwh, 1)
            break
    return Discovery(
        device_id=offer.device_id,
        picked=picked,
        data=data,
        findings=findings,
        disabled=_disabled(offer.candidates, data),
    )


def _fields_of(picked: Candidate) -> dict[str, str]:
    """Return the field of an entity that a person picked."""
    for key, roles in CAR_FIELDS.items():
        if any(picked.domain in role.domains and role.suits(picked) for role in roles):
            return {key: picked.entity_id}
    return {}


def _disabled(candidates: Sequence[Candidate], data: Mapping[str, Any]) -> dict[str, Finding]:
    """Return what is disabled and would serve where nothing else does."""
    asleep = [entity for entity in candidates if entity.disabled]
    return {
        key: found[0]
        for key, roles in CAR_FIELDS.items()
        if key not in data and (found := [one for role in roles for one in rank(role, asleep)])
    }
