"""Brings the plan to the chargers: reduces what the connection cannot carry, writes, verifies.

The controller never gives a charger more than the plan does. It acts on every new plan, slot,
meter reading and state of a charger, and by itself every few seconds; it uses no solver.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
import math
from typing import TYPE_CHECKING, Final

from homeassistant.components.button import SERVICE_PRESS
from homeassistant.components.input_number import (
    SERVICE_DECREMENT,
    SERVICE_INCREMENT,
    SERVICE_SET_VALUE,
)
from homeassistant.components.select import SERVICE_SELECT_OPTION
from homeassistant.const import (
    ATTR_SERVICE,
    ATTR_SERVICE_DATA,
    EVENT_CALL_SERVICE,
    SERVICE_TOGGLE,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
)
from homeassistant.core import (
    CALLBACK_TYPE,
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

from ..bindings.house.phases import Load
from ..charging.charging_point import ChargingPoint
from ..const import DOMAIN, LOGGER, STEP, HandBack, Mode
from ..plan import NOTHING_KW, Plan
from ..scheduler.allocation import RECOVER_AFTER, Capacity, Claim, allocate
from ..scheduler.model import PHASES
from ..site import Site
from .commands import Cause, ChargerWriter, Command, Outcome
from .lookahead import PlannedLoads, limits_ahead
from .profile_driver import ProfileDriver

if TYPE_CHECKING:
    from ..coordinator import OptivgiConfigEntry

_TICK: Final = timedelta(seconds=10)
# A plan that nobody renewed for so long is not followed any more.
_PLAN_EXPIRES: Final = timedelta(minutes=30)
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
_TOLERANCE_KW: Final = 0.01
# Causes of less than planned: what they ask for does not wait.
_NOT_PLANNED: Final = frozenset({Cause.HOUSE_LOAD, Cause.METER, Cause.SAFE})


class Controller:
    """Drives the chargers of a site."""

    def __init__(self, hass: HomeAssistant, entry: OptivgiConfigEntry, site: Site) -> None:
        """Take charge of a site's chargers; nothing is written before ``async_start``."""
        self.outcomes = {charger_id: Outcome() for charger_id in site.points}
        self._hass = hass
        self._entry = entry
        self._site = site
        self._driver = ProfileDriver(hass, ChargerWriter(hass, entry), self.async_apply_soon)
        self._plan: Plan | None = None
        self._started_at: datetime | None = None
        self._lock = asyncio.Lock()
        self._apply_again = False
        self._on_change: Callable[[], None] | None = None

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
        entities.update(self._site.meter.entity_ids)
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
            for undo in unsubscribe:
                undo()

        return stop

    @callback
    def follow(self, plan: Plan) -> None:
        """Follow a new plan."""
        self._plan = plan
        self.async_apply_soon()

    @callback
    def async_apply_soon(self) -> None:
        """Look at the chargers again, now or right after the look under way."""
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
        meant = async_extract_referenced_entity_ids(self._hass, target, primary_entities_only=False)
        self._hold(meant.referenced | meant.indirectly_referenced)

    @callback
    def _on_state_change(self, event: Event[EventStateChangedData]) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        changed = old is not None and new is not None and old.state != new.state
        if changed and event.context.user_id is not None:
            self._hold({event.data["entity_id"]})
        self.async_apply_soon()

    def _hold(self, operated: set[str]) -> None:
        """Leave chargers alone whose limit or switch a person has operated."""
        for point in self._site.points.values():
            if point.plugged and not operated.isdisjoint(point.charger.command_entity_ids):
                if not point.session.held:
                    LOGGER.info("%s is operated by hand and left alone", point.charger.name)
                point.session.held = True
                self._site.store.save_soon()

    async def async_apply(self) -> None:
        """Give every charger the limit it should have now."""
        async with self._lock:
            self._apply_again = True
            while self._apply_again:
                self._apply_again = False
                await self._async_apply_once()
        if self._on_change is not None:
            self._on_change()

    async def _async_apply_once(self) -> None:
        now = dt_util.utcnow()
        self._site.observe(now)
        capacity, commands = self._decide(now)
        crowded = not capacity.fits(self._loads(now))

        # Decreases first; only what is confirmed by the chargers makes room for increases.
        decreases = [
            (point, command)
            for point, command in commands
            if command.limit_kw <= (point.limit_kw or 0.0) + _TOLERANCE_KW
        ]
        # What a charger may still draw counts until it is told less: only where that is too much,
        # or a person asked for it, is a charger told before it may be written again.
        await asyncio.gather(
            *(
                self._async_write(
                    point, command, urgent=crowded or self._cannot_wait(point, command)
                )
                for point, command in decreases
            ),
            *(
                self._driver.async_hand_back(self._site.points[charger_id], outcome)
                for charger_id, outcome in self.outcomes.items()
                if outcome.cause is Cause.HELD
            ),
        )
        now = dt_util.utcnow()
        self._site.observe(now)
        capacity, commands = self._decide(now)
        for point, command in commands:
            if (point, command) in decreases:
                continue
            if self._fits(point, command, capacity):
                await self._async_write(point, command, urgent=False)
            elif point.charger.follows_profiles:
                # What comes later is told in time all the same.
                present = self._command(point, point.limit_kw or 0.0, self._planned_loads(now))
                await self._async_write(point, present, urgent=False)

    def _cannot_wait(self, point: ChargingPoint, command: Command) -> bool:
        """Tell whether a decrease is more than the plan's own."""
        if command.limit_kw >= (point.limit_kw or 0.0):
            return False
        cause = self.outcomes[point.charger.id].cause
        return point.settings.mode is Mode.OFF or cause in _NOT_PLANNED

    async def _async_write(self, point: ChargingPoint, command: Command, *, urgent: bool) -> None:
        outcome = self.outcomes[point.charger.id]
        await self._driver.async_write(point, command, outcome, urgent=urgent)

    def _planned_loads(self, now: datetime) -> PlannedLoads | None:
        """Return what the chargers may draw by the plan; None where nobody asks for that."""
        points = self._site.points.values()
        if self._plan is None or not any(point.charger.follows_profiles for point in points):
            return None
        return PlannedLoads(self._plan, points, now)

    def _loads(self, now: datetime, but: ChargingPoint | None = None) -> list[Load]:
        """Return what the chargers that are ours to command may draw at this moment."""
        return [
            (point.may_draw_kw(now), PHASES[: point.phases])
            for point in self._site.points.values()
            if point is not but and point.controllable
        ]

    def _fits(self, point: ChargingPoint, command: Command, capacity: Capacity) -> bool:
        """Tell whether an increase has room beside what the others may draw at this moment."""
        loads = self._loads(dt_util.utcnow(), but=point)
        return capacity.fits([*loads, (command.limit_kw, PHASES[: point.phases])])

    def _decide(self, now: datetime) -> tuple[Capacity, list[tuple[ChargingPoint, Command]]]:
        """Return what the chargers may draw together, and what each is to be told.

        The most urgent comes first.
        """
        claims: list[Claim] = []
        undecided: list[Load] = []
        for point in self._site.points.values():
            outcome = self.outcomes[point.charger.id]
            wanted_kw, outcome.cause = self._wanted(point, now)
            outcome.limit_kw = None
            if wanted_kw is not None:
                claims.append(
                    Claim(
                        id=point.charger.id,
                        wanted_kw=wanted_kw,
                        min_kw=point.range_kw[0],
                        phases=PHASES[: point.phases],
                        urgency=self._urgency(point, now),
                    )
                )
            elif outcome.cause is Cause.WAITING and point.plugged:
                undecided.append((point.may_draw_kw(now), PHASES[: point.phases]))
            if not point.plugged:
                # The next car has not been made to give way.
                outcome.reduced_at = None

        capacity, silent = self._site.capacity(now, undecided)
        blind = {claim.id for claim in claims if not silent.isdisjoint(claim.phases)}
        claims = [
            replace(c, wanted_kw=min(c.wanted_kw, c.min_kw)) if c.id in blind else c for c in claims
        ]
        limits = allocate(claims, capacity)

        commands = []
        loads = self._planned_loads(now)
        for claim in sorted(claims, key=lambda claim: (-claim.urgency, claim.id)):
            point = self._site.points[claim.id]
            limit_kw = self._hold_back(
                point, claim, limits[claim.id], now, silent=claim.id in blind
            )
            commands.append((point, self._command(point, limit_kw, loads)))
        return capacity, commands

    def _wanted(self, point: ChargingPoint, now: datetime) -> tuple[float | None, Cause]:
        """Return the limit a charger should have by mode and plan; None to leave it as it is."""
        if point.reading.missing:
            return None, Cause.UNAVAILABLE
        if not point.plugged:
            return None, Cause.IDLE
        if point.session.held:
            return None, Cause.HELD
        if point.settings.mode is Mode.OFF:
            return 0.0, Cause.PLAN
        if self._plan is None or now - self._plan.made_at > _PLAN_EXPIRES:
            if self._started_at is not None and now - self._started_at < _FIRST_PLAN_WITHIN:
                return None, Cause.WAITING
            return point.range_kw[0], Cause.SAFE
        limit_kw = self._plan.limit_kw_at(point.charger.id, now)
        if limit_kw is None:
            return None, Cause.WAITING
        return (limit_kw if limit_kw > NOTHING_KW else 0.0), Cause.PLAN

    def _urgency(self, point: ChargingPoint, now: datetime) -> float:
        """Return how little time a car has to spare, in hours below none."""
        ev = None if self._plan is None else self._plan.request(point.charger.id)
        if ev is None:
            return -math.inf
        if ev.at_once:
            return math.inf
        needed_h = point.needed_kwh / ev.efficiency / ev.max_power_kw if ev.max_power_kw else 0.0
        return needed_h - (ev.departure - now) / timedelta(hours=1)

    def _hold_back(
        self, point: ChargingPoint, claim: Claim, limit_kw: float, now: datetime, *, silent: bool
    ) -> float:
        """Return a limit that does not follow every dip of the house load back up."""
        outcome = self.outcomes[claim.id]
        present_kw = point.limit_kw or 0.0
        if claim.wanted_kw == 0:
            return 0.0
        if silent:
            outcome.cause = Cause.METER
            outcome.silent = self._site.meter.silent_entities(now)
        if limit_kw < claim.wanted_kw - _TOLERANCE_KW:
            outcome.cause = Cause.HOUSE_LOAD
            if limit_kw < present_kw - _TOLERANCE_KW:
                outcome.reduced_at = now
        if outcome.reduced_at is not None and now - outcome.reduced_at < RECOVER_AFTER:
            outcome.cause = Cause.HOUSE_LOAD
            limit_kw = min(limit_kw, present_kw)
        return limit_kw if limit_kw >= claim.min_kw - _TOLERANCE_KW else 0.0

    def _command(
        self, point: ChargingPoint, limit_kw: float, loads: PlannedLoads | None
    ) -> Command:
        limit = point.reading.limit
        outcome = self.outcomes[point.charger.id]
        value = 0.0
        if limit is not None and limit_kw > 0:
            value = limit.from_kw(limit_kw, phases=point.phases, voltage=point.charger.voltage)
            limit_kw = limit.to_kw(value, phases=point.phases, voltage=point.charger.voltage)
        outcome.limit_kw = limit_kw
        ahead = None
        if point.charger.follows_profiles:
            follows = None if outcome.cause is Cause.SAFE else loads
            ahead = limits_ahead(point, follows, dt_util.utcnow())
        return Command(value=value, limit_kw=limit_kw, ahead=ahead)

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
        async with self._lock:
            now = dt_util.utcnow()
            self._site.observe(now)
            for charger_id, point in self._site.points.items():
                if charger_ids is not None and charger_id not in charger_ids:
                    continue
                if for_good:
                    await self._driver.async_hand_back(point, self.outcomes[charger_id])
                if point.charger.follows_profiles or not point.controllable:
                    continue
                wish = point.charger.hand_back if for_good else HandBack.LEAST
                await self._async_leave(point, wish)

    async def _async_leave(self, point: ChargingPoint, wish: HandBack) -> None:
        """Leave a charger with what it is to have when nobody drives it any more."""
        least_kw, most_kw = point.range_kw
        if wish is HandBack.MOST:
            await self._async_write(point, self._command(point, most_kw, None), urgent=True)
        elif wish is HandBack.LEAST and point.plugged:
            command = self._command(point, least_kw, None)
            if command.limit_kw < (point.limit_kw or 0.0) - _TOLERANCE_KW:
                await self._async_write(point, command, urgent=True)
