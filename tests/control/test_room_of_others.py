"""Room that other chargers take is called so, and is there again as soon as they give it back."""

from datetime import timedelta

from homeassistant.core import Context, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from tests.house import GRID, House, charger_of

MINUTE = timedelta(minutes=1)
FULL_KW = 11.04
LIMIT_KW = 17.25


async def why(house: House) -> str:
    """Return why the garage does what it does."""
    reason: str = charger_of(await house.async_schedule(), "Garage")["reason"]
    return reason


@pytest.fixture
async def charging(house: House) -> House:
    """Return a house whose garage charges with all it can, and has done so for a while."""
    # The other car has what it needs.
    house.set_soc("leaf", 95)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    house.set_power("sensor.garage_power", FULL_KW * 1000)
    house.set_power(GRID, FULL_KW * 1000 + 500)
    await house.async_advance(MINUTE)
    assert house.garage_kw == pytest.approx(FULL_KW)
    return house


async def come(house: House) -> None:
    """Plug a car in at the carport, which may draw 11 kW; the plan does not know of it yet."""
    state = {"entity_id": "input_select.carport_status", "option": "Preparing"}
    await house.hass.services.async_call("input_select", "select_option", state, blocking=True)
    await house.hass.async_block_till_done()


async def test_charger_that_has_no_plan_yet_is_named_and_gives_its_room_back(
    charging: House,
) -> None:
    await come(charging)
    assert charging.garage_kw == pytest.approx(8 * 0.69), "17.25 - 0.5 - 11 leaves 5.75 kW"
    assert await why(charging) == "Other chargers leave 5.5 kW at the moment."
    charging.set_power("sensor.garage_power", 5520)
    charging.set_power(GRID, 6020)
    # The plan knows that the other car needs nothing.
    await charging.async_settle()
    await charging.async_advance(MINUTE)
    assert charging.carport_kw == 0
    assert charging.garage_kw == pytest.approx(FULL_KW)
    assert await why(charging) == "Charges at once: the mode is Now."


async def test_charger_that_is_operated_by_hand_is_named_until_the_plan_knows_of_it(
    hass: HomeAssistant, charging: House, hass_admin_user: MockUser
) -> None:
    await charging.async_plug_in("carport")
    await charging.async_advance(MINUTE)
    assert charging.carport_kw == 0
    await hass.services.async_call(
        "input_number",
        "set_value",
        {"entity_id": "input_number.carport_limit", "value": 9000},
        blocking=True,
        context=Context(user_id=hass_admin_user.id),
    )
    await hass.async_block_till_done()
    assert charging.garage_kw == pytest.approx(11 * 0.69), "17.25 - 0.5 - 9 leaves 7.75 kW"
    assert await why(charging) == "Other chargers leave 7.6 kW at the moment."
    charging.set_power("sensor.garage_power", 7590)
    charging.set_power(GRID, 8090)
    await charging.async_unplug("carport")
    await charging.async_advance(MINUTE)
    assert charging.garage_kw == pytest.approx(FULL_KW)


async def test_what_the_house_took_besides_is_held_and_no_more(charging: House) -> None:
    """The house leaves 9.25 kW; the other charger nothing, for a moment."""
    charging.set_power(GRID, FULL_KW * 1000 + 8000)
    await come(charging)
    assert charging.garage_kw == 0
    both = "The house and other chargers leave too little power at the moment."
    assert await why(charging) == both
    charging.set_power("sensor.garage_power", 0)
    charging.set_power(GRID, 8000)
    await charging.async_settle()
    await charging.async_advance(MINUTE)
    assert charging.carport_kw == 0
    assert charging.garage_kw == pytest.approx(13 * 0.69), "17.25 - 8 leaves 9.25 kW"
    charging.set_power("sensor.garage_power", 8970)
    charging.set_power(GRID, 8970 + 500)
    await charging.async_advance(2 * MINUTE)
    assert charging.garage_kw == pytest.approx(13 * 0.69), "not up again at every dip"
    text = "Goes on with 9.0 kW until 20:06: the house took more a short while ago."
    assert await why(charging) == text
    await charging.async_advance(2 * MINUTE)
    assert charging.garage_kw == pytest.approx(FULL_KW)


async def test_house_is_what_leaves_less_beside_a_charger_that_the_plan_knows_of(
    hass: HomeAssistant, charging: House, hass_admin_user: MockUser
) -> None:
    await charging.async_plug_in("carport")
    await hass.services.async_call(
        "input_number",
        "set_value",
        {"entity_id": "input_number.carport_limit", "value": 5000},
        blocking=True,
        context=Context(user_id=hass_admin_user.id),
    )
    await charging.async_advance(5 * MINUTE)
    assert charging.garage_kw == pytest.approx(FULL_KW)
    charging.set_power(GRID, FULL_KW * 1000 + 4000)
    await charging.hass.async_block_till_done()
    assert charging.garage_kw == pytest.approx(11 * 0.69), "17.25 - 5 - 4 leaves 8.25 kW"
    assert await why(charging) == "The house leaves 7.6 kW at the moment."
    charging.set_power("sensor.garage_power", 7590)
    charging.set_power(GRID, 7590 + 500)
    await charging.async_advance(2 * MINUTE)
    assert charging.garage_kw == pytest.approx(11 * 0.69)
