"""The meter of the house: what the energy dashboard knows, else what looks like one."""

import asyncio
from collections.abc import Container, Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ...bindings.candidates import candidates_of, names_of
from ...bindings.evidence import Candidate, EvidenceCode, Role, Sign, rank, says, when
from ...bindings.house.power_sensor import load_kw
from ...bindings.quantity import is_current_unit, is_power_unit, power_kw, unit, valid_state
from ...const import (
    CONF_EXPORT_POWER_ENTITY,
    CONF_FUSE_A,
    CONF_PHASES,
    CONF_POWER_ENTITY,
    CONF_VOLTAGE,
    DEFAULT_VOLTAGE,
    DOMAIN,
    PHASE_ENTITIES,
)
from ..meter_checks import check_phase_readings, check_phase_sensors
from .elsewhere import Elsewhere
from .find import Find, FindKind

_ANY_FUSE_A: Final = 100.0
"""Larger than any household's: here it is only asked whether sensors fit each other."""
_METER_PLATFORMS: Final = frozenset(
    {
        "dsmr",
        "dsmr_reader",
        "homewizard",
        "p1_monitor",
        "slimmelezer",
        "tibber",
        "discovergy",
        "enphase_envoy",
        "smart_meter_texas",
        "iskra",
        "sma",
        "powerfox",
        "volkszaehler",
        "emonitor",
    }
)
"""Integrations of meters at the grid, which need no word that says so."""


def _is_power(entity: Candidate) -> bool:
    return is_power_unit(entity.unit) and not entity.disabled


def _is_load(entity: Candidate) -> bool:
    return _is_power(entity) or (is_current_unit(entity.unit) and not entity.disabled)


_OTHERS: Final = (
    "solar pv inverter battery charger wallbox evse ev car heat* boiler plug socket phase* "
    "l1 l2 l3 reactive apparent max* min* peak average tariff today daily estimated predicted "
    "forecast produced production returned return export* feed delivery_to factor limit"
)
_TOTAL: Final = Role(
    domains=frozenset({"sensor"}),
    suits=_is_power,
    signs=(
        Sign(6, EvidenceCode.WORDS, says("grid mains net p1 smart_meter electricity_meter netz")),
        Sign(4, EvidenceCode.WORDS, says("consumption consumed import* usage active household")),
        Sign(-10, EvidenceCode.OTHER_WORDS, says(_OTHERS)),
    ),
    needed=4,
)
_EXPORT: Final = Role(
    domains=frozenset({"sensor"}),
    suits=_is_power,
    signs=(
        Sign(6, EvidenceCode.WORDS, says("produced production returned return export* feed")),
        Sign(-10, EvidenceCode.OTHER_WORDS, says("solar pv inverter battery phase* l1 l2 l3 max*")),
    ),
    needed=6,
)
_IMPORT_ONLY: Final = says("consumption consumed import* usage delivered")


def _phase(number: int, letter: str) -> Role:
    """Return the role of the load of one phase."""
    return Role(
        domains=frozenset({"sensor"}),
        suits=_is_load,
        signs=(
            Sign(6, EvidenceCode.WORDS, says(f"l{number} phase_{number} phase_{letter} p{number}")),
            Sign(2, EvidenceCode.UNIT, when(_is_power, lambda entity: entity.unit)),
            Sign(1, EvidenceCode.WORDS, says("active")),
            Sign(
                -10,
                EvidenceCode.OTHER_WORDS,
                says(
                    "produced production returned return export* feed reactive apparent max* "
                    "voltage solar pv battery"
                ),
            ),
        ),
        needed=6,
    )


_PHASES: Final = tuple(_phase(number, letter) for number, letter in enumerate("abc", 1))


