"""The entities that actions name, as people enter them: in their targets, data and templates."""

from collections.abc import Iterator, Mapping
import re
from typing import Any, Final

from homeassistant.const import (
    ATTR_ENTITY_ID,
    CONF_SERVICE_DATA,
    CONF_SERVICE_DATA_TEMPLATE,
    CONF_TARGET,
)

_PARTS: Final = (CONF_TARGET, CONF_SERVICE_DATA, CONF_SERVICE_DATA_TEMPLATE, ATTR_ENTITY_ID)
# In a template it stands in quotes; a part of a longer path is something else.
_NAME: Final = re.compile(r"(?<![\w.])[a-z][a-z0-9_]*\.[a-z0-9_]+(?![\w.])")


def named_entities(actions: Any) -> Iterator[str]:
    """Yield what looks like the name of an entity in a list of actions."""
    for part in _parts(actions):
        for text in _texts(part):
            yield from _NAME.findall(text)


def with_names(actions: Any, names: Mapping[str, str]) -> Any:
    """Return actions with other names of entities, by the old ones."""
    return [
        {key: _replaced(part, names) if key in _PARTS else part for key, part in action.items()}
        if isinstance(action, Mapping)
        else action
        for action in actions
    ]


def _parts(actions: Any) -> Iterator[Any]:
    for action in actions:
        if isinstance(action, Mapping):
            yield from (part for key, part in action.items() if key in _PARTS)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _replaced(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _NAME.sub(lambda found: names.get(found[0], found[0]), value)
    if isinstance(value, Mapping):
        return {key: _replaced(part, names) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(part, names) for part in value]
    return value
