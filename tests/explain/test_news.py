"""Entities of a charger are written when there is something new to show, not with each reading."""

from datetime import timedelta

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from tests.house import GRID, House

OURS = ("sensor.garage_", "calendar.garage_", "number.garage_", "select.garage_", "time.garage_")


async def test_readings_that_change_nothing_are_not_shown_again(house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    shown_at = {}
    for second in range(10):
        house.set_power(GRID, 500 + 10 * (second % 3))
        await house.async_advance(timedelta(seconds=1))
        for state in house.hass.states.async_all():
            if state.entity_id.startswith(OURS):
                shown_at.setdefault(state.entity_id, set()).add(state.last_reported)
    assert len(shown_at) > 10
    # Each charger shows all anew in one second of each minute.
    assert max(map(len, shown_at.values())) <= 2


async def test_what_changes_is_shown_at_once(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    changed: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        changed.append(event.data["entity_id"])

    hass.bus.async_listen("state_changed", note)
    await house.async_select("select.garage_mode", "now")
    assert "sensor.garage_status" in changed
    assert house.state("sensor.garage_status").state in {"starting", "charging"}


async def test_time_that_passes_is_shown_within_a_minute(hass: HomeAssistant, house: House) -> None:
    """What a car has got grows with each second, and is shown anew each minute."""
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    house.set_power("sensor.garage_power", 11_000)
    before = house.state("sensor.garage_status").last_reported
    for _ in range(7):
        await house.async_advance(timedelta(seconds=10))
    assert house.state("sensor.garage_status").last_reported > before
