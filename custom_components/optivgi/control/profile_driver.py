"""Has chargers follow their plans by themselves: by profiles, by a number where those fail."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..bindings.chargers.connection import Connection
from ..bindings.chargers.ocpp.charging_profile import PlannedLimits, Wiring
from ..bindings.chargers.ocpp.fallback import NumberVerdict
from ..bindings.chargers.ocpp.limit import OcppLimit
from ..bindings.chargers.ocpp.profile_control import ProfileProblem, ProfileReport, ProfileState
from ..charging.charging_point import ChargingPoint
from ..const import DOMAIN
from ..errors import as_part
from .commands import ChargerWriter
from .part_issues import part_data
from .state import Command, ControlState, Step

# A charger that leaves questions unanswered goes on with them; the others must not wait.
_ANSWER_WITHIN_S: Final = 10.0
_HAND_BACK_AFTER: Final = timedelta(minutes=1)
_HAND_BACK_TRIES: Final = 3
"""So often it is asked to take its limit back soon; it may be gone for good."""
_HAND_BACK_LATER: Final = timedelta(minutes=30)
"""And after that: a profile that pauses a car would hold it for ever."""
# What stands in the way of telling it anything: what it still allows is none of our doing.
_OUT_OF_REACH: Final = frozenset(
    {ProfileProblem.OFFLINE, ProfileProblem.REFUSED, ProfileProblem.NO_ANSWER}
)
# What can make profiles fail, with the text of its issue.
_ISSUES: Final = {
    ProfileProblem.REFUSED: "charging_profiles_refused",
    ProfileProblem.NO_ANSWER: "charging_profiles_unanswered",
    ProfileProblem.ALLOWS_MORE: "charging_profiles_exceeded",
    ProfileProblem.HELD_BACK: "charging_profiles_held_back",
    ProfileProblem.NO_READ_BACK: "charging_profiles_not_shown",
}


# What the number that is used instead can do wrong, with the text of its issue.
_NUMBER_ISSUES: Final = {
    NumberVerdict.ALLOWS_MORE: "charging_number_exceeded",
    NumberVerdict.STANDS: "charging_number_stands",
}


@dataclass(kw_only=True)
class _Standing:
    """How things stand with one charger.

    Attributes:
        call: What is under way with it.
        commanded: The car and the limit that its meter is expected to show.
        handed_back: It was left to others.
        tries: How often that was tried.
        tried_at: When last.
    """

    call: asyncio.Task[Any] | None = None
    commanded: tuple[datetime | None, float] | None = None
    handed_back: bool = False
    tries: int = 0
    tried_at: datetime | None = None

    @property
    def busy(self) -> bool:
        """Whether something is under way with it; a second thing must not begin then."""
        return self.call is not None and not self.call.done()


def profiles_issue_id(charger_id: str) -> str:
    """Return the id of the issue of a charger that does not follow profiles."""
    return f"charging_profiles_fail_{charger_id}"


def number_issue_id(charger_id: str) -> str:
    """Return the id of the issue of a charger that its number does not limit either."""
    return f"charging_number_fails_{charger_id}"


def limited_issue_id(charger_id: str) -> str:
    """Return the id of the issue of a charger that something else limits."""
    return f"charging_limited_{charger_id}"


class ProfileDriver:
    """Drives the chargers that can hold a plan."""

    def __init__(
        self, hass: HomeAssistant, writer: ChargerWriter, look_again: Callable[[], None]
    ) -> None:
        """Drive nothing yet.

        Args:
            hass: Home Assistant.
            writer: Writes what a profile cannot do, and everything where profiles fail.
            look_again: Called when a charger's situation has changed later than it was waited for.
        """
        self._hass = hass
        self._writer = writer
        self._look_again = look_again
        self._standings: dict[str, _Standing] = {}
        self.calls = 0
        """How often a charger was asked for something that may have taken its time."""

    def _standing(self, point: ChargingPoint) -> _Standing:
        return self._standings.setdefault(point.charger.id, _Standing())

    async def async_replace(
        self,
        point: ChargingPoint,
        profiles: OcppLimit,
        command: Command,
        state: ControlState,
        *,
        urgent: bool,
    ) -> None:
        """Drive a charger that does not follow profiles by its number, and take those away."""
        state.follow(profiles.control.report)
        state.limited_elsewhere_a = None
        self._report_failure(point, profiles)
        await point.charger.async_raise_numbers()
        if not self._standing(point).tries:
            # Taken away later, they might take the place of what the number has set.
            await self._async_hand_back_failed(point, profiles, state, repeat=False)
        await self._writer.async_write(point, command, state, urgent=urgent)
        self._check_number(point, profiles)
        if state.sent is None:
            await self._async_hand_back_failed(point, profiles, state)

    async def async_follow(
        self,
        point: ChargingPoint,
        profiles: OcppLimit,
        command: Command,
        state: ControlState,
        limits: PlannedLimits,
        *,
        urgent: bool,
        awaited: bool,
    ) -> None:
        """Have a charger follow its limits, within what its command allows at present.

        What is awaited is not to wait, however much later it changes.
        """
        await self._async_tell(point, profiles, command, state, limits, awaited=awaited)
        report = profiles.control.report
        self._report_limit(point, profiles, state)
        if report.state is ProfileState.FAILED:
            self._report_failure(point, profiles)
            point.commanded.forget()
            # What limits it from now on is read at the next look.
            self._look_again()
        elif _is_told(report, command):
            await point.charger.async_raise_numbers()

            def begin(point: ChargingPoint, command: Command, _: ControlState) -> Step | None:
                # Its profile pauses it. All that is missing may be somebody who lets it begin.
                waits = point.reading.is_on is False and point.charger.may_start
                if profiles.control.ends_at_zero:
                    return Step.START if waits and not command.stops else None
                return Step.START if waits and _is_to_begin(point, command, limits) else None

            await self._writer.async_write(point, command, state, urgent=urgent, steps=begin)
            point.commanded.refuses = point.commanded.refuses or report.problem in _OUT_OF_REACH

    async def async_hand_back(
        self, point: ChargingPoint, profiles: OcppLimit, state: ControlState
    ) -> None:
        """Leave a charger to others, until it is written again."""
        if not profiles.control.failed:
            state.follow(None)
        standing, now = self._standing(point), dt_util.utcnow()
        if standing.handed_back or standing.busy:
            return
        again = _HAND_BACK_AFTER if standing.tries < _HAND_BACK_TRIES else _HAND_BACK_LATER
        if standing.tried_at is not None and now - standing.tried_at < again:
            return
        standing.tried_at = now
        standing.tries += 1

        async def hand_back() -> None:
            # It may be answered after nobody waits for that any more.
            standing.handed_back = await profiles.control.async_hand_back(
                _wiring(point, profiles), Context()
            )

        await self._async_call(standing, hand_back())

    # What it is commanded

    async def _async_tell(
        self,
        point: ChargingPoint,
        profiles: OcppLimit,
        command: Command,
        state: ControlState,
        limits: PlannedLimits,
        *,
        awaited: bool,
    ) -> None:
        """Tell the charger its plan, if that is due; what it comes to is in the state."""
        standing, control, now = self._standing(point), profiles.control, dt_util.utcnow()
        if standing.commanded != (commanded := (point.session.plugged_at, command.limit_kw)):
            standing.commanded = commanded
            point.note_command(now, command.limit_kw)
        if not standing.busy:
            standing.handed_back, standing.tries, standing.tried_at = False, 0, None
            applying = control.async_apply(
                limits,
                _wiring(point, profiles),
                cap_kw=command.limit_kw,
                awaited=awaited,
                context=Context(),
            )
            await self._async_call(standing, applying)
        state.follow(control.report)
        if control.report.state is ProfileState.CONFIRMED:
            point.note_confirmed()
            ir.async_delete_issue(self._hass, DOMAIN, profiles_issue_id(point.charger.id))
        point.commanded.refuses = standing.busy or control.report.problem in _OUT_OF_REACH

    async def _async_call(self, standing: _Standing, what: Coroutine[Any, Any, object]) -> None:
        """Do something with a charger, and wait for that as long as the others may have to."""
        call: asyncio.Task[object] = self._hass.async_create_task(
            what, f"{DOMAIN} charging profile"
        )
        standing.call = call
        self.calls += not call.done()
        await asyncio.wait({call}, timeout=_ANSWER_WITHIN_S)
        if call.done():
            call.result()
        else:
            call.add_done_callback(lambda _: self._look_again())

    # Where profiles fail

    def _check_number(self, point: ChargingPoint, profiles: OcppLimit) -> None:
        """Notice whether the number limits the charger, and notify people where it does not."""
        verdict = profiles.check_number(_wiring(point, profiles))
        issue_id = number_issue_id(point.charger.id)
        if verdict is NumberVerdict.FOLLOWS:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        elif verdict in _NUMBER_ISSUES:
            ir.async_create_issue(
                self._hass,
                DOMAIN,
                issue_id,
                data=part_data(point.charger.id),
                is_fixable=True,
                severity=ir.IssueSeverity.WARNING,
                translation_key=_NUMBER_ISSUES[verdict],
                translation_placeholders={
                    "charger": point.charger.name,
                    "entity": point.charger.limit_shown_as,
                },
            )

    async def _async_hand_back_failed(
        self, point: ChargingPoint, profiles: OcppLimit, state: ControlState, *, repeat: bool = True
    ) -> None:
        """Take the profiles away where the number limits the charger."""
        standing = self._standing(point)
        before = standing.handed_back
        await self.async_hand_back(point, profiles, state)
        # Before 0.12 of the integration, the number's limit may be kept where our profile was.
        kept_there = repeat and not profiles.control.entities.since_012
        profiles.repeat_number |= kept_there and standing.handed_back and not before

    def _report_limit(self, point: ChargingPoint, profiles: OcppLimit, state: ControlState) -> None:
        """Notify people where something else limits a charger that follows its profile."""
        issue_id = limited_issue_id(point.charger.id)
        state.limited_elsewhere_a = limit_a = profiles.control.limited_elsewhere_a()
        if limit_a is None:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
            return
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            data={**part_data(point.charger.id), "limit_a": limit_a},
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key="charging_limited_elsewhere",
            translation_placeholders={"charger": point.charger.name, "limit": f"{limit_a:g}"},
        )

    def _report_failure(self, point: ChargingPoint, profiles: OcppLimit) -> None:
        report = profiles.control.report
        if report.problem not in _ISSUES:
            # It has failed before, and cannot be reached to be left to others.
            return
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            profiles_issue_id(point.charger.id),
            data=part_data(point.charger.id),
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=_ISSUES[report.problem],
            translation_placeholders={
                "charger": point.charger.name,
                "error": as_part(report.detail or "-"),
                "entity": point.charger.limit_shown_as,
            },
        )


def _wiring(point: ChargingPoint, profiles: OcppLimit) -> Wiring:
    return Wiring(
        phases=point.phases,
        voltage=point.charger.voltage,
        min_a=profiles.min_a,
        of_charger=point.charger.phases,
    )


def _is_to_begin(point: ChargingPoint, command: Command, limits: PlannedLimits) -> bool:
    """Tell whether a charger with a profile is to begin: before the car may draw, if it can.

    Then it goes on by itself, should nobody be there when the car may.
    """
    # Where it was stopped, starting it too early would stop it again.
    waits = point.reading.connection is Connection.PLUGGED and not point.reading.stopped
    return not command.stops or (waits and any(limits.limit_kw))


def _is_told(report: ProfileReport, command: Command) -> bool:
    """Tell whether a charger knows enough for its car to begin."""
    if report.problem is ProfileProblem.NO_TRANSACTION:
        # There is nothing to tell it before the car begins, when it should.
        return not command.stops
    return report.state is not ProfileState.WAITING
