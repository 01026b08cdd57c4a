"""How home batteries are kept from discharging: by their integration's row, else by evidence.

A row names entities as rows of chargers do, "domain.key": the key is the translation key, or what
the unique id ends with.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
import re
from typing import Any, Final

from homeassistant.helpers import entity_registry as er

from ...const import (
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


@dataclass(frozen=True, kw_only=True)
class HoldRow:
    """What keeps the battery of one integration from discharging.

    Attributes:
        platform: The integration.
        entity: What is set: a number to its minimum, or where it is in % to the present state of
            charge; a select or a switch to ``option``.
        option: The option that holds.
        mode_entity: What has to be set before, to ``mode_option``; empty for nothing.
        mode_option: The option.
        button: What has to be pressed after each change; empty for nothing.
        repeat_s: After so long it forgets; 0 for never.
        pause_min: So long between two writes, for what wears out.
    """

    platform: str
    entity: str
    option: str = ""
    mode_entity: str = ""
    mode_option: str = ""
    button: str = ""
    repeat_s: int = 0
    pause_min: int = 0


HOLD_ROWS: Final = (
    HoldRow(platform="homewizard", entity="select.battery_group_mode", option="zero_charge_only"),
    HoldRow(platform="huawei_solar", entity="number.storage_maximum_discharging_power"),
    HoldRow(
        platform="marstek_venus_modbus",
        entity="select.force_mode",
        option="standby",
        mode_entity="switch.rs485_control_mode",
        mode_option="on",
    ),
    HoldRow(
        platform="solaredge_modbus",
        entity="number.discharge_limit",
        mode_entity="select.storage_control_mode",
        mode_option="remote_control",
    ),
    HoldRow(
        platform="solax_modbus",
        entity="select.remotecontrol_power_control",
        option="Enabled No Discharge",
        button="button.remotecontrol_trigger",
        repeat_s=15,
    ),
    HoldRow(platform="victron_gx", entity="number.system_ess_min_soc_limit"),
)
"""By integration; all others are found by evidence."""
_WEARS_OUT: Final = frozenset({"growatt_modbus", "foxess_modbus"})
"""Integrations whose inverters keep each setting in a memory that wears out."""

_NO_DISCHARGE: Final = re.compile(
    r"no[ _-]?discharg|charge[ _-]?only|block[a-z]*[ _-]discharg", re.IGNORECASE
)
_STANDBY: Final = re.compile(r"^standby$", re.IGNORECASE)
_DISCHARGE: Final = re.compile(r"\bdischarg")
_LIMITS: Final = re.compile(r"\b(?:max|maximum|limit)\b")
_MIN_SOC: Final = re.compile(r"\b(?:min|minimum|reserve|backup|cut ?off|cutoff)\b")


def hold_of(offer: DeviceOffer) -> dict[str, Any]:
    """Return the fields that say how the battery of a device is held; empty where nothing does."""
    platforms = {entry.platform for entry in offer.entries}
    pause = {CONF_HOLD_PAUSE: _SLOW_MEMORY_MIN} if platforms & _WEARS_OUT else {}
    for row in HOLD_ROWS:
        if row.platform in platforms and (found := _by_row(row, offer.entries)):
            return pause | found
    found = next(_by_evidence(offer.enabled), {})
    return pause | found if found else {}


def _by_row(row: HoldRow, entries: Iterable[er.RegistryEntry]) -> dict[str, Any]:
    own = [one for one in entries if one.platform == row.platform and not one.disabled]
    named = {
        CONF_HOLD_ENTITY: row.entity,
        CONF_HOLD_MODE_ENTITY: row.mode_entity,
        CONF_HOLD_BUTTON: row.button,
    }
    entities = {key: _named(name, own) for key, name in named.items() if name}
    if None in entities.values():
        return {}
    values: Mapping[str, Any] = {
        CONF_HOLD_OPTION: row.option,
        CONF_HOLD_MODE_OPTION: row.mode_option,
        CONF_HOLD_REPEAT: row.repeat_s,
        CONF_HOLD_PAUSE: row.pause_min,
    }
    return {**entities, **{key: value for key, value in values.items() if value}}


def _named(name: str, entries: Iterable[er.RegistryEntry]) -> str | None:
    domain, _, key = name.partition(".")
    ends = re.compile(rf"(?:^|[^a-z0-9]){re.escape(key)}$")
    return next(
        (
            one.entity_id
            for one in entries
            if one.domain == domain and (one.translation_key == key or ends.search(one.unique_id))
        ),
        None,
    )


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
        if entity.domain == "number" and entity.unit == "%" and _MIN_SOC.search(entity.words):
            yield {CONF_HOLD_ENTITY: entity.entity_id}
    yield from _options(known, _STANDBY)


def _options(entities: Iterable[Candidate], wanted: re.Pattern[str]) -> Iterator[dict[str, Any]]:
    for entity in entities:
        option = next((one for one in entity.options if wanted.search(one)), None)
        if entity.domain == "select" and option is not None:
            yield {CONF_HOLD_ENTITY: entity.entity_id, CONF_HOLD_OPTION: option}
