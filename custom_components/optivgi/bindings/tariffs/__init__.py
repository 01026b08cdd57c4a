"""Where prices come from: one small adapter per kind of source, all giving a PriceSeries.

A source that keeps its prices in attributes needs no adapter: ``reader`` finds them, whatever they
are called. One that hands them out through an action is a row in ``described_sources``. See
docs/tariffs.md for both.
"""

from .attributes import may_have_prices
from .base import Tariff, TariffError, TariffNotReady
from .factory import INTEGRATIONS, async_create_export_tariff, async_create_tariff
from .series import Period, PriceSeries, Resampled
from .units import MAX_FEE, assumed_price, judge_entered, magnitude_of, parse_unit

__all__ = [
    "INTEGRATIONS",
    "MAX_FEE",
    "Period",
    "PriceSeries",
    "Resampled",
    "Tariff",
    "TariffError",
    "TariffNotReady",
    "assumed_price",
    "async_create_export_tariff",
    "async_create_tariff",
    "judge_entered",
    "magnitude_of",
    "may_have_prices",
    "parse_unit",
]
