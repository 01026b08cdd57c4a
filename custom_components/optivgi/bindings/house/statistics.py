"""Means of sensors: of hours, which the recorder keeps for years, or of five minutes, for days."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
import math
from typing import Final, Literal

from homeassistant.const import UnitOfElectricCurrent, UnitOfPower
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ...const import LOGGER

_RECORDER: Final = "recorder"
# What the recorder calls a kind of unit, and the unit wanted of it
_POWER: Final = "power"
_CURRENT: Final = "electric_current"
_UNITS: Final = {_POWER: UnitOfPower.KILO_WATT, _CURRENT: UnitOfElectricCurrent.AMPERE}

type Means = Mapping[datetime, float]
"""Means in kW by the beginning of the hour, or of the five minutes, UTC."""
type MeanOver = Literal["hour", "5minute"]


async def async_read_means(
    hass: HomeAssistant,
    entity_ids: Collection[str],
    start: datetime,
    end: datetime,
    *,
    voltage: float,
    period: MeanOver = "hour",
) -> Mapping[str, Means]:
    """Return what sensors have measured; nothing for those that nobody has kept.

    Currents are turned into kW at the voltage given.
    """
    if _RECORDER not in hass.config.components or not entity_ids:
        return {}
    # Only where there is a recorder is there what it needs.
    from homeassistant.components.recorder import get_instance  # noqa: PLC0415

    return await get_instance(hass).async_add_executor_job(
        partial(
            _read, hass, set(entity_ids), start, end, kw_per_ampere=voltage / 1000, period=period
        )
    )


def added(plus: Sequence[Means], minus: Sequence[Means] = ()) -> Means:
    """Add means up, one by one; times at which one of them is missing are left out."""
    times = set.intersection(*(set(means) for means in (*plus, *minus)))
    return {
        at: math.fsum([*(means[at] for means in plus), *(-means[at] for means in minus)])
        for at in times
    }


def _read(
    hass: HomeAssistant,
    entity_ids: set[str],
    start: datetime,
    end: datetime,
    *,
    kw_per_ampere: float,
    period: MeanOver,
) -> dict[str, Means]:
    from homeassistant.components.recorder.statistics import (  # noqa: PLC0415
        get_metadata,
        statistics_during_period,
    )
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    scales = {_POWER: 1.0, _CURRENT: kw_per_ampere}
    try:
        about = get_metadata(hass, statistic_ids=entity_ids)
        kept = statistics_during_period(
            hass, start, end, entity_ids, period, dict(_UNITS), {"mean"}
        )
    except SQLAlchemyError as error:
        # Forecasts are poorer without; plans are made all the same.
        LOGGER.debug("The statistics of %s cannot be read: %s", entity_ids, error)
        return {}
    return {
        entity_id: {
            dt_util.utc_from_timestamp(row["start"]): mean * scale
            for row in rows
            if (mean := row.get("mean")) is not None
        }
        for entity_id, rows in kept.items()
        if (scale := scales.get(about[entity_id][1]["unit_class"] or "")) is not None
    }
