"""Makes the plan: gathers, has it solved off the event loop, publishes it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.event import (
    async_call_later,
    async_track_state_change_event,
    async_track_state_report_event,
    async_track_utc_time_change,
)
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from .bindings.chargers.connection import Connection
from .bindings.quantity import INVALID_STATES
from .bindings.soc import soc_of
from .bindings.tariffs.units import start_cost_of
from .bindings.vehicle import Vehicle
from .charging.charging_point import ChargingPoint
from .const import CONF_ALGORITHM, DOMAIN, LOGGER, STEP
from .errors import tried
from .planning.plan import Plan
from .planning.prices import PriceFeed
from .planning.translation import SiteTranslation, async_read_site
from .scheduler.errors import NoSolutionError
from .scheduler.last_resort import EMERGENCY, LAST_PLAN
from .scheduler.model import ProblemError
from .scheduler.runner import Runner, algorithms_after
from .site.peaks import async_take_up_imports
from .site.site import Site

# Plans follow the clock: for each slot, and twice within one as cars and house move on.
_PLAN_MINUTES: Final = range(4, 60, 5)
# Before the boundary: one made after it would start again what the earlier one has just stopped.
_AHEAD: Final = timedelta(seconds=15)
# A car that is plugged in changes several entities within a second or two.
_DEBOUNCE_S: Final = 2.0
# What is expected can wait so long to be shown, together with what other cars report.
_SHOWN_WITHIN_S: Final = 1.0
# Home Assistant waits 10 s for threads when it stops.
_TIME_LIMIT_S: Final = 5.0
# The base load has to move by this much before it is worth a new plan between the slots.
_BASE_LOAD_STEP_KW: Final = 1.0
# A house load that keeps moving asks for a plan no more often than this.
_BASE_LOAD_INTERVAL: Final = timedelta(minutes=1)


def _slot(made_at: datetime) -> float:
    """Return which slot of the clock a plan is for: Home Assistant may call a little late."""
    return (made_at + _AHEAD).timestamp() // STEP.total_seconds()


def _is_valid(state: State | None) -> bool:
    return state is not None and state.state not in INVALID_STATES


class OptivgiCoordinator(DataUpdateCoordinator[Plan]):
    """Keeps the plan of a site up to date."""

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        site: Site,
        prices: PriceFeed,
        follow: Callable[[Plan], None],
    ) -> None:
        """Plan a site; ``follow`` is handed each plan. Nothing happens before the first refresh."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} {entry.title}",
            request_refresh_debouncer=Debouncer(
                hass, LOGGER, cooldown=_DEBOUNCE_S, immediate=False
            ),
        )
        self.site = site
        self.prices = prices
        self._showing: CALLBACK_TYPE | None = None
        self._taken_up = self._observed()
        self.is_new: Callable[[str, Plan | None, datetime], bool] = lambda *_: True
        """Tells whether there is anything new to show of a charger."""
        self._shown_by: dict[str, list[CALLBACK_TYPE]] = {}
        self._runner = Runner(
            algorithms=algorithms_after(entry.data.get(CONF_ALGORITHM)),
            time_limit_s=_TIME_LIMIT_S,
            start_cost=start_cost_of(entry.data, hass.config.currency),
        )
        self._follow = follow
        self._ending = False
        self._logged = False
        self._peaks_read = False

    @override
    async def _async_update_data(self) -> Plan:
        try:
            translation = await self._async_translation()
            schedule = await self._runner.run(translation)
        except ProblemError as err:
            if self._ending and self.data is not None:
                # Called off, as the site is being unloaded: nothing has failed.
                return self.data
            self._log_once(err)
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="planning_input",
                translation_placeholders={"field": err.field_name},
            ) from err
        except NoSolutionError as err:
            if self._ending and self.data is not None:
                # Called off, as the site is being unloaded: nothing has failed.
                return self.data
            self._log_once(err)
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="planning_stopped",
                translation_placeholders={},
            ) from err
        if schedule.algorithm in {LAST_PLAN, EMERGENCY}:
            self._log_once("; ".join(schedule.failures))
        else:
            self._logged = False
        if translation.plan is None:
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="planning_unsolved",
                translation_placeholders={"algorithms": tried(schedule.failures)},
            )
        if any(point.plugged for point in self.site.points.values()):
            # Sessions have gone on; without a car there is nothing new to keep.
            self.site.store.save_soon()
        return translation.plan

    def _log_once(self, details: object) -> None:
        """Log what a developer needs to know, once until there is a plan again."""
        if not self._logged:
            LOGGER.warning("No plan could be made: %s", details)
        self._logged = True

    @callback
    @override
    def async_add_listener(
        self, update_callback: CALLBACK_TYPE, context: str | None = None
    ) -> Callable[[], None]:
        """Have something updated; what shows a charger only when there is anything new of that.

        Writing the states of hundreds of chargers costs more than deciding about them.

        Args:
            update_callback: Shows what is new.
            context: The charger that it shows; None for the site.
        """
        if context is None:
            return super().async_add_listener(update_callback)
        if context not in self._shown_by:
            self._shown_by[context] = []
            super().async_add_listener(partial(self._show, context))
        self._shown_by[context].append(update_callback)
        return partial(self._shown_by[context].remove, update_callback)

    @callback
    def _show(self, charger_id: str) -> None:
        plan = self.data if self.last_update_success else None
        if self.is_new(charger_id, plan, dt_util.utcnow()):
            for update_callback in list(self._shown_by[charger_id]):
                update_callback()

    async def _async_translation(self) -> SiteTranslation:
        """Observe the site, and read it for one cycle of the scheduler."""
        await self.site.async_read_departures(dt_util.utcnow())
        now = dt_util.utcnow()
        self.site.observe(now)
        reading = await async_read_site(self.site, self.prices, now)
        return SiteTranslation(reading, self.data, self._follow)

    async def async_end(self) -> None:
        """Plan no more, and wait for the solver's thread to end.

        The thread is stopped first: it ends by itself should this be cancelled, as happens when
        Home Assistant stops during a reload.
        """
        self._ending = True
        self._runner.shutdown()
        await self.async_shutdown()
        await self.hass.async_add_executor_job(partial(self._runner.shutdown, wait=True))

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Plan by the clock and by events from now on; returns what ends that."""
        unsubscribe = [
            async_track_utc_time_change(
                self.hass, self._on_clock, minute=list(_PLAN_MINUTES), second=60 - _AHEAD.seconds
            ),
            # Without a listener a coordinator rests, and all our entities may be disabled.
            self.async_add_listener(lambda: None),
        ]
        if entities := self._watched_entities():
            unsubscribe.append(
                async_track_state_change_event(self.hass, entities, self._on_state_change)
            )
        if meter := self.site.meter_ids:
            unsubscribe.append(
                async_track_state_change_event(self.hass, meter, self._on_meter_change)
            )
            unsubscribe.append(
                async_track_state_report_event(self.hass, meter, self._on_meter_report)
            )
        self._read_history(dt_util.utcnow())

        @callback
        def stop() -> None:
            for undo in unsubscribe:
                undo()
            if self._showing is not None:
                self._showing()

        return stop

    @callback
    def _read_history(self, now: datetime) -> None:
        """Have the recorder asked beside what goes on: it may take its time."""
        history, peaks = self.site.outlook.history, self.site.peaks.values()
        is_due = history.is_due(now)
        # What was imported while nobody looked; from then on it is measured.
        reads_peaks = bool(peaks) and not self._peaks_read
        if not is_due and not reads_peaks:
            return
        self._peaks_read = True

        async def read() -> None:
            if is_due:
                await history.async_refresh(now)
            if reads_peaks:
                await async_take_up_imports(self.hass, peaks, self.site.import_sensors, now)
            await self.async_request_refresh()

        self.config_entry.async_create_background_task(
            self.hass, read(), name=f"{self.name} history"
        )

    @callback
    def _on_clock(self, now: datetime) -> None:
        self._read_history(now)
        plan: Plan | None = self.data
        if plan is not None and plan.schedule.is_short and _slot(now) == _slot(plan.made_at):
            # What is fair moves with each estimate, and each plan would let others charge.
            return
        self.config_entry.async_create_background_task(
            self.hass, self.async_refresh(), name=f"{self.name} plan"
        )

    @callback
    def async_replan_soon(self) -> None:
        """Ask for a new plan; several requests within two seconds make one."""
        self.config_entry.async_create_task(
            self.hass, self.async_request_refresh(), name=f"{self.name} replan"
        )

    @callback
    def _on_state_change(self, event: Event[EventStateChangedData]) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        commanded = {
            entity_id
            for point in self.site.points.values()
            for entity_id in point.charger.command_entity_ids
        }
        if event.data["entity_id"] in commanded and _is_valid(old) == _is_valid(new):
            # Our own commands come back as changes; only coming and going matters here.
            return
        if self._says_the_same(event):
            return
        if self._was_expected(event.data["entity_id"], new):
            self._take_up_soc(event.data["entity_id"], event.time_fired)
            self._show_soon()
            return
        self.async_replan_soon()

    def _take_up_soc(self, soc_entity: str, now: datetime) -> None:
        """Take up what a car reports: where it is, or of one that is at no charger."""
        points = self._points_of(soc_entity)
        for point in points:
            point.observe(now)
            point.observe_vehicle(now)
        if not points:
            self.site.observe(now)

    @callback
    def _show_soon(self) -> None:
        """Show what cars report; hundreds of them do so one by one."""

        @callback
        def show(_: datetime) -> None:
            self._showing = None
            self.async_update_listeners()

        if self._showing is None:
            self._showing = async_call_later(self.hass, _SHOWN_WITHIN_S, show)

    def _says_the_same(self, event: Event[EventStateChangedData]) -> bool:
        """Return whether nothing has changed but attributes that nobody reads.

        Trackers report positions by them, chargers how well they are connected.
        """
        old, new = event.data["old_state"], event.data["new_state"]
        if old is None or new is None or old.state != new.state:
            return False
        return event.data["entity_id"] not in self.prices.watched_entities.union(
            vehicle.calendar.entity_id
            for vehicle in self.site.vehicles.values()
            if vehicle.calendar is not None
        )

    def _vehicles_of(self, soc_entity: str) -> list[Vehicle]:
        vehicles = self.site.vehicles.values()
        return [vehicle for vehicle in vehicles if vehicle.soc_entity == soc_entity]

    def _points_of(self, soc_entity: str) -> list[ChargingPoint]:
        """Return where cars are whose state of charge an entity reports."""
        vehicles = self._vehicles_of(soc_entity)
        points = self.site.points.values()
        return [point for point in points if point.plugged and point.vehicle in vehicles]

    def _was_expected(self, entity_id: str, state: State | None) -> bool:
        """Return whether a state of charge is about what the plan assumes, if it does at all."""
        vehicles = self._vehicles_of(entity_id)
        if not vehicles or any(map(self.site.reservations.awaits, vehicles)):
            return False
        soc = soc_of(state, vehicles[0].battery_kwh) if _is_valid(state) else None
        here = self._points_of(entity_id)
        # Nobody plans for a car that is on its way.
        return not here or (soc is not None and all(point.need.expects_soc(soc) for point in here))

    @callback
    def _on_meter_change(self, event: Event[EventStateChangedData]) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        repeated = old is not None and new is not None and old.state == new.state
        self.site.note_report(event.data["entity_id"], event.time_fired, repeated=repeated)

    @callback
    def async_take_up(self) -> None:
        """Show what the controller has observed, and plan anew where the house has moved."""
        observed = self._observed()
        if observed != self._taken_up or self._base_load_moved(dt_util.utcnow()):
            self._taken_up = observed
            self.async_replan_soon()
        self.async_update_listeners()

    def _observed(self) -> list[tuple[object, ...]]:
        """Return what matters to plans of what chargers report, as far as it is believed.

        A car has left when its charger has said so for a while, and takes less than it may when
        that has been measured for a while. Whether it draws is no news: that follows the plan, and
        a new one for each start and stop would only move them.
        """
        batteries = self.site.batteries.values()
        known = [(battery.soc is None, battery.is_silent) for battery in batteries]
        return known + [
            (
                point.plugged,
                point.settings.mode,
                point.session.finished,
                point.controllable,
                point.reading.connection is Connection.FAULT,
                point.takes_nothing,
                point.taking.uptake.take.phases,
                point.taking.uptake.take.max_kw,
                (point.switching.offered, point.switching.mode.heading),
                point.switching.mode.record.failed,
                point.session.phases_held,
            )
            for point in self.site.points.values()
        ]

    def _base_load_moved(self, now: datetime) -> bool:
        """Return whether the base load is so far from what the plan assumes as to matter."""
        plan: Plan | None = self.data
        planned_kw = None if plan is None else plan.base_load_kw
        base_kw = self.site.house.lately_kw(now)
        if plan is None or planned_kw is None or base_kw is None:
            return (planned_kw is None) != (base_kw is None)
        return (
            abs(base_kw - planned_kw) >= _BASE_LOAD_STEP_KW
            and now - plan.made_at >= _BASE_LOAD_INTERVAL
        )

    @callback
    def _on_meter_report(self, event: Event[EventStateReportedData]) -> None:
        self.site.note_report(event.data["entity_id"], event.time_fired, repeated=True)

    def _watched_entities(self) -> list[str]:
        """Return the entities a change of which makes a new plan worth while."""
        entities = {*self.prices.watched_entities, *self.site.operator.entity_ids}
        for point in self.site.points.values():
            entities.update(
                filter(
                    None,
                    (point.charger.limit_entity, point.charger.switch_entity),
                )
            )
        for vehicle in self.site.vehicles.values():
            entities.update(vehicle.watched_entities)
        return sorted(entities)
