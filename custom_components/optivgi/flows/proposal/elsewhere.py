"""What other integrations of charging were set up with: a person has picked that before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from homeassistant.core import HomeAssistant, valid_entity_id
from homeassistant.helpers import entity_registry as er

from ...const import CONF_FUSE_A, CONF_PHASES, PHASE_ENTITIES
from .find import FindKind


class _Named(NamedTuple):
    """An entity or a device in the entries of an integration: under which key, and what it is."""

    domain: str
    key: str
    kind: FindKind


class _Registered(NamedTuple):
    """An entity that shows what an integration without such keys was set up with.

    It is found by the end of its unique id.
    """

    platform: str
    end: str
    kind: FindKind


_NAMED: Final = (
    _Named("ev_smart_charging", "price_sensor", FindKind.PRICES),
    _Named("ev_smart_charging", "grid_usage_sensor", FindKind.METER),
    _Named("ev_smart_charging", "ev_soc_sensor", FindKind.VEHICLE),
    _Named("ev_smart_charging", "charger_entity", FindKind.CHARGER),
    _Named("evse_load_balancer", "meter_device", FindKind.METER),
    _Named("evse_load_balancer", "charger_device", FindKind.CHARGER),
)
_BALANCER: Final = "evse_load_balancer"
_PHASES: Final = ("l1", "l2", "l3")
"""The keys of EVSE Load Balancer for each phase, under which its sensors are."""
_PHASE_SENSORS: Final = ("power", "power_consumption", "current")
"""What it has of a phase, the better the earlier: what is produced is another sensor."""
_TARGETS: Final = ("ev_smart_charging", "ev_soc_sensor", "ev_target_soc_sensor")
"""Who names a state of charge, and with it what the car is to be charged to."""
# evcc's entries name nothing but its server, but it shows the meter and the prices that it was
# given there. Its charge points are devices that are found.
_EVCC: Final = "evcc_intg"
_REGISTERED: Final = (
    _Registered(_EVCC, "_tariff_api_grid", FindKind.PRICES),
    _Registered(_EVCC, "_grid_power", FindKind.METER),
)
_PHASES_OF_EVCC: Final = tuple(f"_grid_currents_{number}" for number in range(3))


@dataclass(frozen=True)
class Elsewhere:
    """What is named by other integrations.

    Attributes:
        named: By what it is: entities and devices, each with who names it.
        connection: The fuse in A, and the phases, as a site's form has them.
        phase_sensors: What measures each phase, as a site's form has it; empty for nothing.
        soc_targets: What shows the target of a car, by the sensor of its state of charge.
    """

    named: Mapping[FindKind, Mapping[str, str]]
    connection: Mapping[str, Any]
    phase_sensors: Mapping[str, str]
    soc_targets: Mapping[str, str]

    def of(self, kind: FindKind) -> Mapping[str, str]:
        """Return what is named of a kind, with who names it."""
        return self.named.get(kind, {})


def look_elsewhere(hass: HomeAssistant) -> Elsewhere:
    """Read the entries of integrations that are known to name what a site needs."""
    domain, soc, target = _TARGETS
    return Elsewhere(
        _named(hass),
        _connection(hass),
        _phase_sensors(hass),
        {
            data[soc]: data[target]
            for _, data in _entries(hass, domain)
            if _is_entity(data.get(soc)) and _is_entity(data.get(target))
        },
    )


def _named(hass: HomeAssistant) -> dict[FindKind, dict[str, str]]:
    """Return entities and devices by what they are for, with who names them."""
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
    for shown in _REGISTERED:
        for entry in _of_platform(registry, shown.platform):
            if entry.unique_id.endswith(shown.end):
                names = named.setdefault(shown.kind, {})
                names.setdefault(entry.entity_id, _title(hass, entry))
    return named


def _connection(hass: HomeAssistant) -> dict[str, Any]:
    """Return the fuse in A, and the phases, as far as they are known."""
    connection: dict[str, Any] = {}
    for _, data in _entries(hass, _BALANCER):
        if isinstance(fuse_a := data.get("fuse_size"), int | float) and fuse_a >= 1:
            connection[CONF_FUSE_A] = fuse_a
        if data.get("phase_count") in {1, 3}:
            connection[CONF_PHASES] = str(int(data["phase_count"]))
    return connection


def _phase_sensors(hass: HomeAssistant) -> dict[str, str]:
    """Return the sensors of all three phases that somebody else goes by; else nothing."""
    found = [_sensors_of_balancer(data) for _, data in _entries(hass, _BALANCER)]
    of_evcc = _of_platform(er.async_get(hass), _EVCC)
    found.append(
        [
            entry.entity_id
            for end in _PHASES_OF_EVCC
            for entry in of_evcc
            if entry.unique_id.endswith(end)
        ]
    )
    for sensors in found:
        if len(sensors) == len(PHASE_ENTITIES) == len(set(sensors)):
            return dict(zip(PHASE_ENTITIES, sensors, strict=True))
    return {}


def _sensors_of_balancer(data: Mapping[str, Any]) -> list[str]:
    sensors = []
    for phase in _PHASES:
        has = data.get(phase)
        if isinstance(has, Mapping):
            sensors.extend([has[key] for key in _PHASE_SENSORS if _is_entity(has.get(key))][:1])
    return sensors


def _of_platform(registry: er.EntityRegistry, platform: str) -> list[er.RegistryEntry]:
    return [
        entry
        for entry in registry.entities.values()
        if entry.platform == platform and entry.disabled_by is None
    ]


def _title(hass: HomeAssistant, entity: er.RegistryEntry) -> str:
    entry = hass.config_entries.async_get_entry(entity.config_entry_id or "")
    return entity.platform if entry is None else entry.title


def _is_entity(picked: object) -> bool:
    return isinstance(picked, str) and valid_entity_id(picked)


def _entries(hass: HomeAssistant, domain: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for entry in hass.config_entries.async_entries(domain, include_disabled=False):
        yield entry.title, {**entry.data, **entry.options}
