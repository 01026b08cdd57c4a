"""The card: served, loaded by every dashboard exactly once, small, and with all its texts."""

from pathlib import Path
import re
from typing import Any

from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL
from homeassistant.components.lovelace.const import LOVELACE_DATA
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.optivgi import const
from custom_components.optivgi.explain.status import ChargerStatus
from custom_components.optivgi.scheduler.model import ReasonKind
from tests.house import ENGLISH, House

FOLDER = Path(const.__file__).parent / "frontend"
SOURCE = Path(const.__file__).parents[2] / "frontend" / "src"
FIRST_MAX = 70_000
ALL_MAX = 160_000


async def frontend(hass: HomeAssistant, mode: str = "storage") -> None:
    """Set up what shows dashboards."""
    config: dict[str, Any] = {"lovelace": {"mode": mode, "resource_mode": mode}}
    assert await async_setup_component(hass, "lovelace", config)
    assert await async_setup_component(hass, "frontend", {})
    await hass.async_block_till_done()


async def resources(hass: HomeAssistant) -> list[str]:
    """Return the modules that dashboards load."""
    found = hass.data[LOVELACE_DATA].resources
    await found.async_get_info()
    return [item["url"] for item in found.async_items()]


async def test_card_is_served_and_listed_once(
    hass: HomeAssistant, house: House, hass_client: ClientSessionGenerator
) -> None:
    await frontend(hass)
    entry = await house.async_set_up_site()
    [url] = await resources(hass)
    assert re.fullmatch(r"/optivgi/card-[\w-]{8}\.js", url)
    client = await hass_client()
    answer = await client.get(url)
    assert answer.status == 200
    assert "javascript" in answer.content_type
    assert "max-age" in answer.headers["Cache-Control"]
    assert "optivgi-plan-card" in await answer.text()
    # Over a reload it stays one.
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert await resources(hass) == [url]


async def test_page_of_before_an_update_gets_what_is_there_now(
    hass: HomeAssistant, house: House, hass_client: ClientSessionGenerator
) -> None:
    await frontend(hass)
    await house.async_set_up_site()
    client = await hass_client()
    for name in ("card", "details", "strategy"):
        [now] = FOLDER.glob(f"{name}-*.js")
        answer = await client.get(f"/optivgi/{name}-Olde-one.js")
        assert answer.status == 200
        assert await answer.read() == now.read_bytes()
        assert answer.headers["Cache-Control"] == "no-store"
    for name in ("other-1.js", "card.js", "..%2Fmanifest.json", "card-1.json"):
        assert (await client.get(f"/optivgi/{name}")).status in {400, 404}


async def test_older_version_is_replaced_and_others_are_left_alone(
    hass: HomeAssistant, house: House
) -> None:
    await frontend(hass)
    listed = hass.data[LOVELACE_DATA].resources
    for url in ("/hacsfiles/other.js", "/optivgi/card-old.js", "/optivgi/card-older.js"):
        await listed.async_create_item({"res_type": "module", "url": url})
    await house.async_set_up_site()
    other, ours = await resources(hass)
    assert other == "/hacsfiles/other.js"
    assert (FOLDER / ours.removeprefix("/optivgi/")).exists()


async def test_card_goes_with_the_last_site_and_comes_back(
    hass: HomeAssistant, house: House
) -> None:
    await frontend(hass)
    entry = await house.async_set_up_site()
    await hass.config_entries.async_remove(entry.entry_id)
    assert await resources(hass) == []
    await house.async_set_up_site()
    assert len(await resources(hass)) == 1


async def test_resources_in_yaml_are_not_written(hass: HomeAssistant, house: House) -> None:
    await frontend(hass, "yaml")
    await house.async_set_up_site()
    await hass.async_block_till_done()
    assert await resources(hass) == []
    assert any("/optivgi/card-" in url for url in hass.data[DATA_EXTRA_MODULE_URL].urls)


async def test_site_works_without_a_frontend(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert house.value("sensor.garage_planned_energy") > 0
    assert "frontend" not in hass.config.components


def test_card_stays_small() -> None:
    [first] = FOLDER.glob("card-*.js")
    assert first.stat().st_size <= FIRST_MAX
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= ALL_MAX


def _said() -> set[str]:
    """Return the texts that the source of the card names."""
    source = "\n".join(path.read_text() for path in SOURCE.glob("*.ts"))
    named = set(re.findall(r"(?:say|parts)\(\s*\"(\w+)\"", source))
    for pair in re.findall(r"say\([^()\"]*\? \"(\w+)\" : \"(\w+)\"", source):
        named |= set(pair)
    return named


def test_card_says_nothing_that_is_not_translated() -> None:
    texts = {key for key in ENGLISH["exceptions"] if key.startswith("card_")}
    assert {f"card_{key}" for key in _said()} <= texts


@pytest.mark.parametrize("kind", sorted(set(ReasonKind) - {ReasonKind.ABSENT}))
def test_every_reason_of_a_step_has_its_text(kind: ReasonKind) -> None:
    assert "{name}" in ENGLISH["exceptions"][f"card_why_{kind}"]["message"]


def test_every_text_of_the_card_is_used() -> None:
    source = "\n".join(path.read_text() for path in SOURCE.glob("*.ts"))
    for key in ENGLISH["exceptions"]:
        if key.startswith("card_why_"):
            assert key.removeprefix("card_why_") in set(ReasonKind)
        elif key.startswith("card_field_"):
            assert f'name: "{key.removeprefix("card_field_")}"' in source
        elif key.endswith(("_name", "_description")):
            assert key.removeprefix("card_").rpartition("_")[0] in source
        elif key.startswith("card_"):
            assert f'"{key.removeprefix("card_")}"' in source, key


def test_card_has_no_sentences_of_its_own() -> None:
    """What people read stands in the translations, not in the module."""
    for path in SOURCE.glob("*.ts"):
        for literal in re.findall(r"\"([^\"\n]*)\"", path.read_text()):
            assert not re.search(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}", literal), (path.name, literal)


def test_card_offers_every_mode() -> None:
    offered = re.search(r"MODES: Mode\[\] = \[(.*?)\]", (SOURCE / "lane.ts").read_text())
    assert offered is not None
    assert set(re.findall(r"\"(\w+)\"", offered[1])) == set(const.Mode)


def test_words_of_status_are_those_of_the_sensor() -> None:
    assert ENGLISH["entity"]["sensor"]["status"]["state"].keys() == set(ChargerStatus)
