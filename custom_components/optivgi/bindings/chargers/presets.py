"""Match a charger's entities by what its integration is known to register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
import re
from typing import Any, Final

from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ...const import (
    CONF_MAX_A,
    CONF_ONE_PHASE,
    CONF_ONE_PHASE_ACTION,
    CONF_PHASE_ENTITY,
    CONF_SWITCH_ENTITY,
    CONF_THREE_PHASES,
)
from .calls import actions_missing
from .phase_rows import PHASE_ROWS
from .preset import EntityNamed, Preset
from .preset_action_rows import PRESETS_WITH_ACTIONS
from .preset_rows import PRESETS_BY_ENTITIES

PRESETS: Final[tuple[Preset, ...]] = tuple(
    sorted((*PRESETS_BY_ENTITIES, *PRESETS_WITH_ACTIONS), key=lambda preset: preset.platform)
)
"""All rows, by integration; of those of one, the first that fits counts."""
_KNOWN: Final[Mapping[str, Sequence[Preset]]] = {
    platform: [preset for preset in PRESETS if preset.platform == platform]
    for platform in {preset.platform for preset in PRESETS}
}


@dataclass(frozen=True, kw_only=True)
class PresetMatch:
    """A preset that fits a charger, with its entities filled in.

    Attributes:
        preset: Its row.
        data: What can be configured of it without asking.
        disabled: By role, an entity that the row prefers to what is there, but is disabled.
    """

    preset: Preset
    data: dict[str, Any] = field(default_factory=dict)
    disabled: Mapping[str, str] = field(default_factory=dict)


def find_preset(
    hass: HomeAssistant,
    entries: Sequence[er.RegistryEntry],
    device_id: str | None,
    picked: str | None = None,
) -> PresetMatch | None:
    """Return what is known of a charger by its integration; None where no row fits.

    Args:
        hass: Home Assistant.
        entries: The entities of its device, or of its integration where it has none.
        device_id: Its device, or None.
        picked: The entity that was picked, where there may be several chargers; or None.
    """
    for platform in sorted({entry.platform for entry in entries}):
        own = [entry for entry in entries if entry.platform == platform]
        beside = next((entry.unique_id for entry in own if entry.entity_id == picked), "")
        charger = _Registered(own, beside, device_id)
        for preset in _KNOWN.get(platform, ()):
            if (data := charger.bind(preset)) is not None:
                return PresetMatch(
                    preset=preset,
                    data=_read_max(hass, preset, data) | data,
                    disabled=charger.better_but_disabled(preset, data),
                )
    return None


def find_phase_row(
    hass: HomeAssistant,
    entries: Sequence[er.RegistryEntry],
    device_id: str | None,
    picked: str | None = None,
) -> dict[str, Any]:
    """Return what is configured to switch the phases of a known charger; nothing where none is.

    Args:
        hass: Home Assistant.
        entries: The entities of its device, or of its integration where it has none.
        device_id: Its device, or None.
        picked: The entity that was picked, where there may be several chargers; or None.
    """
    for row in PHASE_ROWS:
        own = [entry for entry in entries if entry.platform == row.platform]
        beside = next((entry.unique_id for entry in own if entry.entity_id == picked), "")
        charger = _Registered(own, beside, device_id)
        if not own or (row.needs and not any(map(charger.named, row.needs))):
            continue
        entity = next(filter(None, map(charger.named, row.entities)), None)
        if entity is None and row.elsewhere:
            entity = _only_one(hass, own[0], row.entities)
        if entity is not None:
            return {CONF_PHASE_ENTITY: entity.entity_id, **charger.filled(row.values)}
        if CONF_ONE_PHASE_ACTION in row.values and not actions_missing(
            hass, row.values[CONF_ONE_PHASE_ACTION]
        ):
            shown = {CONF_ONE_PHASE, CONF_THREE_PHASES}
            values = {key: value for key, value in row.values.items() if key not in shown}
            return dict(charger.filled(values))
    return {}


def _only_one(
    hass: HomeAssistant, own: er.RegistryEntry, names: Sequence[str]
) -> er.RegistryEntry | None:
    """Return the entity of these names of the same account; None where there are several."""
    found = [
        entry
        for entry in er.async_get(hass).entities.values()
        if entry.config_entry_id == own.config_entry_id and not entry.disabled
        if any(_rank(entry, name) is not None for name in names)
    ]
    return found[0] if len(found) == 1 else None


def _read_max(hass: HomeAssistant, preset: Preset, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the max current, where an attribute of the switch says it."""
    state = hass.states.get(data.get(CONF_SWITCH_ENTITY, ""))
    value = None if state is None else state.attributes.get(preset.max_attribute)
    return {CONF_MAX_A: value} if isinstance(value, int | float) else {}


