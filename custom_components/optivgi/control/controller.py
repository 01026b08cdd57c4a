"""Brings the plan to the chargers: reduces what the connection cannot carry, writes, verifies.

The controller never gives a charger more than the plan does. It acts on every new plan, slot,
meter reading and state of a charger, and by itself every few seconds; it uses no solver.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from homeassistant.components.button import SERVICE_PRESS
from homeassistant.components.input_number import (
    SERVICE_DECREMENT,
    SERVICE_INCREMENT,
    SERVICE_SET_VALUE,
)
from homeassistant.components.select import SERVICE_SELECT_OPTION
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    ATTR_DOMAIN,
    ATTR_SERVICE,
    ATTR_SERVICE_DATA,
    EVENT_CALL_SERVICE,
    SERVICE_TOGGLE,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
)
from homeassistant.core import (
    CALLBACK_TYPE,
    DOMAIN as HOMEASSISTANT_DOMAIN,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.event import (
    async_track_state_change_event,
    async_track_time_interval,
    async_track_utc_time_change,
)
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.util import dt as dt_util

from ..charging.charging_point import ChargingPoint
from ..const import DOMAIN, LOGGER, STEP, HandBack
from ..planning.plan import Plan
from ..planning.record import PlanRecord
from ..scheduler.guard import TOLERANCE_KW, Change
from ..site.site import Site
from .battery_control import BatteryControl
from .charger_watch import ChargerWatch
from .decisions import command_for, decide
from .driver import ChargerDriver
from .in_flight import InFlight
from .lookahead import PlannedLoads
from .meter_watch import MeterWatch
from .operator_watch import OperatorWatch
from .peak_guard import PeakGuard
from .reports import NewReports
from .state import Cause, Command, ControlState, Decision

_TICK: Final = timedelta(seconds=10)
"""How often all is looked at again though nothing has changed: waiting times end within it."""
# So long after the start, chargers are left as they are until there is a plan.
_FIRST_PLAN_WITHIN: Final = timedelta(minutes=1)
# What a person does to a number, a select, a switch or a button.
_OPERATING_ACTIONS: Final = frozenset(
    {
        SERVICE_DECREMENT,
        SERVICE_INCREMENT,
        SERVICE_PRESS,
        SERVICE_SELECT_OPTION,
        SERVICE_SET_VALUE,
        SERVICE_TOGGLE,
        SERVICE_TURN_OFF,
        SERVICE_TURN_ON,
    }
)


class Controller:
    """Drives the chargers of a site."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, site: Site) -> None:
        """Take charge of a site's chargers; nothing is written before ``async_start``."""
        self.states = {
            charger_id: ControlState(observed=site.observing) for charger_id in site.points
        }
        self.record = PlanRecord()
        """What was planned and decided lately."""
        self._hass = hass
        self._entry = entry
        self._site = site
        self.batteries = BatteryControl(hass, entry, site)
        self._meter_watch = MeterWatch(hass, entry, site)
        self._charger_watch = ChargerWatch()
        self._operator_watch = OperatorWatch(hass, entry, site)
        self._peak_guard = PeakGuard(site)
        self._driver = ChargerDriver(
            hass, site.points, self.async_apply_soon, site.store.async_save
        )
        self._in_flight = InFlight(hass, self.async_apply_soon)
        self._plan: Plan | None = None
        self._started_at: datetime | None = None
        self._lock = asyncio.Lock()
        self._apply_again = False
        self._on_change: Callable[[], None] | None = None
        self._reports = NewReports(hass, site, self._look_soon)

    @callback
    def async_start(self, on_change: Callable[[], None]) -> CALLBACK_TYPE:
        """Drive the chargers from now on; returns what ends that.

        Args:
            on_change: Called after each look at the chargers, for those who show it.
        """
        self._started_at = dt_util.utcnow()
        self._on_change = on_change
        entities = {
            entity_id
            for point in self._site.points.values()
            for entity_id in point.charger.entity_ids
        }
        entities.update(self._site.meter_ids, self._site.operator.entity_ids)
        slot_minutes = list(range(0, 60, int(STEP.total_seconds() // 60)))
        unsubscribe = [
            self._hass.bus.async_listen(EVENT_CALL_SERVICE, self._on_action),
            async_track_state_change_event(self._hass, entities, self._on_state_change),
            async_track_time_interval(self._hass, self._on_time, _TICK),
            async_track_utc_time_change(self._hass, self._on_time, minute=slot_minutes, second=0),
        ]

        @callback
        def stop() -> None:
            self._started_at = None
            for undo in (*unsubscribe, self._reports.stop):
                undo()

        return stop

    @callback
    def follow(self, plan: Plan) -> None:
        """Follow a new plan."""
        self._plan = plan
        self.record.begin(plan)
        self._hass.async_add_executor_job(self.record.pack)
        self.async_apply_soon()

    @callback
    def async_apply_soon(self) -> None:
        """Look at all chargers again, now or right after the look under way."""
        self._reports.need_all()
        self._look_soon()

    @callback
    def _look_soon(self) -> None:
        if self._started_at is None:
            return
        if self._lock.locked():
            self._apply_again = True
            return
        self._entry.async_create_task(self._hass, self.async_apply(), f"{DOMAIN} apply")

    @callback
    def _on_time(self, now: datetime) -> None:
        self.async_apply_soon()

    @callback
    def _on_action(self, event: Event) -> None:
        """Notice a person's action on a charger, however late the charger will show it."""
        if event.context.user_id is None or event.data[ATTR_SERVICE] not in _OPERATING_ACTIONS:
            return
        target = TargetSelection(event.data[ATTR_SERVICE_DATA])
        meant = async_extract_referenced_entity_ids(self._hass, target)
        # In an area, only what is of the action's domain: it may switch the lights there.
        domain = event.data[ATTR_DOMAIN]
        self._hold(
            {
                entity_id
                for entity_id in meant.referenced | meant.indirectly_referenced
                if domain in {HOMEASSISTANT_DOMAIN, entity_id.partition(".")[0]}
            }
        )

    @callback
    def _on_state_change(self, event: Event[EventStateChangedData]) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        changed = old is not None and new is not None and old.state != new.state
        if changed and event.context.user_id is not None:
            self._hold({event.data["entity_id"]})
        self._reports.note(event.data["entity_id"])

    def _hold(self, operated: set[str]) -> None:
        """Leave alone what a person has operated of chargers: limit or switch, or the phases."""
        if self._site.observing:
            # They are left alone anyway, and it is planned for them all the same.
            return
        for point in self._site.points.values():
            if point.plugged and not operated.isdisjoint(point.charger.phase_entity_ids):
                point.session.phases_held = True
                self._site.store.save_soon()
            if point.plugged and not operated.isdisjoint(point.charger.command_entity_ids):
                if not point.session.held:
                    LOGGER.info("%s is operated by hand and left alone", point.charger.name)
                point.hold()
                self._site.store.save_soon()

    async def async_apply(self) -> None:
        """Give every charger the limit it should have now."""
        async with self._lock:
            self._apply_again = True
            while self._apply_again:
                self._apply_again = False
                if self._site.observing:
                    self._look(dt_util.utcnow())
                else:
                    await self._async_apply_once()
        if self._on_change is not None:
            self._on_change()

    async def _async_apply_once(self) -> None:
        now = dt_util.utcnow()
        ahead = self._driver.look_ahead(self._plan, now)
        # Decreases first; only what is confirmed by the chargers makes room for increases.
        decisions = self._look(now)
        decreases = {
            point.charger.id: decision
            for point, decision in decisions
            if decision.change is Change.DECREASE
        }
        calls = self._driver.calls
        for charger_id, decision in decreases.items():
            if not self._in_flight.is_busy(charger_id):
                write = self._async_write(self._site.points[charger_id], decision, ahead)
                self._in_flight.send(charger_id, write)
        self._tidy_up(now)
        await self._in_flight.async_wait()
        if self._driver.calls != calls:
            self._reports.need_all()
            # That took its time, and may have made room.
            now = dt_util.utcnow()
            decisions = self._look(now)
            ahead = self._driver.look_ahead(self._plan, now)
        for point, decision in decisions:
            before = decreases.get(point.charger.id)
            if before is not None and before.command == decision.command:
                continue
            if self._in_flight.is_busy(point.charger.id):
                continue
            if decision.change is not Change.WAIT:
                write = self._async_write(point, replace(decision, urgent=False), ahead)
            else:
                present = command_for(point, point.limit_kw or 0.0)
                state = self.states[point.charger.id]
                write = self._driver.async_keep(point, present, state, self._plan)
            self._in_flight.send(point.charger.id, write)
        await self._in_flight.async_wait()

    def _tidy_up(self, now: datetime) -> None:
        """Leave to others what is theirs, and to the next car all phases."""
        for charger_id, point in self._site.points.items():
            state = self.states[charger_id]
            if self._in_flight.is_busy(charger_id):
                continue
            if state.cause is Cause.HELD:
                self._in_flight.send(charger_id, self._driver.async_hand_back(point, state))
            elif self._driver.phases.is_left_on_one(point, now):
                self._in_flight.send(charger_id, self._driver.phases.async_restore(point))

    def _look(self, now: datetime) -> list[tuple[ChargingPoint, Decision]]:
        """Look at the chargers, and decide what each is to get.

        Returns those that are to be sent something, the most urgent first.
        """
        self._site.observe(now, self._reports.take())
        tried = self._site.isolation.tried
        tried("silent meters", self._meter_watch.look, now)
        tried("chargers out of reach", self._charger_watch.look, self._site.points.values())
        for charger_id, point in self._site.points.items():
            self.states[charger_id].phases_due = self._driver.phases.due(point, self._plan, now)
        awaits_plan = self._started_at is not None and now - self._started_at < _FIRST_PLAN_WITHIN
        tried("the operator's limit, for who is to know", self._operator_watch.look)
        caps = (*self._site.operator_caps(now), *self._peak_guard.caps(self._plan, now))
        tried("home batteries", self.batteries.look, self._plan, self.states, caps, now)
        decisions = decide(
            self._site,
            self._plan,
            self.states,
            now,
            awaits_plan=awaits_plan,
            caps=caps,
            note=self.record.note,
        )
        for charger_id, decision in decisions.items():
            self.states[charger_id].decide(decision)
        return [
            (self._site.points[charger_id], decision)
            for charger_id, decision in decisions.items()
            if decision.command is not None
        ]

    async def _async_write(
        self, point: ChargingPoint, decision: Decision, ahead: PlannedLoads | None
    ) -> None:
        if (command := decision.command) is not None:
            state = self.states[point.charger.id]
            await self._driver.async_write(point, command, state, ahead, urgent=decision.urgent)

    @callback
    def try_again(self, charger_id: str) -> None:
        """Command a charger again at once, whatever came of that before."""
        self.states[charger_id].try_again()
        self._site.points[charger_id].switching.mode.refresh()
        self.async_apply_soon()

    async def async_let_go(self, charger_id: str) -> None:
        """Wait until nothing arrives any more at a charger that somebody else is to command."""
        await self._in_flight.async_wait_for(charger_id)

    async def async_make_safe(
        self, charger_ids: Collection[str] | None = None, *, for_good: bool = False
    ) -> None:
        """Leave the chargers with limits that hold while nobody watches the house load.

        They are reduced to the least that cars can charge at, and nothing follows. Those that
        follow their plans by themselves go on with that. One that is left for good gets what its
        configuration says.

        Args:
            charger_ids: Which ones; all by default.
            for_good: Somebody else is to drive them from now on.
        """
        self._started_at = None
        if self._site.observing:
            return
        async with self._lock:
            await self._in_flight.async_end()
            if charger_ids is None:
                await self.batteries.async_release()
            now = dt_util.utcnow()
            self._site.observe(now)
            await asyncio.gather(
                *(
                    self._async_leave(point, for_good=for_good)
                    for charger_id, point in self._site.points.items()
                    if charger_ids is None or charger_id in charger_ids
                )
            )

    async def _async_leave(self, point: ChargingPoint, *, for_good: bool) -> None:
        """Leave a charger with what it is to have when nobody drives it any more."""
        if for_good:
            await self._driver.async_hand_back(point, self.states[point.charger.id])
        if self._driver.goes_on(point) or not point.controllable:
            return
        hand_back = point.charger.hand_back if for_good else HandBack.MIN
        min_kw, max_kw = point.range_kw
        if hand_back is HandBack.MAX:
            await self._async_leave_with(point, command_for(point, max_kw))
        elif hand_back is HandBack.MIN and point.plugged:
            command = command_for(point, min_kw)
            if command.limit_kw < (point.limit_kw or 0.0) - TOLERANCE_KW:
                await self._async_leave_with(point, command)

    async def _async_leave_with(self, point: ChargingPoint, command: Command) -> None:
        self.states[point.charger.id].give(command)
        await self._driver.async_write(
            point, command, self.states[point.charger.id], None, urgent=True
        )
