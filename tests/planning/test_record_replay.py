"""What diagnostics keep of two days can be planned and decided again, to the same answers."""

from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import timedelta
import json
from pathlib import Path
from typing import Any
import zlib

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from tests.house import House

from custom_components.optivgi.planning import record as kept
from custom_components.optivgi.planning.record import PlanRecord
from custom_components.optivgi.planning.replay import chapters_of, main, replay, runner_for

PRICES = [0.30] * 20 + [0.25, 0.22, 0.24, 0.28] + [0.12, 0.10, 0.11, 0.15] * 3 + [0.3] * 12


async def live(house: House, evening: int) -> None:
    """Let an evening pass that is another one each time."""
    house.set_hourly_prices([price + 0.01 * (evening % 3) for price in PRICES])
    await house.async_set_up_site(data={"fuse_a": (16, 20, 25, 35)[evening % 4]})
    house.set_soc("zoe", 20 + 7 * evening)
    await house.async_plug_in("garage")
    if evening % 2:
        await house.async_plug_in("carport")
    if evening % 3 == 1:
        await house.async_select("select.garage_mode", ("now", "min_solar")[evening % 2])
    for watts in (500, 9000, 14_000, 2500, 600):
        house.set_power("sensor.grid_power", watts)
        for _ in range(3):
            await house.async_advance(timedelta(seconds=20))
        await house.async_advance(timedelta(minutes=4))
        await house.async_settle()


@pytest.mark.parametrize("evening", range(10))
async def test_ten_files_give_the_same_answers(
    hass: HomeAssistant, house: House, hass_client: ClientSessionGenerator, evening: int
) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    await live(house, evening)
    assert house.entry is not None
    downloaded: Any = await get_diagnostics_for_config_entry(hass, hass_client, house.entry)
    diagnostics = json.loads(json.dumps(downloaded))
    chapters = chapters_of(diagnostics)
    assert len(chapters) >= 5
    assert sum(len(chapter.looks) for chapter in chapters) >= 8
    runner = runner_for(diagnostics)
    again = [await replay(chapters, chapter, runner) for chapter in chapters]
    runner.shutdown(wait=True)
    assert [(one.same_plan, one.different) for one in again] == [(True, ())] * len(chapters)
    assert chapters[-1].schedule == house.entry.runtime_data.coordinator.data.schedule
    assert all(
        "Zoe" not in zlib.decompress(b64decode(text)).decode() for text in downloaded["record"]
    )


async def test_command_line_says_so(
    hass: HomeAssistant,
    house: House,
    hass_client: ClientSessionGenerator,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    await live(house, 1)
    assert house.entry is not None
    downloaded: Any = await get_diagnostics_for_config_entry(hass, hass_client, house.entry)
    file = tmp_path / "diagnostics.json"
    file.write_text(json.dumps({"data": downloaded}))
    before = (dt_util.utcnow() - timedelta(minutes=10)).isoformat()

    def run(*arguments: str) -> int:
        return main([str(file), *arguments])

    # It has an event loop of its own.
    assert await hass.async_add_executor_job(run, before) == 0
    said = capsys.readouterr().out
    assert "is the same" in said
    assert "0 of them DIFFER" in said
    assert await hass.async_add_executor_job(run, "2020-01-01") == 2
    # A decision that is another one is seen, and so is another plan.
    text = downloaded["record"][-1]
    plain = zlib.decompress(b64decode(text)).decode()
    for one, other in (('"limit_kw":', '"limit_kw":1'), ('"energy_kwh":', '"energy_kwh":1')):
        head, _, tail = plain.rpartition(one)
        changed = head + other + tail
        downloaded["record"][-1] = b64encode(zlib.compress(changed.encode())).decode()
        file.write_text(json.dumps(downloaded))
        assert await hass.async_add_executor_job(run) == 1
    file.write_text("{}")
    assert await hass.async_add_executor_job(run) == 2


async def test_record_is_bounded(
    hass: HomeAssistant, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live(house, 1)
    assert house.entry is not None
    plan = house.entry.runtime_data.coordinator.data
    record = PlanRecord()
    for _ in range(20):
        record.begin(plan)
    record.pack()
    one = record.size / 19
    assert one < 6000
    monkeypatch.setattr(kept, "_MOST_BYTES", 5.5 * one)
    record.pack()
    assert record.size <= 5.5 * one
    assert len(record.texts()) == 6
    # Two days later, nothing of it is left.
    record.begin(replace(plan, made_at=plan.made_at + timedelta(days=2, minutes=1)))
    record.begin(plan)
    record.pack()
    assert len(record.texts()) == 2
