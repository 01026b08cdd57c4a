"""When a charge point has to be sent its profile again, and whether it follows the one it has.

Nothing here talks to anybody. Writing wears the memory of some chargers out, so that a profile
is written seldom; a profile that nobody confirmed is worth nothing, so that it is watched.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
import math
from typing import Final, Self

from .charging_profile import MIN_A, ChargingProfile, PlannedLimits, RateUnit, Wiring
from .entities import Seen

# Unless it is to allow less at once, a charger is not written more often.
MIN_INTERVAL: Final = timedelta(minutes=1)
# What changes after this can wait for a while: the next plan may change it again.
_NEAR: Final = timedelta(minutes=15)
# One cycle of planning.
_FAR_INTERVAL: Final = timedelta(minutes=5)
# The end of the plan that the charger has must not come close.
_RENEW_BEFORE: Final = timedelta(hours=6)
# Half of the whole amperes that most chargers accept: less changes nothing there.
_DEAD_BAND_A: Final = 0.5
# Smaller differences are none: limits have one decimal.
_SAME_A: Final = 0.05
# What chargers show differs a little from their limits.
_TOLERANCE_A: Final = 0.5
# By EN 50160 the voltage may be so much higher, and with it what W are of the same A.
_VOLTAGE_VARIES: Final = 0.1
# A charger takes up to half a minute to act on a profile.
_ACTS_WITHIN: Final = timedelta(seconds=30)
# One meter value may be on its way while the profile arrives; the next one shows it.
_METER_INTERVALS: Final = 2
# Of a charger that is connected something is heard every 20 s.
_HEARD_WITHIN: Final = timedelta(minutes=3)

# What the house takes changes within minutes; an expired cap would be sent again.
_CAP_LASTS: Final = timedelta(minutes=5)
# By then it may be written as usual again.
_STEADY_CAP_LASTS: Final = timedelta(hours=1)

CHARGING: Final = "Charging"
SUSPENDED_BY_CHARGER: Final = "SuspendedEVSE"
_WAITS: Final = frozenset({"Preparing", SUSPENDED_BY_CHARGER})
WITHOUT_TRANSACTION: Final = frozenset({"Available", "Preparing", "Finishing", "Reserved"})
"""What a connector says while no transaction runs, so that it gives no power."""
_TRANSACTION_RUNS: Final = frozenset({CHARGING, SUSPENDED_BY_CHARGER, "SuspendedEV"})


@dataclass(kw_only=True)
class SentProfile:
    """A profile that was sent to a charge point.

    Attributes:
        profile: The profile.
        wiring: How the car was connected.
        at: When it was sent.
        until: The end of the plan it was made from.
        before_a: What the charger allowed before, in A; None where that is not known.
        followed: Whether it was seen to follow this.
        outdated: Whether it has to be sent again, as the charge point may have lost it.
        exceeded_since: Since when it has shown more than it was to allow, by this and by what it
            was sent before; None where it has not.
    """

    profile: ChargingProfile
    wiring: Wiring
    at: datetime
    until: datetime
    before_a: float | None = None
    followed: bool = False
    outdated: bool = False
    exceeded_since: datetime | None = None

    def allowed_a(self, moment: datetime) -> float:
        """Return what the charger is to allow at a moment, in A per phase."""
        return self.wiring.ampere(self.profile.limit_at(moment), self.profile.unit)

    @property
    def safe_a(self) -> float:
        """What the charger is to allow once nobody plans any more, in A per phase."""
        return self.wiring.ampere(self.profile.periods[-1].limit, self.profile.unit)

    def highest_a(self, begin: datetime, end: datetime | None) -> float:
        """Return the max that the charger is to allow from a moment on, until another if given."""
        start = self.profile.start
        changes = [start + timedelta(seconds=p.start_s) for p in self.profile.periods]
        inside = [c for c in changes if begin < c and (end is None or c < end)]
        return max(map(self.allowed_a, [begin, *inside]))

    def period_began(self, now: datetime) -> datetime:
        """Return since when the charger has been to allow what it is to allow now."""
        start = self.profile.start
        begins = [start + timedelta(seconds=p.start_s) for p in self.profile.periods]
        return max([self.at, *(begin for begin in begins if begin <= now)])


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a charger shows to allow, in A per phase, where that is not certain.

    Of W it is not known for how many phases they are meant: those of the car or of the charger.

    Attributes:
        least_a: At least so much.
        most_a: At most so much.
        in_watt: Whether it was measured in W, so that it depends on the voltage.
        is_drawn: Whether it is what the car draws, which says nothing of what it might.
    """

    least_a: float
    most_a: float
    in_watt: bool = False
    is_drawn: bool = False

    @classmethod
    def of(cls, seen: Seen, wiring: Wiring, unit: RateUnit) -> Self | None:
        """Read it from what is measured: what is offered, else what the car draws."""
        if seen.offered_a is not None:
            return cls(least_a=seen.offered_a, most_a=seen.offered_a)
        if seen.offered_kw is not None:
            most_a = seen.offered_kw * 1000 / (wiring.voltage * wiring.phases)
            # A profile in W says for how many phases it is.
            phases = wiring.phases if unit is RateUnit.WATT else wiring.of_charger or wiring.phases
            least_a = most_a * wiring.phases / max(wiring.phases, phases)
            return cls(least_a=max(least_a, seen.imported_a or 0.0), most_a=most_a, in_watt=True)
        if seen.imported_a is not None:
            return cls(least_a=seen.imported_a, most_a=seen.imported_a, is_drawn=True)
        return None

    def exceeds(self, limit_a: float) -> bool:
        """Return whether it is more than a limit."""
        voltage = limit_a * _VOLTAGE_VARIES if self.in_watt else 0.0
        return self.least_a > limit_a + max(_TOLERANCE_A, voltage)


