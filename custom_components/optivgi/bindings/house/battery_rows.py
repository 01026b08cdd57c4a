"""What home batteries are controlled by: their integration's row, else evidence.

A row names entities as rows of chargers do, "domain.key": the key is the translation key, or what
the unique id ends with.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ...const import (
    CONF_CHARGE_ENTITY,
    CONF_CHARGE_OPTION,
    CONF_CHARGE_POWER_ENTITY,
    CONF_HOLD_BUTTON,
    CONF_HOLD_ENTITY,
    CONF_HOLD_MODE_ENTITY,
    CONF_HOLD_MODE_OPTION,
    CONF_HOLD_OPTION,
    CONF_HOLD_PAUSE,
    CONF_HOLD_REPEAT,
)
from ..candidates import DeviceOffer
from ..evidence import Candidate
from ..quantity import is_current_unit, is_power_unit

_SLOW_MEMORY_MIN: Final = 15
"""Between writes to settings that are kept in a memory which wears out, in minutes."""
_COMMAND_LAPSES_S: Final = 600
"""Remote commands of SolarEdge inverters lapse after a time that is set there, an hour at first."""


@dataclass(frozen=True, kw_only=True)
class BatteryRow:
    """What keeps the battery of one integration from discharging, and what charges it.

    Attributes:
        platform: The integration.
        source: Where names and options are from, with the month of what was read.
        entity: What is set: a number to its minimum, or where it is in % to the present state of
            charge; a select or a switch to ``option``.
        option: The option that holds.
        mode_entity: What has to be set before, to ``mode_option``; empty for nothing.
        mode_option: The option.
        button: What has to be pressed after each change; empty for nothing.
        charge_entity: What is set to ``charge_option`` to charge from the grid; empty where
            nothing does that with a power.
        charge_option: The option.
        charge_power: The number for that power.
        repeat_s: After so long it forgets; 0 for never.
        pause_min: So long between two writes, for what wears out.
    """

    platform: str
    source: str
    entity: str
    option: str = ""
    mode_entity: str = ""
    mode_option: str = ""
    button: str = ""
    charge_entity: str = ""
    charge_option: str = ""
    charge_power: str = ""
    repeat_s: int = 0
    pause_min: int = 0


BATTERY_ROWS: Final = (
    BatteryRow(
        platform="foxess_modbus",
        source="nathanmarlor/foxess_modbus entity_descriptions.py, 2026-06",
        entity="number.max_discharge_current",
        charge_entity="select.work_mode",
        charge_option="Force Charge",
        charge_power="number.force_charge_power",
        pause_min=_SLOW_MEMORY_MIN,
    ),
    BatteryRow(
        platform="fronius_modbus",
        source="redpomodoro/fronius_modbus const.py and README, 2025-03",
        entity="select.ext_control_mode",
        option="Block Discharging",
        charge_entity="select.ext_control_mode",
        charge_option="Charge from Grid",
        charge_power="number.grid_charge_power",
    ),
    BatteryRow(
        platform="homewizard",
        source="Home Assistant 2026.10 homewizard select.py and strings.json",
        entity="select.battery_group_mode",
        option="zero_charge_only",
    ),
    BatteryRow(
        platform="huawei_solar",
        source="wlcrs/huawei_solar number.py, 2026-08",
        entity="number.storage_maximum_discharging_power",
    ),
    BatteryRow(
        platform="marstek_modbus",
        source="ViperRNMC/marstek_venus_modbus registers/*.yaml, 2026-06",
        entity="select.force_mode",
        option="standby",
        mode_entity="switch.rs485_control_mode",
        mode_option="on",
        charge_entity="select.force_mode",
        charge_option="charge",
        charge_power="number.set_charge_power",
    ),
    BatteryRow(
        platform="solaredge_modbus",
        source="Home Assistant 2026.10 solaredge_modbus select.py, number.py and strings.json",
        entity="number.discharge_limit",
        mode_entity="select.storage_control_mode",
        mode_option="remote_control",
        charge_entity="select.storage_command_mode",
        charge_option="charge_from_solar_and_grid",
        charge_power="number.charge_limit",
        repeat_s=_COMMAND_LAPSES_S,
    ),
    BatteryRow(
        platform="solaredge_modbus_multi",
        source="WillCodeForCats/solaredge-modbus-multi select.py, number.py and const.py, 2026-08",
        entity="number.storage_discharge_limit",
        mode_entity="select.storage_control_mode",
        mode_option="Remote Control",
        charge_entity="select.storage_command_mode",
        charge_option="Charge from Solar Power and Grid",
        charge_power="number.storage_charge_limit",
        repeat_s=_COMMAND_LAPSES_S,
    ),
    BatteryRow(
        platform="solax_modbus",
        source="wills106/homeassistant-solax-modbus plugin_solax.py, 2026-08",
        entity="select.remotecontrol_power_control",
        option="Enabled No Discharge",
        button="button.remotecontrol_trigger",
        charge_entity="select.remotecontrol_power_control",
        charge_option="Enabled Battery Control",
        charge_power="number.remotecontrol_active_power",
        repeat_s=15,
    ),
    BatteryRow(
        platform="solax_modbus",
        source="wills106/homeassistant-solax-modbus plugin_solax.py (GEN6), 2026-08",
        entity="select.remotecontrol_power_control_mode",
        option="Enabled No Discharge",
        button="button.powercontrolmode8_trigger",
        repeat_s=15,
    ),
    BatteryRow(
        platform="victron_gx",
        source="Home Assistant 2026.10 victron_gx strings.json and entity.py",
        entity="number.system_ess_min_soc_limit",
    ),
)
"""By integration, the first that fits; all others are found by evidence."""
_WEARS_OUT: Final = frozenset({"growatt_modbus"})
"""Integrations without a row whose inverters keep each setting in a memory that wears out."""

_NO_DISCHARGE: Final = re.compile(
    r"no[ _-]?discharg|charge[ _-]?only|block[a-z]*[ _-]discharg", re.IGNORECASE
)
_STANDBY: Final = re.compile(r"^standby$", re.IGNORECASE)
_DISCHARGE: Final = re.compile(r"\bdischarg")
_LIMITS: Final = re.compile(r"\b(?:max|maximum|limit)\b")
_LOW_END: Final = 50.0
"""In %: a min state of charge can be set lower than this, the end of charging cannot."""
_HIGH_END: Final = 90.0
"""In %: a min state of charge can be set higher than this, the end of discharging cannot."""
_MIN_SOC: Final = re.compile(r"\b(?:min|minimum|reserve|backup|cut ?off|cutoff)\b")


def control_of(hass: HomeAssistant, offer: DeviceOffer) -> dict[str, Any]:
    """Return the fields that say what holds and charges the battery of a device, if found."""
    platforms = {entry.platform for entry in offer.entries}
    for row in BATTERY_ROWS:
        if row.platform in platforms and (found := _by_row(hass, row, offer.entries)):
            return found
    found = next(_by_evidence(offer.enabled), {})
    pause = {CONF_HOLD_PAUSE: _SLOW_MEMORY_MIN} if platforms & _WEARS_OUT else {}
    return pause | found if found else {}


def _by_row(
    hass: HomeAssistant, row: BatteryRow, entries: Iterable[er.RegistryEntry]
) -> dict[str, Any]:
    """Return what a row names; what charges is left out where an inverter has no such."""

    def entities(names: Mapping[str, str]) -> dict[str, Any]:
        found = {
            key: _named(hass, row.platform, name, entries) for key, name in names.items() if name
        }
        return {} if None in found.values() else found

    holds = entities(
        {
            CONF_HOLD_ENTITY: row.entity,
            CONF_HOLD_MODE_ENTITY: row.mode_entity,
            CONF_HOLD_BUTTON: row.button,
        }
    )
    if not holds:
        return {}
    charges = entities(
        {CONF_CHARGE_ENTITY: row.charge_entity, CONF_CHARGE_POWER_ENTITY: row.charge_power}
    )
    values: Mapping[str, Any] = {
        CONF_HOLD_OPTION: row.option,
        CONF_HOLD_MODE_OPTION: row.mode_option,
        CONF_HOLD_REPEAT: row.repeat_s,
        CONF_HOLD_PAUSE: row.pause_min,
        CONF_CHARGE_OPTION: row.charge_option if charges else "",
    }
    return holds | charges | {key: value for key, value in values.items() if value}


def _named(
    hass: HomeAssistant, platform: str, name: str, entries: Iterable[er.RegistryEntry]
) -> str | None:
    """Return an entity of the battery's device, or the only one of its integration.

    What holds a battery often stands at its inverter, or at the meter that several share.
    """
    domain, _, key = name.partition(".")
    ends = re.compile(rf"(?:^|[^a-z0-9]){re.escape(key)}$")
    for known in (entries, er.async_get(hass).entities.values()):
        found = [
            one.entity_id
            for one in known
            if (one.platform, one.domain) == (platform, domain)
            and not one.disabled
            and (one.translation_key == key or ends.search(one.unique_id))
        ]
        if len(found) == 1:
            return found[0]
    return None


def _by_evidence(entities: Iterable[Candidate]) -> Iterator[dict[str, Any]]:
    """Yield what may hold a battery, what harms least first: standby keeps the sun out, too."""
    known = list(entities)
    yield from _options(known, _NO_DISCHARGE)
    for entity in known:
        limits = _LIMITS.search(entity.words) and _DISCHARGE.search(entity.words)
        power = is_power_unit(entity.unit) or is_current_unit(entity.unit)
        if entity.domain == "number" and limits and power:
            yield {CONF_HOLD_ENTITY: entity.entity_id}
    for entity in known:
        if entity.domain == "number" and entity.unit == "%" and _is_min_soc(entity):
            yield {CONF_HOLD_ENTITY: entity.entity_id}
    yield from _options(known, _STANDBY)


def _is_min_soc(entity: Candidate) -> bool:
    ends = (entity.minimum, entity.maximum)
    low, high = (0.0 if end is None else float(end) for end in ends)
    return bool(_MIN_SOC.search(entity.words)) and low <= _LOW_END and high >= _HIGH_END


def _options(entities: Iterable[Candidate], wanted: re.Pattern[str]) -> Iterator[dict[str, Any]]:
    for entity in entities:
        option = next((one for one in entity.options if wanted.search(one)), None)
        if entity.domain == "select" and option is not None:
            yield {CONF_HOLD_ENTITY: entity.entity_id, CONF_HOLD_OPTION: option}
