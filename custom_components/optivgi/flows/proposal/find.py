"""Something that was found in the house."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ...bindings.discovery import Discovery


class FindKind(StrEnum):
    """What a find is for; the order is that of the list that people see."""

    PRICES = "prices"
    METER = "meter"
    SOLAR = "solar"
    CHARGER = "charger"
    VEHICLE = "vehicle"
    BATTERY = "battery"


@dataclass(frozen=True, kw_only=True)
class Find:
    """A source of prices, a meter, a charger ... that is there already.

    Attributes:
        kind: What it is for.
        key: What it is chosen by.
        name: What people call it.
        data: The fields of the forms that follow from it: of the site, or of a part of it.
        shown: What its text names, by the text's placeholders.
        text: Which text that is, among those of its kind; empty for the only one.
        discovery: What speaks for its entities, where it is a charger.
        usable: It can be taken as it is; else it is only mentioned.
        used_by: Another integration that was set up with it; empty for none.
    """

    kind: FindKind
    key: str
    name: str
    data: Mapping[str, Any] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    discovery: Discovery | None = None
    usable: bool = True
    used_by: str = ""

    @property
    def device_id(self) -> str:
        """The device, where it is a charger or a car."""
        return self.key.partition(":")[2]
