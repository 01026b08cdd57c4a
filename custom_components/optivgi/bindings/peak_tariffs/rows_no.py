"""Norway: the capacity part of the grid fee, by steps.

The mean of the highest hours of the three highest days of a month says which step is paid. Prices
in NOK per year without VAT, as the open collection of price lists fri-nettleie has them.
"""

from datetime import date, timedelta
from typing import Final

from .preset import PeakPreset
from .rule import PeakPart, PeakRule, PricePer

_SOURCE: Final = "fri-nettleie (kraftsystemet), price lists of August 2026"
# In Norway but its north.
_VAT: Final = 25.0
# The same nearly everywhere.
_STEPS_KW: Final = (0.0, 2.0, 5.0, 10.0, 15.0, 20.0)


def _rule(levels: tuple[tuple[float, float], ...]) -> PeakRule:
    return PeakRule(
        parts=(PeakPart(levels=levels),),
        interval=timedelta(hours=1),
        top=3,
        per=PricePer.YEAR,
        vat=_VAT,
    )


def _row(key: str, name: str, since: date, *prices: float, lowest: int = 0) -> PeakPreset:
    """Return a row; ``prices`` are those of the steps, from the one of ``lowest`` on."""
    steps_kw = (0.0, *_STEPS_KW[lowest + 1 :])
    return PeakPreset(
        id=f"no_{key}",
        name=f"NO · {name}",
        currency="NOK",
        valid_from=since,
        source=_SOURCE,
        rule=_rule(tuple(zip(steps_kw, prices, strict=True))),
    )


ROWS: Final = (
    _row("bkk", "BKK", date(2026, 1, 1), 1488, 2400, 3984, 5760, 7392, 9024),
    _row("elvia", "Elvia", date(2025, 1, 1), 1200, 1824, 2880, 3936, 4992, 6048),
    _row("elvia", "Elvia", date(2026, 7, 1), 1440, 2400, 4032, 5616, 7248, 8880),
    _row("glitre", "Glitre", date(2026, 7, 1), 1536, 2232, 3744, 7008, 9264, 11616),
    _row("lede", "Lede", date(2026, 5, 1), 2580, 4404, 6216, 8040, 9864, lowest=1),
    _row("norgesnett", "Norgesnett", date(2026, 7, 1), 1344, 2232, 3744, 6672, 8976, 10992),
    _row("tensio_ts", "Tensio TS", date(2026, 7, 1), 1257.6, 2236.8, 3811.2, 5616, 7440, 9254.4),
)
