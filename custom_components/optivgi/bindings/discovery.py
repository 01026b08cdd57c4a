"""What was found of a device: what can be bound of it, and what speaks for each of its entities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .evidence import Finding


@dataclass(frozen=True, kw_only=True)
class KnownRow:
    """What a row says of the integration of a device.

    Attributes:
        name: What people call the integration.
        data: What the row binds, by the keys of the configuration.
    """

    name: str
    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Discovery:
    """What was found of a charger or a car.

    Attributes:
        device_id: Its device, or None.
        data: What can be configured of it without asking, by the keys of its configuration.
        known: The row of its integration, where there is one that fits.
        findings: By field, the entities that can be there, the best by evidence first.
        disabled: By field, an entity that would fit it better than what is there, but is disabled.
    """

    device_id: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    known: KnownRow | None = None
    findings: Mapping[str, Sequence[Finding]] = field(default_factory=dict)
    disabled: Mapping[str, Finding] = field(default_factory=dict)
