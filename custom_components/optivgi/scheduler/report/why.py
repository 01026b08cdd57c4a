"""Why each EV has the limit that it has in each step.

Derived from the finished plan, so that it works for the plans of every algorithm: a step is
compared with the steps in which the car does charge. In a cheaper one something must be in the way:
a network limit that is used up, the minimum power, the highest import so far, the cost of another
start. In a more expensive one it is the price. Where a solver's multipliers are known, they tell
which limit binds and what it costs.

Everything is decided for all EVs and steps at once, by a list of conditions of which the first
that holds counts.
"""

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ..model import Reason, ReasonKind
from ..model.network import NetworkPart
from ..quantities.costs import Flows
from ..quantities.demand import Array
from ..quantities.solve_result import ShadowPrices, SolveResult
from .facts import NO_ROOM_KW, SAME_PRICE, Facts
from .fleet import Flags, Fleet

__all__ = ["ShadowPrices", "reasons_of"]

_COST_DIGITS = 4
"""Digits of costs per kWh; few different costs make few different reasons."""

_KINDS = tuple(ReasonKind)
_NUMBER = {kind: number for number, kind in enumerate(_KINDS)}


def reasons_of(
    fleet: Fleet, flows: Flows, power_kw: Array, result: SolveResult
) -> list[tuple[Reason, ...]]:
    """Return a reason for every EV and step.

    Args:
        fleet: The EVs, at least one.
        flows: What they draw and give.
        power_kw: Their limits.
        result: What the algorithm knows beyond that.
    """
    ruling = _Ruling(Facts(fleet=fleet, flows=flows, power_kw=power_kw, result=result))
    kinds = ruling.kinds()
    costs = np.where(np.isin(kinds, _PRICED), ruling.costs(kinds), 0.0)
    # Only where a row of the network is the reason does it matter which one.
    rows = np.where(np.isin(kinds, _OF_ROWS), ruling.plan.binding, -1)
    details = [part.circuit or part.phase or "" for part in fleet.network.parts]
    return _as_reasons(kinds, rows, costs, details)


def _numbers(*kinds: ReasonKind) -> list[int]:
    return [_NUMBER[kind] for kind in kinds]


_OF_ROWS = _numbers(ReasonKind.SITE, ReasonKind.PHASE, ReasonKind.CIRCUIT)
_MORE_EXPENSIVE = _numbers(ReasonKind.PRICE, ReasonKind.ESTIMATE, ReasonKind.PV)
_CHEAPER = _numbers(ReasonKind.MIN_POWER, ReasonKind.PEAK, ReasonKind.START)
_PRICED = [*_OF_ROWS, *_MORE_EXPENSIVE, *_CHEAPER]


def _as_reasons(
    kinds: NDArray[np.intp], rows: NDArray[np.intp], costs: Array, details: Sequence[str]
) -> list[tuple[Reason, ...]]:
    """Return Reasons for arrays of their parts; equal ones are one object."""
    scale = 10**_COST_DIGITS
    cents = np.rint(np.clip(np.nan_to_num(costs), -1e9, 1e9) * scale).astype(np.int64)
    key = (cents * (len(details) + 1) + rows + 1) * len(_KINDS) + kinds
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    different = np.array(
        [
            Reason(
                kind=_KINDS[kinds.flat[index]],
                detail=details[rows.flat[index]] if rows.flat[index] >= 0 else "",
                cost_per_kwh=float(cents.flat[index]) / scale,
            )
            for index in first
        ],
        dtype=object,
    )
    return [cast("tuple[Reason, ...]", tuple(own)) for own in different[place.reshape(key.shape)]]


