"""Belgium, Flanders: the capacity tariff by area of the grid operator Fluvius.

The highest quarter-hour of each month, the mean of twelve months, each at least 2.5 kW. Prices in
EUR per kW and year with 6 % VAT, as suppliers state them on their tariff cards.
"""

from datetime import date, timedelta
from typing import Final

from .preset import PeakPreset
from .rule import PeakPart, PeakRule, PricePer

_SOURCE: Final = "Tariff cards of Eneco, Ebem and Ecopower, April and May 2026"
_PRICES_2026: Final = {
    "Antwerpen": 52.37,
    "Halle-Vilvoorde": 59.41,
    "Imewo": 57.45,
    "Kempen": 59.58,
    "Limburg": 51.99,
    "Midden-Vlaanderen": 53.13,
    "West": 60.53,
    "Zenne-Dijle": 59.49,
}


def _rule(price: float) -> PeakRule:
    return PeakRule(
        parts=(PeakPart(price=price),),
        interval=timedelta(minutes=15),
        per=PricePer.YEAR,
        floor_kw=2.5,
        rolling_months=12,
    )


ROWS: Final = tuple(
    PeakPreset(
        id=f"be_{area.lower().replace('-', '_')}",
        name=f"BE · Fluvius {area}",
        currency="EUR",
        valid_from=date(2026, 1, 1),
        source=_SOURCE,
        rule=_rule(price),
    )
    for area, price in _PRICES_2026.items()
)
