"""The garage with a charger that switches its phases, and what its car draws: true physics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.util import dt as dt_util
from tests.house import GARAGE_DATA, GRID, VEHICLES, House, subentry

PHASES: Final = "input_select.garage_phases"
LIMIT: Final = "input_number.garage_limit"
SWITCHING: Final[Mapping[str, Any]] = {
    "phase_entity": PHASES,
    "one_phase": "one",
    "three_phases": "three",
    "phase_pause": 30,
    "phase_interval": 300,
}
BY_ACTIONS: Final[Mapping[str, Any]] = {
    "one_phase_action": [{"action": "brand.phases", "data": {"to": "{{ phases }}"}}],
    "three_phases_action": [{"action": "brand.phases", "data": {"to": "{{ phases }}"}}],
    "phase_pause": 30,
    "phase_interval": 300,
}
STEP: Final = timedelta(seconds=10)


@dataclass
class Phased:
    """A charger at which a car draws what it may, from as many phases as are connected.

    Attributes:
        hass: Home Assistant.
        house: Its house.
        sun_kw: What is exported when nothing charges; below 0 for what is imported.
        obeys: Its contactor follows.
        connected: On how many phases it really is.
        drawn_kw: What the car draws.
        switched: When its contactor was moved, and to how many phases.
        under_load: How often that was done while the car drew.
    """

    hass: HomeAssistant
    house: House
    sun_kw: float = 0.0
    obeys: bool = True
    connected: int = 3
    drawn_kw: float = 0.0
    calls: list[int] = field(default_factory=list)
    under_load: int = 0
    per_phase_a: list[tuple[float, int]] = field(default_factory=list)

    async def async_start(
        self,
        mode: str,
        data: Mapping[str, Any] = SWITCHING,
        vehicle: Mapping[str, Any] | None = None,
    ) -> None:
        """Set the site up, and plug the Zoe in."""
        self.hass.bus.async_listen("call_service", self._note)
        self.hass.services.async_register("brand", "phases", self._act)
        self._measure()
        await self.house.async_set_up_site(
            subentry("garage", "charger", "Garage", {**GARAGE_DATA, **data}),
            subentry("zoe", "vehicle", "Zoe", {**VEHICLES[0]["data"], **(vehicle or {})}),
            data={"pv_entity": "sensor.pv_power"},
        )
        await self.house.async_plug_in("garage")
        await self.house.async_select("select.garage_mode", mode)

    @callback
    def _note(self, event: Any) -> None:
        if event.data["service_data"].get("entity_id") == PHASES:
            self._switch({"one": 1, "three": 3}[event.data["service_data"]["option"]])

    async def _act(self, call: ServiceCall) -> None:
        self._switch(int(call.data["to"]))

    def _switch(self, phases: int) -> None:
        self.calls.append(phases)
        self.under_load += self.drawn_kw > 0
        if self.obeys:
            self.connected = phases

    def _measure(self) -> None:
        house = self.house
        is_there = not self.hass.states.is_state("input_select.garage_status", "disconnected")
        on = is_there and self.hass.states.is_state("input_boolean.garage_charging", "on")
        amperes = house.value(LIMIT) if on else 0.0
        self.drawn_kw = amperes * self.connected * 0.23
        self.per_phase_a.append((amperes, self.connected))
        if is_there:
            status = "charging" if self.drawn_kw else "awaiting_start"
            self.hass.states.async_set("input_select.garage_status", status)
        noise = dt_util.utcnow().second / 10
        house.set_power("sensor.garage_power", 1000 * self.drawn_kw + (noise if on else 0))
        house.set_power("sensor.pv_power", 1000 * max(0.0, self.sun_kw) + 500)
        house.set_power(GRID, 1000 * (self.drawn_kw - self.sun_kw) + noise)

    async def async_for(self, *, minutes: float, sun_kw: float | None = None) -> None:
        """Let time pass, and the car draw."""
        if sun_kw is not None:
            self.sun_kw = sun_kw
        for _ in range(round(minutes * 60 / STEP.total_seconds())):
            self._measure()
            await self.house.async_advance(STEP)
        self._measure()