class _Ruling:
    """What decides, for all EVs and steps."""

    def __init__(self, plan: Facts) -> None:
        self.plan = plan

    def kinds(self) -> NDArray[np.intp]:
        """Return the number of the kind of each reason."""
        plan = self.plan
        rows = np.array([_row_kind(part) for part in plan.fleet.network.parts])[plan.binding]
        limited = plan.on & ~plan.at_max & ~plan.tapers
        # A car that charges at once also ends where it has all it wants.
        unfinished = plan.short | ~_last(plan.on)
        pays = (plan.sell < plan.buy - SAME_PRICE) & (plan.solar_share >= 0.5)  # noqa: PLR2004
        off = ~plan.on
        unhurried = ~plan.short & ~plan.at_once
        start_cost = plan.fleet.problem.start_cost
        decided: list[tuple[Flags, NDArray[np.intp] | ReasonKind]] = [
            (plan.gives & off, ReasonKind.DISCHARGE),
            (~plan.present, ReasonKind.ABSENT),
            (off & plan.done, ReasonKind.ABSENT),
            # It charges.
            (plan.tapers & ~plan.at_max, ReasonKind.TAPER),
            ((plan.due | plan.at_once) & limited & plan.no_room & unfinished, rows),
            (plan.due & ~plan.always, ReasonKind.MIN_SOC),
            (plan.on & plan.at_once, ReasonKind.AT_ONCE),
            (plan.tapers, ReasonKind.TAPER),
            (plan.beyond, ReasonKind.EXTRA),
            (limited & plan.wants_more & plan.no_room, rows),
            (limited & plan.wants_more & unhurried & plan.raises_peak, ReasonKind.PEAK),
            (plan.on & (pays | plan.solar), ReasonKind.PV),
            (plan.always, ReasonKind.MIN_ALWAYS),
            (plan.indispensable, ReasonKind.DEADLINE),
            (plan.on, ReasonKind.CHEAP),
            # It does not, for want of sun.
            (plan.solar & (plan.sun_left_kw < _min_kw(plan)), ReasonKind.PV),
            # It would if it could.
            (plan.wants_more & plan.no_room, rows),
            (plan.wants_more & plan.too_little, ReasonKind.MIN_POWER),
            (plan.wants_more & unhurried & plan.raises_peak, ReasonKind.PEAK),
            (
                plan.wants_more & unhurried & plan.lonely & (plan.gain_of_start < start_cost),
                ReasonKind.START,
            ),
            (plan.wants_more & np.bool(plan.result.kept), ReasonKind.KEPT),
            # It could, but had better not.
            (plan.waits_for_sun & ~plan.wants_more, ReasonKind.PV),
            (plan.guessed, ReasonKind.ESTIMATE),
        ]
        shape = plan.on.shape
        return np.select(
            [np.broadcast_to(condition, shape) for condition, _ in decided],
            [_NUMBER[kind] if isinstance(kind, ReasonKind) else kind for _, kind in decided],
            default=_NUMBER[ReasonKind.PRICE],
        )

    def costs(self, kinds: NDArray[np.intp]) -> Array:
        """Return what each reason costs, per kWh drawn."""
        plan = self.plan
        extra_cost = np.nan_to_num(np.maximum(plan.entry - plan.worth, 0.0))
        cheaper = np.nan_to_num(np.maximum(plan.worth - plan.entry, 0.0))
        bound = np.where(plan.shadow_cost > 0, plan.shadow_cost, cheaper)
        costs: Array = np.select(
            [np.isin(kinds, _OF_ROWS), np.isin(kinds, _CHEAPER)],
            [bound, cheaper],
            default=extra_cost,
        )
        return np.where(plan.on & np.isin(kinds, _MORE_EXPENSIVE), 0.0, costs)


def _row_kind(part: NetworkPart) -> int:
    if part.circuit is not None:
        return _NUMBER[ReasonKind.CIRCUIT]
    return _NUMBER[ReasonKind.SITE if part.phase is None else ReasonKind.PHASE]


def _last(on: Flags) -> Flags:
    """Return the last step in which each charges."""
    later = np.logical_or.accumulate(on[:, ::-1], axis=1)[:, ::-1]
    following = np.pad(later, ((0, 0), (0, 1)))[:, 1:]
    last: Flags = on & ~following
    return last


def _min_kw(plan: Facts) -> Array:
    """Return the least that each can draw more than nothing."""
    return np.maximum(plan.fleet.min_kw, NO_ROOM_KW)
