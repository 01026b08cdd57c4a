"""Sessions in actions, events and the logbook, and forgetting them."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from tests.house import CHARGERS, GARAGE_DATA, GRID, PRICE, VEHICLES, House, subentry

from custom_components.optivgi.diagnostics import async_get_config_entry_diagnostics
from custom_components.optivgi.logbook import async_describe_events


async def get(hass: HomeAssistant, **data: Any) -> dict[str, Any]:
    """Return what the action answers."""
    response = await hass.services.async_call(
        "optivgi", "get_sessions", data, blocking=True, return_response=True
    )
    assert response is not None
    return dict(response)


async def charge(house: House, minutes: int, *, kw: float = 6.0, grid_kw: float = 6.5) -> None:
    """Let a car come to the garage, charge at once for a while, and leave."""
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    await house.async_select("input_select.garage_status", "charging")
    for minute in range(minutes):
        house.set_power("sensor.garage_power", 1000 * kw + minute % 2)
        house.set_power(GRID, 1000 * grid_kw + minute % 2)
        await house.async_advance(timedelta(minutes=1))
    house.set_power("sensor.garage_power", 0)
    house.set_power(GRID, 500)
    await house.async_unplug("garage")


async def two_sessions(house: House) -> MockConfigEntry:
    """Let Zoe charge twice; the second time 4 of its 6 kW come from the roof."""
    house.set_power("sensor.pv", 0)
    entry = await house.async_set_up_site(data={"pv_entity": "sensor.pv"})
    await charge(house, 30)
    house.set_power("sensor.pv", 4500)
    await charge(house, 30, grid_kw=2.0)
    return entry


async def test_sessions_are_listed_and_described(hass: HomeAssistant, house: House) -> None:
    finished = async_capture_events(hass, "optivgi_session_finished")
    await two_sessions(house)

    answer = await get(hass)
    assert answer["count"] == 2
    second, first = answer["sessions"]
    assert first["energy_kwh"] == pytest.approx(3.0, abs=0.15)
    assert first["cost"] == pytest.approx(0.3 * first["energy_kwh"], rel=0.001)
    assert first["solar_kwh"] == 0
    assert second["solar_share"] == pytest.approx(4 / 6, abs=0.02)
    assert second["cost"] == pytest.approx(0.3 * second["grid_kwh"], rel=0.001)
    assert second["vehicle"] == "Zoe"
    assert second["starts"] == 1
    (month,) = answer["months"]
    assert month["month"] == "2026-11"
    assert month["sessions"] == 2
    total = first["energy_kwh"] + second["energy_kwh"]
    assert month["energy_kwh"] == pytest.approx(total, abs=0.002)
    assert answer["total"]["energy_kwh"] == month["energy_kwh"]
    assert [row["vehicle"] for row in answer["vehicles"]] == ["Zoe"]
    assert answer["vehicle_months"] == [month | {"vehicle_id": "zoe", "vehicle": "Zoe"}]

    assert [event.data["id"] for event in finished] == [first["id"], second["id"]]
    message = finished[1].data["message"]
    assert message == second["message"]
    assert message.startswith("Zoe charged 3.0 kWh at Garage for 0.3")
    assert "67 % solar" in message

    described: list[Any] = []
    async_describe_events(hass, lambda *args: described.append(args))
    ((domain, event_type, describe),) = described
    assert (domain, event_type) == ("optivgi", "optivgi_session_finished")
    shown = describe(finished[0])
    assert shown["name"] == "Garage"
    assert shown["entity_id"] == "sensor.garage_last_session"
    assert shown["message"] == first["message"]


async def test_sessions_are_filtered_and_deleted(hass: HomeAssistant, house: House) -> None:
    entry = await two_sessions(house)
    second, _ = (await get(hass))["sessions"]
    csv = (await get(hass, csv=True, count=1))["csv"].splitlines()
    assert csv[0].startswith("id,charger,charger_id,vehicle")
    assert csv[1].startswith(f"{second['id']},Garage,garage,Zoe")
    assert len(csv) == 2
    assert (await get(hass, charger="Carport"))["count"] == 0
    assert (await get(hass, after=dt_util.now() - timedelta(minutes=40)))["count"] == 1
    entity = er.async_get(hass).async_get("sensor.zoe_last_session")
    assert entity is not None
    assert (await get(hass, vehicle=entity.device_id))["count"] == 2
    assert (await get(hass, vehicle="leaf"))["count"] == 0

    told = await async_get_config_entry_diagnostics(hass, entry)
    assert len(told["sessions"]) == 2
    assert "Zoe" not in str(told["sessions"])
    assert "zoe" not in str(told["sessions"])

    energy = house.state("sensor.garage_charged_energy").state
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call("optivgi", "delete_sessions", {}, blocking=True)
    deleted = await hass.services.async_call(
        "optivgi", "delete_sessions", {"vehicle": "zoe"}, blocking=True, return_response=True
    )
    assert deleted == {"deleted": 2}
    assert (await get(hass))["count"] == 0
    assert house.value("sensor.zoe_charged_energy") == 0
    assert "last_reset" in house.state("sensor.zoe_charging_cost").attributes
    assert house.state("sensor.garage_charged_energy").state == energy


async def test_session_that_goes_on_survives_a_restart(hass: HomeAssistant, house: House) -> None:
    """What nobody saw meanwhile is known by the charger's meter."""
    hass.states.async_set(
        "sensor.garage_total", "100", {"unit_of_measurement": "kWh", "device_class": "energy"}
    )
    garage = subentry(
        "garage", "charger", "Garage", {**GARAGE_DATA, "energy_entity": "sensor.garage_total"}
    )
    entry = await house.async_set_up_site(garage, CHARGERS[1], *VEHICLES)
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    await house.async_select("input_select.garage_status", "charging")

    async def on(minutes: int) -> None:
        for minute in range(minutes):
            house.set_power("sensor.garage_power", 6000 + minute % 2)
            house.set_power(GRID, 6500 + minute % 2)
            await house.async_advance(timedelta(minutes=1))

    def meter(kwh: float) -> None:
        hass.states.async_set("sensor.garage_total", str(kwh), {"unit_of_measurement": "kWh"})

    await on(15)
    meter(101.6)
    await on(2)
    assert await hass.config_entries.async_unload(entry.entry_id)
    house.freezer.tick(timedelta(minutes=60))
    meter(107.9)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await house.async_settle()
    (running,) = (await get(hass))["sessions"]
    assert running["end"] is None
    assert running["energy_kwh"] == pytest.approx(7.9, abs=0.01)
    assert running["unobserved_h"] == pytest.approx(1.0, abs=0.02)
    await on(10)
    meter(108.9)
    house.set_power("sensor.garage_power", 0)
    await house.async_unplug("garage")
    (session,) = (await get(hass))["sessions"]
    assert session["end"] is not None
    assert session["energy_kwh"] == pytest.approx(8.9, abs=0.001)
    assert session["energy_known_by"] == "meter"
    assert house.value("sensor.garage_charged_energy") == pytest.approx(8.9, abs=0.001)


async def test_estimated_prices_are_replaced_when_they_are_published(
    hass: HomeAssistant, house: House
) -> None:
    """The source was down while the car charged; it turns out that it was expensive."""
    house.set_hourly_prices([0.30] * 24)
    await house.async_set_up_site()
    hass.states.async_set(PRICE, "unavailable")
    await house.async_advance(timedelta(hours=5))
    await charge(house, 20)
    (session,) = (await get(hass))["sessions"]
    assert session["energy_kwh"] == pytest.approx(2.0, abs=0.15)
    assert session["estimated_kwh"] == session["energy_kwh"]
    assert session["cost"] == pytest.approx(0.3 * session["energy_kwh"], rel=0.001)
    house.set_hourly_prices([0.50] * 24)
    await house.async_settle()
    await house.async_advance(timedelta(minutes=5))
    (session,) = (await get(hass))["sessions"]
    assert session["estimated_kwh"] == 0
    assert session["cost"] == pytest.approx(0.5 * session["energy_kwh"], rel=0.001)
    assert house.value("sensor.garage_charging_cost") == pytest.approx(session["cost"], abs=0.001)
