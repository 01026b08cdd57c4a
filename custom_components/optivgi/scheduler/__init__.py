"""Plans the charging of EVs at one site: a Problem in, a Schedule out.

Knows nothing of Home Assistant. Solvers are imported when an algorithm is first used.
"""

from .algorithm import (
    Algorithm,
    AlgorithmError,
    NoSolutionError,
    UnknownAlgorithmError,
    algorithm_names,
    get_algorithm,
    register,
)
from .model import (
    EV,
    PHASES,
    EVSchedule,
    Horizon,
    PerStep,
    Phase,
    Problem,
    ProblemError,
    Schedule,
    ShortfallCause,
    Site,
    SolveStatus,
)
from .runner import Runner
from .translation import Translation

__all__ = [
    "EV",
    "PHASES",
    "Algorithm",
    "AlgorithmError",
    "EVSchedule",
    "Horizon",
    "NoSolutionError",
    "PerStep",
    "Phase",
    "Problem",
    "ProblemError",
    "Runner",
    "Schedule",
    "ShortfallCause",
    "Site",
    "SolveStatus",
    "Translation",
    "UnknownAlgorithmError",
    "algorithm_names",
    "get_algorithm",
    "register",
]