@dataclass(frozen=True)
class _Registered:
    """What the integration of a charger has registered.

    Attributes:
        entries: The entities.
        beside: The unique id that is most like those of this charger, if there may be several.
        device_id: Its device, or None.
    """

    entries: Sequence[er.RegistryEntry]
    beside: str
    device_id: str | None

    def bind(self, preset: Preset) -> dict[str, Any] | None:
        """Return the roles that entities have by a row; None where one that matters is missing."""
        data: dict[str, Any] = {}
        for role, names in preset.roles.items():
            found = next(filter(None, map(self.named, names)), None)
            if found is not None:
                data[role] = found.entity_id
            elif role in preset.needs:
                return None
        return data | {key: self.filled(value) for key, value in preset.values.items()}

    def better_but_disabled(self, preset: Preset, data: Mapping[str, Any]) -> dict[str, str]:
        """Return what a row prefers to what it has found, by role, where that is disabled."""
        better: dict[str, str] = {}
        for role, names in preset.roles.items():
            first = next(filter(None, (self.named(name, disabled=True) for name in names)), None)
            if first is not None and first.disabled and first.entity_id != data.get(role):
                better[role] = first.entity_id
        return better

    def named(self, name: str, *, disabled: bool = False) -> er.RegistryEntry | None:
        """Return the entity of this name; one that is disabled only where these count, too.

        Where two ids end with the key, the shorter one is right: "grid_power" is no "power".
        """
        ranked = [
            (rank, -_alike(entry.unique_id, self.beside), len(entry.unique_id), at)
            for at, entry in enumerate(self.entries)
            if disabled or not entry.disabled
            if (rank := _rank(entry, name)) is not None
        ]
        return self.entries[min(ranked)[-1]] if ranked else None

    def filled(self, value: Any) -> Any:
        """Return a row's values with the device and the entities that actions are for."""
        if isinstance(value, EntityNamed):
            entry = self.named(value.name)
            if entry is None or not value.of_id:
                return None if entry is None else entry.entity_id
            part = re.search(value.of_id, entry.unique_id)
            return None if part is None else part[1]
        if isinstance(value, Mapping):
            return {
                key: self.device_id if key == ATTR_DEVICE_ID else self.filled(part)
                for key, part in value.items()
            }
        return [self.filled(part) for part in value] if isinstance(value, list) else value


def _alike(one: str, other: str) -> int:
    """Return how many letters two unique ids have in common from their beginning on."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return sum(1 for _ in same)


def _rank(entry: er.RegistryEntry, name: str) -> int | None:
    """Return how surely an entity is "domain.key", the lowest the surest; None where it is not.

    A key with a star is what unique ids begin with.
    """
    domain, _, key = name.partition(".")
    if entry.domain != domain:
        return None
    if entry.translation_key == key:
        return 0
    if key.endswith("*"):
        return 1 if entry.unique_id.startswith(key[:-1]) else None
    ends_so = re.search(rf"(?:^|[^a-z0-9]){re.escape(key)}$", entry.unique_id) is not None
    return 1 if ends_so else None
