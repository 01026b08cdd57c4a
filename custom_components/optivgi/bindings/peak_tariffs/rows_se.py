"""Sweden: where homes pay for power by the lists of 2025; a uniform model is due in 2027.

Prices in SEK per kW and month with VAT.
"""

from datetime import date, time, timedelta
from typing import Final

from .preset import PeakPreset
from .rule import WORKDAYS, PeakPart, PeakRule, PeakWindow

_SOURCE: Final = "spotpilot/grid-tariffs and the operators' pages, autumn 2025"
_WINTER: Final = frozenset({"nov", "dec", "jan", "feb", "mar"})
_SUMMER: Final = frozenset({"apr", "may", "jun", "jul", "aug", "sep", "oct"})
# Homes in Sweden are billed by the hour.
_HOUR: Final = timedelta(hours=1)


def _row(key: str, name: str, rule: PeakRule) -> PeakPreset:
    return PeakPreset(
        id=f"se_{key}",
        name=f"SE · {name}",
        currency="SEK",
        valid_from=date(2025, 9, 1),
        source=_SOURCE,
        rule=rule,
    )


def _on_workdays(months: frozenset[str], start: int, end: int) -> tuple[PeakWindow, ...]:
    return (PeakWindow(months=months, days=WORKDAYS, start=time(start), end=time(end)),)


ROWS: Final = (
    _row(
        "ellevio",
        "Ellevio",
        PeakRule(
            parts=(
                PeakPart(
                    price=81.25,
                    windows=(PeakWindow(start=time(22), end=time(6), weight=0.5), PeakWindow()),
                ),
            ),
            interval=_HOUR,
            top=3,
        ),
    ),
    _row(
        "goteborg",
        "Göteborg Energi",
        PeakRule(parts=(PeakPart(price=45.0),), interval=_HOUR, top=3),
    ),
    _row(
        "jonkoping",
        "Jönköping Energi",
        PeakRule(
            parts=(
                PeakPart(price=27.70),
                PeakPart(price=65.66, windows=_on_workdays(_WINTER, 7, 21)),
            ),
            interval=_HOUR,
            top=2,
        ),
    ),
    _row(
        "malarenergi",
        "Mälarenergi",
        PeakRule(
            parts=(PeakPart(price=18.75, windows=_on_workdays(_WINTER | _SUMMER, 7, 20)),),
            interval=_HOUR,
        ),
    ),
    _row(
        "sollentuna",
        "Sollentuna Energi",
        PeakRule(
            parts=(
                PeakPart(price=135.0, windows=_on_workdays(_WINTER, 7, 19)),
                PeakPart(price=67.5, windows=_on_workdays(_SUMMER, 7, 19)),
            ),
            interval=_HOUR,
            top=3,
            distinct_days=False,
        ),
    ),
)
