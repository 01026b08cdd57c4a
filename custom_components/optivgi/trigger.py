"""Triggers for automations: what happens at chargers, to plans and to prices."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, override

from homeassistant.components.event import ATTR_EVENT_TYPE
from homeassistant.components.sensor import ATTR_STATE_CLASS
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_FRIENDLY_NAME,
    ATTR_ICON,
    ATTR_UNIT_OF_MEASUREMENT,
    CONF_OPTIONS,
)
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, State, callback
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.trigger import (
    ENTITY_STATE_TRIGGER_SCHEMA_WITH_BEHAVIOR,
    EntityTriggerBase,
    NotTriggeredReasonReporter,
    StatelessEntityTriggerBase,
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
    make_entity_transition_trigger,
)
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .event import PLAN_CHANGED, PLAN_FAILED
from .explain.status import ChargerStatus
from .own_entities import CHEAPER_HOURS, SWAP_FOR, WILL_BE_READY, OfOwnEntities, narrowed

SESSION_ID = "id"
SESSION_END = "end"
"""Attributes of a sensor *Last session*."""
_OF_ENTITIES = {
    ATTR_DEVICE_CLASS,
    ATTR_FRIENDLY_NAME,
    ATTR_ICON,
    ATTR_STATE_CLASS,
    ATTR_UNIT_OF_MEASUREMENT,
}
"""Attributes of any sensor, which are no figures of a session."""
CONF_HOURS = "hours"
CHEAPER = {"sensor": DomainSpec(value_source=CHEAPER_HOURS)}
_EVENTS = {"event": DomainSpec()}
_SESSIONS = {"sensor": DomainSpec(value_source=SESSION_END)}
_SWAPS = {"sensor": DomainSpec(value_source=SWAP_FOR)}
HOURS = vol.All(vol.Coerce(float), vol.Range(min=0.25, max=24))
"""A quarter of an hour is the shortest time that prices hold for."""


def _at_charger(
    to: Iterable[str | bool], came_from: Iterable[str | bool], shown_by: str | None = None
) -> type[Trigger]:
    """Return a trigger for a change at a charger; ``shown_by`` is an attribute of its status."""
    base = make_entity_transition_trigger(
        {"sensor": DomainSpec(value_source=shown_by)},
        from_states=set(came_from),
        to_states=set(to),
    )
    return narrowed(base, "status")


def _becomes(*words: ChargerStatus) -> type[Trigger]:
    """Return a trigger for a charger whose status becomes one of some words."""
    return _at_charger(words, set(ChargerStatus) - set(words))


def _of_plan(event_type: str) -> type[Trigger]:
    """Return a trigger for something that happens to the plan."""

    class OfPlan(OfOwnEntities, StatelessEntityTriggerBase):
        """Fires when a site reports that of its plan."""

        own_key = "plan"
        _domain_specs = _EVENTS

        @override
        def is_valid_state(
            self, state: State, report_not_triggered: NotTriggeredReasonReporter
        ) -> bool:
            return bool(state.attributes.get(ATTR_EVENT_TYPE) == event_type)

    return OfPlan


class SessionFinished(OfOwnEntities, StatelessEntityTriggerBase):
    """Fires when a car has been unplugged and its session is accounted for.

    Actions find its figures in ``trigger.session``.
    """

    own_key = "last_session"
    _domain_specs = _SESSIONS
    _fired_for: str | None = None
    """The session it has fired for last: a charger, its car and the site all have it."""

    def _end(self, state: State) -> datetime | None:
        return dt_util.parse_datetime(str(self._get_tracked_value(state)))

    @override
    def is_valid_transition(self, from_state: State, to_state: State) -> bool:
        # A session that was deleted leaves an earlier one as the last.
        before, after = self._end(from_state), self._end(to_state)
        is_new = after is not None and (before is None or after > before)
        return is_new and to_state.attributes.get(SESSION_ID) != self._fired_for

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        @callback
        def run(
            extra_trigger_payload: dict[str, Any],
            description: str,
            context: Context | None = None,
        ) -> asyncio.Task[Any]:
            shown: State = extra_trigger_payload["to_state"]
            self._fired_for = shown.attributes.get(SESSION_ID)
            session = {
                name: value for name, value in shown.attributes.items() if name not in _OF_ENTITIES
            }
            return run_action({**extra_trigger_payload, "session": session}, description, context)

        return await super().async_attach_runner(run, did_not_trigger)


class SwapCars(OfOwnEntities, EntityTriggerBase):
    """Fires when a car has what it needs while others wait for its charger."""

    own_key = "status"
    _domain_specs = _SWAPS

    @override
    def is_valid_transition(self, from_state: State, to_state: State) -> bool:
        return not self._get_tracked_value(from_state)

    @override
    def is_valid_state(
        self, state: State, report_not_triggered: NotTriggeredReasonReporter
    ) -> bool:
        return bool(self._get_tracked_value(state))


class _CheapHours(OfOwnEntities, EntityTriggerBase):
    """Fires when the price of now comes among the lowest of the day, or leaves them."""

    own_key = "price"
    cheap: ClassVar[bool]
    _domain_specs = CHEAPER
    _schema = ENTITY_STATE_TRIGGER_SCHEMA_WITH_BEHAVIOR.extend(
        {vol.Required(CONF_OPTIONS, default={}): {vol.Required(CONF_HOURS, default=4): HOURS}}
    )

    @override
    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        super().__init__(hass, config)
        self._hours: float = self._options[CONF_HOURS]

    def _is_so(self, state: State) -> bool | None:
        cheaper = self._get_tracked_value(state)
        return None if cheaper is None else (cheaper < self._hours) is self.cheap

    @override
    def is_valid_transition(self, from_state: State, to_state: State) -> bool:
        return self._is_so(from_state) is False

    @override
    def is_valid_state(
        self, state: State, report_not_triggered: NotTriggeredReasonReporter
    ) -> bool:
        return self._is_so(state) is True


class CheapHoursBegan(_CheapHours):
    """Fires when one of the cheapest hours of the day begins."""

    cheap = True


class CheapHoursEnded(_CheapHours):
    """Fires when the last of the cheapest hours in a row ends."""

    cheap = False


_PLUGGED = set(ChargerStatus) - {ChargerStatus.UNPLUGGED, ChargerStatus.OUT_OF_REACH}
TRIGGERS: dict[str, type[Trigger]] = {
    "car_plugged_in": _at_charger(_PLUGGED, {ChargerStatus.UNPLUGGED}),
    "car_unplugged": _at_charger({ChargerStatus.UNPLUGGED}, _PLUGGED),
    "charging_started": _becomes(ChargerStatus.CHARGING),
    "charging_finished": _becomes(ChargerStatus.FINISHED),
    "operated_by_hand": _becomes(ChargerStatus.HELD),
    "charger_does_not_follow": _becomes(ChargerStatus.NOT_FOLLOWING),
    "out_of_reach": _becomes(ChargerStatus.OUT_OF_REACH),
    "reachable_again": _becomes(*(set(ChargerStatus) - {ChargerStatus.OUT_OF_REACH})),
    "session_finished": SessionFinished,
    "swap_cars": SwapCars,
    "will_not_be_ready": _at_charger({False}, {True}, WILL_BE_READY),
    "ready_again": _at_charger({True}, {False}, WILL_BE_READY),
    "plan_changed": _of_plan(PLAN_CHANGED),
    "plan_failed": _of_plan(PLAN_FAILED),
    "cheap_hours_began": CheapHoursBegan,
    "cheap_hours_ended": CheapHoursEnded,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers by their names."""
    return TRIGGERS
