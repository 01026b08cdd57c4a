"""How an algorithm came to a plan, and what it knows of it beyond the powers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..model import SolveStatus
from .demand import Array
from .storage import BatteryPowers


@dataclass(frozen=True, kw_only=True)
class ShadowPrices:
    """What a solver's multipliers say the plan would save with a little more of something.

    Attributes:
        capacity: One row for each of ``NetworkLimits.of(problem).parts``, one column for each step,
            never negative: what one kW more of that row would save throughout that step, in the
            site's currency (so not per hour).
        energy: For each EV, by its id, what one kWh more into its battery would cost.
    """

    capacity: Array
    energy: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SolveResult:
    """How a plan came about, as Schedule reports it, and what its powers do not show.

    Attributes:
        algorithm: Name of the algorithm.
        status: How good its answer is.
        bound: No plan that serves everybody as well can have a lower sum of ``cost_split``.
        gap: Proven distance from the optimum, relative to it.
        build_ms: Time taken to build the model.
        solve_ms: Time taken to solve it.
        stages_ms: Time taken by each stage, in order.
        ended_in: The first stage that was cut off for want of time; empty where there was enough.
        floor_kw: For EVs by their id, the part of their power that is charged at once whatever
            the price, per step; none where missing.
        shadow: What a little more of each limit would save; None where not known.
        battery_kw: For planned home batteries by their id, what they are to do, per step:
            charging above 0, discharging below.
        discharge_kw: For EVs by their id, what they give back, per step; nothing where missing.
        single_phase: For EVs by their id, in which steps they are on one phase; never where
            missing.
        kept: Whether this is an earlier plan that is kept, as a new one was hardly better.
    """

    algorithm: str
    status: SolveStatus
    bound: float | None = None
    gap: float | None = None
    build_ms: float = 0.0
    solve_ms: float = 0.0
    stages_ms: dict[str, float] = field(default_factory=dict)
    ended_in: str = ""
    floor_kw: Mapping[str, Array] = field(default_factory=dict)
    shadow: ShadowPrices | None = None
    battery_kw: BatteryPowers = field(default_factory=dict)
    discharge_kw: Mapping[str, Array] = field(default_factory=dict)
    single_phase: Mapping[str, NDArray[np.bool]] = field(default_factory=dict)
    kept: bool = False
