"""VehicleMatch a charger's entities by what its integration is known to register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import re
from typing import Any, Final

from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .preset_rows import PRESETS, Preset

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
    """

    preset: Preset
    data: dict[str, Any] = field(default_factory=dict)


def find_preset(
    hass: HomeAssistant, device_id: str | None, entity_id: str | None = None
) -> PresetMatch | None:
    """Return what is known of a device, or of the integration of an entity without a device."""
    registry = er.async_get(hass)
    entries: list[er.RegistryEntry] = []
    if device_id is not None:
        entries = er.async_entries_for_device(registry, device_id)
    elif entity_id is not None and (entry := registry.async_get(entity_id)) is not None:
        # Integrations that are set up in YAML have no devices, and one charger.
        entries = [
            other
            for other in registry.entities.values()
            if other.platform == entry.platform and other.disabled_by is None
        ]
    for platform in {entry.platform for entry in entries}:
        for preset in _KNOWN.get(platform, ()):
            own = [entry for entry in entries if entry.platform == platform]
            if (data := _bind(preset, own, device_id)) is not None:
                return PresetMatch(preset=preset, data=data)
    return None


def _bind(
    preset: Preset, entries: Sequence[er.RegistryEntry], device_id: str | None
) -> dict[str, Any] | None:
    """Return the roles that entities have by a row; None where one that matters is not there."""
    data: dict[str, Any] = {}
    for role, names in preset.roles.items():
        if (entity_id := _named(entries, names)) is not None:
            data[role] = entity_id
        elif role in preset.needs:
            return None
    return data | {key: _filled(value, device_id) for key, value in preset.values.items()}


def _named(entries: Sequence[er.RegistryEntry], names: Sequence[str]) -> str | None:
    """Return the entity with the first of these names that one has."""
    for name in names:
        ranked = [
            (rank, len(entry.unique_id), entry.entity_id)
            for entry in entries
            if (rank := _rank(entry, name)) is not None
        ]
        if ranked:
            return min(ranked)[2]
    return None


def _rank(entry: er.RegistryEntry, name: str) -> int | None:
    """Return how surely an entity is "domain.key", the lowest the surest; None where it is not.

    Where two ids end with the key, the shorter one is right: "grid_power" is no "power".
    """
    domain, _, key = name.partition(".")
    if entry.domain != domain:
        return None
    if entry.translation_key == key:
        return 0
    ends_so = re.search(rf"(?:^|[^a-z0-9]){re.escape(key)}$", entry.unique_id) is not None
    return 1 if ends_so else None


def _filled(value: Any, device_id: str | None) -> Any:
    """Return a row's values with the device that actions are for."""
    if isinstance(value, Mapping):
        return {
            key: device_id if key == ATTR_DEVICE_ID else _filled(part, device_id)
            for key, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [_filled(part, device_id) for part in value]
    return value
