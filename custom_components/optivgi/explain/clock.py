"""Moments as people read them."""

from datetime import datetime

from homeassistant.util import dt as dt_util


def clock(moment: datetime, now: datetime) -> str:
    """Return the local time of a moment, with its day where that is another than today."""
    local, today = dt_util.as_local(moment), dt_util.as_local(now).date()
    return local.strftime("%H:%M" if local.date() == today else "%a %H:%M")
