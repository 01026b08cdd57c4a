"""The guard: what each charger may be sent now, so that no network limit is exceeded on the way.

It holds back what the house leaves no room for, lets go up again slowly, and lets nobody have more
before those who make room for that have shown to have let go. It is a pure function of one input,
which can be written down and looked at again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
import math
from typing import Any, ClassVar, Final

from pydantic import ConfigDict, TypeAdapter

from .allocation import Capacity, Claim, FreeRoom, Load, allocate
from .model import Phase
from .recovery import Recovery, gives_way

TOLERANCE_KW: Final = 0.01
"""Limits that differ by less are the same."""
# Rounding down must not turn the 6 A that 4.14 kW are into 5 A.
_ROUNDING: Final = 1e-6
# JSON knows no infinity, which is how urgent somebody is who charges at once.
_INFINITY_AS_TEXT: Final = ConfigDict(ser_json_inf_nan="strings")


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The limits that a charger accepts besides 0, in any one unit.

    Attributes:
        minimum: The least; steps are counted from there.
        maximum: The most; None where there is no end.
        step: What lies between two; 0 for any.
        values: The only ones that it accepts, ascending; none where it accepts all its steps.
    """

    minimum: float = 0.0
    maximum: float | None = None
    step: float = 0.0
    values: tuple[float, ...] = ()

    def times(self, factor: float) -> Steps:
        """Return the same in another unit."""
        maximum = None if self.maximum is None else self.maximum * factor
        values = tuple(value * factor for value in self.values)
        return Steps(
            minimum=self.minimum * factor, maximum=maximum, step=self.step * factor, values=values
        )

    def down(self, value: float) -> float:
        """Return the highest one that is not above a value; 0 where none is."""
        if self.maximum is not None:
            value = min(value, self.maximum)
        if self.values:
            return max((known for known in self.values if known <= value + _ROUNDING), default=0.0)
        offset = max(0.0, self.minimum)
        if value < offset - _ROUNDING:
            return 0.0
        if self.step:
            steps = max(0, math.floor((value - offset) / self.step + _ROUNDING))
            value = offset + steps * self.step
        return value


class HeldBack(StrEnum):
    """Why a charger gets less than it should."""

    HOUSE_LOAD = "house_load"
    """The house leaves no room."""
    OTHER_CHARGERS = "other_chargers"
    """Other chargers leave no room: the plan does not know of what they draw."""
    HOUSE_AND_CHARGERS = "house_and_chargers"
    """The house leaves too little, and other chargers take of that."""
    RECOVERY = "recovery"
    """The house left no room until a short while ago."""
    METER = "meter"
    """Nobody knows what the house leaves on its phases."""
    PEAK = "peak"
    """More would raise a highest power that is paid for."""
    OPERATOR = "operator"
    """Whoever runs the grid allows the site less than its wires carry."""


class Change(StrEnum):
    """What a charger's limit is to do now."""

    NONE = "none"
    """It is left as it is by whoever decides about modes."""
    DECREASE = "decrease"
    """It is no more than it has: to be commanded at once."""
    INCREASE = "increase"
    """It is more, and there is room for that."""
    WAIT = "wait"
    """It is more, and the others have not let go of that yet."""


