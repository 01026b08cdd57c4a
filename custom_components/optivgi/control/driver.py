"""Drives each charger in its way: by commands, or by telling it the plan that it can hold.

Nobody else in control asks which of the two that is.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..charging.charging_point import ChargingPoint
from ..const import Mode
from ..planning.plan import Plan
from .commands import ChargerWriter
from .lookahead import PlannedLoads, limits_ahead
from .phase_changes import PhaseChanges
from .profile_driver import ProfileDriver
from .state import Cause, Command, ControlState


class ChargerDriver:
    """Drives the chargers of a site."""

    def __init__(
        self,
        hass: HomeAssistant,
        points: Mapping[str, ChargingPoint],
        look_again: Callable[[], None],
        save: Callable[[], Awaitable[None]],
    ) -> None:
        """Drive nothing yet.

        Args:
            hass: Home Assistant.
            points: The chargers of the site.
            look_again: Called when a charger's situation has changed later than it was waited for.
            save: Keeps what a restart must not forget.
        """
        self._points = points
        self._waiting: set[str] = set()
        self._writer = ChargerWriter(hass)
        self._profiles = ProfileDriver(hass, self._writer, look_again)
        self.phases = PhaseChanges(hass, save)
        """Switches chargers between one and three phases."""

    @property
    def calls(self) -> int:
        """How often something was sent to a charger, whatever came of it."""
        return self._writer.calls + self._profiles.calls + self.phases.calls

    def goes_on(self, point: ChargingPoint) -> bool:
        """Tell whether a charger goes on with its plan when nobody is there to tell it."""
        return point.controllable and point.charger.follows_profiles

    def look_ahead(self, plan: Plan | None, now: datetime) -> PlannedLoads | None:
        """Return what the chargers may draw by a plan; None where nobody asks for that."""
        points = self._points.values()
        if plan is None or not any(point.charger.follows_profiles for point in points):
            return None
        others = {point.charger.id for point in points if not self.goes_on(point)}
        return PlannedLoads(plan, tuple(points), others, now)

    async def async_write(
        self,
        point: ChargingPoint,
        command: Command,
        state: ControlState,
        ahead: PlannedLoads | None,
        *,
        urgent: bool,
    ) -> None:
        """Have a charger do what it is commanded.

        Args:
            point: The charger.
            command: What it is to do at present.
            state: What is known of telling it.
            ahead: What all may draw later, for those that can hold a plan; None without one.
            urgent: It does not wait until the charger may be written again.
        """
        if (profiles := point.charger.profiles) is None:
            await self._writer.async_write(point, command, state, urgent=urgent)
            await self.phases.async_switch(point, state)
        elif point.charger.follows_profiles:
            followed = None if state.cause is Cause.SAFE else ahead
            limits = limits_ahead(point, followed, dt_util.utcnow())
            await self._profiles.async_follow(
                point,
                profiles,
                command,
                state,
                limits,
                urgent=urgent,
                awaited=self._is_awaited(point, ahead),
            )
            await self.phases.async_switch(point, state)
        else:
            await self._profiles.async_replace(point, profiles, command, state, urgent=urgent)

    def _is_awaited(self, point: ChargingPoint, ahead: PlannedLoads | None) -> bool:
        """Tell whether what a charger is to do later must reach it now.

        Somebody waits for what it gives up, or it has waited for what another one gave up.
        """
        if point.settings.mode is Mode.OFF:
            return True
        if ahead is None:
            return False
        waited = point.charger.id in self._waiting
        if ahead.waits(point):
            self._waiting.add(point.charger.id)
            return ahead.is_awaited(point)
        self._waiting.discard(point.charger.id)
        return waited or ahead.is_awaited(point)

    async def async_keep(
        self, point: ChargingPoint, present: Command, state: ControlState, plan: Plan | None
    ) -> None:
        """Leave a charger with what it has, as there is no room for more.

        What comes later is commanded in time all the same to one that can hold it.
        """
        state.wait(present)
        if point.charger.follows_profiles:
            ahead = self.look_ahead(plan, dt_util.utcnow())
            await self.async_write(point, present, state, ahead, urgent=False)

    async def async_hand_back(self, point: ChargingPoint, state: ControlState) -> None:
        """Leave a charger to others, until it is written again."""
        if (profiles := point.charger.profiles) is not None:
            await self._profiles.async_hand_back(point, profiles, state)
