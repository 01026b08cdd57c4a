"""What a charger shows and what is measured are compared, and what differs is acted on."""

from datetime import timedelta

from homeassistant.helpers import issue_registry as ir
from tests.house import GRID, House

TEN_SECONDS = timedelta(seconds=10)


async def draw(house: House, charger: str, watts: float, seconds: int) -> None:
    """Let a charger's meter, and the grid's, report a power again and again."""
    for _ in range(seconds // 10):
        house.set_power(f"sensor.{charger}_power", watts - 1)
        house.set_power(f"sensor.{charger}_power", watts)
        house.set_power(GRID, 500 + watts)
        await house.async_advance(TEN_SECONDS)


def issues(house: House) -> set[str]:
    return {issue_id for _, issue_id in ir.async_get(house.hass).issues}


async def test_zero_that_is_shown_and_not_obeyed_is_sent_again_and_reported(house: House) -> None:
    """The status says charging, the limit is 0, and 11 kW are measured."""
    house.set_hourly_prices([0.5] * 24 + [0.1] * 24)
    await house.async_set_up_site()
    await house.async_plug_in("carport")
    await house.async_select("input_select.carport_status", "Charging")
    sent: list[float] = []
    house.hass.bus.async_listen(
        "call_service",
        lambda event: (
            sent.append(event.data["service_data"].get("value"))
            if event.data["domain"] == "input_number"
            else None
        ),
    )
    await draw(house, "carport", 11_000, 20 * 60)
    assert house.carport_kw == 0
    assert len(sent) >= 3
    status = house.state("sensor.carport_status")
    assert status.state == "not_following"
    assert status.attributes["reason"].startswith("It draws 11.0 kW, though its limit is 0.0 kW.")
    assert "charger_does_not_follow_carport" in issues(house)
    await draw(house, "carport", 0, 60)
    assert "charger_does_not_follow_carport" not in issues(house)


async def test_a_switch_that_does_not_stop_the_car_is_helped_by_the_limit(house: House) -> None:
    house.set_hourly_prices([0.5] * 24 + [0.1] * 24)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_select("input_select.garage_status", "charging")
    await draw(house, "garage", 11_000, 5 * 60)
    assert house.state("input_boolean.garage_charging").state == "off"
    assert house.value("input_number.garage_limit") == 6


async def test_a_power_of_before_the_command_says_nothing(house: House) -> None:
    """The charger's meter reports every five minutes: what it says is what was."""
    await house.async_set_up_site()
    await house.async_plug_in("carport")
    await house.async_select("select.carport_mode", "now")
    await house.async_select("input_select.carport_status", "Charging")
    await draw(house, "carport", 11_000, 60)
    await house.async_select("select.carport_mode", "off")
    for _ in range(20):
        await house.async_advance(TEN_SECONDS)
    assert "charger_does_not_follow_carport" not in issues(house)
