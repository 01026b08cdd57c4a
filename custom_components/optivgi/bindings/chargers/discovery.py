"""Which of a charger device's entities limits, switches, reports and measures."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
import re
from typing import Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.number import NumberDeviceClass
from homeassistant.components.sensor import ATTR_OPTIONS, SensorDeviceClass
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import slugify

from ...const import (
    CONF_LIMIT_ENTITY,
    CONF_POWER_ENTITY,
    CONF_STATUS_ENTITY,
    CONF_SWITCH_ENTITY,
)
from ..quantity import is_current_unit, is_power_unit
from .meanings import is_status_of_charger


@dataclass(frozen=True)
class Candidate:
    """An entity of the device with what shows its role.

    Attributes:
        entity_id: The entity.
        domain: Its domain.
        words: Name, keys and id in lower case, without what the device itself is called.
        device_class: Its device class, or None.
        unit: Its unit, or None.
        options: The states it can have, where it names them.
        main: Whether it is neither configuration nor diagnostics.
    """

    entity_id: str
    domain: str
    words: str
    device_class: str | None
    unit: str | None
    options: tuple[str, ...]
    main: bool


@dataclass(frozen=True)
class Role:
    """What an entity can be to us, and how to recognise it.

    Attributes:
        domains: Where it may come from.
        suits: Whether an entity can have the role at all.
        likely: Words that speak for it, each with a weight.
        unlikely: Beginnings of words that rule it out.
    """

    domains: frozenset[Platform]
    suits: Callable[[Candidate], bool]
    likely: dict[str, int]
    unlikely: tuple[str, ...]


def _limits_power(entity: Candidate) -> bool:
    return (
        is_current_unit(entity.unit)
        or is_power_unit(entity.unit)
        or entity.device_class in {NumberDeviceClass.CURRENT, NumberDeviceClass.POWER}
        or any(word in entity.words for word in ("charging_current", "charge_current", "amps"))
    )


def _starts_and_stops(entity: Candidate) -> bool:
    # A switch that pauses is on while the charger does not charge.
    return ("pause" not in entity.words or "resume" in entity.words) and any(
        word in entity.words for word in ("charg", "enable", "resume", "session", "control")
    )


def _is_status_of_charger(entity: Candidate) -> bool:
    if entity.domain == Platform.BINARY_SENSOR:
        return entity.device_class == BinarySensorDeviceClass.PLUG or (
            entity.device_class is None
            and any(word in entity.words for word in ("plugged", "connected", "cable"))
        )
    return is_status_of_charger(entity.options) or (
        not entity.options
        and entity.unit is None
        and entity.device_class is None
        and any(word in entity.words for word in ("status", "state"))
    )


# What a device itself puts first counts as much as a good word.
_MAIN: Final = 2
_ROLES: Final[dict[str, Role]] = {
    CONF_LIMIT_ENTITY: Role(
        domains=frozenset({Platform.NUMBER}),
        suits=_limits_power,
        likely={"limit": 3, "dynamic": 3, "charg": 2, "current": 2, "max": 1, "rate": 1},
        unlikely=(
            *("min", "energy", "price", "offline", "fallback", "circuit", "led"),
            *("installation", "grid", "house", "fuse", "discharg"),
        ),
    ),
    CONF_SWITCH_ENTITY: Role(
        domains=frozenset({Platform.SWITCH}),
        suits=_starts_and_stops,
        likely={"charging": 3, "charge": 3, "control": 2, "enable": 2, "session": 1},
        unlikely=(
            *("smart", "schedule", "lock", "led", "light", "authoriz", "auto", "solar"),
            *("timer", "card", "boost"),
        ),
    ),
    CONF_STATUS_ENTITY: Role(
        domains=frozenset({Platform.SENSOR, Platform.BINARY_SENSOR}),
        suits=_is_status_of_charger,
        likely={"connector": 3, "status": 2, "state": 2, "plug": 1, "charg": 1},
        unlikely=("reason", "error", "cloud", "network", "wifi", "firmware", "lock"),
    ),
    CONF_POWER_ENTITY: Role(
        domains=frozenset({Platform.SENSOR}),
        suits=lambda entity: (
            entity.device_class == SensorDeviceClass.POWER and is_power_unit(entity.unit)
        ),
        likely={"charg": 2, "active": 2, "import": 2, "total": 1, "power": 1},
        unlikely=(
            *("l1", "l2", "l3", "phase", "offered", "max", "limit"),
            *("export", "house", "grid", "battery", "solar", "peak"),
        ),
    ),
}


# A plug at the wall: it measures, and what hangs on it is on or off.
_PLUG: Final = Role(
    domains=frozenset({Platform.SWITCH}),
    suits=lambda entity: entity.main,
    likely={"outlet": 3, "plug": 2, "relay": 1},
    unlikely=("led", "light", "lock", "child", "schedule", "auto", "boost", "smart"),
)


def _called(hass: HomeAssistant, device_id: str) -> list[str]:
    """Return what the device itself is called, longest first."""
    device = dr.async_get(hass).async_get(device_id)
    names = set() if device is None else {device.name_by_user, device.name}
    if isinstance(device, dr.DeviceEntry):
        names |= {device.manufacturer, device.model}
    return sorted((slugify(name) for name in names if name), key=len, reverse=True)


def _words(texts: Iterable[str | None], called: Iterable[str]) -> str:
    """Return what texts say beside the device's own names: a Smart Max charger is no mode."""
    words = " ".join(slugify(text) for text in texts if text)
    for name in called:
        words = re.sub(rf"(?<![a-z0-9]){name}(?![a-z0-9])", "", words)
    return words


