"""What is known of an integration for chargers: the row that says it, and what rows are made of.

A row names entities as "domain.key". The key is the entity's translation key, which neither a
person nor a language changes, or what its unique id ends with; with a star behind it, what that
begins with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.const import UnitOfElectricCurrent

from ...const import (
    CONF_LIMIT_ENTITY,
    CONF_LIMIT_UNIT,
    CONF_MIN_INTERVAL,
    CONF_POWER_ENTITY,
    CONF_SETTLE,
    CONF_START_ENTITY,
    CONF_STATUS_ENTITY,
    CONF_STOP_ENTITY,
    CONF_SWITCH_ENTITY,
)

type Roles = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class EntityNamed:
    """Stands in a row's values for an entity of the charger.

    Attributes:
        name: Its name, as in the roles.
        of_id: The part of its unique id that is meant instead; the first group counts.
    """

    name: str
    of_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """What an integration registers for a charger, and how the charger is driven by it.

    Attributes:
        platform: The integration.
        name: What people call it.
        roles: Which entities serve for what, the best first.
        values: What else is configured; the device of actions is filled in.
        needs: The roles without which it is something else, such as a meter of the same brand.
        by_evidence: The roles that are found like those of a charger without a row.
        max_attribute: The attribute of the switch with the max current in A.
    """

    platform: str
    name: str
    roles: Roles
    values: Mapping[str, Any] = field(default_factory=dict)
    needs: frozenset[str] = frozenset({CONF_LIMIT_ENTITY})
    by_evidence: frozenset[str] = frozenset()
    max_attribute: str = ""


def roles_by_name(
    *,
    limit: tuple[str, ...] | str = (),
    switch: tuple[str, ...] | str = (),
    status: tuple[str, ...] | str = (),
    power: tuple[str, ...] | str = (),
    start: str = "",
    stop: str = "",
) -> Roles:
    """Return a row's roles, with the names of the entities for each, the best first."""
    named = {
        CONF_LIMIT_ENTITY: limit,
        CONF_SWITCH_ENTITY: switch,
        CONF_START_ENTITY: start,
        CONF_STOP_ENTITY: stop,
        CONF_STATUS_ENTITY: status,
        CONF_POWER_ENTITY: power,
    }
    return {
        role: (names,) if isinstance(names, str) else tuple(names)
        for role, names in named.items()
        if names
    }


def action(name: str, **data: Any) -> list[dict[str, Any]]:
    """Return a list of one action, as people enter it."""
    return [{"action": name, "data": data}]


def press(button: str) -> list[dict[str, Any]]:
    """Return the action that presses a button of the charger, by its key."""
    return action("button.press", entity_id=EntityNamed(f"button.{button}"))


IN_AMPERES: Final = {CONF_LIMIT_UNIT: UnitOfElectricCurrent.AMPERE}
LOCAL: Final = {CONF_MIN_INTERVAL: 10}
"""In the same network nothing is gained by writing more often than a car follows."""
CLOUD: Final = {CONF_MIN_INTERVAL: 60, CONF_SETTLE: 90}
"""Services in the cloud count requests, and show what they did a minute or so later."""
THIS: Final = None
"""Stands for the device of the charger where an action asks for it."""
SWITCHED: Final = frozenset({CONF_SWITCH_ENTITY})
REPORTS: Final = frozenset({CONF_STATUS_ENTITY, CONF_POWER_ENTITY})
