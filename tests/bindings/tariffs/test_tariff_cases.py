"""Sources that people have reported, as they write their prices: what is read of them."""

from datetime import datetime
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from tests.bindings.tariffs.integrations import read, tariff_of

CASES: dict[str, dict[str, Any]] = load_yaml_dict(
    str(Path(__file__).parents[2] / "fixtures" / "prices.yaml")
)


def show(hass: HomeAssistant, case: dict[str, Any]) -> str:
    """Let the entities of a case be there, and return the name of the one that is picked."""
    if "platform" not in case:
        hass.states.async_set("sensor.price", case["state"], case["attributes"])
        return "sensor.price"
    entry = MockConfigEntry(domain=case["platform"])
    entry.add_to_hass(hass)
    names = []
    for entity in (case, *case.get("siblings", ())):
        registered = er.async_get(hass).async_get_or_create(
            "sensor", case["platform"], entity["unique_id"], config_entry=entry
        )
        hass.states.async_set(registered.entity_id, entity["state"], entity["attributes"])
        names.append(registered.entity_id)
    return names[0]


@pytest.mark.parametrize("name", CASES)
async def test_reported_source(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, name: str
) -> None:
    case = CASES[name]
    freezer.move_to(case["now"])
    await hass.config.async_set_time_zone(case["zone"])
    hass.config.currency = case["currency"]
    series = await read(await tariff_of(hass, show(hass, case)))
    for moment, price in case["expected"].items():
        assert series.price_at(datetime.fromisoformat(moment)) == pytest.approx(price), moment
