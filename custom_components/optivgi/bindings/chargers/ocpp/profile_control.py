"""Charging profiles for a charge point of lbbrhzn/ocpp: it follows the plan by itself.

What a caller does, for each charger that :meth:`OcppAddress.find` finds an address for:

- Make one :class:`OcppProfileControl`, and call :meth:`~OcppProfileControl.async_apply` at every
  look at the chargers, and when one of ``watched_entities`` changes, with the limits of the plan
  and what the connection leaves at present. It writes only when that is needed, verifies, and
  returns a :class:`ProfileReport`. A charger that is to give nothing gets limits of 0, and 0 as
  the safe limit.
- On ``WAITING`` and ``SENT``, assume what the car draws or with the limit before, whichever
  is more; ``CONFIRMED`` means that the charger allows ``report.limit_kw`` at most.
- On ``FAILED``, drive the charger through a number as any other; once that is confirmed, call
  ``async_hand_back``, so that an old profile does not hold the charger back. From then on
  ``async_apply`` does nothing: a charger that refuses profiles in silence would charge without
  limits at each new attempt. A new control, as after a restart, tries again.
- Call ``async_hand_back`` when the user takes the charger over, and when it is removed; not when
  Home Assistant stops: that the charger goes on is what the profile is for. The next
  ``async_apply`` takes the charger back.

Calls must not overlap; one takes at most as long as the charger takes to answer, or 12 s for each
question that it leaves unanswered.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import Context, HomeAssistant
from homeassistant.util import dt as dt_util

from ....const import LOGGER
from .actions import OcppError, async_clear, async_probe, async_send, can_clear
from .at_zero import TransactionAtZero
from .attempts import Attempts
from .charging_profile import (
    MIN_A,
    ChargingProfile,
    OcppVersion,
    PlannedLimits,
    ProfileCapabilities,
    Purpose,
    RateUnit,
    Wiring,
    charging_profile,
    constant_profile,
    hand_back,
)
from .elsewhere import LimitedElsewhere
from .entities import OcppAddress, OcppEntities, Seen
from .following import (
    MIN_INTERVAL,
    SentProfile,
    Urgency,
    Verdict,
    capped,
    exceeded_since,
    is_due,
    is_new_connection,
    is_silent,
    may_have_lost_it,
    urgency,
    verdict,
)
from .held import HeldProfiles
from .report import ProfileProblem, ProfileReport, ProfileState, ProfileUse
from .wear import Wear

__all__ = [
    "OcppAddress",
    "OcppProfileControl",
    "ProfileProblem",
    "ProfileReport",
    "ProfileState",
    "ProfileUse",
]

# What lbbrhzn/ocpp asks of chargers by default.
DEFAULT_METER_INTERVAL: Final = timedelta(seconds=60)
# The clocks of charger and house differ a little.
_CLOCK_AHEAD: Final = timedelta(minutes=1)
_PROBLEMS: Final = {
    Verdict.ALLOWS_MORE: ProfileProblem.ALLOWS_MORE,
    Verdict.HELD_BACK: ProfileProblem.HELD_BACK,
    Verdict.SHOWS_NOTHING: ProfileProblem.NO_READ_BACK,
}


class OcppProfileControl:
    """Keeps the profiles at one connector of a charge point as the plan wants them."""

    def __init__(
        self,
        hass: HomeAssistant,
        address: OcppAddress,
        *,
        max_a: float,
        use: ProfileUse = ProfileUse.TX_DEFAULT,
        meter_interval: timedelta = DEFAULT_METER_INTERVAL,
    ) -> None:
        """Take charge of a connector; nothing is sent yet.

        Args:
            hass: Home Assistant.
            address: The charge point and the connector.
            max_a: The maximum that the charger may ever offer; what it is handed back with.
            use: Which profiles to send it.
            meter_interval: How often it sends meter values.
        """
        self._hass = hass
        self.use = use
        self.entities = OcppEntities(hass, address)
        self._address = address
        self._max_a = max_a
        self._meter_interval = meter_interval
        self._capabilities: ProfileCapabilities | None = None
        self._asked_at: datetime | None = None
        self._sent: dict[Purpose, SentProfile] = {}
        self._tried_at: dict[Purpose, datetime] = {}
        self._held = HeldProfiles()
        self._wear = Wear()
        self._seen: Seen | None = None
        self._elsewhere = LimitedElsewhere()
        self._at_zero = TransactionAtZero()
        self._attempts = Attempts()
        self._before_a = 0.0
        self.report = ProfileReport()
        self.number_phases: int | None = None
        """On how many phases the charger is to charge; None where that is its own."""

    @property
    def switches_phases(self) -> bool:
        """Whether the charger goes by the number of phases of a profile, as far as it was asked."""
        return self._capabilities is None or self._capabilities.switches_phases

    @property
    def _followed(self) -> SentProfile | None:
        """What it is to follow now: that of the transaction takes the place of others."""
        return self._sent.get(Purpose.TX) or self._sent.get(Purpose.TX_DEFAULT)

    @property
    def allowed_a(self) -> float | None:
        """The maximum that the charger may allow now, in A per phase; None where nothing was sent.

        Until it is seen to follow its profile, it may still allow what it did before.
        """
        sent = self._followed
        if sent is None:
            return None
        allowed_a = sent.allowed_a(dt_util.utcnow())
        if self.report.state is ProfileState.CONFIRMED:
            return allowed_a
        return max(allowed_a, self._before_a)

    @property
    def pauses(self) -> bool:
        """Whether its profile holds the car back, by a clock that may be a little ahead."""
        sent = self._followed
        now = dt_util.utcnow()
        moments = (now, now + _CLOCK_AHEAD)
        return sent is not None and min(map(sent.allowed_a, moments)) < MIN_A

    def may_hold_a(self, edges: Sequence[datetime]) -> tuple[float, ...] | None:
        """Return the max that its profiles may allow in each step and after, in A per phase.

        That is by what it was seen to follow and by whatever it was sent since; None where it was
        sent nothing, so that it may hold anything.

        Args:
            edges: The beginnings of the steps, and the end of the last.
        """
        return self._held.highest_a(edges)

    @property
    def ends_at_zero(self) -> bool:
        """Whether it ends transactions at 0 A, so that none may begin before it is due."""
        return self._at_zero.ends

    @property
    def watched_entities(self) -> tuple[str, ...]:
        """The entities whose changes ask for a look at the charger."""
        return self.entities.watched

    @property
    def fallback_entity(self) -> str | None:
        """The number that limits the charger where profiles do not."""
        return self.entities.number_entity

    @property
    def unit(self) -> RateUnit:
        """What it takes limits in, as far as it was asked."""
        return RateUnit.AMPERE if self._capabilities is None else self._capabilities.unit

    @property
    def failed(self) -> bool:
        """Whether something else has to drive the charger."""
        return self._attempts.exhausted

    async def async_apply(
        self,
        limits: PlannedLimits,
        wiring: Wiring,
        *,
        cap_kw: float | None = None,
        awaited: bool = False,
        context: Context | None = None,
    ) -> ProfileReport:
        """Bring the charger to follow planned limits; send only what is needed.

        Never raises.

        Args:
            limits: What the car may draw by the plan, and after it.
            wiring: How the car is connected.
            cap_kw: What the connection leaves for it at present, where that is less.
            awaited: Somebody waits for what changes, even if that is much later.
            context: Under which to write.
        """
        if self.failed:
            return self.report
        now = dt_util.utcnow()
        seen = self.entities.read()
        self._notice(seen)
        if not seen.connected:
            return self._wait(ProfileProblem.OFFLINE)
        self._judge(seen, now)
        if self.failed or (capabilities := await self._async_capabilities(now)) is None:
            return self.report
        purposes = list(self._purposes(seen, capabilities.version))
        if not purposes:
            return self._wait(ProfileProblem.NO_TRANSACTION)
        cap_kw = self._wear.spared_kw(cap_kw, self._followed, wiring, now)
        limits = capped(limits, wiring, cap_kw, now, steady=self._wear.many(now))
        for purpose, transaction_id in purposes:
            profile = self._profile(
                limits,
                now,
                wiring=wiring,
                capabilities=capabilities,
                purpose=purpose,
                transaction_id=transaction_id,
            )
            wanted = SentProfile(profile=profile, wiring=wiring, at=now, until=limits.horizon.end)
            if not self._is_due(wanted, awaited=awaited):
                continue
            done = await self._async_send(wanted, capabilities.version, context)
            refused = self.report.problem is ProfileProblem.REFUSED
            if not done and refused and self._attempts.is_final(now):
                done = await self._async_send(wanted, capabilities.version, context)
            if not done:
                return self.report
        if is_silent(seen, now):
            # The integration shows the last states for as long as it hears nothing.
            self._wait(ProfileProblem.OFFLINE)
        return self.report

    async def async_hand_back(self, wiring: Wiring, context: Context | None = None) -> bool:
        """Leave the charger to others, with a profile in place of ours that limits nothing.

        Returns whether it was sent. Profiles of others are left alone; what they limit holds.
        """
        now = dt_util.utcnow()
        seen = self.entities.read()
        if not seen.connected or (capabilities := await self._async_capabilities(now)) is None:
            return False
        done = True
        for purpose, transaction_id in self._purposes(seen, capabilities.version):
            profile = hand_back(
                self._max_a,
                now,
                connector=self._address.connector,
                wiring=wiring,
                capabilities=capabilities,
                purpose=purpose,
                transaction_id=transaction_id,
            )
            try:
                await async_send(
                    self._hass, self._address, profile.payload(capabilities.version), context
                )
            except OcppError as err:
                LOGGER.debug("%s was not handed back: %s", self._address, err)
                done = False
            else:
                self._sent.pop(purpose, None)
                self._tried_at.pop(purpose, None)
                self._held.forget(purpose)
        if done and not self.failed:
            self.report = ProfileReport()
        return done

    @property
    def can_clear(self) -> bool:
        """Whether everybody's profiles can be removed from it: its integration can for 1.6."""
        known = self._capabilities
        is_16 = known is not None and known.version is OcppVersion.V16
        return is_16 and can_clear(self._hass)

    async def async_clear(self) -> None:
        """Remove everybody's profiles from it: it allows what it likes until it is sent ours again.

        Raises:
            OcppError: It does not answer, or cannot be reached.
        """
        await async_clear(self._hass, self._address.cpid)

    # What is known of the charger

    def _notice(self, seen: Seen) -> None:
        """Take notice of what has happened at the charger since the last look."""
        before, self._seen = self._seen, seen
        if before is not None:
            self._at_zero.observe(before, seen, dt_util.utcnow(), pauses=self.pauses)
        of_transaction = self._sent.get(Purpose.TX)
        if of_transaction and of_transaction.profile.transaction_id != seen.transaction_id:
            # It ended with its transaction.
            del self._sent[Purpose.TX]
            self._tried_at.pop(Purpose.TX, None)
            self._held.forget(Purpose.TX)
        if before is None or not may_have_lost_it(before, seen):
            return
        for sent in self._sent.values():
            sent.outdated = True
        if is_new_connection(before, seen):
            self._capabilities = self._asked_at = None
            self._tried_at.clear()
            self._attempts.reconnect(dt_util.utcnow())

    async def _async_capabilities(self, now: datetime) -> ProfileCapabilities | None:
        """Return what the charger takes; asked for once per connection."""
        if self._capabilities is not None:
            return self._capabilities
        if self._asked_at is not None and now - self._asked_at < MIN_INTERVAL:
            return None
        self._asked_at = now
        try:
            self._capabilities = await async_probe(self._hass, self._address.cpid)
        except OcppError as err:
            if err.offline:
                self._asked_at = None
            self._note_error(err)
        return self._capabilities

    def _judge(self, seen: Seen, now: datetime) -> None:
        """Take notice of whether the charger follows its profile."""
        sent = self._followed
        if sent is None:
            return
        found = Verdict.PENDING
        if not sent.outdated:
            found = verdict(sent, seen, now, self._meter_interval)
        problem = _PROBLEMS.get(found)
        if problem is ProfileProblem.NO_READ_BACK and self._answers:
            problem, found = None, Verdict.FOLLOWS
        state = ProfileState.SENT
        accepted = self._answers and not sent.outdated and seen.transaction_id is None
        if found is Verdict.FOLLOWS or accepted:
            # Where nothing can be measured, what it has accepted counts.
            self._held.confirm(sent)
        if found is Verdict.FOLLOWS:
            self._attempts.succeed()
            self._before_a = 0.0
            sent.followed = True
            state = ProfileState.CONFIRMED
        elif problem is not None:
            sent.outdated = True
            # A charger that shows nothing and whose refusals are not reported cannot be trusted.
            self._attempts.fail(for_good=problem is ProfileProblem.NO_READ_BACK)
            LOGGER.debug("%s: %s, attempt %s", self._address, problem, self._attempts.count)
        elif not sent.outdated and self.report.state is ProfileState.CONFIRMED:
            # A new period has begun, and has not been measured yet.
            state = ProfileState.CONFIRMED
        self.report = ProfileReport(
            state=ProfileState.FAILED if self.failed else state,
            limit_kw=_limit_kw(sent, now),
            problem=problem,
            sent_at=sent.at,
        )

    def limited_elsewhere_a(self) -> float | None:
        """Return what the charger offers where something else limits it; None where nothing does.

        A profile of somebody else on the highest level wins over ours.
        """
        sent, seen = self._followed, self._seen
        if sent is None or seen is None:
            return None
        return self._elsewhere.check(sent, seen, dt_util.utcnow())

    @property
    def _answers(self) -> bool:
        """Whether a refusal of the charger is reported: the integration swallows those of 1.6."""
        return self._capabilities is not None and self._capabilities.version is OcppVersion.V201

    # What it is to be sent

    def _purposes(self, seen: Seen, version: OcppVersion) -> Iterator[tuple[Purpose, str | None]]:
        """Yield what profiles are for, with the transaction where they are for one."""
        if self.use is not ProfileUse.TX:
            yield Purpose.TX_DEFAULT, None
        transaction_id = seen.transaction_id
        if transaction_id is None or self.use is ProfileUse.TX_DEFAULT:
            return
        # Some chargers give them ids of their own, which are negative.
        if version is OcppVersion.V201 or transaction_id.removeprefix("-").isdecimal():
            yield Purpose.TX, transaction_id

    def _profile(
        self,
        limits: PlannedLimits,
        now: datetime,
        *,
        wiring: Wiring,
        capabilities: ProfileCapabilities,
        purpose: Purpose,
        transaction_id: str | None,
    ) -> ChargingProfile:
        """Return what the charger should hold."""
        connector = self._address.connector
        if purpose is Purpose.TX_DEFAULT and self.use is ProfileUse.BOTH:
            safe_a = limits.safe_kw * 1000 / wiring.voltage / wiring.phases
            return constant_profile(
                safe_a, now, connector=connector, wiring=wiring, capabilities=capabilities
            )
        return charging_profile(
            limits,
            now,
            connector=connector,
            wiring=wiring,
            capabilities=capabilities,
            purpose=purpose,
            transaction_id=transaction_id,
            number_phases=self.number_phases,
        )

    def _is_due(self, wanted: SentProfile, *, awaited: bool) -> bool:
        """Return whether a profile has to be sent now."""
        sent = self._sent.get(wanted.profile.purpose)
        awaited = awaited and self._wear.may_hurry(wanted.at)
        how_soon = urgency(sent, wanted, wanted.at, awaited=awaited)
        tried_at = self._tried_at.get(wanted.profile.purpose)
        sent_at = None if sent is None else sent.at
        if how_soon is None or not is_due(how_soon, sent_at, tried_at, wanted.at):
            return False
        # Less cannot wait, nor what may have been lost.
        gives_more = sent is not None and not sent.outdated and how_soon is not Urgency.AT_ONCE
        return not (gives_more and self._wear.many(wanted.at, pauses=self.pauses))

    # Sending it

    async def _async_send(
        self, wanted: SentProfile, version: OcppVersion, context: Context | None
    ) -> bool:
        """Send the charger a profile; return whether nothing went wrong as far as can be seen."""
        purpose = wanted.profile.purpose
        before = self._sent.get(purpose)
        tried_at = self._tried_at.get(purpose)
        self._tried_at[purpose] = wanted.at
        self._before_a = self._max_a if self.allowed_a is None else self.allowed_a
        self._held.add(wanted)
        self._wear.note(wanted.at)
        LOGGER.debug("%s is sent %s", self._address, wanted.profile)
        try:
            await async_send(self._hass, self._address, wanted.profile.payload(version), context)
        except OcppError as err:
            if err.offline:
                # It never got there, and is due as soon as it can.
                self._held.withdraw(wanted)
                self._wear.withdraw(wanted.at)
                self._tried_at.pop(purpose)
                if tried_at is not None:
                    self._tried_at[purpose] = tried_at
            if before is not None:
                # It may have taken it and not have said so.
                before.outdated = True
                self._before_a = max(self._before_a, wanted.allowed_a(wanted.at))
            self._note_error(err)
            return False
        if before is not None:
            known_a = before.allowed_a(wanted.at) if before.followed else before.before_a
            # What has to be sent once more is given its time once more.
            since = None
            if self._seen is not None and not before.outdated:
                since = exceeded_since(before, wanted, self._seen)
            wanted = replace(wanted, before_a=known_a, exceeded_since=since)
        self._sent[purpose] = wanted
        self.report = ProfileReport(
            state=ProfileState.SENT, limit_kw=_limit_kw(wanted, wanted.at), sent_at=wanted.at
        )
        return True

    def _note_error(self, err: OcppError) -> None:
        """Take notice that the charger could not be asked or commanded."""
        problem = ProfileProblem.REFUSED if err.answered else ProfileProblem.NO_ANSWER
        if err.offline:
            self._wait(ProfileProblem.OFFLINE, str(err))
            return
        self._attempts.fail()
        LOGGER.debug("%s: %s (%s), attempt %s", self._address, problem, err, self._attempts.count)
        self.report = replace(
            self.report,
            state=ProfileState.FAILED if self.failed else ProfileState.WAITING,
            problem=problem,
            detail=str(err),
        )

    def _wait(self, problem: ProfileProblem, detail: str = "") -> ProfileReport:
        self.report = replace(
            self.report, state=ProfileState.WAITING, problem=problem, detail=detail
        )
        return self.report


def _limit_kw(sent: SentProfile, now: datetime) -> float:
    return sent.allowed_a(now) * sent.wiring.voltage * sent.wiring.phases / 1000
