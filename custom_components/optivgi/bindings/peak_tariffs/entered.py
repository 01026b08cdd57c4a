"""From what a person has entered to the tariff on the highest power."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

from homeassistant.util import dt as dt_util

from ...const import (
    CONF_DISTINCT_DAYS,
    CONF_FLOOR_KW,
    CONF_FREE_KW,
    CONF_FROM,
    CONF_FROM_KW,
    CONF_INTERVAL,
    CONF_MONTHS,
    CONF_PER,
    CONF_PRESET,
    CONF_PRICE,
    CONF_PRICE_STEPS,
    CONF_ROLLING_MONTHS,
    CONF_TOP,
    CONF_UNTIL,
    CONF_VAT,
    CONF_WEEKDAYS,
    CONF_WEIGHT,
    CONF_WINDOWS,
)
from .presets import preset_of
from .rule import ALL_DAYS, ALL_MONTHS, PeakPart, PeakRule, PeakWindow, PricePer


def rule_of(data: Mapping[str, Any], day: date) -> PeakRule | None:
    """Return the tariff of a configuration as it is on a day; None for a preset that is unknown."""
    if (preset_id := data.get(CONF_PRESET)) is not None:
        preset = preset_of(preset_id, day)
        if preset is None:
            return None
        price = data.get(CONF_PRICE)
        return preset.rule if price is None else _with_price(preset.rule, float(price))
    return _own_rule(data)


def _with_price(rule: PeakRule, price: float) -> PeakRule:
    """Return the same at another price; that of further components goes along."""
    base = rule.parts[0].price
    factor = price / base if base else 1.0
    return replace(
        rule,
        parts=tuple(
            replace(part, price=part.price * factor if base else price) for part in rule.parts
        ),
    )


def _own_rule(data: Mapping[str, Any]) -> PeakRule:
    rows = data.get(CONF_WINDOWS) or ()
    price = float(data.get(CONF_PRICE, 0.0))
    levels = tuple(
        (float(row[CONF_FROM_KW]), float(row[CONF_PRICE]))
        for row in data.get(CONF_PRICE_STEPS) or ()
    )
    base = PeakPart(
        price=price,
        windows=tuple(_window(row) for row in rows if row.get(CONF_PRICE) is None),
        levels=levels,
    )
    more = tuple(
        PeakPart(price=float(row[CONF_PRICE]), windows=(_window(row),))
        for row in rows
        if row.get(CONF_PRICE) is not None
    )
    return PeakRule(
        parts=(base, *more) if price or levels or not more else more,
        interval=timedelta(minutes=int(data[CONF_INTERVAL])),
        top=int(data[CONF_TOP]),
        distinct_days=bool(data[CONF_DISTINCT_DAYS]),
        per=PricePer(data[CONF_PER]),
        vat=float(data.get(CONF_VAT, 0.0)),
        free_kw=float(data.get(CONF_FREE_KW, 0.0)),
        floor_kw=float(data.get(CONF_FLOOR_KW, 0.0)),
        rolling_months=int(data.get(CONF_ROLLING_MONTHS, 1)),
    )


def _window(row: Mapping[str, Any]) -> PeakWindow:
    """Read a row as a form stores it; no days and no months mean all of them."""
    return PeakWindow(
        months=frozenset(row.get(CONF_MONTHS) or ALL_MONTHS),
        days=frozenset(row.get(CONF_WEEKDAYS) or ALL_DAYS),
        start=_time(row.get(CONF_FROM)),
        end=_time(row.get(CONF_UNTIL)),
        weight=float(row.get(CONF_WEIGHT, 1.0)),
    )


def _time(entered: Any) -> time:
    return dt_util.parse_time(str(entered or "00:00:00")) or time(0)
