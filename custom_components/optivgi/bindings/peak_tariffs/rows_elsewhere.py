"""Finland, Australia, USA: rules that are known and whose prices are on each one's own bill."""

from datetime import date, time, timedelta
from typing import Final

from .preset import PeakPreset
from .rule import WORKDAYS, PeakPart, PeakRule, PeakWindow, PricePer

# As demand is measured there.
_HALF_HOUR: Final = timedelta(minutes=30)
_HOUR: Final = timedelta(hours=1)

ROWS: Final = (
    PeakPreset(
        id="fi_above_8_kw",
        name="FI · 60 min, 8 kW",
        currency="EUR",
        valid_from=date(2026, 2, 2),
        source="Energy Authority of Finland, 2 February 2026, in use by 2029 at the latest",
        rule=PeakRule(parts=(PeakPart(),), interval=_HOUR, free_kw=8.0),
    ),
    PeakPreset(
        id="au_ergon_t14",
        name="AU · Ergon Tariff 14",
        currency="AUD",
        valid_from=date(2020, 7, 1),
        source="ergon.com.au: 15:00 to 21:30, the mean of the four highest days of a month",
        rule=PeakRule(
            parts=(PeakPart(windows=(PeakWindow(start=time(15), end=time(21, 30)),)),),
            interval=_HALF_HOUR,
            top=4,
        ),
    ),
    PeakPreset(
        id="au_evening",
        name="AU · 30 min, 15-21 h",
        currency="AUD",
        valid_from=date(2025, 7, 1),
        source="energylocals.com.au: the highest half-hour of a month, for each of its days",
        rule=PeakRule(
            parts=(PeakPart(windows=(PeakWindow(start=time(15), end=time(21)),)),),
            interval=_HALF_HOUR,
            per=PricePer.DAY,
        ),
    ),
    PeakPreset(
        id="us_aps",
        name="US · APS, 16-19 h",
        currency="USD",
        valid_from=date(2025, 1, 1),
        source="aps.com: the highest hour of a month between 16:00 and 19:00 on workdays",
        rule=PeakRule(
            parts=(PeakPart(windows=(PeakWindow(days=WORKDAYS, start=time(16), end=time(19)),)),),
            interval=_HOUR,
        ),
    ),
)
