"""What the sensors of a home battery have to fulfil, held against what they show now."""

from collections.abc import Iterator, Mapping
import math
from typing import Any, Final

from homeassistant.components.select import ATTR_OPTIONS
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.sun import is_up
from homeassistant.util import dt as dt_util

from ..bindings.house.power_sensor import PowerSensor
from ..bindings.quantity import is_power_unit, power_kw, unit, valid_state
from ..bindings.soc import soc_of
from ..const import (
    CONF_CAPACITY_KWH,
    CONF_CHARGE_ACTIVE,
    CONF_CHARGE_ENTITY,
    CONF_CHARGE_OPTION,
    CONF_CHARGE_POWER_ENTITY,
    CONF_DISCHARGE_POWER_ENTITY,
    CONF_GRID_CHARGE,
    CONF_HOLD_ACTIVE,
    CONF_HOLD_ENTITY,
    CONF_HOLD_MODE_ENTITY,
    CONF_HOLD_MODE_OPTION,
    CONF_HOLD_OPTION,
    CONF_MAX_CHARGE_KW,
    CONF_MAX_DISCHARGE_KW,
    CONF_MAX_SOC,
    CONF_PLANNED_BY,
    CONF_POWER_COVERS,
    CONF_POWER_ENTITY,
    CONF_POWER_INVERTED,
    CONF_PV_ENTITY,
    CONF_RESERVE_SOC,
    CONF_SOC_ENTITY,
    METERS,
    SUBENTRY_BATTERY,
    SUBENTRY_CHARGER,
    PlannedBy,
    PowerCovers,
)
from ..truth.battery_sign import is_contradicted
from .fields import Refusal, is_our_own
from .meter_checks import IMPOSSIBLE, total_kw

BATTERY_WARNINGS: Final = frozenset({"sign_contradicts"})
"""Reasons to look again: the same entered once more is accepted."""
_ON_OFF: Final = ("on", "off")
_SWITCHES: Final = frozenset({"switch", "input_boolean"})
_MAX_POWERS: Final = (CONF_MAX_CHARGE_KW, CONF_MAX_DISCHARGE_KW)
_SMALLEST: Final = 0.1
"""In kWh or kW; forms begin at 0, which nobody has entered then."""
_POWERS: Final = (CONF_POWER_ENTITY, CONF_DISCHARGE_POWER_ENTITY)


def battery_refusals(
    hass: HomeAssistant, site: ConfigEntry, own_id: str | None, entered: Mapping[str, Any]
) -> Iterator[Refusal | None]:
    """Yield what is wrong with a home battery, one after the other.

    Args:
        hass: Home Assistant.
        site: Where it is to be.
        own_id: Its subentry; None for a new one.
        entered: What was entered of it.
    """
    for key in (CONF_CAPACITY_KWH, *_MAX_POWERS):
        if entered[key] < _SMALLEST:
            yield key, "size_missing", {}
    yield from (_check_power(hass, key, entered) for key in _POWERS if key in entered)
    yield _check_unused(site, own_id, entered)
    yield _check_soc(hass, entered)
    if entered[CONF_RESERVE_SOC] >= entered[CONF_MAX_SOC]:
        yield CONF_RESERVE_SOC, "reserve_above_max", {}
    yield from _check_control(hass, entered)
    yield from _check_charge(hass, entered)
    yield _check_sign(hass, site, own_id, entered)


def _check_control(hass: HomeAssistant, entered: Mapping[str, Any]) -> Iterator[Refusal | None]:
    """Yield what is missing of the entities that hold it back or charge it."""
    for key, option_key in (
        (CONF_HOLD_MODE_ENTITY, CONF_HOLD_MODE_OPTION),
        (CONF_HOLD_ENTITY, CONF_HOLD_OPTION),
        (CONF_CHARGE_ENTITY, CONF_CHARGE_OPTION),
    ):
        if (entity_id := entered.get(key)) is None:
            continue
        if (state := hass.states.get(entity_id)) is None:
            yield key, "entity_missing", {"entity": entity_id}
            continue
        options = _ON_OFF if state.domain in _SWITCHES else state.attributes.get(ATTR_OPTIONS)
        option = entered.get(option_key)
        if options is not None and option not in options:
            named = {"entity": entity_id, "options": ", ".join(map(str, options))}
            yield key, "option_unknown", named
    if entered.get(CONF_HOLD_ACTIVE) and CONF_HOLD_ENTITY not in entered:
        yield CONF_HOLD_ENTITY, "hold_missing", {}


