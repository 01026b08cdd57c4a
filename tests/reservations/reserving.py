"""The actions for reservations, as tests call them."""

from typing import Any

from tests.house import House

from custom_components.optivgi.const import DOMAIN

# Local times; it is Friday, 20:00.
TONIGHT = {"arrival": "2026-11-20 22:00:00", "departure": "2026-11-21 06:00:00"}


async def add(house: House, **data: Any) -> dict[str, Any]:
    """Add a reservation for tonight, if not said otherwise, and let the plan follow."""
    response = await house.hass.services.async_call(
        DOMAIN, "add_reservation", {**TONIGHT, **data}, blocking=True, return_response=True
    )
    await house.async_settle()
    assert response is not None
    return dict(response)


async def remove(house: House, reservation_id: str) -> None:
    """Remove a reservation and let the plan follow."""
    await house.hass.services.async_call(
        DOMAIN, "remove_reservation", {"id": reservation_id}, blocking=True
    )
    await house.async_settle()


async def reservations(house: House) -> list[dict[str, Any]]:
    """Return the reservations as the action tells them."""
    response: Any = await house.hass.services.async_call(
        DOMAIN, "list_reservations", {}, blocking=True, return_response=True
    )
    found: list[dict[str, Any]] = response["reservations"]
    return found
