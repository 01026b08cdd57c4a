"""One charger through the entities the user bound: what it says, and how it is told."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.components.number import ATTR_VALUE, SERVICE_SET_VALUE
from homeassistant.const import (
    ATTR_ENTITY_ID,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    STATE_ON,
)
from homeassistant.core import Context, HomeAssistant, State, split_entity_id
from homeassistant.exceptions import HomeAssistantError

from ...const import (
    CONF_LIMIT_ENTITY,
    CONF_LIMIT_UNIT,
    CONF_MAX_A,
    CONF_MIN_A,
    CONF_PHASES,
    CONF_POWER_ENTITY,
    CONF_STATUS_ENTITY,
    CONF_SWITCH_ENTITY,
    DOMAIN,
)
from ..quantity import power_kw, valid_state
from .connection import Connection, connection_of
from .limit import LimitEntity

# A car that draws less than this is not charging; chargers' meters are rarely exactly 0.
CHARGING_KW = 0.1
_ANSWER_WITHIN_S = 10.0
# Entities that can only say whether a car is there.
_YES_NO_DOMAINS = frozenset({"binary_sensor", "input_boolean"})


@dataclass(frozen=True, kw_only=True)
class ChargerReading:
    """What a charger's entities say at one moment.

    Attributes:
        connection: What is known of the car.
        limit: The limit entity; None while it cannot be read and written.
        is_on: The switch; None where there is none or it says nothing.
        power_kw: Measured power; None where it is not measured.
        missing: Entities that have to be there to drive the charger, and are not.
    """

    connection: Connection
    limit: LimitEntity | None
    is_on: bool | None
    power_kw: float | None
    missing: tuple[str, ...]

    @property
    def drawing(self) -> bool:
        """Whether the car charges, by its power where that is measured, else by the status."""
        if self.power_kw is not None:
            return self.power_kw > CHARGING_KW
        return self.connection is Connection.CHARGING


class Charger:
    """A charger of the site, bound to the entities in its subentry's data."""

    def __init__(
        self,
        hass: HomeAssistant,
        charger_id: str,
        name: str,
        data: Mapping[str, Any],
        voltage: float,
    ) -> None:
        """Bind the entities; ``voltage`` is that between phase and neutral, in V."""
        self.id = charger_id
        self.name = name
        self.voltage = voltage
        self.phases: int = int(data[CONF_PHASES])
        self.min_a: float = data[CONF_MIN_A]
        self.max_a: float = data[CONF_MAX_A]
        self.limit_entity: str = data[CONF_LIMIT_ENTITY]
        self.switch_entity: str | None = data.get(CONF_SWITCH_ENTITY)
        self.status_entity: str | None = data.get(CONF_STATUS_ENTITY)
        self.power_entity: str | None = data.get(CONF_POWER_ENTITY)
        self._limit_unit: str | None = data.get(CONF_LIMIT_UNIT)
        self._hass = hass

    @property
    def entity_ids(self) -> tuple[str, ...]:
        """The entities that are bound."""
        return tuple(
            entity_id
            for entity_id in (
                self.limit_entity,
                self.switch_entity,
                self.status_entity,
                self.power_entity,
            )
            if entity_id is not None
        )

    @property
    def command_entity_ids(self) -> tuple[str, ...]:
        """The entities that are written."""
        return tuple(filter(None, (self.limit_entity, self.switch_entity)))

    def read(self) -> ChargerReading:
        """Read the entities as they are now."""
        limit_state = valid_state(self._hass, self.limit_entity)
        switch_state = valid_state(self._hass, self.switch_entity)
        limit = LimitEntity.from_state(limit_state, self._limit_unit) if limit_state else None
        missing = [self.limit_entity] if limit is None else []
        if self.switch_entity is not None and switch_state is None:
            missing.append(self.switch_entity)
        power = power_kw(valid_state(self._hass, self.power_entity))
        connection = self._connection(power, limit, switch_state)
        if connection is Connection.UNPLUGGED:
            # There is nothing to drive, and some chargers hide their controls meanwhile.
            missing.clear()
        return ChargerReading(
            connection=connection,
            limit=limit,
            is_on=None if switch_state is None else switch_state.state == STATE_ON,
            power_kw=None if power is None else max(0.0, power),
            missing=tuple(missing),
        )

    def _connection(
        self, power: float | None, limit: LimitEntity | None, switch: State | None
    ) -> Connection:
        # Where nothing tells whether a car is there, planning for one harms nobody.
        connection = Connection.PLUGGED
        if self.status_entity is not None:
            state = valid_state(self._hass, self.status_entity)
            connection = Connection.UNKNOWN if state is None else connection_of(state.state)
        if connection is Connection.PLUGGED and self._charges(power, limit, switch):
            return Connection.CHARGING
        return connection

    def _charges(
        self, power: float | None, limit: LimitEntity | None, switch: State | None
    ) -> bool:
        """Tell whether a car that is plugged in charges, where the status does not say so."""
        if self.power_entity is not None:
            return power is not None and power > CHARGING_KW
        if self.status_entity is not None and (
            split_entity_id(self.status_entity)[0] not in _YES_NO_DOMAINS
        ):
            return False
        # Nothing tells: it is taken to use what it may.
        allowed = limit is not None and (limit.value or 0.0) > 0
        return allowed and (switch is None or switch.state == STATE_ON)

    def limit_kw(self, reading: ChargerReading, phases: int) -> float | None:
        """Return what a car on so many phases may draw by what stands in the charger, in kW."""
        if reading.is_on is False:
            return 0.0
        if reading.limit is None or reading.limit.value is None:
            return None
        return reading.limit.to_kw(reading.limit.value, phases=phases, voltage=self.voltage)

    def range_kw(self, reading: ChargerReading, phases: int) -> tuple[float, float]:
        """Return the least and the most that a car on so many phases can draw here, in kW."""
        per_ampere = self.voltage * phases / 1000
        least, most = self.min_a * per_ampere, self.max_a * per_ampere
        if (limit := reading.limit) is not None:
            least = max(least, limit.to_kw(limit.minimum, phases=phases, voltage=self.voltage))
            most = min(most, limit.to_kw(limit.maximum, phases=phases, voltage=self.voltage))
        return least, max(least, most)

    def step_kw(self, reading: ChargerReading, phases: int) -> float:
        """Return by how much two limits of a car on so many phases differ at least, in kW."""
        if (limit := reading.limit) is None:
            return 0.0
        return limit.to_kw(limit.step, phases=phases, voltage=self.voltage)

    async def async_set_limit(self, value: float, context: Context) -> None:
        """Write the limit entity, in its own unit.

        Raises:
            HomeAssistantError: The charger's integration refused.
        """
        await self._async_call(SERVICE_SET_VALUE, self.limit_entity, context, {ATTR_VALUE: value})

    async def async_switch(self, *, on: bool, context: Context) -> None:
        """Turn the switch on or off; does nothing where there is none.

        Raises:
            HomeAssistantError: The charger's integration refused.
        """
        if self.switch_entity is not None:
            action = SERVICE_TURN_ON if on else SERVICE_TURN_OFF
            await self._async_call(action, self.switch_entity, context, {})

    async def _async_call(
        self, action: str, entity_id: str, context: Context, data: dict[str, Any]
    ) -> None:
        call = self._hass.async_create_task(
            self._hass.services.async_call(
                split_entity_id(entity_id)[0],
                action,
                {ATTR_ENTITY_ID: entity_id, **data},
                blocking=True,
                context=context,
            ),
            f"{DOMAIN} {action} {entity_id}",
        )
        # A slow charger may go on with it, as when a car has to wake up; the others must not wait.
        await asyncio.wait({call}, timeout=_ANSWER_WITHIN_S)
        if not call.done():
            call.add_done_callback(_forget)
            raise self._refusal(entity_id, f"no answer within {_ANSWER_WITHIN_S:g} s")
        if (err := call.exception()) is not None:
            # Another integration's action may raise anything; to us it is a refusal.
            raise self._refusal(entity_id, str(err)) from err

    def _refusal(self, entity_id: str, error: str) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="charger_write_failed",
            translation_placeholders={"charger": self.name, "entity": entity_id, "error": error},
        )


def _forget(call: asyncio.Task[Any]) -> None:
    """Take notice of how a late answer ended, so that nobody complains that nobody did."""
    if not call.cancelled():
        call.exception()