class Urgency(StrEnum):
    """How soon a profile has to be sent."""

    AT_ONCE = "at_once"
    """It is to allow less now, or somebody waits for what it is to give up later."""
    SOON = "soon"
    """When the last time is a minute ago."""
    LATER = "later"
    """When the last time is five minutes ago."""


def urgency(
    sent: SentProfile | None, wanted: SentProfile, now: datetime, *, awaited: bool = False
) -> Urgency | None:
    """Return how soon a profile has to take another's place; None where it need not.

    What the one in the charger does not know of, as its plan ended earlier, makes no difference
    until that end comes closer.

    Args:
        sent: The profile that the charger was sent last.
        wanted: The one that it is to have.
        now: The present.
        awaited: Whatever changes, however much later, is not to wait.
    """
    if sent is None:
        return Urgency.SOON
    until = min(sent.until, wanted.until)
    soon = now + MIN_INTERVAL
    changes = {now}
    for one in (sent, wanted):
        start = one.profile.start
        changes |= {start + timedelta(seconds=p.start_s) for p in one.profile.periods}
    differences = [
        (moment, wanted.allowed_a(moment) - sent.allowed_a(moment))
        for moment in changes
        if now <= moment and (moment < until or moment == now)
    ]
    switches = sent.profile.number_phases != wanted.profile.number_phases
    if switches or any(more < -_SAME_A for moment, more in differences if moment <= soon):
        return Urgency.AT_ONCE
    differs = any(abs(more) > _DEAD_BAND_A for _, more in differences)
    if awaited and (differs or sent.safe_a - wanted.safe_a > _DEAD_BAND_A):
        return Urgency.AT_ONCE
    if sent.outdated:
        return Urgency.SOON
    if any(more > _DEAD_BAND_A for moment, more in differences if moment <= now + _NEAR):
        return Urgency.SOON
    if differs:
        return Urgency.LATER
    left = sent.until - now
    if wanted.until > sent.until and left < min(_RENEW_BEFORE, (wanted.until - now) / 2):
        return Urgency.LATER
    return None


def is_due(
    how_soon: Urgency, sent_at: datetime | None, tried_at: datetime | None, now: datetime
) -> bool:
    """Return whether the time has come, by when it was sent and when that was tried last.

    What failed just now is not tried again at once, however urgent it is.
    """
    if tried_at is None or (how_soon is Urgency.AT_ONCE and tried_at == sent_at):
        return True
    wait = _FAR_INTERVAL if how_soon is Urgency.LATER else MIN_INTERVAL
    return now - tried_at >= wait


def may_have_lost_it(before: Seen, seen: Seen) -> bool:
    """Return whether what happened at a charge point requires its profile to be sent again.

    The integration sends a charge point nothing when it comes back, and some forget profiles
    between transactions or when charging is resumed.
    """
    begun = seen.transaction_id is not None and seen.transaction_id != before.transaction_id
    resumed = seen.status == CHARGING and before.status in _WAITS
    return begun or resumed or is_new_connection(before, seen)


def is_new_connection(before: Seen, seen: Seen) -> bool:
    """Return whether a charge point has reconnected: with other firmware, perhaps."""
    counted = None not in (before.reconnects, seen.reconnects)
    return (counted and before.reconnects != seen.reconnects) or (
        seen.connected and not before.connected
    )


def is_silent(seen: Seen, now: datetime) -> bool:
    """Return whether nothing is heard of a charge point that has something to report."""
    if seen.transaction_id is None:
        return False
    return seen.heard_at is None or now - seen.heard_at > _HEARD_WITHIN


