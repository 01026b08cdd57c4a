"""Switches chargers between one and three phases as the plan has it: paused, calmly, and verified.

A charger is never switched while its car draws: it is paused first, switched, left alone until it
shows that it has switched and its pause is over, and counts with all its phases until then.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..bindings.chargers.phase_switch import ALL
from ..charging.charging_point import ChargingPoint
from ..const import DOMAIN, LOGGER, Mode
from ..errors import as_part, text_of
from ..planning.plan import NOTHING_KW, Plan
from ..truth.phase_mode import MANY_ATTEMPTS
from .part_issues import part_data
from .state import ControlState

_STANDS_FOR: Final = {1: timedelta(minutes=3), ALL: timedelta(minutes=5)}
"""So long another number of phases is to be better before a car that charges is interrupted for
it: clouds come and go. Too little sun for three phases costs at once, so that is waited for less.
"""

_WORTH: Final = timedelta(minutes=30)
"""A switch costs minutes of charging: what the plan takes back within this is not worth one."""
_PAUSES_WITHIN: Final = timedelta(minutes=5)
"""A charger whose car still draws by then cannot be paused, and so not be switched."""


def phases_issue_id(charger_id: str) -> str:
    """Return the id of the issue of a charger that does not switch its phases."""
    return f"charger_does_not_switch_{charger_id}"


class PhaseChanges:
    """Decides when chargers are switched, and switches them."""

    def __init__(self, hass: HomeAssistant, save: Callable[[], Awaitable[None]]) -> None:
        """Switch nothing yet; ``save`` keeps what a restart must not forget."""
        self._hass = hass
        self._save = save
        self._due_since: dict[str, datetime] = {}
        self._wanted: dict[str, tuple[int, datetime]] = {}
        self.calls = 0
        """How often something was written, whatever came of it."""

    def due(self, point: ChargingPoint, plan: Plan | None, now: datetime) -> int | None:
        """Return to how many phases a charger is being switched, or is to be now; else None.

        Args:
            point: The charger.
            plan: The plan that is followed; None without one.
            now: The present.
        """
        switching, id_ = point.switching, point.charger.id
        if switching.switch is None or not point.plugged or not point.controllable:
            return None
        record = switching.mode.record
        self._report(point)
        if switching.mode.is_under_way:
            return record.commanded
        target = self._target(point, plan, now)
        if target is None or target == switching.offered:
            self._wanted.pop(id_, None)
            self._due_since.pop(id_, None)
            return None
        wanted, since = self._wanted.get(id_, (target, now))
        if wanted != target:
            since = now
        self._wanted[id_] = target, since
        return target if self._may_begin(point, target, since, now) else None

    def _target(self, point: ChargingPoint, plan: Plan | None, now: datetime) -> int | None:
        """Return on how many phases a charger is to be; None to leave it as it is."""
        if (locked := point.switching.locked) is not None:
            return locked
        id_ = point.charger.id
        if plan is None or point.settings.mode is Mode.OFF:
            return None
        power_kw, single = plan.power_kw_at(id_, now), plan.is_single_for(id_, now, _WORTH)
        if power_kw is None or power_kw <= NOTHING_KW or single is None:
            return None
        return 1 if single else ALL

    def _may_begin(self, point: ChargingPoint, target: int, since: datetime, now: datetime) -> bool:
        """Return whether a charger may be interrupted for another number of phases."""
        switching = point.switching
        if not switching.may_switch(point.session, point.vehicle) or switching.is_soon_after(now):
            return False
        if switching.locked is not None:
            return True
        # Who goes down to one phase has to be able to come back.
        if target != ALL and switching.left(point.session, now) <= 1:
            return False
        stands_for = _STANDS_FOR[target]
        is_calm = not point.drew_within(stands_for, now) or point.settings.mode is Mode.NOW
        return is_calm or now - since >= stands_for

    def is_left_on_one(self, point: ChargingPoint, now: datetime) -> bool:
        """Return whether a charger without a car is still on the phase that the last one had.

        The next car may be one that it must not be switched for.
        """
        switching = point.switching
        mode = switching.mode
        return (
            not point.plugged
            and not point.reading.drawing
            and switching.locked is None
            and mode.record.commanded == mode.heading == 1
            and not mode.is_under_way
            and switching.may_switch(point.session, None)
            and not switching.is_soon_after(now)
        )

    async def async_restore(self, point: ChargingPoint) -> None:
        """Have a charger without a car on all its phases."""
        await self._async_send(point, ALL)

    async def async_switch(self, point: ChargingPoint, state: ControlState) -> None:
        """Switch a charger that is paused for it, and verify what was switched before."""
        phases, switch, now = state.phases_due, point.switching.switch, dt_util.utcnow()
        if phases is None or switch is None or not point.controllable:
            return
        mode = point.switching.mode
        if mode.is_under_way and mode.record.commanded == phases:
            if not mode.is_due_again(now):
                return
            if mode.record.attempts >= MANY_ATTEMPTS:
                self._give_up(point)
                return
        since = self._due_since.setdefault(point.charger.id, now)
        if not _is_paused(point, state, now):
            if now - since >= _PAUSES_WITHIN:
                self._give_up(point)
            return
        self._due_since.pop(point.charger.id, None)
        await self._async_send(point, phases)

    async def _async_send(self, point: ChargingPoint, phases: int) -> None:
        switch, mode = point.switching.switch, point.switching.mode
        if switch is None:
            return
        LOGGER.debug("%s: switched to %d phases", point.charger.name, phases)
        self.calls += 1
        mode.begin(phases, dt_util.utcnow())
        # Whoever starts again in the middle of this has to know of it.
        await self._save()
        try:
            await switch.async_set(phases, Context())
        except HomeAssistantError as err:
            LOGGER.warning("%s", err)
            if mode.record.attempts >= MANY_ATTEMPTS or not switch.shows:
                self._give_up(point, text_of(self._hass, err))
        point.observe(dt_util.utcnow())

    def _give_up(self, point: ChargingPoint, error: str | None = None) -> None:
        """Go on with the phases that there are, and report it."""
        point.switching.mode.give_up()
        self._report(point, error)

    def _report(self, point: ChargingPoint, error: str | None = None) -> None:
        """Report a charger that does not switch, until it does."""
        issue_id, switch = phases_issue_id(point.charger.id), point.switching.switch
        record = point.switching.mode.record
        if not record.failed or switch is None:
            if point.switching.mode.is_proven:
                ir.async_delete_issue(self._hass, DOMAIN, issue_id)
            return
        if error is None and ir.async_get(self._hass).async_get_issue(DOMAIN, issue_id):
            return
        LOGGER.warning("%s does not switch its phases", point.charger.name)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            data=part_data(point.charger.id),
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key="charger_does_not_switch",
            translation_placeholders={
                "charger": point.charger.name,
                "entity": switch.shown_as,
                "error": as_part(error or "-"),
            },
        )


def _is_paused(point: ChargingPoint, state: ControlState, now: datetime) -> bool:
    """Return whether a charger shows that it is stopped, and its car draws nothing."""
    stopped = state.confirmed is not None and state.confirmed.stops and state.sent is None
    if not stopped or point.reading.drawing:
        return False
    # Without a meter of its own, the car gets the time it may take to stop.
    return point.reading.power_kw is not None or not point.load.settling(now)
