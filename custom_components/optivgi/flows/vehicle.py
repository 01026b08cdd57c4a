"""Add or change a vehicle."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, State, split_entity_id

from ..bindings.car_limit import percentage
from ..bindings.chargers.calls import actions_missing, is_understood
from ..bindings.chargers.meanings import Meanings, configured_meanings
from ..bindings.discovery import Discovery
from ..bindings.presence import presence_of
from ..bindings.quantity import valid_state
from ..bindings.soc import is_fraction, moment_of, soc_of
from ..bindings.vehicle_discovery import CAR_FIELDS, discover_vehicle
from ..const import (
    CONF_BATTERY_KWH,
    CONF_DEPARTURE_ENTITY,
    CONF_EFFICIENCY,
    CONF_LOCATION_ENTITY,
    CONF_MAX_A,
    CONF_MIN_A,
    CONF_PLUGGED_ENTITY,
    CONF_SOC_ENTITY,
    CONF_SOC_LIMIT_ACTION,
    CONF_SOC_LIMIT_ENTITY,
    CONF_SOC_TIME_ENTITY,
    CONF_WRITE_SOC_LIMIT,
    DEFAULT_EFFICIENCY,
    DEFAULT_MIN_A,
    GUEST,
    SUBENTRY_CHARGER,
    SUBENTRY_VEHICLE,
)
from .departure_schemas import check_departures
from .device_step import Page, PartFlow, PartForm
from .fields import AskedOnce, Refusal, is_our_own
from .state_schemas import check_states
from .subentry import LONGEST_NAME
from .tags import check_tags
from .vehicle_schemas import PERCENT, SECTIONS, vehicle_schema

# A battery may be nearly empty, and a cloud may show an odd word at this moment: then the same is
# entered once more.
_WARNINGS: Final = frozenset(
    {"plugged_not_understood", "soc_implausible", "soc_may_be_fraction", "time_not_understood"}
)
# More data from a car: the entity, why it is refused where it cannot be read, and how it is read.
_CAR_SENSORS: Final[tuple[tuple[str, str, Callable[[State, Meanings], object | None]], ...]] = (
    (CONF_PLUGGED_ENTITY, "plugged_not_understood", presence_of),
    (CONF_LOCATION_ENTITY, "plugged_not_understood", presence_of),
    (CONF_SOC_TIME_ENTITY, "time_not_understood", lambda state, _: moment_of(state)),
    (CONF_SOC_LIMIT_ENTITY, "limit_not_understood", lambda state, _: percentage(state)),
)


class VehicleForm(PartForm):
    """The forms of a vehicle."""

    kind = SUBENTRY_VEHICLE
    fields = CAR_FIELDS

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, own_id: str | None = None) -> None:
        """Start with nothing found, and nothing asked."""
        super().__init__(hass, entry, own_id)
        self._asked = AskedOnce(_WARNINGS)

    @override
    def discover(self, device_id: str | None, picked: str | None) -> Discovery:
        return discover_vehicle(self.hass, device_id, picked)

    @override
    async def async_fill(
        self, user_input: dict[str, Any] | None, current: Mapping[str, Any]
    ) -> dict[str, Any] | Page:
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            entered = _flat(user_input)
            # What the texts of two refusals name would get mixed up, so the second one waits.
            refusal = self._asked.first_unconfirmed(self._refusals(entered), entered)
            if refusal is not None:
                field, errors[field], placeholders = refusal
            if not entered[CONF_NAME]:
                errors[CONF_NAME] = "name_missing"
            elif len(entered[CONF_NAME]) > LONGEST_NAME:
                errors[CONF_NAME] = "name_too_long"
                placeholders["length"] = str(LONGEST_NAME)
            elif entered[CONF_NAME].casefold() in self._names_in_use():
                errors[CONF_NAME] = "name_in_use"
            if entered[CONF_BATTERY_KWH] < 1:
                errors[CONF_BATTERY_KWH] = "battery_missing"
            if not errors:
                return entered
        chargers = {
            subentry.subentry_id: subentry.title
            for subentry in self.entry.get_subentries_of_type(SUBENTRY_CHARGER)
        }
        shown = user_input or _as_shown(current)
        return await self.async_page(vehicle_schema(chargers), shown, errors, placeholders)

    def _names_in_use(self) -> set[str]:
        """Return the names, in small letters, that are taken where vehicles are named."""
        return {GUEST} | {
            subentry.title.casefold()
            for subentry in self.entry.get_subentries_of_type(SUBENTRY_VEHICLE)
            if subentry.subentry_id != self.own_id
        }

    def _refusals(self, entered: Mapping[str, Any]) -> Iterator[Refusal | None]:
        """Yield what is wrong with the entities, one after the other."""
        for check in (
            self._check_soc,
            self._check_soc_unused,
            self._check_current,
            self._check_departure_entity,
        ):
            yield check(entered)
        yield check_tags(self.entry, self.own_id, entered)
        yield from self._check_reports(entered)
        yield check_departures(self.hass, entered)

    def _check_departure_entity(self, entered: Mapping[str, Any]) -> Refusal | None:
        entity_id = entered.get(CONF_DEPARTURE_ENTITY)
        if entity_id is not None and is_our_own(self.hass, entity_id):
            return CONF_DEPARTURE_ENTITY, "entity_is_our_own", {"entity": entity_id}
        return None

    def _check_soc(self, entered: Mapping[str, Any]) -> Refusal | None:
        if (entity_id := entered.get(CONF_SOC_ENTITY)) is None:
            return None
        if self.hass.states.get(entity_id) is None:
            return CONF_SOC_ENTITY, "entity_missing", {"entity": entity_id}
        if is_our_own(self.hass, entity_id):
            return CONF_SOC_ENTITY, "soc_is_our_own", {"entity": entity_id}
        if (state := valid_state(self.hass, entity_id)) is None:
            return None
        named = {"entity": entity_id, "state": state.state}
        if is_fraction(state):
            return CONF_SOC_ENTITY, "soc_is_fraction", named
        soc = soc_of(state, max(entered[CONF_BATTERY_KWH], 1.0))
        if soc is None:
            return CONF_SOC_ENTITY, "soc_implausible", named
        return (CONF_SOC_ENTITY, "soc_may_be_fraction", named) if 0 < soc < 1 else None

    def _check_soc_unused(self, entered: Mapping[str, Any]) -> Refusal | None:
        """Return whether another car of the site has this state of charge."""
        entity_id = entered.get(CONF_SOC_ENTITY)
        for other in self.entry.get_subentries_of_type(SUBENTRY_VEHICLE):
            theirs = other.data.get(CONF_SOC_ENTITY)
            if entity_id is not None and theirs == entity_id and other.subentry_id != self.own_id:
                return CONF_SOC_ENTITY, "soc_in_use", {"entity": entity_id, "vehicle": other.title}
        return None

    def _check_current(self, entered: Mapping[str, Any]) -> Refusal | None:
        """Return whether no charger could charge a car with so little."""
        chargers = self.entry.get_subentries_of_type(SUBENTRY_CHARGER)
        min_a = min((charger.data[CONF_MIN_A] for charger in chargers), default=DEFAULT_MIN_A)
        if (max_a := entered.get(CONF_MAX_A)) is not None and max_a < min_a:
            return CONF_MAX_A, "current_too_low", {"current": f"{max_a:g}", "minimum": f"{min_a:g}"}
        return None

    def _check_limit(self, entered: Mapping[str, Any]) -> Refusal | None:
        """Return why the target cannot be written to the car's own limit; None where it can."""
        entity_id, actions = entered.get(CONF_SOC_LIMIT_ENTITY), entered.get(CONF_SOC_LIMIT_ACTION)
        if actions is not None and not is_understood(actions):
            return CONF_SOC_LIMIT_ACTION, "action_not_understood", {}
        if actions is not None and (missing := actions_missing(self.hass, actions)):
            return CONF_SOC_LIMIT_ACTION, "action_missing", {"action": missing[0]}
        if not entered.get(CONF_WRITE_SOC_LIMIT) or actions is not None:
            return None
        if entity_id is None:
            return CONF_SOC_LIMIT_ENTITY, "limit_missing", {}
        if split_entity_id(entity_id)[0] == "sensor":
            return CONF_SOC_LIMIT_ENTITY, "limit_not_writable", {"entity": entity_id}
        return None

    def _check_reports(self, entered: Mapping[str, Any]) -> Iterator[Refusal | None]:
        yield check_states(entered)
        yield self._check_limit(entered)
        meanings = configured_meanings(entered)
        for key, reason, read in _CAR_SENSORS:
            if (entity_id := entered.get(key)) is None:
                continue
            if self.hass.states.get(entity_id) is None:
                yield key, "entity_missing", {"entity": entity_id}
            if is_our_own(self.hass, entity_id):
                yield key, "entity_is_our_own", {"entity": entity_id}
            state = valid_state(self.hass, entity_id)
            if state is not None and read(state, meanings) is None:
                yield key, reason, {"entity": entity_id, "state": state.state}


class VehicleFlow(PartFlow):
    """Adds a vehicle to a site, or changes one."""

    form_type = VehicleForm


def _flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was entered without sections, without what is empty, and blanks at the name."""
    entered = {
        key: value
        for key, value in user_input.items()
        if key not in SECTIONS and value is not False
    }
    for name in SECTIONS:
        entered |= {
            key: value
            for key, value in user_input.get(name, {}).items()
            if value != [] and value is not False
        }
    efficiency = DEFAULT_EFFICIENCY
    if (percent := entered.get(CONF_EFFICIENCY)) is not None:
        efficiency = round(percent / PERCENT, 4)
    return {**entered, CONF_NAME: user_input[CONF_NAME].strip(), CONF_EFFICIENCY: efficiency}


def _as_shown(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored, or was found, as the form has it."""
    shown = dict(data)
    if CONF_EFFICIENCY in data:
        shown[CONF_EFFICIENCY] = round(data[CONF_EFFICIENCY] * PERCENT, 2)
    return {**shown, **dict.fromkeys(SECTIONS, shown)}
