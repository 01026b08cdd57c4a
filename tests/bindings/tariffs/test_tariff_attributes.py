"""What is read of an entity and its relatives, and why it is not."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from tests.bindings.tariffs.day_prices import HOUR, both, hours, price_at
from tests.bindings.tariffs.source_shapes import custom_nordpool, frank_energie

from custom_components.optivgi.bindings.tariffs import PriceSeries, TariffError, TariffNotReady
from custom_components.optivgi.bindings.tariffs.attributes import AttributeTariff
from custom_components.optivgi.bindings.tariffs.siblings import Relative
from custom_components.optivgi.scheduler.model import Horizon

ENTITY = "sensor.price"


async def read(hass: HomeAssistant, entity_id: str = ENTITY) -> PriceSeries:
    now = dt_util.utcnow()
    return await AttributeTariff(hass, entity_id).async_read(now, now + 24 * HOUR)


def set_state(hass: HomeAssistant, attributes: dict[str, Any], state: str = "0.31") -> None:
    hass.states.async_set(ENTITY, state, attributes)


@pytest.mark.parametrize("tomorrow", [[], None])
async def test_tomorrow_not_there_yet(home: HomeAssistant, tomorrow: list[Any] | None) -> None:
    attributes = {**custom_nordpool(), "raw_tomorrow": tomorrow, "tomorrow": tomorrow}
    set_state(home, attributes)
    series = await read(home)
    assert series.known_until == hours(0)[-1][1]
    now = dt_util.utcnow()
    horizon = Horizon.aligned(now, now + 24 * HOUR, timedelta(minutes=15))
    prices, estimated = series.resample(horizon)
    for edge, price, guess in zip(horizon.edges, prices, estimated, strict=False):
        assert price == pytest.approx(price_at(edge))
        assert guess == (edge >= series.known_until)


async def test_a_state_alone_is_the_price_of_the_slot(home: HomeAssistant) -> None:
    set_state(home, {"unit_of_measurement": "ct/kWh"}, "27.5")
    series = await read(home)
    start = datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert [(p.start, p.end) for p in series.periods] == [(start, start + HOUR / 4)]
    now = dt_util.utcnow()
    prices, estimated = series.resample(Horizon.aligned(now, now + 24 * HOUR, HOUR / 4))
    assert prices == pytest.approx((0.275,) * len(prices))
    assert estimated[0] is False
    assert all(estimated[1:])


async def test_two_entities_share_what_is_known(home: HomeAssistant) -> None:
    tariff = AttributeTariff(home, "sensor.today", [Relative("sensor.tomorrow", estimated=False)])
    assert tariff.watched_entities == ("sensor.today", "sensor.tomorrow")
    now = dt_util.utcnow()
    for entity_id, days in (("sensor.today", 0), ("sensor.tomorrow", 1)):
        rates = [{"start": s, "end": e, "value_inc_vat": p} for s, e, p in hours(days)]
        home.states.async_set(entity_id, "2026-11-21T09:00:00", {"rates": rates})
        series = await tariff.async_read(now, now + 24 * HOUR)
        assert series.known_until == hours(days)[-1][1]


async def test_relative_without_a_unit_has_that_of_the_first(home: HomeAssistant) -> None:
    for entity_id, days, unit in (
        ("sensor.today", 0, {"unit_of_measurement": "ct/kWh"}),
        ("binary_sensor.tomorrow", 1, {}),
    ):
        rows = [{"start": s, "end": e, "price": p * 100} for s, e, p in hours(days)]
        home.states.async_set(entity_id, "31", {"prices": rows, **unit})
    relative = Relative("binary_sensor.tomorrow", estimated=False)
    now = dt_util.utcnow()
    series = await AttributeTariff(home, "sensor.today", [relative]).async_read(now, now + HOUR)
    for start, _, price in both():
        assert series.price_at(start.astimezone(UTC)) == pytest.approx(price)


@pytest.mark.parametrize(
    ("attributes", "state", "error", "key"),
    [
        ({}, STATE_UNAVAILABLE, TariffNotReady, "price_not_available"),
        ({}, STATE_UNKNOWN, TariffNotReady, "price_not_available"),
        ({"rates": []}, "2026-11-21T09:00:00", TariffNotReady, "price_not_available"),
        ({}, "sunny", TariffError, "price_unreadable"),
        ({"forecast_source": [1, 2]}, "sunny", TariffError, "price_unreadable"),
        ({"unit_of_measurement": "W"}, "230", TariffError, "price_unit_unknown"),
        ({"unit_of_measurement": "bananas/kWh"}, "0.2", TariffError, "price_unit_unknown"),
    ],
)
async def test_reasons(
    home: HomeAssistant, attributes: dict[str, Any], state: str, error: type[TariffError], key: str
) -> None:
    set_state(home, attributes, state)
    with pytest.raises(TariffError) as caught:
        await read(home)
    assert type(caught.value) is error
    assert caught.value.translation_domain == "optivgi"
    assert caught.value.translation_key == key
    assert caught.value.translation_placeholders == caught.value.placeholders
    assert caught.value.placeholders["entity"] == ENTITY


async def test_a_list_that_has_passed(home: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    set_state(home, frank_energie())
    freezer.tick(timedelta(days=3))
    with pytest.raises(TariffNotReady):
        await read(home)


async def test_missing_entity(home: HomeAssistant) -> None:
    with pytest.raises(TariffError) as caught:
        await read(home)
    assert type(caught.value) is TariffError
    assert caught.value.translation_key == "price_entity_missing"
    home.set_state(CoreState.starting)
    with pytest.raises(TariffNotReady):
        await read(home)


async def test_registered_entity_without_a_state(
    home: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    entity = entity_registry.async_get_or_create("sensor", "epex_spot", "total")
    with pytest.raises(TariffNotReady):
        await read(home, entity.entity_id)
    entity_registry.async_update_entity(entity.entity_id, disabled_by=er.RegistryEntryDisabler.USER)
    with pytest.raises(TariffError) as caught:
        await read(home, entity.entity_id)
    assert caught.value.translation_key == "price_entity_disabled"


@pytest.mark.parametrize(
    ("attributes", "state", "key"),
    [
        ({"unit_of_measurement": "EUR/kWh"}, "31", "price_implausible"),
        ({"unit_of_measurement": "EUR/MWh"}, "0.31", "price_implausible"),
        ({"unit_of_measurement": "NOK/kWh"}, "1.31", "price_currency_mismatch"),
        ({}, "31", "price_unit_missing"),
    ],
)
async def test_validation_judges_what_reading_accepts(
    home: HomeAssistant, attributes: dict[str, Any], state: str, key: str
) -> None:
    set_state(home, attributes, state)
    tariff = AttributeTariff(home, ENTITY)
    now = dt_util.utcnow()
    assert (await tariff.async_read(now, now + HOUR)).periods
    with pytest.raises(TariffError) as caught:
        await tariff.async_validate(now, now + HOUR)
    assert caught.value.translation_key == key


async def test_no_unit_and_a_common_price(home: HomeAssistant) -> None:
    set_state(home, {}, "0.31")
    now = dt_util.utcnow()
    series = await AttributeTariff(home, ENTITY).async_validate(now, now + HOUR)
    assert series.periods[0].price == 0.31


async def test_a_key_with_the_unit_needs_none_beside_it(home: HomeAssistant) -> None:
    """A price that would be too high to be taken for granted is fine where the key says so."""
    rates = [{"start": s, "end": e, "value_inc_vat": 2.5} for s, e, _ in both(30)]
    set_state(home, {"rates": rates}, "2026-11-21T09:00:00")
    now = dt_util.utcnow()
    series = await AttributeTariff(home, ENTITY).async_validate(now, now + HOUR)
    assert series.price_at(now) == 2.5
