"""What units mean, and prices that cannot be meant."""

from typing import Any

import pytest

from custom_components.optivgi.bindings.tariffs import TariffError
from custom_components.optivgi.bindings.tariffs.units import (
    PriceUnit,
    judge_prices,
    parse_unit,
    unit_of,
)


@pytest.mark.parametrize(
    ("text", "currency", "per_kwh", "priced_in"),
    [
        ("EUR/kWh", "EUR", 1, "EUR"),
        ("€/kWh", "EUR", 1, "EUR"),
        ("€ / kWh", "EUR", 1, "EUR"),
        ("EUR/MWh", "EUR", 0.001, "EUR"),
        ("EUR/mWh", "EUR", 0.001, "EUR"),
        ("€/Wh", "EUR", 1000, "EUR"),
        ("ct/kWh", "EUR", 0.01, None),
        ("Ct/kWh", "EUR", 0.01, None),
        ("c/kWh", "EUR", 0.01, None),
        ("¢/kWh", "USD", 0.01, None),
        ("cent/kWh", "EUR", 0.01, None),
        ("snt/kWh", "EUR", 0.01, "EUR"),
        ("c€/kWh", "EUR", 0.01, "EUR"),
        ("Öre/kWh", "SEK", 0.01, "SEK"),
        ("öre/kWh", "SEK", 0.01, "SEK"),
        ("Øre/kWh", "NOK", 0.01, "NOK"),
        ("øre/kWh", "DKK", 0.01, "DKK"),
        ("p/kWh", "GBP", 0.01, "GBP"),
        ("GBP/kWh", "GBP", 1, "GBP"),
        ("£/kWh", "GBP", 1, "GBP"),
        ("gr/kWh", "PLN", 0.01, "PLN"),
        ("groszy/kWh", "PLN", 0.01, "PLN"),
        ("PLN/MWh", "PLN", 0.001, "PLN"),
        ("zł/kWh", "PLN", 1, "PLN"),
        ("Kč/MWh", "CZK", 0.001, "CZK"),
        ("kr/kWh", "DKK", 1, "DKK"),
        ("Kr/kWh", "NOK", 1, "NOK"),
        ("$/kWh", "AUD", 1, "AUD"),
        ("NOK/kWh", "NOK", 1, "NOK"),
        ("Rp/kWh", "IDR", 1, "IDR"),
        ("Rp./kWh", "CHF", 0.01, "CHF"),
        ("JPY/kWh", "JPY", 1, "JPY"),
        ("EUR per kWh", "EUR", 1, "EUR"),
        ("EUR_per_kWh", "EUR", 1, "EUR"),
        ("EUR", "EUR", 1, "EUR"),
    ],
)
def test_units(text: str, currency: str, per_kwh: float, priced_in: str | None) -> None:
    unit = parse_unit(text, currency)
    assert unit is not None
    assert unit.per_kwh == pytest.approx(per_kwh)
    assert not unit.assumed
    if priced_in is None:
        assert unit.currencies == ()
    else:
        assert priced_in in unit.currencies


@pytest.mark.parametrize(
    "text", ["kWh", "W", "°C", "g/kWh", "EUR/m³", "kPa", "ppm", "/kWh", "%", "gCO2/kWh", "A"]
)
def test_no_units_of_prices(text: str) -> None:
    assert parse_unit(text, "EUR") is None
    assert unit_of({"unit_of_measurement": text}, "EUR") is None


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        # The unit of measurement tells all; the flag beside it says the same once more.
        (
            {"unit_of_measurement": "Øre/kWh", "price_in_cents": True, "currency": "NOK"},
            PriceUnit(0.01, ("NOK", "DKK", "SEK")),
        ),
        (
            {"unit_of_measurement": "NOK/kWh", "price_in_cents": False},
            PriceUnit(1, ("NOK",)),
        ),
        ({"unit": "MWh", "currency": "EUR"}, PriceUnit(0.001, ("EUR",))),
        ({"unit": "kWh", "currency": "EUR", "price_in_cents": True}, PriceUnit(0.01, ("EUR",))),
        ({"unit": "kWh", "currency": "EUR", "use_cent": True}, PriceUnit(0.01, ("EUR",))),
        ({"currency": "NOK"}, PriceUnit(1, ("NOK",))),
        ({}, PriceUnit(1, (), assumed=True)),
        ({"unit": "m³", "currency": "EUR"}, None),
        ({"currency": "shells"}, None),
    ],
)
def test_what_sources_say_beside_the_unit(
    attributes: dict[str, Any], expected: PriceUnit | None
) -> None:
    assert unit_of(attributes, "NOK") == expected


@pytest.mark.parametrize(
    ("currency", "prices"),
    [
        ("EUR", [0.25, 0.31]),
        ("EUR", [0, 0, 0, -0.0002, 0.08]),  # a windy day
        ("EUR", [-0.05, -0.01]),
        ("JPY", [31.0]),
        ("HUF", [70.0]),
        ("CZK", [6.5]),
        ("NOK", [0.4]),
        ("INR", [8.0]),
        ("IDR", [1444.7]),
    ],
)
def test_plausible_prices(currency: str, prices: list[float]) -> None:
    judge_prices(prices, PriceUnit(1, (currency,)), currency=currency, entity_id="sensor.price")


@pytest.mark.parametrize(
    ("currency", "prices", "shown"),
    [
        ("EUR", [25.0, 30.0, 31.0], "30 EUR/kWh"),  # cents
        ("EUR", [85.0], "85 EUR/kWh"),  # per MWh
        ("EUR", [0.00025, 0.0003], "0.0003 EUR/kWh"),
        ("JPY", [3100.0], "3100 JPY/kWh"),
        ("JPY", [0.031], "0.031 JPY/kWh"),
    ],
)
def test_implausible_prices(currency: str, prices: list[float], shown: str) -> None:
    with pytest.raises(TariffError) as caught:
        judge_prices(prices, PriceUnit(), currency=currency, entity_id="sensor.price")
    assert caught.value.translation_key == "price_implausible"
    assert caught.value.placeholders["price"] == shown
    assert caught.value.placeholders["entity"] == "sensor.price"


def test_an_assumed_unit_needs_a_common_price() -> None:
    assumed = PriceUnit(assumed=True)
    judge_prices([0.25], assumed, currency="EUR", entity_id="sensor.price")
    with pytest.raises(TariffError) as caught:
        judge_prices([3.1], assumed, currency="EUR", entity_id="sensor.price")
    assert caught.value.translation_key == "price_unit_missing"


def test_another_currency() -> None:
    with pytest.raises(TariffError) as caught:
        judge_prices([0.25], PriceUnit(1, ("EUR",)), currency="NOK", entity_id="sensor.price")
    assert caught.value.translation_key == "price_currency_mismatch"
    assert caught.value.placeholders == {
        "entity": "sensor.price",
        "price_currency": "EUR",
        "currency": "NOK",
    }
