"""Only who may operate the chargers may do so by our actions."""

from datetime import timedelta
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from tests.house import House

from custom_components.optivgi.const import DOMAIN


def actions() -> dict[str, dict[str, Any]]:
    """Return all actions, with data that they take."""
    arrival = dt_util.utcnow() + timedelta(days=1)
    stay = {"arrival": arrival, "departure": arrival + timedelta(hours=5)}
    return {
        "reschedule": {},
        "get_schedule": {},
        "charge_now": {"entity_id": "button.garage_resume"},
        "leave_at": {"entity_id": "button.garage_resume", "time": "06:00:00"},
        "resume": {"entity_id": "button.garage_resume"},
        "skip_tonight": {"entity_id": "button.garage_resume"},
        "set_departure": {"charger": "Garage", "departure": arrival},
        "add_reservation": {**stay, "energy": 10},
        "remove_reservation": {"id": "none"},
        "list_reservations": {},
        "get_sessions": {},
        "delete_sessions": {"vehicle": "Zoe"},
        "what_if": {"fuse": 16},
        "backtest": {"weeks": 1},
        "explain": {"charger": "Garage"},
    }


ANSWERS = {"backtest", "explain", "get_schedule", "get_sessions", "list_reservations", "what_if"}


async def call(hass: HomeAssistant, action: str, user_id: str | None) -> None:
    await hass.services.async_call(
        DOMAIN,
        action,
        actions()[action],
        blocking=True,
        context=Context(user_id=user_id),
        return_response=action in ANSWERS,
    )


@pytest.mark.parametrize("action", actions())
async def test_who_may_only_look_cannot_operate(
    hass: HomeAssistant, house: House, hass_read_only_user: MockUser, action: str
) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert set(hass.services.async_services()[DOMAIN]) == set(actions())
    if action in ANSWERS:
        await call(hass, action, hass_read_only_user.id)
        return
    with pytest.raises(Unauthorized):
        await call(hass, action, hass_read_only_user.id)


@pytest.mark.parametrize("action", actions())
async def test_who_may_not_even_look_gets_no_answer(
    hass: HomeAssistant, house: House, action: str
) -> None:
    await house.async_set_up_site()
    nobody = MockUser(id="nobody", name="nobody", is_owner=False).add_to_hass(hass)
    nobody.mock_policy({})
    with pytest.raises(Unauthorized):
        await call(hass, action, nobody.id)
    with pytest.raises(UnknownUser):
        await call(hass, action, "who is that")


async def test_who_may_operate_one_charger_may_set_its_departure(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site()
    guest = MockUser(id="guest", name="guest", is_owner=False).add_to_hass(hass)
    guest.mock_policy(
        {
            "entities": {
                "entity_ids": {
                    "select.garage_mode": {"control": True},
                    "select.garage_vehicle": {"control": True},
                }
            }
        }
    )
    await call(hass, "set_departure", guest.id)
    with pytest.raises(Unauthorized):
        await call(hass, "reschedule", guest.id)
