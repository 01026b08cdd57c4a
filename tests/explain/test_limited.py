"""Why a charger gets less than planned is said in the right number, and with the right limit."""

from datetime import UTC, datetime

from homeassistant.core import HomeAssistant
import pytest

from custom_components.optivgi.control.state import Cause, ControlState
from custom_components.optivgi.explain.limited import why_limited
from custom_components.optivgi.explain.reason_texts import ReasonTexts
from custom_components.optivgi.scheduler.recovery import Recovery

NOW = datetime(2026, 11, 20, 19, tzinfo=UTC)
GAVE_WAY = Recovery(since=NOW, at=NOW, left_kw=4.14, before_kw=11.0)


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (ControlState(cause=Cause.PLAN, limit_kw=11.0), ""),
        (
            ControlState(cause=Cause.METER, limit_kw=4.14, blind=True, silent=("sensor.a",)),
            "sensor.a is silent: safe limit.",
        ),
        (
            ControlState(cause=Cause.METER, blind=True, silent=("sensor.a", "sensor.b")),
            "sensor.a, sensor.b are silent: safe limit.",
        ),
        (
            ControlState(cause=Cause.METER, blind=True, impossible=("sensor.a",)),
            "sensor.a shows more than the connection can carry: safe limit.",
        ),
        (
            ControlState(cause=Cause.METER, blind=True, impossible=("sensor.a", "sensor.b")),
            "sensor.a, sensor.b show more than the connection can carry: safe limit.",
        ),
        (
            ControlState(cause=Cause.METER, blind=True),
            "The meter shows less than the chargers draw: safe limit.",
        ),
        (
            ControlState(cause=Cause.HOUSE_LOAD, limit_kw=5.52),
            "The house leaves 5.5 kW at the moment.",
        ),
        (
            ControlState(cause=Cause.HOUSE_LOAD, limit_kw=0.0, blind=True, silent=("sensor.a",)),
            "The house leaves too little power at the moment. sensor.a is silent: safe limit.",
        ),
        (
            ControlState(cause=Cause.OTHER_CHARGERS, limit_kw=0.0),
            "Other chargers leave too little power at the moment.",
        ),
        (
            ControlState(cause=Cause.HOUSE_AND_CHARGERS, limit_kw=6.9),
            "The house and other chargers leave 6.9 kW at the moment.",
        ),
        (
            ControlState(cause=Cause.RECOVERY, limit_kw=4.14, recovery=GAVE_WAY),
            "Goes on with 4.1 kW until 20:05: the house took more a short while ago.",
        ),
        (
            ControlState(cause=Cause.RECOVERY, limit_kw=0.0, recovery=GAVE_WAY),
            "Waits until 20:05: the house took more a short while ago.",
        ),
    ],
)
async def test_what_takes_the_room_is_said(
    hass: HomeAssistant, state: ControlState, says: str
) -> None:
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    texts = ReasonTexts(hass)
    await texts.async_load()
    assert texts.text(why_limited(state, NOW), NOW) == says
