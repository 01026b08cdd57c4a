"""The price source that a configuration names."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest

from custom_components.optivgi.bindings.tariffs import (
    PriceSeries,
    TariffError,
    async_create_tariff,
    factory,
)
from custom_components.optivgi.bindings.tariffs.nordpool import NordpoolTariff

DAY = timedelta(days=1)


async def read(hass: HomeAssistant, **data: Any) -> PriceSeries:
    tariff = await async_create_tariff(hass, data)
    now = dt_util.utcnow()
    return (await tariff.async_read(now, now + DAY)).known


async def test_constant(home: HomeAssistant) -> None:
    series = await read(home, price_source="constant", price=0.3)
    assert [period.price for period in series.periods] == [0.3]


async def test_constant_with_taxes_and_fees(home: HomeAssistant) -> None:
    series = await read(
        home, price_source="constant", price=0.3, price_factor=1.2, price_offset=0.05
    )
    assert [period.price for period in series.periods] == pytest.approx([0.41])


async def test_time_of_use_in_home_assistants_time_zone(home: HomeAssistant) -> None:
    await home.config.async_set_time_zone("America/Chicago")
    rows = [{"from": "06:00:00", "price": 0.3}, {"from": "22:00:00", "price": 0.1}]
    series = await read(home, price_source="time_of_use", time_of_use=rows)
    assert [(period.start.hour, period.price) for period in series.periods] == [
        (10, 0.1),
        (12, 0.3),
        (4, 0.1),
    ]


async def test_time_of_use_without_rows(home: HomeAssistant) -> None:
    with pytest.raises(TariffError) as caught:
        await read(home, price_source="time_of_use")
    assert caught.value.translation_key == "price_rows_missing"


async def test_entity_that_is_not_registered(home: HomeAssistant) -> None:
    home.states.async_set("input_number.price", "0.4", {"unit_of_measurement": "EUR/kWh"})
    series = await read(home, price_source="entity", price_entity="input_number.price")
    assert [period.price for period in series.periods] == [0.4]


async def test_entity_that_nobody_knows(home: HomeAssistant) -> None:
    with pytest.raises(TariffError) as caught:
        await read(home, price_source="entity", price_entity="0123456789abcdef")
    assert caught.value.translation_key == "price_entity_missing"


async def test_entity_of_an_integration_that_is_gone(
    home: HomeAssistant,
    entity_registry: er.EntityRegistry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(
        factory.PLATFORM_READERS, "no_such_integration", factory.PlatformReader(NordpoolTariff)
    )
    entity = entity_registry.async_get_or_create("sensor", "no_such_integration", "price")
    home.states.async_set(entity.entity_id, "0.4", {"unit_of_measurement": "EUR/kWh"})
    series = await read(home, price_source="entity", price_entity=entity.id)
    assert [period.price for period in series.periods] == [0.4]


async def test_taxes_do_not_hide_what_is_implausible(home: HomeAssistant) -> None:
    """The source's own prices are judged, and a fee alone is no exchange rate."""
    now = dt_util.utcnow()
    for unit, state, key in (
        ("EUR/kWh", "31", "price_implausible"),
        ("NOK/kWh", "1.31", "price_currency_mismatch"),
    ):
        home.states.async_set("sensor.price", state, {"unit_of_measurement": unit})
        tariff = await async_create_tariff(
            home, {"price_source": "entity", "price_entity": "sensor.price", "price_offset": 0.1}
        )
        with pytest.raises(TariffError) as caught:
            await tariff.async_validate(now, now + DAY)
        assert caught.value.translation_key == key
