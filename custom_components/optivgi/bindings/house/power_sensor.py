"""A sensor that reports a power, or the current of one phase."""

from datetime import datetime

from homeassistant.core import HomeAssistant, State

from ..quantity import is_current_unit, number, power_kw, to_ampere, unit, valid_state
from .habit import MeterHabit

type Report = tuple[str, datetime]
"""What distinguishes one report of a sensor from another: its state, and when it came."""


def load_kw(state: State | None, voltage: float) -> float | None:
    """Return what a state reports of one phase, power or current, in kW; None where neither."""
    value = number(state)
    if value is not None and (name := unit(state)) is not None and is_current_unit(name):
        return to_ampere(value, name) * voltage / 1000
    return power_kw(state)


class PowerSensor:
    """One of the user's sensors, and whether it is alive."""

    def __init__(
        self,
        hass: HomeAssistant,
        entity_id: str,
        habit: MeterHabit | None = None,
        *,
        voltage: float | None = None,
    ) -> None:
        """Bind the sensor.

        Args:
            hass: Home Assistant.
            entity_id: The sensor.
            habit: What is remembered of it, if anything is.
            voltage: Between phase and neutral, where a current will do; else only a power does.
        """
        self.entity_id = entity_id
        self._hass = hass
        self._habit = MeterHabit() if habit is None else habit
        self._voltage = voltage
        self._reported_at: datetime | None = None

    @property
    def _state(self) -> State | None:
        return valid_state(self._hass, self.entity_id)

    @property
    def kw(self) -> float | None:
        """What it reports, in kW; None where it reports nothing."""
        state = self._state
        return power_kw(state) if self._voltage is None else load_kw(state, self._voltage)

    @property
    def is_current(self) -> bool:
        """Whether it is a current that it reports."""
        return is_current_unit(unit(self._state))

    @property
    def report(self) -> Report | None:
        """Its last report."""
        state = self._state
        return None if state is None else (state.state, state.last_reported)

    def note_report(self, at: datetime) -> None:
        """Learn how often the sensor reports, from the time of one report."""
        if self.kw is None:
            return
        if self._reported_at is not None and at > self._reported_at:
            self._habit.note((at - self._reported_at).total_seconds())
        self._reported_at = at

    def is_stale(self, now: datetime) -> bool:
        """Whether the sensor is gone, or silent for longer than is its habit."""
        state = self._state
        if state is None or self.kw is None:
            return True
        silence = self._habit.longest_silence
        return silence is not None and now - (self._reported_at or state.last_reported) > silence
