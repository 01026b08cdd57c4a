"""Plans the charging of EVs at one site: a Problem in, a Schedule out.

Knows nothing of Home Assistant. Solvers are imported when an algorithm is first used.
"""

from .algorithm import Algorithm
from .errors import AlgorithmError, NoSolutionError, UnknownAlgorithmError
from .model import (
    EV,
    PHASES,
    Battery,
    BatterySchedule,
    Circuit,
    Concern,
    ConcernKind,
    CostSplit,
    Discharge,
    EVSchedule,
    GridConnection,
    Horizon,
    PeakTariff,
    PerPhase,
    PerStep,
    Phase,
    PriceStep,
    Problem,
    ProblemError,
    Reason,
    ReasonKind,
    ResourcePeak,
    Schedule,
    ShortfallCause,
    SinglePhase,
    SolveStatus,
    Taper,
)
from .registry import algorithm_names, get_algorithm, register
from .reserve import Reserve
from .runner import Runner
from .translation import Translation

__all__ = [
    "EV",
    "PHASES",
    "Algorithm",
    "AlgorithmError",
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
    "NoSolutionError",
    "PeakTariff",
    "PerPhase",
    "PerStep",
    "Phase",
    "PriceStep",
    "Problem",
    "ProblemError",
    "Reason",
    "ReasonKind",
    "Reserve",
    "ResourcePeak",
    "Runner",
    "Schedule",
    "ShortfallCause",
    "SinglePhase",
    "SolveStatus",
    "Taper",
    "Translation",
    "UnknownAlgorithmError",
    "algorithm_names",
    "get_algorithm",
    "register",
]
