"""Who may call an action: whoever may operate, or see, the entities that it is about."""

from typing import Final

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er

from ..charging.charging_point import ChargingPoint
from ..runtime import OptivgiConfigEntry

_SHOWN_BY: Final = {POLICY_CONTROL: "select", POLICY_READ: "sensor"}
"""Which entities stand for a charger: its mode is set, its status is read."""


async def async_require_control(
    call: ServiceCall, entry: OptivgiConfigEntry, point: ChargingPoint | None = None
) -> None:
    """Refuse users who may not operate a charger, or any one of the site where none is named.

    Raises:
        Unauthorized: The user may not.
    """
    await _async_require(call, entry, point, POLICY_CONTROL)


async def async_require_read(call: ServiceCall, entry: OptivgiConfigEntry) -> None:
    """Refuse users who may not see the site.

    Raises:
        Unauthorized: The user may not.
    """
    await _async_require(call, entry, None, POLICY_READ)


async def _async_require(
    call: ServiceCall, entry: OptivgiConfigEntry, point: ChargingPoint | None, policy: str
) -> None:
    if call.context.user_id is None:
        # Automations, and what Home Assistant does by itself.
        return
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context, permission=policy, user_id=call.context.user_id)
    _require(call.hass, user, entry, policy, point=point, context=call.context)


def require_read(hass: HomeAssistant, user: User, entry: OptivgiConfigEntry) -> None:
    """Refuse a user who may not see the site.

    Raises:
        Unauthorized: The user may not.
    """
    _require(hass, user, entry, POLICY_READ)


def _require(
    hass: HomeAssistant,
    user: User,
    entry: OptivgiConfigEntry,
    policy: str,
    *,
    point: ChargingPoint | None = None,
    context: Context | None = None,
) -> None:
    for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id):
        is_meant = point is None or entity.config_subentry_id == point.charger.id
        if entity.domain != _SHOWN_BY[policy] or not is_meant:
            continue
        if not user.permissions.check_entity(entity.entity_id, policy):
            raise Unauthorized(
                context=context, entity_id=entity.entity_id, permission=policy, user_id=user.id
            )
