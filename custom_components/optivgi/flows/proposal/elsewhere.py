"""What other integrations of charging were set up with: a person has picked that before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ...const import CONF_FUSE_A, CONF_PHASES
from .find import FindKind


class _Named(NamedTuple):
    """An entity or a device in the entries of an integration: under which key, and what it is."""

    domain: str
    key: str
    kind: FindKind


# evcc's entries name nothing but its server; its charge points are devices that are found.
_NAMED: Final = (
    _Named("ev_smart_charging", "price_sensor", FindKind.PRICES),
    _Named("ev_smart_charging", "grid_usage_sensor", FindKind.METER),
    _Named("ev_smart_charging", "ev_soc_sensor", FindKind.VEHICLE),
    _Named("ev_smart_charging", "charger_entity", FindKind.CHARGER),
    _Named("evse_load_balancer", "meter_device", FindKind.METER),
    _Named("evse_load_balancer", "charger_device", FindKind.CHARGER),
)
_BALANCER: Final = "evse_load_balancer"


@dataclass(frozen=True)
class Elsewhere:
    """What is named by other integrations.

    Attributes:
        named: By what it is: entities and devices, each with who names it.
        connection: The fuse in A, and the phases, as a site's form has them.
    """

    named: Mapping[FindKind, Mapping[str, str]]
    connection: Mapping[str, Any]

    def of(self, kind: FindKind) -> Mapping[str, str]:
        """Return what is named of a kind, with who names it."""
        return self.named.get(kind, {})


def look_elsewhere(hass: HomeAssistant) -> Elsewhere:
    """Read the entries of integrations that are known to name what a site needs."""
    registry = er.async_get(hass)
    named: dict[FindKind, dict[str, str]] = {}
    for row in _NAMED:
        for title, data in _entries(hass, row.domain):
            if not isinstance(picked := data.get(row.key), str) or not picked:
                continue
            names = named.setdefault(row.kind, {})
            names[picked] = title
            entry = registry.async_get(picked)
            if entry is not None and entry.device_id is not None:
                names[entry.device_id] = title
    connection: dict[str, Any] = {}
    for _, data in _entries(hass, _BALANCER):
        if isinstance(fuse_a := data.get("fuse_size"), int | float) and fuse_a >= 1:
            connection[CONF_FUSE_A] = fuse_a
        if data.get("phase_count") in {1, 3}:
            connection[CONF_PHASES] = str(int(data["phase_count"]))
    return Elsewhere(named, connection)


def _entries(hass: HomeAssistant, domain: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for entry in hass.config_entries.async_entries(domain, include_disabled=False):
        yield entry.title, {**entry.data, **entry.options}
