"""Prices that change make a new plan within seconds."""

from datetime import timedelta
import math

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from tests.house import PRICE, House

PER_KWH = {"unit_of_measurement": "EUR/kWh"}


async def test_new_price_of_exported_energy_is_planned_with_at_once(
    hass: HomeAssistant, house: House
) -> None:
    hass.states.async_set("sensor.export", "0.10", PER_KWH)
    entry = await house.async_set_up_site(data={"export_entity": "sensor.export"})
    hass.states.async_set("sensor.export", "0.02", PER_KWH)
    await house.async_settle()
    prices = entry.runtime_data.coordinator.data.problem.site.export_price
    assert prices == pytest.approx([0.02] * len(prices))


async def test_new_forecast_of_prices_is_planned_with_at_once(
    hass: HomeAssistant, house: House
) -> None:
    now = dt_util.start_of_local_day()

    def expect(price: float) -> None:
        rows = [
            {"start": (now + timedelta(hours=hour)).isoformat(), "price": price}
            for hour in range(96)
        ]
        hass.states.async_set("sensor.forecast", str(price), {**PER_KWH, "forecast": rows})

    house.set_hourly_prices([0.30] * 24)
    expect(0.20)
    entry = await house.async_set_up_site(data={"forecast_entity": "sensor.forecast"})
    expect(0.10)
    await house.async_settle()
    site = entry.runtime_data.coordinator.data.problem.site
    guessed = [
        price for price, guess in zip(site.import_price, site.estimated, strict=True) if guess
    ]
    assert guessed == pytest.approx([0.10] * len(guessed))
    assert guessed


async def test_prices_are_missed_once_and_not_before_home_assistant_has_started(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """While it starts they may still come, as they do each time."""
    hass.states.async_set(PRICE, "unavailable")
    hass.set_state(CoreState.starting)
    await house.async_set_up_site()
    assert "Prices cannot be read" not in caplog.text
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    for _ in range(3):
        await house.async_advance(timedelta(minutes=5))
    assert caplog.text.count("Prices cannot be read") == 1

    house.set_hourly_prices([0.30] * 48)
    await house.async_settle()
    assert caplog.text.count("Prices can be read again") == 1


async def test_prices_outlive_a_restart_while_their_source_cannot_be_read(
    hass: HomeAssistant, house: House
) -> None:
    """Without them all hours cost the same, and cars charge in the most expensive ones."""
    house.set_hourly_prices([0.40] * 12 + [0.10] * 12 + [0.40] * 12 + [0.10] * 12)
    entry = await house.async_set_up_site()
    before = entry.runtime_data.coordinator.data.problem.site
    hass.states.async_set(PRICE, "unavailable")
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    plan = entry.runtime_data.coordinator.data
    assert plan.problem.site.import_price == pytest.approx(before.import_price)
    assert plan.problem.site.estimated == before.estimated
    assert plan.prices_known
    assert plan.price_error is not None


async def test_prices_of_another_source_are_not_used_in_its_place(
    hass: HomeAssistant, house: House
) -> None:
    house.set_hourly_prices([0.40] * 48)
    entry = await house.async_set_up_site()
    hass.states.async_set(PRICE, "unavailable")
    hass.config_entries.async_update_entry(entry, data={**entry.data, "price_factor": 2.0})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not entry.runtime_data.coordinator.data.prices_known


async def test_prices_that_are_all_absurd_do_not_replace_the_last_ones(house: House) -> None:
    house.set_hourly_prices([0.40] * 12 + [0.10] * 36)
    entry = await house.async_set_up_site()
    before = entry.runtime_data.coordinator.data.problem.site.import_price
    house.set_hourly_prices([1e9] * 48)
    await house.async_settle()
    assert entry.runtime_data.coordinator.data.problem.site.import_price == pytest.approx(before)


@pytest.mark.parametrize("absurd", [1e9, -1e9, 501.0, float("nan")])
async def test_one_absurd_price_costs_only_itself(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture, absurd: float
) -> None:
    house.set_hourly_prices([0.30] * 20 + [absurd] + [0.30] * 27)
    entry = await house.async_set_up_site()
    await house.async_advance(timedelta(minutes=15))
    prices = entry.runtime_data.coordinator.data.problem.site.import_price
    assert prices == pytest.approx([0.30] * len(prices))
    assert caplog.text.count("left out") == (not math.isnan(absurd))


async def test_another_currency_after_set_up_is_reported(hass: HomeAssistant, house: House) -> None:
    issues = ir.async_get(hass)
    entry = await house.async_set_up_site()
    assert issues.async_get_issue("optivgi", "other_currency_site") is None
    await hass.config.async_update(currency="SEK")
    house.set_hourly_prices([0.31] * 48)
    await house.async_settle()
    issue = issues.async_get_issue("optivgi", "other_currency_site")
    assert issue is not None
    assert issue.translation_placeholders == {
        "name": "Home",
        "entity": PRICE,
        "price_currency": "EUR",
        "currency": "SEK",
    }
    # An exchange rate converts it.
    hass.config_entries.async_update_entry(entry, data={**entry.data, "price_factor": 11.2})
    await house.async_settle()
    assert issues.async_get_issue("optivgi", "other_currency_site") is None


async def test_a_site_that_is_removed_reports_no_currency(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site()
    await hass.config.async_update(currency="SEK")
    house.set_hourly_prices([0.31] * 48)
    await house.async_settle()
    assert ir.async_get(hass).async_get_issue("optivgi", "other_currency_site") is not None
    await hass.config_entries.async_remove(entry.entry_id)
    assert ir.async_get(hass).async_get_issue("optivgi", "other_currency_site") is None


async def test_prices_that_are_set_later_are_the_same_until_then(
    hass: HomeAssistant, house: House
) -> None:
    """It is said that nobody has set them, that they are guesses, and what they count as."""
    entry = await house.async_set_up_site(data={"price_source": "later", "price_entity": None})
    site = entry.runtime_data.coordinator.data.problem.site
    assert site.import_price == pytest.approx([0.30] * len(site.import_price))
    assert all(site.estimated)
    issue = ir.async_get(hass).async_get_issue("optivgi", "price_missing_site")
    assert issue is not None
    assert issue.translation_placeholders == {"name": "Home", "price": "0.3", "currency": "EUR"}
    chosen = {**entry.data, "price_source": "entity", "price_entity": PRICE}
    hass.config_entries.async_update_entry(entry, data=chosen)
    await house.async_settle()
    assert ir.async_get(hass).async_get_issue("optivgi", "price_missing_site") is None
    assert not any(entry.runtime_data.coordinator.data.problem.site.estimated[:40])


async def test_a_site_that_is_removed_misses_no_prices(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site(data={"price_source": "later", "price_entity": None})
    await hass.config_entries.async_remove(entry.entry_id)
    assert ir.async_get(hass).async_get_issue("optivgi", "price_missing_site") is None
