"""Taxes, fees by time of day, and what is paid in the end."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from tests.bindings.tariffs.day_prices import AMSTERDAM, both, hours
from tests.bindings.tariffs.integrations import export_of, read, read_all, tariff_of, validate

from custom_components.optivgi.bindings.tariffs import (
    TariffError,
    async_create_export_tariff,
    async_create_tariff,
)

ENTITY = "sensor.price"
FEES = [
    {"from": "00:00:00", "price": 0.02},
    {"from": "17:30:00", "price": 0.10, "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat"]},
    {"from": "20:00:00", "price": 0.02},
]


def show(hass: HomeAssistant, unit: str = "EUR/kWh", scale: float = 1.0, days: int = 2) -> None:
    """Let a sensor show the price of now and the list of today and tomorrow."""
    slots = (both(60) if days == 2 else hours(0))[:]
    hass.states.async_set(
        ENTITY,
        str(0.31 * scale),
        {
            "unit_of_measurement": unit,
            "prices": [{"start": s, "end": e, "price": p * scale} for s, e, p in slots],
        },
    )


async def test_fees_are_added_by_the_time_of_day(home: HomeAssistant) -> None:
    """A step of the fee cuts an hour of the price in two; on Sunday there is none."""
    show(home)
    tariff = await tariff_of(home, ENTITY, price_factor=1.2, price_offset=0.01, fees=FEES)
    series = (await validate(tariff)).known
    seen = set()
    for period in series.periods:
        local = period.start.astimezone(AMSTERDAM)
        peak = local.weekday() == 5 and (17, 30) <= (local.hour, local.minute) < (20, 0)
        fee = 0.10 if peak else 0.02
        seen.add((local.strftime("%a %H:%M"), fee))
        assert period.price == pytest.approx((0.20 + local.hour / 100) * 1.2 + 0.01 + fee), local
    assert ("Sat 17:00", 0.02) in seen
    assert ("Sat 17:30", 0.10) in seen
    assert ("Sun 18:00", 0.02) in seen
    assert series.covers(series.periods[0].start, series.periods[-1].end)


async def test_estimates_have_the_fees_of_their_own_time(home: HomeAssistant) -> None:
    """Saturday's evening is expensive for its fee; Sunday's, guessed from it, has not got that."""
    show(home, days=1)
    series = await read_all(await tariff_of(home, ENTITY, fees=FEES))
    evening = hours(1)[18][0]
    assert series.price_at(evening) == pytest.approx(0.38 + 0.02)
    (period,) = (p for p in series.periods if p.start == evening)
    assert period.estimated


async def test_fees_on_one_price(home: HomeAssistant) -> None:
    tariff = await async_create_tariff(
        home, {"price_source": "constant", "price": 0.2, "fees": FEES}
    )
    series = await validate(tariff)
    assert {round(period.price, 6) for period in series.periods} == {0.22, 0.3}


@pytest.mark.parametrize(
    ("unit", "scale", "factor"),
    [
        ("EUR/kWh", 100, 0.01),  # cents, whatever the unit says
        ("EUR/kWh", 1000, 0.001),  # per MWh
        ("", 100, 0.01),
        ("NOK/kWh", 11.6, 1 / 11.6),
    ],
)
async def test_a_factor_sets_right_what_would_be_refused(
    home: HomeAssistant, unit: str, scale: float, factor: float
) -> None:
    show(home, unit, scale)
    with pytest.raises(TariffError):
        await validate(await tariff_of(home, ENTITY, price_offset=0.001))
    with pytest.raises(TariffError) as caught:
        await validate(await tariff_of(home, ENTITY, price_factor=200 * factor))
    assert caught.value.translation_key in {
        "price_implausible",
        "price_unit_missing",
        "price_currency_mismatch",
    }
    series = await validate(await tariff_of(home, ENTITY, price_factor=factor))
    for start, _, price in both():
        assert series.price_at(start) == pytest.approx(price)


@pytest.mark.parametrize(
    "data",
    [
        {"price_offset": 15.0},
        {"price_factor": 121},
        {"fees": [{"from": "00:00:00", "price": 4.9}], "price_offset": 0.2},
    ],
)
async def test_an_implausible_total(home: HomeAssistant, data: dict[str, Any]) -> None:
    show(home)
    with pytest.raises(TariffError) as caught:
        await validate(await tariff_of(home, ENTITY, **data))
    assert caught.value.translation_key == "price_total_implausible"
    assert caught.value.placeholders["currency"] == "EUR"


async def test_a_total_near_zero_is_fine(home: HomeAssistant) -> None:
    """Somebody may earn next to nothing, or be paid for using energy."""
    show(home)
    series = await validate(await export_of(home, ENTITY, export_factor=0.0, export_offset=0.0001))
    assert {period.price for period in series.periods} == {0.0001}


@pytest.mark.parametrize(
    "data",
    [
        {"price_source": "constant", "price": 30},
        {"price_source": "constant", "price": 0.0003},
        {"price_source": "time_of_use", "time_of_use": [{"from": "00:00", "price": 25}]},
        {
            "price_source": "constant",
            "price": 0.2,
            "fees": [{"from": "00:00", "price": 12}, {"from": "12:00", "price": 10}],
        },
    ],
)
async def test_implausible_entered_prices(home: HomeAssistant, data: dict[str, Any]) -> None:
    with pytest.raises(TariffError) as caught:
        await validate(await async_create_tariff(home, data))
    assert caught.value.translation_key == "price_entered_implausible"
    assert caught.value.placeholders["example"] == "0.3"


@pytest.mark.parametrize("price", [0, -0.02, 0.05, 2.5])
async def test_plausible_entered_prices(home: HomeAssistant, price: float) -> None:
    data = {"price_source": "constant", "price": price}
    assert (await validate(await async_create_tariff(home, data))).periods[0].price == price


async def test_the_example_is_one_of_the_sites_currency(home: HomeAssistant) -> None:
    home.config.currency = "HUF"
    with pytest.raises(TariffError) as caught:
        await validate(await async_create_tariff(home, {"price_source": "constant", "price": 0.05}))
    assert caught.value.placeholders["example"] == "120"


async def test_export_without_an_entity_is_one_price(home: HomeAssistant) -> None:
    assert await async_create_export_tariff(home, {}) is None
    tariff = await async_create_export_tariff(home, {"export_offset": 0.08})
    assert tariff is not None
    assert {period.price for period in (await read(tariff)).periods} == {0.08}
