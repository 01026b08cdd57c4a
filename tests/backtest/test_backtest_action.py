"""What the last weeks would have cost, asked of a real recorder."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from homeassistant.components.recorder.models import StatisticMeanType
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from tests.house import GRID, PRICE, House

HOUR = timedelta(hours=1)
EVENING, NIGHT = (18, 19), (2, 3, 4)


def garage_w(local: datetime) -> float:
    """Return what a car drew that was plugged in at six each evening, for two hours."""
    return 11_000.0 if local.hour in EVENING else 0.0


def price(local: datetime) -> float:
    return 0.1 if local.hour in NIGHT else 0.3


async def remember(
    hass: HomeAssistant,
    entity_id: str,
    unit: str,
    value: Callable[[datetime], float],
    weeks: int = 3,
) -> None:
    """Let the recorder have kept the hourly means of some weeks."""
    end = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    async_import_statistics(
        hass,
        {
            "has_sum": False,
            "mean_type": StatisticMeanType.ARITHMETIC,
            "name": None,
            "source": "recorder",
            "statistic_id": entity_id,
            "unit_class": "power" if unit == "W" else None,
            "unit_of_measurement": unit,
        },
        [
            {"start": start, "mean": value(dt_util.as_local(start))}
            for start in (end - n * HOUR for n in range(3 * 7 * 24, 0, -1))
        ],
    )
    await async_wait_recording_done(hass)


@pytest.fixture
async def lived_in(recorder_mock: object, hass: HomeAssistant, house: House) -> House:
    """Return a house whose recorder has kept three weeks."""
    await remember(hass, "sensor.garage_power", "W", garage_w)
    await remember(hass, "sensor.carport_power", "W", lambda _: 0.0)
    await remember(hass, GRID, "W", lambda local: 500 + garage_w(local))
    await remember(hass, PRICE, "EUR/kWh", price)
    await house.async_set_up_site()
    return house


async def ask(hass: HomeAssistant, weeks: int = 2) -> dict[str, Any]:
    response = await hass.services.async_call(
        "optivgi", "backtest", {"weeks": weeks}, blocking=True, return_response=True
    )
    assert response is not None
    return dict(response)


async def test_two_weeks_of_evenings(hass: HomeAssistant, lived_in: House) -> None:
    told = await ask(hass)
    # It is eight in the evening: of today's car all is known that it drew.
    assert told["sessions"] == 14
    kwh = told["as_it_was"]["kwh"]
    assert kwh == pytest.approx(14 * 22, rel=0.05)
    assert told["as_it_was"]["cost"] == pytest.approx(kwh * 0.3)
    assert told["at_plug_in"]["cost"] == pytest.approx(kwh * 0.3)
    assert told["planned"]["cost"] < 0.45 * kwh * 0.3
    assert told["foresight"]["cost"] <= told["planned"]["cost"] * 1.02
    assert told["planned"]["not_ready"] == 0
    assert told["as_it_was"]["highest_kw"] == pytest.approx(11.5)
    assert len(told["planned"]["weeks"]) == 3
    assert told["currency"] == "EUR"
    assert {"hourly_means", "plug_times"} <= set(told["unknown"])
    assert len(told["notes"]) == len(told["unknown"])
    assert all(note.endswith(".") for note in told["notes"])


async def test_without_anything_kept_there_is_nothing_to_tell(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site()
    told = await ask(hass, weeks=1)
    assert told["sessions"] == told["planned"]["cost"] == 0
    assert "house" in told["unknown"]


async def test_menu_shows_progress_and_result_and_changes_nothing(
    hass: HomeAssistant, lived_in: House
) -> None:
    assert lived_in.entry is not None
    before = dict(lived_in.entry.data), dict(lived_in.entry.options)
    flows = hass.config_entries.options
    form = await flows.async_init(lived_in.entry.entry_id)
    assert form["type"] is FlowResultType.FORM
    running = await flows.async_configure(form["flow_id"], {"weeks": 1})
    assert running["type"] is FlowResultType.SHOW_PROGRESS
    # A second one has to wait.
    with pytest.raises(ServiceValidationError):
        await ask(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    shown = await flows.async_configure(form["flow_id"])
    while shown["type"] is FlowResultType.SHOW_PROGRESS_DONE:
        shown = await flows.async_configure(form["flow_id"])
    assert shown["step_id"] == "result"
    assert shown["description_placeholders"] is not None
    assert shown["description_placeholders"]["as_it_was"].startswith("154 | 46.20 | 7 |")
    done = await flows.async_configure(form["flow_id"], {})
    assert done["type"] is FlowResultType.ABORT
    assert (dict(lived_in.entry.data), dict(lived_in.entry.options)) == before


async def test_closing_the_menu_stops_it(hass: HomeAssistant, lived_in: House) -> None:
    assert lived_in.entry is not None
    flows = hass.config_entries.options
    form = await flows.async_init(lived_in.entry.entry_id)
    running = await flows.async_configure(form["flow_id"], {"weeks": 2})
    assert running["type"] is FlowResultType.SHOW_PROGRESS
    flows.async_abort(form["flow_id"])
    await hass.async_block_till_done(wait_background_tasks=True)
    # The next one is not kept from running.
    assert (await ask(hass, weeks=1))["sessions"] == 7
    assert await hass.config_entries.async_unload(lived_in.entry.entry_id)
