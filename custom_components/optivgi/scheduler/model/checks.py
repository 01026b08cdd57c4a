"""What input has to be like, and the error that names the field where it is not."""

from collections.abc import Sequence
from datetime import datetime
import math

type PerStep = tuple[float, ...]
"""One value for each step of a Horizon, in order."""


class ProblemError(ValueError):
    """A Problem contradicts itself; the message names the field and what it must be."""

    def __init__(self, field_name: str, message: str) -> None:
        """Keep the field's path, such as ``evs[0].energy_kwh``, beside the message."""
        super().__init__(f"{field_name}: {message}")
        self.field_name = field_name


def require(condition: bool, field_name: str, message: str) -> None:
    """Raise ProblemError unless a condition holds."""
    if not condition:
        raise ProblemError(field_name, message)


def require_number(value: float, field_name: str, *, minimum: float | None = None) -> None:
    """Raise ProblemError unless a value is finite and not below a minimum."""
    require(math.isfinite(value), field_name, f"must be a finite number, not {value}")
    if minimum is not None:
        require(value >= minimum, field_name, f"must be at least {minimum:g}, not {value:g}")


def require_count(value: int, field_name: str, *, minimum: int) -> None:
    """Raise ProblemError unless a value is a whole number and not below a minimum."""
    require_number(value, field_name, minimum=minimum)
    require(value == int(value), field_name, f"must be a whole number, not {value}")


def require_fraction(value: float, field_name: str) -> None:
    """Raise ProblemError unless a value is an efficiency: above 0 and at most 1."""
    require(0 < value <= 1, field_name, "must be above 0 and at most 1")


def require_instant(value: datetime, field_name: str) -> None:
    """Raise ProblemError unless an instant has a time zone."""
    require(value.tzinfo is not None, field_name, "must have a time zone")


def require_series(
    series: Sequence[float],
    steps: int,
    field_name: str,
    *,
    minimum: float | None = None,
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
    minimum: float | None = None,
) -> None:
    """Raise ProblemError unless there are as many valid series as allowed, or none."""
    require(
        len(series) in {0, *counts},
        field_name,
        f"must have {' or '.join(map(str, counts))} series, not {len(series)}",
    )
    for index, own in enumerate(series):
        require_series(own, steps, f"{field_name}[{index}]", minimum=minimum, optional=False)
