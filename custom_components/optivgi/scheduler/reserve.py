"""What a plan leaves free, so that it holds when things do not go quite as planned.

A house draws a little more than a minute ago, a battery takes a little less than thought. A plan
that uses the last kW and the last minute has to be cut down all the time, and is late at the end.
So it is made for a connection that carries a little less, and for cars that leave a little
earlier. What is asked and shown stays the user's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
import math

from .model import EV, PHASES, GridConnection, Horizon, PerStep, Problem, Schedule
from .model.network import SITE, NetworkPart, part_shares

_SURELY = 1.02
"""A car can be ready in so many times the minimum time that it needs."""
_BARELY = 1.002
"""So much is left to a car that cannot be ready in time: it is to begin at once, and not pause."""
_NEVER_H = 10_000.0
"""More than a year: beyond every horizon."""
_NEVER = timedelta(hours=_NEVER_H)
"""The same as a duration."""
_SHORT_KWH = 0.01
"""Energy that a reserve must not cost any car."""


@dataclass(frozen=True, kw_only=True)
class Reserve:
    """How much is left free.

    Attributes:
        house_kw: Left at the connection, for what the house draws on and off.
        before_departure: Cars are to be ready so long before they leave, where they can.
        before_own_departure: The same for single EVs, by their id, where that is longer: also for
            those that take more where it is cheap.
        part_of_charging: And earlier still by this part of the time that they charge at least, in
            multiples of the former: the longer it takes, the more may come between.
    """

    house_kw: float = 0.0
    before_departure: timedelta = timedelta(0)
    before_own_departure: Mapping[str, timedelta] = field(default_factory=dict)
    part_of_charging: float = 0.0

    def kept_in(self, problem: Problem) -> Problem:
        """Return a Problem whose plans leave this reserve free."""
        gently = any(tariff.is_priced for tariff in problem.site.peak_tariffs)
        evs = tuple(self._leaving_earlier(ev, problem.horizon, gently=gently) for ev in problem.evs)
        return replace(problem, site=self._carrying_less(problem), evs=evs)

    def _carrying_less(self, problem: Problem) -> GridConnection:
        site = problem.site
        if self.house_kw <= 0:
            return site
        going_on = _going_on_kw(problem)
        phases = zip(PHASES, site.phase_limits_kw, problem.phase_capacity_kw, strict=False)
        return replace(
            site,
            limit_kw=_less(
                site.limit_kw, problem.capacity_kw, self.house_kw, going_on.get(SITE, 0.0)
            ),
            phase_limit_kw=tuple(
                _less(
                    limit,
                    room,
                    self.house_kw / len(PHASES),
                    going_on.get(NetworkPart(phase=phase), 0.0),
                )
                for phase, limit, room in phases
            ),
        )

    def _leaving_earlier(self, ev: EV, horizon: Horizon, *, gently: bool) -> EV:
        """Return a car that leaves as much earlier as it can be ready.

        Where the highest power has a price, the reserve is no reason to charge faster in the end
        than the car charges at least: that would be a peak that is paid for all month.

        A battery that takes less than its charger's minimum power is planned as if it took that, so
        it gets the time that it takes longer. Whoever charges from surplus only, or takes what is
        cheap beyond the need, loses nothing of the last minutes; whoever charges at once does not
        look at the departure anyway.
        """
        takes_more = ev.surplus_only or ev.extra_energy_kwh > 0 or ev.discharge is not None
        own = self.before_own_departure.get(ev.id, timedelta(0))
        if ev.at_once or (takes_more and not own):
            return ev
        longest = own if takes_more else max(own, self.before_departure)
        if longest <= timedelta(0):
            return ev
        begin = max(ev.arrival, horizon.start)
        planned, really = min_charging_time(ev), min_charging_time(ev, really=True)
        # In whole multiples: a slot that is cut short is cheaper for who needs less than a slot.
        before = longest
        if self.before_departure and not takes_more:
            more = math.floor(self.part_of_charging * planned / self.before_departure)
            before = max(own, (1 + more) * self.before_departure)
        wanted = ev.departure - before - (really - planned)
        if gently and ev.min_power_kw > 0:
            slowly = begin + planned * (ev.max_power_kw / ev.min_power_kw)
            wanted = max(wanted, min(slowly, ev.departure - own - (really - planned)))
        possible = begin + (_SURELY if begin + really < ev.departure else _BARELY) * planned
        earlier = max(wanted, possible)
        return replace(ev, departure=earlier) if earlier < ev.departure else ev


NO_RESERVE = Reserve()
BEFORE_DEPARTURE = timedelta(minutes=15)
"""Cars are to be ready so long before they leave."""
PART_OF_CHARGING = 0.1
"""So a car that charges for five hours is to be ready three quarters of an hour before."""
MAX_HOUSE_KW = 0.7
"""Never more is left for the house: with this the live guard steps in a quarter as often."""
_VOLATILE_FOR = timedelta(hours=2)
"""What a house did is forgotten with this time constant: about as long as a meal or a wash."""


class LoadVolatility:
    """How far a house has lately gone beyond what it draws on average."""

    def __init__(self) -> None:
        """Begin with a quiet house."""
        self._beyond_kw = 0.0
        self._at: datetime | None = None

    def take(self, beyond_kw: float, at: datetime) -> None:
        """Take up by how much it is beyond its average; what was before fades within hours."""
        if self._at is not None:
            self._beyond_kw *= math.exp(-max(0.0, (at - self._at) / _VOLATILE_FOR))
        self._beyond_kw = max(self._beyond_kw, beyond_kw)
        self._at = at

    @property
    def reserve(self) -> Reserve:
        """What to leave free at a site with this house: nothing for it where it is quiet."""
        return Reserve(
            house_kw=min(self._beyond_kw, MAX_HOUSE_KW),
            before_departure=BEFORE_DEPARTURE,
            part_of_charging=PART_OF_CHARGING,
        )


def min_charging_time(ev: EV, *, really: bool = False) -> timedelta:
    """Return how long a car charges at least, were it alone.

    Args:
        ev: The car.
        really: With what its battery takes, even below the minimum power of its charger; otherwise
            as plans assume.
    """
    hours = stored = 0.0
    power = ev.max_power_kw
    min_kw = 0.0 if really else ev.min_power_kw
    for point in (*ev.taper, None):
        until = ev.wanted_kwh if point is None else min(point.energy_kwh, ev.wanted_kwh)
        if until > stored:
            if power <= 0:
                return _NEVER
            hours += (until - stored) / ev.efficiency / power
            stored = until
        if point is not None:
            power = max(min_kw, min(power, point.max_power_kw))
    return timedelta(hours=min(hours, _NEVER_H))


def costs_energy(kept: Schedule, without: Schedule) -> bool:
    """Tell whether cars get less in a plan that keeps a reserve than in one without."""
    return _missing_kwh(kept) > _missing_kwh(without) + _SHORT_KWH


def is_short(schedule: Schedule) -> bool:
    """Tell whether any car gets less than it wants."""
    return any(ev.shortfall_kwh > _SHORT_KWH for ev in schedule.evs)


def _missing_kwh(schedule: Schedule) -> float:
    return sum(ev.shortfall_kwh for ev in schedule.evs)


def _going_on_kw(problem: Problem) -> dict[NetworkPart, float]:
    """Return what the cars that charge now draw of each part at least."""
    going_on: dict[NetworkPart, float] = {}
    for ev in problem.evs:
        if not ev.charging:
            continue
        shares = part_shares(
            problem.circuits_of(ev),
            ev.phases,
            line_to_line=ev.line_to_line,
            phases_used=ev.phases_used,
        )
        for part, share in shares.items():
            going_on[part] = going_on.get(part, 0.0) + share * ev.min_power_kw
    return going_on


def _less(limit_kw: PerStep, room_kw: PerStep, reserve_kw: float, going_on_kw: float) -> PerStep:
    """Return limits that leave a reserve: no more than there is.

    In the step that runs it is also no more than those leave who charge at their minimum: the house
    has room for them, and a pause would only be a start more.
    """
    return tuple(
        limit - min(reserve_kw, max(0.0, room - (0.0 if step else going_on_kw)))
        for step, (limit, room) in enumerate(zip(limit_kw, room_kw, strict=True))
    )
