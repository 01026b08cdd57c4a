"""Reasons as values: a code and what its text names, in any language and for machines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from homeassistant.util import dt as dt_util

from .reason_code import ReasonCode

type Placeholder = str | float | datetime | tuple[str, ...]
"""What a text names: a name, a number in the unit that its own name ends with, a time, names."""

_DIGITS: Final[Mapping[str, int]] = {"kw": 1, "kwh": 1, "a": 1, "price": 3, "money": 2}
"""With so many decimals people read numbers of a unit; all others are whole."""
_COMPARED: Final[Mapping[str, int]] = {"min_kw": 2, "max_kw": 2}
"""With so many, numbers that are said to differ: steps of 1 A are 0.23 kW."""


@dataclass(frozen=True, kw_only=True)
class CodedReason:
    """One reason.

    Attributes:
        code: Which one.
        placeholders: What its text names: exactly what ``code.placeholders`` lists.
    """

    code: ReasonCode
    placeholders: Mapping[str, Placeholder] = field(default_factory=dict)


def because(code: ReasonCode, **placeholders: Placeholder) -> CodedReason:
    """Return a reason with what its text names."""
    return CodedReason(code=code, placeholders=placeholders)


def digits_of(placeholder: str) -> int:
    """Return with how many decimals a number of this name is read."""
    return _COMPARED.get(placeholder, _DIGITS.get(placeholder.rpartition("_")[2], 0))


def in_plain_types(reasons: Iterable[CodedReason]) -> list[dict[str, Any]]:
    """Return reasons for machines: local ISO times, and numbers rounded as people read them."""
    return [
        {
            "code": str(reason.code),
            "placeholders": {
                name: _plain(name, value) for name, value in reason.placeholders.items()
            },
        }
        for reason in reasons
    ]


def _plain(name: str, value: Placeholder) -> str | float | list[str]:
    match value:
        case datetime():
            return dt_util.as_local(value).isoformat()
        case tuple():
            return list(value)
        case str():
            return value
        case _:
            # None rounds to a whole number, 0 to a fraction that is one.
            return round(value, digits_of(name) or None)


def in_typed_parts(reasons: Iterable[CodedReason]) -> list[dict[str, Any]]:
    """Return reasons for who writes them in another language and in other formats.

    Each placeholder says what it is: ``time`` in seconds since 1970, ``number`` with its
    ``digits``, ``text``, or a ``list`` of texts.
    """
    return [
        {
            "code": str(reason.code),
            "placeholders": {
                name: _typed(name, value) for name, value in reason.placeholders.items()
            },
        }
        for reason in reasons
    ]


def _typed(name: str, value: Placeholder) -> dict[str, Any]:
    match value:
        case datetime():
            return {"time": value.timestamp()}
        case tuple():
            return {"list": list(value)}
        case str():
            return {"text": value}
        case _:
            return {"number": round(value, digits_of(name)), "digits": digits_of(name)}