@dataclass(frozen=True, kw_only=True)
class ChargerInput:
    """What is known of a charger. All but its phases and times is in kW or hours.

    Attributes:
        id: The charger.
        phases: Those that its car draws from.
        circuits: Ids of the circuits it hangs on.
        wanted_kw: The limit it should get by mode and plan; None to leave it as it is.
        min_kw: The minimum it can charge at; below that it gets 0.
        steps: The limits it accepts, in kW.
        urgency: How little time its car has to spare, in hours below none.
        at_once: It is to have less than now for a reason that cannot wait.
        limit_kw: What it allows by its own word.
        may_draw_kw: What its car may draw, by that word or by its meter, as far as that is no
            part of the uncontrolled load.
        under_way_kw: The limit of a command that it does not show yet; 0 without one.
        recovery: How the house last made it give way; None where it has not.
        stuck: It does not do what it was sent: the others have what it leaves them, and it is sent
            no more than that again.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _INFINITY_AS_TEXT

    id: str
    phases: tuple[Phase, ...]
    circuits: tuple[str, ...] = ()
    wanted_kw: float | None
    min_kw: float
    steps: Steps = Steps()
    urgency: float = 0.0
    at_once: bool = False
    limit_kw: float
    may_draw_kw: float
    under_way_kw: float = 0.0
    recovery: Recovery | None = None
    stuck: bool = False

    @property
    def asks(self) -> bool:
        """Whether it can be given a part of what there is."""
        return self.wanted_kw is not None and not self.stuck

    @property
    def load(self) -> Load:
        """The most that it may come to draw by what it was sent so far."""
        return Load(max(self.may_draw_kw, self.under_way_kw), self.phases, self.circuits)


@dataclass(frozen=True, kw_only=True)
class Cap:
    """What all chargers may draw together for another reason than what the wires carry.

    Attributes:
        reason: Why.
        total_kw: So much, beside the house and whatever else nobody commands.
        at_once: Who draws more is to be commanded less at once, however short ago that was done
            before.
    """

    reason: HeldBack
    total_kw: float
    at_once: bool


@dataclass(frozen=True, kw_only=True)
class GuardInput:
    """All that the guard goes by.

    Attributes:
        now: The present.
        capacity: What the network limits leave the chargers beside the house and whatever else
            nobody commands.
        connection: What they would leave if nothing but the chargers took anything; None where
            that is not known.
        unplanned: What is drawn by chargers that nobody commands, beyond what the plan knows of;
            the capacity is what is left beside that.
        caps: What keeps all chargers together below that.
        chargers: The chargers.
    """

    now: datetime
    capacity: Capacity
    connection: Capacity | None = None
    unplanned: tuple[Load, ...] = ()
    caps: tuple[Cap, ...] = ()
    chargers: tuple[ChargerInput, ...]

    def within(self, caps: Sequence[Cap]) -> Capacity:
        """Return the capacity, as far as caps leave that."""
        total_kw = min((self.capacity.total_kw, *(cap.total_kw for cap in caps)))
        return replace(self.capacity, total_kw=total_kw)

    @property
    def lowest_cap(self) -> Cap | None:
        """The cap that allows least; None where there is none below the capacity."""
        lowest = min(self.caps, key=lambda cap: cap.total_kw, default=None)
        return None if lowest is None or lowest.total_kw >= self.capacity.total_kw else lowest


@dataclass(frozen=True, kw_only=True)
class ChargerDecision:
    """What a charger is to get.

    Attributes:
        limit_kw: The limit, one that it accepts; None where it is left as it is.
        change: Whether it may be sent that now.
        urgent: It is to be sent that even if it was sent something just before.
        held_back: Why that is less than it should get; None where it is not.
        blind: What is free for it is not known.
        recovery: How the house last made it give way; None where it has not.
        circuit: Where that is less: the circuit that leaves it so little; None for the site.
    """

    limit_kw: float | None = None
    change: Change = Change.NONE
    urgent: bool = False
    held_back: HeldBack | None = None
    blind: bool = False
    recovery: Recovery | None = None
    circuit: str | None = None


@dataclass(frozen=True, kw_only=True)
class GuardDecision:
    """What each charger is to get, by id, the most urgent first."""

    chargers: Mapping[str, ChargerDecision]


def guard(given: GuardInput) -> GuardDecision:
    """Return what each charger is to get.

    Who is sent all decreases and increases of one decision never has more under way than the
    network limits carry, unless that was so before: then there are no increases.
    """
    ordered = sorted(given.chargers, key=lambda charger: (-charger.urgency, charger.id))
    decisions = {charger.id: ChargerDecision(recovery=charger.recovery) for charger in ordered}
    claims = [_claim(charger, given) for charger in ordered if charger.asks]
    uncommanded = [charger.load for charger in ordered if not charger.asks]
    rooms = _rooms(claims, uncommanded, given)
    loads = [charger.load for charger in ordered]
    room = FreeRoom(given.within(given.caps), loads)
    at_once = given.within([cap for cap in given.caps if cap.at_once])
    crowded = bool(FreeRoom(at_once, loads).overfull())
    by_id = {charger.id: charger for charger in ordered}
    if stuck := [c for c in ordered if c.stuck and c.wanted_kw is not None]:
        own = [_claim(charger, given) for charger in stuck]
        shares = {claim.id: claim.wanted_kw for claim in own}
        if crowded:
            # It may only be slow: it has to give way as everybody does.
            others = [charger.load for charger in ordered if charger.wanted_kw is None]
            shares = allocate([*claims, *own], at_once.beside(others))
        for charger in stuck:
            # Stopping what does not even slow down only makes more commands.
            min_kw = min(charger.min_kw, charger.wanted_kw or 0.0)
            decisions[charger.id] = _again(charger, max(shares[charger.id], min_kw), given)
    for claim in claims:
        charger = by_id[claim.id]
        decision = _held_back(charger, claim, rooms[claim.id], given)
        limit_kw = decision.limit_kw or 0.0
        change = Change.DECREASE
        is_more = limit_kw > charger.limit_kw + TOLERANCE_KW
        if is_more and limit_kw >= charger.under_way_kw - TOLERANCE_KW:
            more = claim.load(max(limit_kw, charger.may_draw_kw) - charger.load.kw)
            change = Change.INCREASE if room.fits(more) else Change.WAIT
            if change is Change.INCREASE:
                room.take(more)
        cannot_wait = charger.at_once or decision.held_back not in {None, HeldBack.PEAK}
        urgent = crowded or (limit_kw < charger.limit_kw and cannot_wait)
        decisions[claim.id] = replace(decision, change=change, urgent=urgent)
    return GuardDecision(chargers=_with_circuits(decisions, claims, uncommanded, given))


def _with_circuits(
    decisions: Mapping[str, ChargerDecision],
    claims: Sequence[Claim],
    uncommanded: Sequence[Load],
    given: GuardInput,
) -> Mapping[str, ChargerDecision]:
    """Note for which chargers a circuit leaves less than the rest of the site does."""
    short = [claim for claim in claims if claim.circuits and decisions[claim.id].held_back]
    if not short:
        return decisions
    granted = [claim.load(decisions[claim.id].limit_kw or 0.0) for claim in claims]
    left = FreeRoom(given.capacity.beside(uncommanded), granted)
    return dict(decisions) | {
        claim.id: replace(
            decisions[claim.id], circuit=left.tightest(claim.phases, claim.circuits).circuit
        )
        for claim in short
    }


def _again(charger: ChargerInput, wanted_kw: float, given: GuardInput) -> ChargerDecision:
    """Decide on what to send again to a charger that does not do it: never more than before."""
    sent_kw = min(charger.limit_kw, charger.under_way_kw or charger.limit_kw)
    limit_kw = min(wanted_kw, sent_kw)
    if _blind(charger, given):
        limit_kw = min(limit_kw, charger.min_kw)
    if limit_kw < charger.min_kw - TOLERANCE_KW:
        limit_kw = 0.0
    return ChargerDecision(
        limit_kw=charger.steps.down(limit_kw),
        change=Change.DECREASE,
        urgent=True,
        blind=_blind(charger, given),
        recovery=charger.recovery,
    )


@dataclass(frozen=True, kw_only=True)
class _Room:
    """What there is for a claim, in kW.

    Attributes:
        wanted_kw: What it wants.
        here_kw: Now.
        beside_house_kw: If other chargers drew no more than the plan knows of.
        beside_chargers_kw: If the house took nothing.
        capped_by: What keeps it below what it would get else, if anything does.
        capped_kw: What it gets then.
    """

    wanted_kw: float
    here_kw: float
    beside_house_kw: float
    beside_chargers_kw: float
    capped_by: HeldBack | None = None
    capped_kw: float = math.inf

    @property
    def house_takes(self) -> bool:
        """Whether the house alone would leave too little."""
        short = self.beside_house_kw < self.wanted_kw - TOLERANCE_KW
        return short and self.beside_chargers_kw > self.here_kw + TOLERANCE_KW

    @property
    def taken_by(self) -> HeldBack | None:
        """Who takes what is missing; None where nothing is."""
        if self.here_kw >= self.wanted_kw - TOLERANCE_KW:
            return None
        chargers_take = self.here_kw < self.beside_house_kw - TOLERANCE_KW
        if self.house_takes:
            return HeldBack.HOUSE_AND_CHARGERS if chargers_take else HeldBack.HOUSE_LOAD
        only_together = self.beside_chargers_kw >= self.wanted_kw - TOLERANCE_KW
        return HeldBack.HOUSE_AND_CHARGERS if only_together else HeldBack.OTHER_CHARGERS


def _rooms(
    claims: Sequence[Claim], uncommanded: Sequence[Load], given: GuardInput
) -> dict[str, _Room]:
    """Return what there is for each claim, and what there would be without who is in its way."""
    wanted = {claim.id: claim.wanted_kw for claim in claims}
    here = allocate(claims, given.capacity.beside(uncommanded))
    beside_house, beside_chargers = here, wanted
    if any(here[claim_id] < kw - TOLERANCE_KW for claim_id, kw in wanted.items()):
        given_back = [load._replace(kw=-load.kw) for load in given.unplanned]
        beside_house = allocate(claims, given.capacity.beside(given_back))
        if given.connection is not None:
            loads = (*uncommanded, *given.unplanned)
            beside_chargers = allocate(claims, given.connection.beside(loads))
    capped: Mapping[str, float] = {}
    if (cap := given.lowest_cap) is not None:
        capped = allocate(claims, given.within(given.caps).beside(uncommanded))
    return {
        claim_id: _Room(
            wanted_kw=kw,
            here_kw=here[claim_id],
            beside_house_kw=beside_house[claim_id],
            beside_chargers_kw=beside_chargers[claim_id],
            capped_by=cap.reason
            if cap is not None and capped[claim_id] < here[claim_id] - TOLERANCE_KW
            else None,
            capped_kw=capped.get(claim_id, math.inf),
        )
        for claim_id, kw in wanted.items()
    }


def _claim(charger: ChargerInput, given: GuardInput) -> Claim:
    """Return what a charger asks for: the minimum at most where nobody knows what is free."""
    wanted_kw = charger.wanted_kw or 0.0
    return Claim(
        id=charger.id,
        wanted_kw=min(wanted_kw, charger.min_kw) if _blind(charger, given) else wanted_kw,
        min_kw=charger.min_kw,
        phases=charger.phases,
        circuits=charger.circuits,
        urgency=charger.urgency,
    )


def _blind(charger: ChargerInput, given: GuardInput) -> bool:
    return not given.capacity.is_known_for(charger.load)


def _held_back(
    charger: ChargerInput, claim: Claim, room: _Room, given: GuardInput
) -> ChargerDecision:
    """Decide on a limit that does not follow every dip of the house load back up."""
    recovery = charger.recovery
    blind = _blind(charger, given)
    if claim.wanted_kw == 0:
        return ChargerDecision(limit_kw=0.0, blind=blind, recovery=recovery)
    why = room.taken_by or (HeldBack.METER if blind else None)
    # What others took for a while it may have again at once, as far as the house left it that.
    waits = recovery is not None and recovery.waits(given.now)
    most_kw = charger.limit_kw
    if recovery is not None and waits:
        most_kw = max(most_kw, recovery.left_kw)
    if room.house_takes and room.beside_house_kw < most_kw - TOLERANCE_KW:
        left_kw = room.beside_house_kw
        recovery = gives_way(recovery, given.now, left_kw, most_kw, waits=waits)
        most_kw = max(charger.limit_kw, left_kw)
    elif recovery is not None:
        recovery = recovery.noting_room(given.now, room.beside_house_kw, room.wanted_kw)
    waits = recovery is not None and recovery.waits(given.now)
    limit_kw = room.here_kw
    if waits and limit_kw > most_kw + TOLERANCE_KW:
        why, limit_kw = HeldBack.RECOVERY, most_kw
    if room.capped_kw < limit_kw - TOLERANCE_KW:
        why, limit_kw = room.capped_by or why, room.capped_kw
    if limit_kw < claim.min_kw - TOLERANCE_KW:
        limit_kw = 0.0
    return ChargerDecision(
        limit_kw=charger.steps.down(limit_kw),
        held_back=why,
        blind=blind,
        recovery=recovery,
    )


@cache
def _adapters() -> Mapping[str, TypeAdapter[Any]]:
    """Return what writes and reads each kind of data; building that takes milliseconds."""
    return {kind.__name__: TypeAdapter(kind) for kind in (GuardInput, GuardDecision)}


def to_json(value: GuardInput | GuardDecision) -> str:
    """Write what the guard goes by, or what it came to."""
    return _adapters()[type(value).__name__].dump_json(value).decode()


def from_json[T: (GuardInput, GuardDecision)](kind: type[T], text: str) -> T:
    """Read what ``to_json`` has written; it equals that.

    Raises:
        ValueError: It is something else.
    """
    read: T = _adapters()[kind.__name__].validate_json(text)
    return read