def _check_charge(hass: HomeAssistant, entered: Mapping[str, Any]) -> Iterator[Refusal | None]:
    """Yield what keeps it from being charged from the grid as planned."""
    if (entity_id := entered.get(CONF_CHARGE_POWER_ENTITY)) is not None:
        state = hass.states.get(entity_id)
        if state is None:
            yield CONF_CHARGE_POWER_ENTITY, "entity_missing", {"entity": entity_id}
        elif not is_power_unit(unit(state)):
            yield CONF_CHARGE_POWER_ENTITY, "power_unit_unknown", {"entity": entity_id}
    if not entered.get(CONF_CHARGE_ACTIVE):
        return
    if not {CONF_CHARGE_ENTITY, CONF_CHARGE_POWER_ENTITY} <= entered.keys():
        yield CONF_CHARGE_ENTITY, "charge_missing", {}
    if entered[CONF_PLANNED_BY] != PlannedBy.SITE or not entered.get(CONF_GRID_CHARGE):
        yield CONF_CHARGE_ACTIVE, "charge_not_planned", {}


def _check_power(hass: HomeAssistant, key: str, entered: Mapping[str, Any]) -> Refusal | None:
    entity_id = entered[key]
    named = {"entity": entity_id}
    if hass.states.get(entity_id) is None:
        return key, "entity_missing", named
    if is_our_own(hass, entity_id):
        return key, "entity_is_our_own", named
    state = valid_state(hass, entity_id)
    if state is not None and not is_power_unit(unit(state)):
        return key, "power_unit_unknown", named
    most_kw = max(entered[key] for key in _MAX_POWERS)
    kw = power_kw(state)
    if kw is not None and abs(kw) > IMPOSSIBLE * most_kw:
        return key, "power_impossible", {**named, "power": f"{kw:.0f}"}
    return None


def _check_unused(
    site: ConfigEntry, own_id: str | None, entered: Mapping[str, Any]
) -> Refusal | None:
    """Return which sensor measures something else: the site, a charger, or another battery."""
    others = {site.title: site.data} | {
        other.title: other.data
        for kind in (SUBENTRY_BATTERY, SUBENTRY_CHARGER)
        for other in site.get_subentries_of_type(kind)
        if other.subentry_id != own_id
    }
    for key in _POWERS:
        for title, data in others.items():
            measured = [data.get(used) for used in (*METERS, *_POWERS, CONF_PV_ENTITY)]
            if key in entered and entered[key] in measured:
                return key, "power_in_use", {"entity": entered[key], "other": title}
    if entered[CONF_POWER_ENTITY] == entered.get(CONF_DISCHARGE_POWER_ENTITY):
        return CONF_DISCHARGE_POWER_ENTITY, "powers_same", {}
    return None


def _check_soc(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    entity_id = entered[CONF_SOC_ENTITY]
    named = {"entity": entity_id}
    if hass.states.get(entity_id) is None:
        return CONF_SOC_ENTITY, "entity_missing", named
    if is_our_own(hass, entity_id):
        return CONF_SOC_ENTITY, "entity_is_our_own", named
    state = valid_state(hass, entity_id)
    if state is not None and soc_of(state, entered[CONF_CAPACITY_KWH]) is None:
        return CONF_SOC_ENTITY, "soc_unreadable", {**named, "shown": state.state}
    return None


def _check_sign(
    hass: HomeAssistant, site: ConfigEntry, own_id: str | None, entered: Mapping[str, Any]
) -> Refusal | None:
    """Return whether the meter contradicts the sign of the power; None where it cannot say."""
    own_kw = battery_kw(hass, entered)
    data = {**site.data, **site.options}
    grid_kw = total_kw(hass, data)
    if own_kw is None or grid_kw is None or data.get(CONF_POWER_COVERS) == PowerCovers.HOUSE:
        return None
    pv_kw = power_kw(valid_state(hass, data.get(CONF_PV_ENTITY)))
    if pv_kw is None and is_up(hass, dt_util.utcnow()):
        return None
    drawn = [
        power_kw(valid_state(hass, charger.data.get(CONF_POWER_ENTITY)))
        for charger in site.get_subentries_of_type(SUBENTRY_CHARGER)
    ]
    others = [
        battery_kw(hass, other.data)
        for other in site.get_subentries_of_type(SUBENTRY_BATTERY)
        if other.subentry_id != own_id
    ]
    if None in others:
        return None
    beside_kw = math.fsum(kw for kw in (*drawn, *others) if kw is not None)
    house_kw = grid_kw + abs(pv_kw or 0.0) - beside_kw - own_kw
    if not is_contradicted(house_kw, own_kw):
        return None
    named = {"entity": entered[CONF_POWER_ENTITY], "power": f"{own_kw:.2g}"}
    return CONF_POWER_ENTITY, "sign_contradicts", {**named, "house": f"{house_kw:.2g}"}


def battery_kw(hass: HomeAssistant, data: Mapping[str, Any]) -> float | None:
    """Return what a battery does now by its configuration: positive while it charges."""
    return PowerSensor(
        hass,
        data[CONF_POWER_ENTITY],
        scale=-1.0 if data.get(CONF_POWER_INVERTED, False) else 1.0,
        export_id=data.get(CONF_DISCHARGE_POWER_ENTITY),
    ).kw
