"""The loss and the return of a charger are logged once each."""

from datetime import timedelta

from homeassistant.core import HomeAssistant
import pytest
from tests.house import House

LIMIT = "input_number.garage_limit"


async def test_loss_and_return_of_a_charger_are_logged_once_each(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    shown = house.state(LIMIT)
    for _ in range(2):
        caplog.clear()
        hass.states.async_set(LIMIT, "unavailable")
        for _ in range(6):
            await house.async_advance(timedelta(seconds=10))
        lost = f"Garage cannot be controlled: {LIMIT} not available"
        assert caplog.text.count(lost) == 1
        assert "can be controlled again" not in caplog.text
        hass.states.async_set(LIMIT, shown.state, shown.attributes)
        for _ in range(6):
            await house.async_advance(timedelta(seconds=10))
        assert caplog.text.count("Garage can be controlled again") == 1
        assert caplog.text.count("cannot be controlled") == 1
