"""Picking a charger or a vehicle in its form, and reading what the next form has filled in."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from pytest_homeassistant_custom_component.common import get_schema_suggested_value


def suggested(schema: Any) -> dict[str, Any]:
    """Return what a form has filled in, with what is in its sections."""
    values: dict[str, Any] = {}
    for key, field in schema.schema.items():
        if isinstance(field, section):
            values |= suggested(field.schema)
        elif (value := get_schema_suggested_value(schema.schema, str(key))) is not None:
            values[str(key)] = value
    return values


async def pick(
    hass: HomeAssistant, picked: Mapping[str, Any], kind: str = "charger"
) -> SubentryFlowResult:
    """Pick a charger or a vehicle, and return the form of its entities."""
    flow = hass.config_entries.subentries
    result = await flow.async_init(("site", kind), context={"source": SOURCE_USER})
    result = await flow.async_configure(result["flow_id"], dict(picked))
    if result["step_id"] == "choose":
        # Who only says yes takes what is found to fit best.
        result = await flow.async_configure(result["flow_id"], {})
    assert result["step_id"] == "entities"
    return result


def as_found(schema: Any) -> dict[str, Any]:
    """Return what is entered by whoever only says yes to what is filled in."""
    entered: dict[str, Any] = {}
    for key, field in schema.schema.items():
        if isinstance(field, section):
            entered[str(key)] = as_found(field.schema)
        elif (value := get_schema_suggested_value(schema.schema, str(key))) is not None:
            entered[str(key)] = value
    return entered
