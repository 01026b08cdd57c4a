"""Diagnostics: complete enough to plan again elsewhere, and without names."""

import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.optivgi.scheduler import registry
from custom_components.optivgi.scheduler.__main__ import main
from custom_components.optivgi.scheduler.registry import algorithm_names
from tests.house import House
from tests.test_event import Breakable
from tests.truth.test_obedience import draw


@pytest.fixture
async def diagnostics(
    hass: HomeAssistant, house: House, hass_client: ClientSessionGenerator
) -> dict[str, Any]:
    """Return what is downloaded through the real endpoint while a car waits."""
    assert await async_setup_component(hass, "diagnostics", {})
    house.set_hourly_prices([0.30] * 26 + [0.10] * 4 + [0.30] * 18)
    entry = await house.async_set_up_site()
    await house.async_plug_in("garage")
    downloaded: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    return dict(downloaded)


async def test_all_is_there(diagnostics: dict[str, Any]) -> None:
    assert diagnostics["entry"]["data"]["fuse_a"] == 25
    assert len(diagnostics["entry"]["subentries"]) == 4
    garage = diagnostics["chargers"]["garage"]
    assert garage["settings"]["mode"] == "smart"
    assert garage["session"]["plugged_at"].startswith("2026-11-20T19:00")
    assert garage["reading"]["connection"] == "plugged"
    assert garage["outcome"]["cause"] == "plan"
    assert diagnostics["vehicles"]["zoe"]["track"]["soc"] == 40
    assert diagnostics["vehicles"]["zoe"]["efficiency"]["value"] == 0.9
    assert [ev["id"] for ev in diagnostics["problem"]["evs"]] == ["garage"]
    assert diagnostics["schedule"]["status"] == "optimal"
    assert garage["obedience"] == {"exceeds_since": None, "is_broken": False}
    assert garage["uptake"].pop("take") == {
        "phases": None,
        "max_kw": None,
        "seen_kw": 0,
        "seen_drawn_kw": 0,
        "gets_all": False,
    }
    assert garage["uptake"] == {"nothing_since": None, "takes_nothing": False}


async def test_what_protects_the_fuse_is_there(diagnostics: dict[str, Any]) -> None:
    protection = diagnostics["protection"]
    assert protection["grade"] == "unproven"
    assert protection["improve"] == [{"code": "pick_phases", "placeholders": {}}]


async def test_what_chargers_and_cars_do_is_there(
    hass: HomeAssistant, house: House, hass_client: ClientSessionGenerator
) -> None:
    """One draws more than it shows, the car at the other one takes nothing."""
    assert await async_setup_component(hass, "diagnostics", {})
    house.set_hourly_prices([0.5] * 24 + [0.1] * 24)
    entry = await house.async_set_up_site()
    await house.async_plug_in("carport")
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    for _ in range(12):
        house.set_power("sensor.garage_power", 0)
        await draw(house, "carport", 11_000, 60)
    downloaded: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    carport, garage = (downloaded["chargers"][charger] for charger in ("carport", "garage"))
    assert carport["obedience"]["is_broken"] is True
    assert carport["obedience"]["exceeds_since"].startswith("2026-11-20T19:00")
    assert garage["uptake"]["takes_nothing"] is True


async def test_names_are_left_out(diagnostics: dict[str, Any]) -> None:
    assert diagnostics["entry"]["title"] == "**REDACTED**"
    assert diagnostics["entry"]["unique_id"] == "**REDACTED**"
    assert {subentry["title"] for subentry in diagnostics["entry"]["subentries"]} == {
        "**REDACTED**"
    }
    assert "Zoe" not in json.dumps(diagnostics)


async def test_reservations_are_there_without_names(
    hass: HomeAssistant, house: House, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    entry = await house.async_set_up_site()
    evening = {"arrival": "2026-11-20 20:00:00", "departure": "2026-11-21 06:00:00", "energy": 5}
    for charger in ("Garage", "Carport"):
        data = {**evening, "charger": charger, "name": "Aunt May"}
        await hass.services.async_call("optivgi", "add_reservation", data, blocking=True)
    await house.async_plug_in("garage")
    downloaded: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert [one["state"] for one in downloaded["reservations"]] == ["here", "expected"]
    assert downloaded["reservations"][1]["plan"]
    assert downloaded["chargers"]["garage"]["session"]["reservation"]["energy_kwh"] == 5
    evs = [ev["id"] for ev in downloaded["problem"]["evs"]]
    assert evs == ["garage", f"reservation:{downloaded['reservations'][1]['id']}"]
    assert "Aunt May" not in json.dumps(downloaded)


async def test_problem_can_be_solved_again_elsewhere(
    diagnostics: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = tmp_path / "problem.json"
    problem.write_text(json.dumps(diagnostics["problem"]))
    assert main([str(problem)]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["cost"] == pytest.approx(diagnostics["schedule"]["cost"], abs=0.01)
    assert [ev["id"] for ev in again["evs"]] == ["garage"]


async def test_there_are_diagnostics_without_a_plan(
    hass: HomeAssistant,
    house: House,
    hass_client: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That is when they are needed most."""
    assert await async_setup_component(hass, "diagnostics", {})
    for name in algorithm_names():
        monkeypatch.setitem(registry._FACTORIES, name, Breakable)
    monkeypatch.setattr(Breakable, "broken", True)
    entry = await house.async_set_up_site()
    await house.async_plug_in("garage")
    downloaded: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert downloaded["problem"] is downloaded["schedule"] is None
    assert downloaded["chargers"]["garage"]["reading"]["connection"] == "plugged"
