"""A charger's limit: a number, or a select of numbers, in A per phase or in W or kW of all."""

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
import math
from typing import Final, Self

from homeassistant.components.number import (
    ATTR_MAX,
    ATTR_MIN,
    DEFAULT_MAX_VALUE,
    DEFAULT_MIN_VALUE,
    DEFAULT_STEP,
)
from homeassistant.components.select import ATTR_OPTIONS
from homeassistant.core import State

from ...scheduler.guard import Steps
from ..quantity import (
    from_ampere,
    from_kilowatt,
    is_current_unit,
    is_power_unit,
    number,
    number_attribute,
    options_of,
    step_of,
    to_ampere,
    to_kilowatt,
    unit,
)
from .options import numbers_of

_FINEST_STEP: Final = 0.1
"""Of what is given back, where a limit takes any value."""
_ROUNDING: Final = 1e-6
"""A conversion there and back may end so little below a step, which is that step."""


@dataclass(frozen=True, kw_only=True)
class LimitEntity:
    """What a limit entity accepts now, and what stands in it.

    A limit in A holds for each phase that the car uses; one in W or kW for all together.

    Attributes:
        unit: Unit of the entity's value.
        minimum: The minimum it accepts, in its unit.
        maximum: The maximum it accepts, in its unit.
        step: The step between two values, in its unit.
        value: What stands in it now, in its unit; None where that is unknown.
        values: The only values it accepts, ascending; none where it accepts all its steps.
    """

    unit: str
    minimum: float
    maximum: float
    step: float
    value: float | None
    values: tuple[float, ...] = ()

    @classmethod
    def from_state(cls, state: State, assumed_unit: str | None) -> Self | None:
        """Read a number or a select; ``assumed_unit`` serves where the entity names none.

        Returns None where the unit is none of current or power.
        """
        name = unit(state) or assumed_unit
        if name is None or not (is_current_unit(name) or is_power_unit(name)):
            return None
        if ATTR_OPTIONS in state.attributes:
            shown = next(iter(numbers_of((state.state,))), None)
            return cls._of_values(name, tuple(numbers_of(options_of(state))), shown)
        minimum = number_attribute(state, ATTR_MIN, DEFAULT_MIN_VALUE)
        maximum = number_attribute(state, ATTR_MAX, DEFAULT_MAX_VALUE)
        if maximum < minimum:
            return None
        return cls(
            unit=name,
            minimum=minimum,
            maximum=maximum,
            step=step_of(state, DEFAULT_STEP),
            value=number(state),
        )

    @classmethod
    def _of_values(cls, name: str, values: tuple[float, ...], value: float | None) -> Self | None:
        if not values:
            return None
        return cls(
            unit=name,
            minimum=values[0],
            maximum=values[-1],
            step=min((b - a for a, b in pairwise(values)), default=1.0),
            value=value,
            values=values,
        )

    @property
    def accepts_zero(self) -> bool:
        """Whether 0 can be written, which a charger takes as a pause."""
        return self.minimum <= 0

    @property
    def is_power(self) -> bool:
        """Whether it holds for all phases together."""
        return not is_current_unit(self.unit)

    def to_kw(self, value: float, *, phases: int, voltage: float) -> float:
        """Return a value of this entity as the kW that a car on so many phases may draw."""
        if self.is_power:
            return to_kilowatt(value, self.unit)
        return to_ampere(value, self.unit) * voltage * phases / 1000

    def from_kw(self, power_kw: float, *, phases: int, voltage: float) -> float:
        """Return the value to write for a limit in kW: rounded down, never above it.

        Returns 0 where even the minimum of the entity would be more than the limit.
        """
        if self.is_power:
            value = from_kilowatt(power_kw, self.unit)
        else:
            value = from_ampere(power_kw * 1000 / (voltage * phases), self.unit)
        steps = Steps(
            minimum=self.minimum, maximum=self.maximum, step=self.step, values=self.values
        )
        value = steps.down(value)
        return value if self.values else min(self.maximum, round(value, 6))

    def to_give(self, power_kw: float, *, phases: int, voltage: float) -> float:
        """Return the value to write to have so many kW given back: never more; 0 for nothing."""
        kw_per_unit = self.to_kw(1.0, phases=phases, voltage=voltage)
        portion = self.step or _FINEST_STEP
        units = min(power_kw / kw_per_unit, -self.minimum)
        return round(min(0.0, -math.floor(units / portion + _ROUNDING) * portion), 6)

    def steps_kw(self, *, phases: int, voltage: float) -> Steps:
        """Return the limits it accepts in kW, for a car on so many phases."""
        to_kw = partial(self.to_kw, phases=phases, voltage=voltage)
        return Steps(
            minimum=to_kw(self.minimum),
            maximum=to_kw(self.maximum),
            step=to_kw(self.step),
            values=tuple(map(to_kw, self.values)),
        )
