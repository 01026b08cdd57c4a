"""The circuits of a site: what hangs on which, what each may carry, and what is left of that."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..bindings.house.meter import bind_meter
from ..charging.charging_point import ChargingPoint
from ..const import (
    CONF_CIRCUIT,
    CONF_EVEN_PHASES,
    CONF_FUSE_A,
    CONF_PHASES,
    CONF_VOLTAGE,
    DEFAULT_VOLTAGE,
    SUBENTRY_CIRCUIT,
)
from ..scheduler.allocation import Capacity
from ..scheduler.model import PHASES, Circuit, Horizon, PerStep
from ..settings.memory import CircuitHabits, Memory
from .house_load import HouseLoad
from .limits import connection_limit_kw, phase_limit_kw
from .outlook import NOWCAST

_OF_THE_SITE: Final = (CONF_PHASES, CONF_VOLTAGE)
"""What a circuit has from its site."""


class SiteCircuit:
    """A part of the site with a fuse of its own, and maybe a meter.

    Its other consumers count as the house does at the connection: by a meter, and where that is
    silent by what is usual. Without a meter only chargers draw from it.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        circuit_id: str,
        name: str,
        data: Mapping[str, Any],
        *,
        points: Iterable[ChargingPoint],
        habits: CircuitHabits,
    ) -> None:
        """Bind a circuit.

        Args:
            hass: Home Assistant.
            circuit_id: Its subentry.
            name: What it is called.
            data: Its configuration, with the phases and the voltage of the site.
            points: All chargers that hang on it, those of circuits below included.
            habits: What is remembered of its meters.
        """
        self.id = circuit_id
        self.name = name
        self.parent: str | None = data.get(CONF_CIRCUIT)
        self.fuse_a: float | None = data.get(CONF_FUSE_A)
        self.limit_kw = connection_limit_kw(data)
        self.phase_limit_kw = phase_limit_kw(data)
        phases = int(data[CONF_PHASES])
        voltage = data.get(CONF_VOLTAGE, DEFAULT_VOLTAGE)
        self.house = HouseLoad(
            bind_meter(hass, data, voltage=voltage, habit=habits.meter, of_phases=habits.phases),
            {point.charger.id: point for point in points},
            assumed_kw=0.0,
            phases=phases,
            even=data.get(CONF_EVEN_PHASES, False),
        )
        """What its other consumers take."""
        self.connection = Capacity(
            total_kw=self.limit_kw, phase_kw=self.phase_limit_kw, phases=PHASES[:phases]
        )
        """What its chargers might draw if nothing else took anything."""

    def capacity(self, now: datetime) -> Capacity:
        """Return what its chargers may draw now."""
        return self.house.capacity(now, limit_kw=self.limit_kw, phase_limit_kw=self.phase_limit_kw)

    def expected(self, horizon: Horizon) -> Circuit:
        """Return it as plans know it: its other consumers go on for a while, then as usual."""
        now = horizon.start
        now_kw, usual_kw = self.house.lately_kw(now), self.house.usual_kw
        base_load_kw = tuple(
            now_kw if now_kw is not None and start < now + NOWCAST else usual_kw
            for start in horizon.edges[:-1]
        )
        each: tuple[PerStep, ...] = ()
        if (limit_kw := self.phase_limit_kw) is not None:
            # What chargers do by themselves is spread over their phases.
            own = tuple(max(0.0, kw - self.house.uncontrolled_kw(now)) for kw in base_load_kw)
            each = (
                tuple(limit_kw - kw for kw in self.house.unevenness_kw(own, (None,) * len(own))),
            )
        return Circuit(
            id=self.id,
            parent=self.parent,
            limit_kw=(self.limit_kw,) * len(horizon),
            phase_limit_kw=each,
            base_load_kw=base_load_kw,
        )


def circuit_paths(entry: ConfigEntry) -> dict[str, tuple[str, ...]]:
    """Return by circuit all that its current flows through: itself, and those it hangs on.

    What is not there any more, or would hang on itself, is left out.
    """
    parents = {
        subentry.subentry_id: subentry.data.get(CONF_CIRCUIT)
        for subentry in entry.get_subentries_of_type(SUBENTRY_CIRCUIT)
    }

    def upwards(circuit_id: str | None) -> Iterator[str]:
        seen = set[str]()
        while circuit_id in parents and circuit_id not in seen:
            seen.add(circuit_id)
            yield circuit_id
            circuit_id = parents[circuit_id]

    return {circuit_id: tuple(upwards(circuit_id)) for circuit_id in parents}


def bind_circuits(
    hass: HomeAssistant,
    entry: ConfigEntry,
    points: Mapping[str, ChargingPoint],
    memory: Memory,
) -> dict[str, SiteCircuit]:
    """Return the circuits of a site by id, each after the one it hangs on.

    Args:
        hass: Home Assistant.
        entry: The site.
        points: Its chargers.
        memory: What is remembered of the meters; new ones are added.
    """
    of_site = {key: entry.data[key] for key in _OF_THE_SITE if key in entry.data}
    paths = circuit_paths(entry)
    circuits = {}
    for circuit_id in sorted(paths, key=lambda circuit_id: len(paths[circuit_id])):
        subentry = entry.subentries[circuit_id]
        parent = next(iter(paths[circuit_id][1:]), None)
        circuits[circuit_id] = SiteCircuit(
            hass,
            circuit_id,
            subentry.title,
            {**subentry.data, **of_site, CONF_CIRCUIT: parent},
            points=[point for point in points.values() if circuit_id in point.circuits],
            habits=memory.circuits.setdefault(circuit_id, CircuitHabits()),
        )
    return circuits
