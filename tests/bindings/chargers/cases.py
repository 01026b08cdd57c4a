"""Chargers and cars as their integrations register them, from the fixtures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service
import yaml

type Case = Mapping[str, Any]

_FIXTURES: Final = Path(__file__).parents[2] / "fixtures"
# What stands in a case of the registry; all else of an entity is an attribute of its state.
_IN_REGISTRY: Final = frozenset(
    {
        *("domain", "unique_id", "object_id", "name", "translation_key", "category", "disabled"),
        *("state", "unit", "device_class"),
    }
)
_CAPABILITIES: Final = frozenset({"options", "min", "max", "step"})


def read_cases(folder: str) -> dict[str, Case]:
    """Return all cases of a folder of the fixtures by a name for each."""
    found: dict[str, Case] = {}
    for path in sorted((_FIXTURES / folder).glob("*.yaml")):
        content = yaml.safe_load(path.read_text())
        for case in content if isinstance(content, list) else [content]:
            device = case.get("device") or {}
            found[f"{case['platform']} {device.get('name', '')} {path.stem}"] = case
    return found


CASES: Final = read_cases("chargers")
CAR_CASES: Final = read_cases("cars")


class RegisteredCase:
    """A charger or a car in the registries, with the states of its entities."""

    def __init__(
        self,
        hass: HomeAssistant,
        case: Case,
        *,
        ids: Sequence[str] | None = None,
    ) -> None:
        """Register it.

        Args:
            hass: Home Assistant.
            case: The charger or the car.
            ids: What the entities are called by who lives there, in their order; None for what
                their integration calls them.
        """
        entry = MockConfigEntry(domain=case["platform"])
        entry.add_to_hass(hass)
        self.device_id: str | None = None
        if "device" in case:
            self.device_id = (
                dr.async_get(hass)
                .async_get_or_create(
                    config_entry_id=entry.entry_id,
                    identifiers={(case["platform"], entry.entry_id)},
                    **case["device"],
                )
                .id
            )
        self.entity_ids: dict[str, str] = {}
        for index, entity in enumerate(case["entities"]):
            self._register(hass, entry, entity, None if ids is None else ids[index])
        for domain, action in (
            ("blue_current", "start_charge_session"),
            *(("button", "press"), ("chargeamps", "set_max_current")),
            *(("emporia_vue", "set_charger_current"), ("goecharger", "set_max_current")),
        ):
            async_mock_service(hass, domain, action)

    def _register(
        self, hass: HomeAssistant, entry: MockConfigEntry, entity: Case, object_id: str | None
    ) -> None:
        unit = entity.get("unit")
        registered = er.async_get(hass).async_get_or_create(
            entity["domain"],
            entry.domain,
            entity["unique_id"],
            config_entry=entry,
            device_id=self.device_id,
            translation_key=entity.get("translation_key"),
            original_name=entity.get("name"),
            original_device_class=entity.get("device_class"),
            unit_of_measurement=unit,
            capabilities={key: entity[key] for key in _CAPABILITIES & entity.keys()} or None,
            entity_category=EntityCategory(entity["category"]) if "category" in entity else None,
            suggested_object_id=object_id or entity.get("object_id"),
            disabled_by=er.RegistryEntryDisabler.INTEGRATION if entity.get("disabled") else None,
        )
        self.entity_ids[f"{entity['domain']}.{entity['unique_id']}"] = registered.entity_id
        if not entity.get("disabled"):
            attributes = {key: value for key, value in entity.items() if key not in _IN_REGISTRY}
            attributes |= {"unit_of_measurement": unit} if unit else {}
            attributes |= (
                {"device_class": entity["device_class"]} if "device_class" in entity else {}
            )
            hass.states.async_set(registered.entity_id, entity.get("state", "0"), attributes)
