"""A tariff on the highest power that is known, from a day on."""

from dataclasses import dataclass
from datetime import date

from .rule import PeakRule


@dataclass(frozen=True, kw_only=True)
class PeakPreset:
    """What a grid operator asks for the highest power.

    Attributes:
        id: What it is stored by; rows of one id follow each other in time.
        name: Its country and what it is called there.
        currency: What its prices are in.
        valid_from: From this day on, until the next row of its id.
        source: Where it is from, and as of when.
        rule: What it says; without a price that is on each one's own bill.
    """

    id: str
    name: str
    currency: str
    valid_from: date
    source: str
    rule: PeakRule

    @property
    def asks_price(self) -> bool:
        """Whether the price has to be entered."""
        return not any(part.price or part.levels for part in self.rule.parts)
