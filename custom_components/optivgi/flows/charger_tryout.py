"""The steps that try a charger out before it is kept, for who asks for that."""

import asyncio
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
import voluptuous as vol

from ..bindings.chargers.charger import phase_order, rotation_from
from ..bindings.chargers.connection import Connection
from ..const import (
    CONF_BASE_LOAD_KW,
    CONF_CIRCUIT,
    CONF_LIMIT_ACTION,
    CONF_LIMIT_ENTITY,
    CONF_PHASE_ROTATION,
    CONF_PHASES,
    CONF_SETTLE,
    CONF_STOP_RULE,
    StopRule,
)
from ..control.loan import Loan
from ..control.tryout import TryOut
from ..runtime import OptivgiConfigEntry
from ..scheduler.allocation import Load
from ..scheduler.model import PHASES
from ..truth.trial import TrialOutcome, TrialStep
from .charger import ChargerForm
from .charger_schemas import CONF_TRY_OUT, ROTATION_FIELD, SETTLE_FIELD, STOP_RULE_FIELD
from .device_step import Page, PartFlow
from .fields import Refusal
from .tryout_texts import async_tryout_texts

TRIED_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_SETTLE): SETTLE_FIELD,
        vol.Optional(CONF_STOP_RULE): STOP_RULE_FIELD,
        vol.Optional(CONF_PHASE_ROTATION): ROTATION_FIELD,
    }
)
_RULES: Final = {TrialStep.SWITCH: StopRule.SWITCH, TrialStep.ZERO: StopRule.ZERO}


class TriedOutFlow(PartFlow):
    """Tries a charger out with what was entered of it, and proposes what was learned."""

    form_type = ChargerForm
    _entered: dict[str, Any]
    _task: asyncio.Task[TrialOutcome]

    @cached_property
    @override
    def form(self) -> ChargerForm:
        return ChargerForm(self.hass, self._get_entry(), self.own_id)

    @override
    async def async_step_entities(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        if user_input is None or not user_input.get(CONF_TRY_OUT):
            return await super().async_step_entities(user_input)
        return await self._async_try(user_input, self.form.found, "entities")

    @override
    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        if user_input is None or not user_input.get(CONF_TRY_OUT):
            return await super().async_step_reconfigure(user_input)
        return await self._async_try(user_input, self.configured(), SOURCE_RECONFIGURE)

    async def _async_try(
        self, user_input: dict[str, Any], current: Mapping[str, Any], step_id: str
    ) -> SubentryFlowResult:
        """Try out what was entered, or say why not in its form."""
        filled = await self.form.async_fill(user_input, current)
        if not isinstance(filled, Page):
            begun = await self._async_begin(filled)
            if not isinstance(begun, tuple):
                return begun
            filled = await self.form.async_refuse(user_input, begun)
        return self.show(step_id, filled)

    async def _async_begin(self, entered: dict[str, Any]) -> Refusal | SubentryFlowResult:
        """Try a charger out, or return why that cannot be."""
        site: OptivgiConfigEntry = self._get_entry()
        if site.state is not ConfigEntryState.LOADED:
            return CONF_TRY_OUT, "try_out_site", {}
        if not entered.keys() & {CONF_LIMIT_ENTITY, CONF_LIMIT_ACTION}:
            return CONF_TRY_OUT, "try_out_unlimited", {}
        runtime = site.runtime_data
        phases = min(runtime.site.phases, int(entered[CONF_PHASES]))
        if (point := runtime.site.points.get(self.own_id or "")) is not None:
            # The car that is there may use fewer.
            phases = min(phases, point.phases)
        loan = Loan(
            runtime.site,
            runtime.controller,
            self.own_id,
            place=Load(
                0.0,
                (phase_order(entered) or PHASES)[:phases],
                runtime.site.path(entered.get(CONF_CIRCUIT)),
            ),
            is_current=lambda: (
                site.state is ConfigEntryState.LOADED and site.runtime_data is runtime
            ),
        )
        try_out = TryOut(
            self.hass,
            loan,
            entered[CONF_NAME],
            entered,
            voltage=runtime.site.voltage,
            phases=phases,
        )
        for refusal in (_why_not_this(try_out), _why_not_now(try_out, loan, site)):
            if refusal is not None:
                return refusal
        self._entered = entered
        self._task = self.hass.async_create_task(try_out.async_run(self.async_update_progress))
        return await self.async_step_try_out()

    async def async_step_try_out(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show that it is being tried out; closing the form ends that."""
        if self._task.done():
            return self.async_show_progress_done(next_step_id="tried")
        return self.async_show_progress(
            step_id=CONF_TRY_OUT, progress_action=CONF_TRY_OUT, progress_task=self._task
        )

    async def async_step_tried(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what was learned, and keep what is confirmed of it."""
        if user_input is not None:
            untried = {
                key: value for key, value in self._entered.items() if key not in TRIED_SCHEMA.schema
            }
            kept = {**untried, **user_input}
            if self.source == SOURCE_RECONFIGURE:
                return self.finish(kept)
            return await self.async_finish(self.form, kept)
        outcome = self._task.result()
        texts = await async_tryout_texts(self.hass)
        return self.async_show_form(
            step_id="tried",
            data_schema=self.add_suggested_values_to_schema(
                TRIED_SCHEMA, {**self._entered, **_learned(outcome, self._entered)}
            ),
            description_placeholders={"learned": texts.write(outcome)},
        )


def _why_not_this(try_out: TryOut) -> Refusal | None:
    """Return why this charger cannot be tried out; None where it can."""
    reading = try_out.reading
    if try_out.charger.profiles is not None:
        return CONF_TRY_OUT, "try_out_profiles", {}
    if reading.connection is Connection.FAULT:
        return CONF_TRY_OUT, "try_out_fault", {}
    if reading.missing:
        return CONF_TRY_OUT, "try_out_missing", {"entities": ", ".join(reading.missing)}
    if not reading.connection.plugged:
        return CONF_TRY_OUT, "try_out_no_car", {}
    if not try_out.min_value:
        return CONF_TRY_OUT, "try_out_min", {"power": f"{try_out.min_kw:.1f}"}
    return None


def _why_not_now(try_out: TryOut, loan: Loan, site: OptivgiConfigEntry) -> Refusal | None:
    """Return why nothing can be tried out at present; None where it can."""
    if not loan.is_free:
        return CONF_TRY_OUT, "try_out_busy", {}
    is_known = bool(site.runtime_data.site.meter.entity_ids) or CONF_BASE_LOAD_KW in site.data
    if not is_known or not loan.knows_room:
        return CONF_TRY_OUT, "try_out_room_unknown", {}
    if not loan.would_fit(try_out.min_kw, try_out.reading.power_kw or 0.0):
        return CONF_TRY_OUT, "try_out_no_room", {"power": f"{try_out.min_kw:.1f}"}
    return None


def _learned(outcome: TrialOutcome, entered: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a charger that a try-out fills in, beside what was entered."""
    learned: dict[str, Any] = {}
    if outcome.settle_s is not None:
        learned[CONF_SETTLE] = outcome.settle_s
    if outcome.stops_by is not None:
        learned[CONF_STOP_RULE] = _RULES[outcome.stops_by].value
    elif outcome.never_stops:
        learned[CONF_STOP_RULE] = StopRule.NEVER.value
    if outcome.phase is not None and outcome.phase != (phase_order(entered) or PHASES)[0]:
        learned[CONF_PHASE_ROTATION] = rotation_from(outcome.phase)
    return learned