async def async_find_meter(
    hass: HomeAssistant, known: Mapping[str, Any], elsewhere: Elsewhere, others: Container[str]
) -> Find | None:
    """Return the sensors of the grid's power; None where none looks like it.

    Args:
        hass: Home Assistant.
        known: What the energy dashboard knows.
        elsewhere: What other integrations measure the grid with.
        others: Devices that are something else: a charger's import is not that of the house.
    """
    named = elsewhere.of(FindKind.METER)
    power = (
        known.get(CONF_POWER_ENTITY)
        or _named(hass, named)
        or await _async_most_likely(hass, others)
    )
    if power is None:
        return _of_phases(hass, elsewhere.phase_sensors)
    data: dict[str, Any] = {CONF_POWER_ENTITY: power}
    entry = er.async_get(hass).async_get(power)
    own_device = "" if entry is None or entry.device_id is None else entry.device_id
    siblings = _of_device(hass, own_device) if own_device else []
    own = next((entity for entity in siblings if entity.entity_id == power), None)
    if own is not None and CONF_POWER_ENTITY not in known and _IMPORT_ONLY(own):
        for export in rank(_EXPORT, siblings)[:1]:
            data[CONF_EXPORT_POWER_ENTITY] = export.entity.entity_id
    phases = _phases(siblings)
    if phases is None and _measure_the_same(hass, data, elsewhere.phase_sensors):
        phases = elsewhere.phase_sensors
    if phases:
        data |= {CONF_PHASES: "3", **phases}
    kw = power_kw(valid_state(hass, power))
    state = hass.states.get(power)
    return Find(
        kind=FindKind.METER,
        key=f"{FindKind.METER}:{power}",
        name=power if state is None else state.name,
        data=data,
        text="phases" if phases else "",
        shown={"power": "-" if kw is None else f"{kw:.2f}"},
        used_by=named.get(power, "") or named.get(own_device, ""),
    )


def _measure_the_same(
    hass: HomeAssistant, total: Mapping[str, Any], phases: Mapping[str, str]
) -> bool:
    """Return whether sensors of phases that somebody else goes by fit the one of all phases."""
    entered = {**total, **phases, CONF_PHASES: "3", CONF_FUSE_A: _ANY_FUSE_A}
    entered[CONF_VOLTAGE] = DEFAULT_VOLTAGE
    refused = check_phase_sensors(hass, entered) or check_phase_readings(hass, entered)
    return refused is None


def _of_phases(hass: HomeAssistant, phases: Mapping[str, str]) -> Find | None:
    """Return sensors of phases without one of all; None where there are none."""
    states = [hass.states.get(entity_id) for entity_id in phases.values()]
    present = [state for state in states if state is not None]
    if not phases or len(present) < len(phases):
        return None
    loads = [load_kw(state, DEFAULT_VOLTAGE) for state in present]
    known = [kw for kw in loads if kw is not None]
    return Find(
        kind=FindKind.METER,
        key=f"{FindKind.METER}:{phases[PHASE_ENTITIES[0]]}",
        name=present[0].name,
        data={CONF_PHASES: "3", **phases},
        text="phases",
        shown={"power": f"{sum(known):.2f}" if len(known) == len(loads) else "-"},
    )


def _named(hass: HomeAssistant, named: Mapping[str, str]) -> str | None:
    """Return the sensor that was picked elsewhere, or the best one of a device that was."""
    for picked in named:
        if is_power_unit(unit(hass.states.get(picked))):
            return picked
        if ranked := rank(_TOTAL, _of_device(hass, picked)):
            return ranked[0].entity.entity_id
    return None


def _of_device(hass: HomeAssistant, device_id: str) -> list[Candidate]:
    entries = er.async_entries_for_device(er.async_get(hass), device_id)
    return candidates_of(hass, entries, names_of(hass, device_id))


async def _async_most_likely(hass: HomeAssistant, others: Container[str]) -> str | None:
    """Return the sensor that most likely measures the grid; None where two are as likely."""
    by_device: dict[str, list[er.RegistryEntry]] = {}
    for entry in er.async_get(hass).entities.values():
        device_id = entry.device_id
        if entry.domain != "sensor" or entry.platform == DOMAIN or device_id is None:
            continue
        if device_id not in others:
            by_device.setdefault(device_id, []).append(entry)
    found: list[tuple[int, Candidate]] = []
    for device_id, entries in by_device.items():
        known = entries[0].platform in _METER_PLATFORMS
        ranked = rank(_TOTAL, candidates_of(hass, entries, names_of(hass, device_id)))
        found.extend((best.points + (4 if known else 0), best.entity) for best in ranked[:1])
        # There may be hundreds.
        await asyncio.sleep(0)
    found.sort(key=lambda of: -of[0])
    if not found or (len(found) > 1 and found[1][0] == found[0][0]):
        return None
    return found[0][1].entity_id


def _phases(siblings: list[Candidate]) -> Mapping[str, str] | None:
    """Return the sensors of the three phases, all powers or all currents; None without them."""
    found: dict[str, str] = {}
    units: set[bool] = set()
    for key, role in zip(PHASE_ENTITIES, _PHASES, strict=True):
        ranked = rank(role, siblings)
        if not ranked:
            return None
        found[key] = ranked[0].entity.entity_id
        units.add(is_power_unit(ranked[0].entity.unit))
    return found if len(units) == 1 and len({*found.values()}) == len(PHASE_ENTITIES) else None
