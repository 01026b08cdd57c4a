"""A backtest in plain types, rounded as people read it."""

from dataclasses import asdict
from typing import Any

from .backtest import Backtest
from .bill import Bill, WayFigures


def in_plain_types(backtest: Backtest) -> dict[str, Any]:
    """Return a backtest in kWh, kW and the site's currency."""
    return {
        "as_it_was": _bill(backtest.as_it_was),
        "at_plug_in": _bill(backtest.at_plug_in),
        "planned": _bill(backtest.planned),
        "foresight": _bill(backtest.foresight),
        "sessions": backtest.stays,
        "plans": backtest.plans,
        "unknown": sorted(map(str, backtest.unknown)),
    }


def _bill(bill: Bill) -> dict[str, Any]:
    weeks = {week: _figures(figures) for week, figures in bill.weeks.items()}
    return _figures(bill.total) | {"weeks": weeks}


def _figures(figures: WayFigures) -> dict[str, Any]:
    return {name: round(value, 3) for name, value in asdict(figures).items()}