def _candidates(hass: HomeAssistant, device_id: str) -> Iterable[Candidate]:
    called = _called(hass, device_id)
    for entry in er.async_entries_for_device(er.async_get(hass), device_id):
        state = hass.states.get(entry.entity_id)
        attributes = {} if state is None else state.attributes
        texts = (
            entry.translation_key,
            entry.unique_id,
            entry.original_name,
            entry.entity_id.partition(".")[2],
        )
        capabilities = entry.capabilities or {}
        yield Candidate(
            entity_id=entry.entity_id,
            domain=entry.domain,
            words=_words(texts, called),
            device_class=entry.device_class or entry.original_device_class,
            unit=attributes.get(ATTR_UNIT_OF_MEASUREMENT) or entry.unit_of_measurement,
            options=tuple(capabilities.get(ATTR_OPTIONS) or attributes.get(ATTR_OPTIONS) or ()),
            main=entry.entity_category not in {EntityCategory.CONFIG, EntityCategory.DIAGNOSTIC},
        )


def _score(role: Role, entity: Candidate) -> int | None:
    """Return how well an entity fits a role; None where it cannot have it."""
    if (
        entity.domain not in role.domains
        or any(re.search(rf"(?<![a-z]){word}", entity.words) for word in role.unlikely)
        or not role.suits(entity)
    ):
        return None
    score = sum(weight for word, weight in role.likely.items() if word in entity.words)
    return score + _MAIN * entity.main


def find_entities(hass: HomeAssistant, device_id: str) -> dict[str, str]:
    """Return the best entity of a device for each role that one can be found for.

    The keys are those of a charger's configuration.
    """
    candidates = list(_candidates(hass, device_id))
    found = {
        key: entity_id
        for key, role in _ROLES.items()
        if (entity_id := _best(role, candidates)) is not None
    }
    if not found.keys() & {CONF_LIMIT_ENTITY, CONF_SWITCH_ENTITY, CONF_STATUS_ENTITY} and (
        (plug := _best(_PLUG, candidates)) is not None
    ):
        found[CONF_SWITCH_ENTITY] = plug
    return found


def _best(role: Role, candidates: Iterable[Candidate]) -> str | None:
    """Return the entity that fits a role best."""
    scored = [
        (score, entity.entity_id)
        for entity in candidates
        if (score := _score(role, entity)) is not None
    ]
    # The shortest id among equals: "status" rather than "status_of_something".
    return min(scored, key=lambda pair: (-pair[0], len(pair[1]), pair[1]))[1] if scored else None
