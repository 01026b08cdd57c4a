"""What a person does to a charger counts, and nothing else that a person does."""

from datetime import timedelta

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import area_registry as ar, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockUser, async_mock_service
from tests.house import House, charger_of

LIMIT, SWITCH = "input_number.garage_limit", "input_boolean.garage_charging"


async def async_is_held(house: House) -> bool:
    """Return whether the garage is left alone, as it is operated by hand."""
    await house.async_advance(timedelta(seconds=10))
    status: str = charger_of(await house.async_schedule(), "Garage")["status"]
    return status == "held"


@pytest.fixture
async def charging(house: House) -> House:
    """Return a house whose garage charges; its limit and switch are in an area."""
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert house.garage_kw == pytest.approx(11.04)
    area = ar.async_get(house.hass).async_create("Garage")
    for entity_id in (LIMIT, SWITCH):
        er.async_get(house.hass).async_update_entity(entity_id, area_id=area.id)
    return house


@pytest.mark.parametrize(
    ("action", "is_held"),
    [
        # What it does cannot be seen: the charger may show it late.
        ("input_boolean.turn_off", True),
        ("homeassistant.turn_off", True),
        ("light.turn_off", False),
        ("input_boolean.reload", False),
    ],
)
async def test_action_on_an_area_counts_where_it_reaches_the_charger(
    hass: HomeAssistant, charging: House, hass_admin_user: MockUser, action: str, is_held: bool
) -> None:
    domain, _, service = action.partition(".")
    async_mock_service(hass, domain, service)
    person = Context(user_id=hass_admin_user.id)
    await hass.services.async_call(domain, service, {"area_id": "garage"}, True, person)
    assert await async_is_held(charging) is is_held


@pytest.mark.parametrize(
    ("state", "attributes", "is_held"), [("8", {}, True), (None, {"icon": "mdi:ev"}, False)]
)
async def test_another_state_counts_where_a_person_has_caused_it(
    charging: House,
    hass_admin_user: MockUser,
    state: str | None,
    attributes: dict[str, str],
    is_held: bool,
) -> None:
    """The actions of an integration, which are of any name, are known by what comes of them."""
    limit = charging.state(LIMIT)
    charging.hass.states.async_set(
        LIMIT,
        state or limit.state,
        {**limit.attributes, **attributes},
        context=Context(user_id=hass_admin_user.id),
    )
    assert await async_is_held(charging) is is_held
