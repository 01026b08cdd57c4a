"""What was imported lately, from the recorder: means of five minutes, and of hours before that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import math
from typing import Final

from homeassistant.core import HomeAssistant

from .statistics import MeanOver, Means, added, async_read_means

_FIVE_MINUTES: Final = timedelta(minutes=5)
"""The shortest means that the recorder keeps, for ten days by default."""
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class ImportSensors:
    """The sensors that make up what a site imports.

    Attributes:
        plus: What is added up,
        minus: and what is taken from that; all as the meter reports it.
        beside: What is drawn beside what they measure: by chargers, where it is the house alone.
        scale: What plus and minus are to be multiplied by to be right.
        voltage: For those that report currents.
    """

    plus: Sequence[str]
    minus: Sequence[str]
    beside: Sequence[str]
    scale: float
    voltage: float


async def async_read_imports(
    hass: HomeAssistant, sensors: ImportSensors, start: datetime, end: datetime, interval: timedelta
) -> Mapping[datetime, float]:
    """Return the mean import of each interval that is known whole, in kW by its beginning, UTC.

    Where only the mean of the hour is known, it stands for an interval within that hour: its
    highest was at least as high.
    """
    if not sensors.plus:
        return {}
    hours = await _async_means(hass, sensors, start, end, "hour")
    parts = await _async_means(hass, sensors, start, end, "5minute")
    found: dict[datetime, list[float]] = {}
    for at, kw in parts.items():
        found.setdefault(interval_start(at, interval), []).append(kw)
    whole = max(1, round(interval / _FIVE_MINUTES))
    means = {at: math.fsum(kws) / whole for at, kws in found.items() if len(kws) == whole}
    for at, kw in hours.items():
        begins = [at + n * interval for n in range(max(1, round(_HOUR / interval)))]
        if not any(begin in means for begin in begins):
            means[at] = kw
    return means


def interval_start(moment: datetime, interval: timedelta) -> datetime:
    """Return when the billing interval of a moment began; they are counted from midnight UTC."""
    moment = moment.astimezone(UTC)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (moment - midnight) // interval * interval


async def _async_means(
    hass: HomeAssistant, sensors: ImportSensors, start: datetime, end: datetime, period: MeanOver
) -> Means:
    every = {*sensors.plus, *sensors.minus, *sensors.beside}
    means = await async_read_means(hass, every, start, end, voltage=sensors.voltage, period=period)

    def of(entity_ids: Sequence[str], scale: float = 1.0) -> list[Means]:
        return [
            {at: kw * scale for at, kw in means.get(entity_id, {}).items()}
            for entity_id in entity_ids
        ]

    net = added(
        [*of(sensors.plus, sensors.scale), *of(sensors.beside)], of(sensors.minus, sensors.scale)
    )
    return {at: max(0.0, kw) for at, kw in net.items()}
