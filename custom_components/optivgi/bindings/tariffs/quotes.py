"""Prices as their sources write them."""

from dataclasses import dataclass
from datetime import datetime
import math
import re
from typing import Any

# "0,21", "1 234,5": half of Europe writes so
_DECIMAL_COMMA = re.compile(r"[-+]?\d+(?:[ .\u00a0]\d{3})*,\d+")
_THOUSANDS = str.maketrans({" ": None, "\u00a0": None, ".": None, ",": "."})


@dataclass(frozen=True)
class Quote:
    """A price as its source says it.

    Attributes:
        start: From this instant on.
        end: Until before this one.
        value: The figure.
        per_kwh: What turns it into money per kWh; None where the entity's unit says so.
        estimated: It is no price yet, but what somebody expects.
    """

    start: datetime
    end: datetime
    value: float
    per_kwh: float | None = None
    estimated: bool = False


def number(value: Any) -> float | None:
    """Return a finite number, or None where a value is none."""
    if value is None or isinstance(value, (bool, datetime)):
        return None
    if isinstance(value, str) and _DECIMAL_COMMA.fullmatch(text := value.strip()):
        value = text.translate(_THOUSANDS)
    try:
        figure = float(value)
    except TypeError, ValueError, OverflowError:
        return None
    return figure if math.isfinite(figure) else None


_WITH_UNIT = re.compile(r"(?P<figure>[-+]?\d[\d.,]*)\s*[^\d\s:./-][^\d:]*")


def number_with_unit(value: Any) -> float | None:
    """Return the number of a text that a unit may follow, such as ``0,21 €``."""
    match = _WITH_UNIT.fullmatch(value.strip()) if isinstance(value, str) else None
    return number(value if match is None else match["figure"])
