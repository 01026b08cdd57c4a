"""Sources that people have reported, as they write their prices: what is read of them."""

from datetime import datetime, timedelta
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


@pytest.mark.parametrize(
    ("changes", "hours"),
    [
        # Its colour is announced in the morning.
        ({"demain": "indéterminé"}, 18),
        # These are no prices that the picked sensor shows.
        ({"hp_bleu": "0.2"}, 1),
        ({"hc_bleu": "?", "hc_blanc": "?", "hp_rouge": "?"}, 1),
    ],
)
async def test_colours_that_are_not_all_there(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, changes: dict[str, str], hours: int
) -> None:
    case = CASES["tempo"]
    siblings = [
        {**sibling, "state": changes.get(sibling["unique_id"], sibling["state"])}
        for sibling in case["siblings"]
    ]
    freezer.move_to(case["now"])
    await hass.config.async_set_time_zone(case["zone"])
    tariff = await tariff_of(hass, show(hass, {**case, "siblings": siblings}))
    known_until = (await read(tariff)).known_until
    assert known_until is not None
    assert known_until <= datetime.fromisoformat(case["now"]) + timedelta(hours=hours)


async def test_a_colour_that_is_announced_is_planned_with(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """The entities of the colours are watched, those of no use are not."""
    case = CASES["tempo"]
    freezer.move_to(case["now"])
    tariff = await tariff_of(hass, show(hass, case))
    names = {
        entry.unique_id
        for entity_id in tariff.watched_entities
        if (entry := er.async_get(hass).async_get(entity_id)) is not None
    }
    assert names >= {"demain", "hp_rouge"}
    assert "fixe" not in names


async def test_colours_of_another_integration(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Some have the prices and others the colours; red is a storm to many."""
    case = CASES["tempo"]
    siblings = [
        entity for entity in case["siblings"] if "unit_of_measurement" in entity["attributes"]
    ]
    freezer.move_to(case["now"])
    await hass.config.async_set_time_zone(case["zone"])
    for name, state in (
        ("RTE Tempo Couleur actuelle", "Bleu"),
        ("RTE Tempo Prochaine couleur", "Rouge"),
        ("Weather warning tomorrow", "white"),
    ):
        entity_id = f"sensor.{name.lower().replace(' ', '_')}"
        hass.states.async_set(entity_id, state, {"friendly_name": name})
    series = await read(await tariff_of(hass, show(hass, {**case, "siblings": siblings})))
    for moment, price in list(case["expected"].items())[1:]:
        assert series.price_at(datetime.fromisoformat(moment)) == pytest.approx(price), moment
