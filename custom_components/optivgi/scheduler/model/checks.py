"""What input has to be like, and the error that names the field where it is not."""

from collections.abc import Sequence
from datetime import datetime
import math

type PerStep = tuple[float, ...]
"""One value for each step of a Horizon, in order."""

MOST = 1e6
"""No power, energy, price or count is beyond this in size: a gigawatt, and any currency's kWh."""
FINEST = 1e-3
"""Sizes by which something is counted or divided are no smaller: a watt, an efficiency of 0.1 %."""
_YEARS = range(1900, 2200)
"""Beyond these, time zones and durations overflow somewhere."""
_LONGEST_MESSAGE = 300
"""Still one line in a log."""


class ProblemError(ValueError):
    """A Problem contradicts itself; the message names the field and what it must be."""

    def __init__(self, field_name: str, message: str) -> None:
        """Keep the field's path, such as ``evs[0].energy_kwh``, beside the message: one line."""
        text = " ".join(f"{field_name}: {message}".split())
        super().__init__(text[:_LONGEST_MESSAGE])
        self.field_name = field_name


def require(condition: bool, field_name: str, message: str) -> None:
    """Raise ProblemError unless a condition holds."""
    if not condition:
        raise ProblemError(field_name, message)


def require_number(
    value: float, field_name: str, *, minimum: float = -MOST, maximum: float = MOST
) -> None:
    """Raise ProblemError unless a value is finite and between a minimum and a maximum."""
    if minimum <= value <= maximum:
        return
    # Compared, not converted: a whole number may be larger than any float.
    require(-math.inf < value < math.inf, field_name, f"must be a finite number, not {value}")
    if value > maximum:
        raise ProblemError(field_name, f"must be at most {maximum:g}")
    raise ProblemError(field_name, f"must be at least {minimum:g}, not {_digits(value)}")


def _digits(value: float) -> str:
    return f"{value:g}" if abs(value) <= MOST else "less than that by far"


def require_fraction(value: float, field_name: str) -> None:
    """Raise ProblemError unless a value is an efficiency: above 0 and at most 1."""
    require(0 < value <= 1, field_name, "must be above 0 and at most 1")
    require_number(value, field_name, minimum=FINEST)


def require_portion(value: float, field_name: str) -> None:
    """Raise ProblemError unless a value is 0, or a size that something can be divided by."""
    require_number(value, field_name, minimum=0)
    require(value == 0 or value >= FINEST, field_name, f"must be 0 or at least {FINEST:g}")


def require_instant(value: datetime, field_name: str) -> None:
    """Raise ProblemError unless an instant has a time zone, and is of our time."""
    require(value.tzinfo is not None, field_name, "must have a time zone")
    require(
        value.year in _YEARS,
        field_name,
        f"must be in the years {_YEARS.start} to {_YEARS.stop - 1}, not {value.year}",
    )


def require_series(
    series: Sequence[float],
    steps: int,
    field_name: str,
    *,
    minimum: float = -MOST,
    optional: bool = True,
) -> None:
    """Raise ProblemError unless a series has one valid value for each step, or may be empty."""
    require(
        len(series) == steps or (optional and not series),
        field_name,
        f"must have one value for each of the {steps} steps, not {len(series)}",
    )
    for index, value in enumerate(series):
        require_number(value, f"{field_name}[{index}]", minimum=minimum)


def require_phase_series(
    series: Sequence[Sequence[float]],
    steps: int,
    field_name: str,
    *,
    counts: tuple[int, ...],
    minimum: float = -MOST,
) -> None:
    """Raise ProblemError unless there are as many valid series as allowed, or none."""
    require(
        len(series) in {0, *counts},
        field_name,
        f"must have {' or '.join(map(str, counts))} series, not {len(series)}",
    )
    for index, own in enumerate(series):
        require_series(own, steps, f"{field_name}[{index}]", minimum=minimum, optional=False)
