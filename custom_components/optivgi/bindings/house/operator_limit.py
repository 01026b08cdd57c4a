"""What whoever runs the grid allows the site: a limit that changes, or a signal that it is dimmed.

Germany, EnWG §14a: while dimmed, devices that are controlled together by an energy management may
take P_min = 4.2 kW + (n - 1) * factor(n) * 4.2 kW from the grid, and what the house has left of its
own production besides (Bundesnetzagentur, BK6-22-300, annex 1, 4.5.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
import math
from typing import Any, Final

from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant

from ...const import (
    CONF_DIMMED_DEVICES,
    CONF_DIMMING_ENTITY,
    CONF_OPERATOR_LIMIT_ENTITY,
)
from ..quantity import is_current_unit, number, unit, valid_state
from .power_sensor import load_kw

_EACH_KW: Final = 4.2
"""What a single device is left."""
_FACTORS: Final = (1.0, 1.0, 0.80, 0.75, 0.70, 0.65, 0.60, 0.55, 0.50, 0.45)
"""By the number of devices, which never all take their most at once; nine and more alike."""
_MOMENT: Final = timedelta(seconds=60)
"""Integrations lose their devices for that long without anything being wrong."""


def dimmed_kw(devices: int) -> float:
    """Return what so many devices may take from the grid together while they are dimmed."""
    factor = _FACTORS[min(devices, len(_FACTORS) - 1)]
    return _EACH_KW * (1 + max(0, devices - 1) * factor)


@dataclass(kw_only=True)
class OperatorMemory:
    """What was last known of the operator's limits, for when their sensors are silent.

    Attributes:
        limit_kw: What the site may import; None where nothing was ever reported.
        phase_kw: What each phase may carry; None where the limit is none of a phase.
        dimmed: Whether it was dimmed; None where that was never reported.
    """

    limit_kw: float | None = None
    phase_kw: float | None = None
    dimmed: bool | None = None


class OperatorLimit:
    """The limit that a grid operator sets, by the user's entities.

    A limit that is not reported any more stays as it was. A signal that is silent for longer than a
    moment counts as dimmed: what must not be missed is a reduction, and each car still gets some.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        data: Mapping[str, Any],
        memory: OperatorMemory,
        *,
        voltage: float,
        phases: int,
        chargers: int,
    ) -> None:
        """Bind the entities.

        Args:
            hass: Home Assistant.
            data: The configuration of the site.
            memory: What was last known.
            voltage: Between phase and neutral.
            phases: How many the connection has.
            chargers: How many chargers it has: those are dimmed together, unless something else is
                configured.
        """
        self._hass = hass
        self._memory = memory
        self._limit_entity: str | None = data.get(CONF_OPERATOR_LIMIT_ENTITY)
        self._dimming_entity: str | None = data.get(CONF_DIMMING_ENTITY)
        self._devices = int(data.get(CONF_DIMMED_DEVICES, max(1, chargers)))
        self._voltage = voltage
        self._phases = phases
        self._silent_since: dict[str, datetime] = {}
        self.silent: tuple[str, ...] = ()
        """Its entities that have said nothing for longer than a moment."""

    @property
    def entity_ids(self) -> list[str]:
        """The entities that are looked at."""
        return [e for e in (self._limit_entity, self._dimming_entity) if e is not None]

    def observe(self, now: datetime) -> None:
        """Take up what the entities report."""
        memory, known = self._memory, set[str]()
        if (entity_id := self._limit_entity) is not None:
            state = valid_state(self._hass, entity_id)
            kw = load_kw(state, self._voltage)
            if kw is not None and number(state) is not None:
                of_phase = is_current_unit(unit(state) or "")
                memory.phase_kw = max(0.0, kw) if of_phase else None
                memory.limit_kw = max(0.0, kw * self._phases if of_phase else kw)
                known.add(entity_id)
        else:
            memory.limit_kw = memory.phase_kw = None
        if (entity_id := self._dimming_entity) is not None:
            state = valid_state(self._hass, entity_id)
            if state is not None and state.state in {STATE_ON, STATE_OFF}:
                memory.dimmed = state.state == STATE_ON
                known.add(entity_id)
        else:
            memory.dimmed = None
        self._silent_since = {
            e: self._silent_since.get(e, now) for e in self.entity_ids if e not in known
        }
        self.silent = tuple(e for e, since in self._silent_since.items() if now - since >= _MOMENT)

    @property
    def limit_kw(self) -> float:
        """What the site may import; infinite where nothing limits it."""
        return math.inf if self._memory.limit_kw is None else self._memory.limit_kw

    @property
    def phase_limit_kw(self) -> float:
        """What each phase may carry by that."""
        of_phase = self._memory.phase_kw
        return math.inf if of_phase is None or self._phases == 1 else of_phase

    @property
    def devices_kw(self) -> float:
        """What all chargers may take from the grid together; infinite where they are not dimmed."""
        if self._dimming_entity is None:
            return math.inf
        dimmed = self._memory.dimmed or self._dimming_entity in self.silent
        return dimmed_kw(self._devices) if dimmed else math.inf

    @property
    def is_limiting(self) -> bool:
        """Whether it limits anything now."""
        return math.isfinite(min(self.limit_kw, self.devices_kw))
