"""Commands to a charger: written only when needed, read back, told again, given up loudly."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..bindings.chargers.connection import Connection
from ..bindings.chargers.ocpp_report import ProfileReport
from ..charging.charging_point import ChargingPoint
from ..const import DOMAIN, LOGGER
from ..scheduler.charging_profile import PlannedLimits

if TYPE_CHECKING:
    from ..coordinator import OptivgiConfigEntry

# A charger that does not show what it was told is told again after this, then more seldom.
_RETRY_AFTER: Final = timedelta(seconds=30)
_RETRY_SELDOM: Final = timedelta(minutes=5)
_MANY_ATTEMPTS: Final = 3
_DAY: Final = timedelta(days=1)
# Smaller increases are not worth a write.
_DEAD_BAND_KW: Final = 0.1


class Cause(StrEnum):
    """Why a charger gets the limit that it gets."""

    PLAN = "plan"
    HOUSE_LOAD = "house_load"
    """The house leaves less than planned."""
    SAFE = "safe"
    """There is no plan that could be followed."""
    METER = "meter"
    """A sensor of the site's meter is silent."""
    HELD = "held"
    """The user operates the charger."""
    UNAVAILABLE = "unavailable"
    """Its entities are missing."""
    WAITING = "waiting"
    """The next plan will say."""
    IDLE = "idle"
    """No car is plugged in."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """What a charger is to do.

    Attributes:
        value: For the limit entity, in its unit; 0 stops the charger.
        limit_kw: What the car may draw then.
        ahead: What it may draw from now on, for a charger that follows plans by itself.
    """

    value: float
    limit_kw: float
    ahead: PlannedLimits | None = field(default=None, compare=False, repr=False)

    @property
    def stops(self) -> bool:
        """Whether the charger is to stop."""
        return self.value == 0


class Step(StrEnum):
    """What has to be written next, one thing at a time, until a charger shows its command."""

    SET_LIMIT = "set_limit"
    START = "start"
    STOP = "stop"


@dataclass(kw_only=True)
class Outcome:
    """What was last decided for a charger, and how it went to tell it.

    Attributes:
        cause: Why the charger gets this limit.
        limit_kw: The limit; None where the charger is left as it is.
        told: The last command and what of it was written; None once that is confirmed.
        told_at: When.
        attempts: How often it was told in vain.
        error: Why the charger's integration refused; None once a command is confirmed.
        reduced_at: When the house load last forced the limit below the plan.
        written: When the charger was written within the last day.
        profile: What has come of telling it the plan, where it follows plans by itself.
        silent: The site's sensors that are silent, where that is why it gets little.
    """

    cause: Cause = Cause.WAITING
    limit_kw: float | None = None
    told: tuple[Command, Step] | None = None
    told_at: datetime | None = None
    attempts: int = 0
    error: str | None = None
    reduced_at: datetime | None = None
    written: list[datetime] = field(default_factory=list)
    profile: ProfileReport | None = None
    silent: tuple[str, ...] = ()

    def note_written(self, now: datetime) -> None:
        """Count a write; those of more than a day ago count no more."""
        self.written = [at for at in self.written if now - at < _DAY] + [now]

    def writes_of_a_day(self, now: datetime) -> int:
        """Return how often the charger was written within the last day."""
        return sum(now - at < _DAY for at in self.written)

    @property
    def failing(self) -> bool:
        """Whether the charger does not do what it was told, again and again."""
        return self.attempts >= _MANY_ATTEMPTS


def next_step(point: ChargingPoint, command: Command) -> Step | None:
    """Return what a charger has to be told next; None where it shows what it is told.

    A limit is set and confirmed before the charger is started, so that no car ever draws by
    a limit that was left over.
    """
    reading, limit = point.reading, point.reading.limit
    if point.charger.follows_profiles:
        # Its profile pauses it. All that is missing may be somebody who lets it begin.
        return Step.START if reading.is_on is False and _is_to_begin(point, command) else None
    if command.stops:
        if point.charger.can_switch:
            return None if reading.is_on is False else Step.STOP
        least = 0.0 if limit is None else max(0.0, limit.minimum)
        stopped = limit is not None and limit.value is not None and limit.value <= least
        return None if stopped else Step.STOP
    if limit is None or limit.value is None or point.charger.is_due_again():
        return Step.SET_LIMIT
    missing = command.value - limit.value
    if abs(missing) >= limit.step / 2:
        increase_kw = command.limit_kw - (point.limit_kw or 0.0)
        if reading.is_on is False or not 0 < increase_kw < _dead_band_kw(point):
            return Step.SET_LIMIT
    return Step.START if point.charger.can_switch and reading.is_on is not True else None


def _dead_band_kw(point: ChargingPoint) -> float:
    """Return how much more a charger has to get for that to be worth a command."""
    charger = point.charger
    return max(_DEAD_BAND_KW, charger.least_increase_a * charger.voltage * point.phases / 1000)


def _is_to_begin(point: ChargingPoint, command: Command) -> bool:
    """Tell whether a charger with a profile is to begin: before the car may draw, if it can.

    Then it goes on by itself, should nobody be there when the car may.
    """
    if not command.stops:
        return True
    # Where it was stopped, starting it too early would stop it again.
    waits = point.reading.connection is Connection.PLUGGED and not point.reading.stopped
    return waits and command.ahead is not None and any(command.ahead.limit_kw)


def _is_too_soon(point: ChargingPoint, outcome: Outcome) -> bool:
    """Tell whether a charger should be left in peace; a command that is under way goes on."""
    if outcome.told is not None or not outcome.written:
        return False
    return dt_util.utcnow() - outcome.written[-1] < point.charger.min_interval


def _note_number(point: ChargingPoint) -> None:
    """Remember that a limit of ours stands in a number, as it stays there when we do not."""
    entity_id, left = point.charger.limit_entity, point.settings.numbers_left or []
    if entity_id is not None and entity_id not in left:
        point.settings.numbers_left = [*left, entity_id]


def not_following_issue_id(charger_id: str) -> str:
    """Return the id of the issue of a charger that does not do what it is told."""
    return f"charger_does_not_follow_{charger_id}"


class ChargerWriter:
    """Writes commands to chargers."""

    def __init__(self, hass: HomeAssistant, entry: OptivgiConfigEntry) -> None:
        """Write for a site."""
        self._hass = hass
        self._entry = entry

    async def async_write(
        self, point: ChargingPoint, command: Command, outcome: Outcome, *, urgent: bool
    ) -> None:
        """Tell a charger what to do, unless it does that already or was told just now.

        What is not ``urgent`` waits until the charger may be written again.
        """
        if not urgent and _is_too_soon(point, outcome):
            return
        written: Step | None = None
        while (step := self._step(point, command, outcome)) is not None and step is not written:
            # A person may have taken over while the last step was on its way.
            if not point.controllable:
                return
            if not await self._async_tell(point, command, step, outcome):
                return
            written = step
            point.observe(dt_util.utcnow())
        if step is None:
            self._confirmed(point, outcome)

    def _step(self, point: ChargingPoint, command: Command, outcome: Outcome) -> Step | None:
        """Return what to write next; None where the charger shows what it is told."""
        step = next_step(point, command)
        if step is None and outcome.told is not None and not point.charger.follows_profiles:
            told, _ = outcome.told
            if told.limit_kw > command.limit_kw:
                # It was told more and does not show that yet: it has to be told again.
                return Step.STOP if command.stops else Step.SET_LIMIT
        return step

    async def _async_tell(
        self, point: ChargingPoint, command: Command, step: Step, outcome: Outcome
    ) -> bool:
        """Write one thing; tell whether that was done and accepted."""
        now = dt_util.utcnow()
        patience = min(max(_RETRY_AFTER, point.charger.min_interval), _RETRY_SELDOM)
        wait = _RETRY_SELDOM if outcome.failing else patience
        if outcome.told_at is None:
            outcome.attempts = 1
        elif now - outcome.told_at >= wait:
            outcome.attempts += 1
        elif outcome.told == (command, step):
            return False
        if outcome.told is None or outcome.told[0] != command:
            point.note_command(now, command.limit_kw)
        outcome.told, outcome.told_at = (command, step), now
        outcome.note_written(now)
        LOGGER.debug("%s: %s for %s", point.charger.name, step, command)
        accepted = False
        try:
            await self._async_send(point, command, step)
        except HomeAssistantError as err:
            if outcome.error is None:
                LOGGER.warning("%s", err)
            outcome.error = str(err)
        else:
            accepted = True
        point.commanded.refuses = not accepted or outcome.failing
        if outcome.failing:
            if step is Step.STOP and accepted:
                point.charger.note_zero_ignored(point.reading)
            self._report(point, outcome)
        return accepted

    async def _async_send(self, point: ChargingPoint, command: Command, step: Step) -> None:
        charger, limit = point.charger, point.reading.limit
        context = Context()
        match step:
            case Step.SET_LIMIT:
                _note_number(point)
                await charger.async_set_limit(command.value, context)
            case Step.START:
                await charger.async_switch(on=True, context=context)
            case Step.STOP if charger.can_switch:
                await charger.async_switch(on=False, context=context)
            case Step.STOP:
                # A charger without a switch that refuses 0 can only be slowed down.
                least = 0.0 if limit is None else max(0.0, limit.minimum)
                _note_number(point)
                await charger.async_set_limit(least, context)

    def _confirmed(self, point: ChargingPoint, outcome: Outcome) -> None:
        if outcome.failing:
            LOGGER.info("%s follows its limit again", point.charger.name)
        # A restart forgets the attempts, not the issue.
        ir.async_delete_issue(self._hass, DOMAIN, not_following_issue_id(point.charger.id))
        outcome.told = outcome.told_at = outcome.error = None
        outcome.attempts = 0
        point.commanded.refuses = False

    def _report(self, point: ChargingPoint, outcome: Outcome) -> None:
        if outcome.attempts == _MANY_ATTEMPTS:
            LOGGER.warning("%s does not do what it is told", point.charger.name)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            not_following_issue_id(point.charger.id),
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="charger_does_not_follow",
            translation_placeholders={
                "charger": point.charger.name,
                "entity": point.charger.limit_shown_as,
                "error": outcome.error or "-",
            },
        )
