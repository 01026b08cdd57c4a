"""Commands to a charger: written only when needed, read back, sent again, given up loudly."""

from collections.abc import Callable
from typing import Final

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..bindings.chargers.limit import LimitEntity
from ..charging.charging_point import ChargingPoint
from ..const import DOMAIN, LOGGER
from ..errors import as_part, text_of
from .part_issues import part_data
from .rivals import RIVAL_AFTER, count, is_overwritten, rival_issue_id, stand_down
from .state import MANY_ATTEMPTS, Command, ControlState, Step

# Smaller increases are not worth a write.
_DEAD_BAND_KW: Final = 0.1


type NextStep = Callable[[ChargingPoint, Command, ControlState], Step | None]
"""What a charger has to be sent next for a command; None where nothing is missing."""


def next_step(point: ChargingPoint, command: Command, state: ControlState) -> Step | None:
    """Return what a charger has to be sent next; None where it shows what it is commanded."""
    step = _missing_step(point, command)
    if step is not None:
        return step
    sent_more = state.sent is not None and state.sent[0].limit_kw > command.limit_kw
    # It was sent more and does not show that yet; or it shows what it does not do.
    if sent_more or point.obedience.is_broken(dt_util.utcnow()):
        return Step.STOP if command.stops else Step.SET_LIMIT
    return None


def _missing_step(point: ChargingPoint, command: Command) -> Step | None:
    """Return what a charger does not show of a command.

    A limit is set and confirmed before the charger is started, so that no car ever draws by
    a limit that was left over.
    """
    reading, limit = point.reading, point.reading.limit
    if command.stops:
        if point.charger.can_switch:
            return None if reading.is_on is False else Step.STOP
        stopped = limit is not None and limit.value is not None and limit.value <= _pause(limit)
        gives = point.charger.discharges and limit is not None and (limit.value or 0.0) < 0
        return None if stopped and not gives else Step.STOP
    if limit is None or limit.value is None or point.charger.is_due_again():
        return Step.SET_LIMIT
    missing = command.value - limit.value
    if abs(missing) >= limit.step / 2:
        increase_kw = command.limit_kw - (point.limit_kw or 0.0)
        # What is stopped has to get enough to start, however little that is.
        if not point.limit_kw or not 0 < increase_kw < _dead_band_kw(point):
            return Step.SET_LIMIT
    may_start = point.charger.can_switch and point.charger.may_start
    return Step.START if may_start and reading.is_on is not True else None


def _pause(limit: LimitEntity | None) -> float:
    """Return what stops a charger without a switch, or slows it down as far as it goes."""
    return 0.0 if limit is None else max(0.0, limit.minimum)


def _dead_band_kw(point: ChargingPoint) -> float:
    """Return how much more a charger has to get for that to be worth a command."""
    charger = point.charger
    return max(_DEAD_BAND_KW, charger.min_increase_a * charger.voltage * point.phases / 1000)


def _is_too_soon(point: ChargingPoint, state: ControlState) -> bool:
    """Tell whether a charger should be left in peace; a command that is under way goes on."""
    if state.sent is not None or not state.written:
        return False
    return dt_util.utcnow() - state.written[-1] < point.charger.min_interval


def not_following_issue_id(charger_id: str) -> str:
    """Return the id of the issue of a charger that does not do what it is commanded."""
    return f"charger_does_not_follow_{charger_id}"


class ChargerWriter:
    """Writes commands to chargers."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Write nothing yet."""
        self._hass = hass
        self.calls = 0
        """How often something was written, whatever came of it."""

    async def async_write(
        self,
        point: ChargingPoint,
        command: Command,
        state: ControlState,
        *,
        urgent: bool,
        steps: NextStep = next_step,
    ) -> None:
        """Tell a charger what to do, unless it does that already or was sent just now.

        What is not ``urgent`` waits until the charger may be written again. ``steps`` says what
        has to be written for a command.
        """
        if not urgent and _is_too_soon(point, state):
            return
        if self._stands_down(point, state):
            return
        written: Step | None = None
        while (step := steps(point, command, state)) is not None and step is not written:
            # A person may have taken over while the last step was on its way.
            if not point.controllable:
                return
            if not await self._async_tell(point, command, step, state):
                return
            written = step
            point.observe(dt_util.utcnow())
        if step is None:
            self._confirmed(point, command, state)

    def _stands_down(self, point: ChargingPoint, state: ControlState) -> bool:
        """Leave a charger to somebody else who overwrites what it is commanded, again and again."""
        confirmed = state.confirmed
        missing = confirmed is not None and _missing_step(point, confirmed) is not None
        if not is_overwritten(point, state, missing=missing) or count(state) < RIVAL_AFTER:
            return False
        stand_down(self._hass, point)
        return True

    async def _async_tell(
        self, point: ChargingPoint, command: Command, step: Step, state: ControlState
    ) -> bool:
        """Write one thing; tell whether that was done and accepted."""
        now = dt_util.utcnow()
        is_new = state.sent is None or state.sent[0] != command
        if not state.begin(command, step, now, point.charger.min_interval):
            return False
        if is_new:
            point.note_command(now, command.limit_kw, command.gives_kw)
        LOGGER.debug("%s: %s for %s", point.charger.name, step, command)
        self.calls += 1
        accepted = False
        try:
            await self._async_send(point, command, step)
        except HomeAssistantError as err:
            if state.error is None:
                LOGGER.warning("%s", err)
            state.refuse(text_of(self._hass, err))
        else:
            accepted = True
        point.commanded.refuses = not accepted or state.failing
        if state.failing:
            if step is Step.STOP and accepted:
                point.charger.note_zero_ignored(point.reading)
            self._report(point, state)
        return accepted

    async def _async_send(self, point: ChargingPoint, command: Command, step: Step) -> None:
        charger, limit = point.charger, point.reading.limit
        context = Context()
        match step:
            case Step.SET_LIMIT:
                await charger.async_set_limit(command.value, context)
            case Step.START:
                await charger.async_switch(on=True, context=context)
            case Step.STOP if charger.can_switch:
                await charger.async_switch(on=False, context=context)
                if point.obedience.is_broken(dt_util.utcnow()) and limit is not None:
                    # Its switch does not stop the car: its limit may.
                    await charger.async_set_limit(_pause(limit), context)
            case Step.STOP:
                await charger.async_set_limit(_pause(limit), context)

    def _confirmed(self, point: ChargingPoint, command: Command, state: ControlState) -> None:
        if state.failing:
            LOGGER.info("%s follows its limit again", point.charger.name)
        # A restart forgets the attempts, not the issue.
        for issue_id in (not_following_issue_id, rival_issue_id):
            ir.async_delete_issue(self._hass, DOMAIN, issue_id(point.charger.id))
        state.confirm(command)
        point.commanded.refuses = False

    def _report(self, point: ChargingPoint, state: ControlState) -> None:
        if state.attempts == MANY_ATTEMPTS:
            LOGGER.warning("%s does not do what it is commanded", point.charger.name)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            not_following_issue_id(point.charger.id),
            data=part_data(point.charger.id),
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key="charger_does_not_follow",
            translation_placeholders={
                "charger": point.charger.name,
                "entity": point.charger.limit_shown_as,
                "error": as_part(state.error or "-"),
            },
        )
