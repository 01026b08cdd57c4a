"""Fields that more than one form has."""

import calendar
from collections.abc import Container, Iterable, Mapping
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import WEEKDAYS, UnitOfPower
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import CONF_MONTHS, CONF_PHASES, CONF_WEEKDAYS, DOMAIN, HOLIDAY, MONTHS

type Refusal = tuple[str, str, dict[str, str]]
"""A form field, the reason why it is refused, and what the reason's text names."""

_ANY_STEP: Final = "any"


class AskedOnce:
    """Keeps what a person was asked about, so that the same entered once more is accepted."""

    def __init__(self, warnings: Container[str]) -> None:
        """Ask once about these reasons, and refuse for all others."""
        self._warnings = warnings
        self._entered: Mapping[str, Any] | None = None
        self._asked = set[tuple[str, ...]]()

    def first_unconfirmed(
        self, refusals: Iterable[Refusal | None], entered: Mapping[str, Any]
    ) -> Refusal | None:
        """Return the first refusal, without the questions that are answered by this entry."""
        if entered != self._entered:
            self._asked.clear()
        self._entered = dict(entered)
        for refusal in refusals:
            if refusal is None:
                continue
            field, reason, named = refusal
            question = (field, reason, *named.values())
            if reason not in self._warnings or question not in self._asked:
                self._asked.add(question)
                return refusal
        return None


def is_our_own(hass: HomeAssistant, entity_id: str) -> bool:
    """Return whether an entity shows what is planned or estimated here: nothing to plan from."""
    registered = er.async_get(hass).async_get(entity_id)
    return registered is not None and registered.platform == DOMAIN


def number_field(minimum: float | None, maximum: float, unit: str | None = None) -> NumberSelector:
    """Return a box for a number; without a minimum it may be negative."""
    config = NumberSelectorConfig(max=maximum, step=_ANY_STEP, mode=NumberSelectorMode.BOX)
    if minimum is not None:
        # A required number without a default starts at its minimum in the form.
        config["min"] = minimum
    if unit is not None:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


def entity_field(*filters: EntityWithDeviceFilterSelectorConfig) -> EntitySelector:
    """Return a choice of the entities that any of the filters lets through."""
    return EntitySelector(EntitySelectorConfig(filter=list(filters)))


def select_field(options: list[str], key: str | None = None) -> SelectSelector:
    """Return a choice of one; the texts of its options are found by the key."""
    config = SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
    if key is not None:
        config["translation_key"] = key
    return SelectSelector(config)


def circuit_field(circuits: Mapping[str, str]) -> SelectSelector:
    """Return a choice of circuits, whose names are given by id."""
    options = [SelectOptionDict(value=value, label=name) for value, name in circuits.items()]
    return SelectSelector(SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN))


def named_choices(values: Iterable[str], names: Iterable[str], key: str) -> SelectSelector:
    """Return a choice of several, each with its name in English.

    Where a row of a table is edited the texts of translations do not get through.
    """
    options = [
        SelectOptionDict(value=value, label=name) for value, name in zip(values, names, strict=True)
    ]
    return SelectSelector(SelectSelectorConfig(options=options, multiple=True, translation_key=key))


DAYS_FIELD = named_choices((*WEEKDAYS, HOLIDAY), (*calendar.day_name, "Holiday"), CONF_WEEKDAYS)
MONTHS_FIELD = named_choices(MONTHS, calendar.month_name[1:], CONF_MONTHS)
HOLIDAY_ENTITY_FIELD = entity_field(
    EntityWithDeviceFilterSelectorConfig(domain=["calendar"]),
    EntityWithDeviceFilterSelectorConfig(domain=["binary_sensor"], integration="workday"),
)
WORDS_FIELD = SelectSelector(SelectSelectorConfig(options=[], multiple=True, custom_value=True))
PHASES_FIELD = select_field(["1", "3"], CONF_PHASES)
AMPERES_FIELD = number_field(0, 1000, "A")
ENERGY_FIELD = entity_field(
    EntityWithDeviceFilterSelectorConfig(domain=["sensor"], device_class=[SensorDeviceClass.ENERGY])
)
POWER_FIELD = entity_field(
    EntityWithDeviceFilterSelectorConfig(domain=["sensor"], device_class=[SensorDeviceClass.POWER]),
    EntityWithDeviceFilterSelectorConfig(
        domain=["sensor", "input_number", "number"], unit_of_measurement=list(UnitOfPower)
    ),
)
