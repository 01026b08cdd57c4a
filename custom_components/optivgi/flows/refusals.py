"""Where a form shows what it refuses, and what its text calls the field.

A field in a section has no place of its own for an error: it is shown above the section, which is
opened.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers import translation
import voluptuous as vol

from ..const import DOMAIN


class Refused(NamedTuple):
    """A form with errors: its fields, where errors are shown, and what their texts name."""

    schema: vol.Schema
    errors: dict[str, str]
    named: dict[str, str]


async def async_refused(
    hass: HomeAssistant, form: str, schema: vol.Schema, errors: Mapping[str, str]
) -> Refused:
    """Return a form that shows errors where a person finds them.

    Args:
        hass: Home Assistant.
        form: Where its texts stand, as in ``config.step.site``.
        schema: Its fields.
        errors: Why fields, or sections, are refused; texts name the first of them.
    """
    if not errors:
        return Refused(schema, {}, {})
    sections = {name: str(section_) for section_, name in _fields_in_sections(schema)}
    shown = {sections.get(field, field): reason for field, reason in errors.items()}
    opened = {
        key: section(value.schema, {"collapsed": False})
        if isinstance(value, section) and key in shown
        else value
        for key, value in schema.schema.items()
    }
    texts = await _async_texts(hass, form)
    first = next(iter(errors))
    named = texts.get(f"data.{first}", texts.get(f"sections.{first}.name", first))
    if (of := sections.get(first)) is not None:
        place = f"sections.{of}"
        named = f"{texts[f'{place}.name']}, {texts[f'{place}.data.{first}']}"
    return Refused(vol.Schema(opened), shown, {"field": named})


def _fields_in_sections(schema: vol.Schema) -> Iterator[tuple[Any, str]]:
    for key, value in schema.schema.items():
        if isinstance(value, section):
            for name in value.schema.schema:
                yield key, str(name)


async def _async_texts(hass: HomeAssistant, form: str) -> dict[str, str]:
    category = form.partition(".")[0]
    texts = await translation.async_get_translations(hass, hass.config.language, category, [DOMAIN])
    start = f"component.{DOMAIN}.{form}."
    return {key.removeprefix(start): text for key, text in texts.items() if key.startswith(start)}
