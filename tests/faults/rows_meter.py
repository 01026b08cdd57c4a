"""Faults of the meter, which strike every charger of the site."""

from typing import Any, Final

from .fault import SOUND, Broken, Passing, words
from .stand import Stand
from .world import Meter

BLIND: Final = words("meter_silent", "meters_silent", "meter_impossible", "meters_impossible")
LOW: Final = BLIND | words("meter_too_low")
ALL: Final = 3
"""The sensor of all phases."""


def _meter(stand: Stand) -> Meter:
    return stand.world.meter


def always(word: str | float) -> Any:
    """Return a meter that says the same whatever flows."""
    return {"says": lambda index, watts: word}


def times(factor: float) -> Any:
    """Return a meter that shows a multiple of the truth."""
    return {"says": lambda index, watts: factor * watts}


def _as_at_night(index: int, watts: float) -> float:
    return 600.0 if index == ALL else 200.0


def _one_dead(index: int, watts: float) -> float | str:
    return "unavailable" if index in {1, ALL} else watts


def _one_zero(index: int, watts: float) -> float:
    return 0.0 if index in {1, ALL} else watts


def _meter_fault(name: str, becomes: dict[str, Any], **kwargs: Any) -> Broken:
    return Broken(name=f"meter {name}", said_by=SOUND, what=_meter, becomes=becomes, **kwargs)


def _meter_passing(name: str, becomes: dict[str, Any], **kwargs: Any) -> Passing:
    return Passing(name=f"meter {name}", said_by=SOUND, what=_meter, becomes=becomes, **kwargs)


METER: Final = (
    _meter_fault("silent", {"silent": True}, says=BLIND),
    _meter_fault("unavailable", always("unavailable"), says=BLIND),
    _meter_fault("unknown", always("unknown"), says=BLIND),
    _meter_fault("not a number", always("nan"), says=BLIND),
    _meter_fault("infinite", always("inf"), says=BLIND),
    _meter_fault("zero", always(0.0), says=LOW, issue="meter_below"),
    _meter_fault("as at night", {"says": _as_at_night}, says=LOW, issue="meter_below"),
    _meter_fault("reversed", times(-1), says=LOW, issue="meter_below"),
    _meter_fault("in kW", times(0.001), says=LOW, issue="meter_below"),
    _meter_fault("overflown", always(65_535.0), says=BLIND, issue="meter_beyond"),
    _meter_fault("overflown below", always(-2_147_483_647.0), says=BLIND, issue="meter_beyond"),
    _meter_fault("with a dead phase", {"says": _one_dead}, says=BLIND),
    # It looks right now and then, and is believed again later and later.
    _meter_fault("with a phase at zero", {"says": _one_zero}, says=LOW, recovers=False),
    _meter_fault("stuck", {"stuck": True}, says=BLIND),
    # Each report by itself, so that the highest of a minute is above the truth.
    _meter_fault("off by 0.3 kW", {"off_w": 300.0}),
    _meter_fault("off by a tenth", {"off_part": 0.1}),
    _meter_fault("late by 15 s", {"late_s": 15.0}),
    _meter_fault("once a minute", {"every_s": 60.0}),
    _meter_passing("gone for moments", always("unavailable"), seconds=3, every_s=60),
    _meter_passing("overflown for moments", always(4_294_967.0), seconds=3, every_s=60),
    _meter_passing("zero for moments", always(0.0), seconds=3, every_s=60),
    _meter_passing("gone for a minute", always("unavailable"), seconds=60, says=BLIND),
)
