"""What a sensor's prices were, as the recorder remembers them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util

from ...const import LOGGER
from .quotes import number
from .series import Period, PriceSeries
from .units import PriceUnit, parse_unit, unit_of

_RECORDER = "recorder"
_HOUR = timedelta(hours=1)


async def async_read_history(
    hass: HomeAssistant, entity_id: str, start: datetime, end: datetime
) -> PriceSeries:
    """Return the prices that a sensor has shown; empty where nobody has kept them.

    Statistics are kept for years, but only of sensors that measure; states are kept for days.
    """
    state = hass.states.get(entity_id)
    if state is None or number(state.state) is None or _RECORDER not in hass.config.components:
        return PriceSeries()
    unit = unit_of(state.attributes, hass.config.currency)
    if unit is None:
        return PriceSeries()
    # Only where there is a recorder is there what it needs.
    from homeassistant.components.recorder import get_instance  # noqa: PLC0415

    return await get_instance(hass).async_add_executor_job(_read, hass, entity_id, unit, start, end)


def _read(
    hass: HomeAssistant, entity_id: str, unit: PriceUnit, start: datetime, end: datetime
) -> PriceSeries:
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    try:
        statistics = PriceSeries.of(_read_statistics(hass, entity_id, unit, start, end))
        states = PriceSeries.of(_read_states(hass, entity_id, unit, start, end))
    except SQLAlchemyError as error:
        # Estimates are poorer without; plans are made all the same.
        LOGGER.debug("The history of %s cannot be read: %s", entity_id, error)
        return PriceSeries()
    return statistics.merge(states)


def _read_statistics(
    hass: HomeAssistant, entity_id: str, unit: PriceUnit, start: datetime, end: datetime
) -> Iterable[Period]:
    from homeassistant.components.recorder.statistics import (  # noqa: PLC0415
        get_metadata,
        statistics_during_period,
    )

    for _, about in get_metadata(hass, statistic_ids={entity_id}).values():
        # They were kept in the unit of their time.
        if (stated := about.get(ATTR_UNIT_OF_MEASUREMENT)) is not None:
            unit = parse_unit(stated, hass.config.currency) or unit
    rows = statistics_during_period(
        hass, start, end, {entity_id}, "hour", None, {"mean", "state"}
    ).get(entity_id, [])
    for row in rows:
        price = row.get("mean")
        price = row.get("state") if price is None else price
        if price is not None:
            begin = dt_util.utc_from_timestamp(row["start"])
            yield Period(begin, begin + _HOUR, price * unit.per_kwh)


def _read_states(
    hass: HomeAssistant, entity_id: str, unit: PriceUnit, start: datetime, end: datetime
) -> Iterable[Period]:
    from homeassistant.components.recorder.history import (  # noqa: PLC0415
        state_changes_during_period,
    )

    changes: list[State] = state_changes_during_period(
        hass, start, end, entity_id, no_attributes=True
    ).get(entity_id, [])
    if not changes:
        return
    begins = [max(state.last_changed, start) for state in changes]
    for state, (begin, until) in zip(changes, pairwise([*begins, end]), strict=True):
        price = number(state.state)
        if price is not None:
            yield Period(begin, until, price * unit.per_kwh)
