"""Price lists in attributes, in the shape of each source."""

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from tests.bindings.tariffs.day_prices import HOUR, both, hours
from tests.bindings.tariffs.source_shapes import (
    SHAPES,
    amber,
    custom_nordpool_per_mwh,
    energidataservice,
    hourly_ends_of_quarters,
    mapping_within_an_attribute,
    nordpool_predict_fi,
)

from custom_components.optivgi.bindings.tariffs import PriceSeries
from custom_components.optivgi.bindings.tariffs.attributes import AttributeTariff

ENTITY = "sensor.price"


async def read(hass: HomeAssistant, entity_id: str = ENTITY) -> PriceSeries:
    now = dt_util.utcnow()
    return await AttributeTariff(hass, entity_id).async_read(now, now + 24 * HOUR)


def set_state(hass: HomeAssistant, attributes: dict[str, Any], state: str = "0.31") -> None:
    hass.states.async_set(ENTITY, state, attributes)


@pytest.mark.parametrize(
    "day", ["2026-11-21", "2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"]
)
@pytest.mark.parametrize(("shape", "minutes"), SHAPES)
async def test_shape(
    home: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    shape: Callable[[], dict[str, Any]],
    minutes: int,
    day: str,
) -> None:
    """Every shape gives today's and tomorrow's prices, once, be the day 23, 24 or 25 h long."""
    freezer.move_to(f"{day} 10:05:00+00:00")
    set_state(home, shape())
    series = await read(home)
    expected = both(minutes)
    if shape is mapping_within_an_attribute and "10-2" in day:
        # The text of the hour that is there twice is the same
        expected = [slot for slot in expected if slot[0].fold == 0]
    for start, _, price in expected:
        assert series.price_at(start.astimezone(UTC)) == pytest.approx(price), start
    assert len(series.periods) == len(expected)
    assert series.known_until == expected[-1][1]


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
async def test_24_plain_numbers_on_a_day_of_23_or_25_hours(
    home: HomeAssistant, freezer: FrozenDateTimeFactory, day: str
) -> None:
    freezer.move_to(f"{day} 10:05:00+00:00")
    set_state(
        home,
        {"today": [0.20 + n / 100 for n in range(24)], "unit_of_measurement": "EUR/kWh"},
    )
    series = await read(home)
    for start, _, price in hours(0):
        assert series.price_at(start.astimezone(UTC)) == pytest.approx(price), start


async def test_mixed_lengths(home: HomeAssistant) -> None:
    set_state(home, amber(), "0.31")
    series = await read(home)
    assert len(series.periods) == 24 * 12 + 48
    for start, end, price in hours(0, 5) + hours(1, 30):
        assert series.price_at(start.astimezone(UTC)) == pytest.approx(price)
        assert series.price_at(end.astimezone(UTC) - timedelta(seconds=1)) == pytest.approx(price)


async def test_first_list_counts_where_a_forecast_goes_further(home: HomeAssistant) -> None:
    attributes = energidataservice()
    attributes["forecast"] = [{"hour": s, "price": 99} for s, _, _ in hours(1) + hours(2)]
    set_state(home, attributes)
    series = await read(home)
    tomorrow, later = hours(1)[5], hours(2)[5]
    assert series.price_at(tomorrow[0].astimezone(UTC)) == pytest.approx(tomorrow[2])
    assert series.price_at(later[0].astimezone(UTC)) == pytest.approx(0.99)


async def test_rows_without_a_number_are_left_out(home: HomeAssistant) -> None:
    attributes = custom_nordpool_per_mwh()
    attributes["raw_today"][15]["value"] = None
    attributes["raw_today"][16]["value"] = "nan"
    attributes["raw_today"][17] = "?"
    attributes["raw_tomorrow"] = [{"start": "soon", "value": 3}, {"value": 4}]
    set_state(home, attributes)
    series = await read(home)
    assert len(series.periods) == 21
    assert series.price_at(hours(0)[15][0].astimezone(UTC)) is None


async def test_negative_prices_stay(home: HomeAssistant) -> None:
    attributes = {
        "prices": [{"start": s, "end": e, "price": -p} for s, e, p in both()],
        "unit_of_measurement": "EUR/kWh",
    }
    set_state(home, attributes)
    series = await read(home)
    assert all(period.price < 0 for period in series.periods)


async def test_an_end_is_no_later_than_the_next_start(home: HomeAssistant) -> None:
    set_state(home, hourly_ends_of_quarters())
    series = await read(home)
    for start, _, price in both(15):
        assert series.price_at(start.astimezone(UTC)) == pytest.approx(price), start


async def test_numbers_alone_are_of_the_day_on_which_they_were_reported(
    home: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """At midnight a list still says yesterday's prices under the name of today's."""
    freezer.move_to("2026-11-21 22:59:00+00:00")
    today = [0.20 + n / 100 for n in range(24)]
    tomorrow = [0.50 + n / 100 for n in range(24)]
    told = {"today": today, "tomorrow": tomorrow, "unit_of_measurement": "EUR/kWh"}
    set_state(home, told)
    before = await read(home)
    freezer.move_to("2026-11-21 23:00:05+00:00")
    assert (await read(home)).periods == before.periods
    assert before.price_at(dt_util.utcnow()) == pytest.approx(0.50)
    set_state(home, {"today": tomorrow, "tomorrow": [], "unit_of_measurement": "EUR/kWh"})
    after = await read(home)
    assert after.price_at(dt_util.utcnow()) == pytest.approx(0.50)
    assert after.known_until == before.known_until


async def test_a_forecast_beside_the_list_is_an_estimate(home: HomeAssistant) -> None:
    rows = [{"hour": s, "price": p * 100} for s, _, p in hours(1)]
    set_state(home, {**energidataservice(), "raw_tomorrow": None, "forecast": rows})
    series = await read(home)
    assert series.known_until == hours(0)[-1][1]
    assert series.price_at(hours(1)[5][0].astimezone(UTC)) == pytest.approx(hours(1)[5][2])
    assert all(period.estimated for period in series.periods[24:])
    # Where it is all there is, it is the price.
    set_state(home, {"forecast": rows, "unit_of_measurement": "ct/kWh"})
    assert not any(period.estimated for period in (await read(home)).periods)


async def test_a_list_may_go_on_as_a_forecast(home: HomeAssistant) -> None:
    set_state(home, nordpool_predict_fi())
    series = await read(home)
    assert series.known_until == hours(0)[-1][1]
    assert [period.estimated for period in series.periods] == [False] * 24 + [True] * 24
    for start, _, price in both():
        assert series.price_at(start.astimezone(UTC)) == pytest.approx(price, abs=0.0006)
