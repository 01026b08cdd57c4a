"""What the options of a select mean: currents, and those that start and stop a charger."""

from collections.abc import Iterable
import math
import re
from typing import Final, NamedTuple

from .words import compact

_NUMBER: Final = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(?:a|amps?|amp[eè]res?)?\s*", re.IGNORECASE)
# The largest AC chargers in A, and the standard's minimum: numbers beyond are no currents.
_CURRENTS: Final = (6.0, 80.0)

# In the order in which they are taken, where a select has several.
_CHARGE: Final = (
    *("charge", "startcharging", "startcharge", "chargestart", "chargenow", "chargingnow"),
    *("charging", "alwayson", "forceon", "forcecharge", "boostcharging", "instantcharging"),
    *("fastcharging", "maxcharge", "sofortladen", "laden", "laadt"),
)
_DO_NOT: Final = (
    *("dontcharge", "donotcharge", "nocharge", "nocharging", "notcharging", "stopcharging"),
    *("stopcharge", "chargestop", "alwaysoff", "forceoff", "nichtladen", "chargingstopped"),
)
_ON: Final = (
    *("start", "now", "fast", "on", "active", "enabled", "enable", "run", "normal", "resume"),
    *("an", "ein"),
)
_OFF: Final = (
    *("stop", "stopped", "off", "disabled", "disable", "pause", "paused", "inactive", "aus"),
)


class OnOffOptions(NamedTuple):
    """The options of a select with which a charger charges, and does not."""

    on: str
    off: str

    @property
    def names_charging(self) -> bool:
        """Whether one of them says that it is about charging."""
        return compact(self.on) in _CHARGE or compact(self.off) in _DO_NOT


def on_off_options(options: Iterable[str]) -> OnOffOptions | None:
    """Return which options start and stop a charger; None where they are not both there."""
    named = {compact(option): option for option in options}
    start = next((named[word] for word in (*_CHARGE, *_ON) if word in named), None)
    stop = next((named[word] for word in (*_DO_NOT, *_OFF) if word in named), None)
    return None if start is None or stop is None else OnOffOptions(start, stop)


def numbers_of(options: Iterable[str]) -> dict[float, str]:
    """Return the numbers among options, ascending, with how the select writes them."""
    found = {
        float(match[1].replace(",", ".")): option
        for option in options
        if (match := _NUMBER.fullmatch(option)) is not None
    }
    return {value: found[value] for value in sorted(found) if math.isfinite(value)}


def has_currents(options: Iterable[str]) -> bool:
    """Return whether most of a select's options are currents that a car can be given."""
    known = list(options)
    currents = [value for value in numbers_of(known) if value <= _CURRENTS[1]]
    return len(currents) > max(1, len(known) // 2) and max(currents) >= _CURRENTS[0]
