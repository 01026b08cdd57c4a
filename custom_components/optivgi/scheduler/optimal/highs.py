"""What every use of HiGHS needs beside its own interface."""

from highspy import Highs, HighsStatus
import numpy as np
from numpy.typing import NDArray

from ..errors import NoSolutionError

type Indices = NDArray[np.int32]
"""Numbers of columns or rows, as HiGHS takes them."""

FEASIBLE_POINT = 2
"""What HiGHS calls kSolutionStatusFeasible; highspy gives the status as a number."""


def set_option(solver: Highs, option: str, value: str | float) -> None:
    """Set an option of HiGHS.

    Raises:
        NoSolutionError: The solver does not know it.
    """
    if solver.setOptionValue(option, value) != HighsStatus.kOk:
        raise NoSolutionError(f"the solver does not know the option {option}={value}")
