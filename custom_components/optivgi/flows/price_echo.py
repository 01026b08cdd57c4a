"""What was understood of a price source, shown before the form goes on."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import translation
from homeassistant.util import dt as dt_util

from ..bindings.tariffs import PriceSeries, Tariff
from ..const import DOMAIN
from ..explain.reason_texts import DECIMAL_MARK

STEP_KNOWN: Final = "prices_known"
STEP_FORECAST: Final = "prices_forecast"
STEP_NOW: Final = "prices_now"
STEP_UNREAD: Final = "prices_unread"

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_UNKNOWN: Final = "·"
_RULER: Final = " " * 12 + "0     6     12    18"
"""Above the picture, whose lines begin with a date of ten characters."""


async def async_describe(hass: HomeAssistant, tariff: Tariff) -> tuple[str, dict[str, str]]:
    """Return the step that says what was understood of a tariff, and what its text names.

    Raises:
        TariffError: Its prices cannot be read.
    """
    now = dt_util.utcnow()
    midnight = datetime.combine(dt_util.as_local(now), time.min, dt_util.get_default_time_zone())
    start = midnight.astimezone(UTC)
    series = await tariff.async_validate(start, (midnight + 2 * _DAY).astimezone(UTC))
    unread = tariff.unread_lists
    step = STEP_KNOWN
    known = series.known.periods
    if len(known) <= 1 and all(period.end - period.start <= _HOUR for period in known):
        if series.reaches_beyond(now + _HOUR):
            step = STEP_FORECAST
        else:
            step = STEP_UNREAD if unread else STEP_NOW
    texts = await translation.async_get_translations(
        hass, hass.config.language, "exceptions", [DOMAIN]
    )
    mark = texts[f"component.{DOMAIN}.exceptions.{DECIMAL_MARK}.message"]
    prices = [period.price for period in series.periods if period.end > start]
    return step, {
        "currency": hass.config.currency,
        "until": clock(series.periods[-1].end if step == STEP_FORECAST else series.known_until),
        "lowest": f"{min(prices):.4g}".replace(".", mark),
        "highest": f"{max(prices):.4g}".replace(".", mark),
        "lists": ", ".join(unread),
        "picture": "\n".join(["```", _RULER, *_lines(series, midnight), "```"]),
    }


def clock(moment: datetime | None) -> str:
    """Return a local date and time; a midnight is the end of its day."""
    if moment is None:
        return "-"
    local = dt_util.as_local(moment)
    if local.time() == time.min:
        return f"{(local - _HOUR).date()} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"


def _lines(series: PriceSeries, midnight: datetime) -> Iterator[str]:
    """Yield a line for each of two days, with a block for the price of each hour."""
    hours = {day: list(_hours(series, midnight + day * _DAY)) for day in range(2)}
    known = [price for prices in hours.values() for price in prices if price is not None]
    for day, prices in hours.items():
        yield f"{(midnight + day * _DAY).date()}  " + "".join(_block(p, known) for p in prices)


def _hours(series: PriceSeries, midnight: datetime) -> Iterator[float | None]:
    hour, end = midnight.astimezone(UTC), (midnight + _DAY).astimezone(UTC)
    while hour < end:
        part = series.between(hour, hour + _HOUR)
        yield part.mean if part.periods else None
        hour += _HOUR


def _block(price: float | None, known: list[float]) -> str:
    if price is None:
        return _UNKNOWN
    lowest, highest = min(known), max(known)
    share = (price - lowest) / (highest - lowest) if highest > lowest else 0.5
    return _BLOCKS[min(int(share * len(_BLOCKS)), len(_BLOCKS) - 1)]
