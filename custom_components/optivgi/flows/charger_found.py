"""What a charger's device says of its own settings, as its form has them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant

from ..bindings.chargers.discovery import discover
from ..bindings.chargers.limit import LimitEntity
from ..bindings.chargers.ocpp.limit import ocpp_address_of
from ..bindings.chargers.ocpp.report import ProfileUse
from ..bindings.chargers.phase_rows import PHASE_FIELDS
from ..bindings.discovery import Discovery
from ..bindings.quantity import to_ampere, valid_state
from ..const import (
    CONF_LIMIT_ACTION,
    CONF_LIMIT_ENTITY,
    CONF_LIMIT_UNIT,
    CONF_MAX_A,
    CONF_MIN_A,
    CONF_OCPP_PROFILES,
    CONF_PHASES,
    DEFAULT_MAX_A,
    DEFAULT_MIN_A,
)
from .device_step import named


def find_charger(hass: HomeAssistant, device_id: str) -> tuple[Discovery, dict[str, Any]]:
    """Return what was found of a charger, and the fields of its form that follow from it."""
    discovery = discover(hass, device_id)
    # Not every car bears it when phases are switched, and nobody is asked for that.
    kept = {key: value for key, value in discovery.data.items() if key not in PHASE_FIELDS}
    discovery = replace(discovery, data=kept)
    found = named(hass, discovery)
    return discovery, found | range_of(hass, found)


def range_of(hass: HomeAssistant, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the min and the max current that a limit in A accepts."""
    state = valid_state(hass, found.get(CONF_LIMIT_ENTITY))
    if state is None or CONF_LIMIT_ACTION in found:
        return {}
    limit = LimitEntity.from_state(state, found.get(CONF_LIMIT_UNIT))
    if limit is None or limit.is_power:
        return {}
    minimum, maximum = (
        to_ampere(limit.minimum, limit.unit),
        to_ampere(limit.maximum, limit.unit),
    )
    return {
        # The options of a select are no promise of what the wires carry.
        **({} if limit.values else {CONF_MAX_A: maximum}),
        **({CONF_MIN_A: minimum} if minimum > 0 else {}),
    }


def with_defaults(
    hass: HomeAssistant, entered: Mapping[str, Any], *, phases: str
) -> dict[str, Any]:
    """Return the settings of a charger with what its form has where nobody enters anything.

    Args:
        hass: Home Assistant.
        entered: What is known of it.
        phases: Those of the site.
    """
    defaults = {CONF_PHASES: phases, CONF_MIN_A: DEFAULT_MIN_A, CONF_MAX_A: DEFAULT_MAX_A}
    return {**defaults, **follows_profiles(hass, entered)}


def follows_profiles(hass: HomeAssistant, entered: Mapping[str, Any]) -> dict[str, Any]:
    """Return a charger's settings: one that can follow profiles does, if nothing else is said."""
    if ocpp_address_of(hass, entered) is None:
        return dict(entered)
    return {CONF_OCPP_PROFILES: ProfileUse.TX_DEFAULT.value, **entered}
