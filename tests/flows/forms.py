"""Submits the forms of the config flow as a browser does."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.data_entry_flow import section


def in_form(result: ConfigFlowResult, entered: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was entered, each field in the section of the form that it is in."""
    schema = result["data_schema"]
    assert schema is not None
    found = dict(entered)
    for name, field in schema.schema.items():
        if isinstance(field, section):
            inside = {key: found.pop(key) for key in map(str, field.schema.schema) if key in found}
            found[str(name)] = {**inside, **found.get(str(name), {})}
    return found
