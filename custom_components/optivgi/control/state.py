"""What was last decided for a charger and how it went to tell it: written by nobody but itself."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ..bindings.chargers.ocpp.report import ProfileReport
from ..scheduler.guard import Change
from ..scheduler.recovery import Recovery

# A charger that does not show what it was sent is commanded again after this, then more seldom.
_RETRY_AFTER: Final = timedelta(seconds=30)
_RETRY_SELDOM: Final = timedelta(minutes=5)
"""So seldom in the end: some chargers store each command in a memory that wears out."""
MANY_ATTEMPTS: Final = 3
"""A charger that was sent so often in vain does not do what it is commanded."""
_DAY: Final = timedelta(days=1)


class Cause(StrEnum):
    """Why a charger gets the limit that it gets."""

    PLAN = "plan"
    HOUSE_LOAD = "house_load"
    """The house leaves less than planned."""
    OTHER_CHARGERS = "other_chargers"
    """Other chargers leave less than planned."""
    HOUSE_AND_CHARGERS = "house_and_chargers"
    """The house and other chargers leave less than planned."""
    RECOVERY = "recovery"
    """The house left less than planned until a short while ago."""
    PEAK = "peak"
    """More would raise a highest power that is paid for."""
    OPERATOR = "operator"
    """Whoever runs the grid allows the site less."""
    TAKES_NOTHING = "takes_nothing"
    """The car may draw, and does not."""
    MEASURING = "measuring"
    """Nobody knows how much the car takes, and it may need all the time there is."""
    SWITCHING = "switching"
    """It is switched to another number of phases, which no car may draw meanwhile."""
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
        value: For the limit entity, in its unit; 0 stops the charger, below 0 it gives back.
        limit_kw: What the car may draw then.
        gives_kw: What it gives back then.
    """

    value: float
    limit_kw: float
    gives_kw: float = 0.0

    @property
    def stops(self) -> bool:
        """Whether the charger is to stop."""
        return self.value == 0


class Step(StrEnum):
    """What has to be written next, one thing at a time, until a charger shows its command."""

    SET_LIMIT = "set_limit"
    START = "start"
    STOP = "stop"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a charger is to get at present, and why.

    Attributes:
        cause: Why.
        command: What it is to do; None where it is left as it is.
        change: Whether it may be sent that now.
        urgent: It is to be sent that even if it was sent something just before.
        recovery: How the house last made it give way.
        blind: What is free for it is not known.
        silent: The site's sensors that are silent, where that is why.
        impossible: Those that show more than the connection can carry, where that is why.
        circuit: What the circuit is called that leaves less than planned; None for the site.
    """

    cause: Cause
    command: Command | None = None
    change: Change = Change.NONE
    urgent: bool = False
    recovery: Recovery | None = None
    blind: bool = False
    silent: tuple[str, ...] = ()
    impossible: tuple[str, ...] = ()
    circuit: str | None = None


@dataclass(kw_only=True)
class ControlState:
    """What was last decided for a charger, and how it went to tell it.

    Others read the attributes and call the methods.

    Attributes:
        cause: Why the charger gets this limit.
        limit_kw: The limit; None where the charger is left as it is.
        sent: The last command and what of it was written; None once that is confirmed.
        sent_at: When.
        attempts: How often it was sent in vain.
        confirmed: The last command that the charger has shown to follow, to this car.
        overwritten: When it showed something else later, without being sent anything.
        error: Why the charger's integration refused; None once a command is confirmed.
        recovery: How the house last made it give way; None where it has not.
        written: When the charger was written within the last day.
        profile: What has come of telling it the plan, where it follows plans by itself.
        limited_elsewhere_a: What it offers, in A, where something else limits it below that.
        blind: What is free for it is not known.
        silent: The site's sensors that are silent, where that is why.
        impossible: Those that show more than the connection can carry, where that is why.
        observed: Nothing of what is decided is written.
        circuit: What the circuit is called that leaves less than planned; None for the site.
        phases_due: On how many phases it is to go on, while it is paused for that.
    """

    cause: Cause = Cause.WAITING
    limit_kw: float | None = None
    sent: tuple[Command, Step] | None = None
    sent_at: datetime | None = None
    attempts: int = 0
    confirmed: Command | None = None
    overwritten: list[datetime] = field(default_factory=list)
    error: str | None = None
    recovery: Recovery | None = None
    written: list[datetime] = field(default_factory=list)
    profile: ProfileReport | None = None
    limited_elsewhere_a: float | None = None
    blind: bool = False
    silent: tuple[str, ...] = ()
    impossible: tuple[str, ...] = ()
    observed: bool = False
    circuit: str | None = None
    phases_due: int | None = None

    @property
    def failing(self) -> bool:
        """Whether the charger does not do what it was sent, again and again."""
        return self.attempts >= MANY_ATTEMPTS

    def writes_of_a_day(self, now: datetime) -> int:
        """Return how often the charger was written within the last day."""
        return sum(now - at < _DAY for at in self.written)

    def decide(self, decision: Decision) -> None:
        """Take up what was decided."""
        self.cause = decision.cause
        self.blind = decision.blind
        self.silent, self.impossible = decision.silent, decision.impossible
        self.circuit = decision.circuit
        if self.cause in {Cause.IDLE, Cause.HELD}:
            # The next car, or who operates it, may have anything.
            self.confirmed, self.overwritten = None, []
        self.recovery = decision.recovery
        self.limit_kw = None if decision.command is None else decision.command.limit_kw

    def give(self, command: Command) -> None:
        """Note that the charger gets another limit than was decided, for the same cause."""
        self.limit_kw = command.limit_kw

    def wait(self, present: Command) -> None:
        """Note that the charger keeps what it has until others have let go of what it is to get."""
        self.give(present)
        if self.cause is Cause.PLAN:
            self.cause = Cause.OTHER_CHARGERS

    def begin(self, command: Command, step: Step, now: datetime, min_interval: timedelta) -> bool:
        """Note that one thing is written for a command.

        Returns False, and notes nothing, while the same may still be on its way.
        """
        patience = min(max(_RETRY_AFTER, min_interval), _RETRY_SELDOM)
        wait = _RETRY_SELDOM if self.failing else patience
        if self.sent_at is None:
            self.attempts = 1
        elif now - self.sent_at >= wait:
            self.attempts += 1
        elif self.sent == (command, step):
            return False
        self.sent, self.sent_at = (command, step), now
        self._note_written(now)
        return True

    def try_again(self) -> None:
        """Forget that what was sent was in vain: it is sent again at once."""
        self.sent_at, self.attempts = None, 0

    def refuse(self, error: str) -> None:
        """Note that the charger's integration does not take what is written."""
        self.error = error

    def confirm(self, command: Command) -> None:
        """Note that the charger shows what it is commanded."""
        self.confirmed = command
        self.sent = self.sent_at = self.error = None
        self.attempts = 0

    def follow(self, report: ProfileReport | None) -> None:
        """Note what has come of telling the charger its plan; None where others drive it."""
        before, self.profile = self.profile, report
        sent_at = None if report is None else report.sent_at
        if sent_at is not None and (before is None or before.sent_at != sent_at):
            self._note_written(sent_at)

    def _note_written(self, at: datetime) -> None:
        """Count a write; those of more than a day ago count no more."""
        self.written = [before for before in self.written if at - before < _DAY] + [at]
