"""The words of the scheduler in one place: what it is asked and what it answers.

Every quantity carries its unit in its name: _kw and _kwh at the plug unless said otherwise,
_h hours. Prices are in the site's currency per kWh. Instants are timezone-aware and in UTC.
A sequence "per step" has one value for each step of the Problem's Horizon, in order.
"""

from .checks import PerStep, ProblemError
from .horizon import Horizon
from .problem import EV, Discharge, Problem, SinglePhase, Taper
from .schedule import (
    PROVEN_GAP,
    BatterySchedule,
    Concern,
    ConcernKind,
    CostSplit,
    EVSchedule,
    Reason,
    ReasonKind,
    ResourcePeak,
    Schedule,
    ShortfallCause,
    SolveStatus,
)
from .site import PHASES, Battery, Circuit, GridConnection, PeakTariff, PerPhase, Phase, PriceStep

__all__ = [
    "EV",
    "PHASES",
    "PROVEN_GAP",
    "Battery",
    "BatterySchedule",
    "Circuit",
    "Concern",
    "ConcernKind",
    "CostSplit",
    "Discharge",
    "EVSchedule",
    "GridConnection",
    "Horizon",
    "PeakTariff",
    "PerPhase",
    "PerStep",
    "Phase",
    "PriceStep",
    "Problem",
    "ProblemError",
    "Reason",
    "ReasonKind",
    "ResourcePeak",
    "Schedule",
    "ShortfallCause",
    "SinglePhase",
    "SolveStatus",
    "Taper",
]
