"""All that people read is there in every language, with all that it names."""

from collections.abc import Mapping
import json
from typing import Any

from homeassistant.helpers import translation
import pytest
from tests.house import House
from texts.build import (
    LANGUAGES,
    TABLES,
    TRANSLATIONS,
    faults,
    placeholders,
    read,
    texts_of,
    translated,
)

ENGLISH: Mapping[str, Any] = json.loads((TRANSLATIONS / "en.json").read_text("utf-8"))


def leaves(tree: Mapping[str, Any], path: str = "") -> dict[str, str]:
    """Return all texts of a file by their keys."""
    found: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, str):
            found[f"{path}.{key}"] = value
        else:
            found |= leaves(value, f"{path}.{key}")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_text(language: str) -> None:
    table = read(TABLES / f"{language}.json")
    assert list(faults(list(texts_of(ENGLISH)), table)) == []
    built = leaves(json.loads((TRANSLATIONS / f"{language}.json").read_text("utf-8")))
    english = leaves(ENGLISH)
    assert built.keys() == english.keys()
    for key, text in built.items():
        assert placeholders(text) == placeholders(english[key]), key
    # Names and units are the same everywhere, sentences are not.
    long = [key for key, text in english.items() if len(text) > 40]
    assert sum(built[key] == english[key] for key in long) <= len(long) / 50


def test_every_language_has_a_table_and_what_is_built_of_it() -> None:
    tables = {path.stem for path in TABLES.glob("*.json")}
    built = {path.stem for path in TRANSLATIONS.glob("*.json")}
    assert tables == set(LANGUAGES)
    assert built == {*LANGUAGES, "en"}


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ({}, "no text for: Waits for {time}."),
        ({"Waits for {time}.": "Wartet auf {zeit}."}, "other placeholders: Waits for {time}."),
        ({"Waits for {time}.": "{time}", "Old": "Alt"}, "not needed: Old"),
        ({"Waits for {time}.": f"{{time}} {'x' * 60}"}, f"too long: {{time}} {'x' * 60}"),
        ({"Waits for {time}.": "**{time}**"}, "other markup: Waits for {time}."),
    ],
)
def test_what_is_wrong_with_a_table_is_found(table: dict[str, str], fault: str) -> None:
    assert list(faults(["Waits for {time}."], table)) == [fault]


def test_what_has_no_text_yet_stays_english() -> None:
    tree = {"a": {"title": "Charger"}, "b": {"title": "Mode"}}
    assert translated(tree, {"Charger": "Wallbox"}) == {
        "a": {"title": "Wallbox"},
        "b": {"title": "Mode"},
    }


async def test_a_reason_is_read_in_the_language_of_home_assistant(house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    state = house.hass.states.get("sensor.garage_status")
    assert state is not None
    english = state.attributes["reason"]
    await house.hass.config.async_update(language="de")
    await house.async_settle()
    await house.async_select("select.garage_mode", "off")
    await house.async_select("select.garage_mode", "smart")
    state = house.hass.states.get("sensor.garage_status")
    assert state is not None
    german = await translation.async_get_translations(house.hass, "de", "exceptions", ["optivgi"])
    code = state.attributes["reason_code"]
    begin = german[f"component.optivgi.exceptions.reason_{code}.message"].partition("{")[0]
    assert begin
    assert begin in state.attributes["reason"]
    assert state.attributes["reason"] != english


def test_numbers_are_written_as_a_language_does() -> None:
    """A comma in all but English: 0,20 EUR."""
    for language in LANGUAGES:
        assert read(TABLES / f"{language}.json")["."] == ","
