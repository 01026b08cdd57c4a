"""A charger read and written through its entities."""

from typing import Any

from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.optivgi.bindings.chargers.charger import Charger
from custom_components.optivgi.bindings.chargers.connection import Connection
from custom_components.optivgi.settings.memory import ChargerSettings

DATA: dict[str, Any] = {
    "limit_entity": "number.limit",
    "switch_entity": "switch.charge",
    "status_entity": "sensor.status",
    "power_entity": "sensor.power",
    "phases": "3",
    "min_a": 6,
    "max_a": 16,
}
STATES: dict[str, tuple[str, dict[str, Any]]] = {
    "number.limit": ("10", {"unit_of_measurement": "A", "min": 6, "max": 32, "step": 1}),
    "switch.charge": ("on", {}),
    "sensor.status": ("connected", {}),
    "sensor.power": ("0", {"unit_of_measurement": "W"}),
}


def charger(hass: HomeAssistant, **data: Any) -> Charger:
    """Bind a charger whose entities are all there; None leaves one out."""
    for entity_id, (state, attributes) in STATES.items():
        hass.states.async_set(entity_id, state, attributes)
    bound = {key: value for key, value in {**DATA, **data}.items() if value is not None}
    return Charger(hass, "id", "Garage", bound, 230, remembered=ChargerSettings())


async def test_all_entities_are_read(hass: HomeAssistant) -> None:
    reading = charger(hass).read()
    assert reading.connection is Connection.PLUGGED
    assert reading.limit is not None
    assert reading.limit.value == 10
    assert (reading.is_on, reading.power_kw, reading.missing) == (True, 0, ())
    assert not reading.drawing


async def test_only_the_limit_is_needed(hass: HomeAssistant) -> None:
    """Without a status a car is taken to be there, and to use what it may."""
    bare = charger(hass, switch_entity=None, status_entity=None, power_entity=None)
    reading = bare.read()
    assert bare.entity_ids == bare.command_entity_ids == ("number.limit",)
    assert reading.connection is Connection.CHARGING
    assert (reading.is_on, reading.power_kw, reading.missing) == (None, None, ())
    await bare.async_switch(on=True, context=Context())


async def test_power_shows_whether_a_car_draws(hass: HomeAssistant) -> None:
    bound = charger(hass)
    hass.states.async_set("sensor.power", "3.5", {"unit_of_measurement": "kW"})
    reading = bound.read()
    assert (reading.power_kw, reading.drawing) == (3.5, True)
    # The status may be behind.
    assert reading.connection is Connection.CHARGING
    hass.states.async_set("sensor.status", "charging")
    hass.states.async_set("sensor.power", "-5", {"unit_of_measurement": "W"})
    reading = bound.read()
    assert (reading.power_kw, reading.drawing) == (0, False)
    hass.states.async_set("sensor.power", "unavailable")
    reading = bound.read()
    assert (reading.power_kw, reading.drawing) == (None, True)


@pytest.mark.parametrize("state", ["unavailable", "unknown"])
async def test_missing_controls_are_named(hass: HomeAssistant, state: str) -> None:
    bound = charger(hass)
    hass.states.async_set("number.limit", state)
    hass.states.async_set("switch.charge", state)
    reading = bound.read()
    assert reading.missing == ("number.limit", "switch.charge")
    assert reading.limit is None


async def test_controls_are_not_missed_while_no_car_is_there(hass: HomeAssistant) -> None:
    """Wallbox and Zaptec hide theirs meanwhile."""
    bound = charger(hass)
    hass.states.async_set("switch.charge", "unavailable")
    hass.states.async_set("sensor.status", "disconnected")
    assert bound.read().missing == ()
    hass.states.async_set("sensor.status", "connected")
    assert bound.read().missing == ("switch.charge",)


async def test_silent_status_reports_nothing(hass: HomeAssistant) -> None:
    bound = charger(hass)
    hass.states.async_set("sensor.status", "unavailable")
    assert bound.read().connection is Connection.UNKNOWN


async def test_limit_in_kw(hass: HomeAssistant) -> None:
    bound = charger(hass)
    assert bound.limit_kw(bound.read(), 3) == pytest.approx(6.9)
    assert bound.limit_kw(bound.read(), 1) == pytest.approx(2.3)
    hass.states.async_set("switch.charge", "off")
    assert bound.limit_kw(bound.read(), 3) == 0
    hass.states.async_set("switch.charge", "on")
    hass.states.async_set("number.limit", "unavailable")
    assert bound.limit_kw(bound.read(), 3) is None


async def test_range_is_the_tighter_of_configuration_and_entity(hass: HomeAssistant) -> None:
    bound = charger(hass)
    assert bound.range_kw(bound.read(), 3) == pytest.approx((4.14, 11.04))
    attributes = {"unit_of_measurement": "A", "min": 8, "max": 10, "step": 1}
    hass.states.async_set("number.limit", "8", attributes)
    assert bound.range_kw(bound.read(), 3) == pytest.approx((5.52, 6.9))
    hass.states.async_set("number.limit", "8", {**attributes, "max": 4, "min": 0})
    assert bound.range_kw(bound.read(), 3) == pytest.approx((4.14, 4.14))
    hass.states.async_set("number.limit", "unavailable")
    assert bound.range_kw(bound.read(), 1) == pytest.approx((1.38, 3.68))


async def test_commands_go_to_the_entities_domains(hass: HomeAssistant) -> None:
    bound = charger(hass, switch_entity="input_boolean.charge")
    set_value = async_mock_service(hass, "number", "set_value")
    turn_on = async_mock_service(hass, "input_boolean", "turn_on")
    turn_off = async_mock_service(hass, "input_boolean", "turn_off")
    context = Context()
    await bound.async_set_limit(13, context)
    await bound.async_switch(on=True, context=context)
    await bound.async_switch(on=False, context=context)
    assert set_value[0].data == {"entity_id": "number.limit", "value": 13}
    assert [call.data for call in (*turn_on, *turn_off)] == [
        {"entity_id": "input_boolean.charge"}
    ] * 2
    assert all(call.context is context for call in (*set_value, *turn_on, *turn_off))


@pytest.mark.parametrize("error", [HomeAssistantError("no"), ValueError("bug"), TimeoutError()])
async def test_whatever_goes_wrong_is_a_refusal_that_names_the_charger(
    hass: HomeAssistant, error: Exception
) -> None:
    async def refuse(call: ServiceCall) -> None:
        raise error

    bound = charger(hass)
    hass.services.async_register("number", "set_value", refuse)
    with pytest.raises(HomeAssistantError) as refusal:
        await bound.async_set_limit(13, Context())
    assert refusal.value.translation_key == "charger_write_failed"
    assert refusal.value.translation_placeholders == {
        "charger": "Garage",
        "entity": "number.limit",
        "error": str(error),
    }


async def test_action_that_is_not_there_is_a_refusal(hass: HomeAssistant) -> None:
    with pytest.raises(HomeAssistantError):
        await charger(hass).async_switch(on=True, context=Context())
