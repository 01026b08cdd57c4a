"""A car that takes nothing is let be, whatever its charger calls that."""

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import Event, callback
import pytest
from tests.house import GRID, House

from custom_components.optivgi.truth.uptake import Uptake

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("status", ["awaiting_start", "charging"])
async def test_a_car_that_takes_nothing_is_not_written_all_night(house: House, status: str) -> None:
    """It is full at 98 %, and its target is 100 %; the house load and the prices vary."""
    house.set_soc("zoe", 78)
    house.set_hourly_prices([0.1 + 0.05 * (hour % 3) for hour in range(48)])
    await house.async_set_up_site()
    written: list[Any] = []

    @callback
    def note(event: Event) -> None:
        if event.data["domain"] in {"input_number", "input_boolean"}:
            written.append(event.data["service_data"])

    house.hass.bus.async_listen("call_service", note)
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    await house.async_select("input_select.garage_status", status)
    for minute in range(10 * 60):
        house.set_power("sensor.garage_power", minute % 2)
        house.set_power(GRID, 400 + 300 * (minute % 7))
        await house.async_advance(MINUTE)
    assert len(written) <= 6
    shown = house.state("sensor.garage_status")
    assert shown.attributes["reason"].startswith("The car takes nothing. It may draw 4.1 kW")
    house.set_power("sensor.garage_power", 4_100)
    house.set_power(GRID, 4_600)
    for _ in range(6):
        await house.async_advance(MINUTE)
        house.set_power("sensor.garage_power", 1000 * house.garage_kw)
    assert house.garage_kw > 10
    assert house.state("sensor.garage_status").state == "charging"


async def test_a_car_for_the_sun_only_is_not_left_able_to_begin_at_night(house: House) -> None:
    """It took nothing while there was some."""
    entry = await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "solar_only")
    entry.runtime_data.site.points["garage"].taking.uptake.takes_nothing = True
    await house.async_advance(MINUTE)
    assert house.garage_kw == 0


def test_only_what_it_could_have_drawn_tells_of_a_car() -> None:
    """Below its minimum it draws nothing because it cannot, and anything is beyond its limit."""
    uptake, begin = Uptake(), datetime(2026, 11, 20, 19, tzinfo=UTC)

    def at(minute: float, allowed_kw: float, drawn_kw: float = 0.0) -> Uptake:
        now = begin + minute * MINUTE
        uptake.note(now, allowed_kw=allowed_kw, min_kw=4.14, drawn_kw=drawn_kw, phases=3)
        return uptake

    for minute in range(10):
        assert not at(minute, 0.0, drawn_kw=2.0).is_known
    for minute in range(10, 20):
        assert at(minute, 0.0).nothing_since is None
    assert not uptake.is_known
    assert not at(20, 4.14).is_known
    assert not at(24.9, 4.14).is_known
    assert at(25, 4.14).is_known
    assert not at(29.9, 4.14).takes_nothing
    assert at(30, 4.14).takes_nothing
    assert not at(30.1, 4.14, drawn_kw=4.0).takes_nothing
    assert not at(31, 4.14).takes_nothing
    # A pause begins anew.
    assert at(35, 0.0).nothing_since is None
    assert not at(42, 4.14).takes_nothing
