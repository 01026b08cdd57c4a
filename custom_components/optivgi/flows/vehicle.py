"""Add or change a vehicle."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME

from ..bindings.quantity import number, valid_state
from ..bindings.vehicle import FULL_SOC
from ..const import CONF_BATTERY_KWH, CONF_SOC_ENTITY, GUEST, SUBENTRY_CHARGER, SUBENTRY_VEHICLE
from .vehicle_schemas import vehicle_schema


class VehicleFlow(ConfigSubentryFlow):
    """Adds a vehicle to a site, or changes one."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for a new vehicle."""
        return self._step_vehicle("user", user_input, {})

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a vehicle."""
        subentry = self._get_reconfigure_subentry()
        return self._step_vehicle(
            "reconfigure", user_input, {CONF_NAME: subentry.title, **subentry.data}
        )

    def _step_vehicle(
        self, step_id: str, user_input: dict[str, Any] | None, current: Mapping[str, Any]
    ) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            errors, placeholders = self._check_soc(user_input.get(CONF_SOC_ENTITY))
            if user_input[CONF_NAME] in self._names_in_use():
                errors[CONF_NAME] = "name_in_use"
            if user_input[CONF_BATTERY_KWH] < 1:
                errors[CONF_BATTERY_KWH] = "battery_missing"
            if not errors:
                return self._finish(dict(user_input))
        chargers = {
            subentry.subentry_id: subentry.title
            for subentry in self._get_entry().get_subentries_of_type(SUBENTRY_CHARGER)
        }
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                vehicle_schema(chargers), user_input or current
            ),
            errors=errors,
            description_placeholders=placeholders,
        )

    def _names_in_use(self) -> set[str]:
        """Return the names that are taken where vehicles are selected by name."""
        own = self._reconfigure_subentry_id if self.source == SOURCE_RECONFIGURE else None
        return {GUEST} | {
            subentry.title
            for subentry in self._get_entry().get_subentries_of_type(SUBENTRY_VEHICLE)
            if subentry.subentry_id != own
        }

    def _check_soc(self, entity_id: str | None) -> tuple[dict[str, str], dict[str, str]]:
        if entity_id is None:
            return {}, {}
        if self.hass.states.get(entity_id) is None:
            return {CONF_SOC_ENTITY: "entity_missing"}, {"entity": entity_id}
        if (state := valid_state(self.hass, entity_id)) is None:
            return {}, {}
        soc = number(state)
        if soc is None or not 0 <= soc <= FULL_SOC:
            return {CONF_SOC_ENTITY: "soc_implausible"}, {
                "entity": entity_id,
                "state": state.state,
            }
        return {}, {}

    def _finish(self, entered: dict[str, Any]) -> SubentryFlowResult:
        title = entered.pop(CONF_NAME)
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(), self._get_reconfigure_subentry(), title=title, data=entered
            )
        return self.async_create_entry(title=title, data=entered)