class Verdict(StrEnum):
    """Whether a charge point follows its profile."""

    FOLLOWS = "follows"
    PENDING = "pending"
    """It has not shown that yet, and is not late."""
    ALLOWS_MORE = "allows_more"
    HELD_BACK = "held_back"
    """It allows less, and no limit that a person has set explains that."""
    SHOWS_NOTHING = "shows_nothing"
    """It measures nothing that would show it."""


def verdict(sent: SentProfile, seen: Seen, now: datetime, meter_interval: timedelta) -> Verdict:
    """Judge by what a charger offers, or by what the car draws where it does not report that.

    While it does not charge, a charger may measure nothing, and what it measured last stays to be
    seen; then its status counts.
    """
    if seen.status not in _TRANSACTION_RUNS:
        return Verdict.PENDING
    since = sent.period_began(now)
    patience = max(_METER_INTERVALS * meter_interval, _ACTS_WITHIN)
    allowed_a = sent.allowed_a(now)
    if seen.status == SUSPENDED_BY_CHARGER and allowed_a < MIN_A:
        heard = seen.heard_at is not None and seen.heard_at > sent.at
        return Verdict.FOLLOWS if heard else Verdict.PENDING
    if _held_back(sent, seen, allowed_a):
        return Verdict.HELD_BACK if now - since > patience else Verdict.PENDING
    offer = Offer.of(seen, sent.wiring, sent.profile.unit)
    if offer is None or seen.reported_at is None:
        found = Verdict.SHOWS_NOTHING
    elif offer.exceeds(allowed_a):
        found = Verdict.ALLOWS_MORE
    else:
        return Verdict.FOLLOWS if seen.reported_at > since else Verdict.PENDING
    exceeded = sent.exceeded_since
    if exceeded is None and seen.reported_at is not None and seen.reported_at <= since:
        # What it shows is from before.
        return Verdict.PENDING
    late = now - (exceeded or since) > patience
    return found if late and seen.status == CHARGING else Verdict.PENDING


def missing_a(sent: SentProfile, seen: Seen, now: datetime) -> float | None:
    """Return how much less a charger offers than its profile and people's limits allow.

    In A per phase; 0 where it is about that, None where nothing shows it at present.
    """
    offer = Offer.of(seen, sent.wiring, sent.profile.unit)
    if seen.status != CHARGING or offer is None or offer.is_drawn:
        return None
    if seen.reported_at is None or seen.reported_at <= sent.period_began(now):
        return None
    limit_a = min([sent.allowed_a(now), *seen.user_limits_a])
    tolerance_a = max(_TOLERANCE_A, limit_a * _VOLTAGE_VARIES if offer.in_watt else 0.0)
    less_a = limit_a - offer.most_a
    return less_a if less_a > tolerance_a else 0.0


def exceeded_since(before: SentProfile, sent: SentProfile, seen: Seen) -> datetime | None:
    """Return since when a charger has shown more than both of two profiles allow.

    New limits, as the house load changes, do not give it more time.
    """
    now = sent.at
    offer = Offer.of(seen, sent.wiring, sent.profile.unit)
    if offer is None or not offer.exceeds(max(before.allowed_a(now), sent.allowed_a(now))):
        return None
    return before.exceeded_since or before.period_began(now)


def _held_back(sent: SentProfile, seen: Seen, allowed_a: float) -> bool:
    """Return whether a charger pauses although it may charge, or keeps to the profile before."""
    if allowed_a < MIN_A:
        return False
    offer = Offer.of(seen, sent.wiring, sent.profile.unit)
    offered_a = None if offer is None or offer.is_drawn else offer.most_a
    if any(limit <= (offered_a or 0.0) + _TOLERANCE_A for limit in seen.user_limits_a):
        return False
    if seen.status == SUSPENDED_BY_CHARGER:
        return True
    return (
        offered_a is not None
        and sent.before_a is not None
        and offered_a < allowed_a - _TOLERANCE_A
        and abs(offered_a - sent.before_a) <= _TOLERANCE_A
        and sent.before_a >= MIN_A
    )


def capped(
    limits: PlannedLimits,
    wiring: Wiring,
    cap_kw: float | None,
    now: datetime,
    *,
    steady: bool = False,
) -> PlannedLimits:
    """Return limits within what the connection leaves for a while, if that is less.

    In whole A, and until a step of the plan begins: else every reading of the house's meter would
    be written to the charger. A charger that was written often is left with it for longer.
    """
    if cap_kw is None or cap_kw >= limits.limit_kw_at(now):
        return limits
    per_ampere = wiring.voltage * wiring.phases / 1000
    lasts = now + (_STEADY_CAP_LASTS if steady else _CAP_LASTS)
    until = next((edge for edge in limits.horizon.edges if edge >= lasts), lasts)
    return replace(
        limits, cap_kw=math.floor(cap_kw / per_ampere + 1e-6) * per_ampere, cap_until=until
    )
