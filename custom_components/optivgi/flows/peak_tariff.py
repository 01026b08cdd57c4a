"""Add or change a tariff on the highest power: one that is known, or one's own."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, override

from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..bindings.peak_tariffs.entered import rule_of
from ..bindings.peak_tariffs.presets import preset_of
from ..bindings.peak_tariffs.rule import ALL_DAYS
from ..bindings.quantity import is_power_unit, unit, valid_state
from ..bindings.tariffs import TariffError
from ..bindings.tariffs.holidays import Holidays
from ..const import (
    CONF_FROM_KW,
    CONF_HOLIDAY_ENTITY,
    CONF_PEAK_ENTITY,
    CONF_PRESET,
    CONF_PRICE,
    CONF_PRICE_STEPS,
    CONF_TOP,
    CONF_WEIGHT,
    CONF_WINDOWS,
    HOLIDAY,
    SUBENTRY_PEAK_TARIFF,
)
from .fields import Refusal
from .peak_tariff_schemas import SECTIONS, own_schema, preset_schema
from .refusals import async_refused
from .subentry import LONGEST_NAME, NamedSubentryFlow

_LISTS = (CONF_WINDOWS, CONF_PRICE_STEPS)
"""Left out where nothing is in them."""


class PeakTariffFlow(NamedSubentryFlow):
    """Adds a tariff on the highest power to a site, or changes one."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask whether it is a known one."""
        return self.async_show_menu(step_id="user", menu_options=["preset", "own"])

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change it, as what it is."""
        if CONF_PRESET in self._get_reconfigure_subentry().data:
            return await self.async_step_preset()
        return await self.async_step_own()

    async def async_step_preset(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which of the known ones it is."""
        return await self._async_fill("preset", preset_schema(self.hass.config.country), user_input)

    async def async_step_own(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for all that it says."""
        return await self._async_fill("own", own_schema(), user_input)

    @override
    def configured(self) -> dict[str, Any]:
        known = super().configured()
        return {**known, **dict.fromkeys(SECTIONS, known)}

    async def _async_fill(
        self, step_id: str, schema: vol.Schema, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        placeholders = {"currency": self.hass.config.currency}
        current: Mapping[str, Any] = {}
        if self.source == SOURCE_RECONFIGURE:
            current = self.configured()
        if user_input is not None:
            entered = _flat(user_input)
            refusal = await self._async_refusal(entered)
            if refusal is None:
                return self.finish({CONF_NAME: self._title(entered), **entered})
            field, reason, named = refusal
            errors[field] = reason
            placeholders |= named
        form = f"config_subentries.{SUBENTRY_PEAK_TARIFF}.step.{step_id}"
        refused = await async_refused(self.hass, form, schema, errors)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(refused.schema, user_input or current),
            errors=refused.errors,
            description_placeholders={**placeholders, **refused.named},
        )

    def _title(self, entered: Mapping[str, Any]) -> str:
        if (name := entered.get(CONF_NAME)) is not None:
            return str(name).strip()
        preset = preset_of(entered[CONF_PRESET], dt_util.now().date())
        return "" if preset is None else preset.name

    async def _async_refusal(self, entered: Mapping[str, Any]) -> Refusal | None:
        """Return the first thing that is wrong."""
        checks = (
            *self._of_preset(entered),
            *self._of_name(entered),
            *self._of_own(entered),
            self._of_peak_entity(entered),
            await self._async_of_holidays(entered),
        )
        return next((refusal for refusal in checks if refusal is not None), None)

    def _of_preset(self, entered: Mapping[str, Any]) -> Iterator[Refusal]:
        """Yield why a known tariff cannot be taken as it is."""
        if (preset_id := entered.get(CONF_PRESET)) is None:
            return
        preset = preset_of(preset_id, dt_util.now().date())
        if preset is None:
            return
        named = {"tariff": preset.name, "price_currency": preset.currency}
        if preset.currency != self.hass.config.currency:
            yield CONF_PRESET, "preset_currency", named
        if preset.asks_price and not entered.get(CONF_PRICE):
            yield CONF_PRICE, "price_missing", named
        if CONF_PRICE in entered and any(part.levels for part in preset.rule.parts):
            yield CONF_PRICE, "price_of_steps", named

    def _of_name(self, entered: Mapping[str, Any]) -> Iterator[Refusal]:
        """Yield what is wrong with what it is called."""
        title = self._title(entered)
        if not title:
            yield CONF_NAME, "name_missing", {}
        if len(title) > LONGEST_NAME:
            yield CONF_NAME, "name_too_long", {"length": str(LONGEST_NAME)}
        field = CONF_PRESET if CONF_PRESET in entered else CONF_NAME
        for other in self._get_entry().get_subentries_of_type(SUBENTRY_PEAK_TARIFF):
            if other.title.casefold() == title.casefold() and other.subentry_id != self.own_id:
                yield field, "name_in_use", {}

    def _of_own(self, entered: Mapping[str, Any]) -> Iterator[Refusal]:
        """Yield what contradicts itself in an own tariff."""
        if CONF_PRESET in entered:
            return
        rows, steps = entered.get(CONF_WINDOWS, ()), entered.get(CONF_PRICE_STEPS, ())
        prices = [entered.get(CONF_PRICE), *(row.get(CONF_PRICE) for row in rows)]
        if not any(prices) and not steps:
            yield CONF_PRICE, "price_missing", {"tariff": str(entered[CONF_NAME])}
        if entered[CONF_TOP] != int(entered[CONF_TOP]):
            yield CONF_TOP, "top_not_whole", {}
        in_order = sorted(steps, key=lambda row: row[CONF_FROM_KW])
        for lower, upper in pairwise(in_order):
            if lower[CONF_FROM_KW] == upper[CONF_FROM_KW] or lower[CONF_PRICE] > upper[CONF_PRICE]:
                yield CONF_PRICE_STEPS, "steps_not_rising", {"from": f"{upper[CONF_FROM_KW]:g}"}
        for row in rows:
            if row.get(CONF_WEIGHT) == 0 and row.get(CONF_PRICE):
                yield CONF_WINDOWS, "window_without_weight", {"price": f"{row[CONF_PRICE]:g}"}

    def _of_peak_entity(self, entered: Mapping[str, Any]) -> Refusal | None:
        """Return why a sensor does not say the peak of the month."""
        if (entity_id := entered.get(CONF_PEAK_ENTITY)) is None:
            return None
        names = {"entity": entity_id}
        rule = rule_of(entered, dt_util.now().date())
        if rule is not None and rule.top > 1:
            return CONF_PEAK_ENTITY, "peak_entity_of_several", names
        if self.hass.states.get(entity_id) is None:
            return CONF_PEAK_ENTITY, "entity_missing", names
        state = valid_state(self.hass, entity_id)
        if state is not None and not is_power_unit(unit(state)):
            return CONF_PEAK_ENTITY, "power_unit_unknown", names
        return None

    async def _async_of_holidays(self, entered: Mapping[str, Any]) -> Refusal | None:
        """Return why it cannot be known which days are holidays, where that matters."""
        rule = rule_of(entered, dt_util.now().date())
        windows = [] if rule is None else [w for part in rule.parts for w in part.windows]
        entity_id = entered.get(CONF_HOLIDAY_ENTITY)
        if entity_id is None:
            named = any(HOLIDAY in w.days for w in windows if w.days != ALL_DAYS)
            return (CONF_HOLIDAY_ENTITY, "holidays_missing", {}) if named else None
        try:
            await Holidays(self.hass, entity_id).async_validate(dt_util.now().date())
        except TariffError:
            return CONF_HOLIDAY_ENTITY, "holidays_unreadable", {"entity": entity_id}
        return None


def _flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was entered without its sections; no empty tables, whole numbers as such."""
    entered: dict[str, Any] = {}
    for key, value in user_input.items():
        entered |= value if key in SECTIONS else {key: value}
    return {key: value for key, value in entered.items() if not (key in _LISTS and value == [])}
