"""The home batteries of the house: what the energy dashboard knows, and what their devices show."""

from collections.abc import Iterator, Mapping
import re
from typing import Any, Final

from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ...const import (
    CONF_CAPACITY_KWH,
    CONF_DISCHARGE_POWER_ENTITY,
    CONF_MAX_CHARGE_KW,
    CONF_MAX_DISCHARGE_KW,
    CONF_POWER_ENTITY,
    CONF_SOC_ENTITY,
)
from ..candidates import DeviceOffer, offer_of
from ..evidence import Candidate
from ..quantity import energy_kwh, is_power_unit, to_kilowatt, valid_state
from .battery_rows import control_of
from .energy_preferences import async_batteries_of_dashboard

_CAPACITY: Final = re.compile(r"\b(?:capacity|rated energy|usable energy)\b")
_NOT_NOW: Final = re.compile(r"\b(?:remaining|available|state|charge|min|max|reserve|cutoff)\b")
_MAX: Final = re.compile(r"\b(?:max|maximum|maximal|rated|limit)\b")
_CHARGE: Final = re.compile(r"\bcharg")
_DISCHARGE: Final = re.compile(r"\bdischarg")
_PLAUSIBLE_KWH: Final = (0.5, 1000.0)
"""From a battery on a balcony to a container."""
_SUGGESTED_PART: Final = 0.5
"""Of its capacity per hour: what most home batteries can do, where nothing says more."""


async def async_discover_batteries(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return what is known of each home battery, by the fields of its form."""
    return [_completed(hass, known) for known in await async_batteries_of_dashboard(hass)]


def _completed(hass: HomeAssistant, known: Mapping[str, Any]) -> dict[str, Any]:
    """Add what its device shows to what the energy dashboard knows of a battery."""
    registry = er.async_get(hass)
    data = dict(known)
    sensors = (CONF_POWER_ENTITY, CONF_SOC_ENTITY, CONF_DISCHARGE_POWER_ENTITY)
    for key in sensors:
        entry = registry.async_get(data.get(key, ""))
        if entry is not None and entry.device_id is not None:
            offer = offer_of(hass, entry.device_id, None)
            data = dict(_of_device(hass, offer)) | control_of(hass, offer) | data
            if offer.names:
                data[CONF_NAME] = offer.names[0]
            break
    if (capacity_kwh := data.get(CONF_CAPACITY_KWH)) is not None:
        for key in (CONF_MAX_CHARGE_KW, CONF_MAX_DISCHARGE_KW):
            data.setdefault(key, round(_SUGGESTED_PART * capacity_kwh, 1))
    return data


def _of_device(hass: HomeAssistant, offer: DeviceOffer) -> Iterator[tuple[str, Any]]:
    """Yield what the entities of a device show of what a battery can do."""
    for entity in offer.enabled:
        state = valid_state(hass, entity.entity_id)
        kwh = energy_kwh(state)
        sizes = _CAPACITY.search(entity.words) and not _NOT_NOW.search(entity.words)
        if kwh is not None and sizes and _PLAUSIBLE_KWH[0] <= kwh <= _PLAUSIBLE_KWH[1]:
            yield CONF_CAPACITY_KWH, round(kwh, 1)
        if (most_kw := _max_kw(entity)) is not None:
            discharges = _DISCHARGE.search(entity.words) is not None
            yield CONF_MAX_DISCHARGE_KW if discharges else CONF_MAX_CHARGE_KW, round(most_kw, 2)


def _max_kw(entity: Candidate) -> float | None:
    """Return the max power that an entity names, of charging or discharging; None for no such.

    A number that limits it may stand below what the battery can: its own maximum counts.
    """
    name = entity.words
    if not is_power_unit(entity.unit) or entity.unit is None or not _MAX.search(name):
        return None
    if not (_CHARGE.search(name) or _DISCHARGE.search(name)):
        return None
    value = entity.maximum if entity.domain == "number" else entity.state
    try:
        kw = to_kilowatt(float(str(value)), entity.unit)
    except ValueError:
        return None
    return kw if kw > 0 else None
