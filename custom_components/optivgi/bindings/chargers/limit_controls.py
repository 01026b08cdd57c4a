"""Where a charger's limit is written: a number, a select of numbers, an action, or nowhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from homeassistant.components.number import ATTR_VALUE, SERVICE_SET_VALUE
from homeassistant.components.select import ATTR_OPTION, SERVICE_SELECT_OPTION
from homeassistant.const import UnitOfElectricCurrent
from homeassistant.core import Context, split_entity_id
from homeassistant.util import dt as dt_util

from ...const import (
    CONF_LIMIT_ACTION,
    CONF_LIMIT_ENTITY,
    CONF_LIMIT_UNIT,
    CONF_MAX_A,
    CONF_MIN_A,
    CONF_PHASES,
    CONF_RENEW,
)
from ..quantity import (
    commandable_state,
    is_current_unit,
    number,
    options_of,
    to_kilowatt,
    valid_state,
)
from .calls import Actions, Caller
from .limit import LimitEntity
from .on_off import SELECT_DOMAINS
from .options import numbers_of


class LimitControl(Protocol):
    """A way to limit a charger."""

    @property
    def entity_id(self) -> str | None:
        """The entity that shows the limit."""

    @property
    def shown_as(self) -> str:
        """What people know the limit as."""

    @property
    def missing(self) -> tuple[str, ...]:
        """What cannot be reached now."""

    def read(self) -> LimitEntity | None:
        """Read what is accepted now and what stands there."""

    def is_due_again(self) -> bool:
        """Return whether the limit expires soon unless it is sent again."""

    async def async_set(self, value: float, context: Context) -> None:
        """Write a value, in its own unit."""


@dataclass(frozen=True)
class EntityLimit:
    """A number, or a select of numbers."""

    caller: Caller
    entity_id: str
    unit: str | None

    @property
    def shown_as(self) -> str:
        """The entity."""
        return self.entity_id

    @property
    def missing(self) -> tuple[str, ...]:
        """The entity while it cannot be read."""
        return () if self.read() is not None else (self.entity_id,)

    def read(self) -> LimitEntity | None:
        """Read bounds and value as they are at this moment: they change with cables and sharing."""
        state = commandable_state(self.caller.hass, self.entity_id)
        return None if state is None else LimitEntity.from_state(state, self.unit)

    def is_due_again(self) -> bool:
        """Entities keep what is written."""
        return False

    async def async_set(self, value: float, context: Context) -> None:
        """Write the value, or what is accepted below it at this moment."""
        if (limit := self.read()) is not None and value > limit.maximum:
            value = limit.maximum
        if split_entity_id(self.entity_id)[0] in SELECT_DOMAINS:
            state = commandable_state(self.caller.hass, self.entity_id)
            option = numbers_of(options_of(state))
            data = {ATTR_OPTION: option.get(value, f"{value:g}")}
            await self.caller.async_call(self.entity_id, SERVICE_SELECT_OPTION, data, context)
        else:
            await self.caller.async_call(
                self.entity_id, SERVICE_SET_VALUE, {ATTR_VALUE: value}, context
            )


@dataclass
class ActionLimit:
    """Actions with the limit in the templates of their data; a sensor may show what came of it.

    Without such a sensor, the last limit is assumed to hold.
    """

    caller: Caller
    actions: Actions
    entity_id: str | None
    range: LimitEntity
    kw_per_a: float
    renew: timedelta | None
    part: Callable[[], float] = lambda: 1.0
    """Returns which part of its phases the charger offers at present."""
    sent: float | None = None
    sent_at: datetime | None = None

    @property
    def shown_as(self) -> str:
        """The action."""
        return str(self.actions[0].get("action"))

    @property
    def missing(self) -> tuple[str, ...]:
        """Nothing: actions are there, or their refusal says so."""
        return ()

    def read(self) -> LimitEntity:
        """Return the configured range with the value that the sensor shows, or that was sent."""
        state = valid_state(self.caller.hass, self.entity_id)
        shown = number(state)
        # The sensor is behind until the charger has answered, or is not there at all.
        value = self.sent if shown is None else shown
        if not self.range.is_power:
            return replace(self.range, value=value)
        part = self.part()
        return replace(
            self.range,
            minimum=self.range.minimum * part,
            maximum=self.range.maximum * part,
            value=value,
        )

    def is_due_again(self) -> bool:
        """Return whether a limit with a lifetime has to be renewed."""
        return (
            self.renew is not None
            and self.sent_at is not None
            and dt_util.utcnow() - self.sent_at >= self.renew
        )

    async def async_set(self, value: float, context: Context) -> None:
        """Call the actions with the value in A per phase and in W."""
        kw_per_a = self.kw_per_a * self.part()
        if not self.range.is_power:
            limit_a, limit_w = value, value * kw_per_a * 1000
        else:
            limit_w = to_kilowatt(value, self.range.unit) * 1000
            limit_a = limit_w / 1000 / kw_per_a
        variables = {"limit_a": _plain(limit_a), "limit_w": _plain(limit_w)}
        await self.caller.async_run(self.actions, variables, context)
        self.sent, self.sent_at = value, dt_util.utcnow()


def _plain(value: float) -> float:
    """Return a number without a fraction as an integer: some actions take nothing else."""
    rounded = round(value, 3)
    return int(rounded) if rounded == int(rounded) else rounded


@dataclass(frozen=True)
class FixedLimit:
    """No limit at all: the car draws what it can, or is switched off."""

    range: LimitEntity
    entity_id: str | None = None
    shown_as: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Nothing is needed."""
        return ()

    def read(self) -> LimitEntity:
        """Return the one value there is, which always stands."""
        return self.range

    def is_due_again(self) -> bool:
        """Nothing is sent."""
        return False

    async def async_set(self, value: float, context: Context) -> None:
        """Do nothing: there is nothing to write."""


def limit_control_of(
    caller: Caller,
    data: Mapping[str, Any],
    voltage: float,
    *,
    switched: bool,
    part: Callable[[], float] = lambda: 1.0,
) -> LimitControl:
    """Return how a charger is limited by its configuration.

    Args:
        caller: Calls actions for the charger.
        data: The charger's configuration.
        voltage: Between phase and neutral, in V.
        switched: It can be stopped without the limit.
        part: Returns which part of its phases the charger offers at present.
    """
    entity_id, unit = data.get(CONF_LIMIT_ENTITY), data.get(CONF_LIMIT_UNIT)
    max_a: float = data[CONF_MAX_A]
    if actions := data.get(CONF_LIMIT_ACTION):
        kw_per_a = voltage * int(data[CONF_PHASES]) / 1000
        per_unit = 1.0 if unit is None or is_current_unit(unit) else kw_per_a / to_kilowatt(1, unit)
        minimum = data[CONF_MIN_A] * per_unit if switched else 0.0
        renew = data.get(CONF_RENEW)
        return ActionLimit(
            caller,
            actions,
            entity_id,
            LimitEntity(
                unit=unit or UnitOfElectricCurrent.AMPERE,
                minimum=minimum,
                maximum=max_a * per_unit,
                step=1.0,
                value=None,
            ),
            kw_per_a,
            None if renew is None else timedelta(seconds=renew),
            part,
        )
    if entity_id is not None:
        return EntityLimit(caller, entity_id, unit)
    return FixedLimit(
        LimitEntity(
            unit=UnitOfElectricCurrent.AMPERE,
            minimum=max_a,
            maximum=max_a,
            step=1.0,
            value=max_a,
        )
    )
