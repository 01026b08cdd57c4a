"""A charger that does what its actions are commanded, and notes which ones those were."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
from tests.house import GRID, House, subentry

STATUS: Final = "sensor.box_status"
# The connection carries 17.25 kW; by these the house leaves nothing, or 8.6 A per phase.
NOTHING_LEFT_W: Final = 17_000
SOME_LEFT_W: Final = 11_300


class Bench:
    """A site with one charger; the car there always wants to charge."""

    def __init__(self, hass: HomeAssistant, house: House) -> None:
        """Start with nothing told."""
        self._hass = hass
        self._house = house
        self.calls: list[tuple[str, Any]] = []
        self.refuses_zero = False

    async def async_start(
        self, data: Mapping[str, Any], states: Mapping[str, tuple[str, Mapping[str, Any]]]
    ) -> None:
        """Set a charger up by its configuration, and plug a car in."""
        # Our own entities would bring the real actions along, and those over these.
        for domain in ("button", "number", "select"):
            assert await async_setup_component(self._hass, domain, {})
        for domain, service in (
            ("number", "set_value"),
            ("select", "select_option"),
            ("switch", "turn_on"),
            ("switch", "turn_off"),
            ("button", "press"),
            ("brand", "set_limit"),
            ("brand", "start"),
            ("brand", "stop"),
        ):
            self._hass.services.async_register(domain, service, self._note)
        for entity_id, (state, attributes) in states.items():
            self._hass.states.async_set(entity_id, state, attributes)
        self._hass.states.async_set(STATUS, "disconnected")
        box = {"status_entity": STATUS, "phases": "3", "min_a": 6, "max_a": 16, **data}
        await self._house.async_set_up_site(subentry("box", "charger", "Box", box))
        self._hass.states.async_set(STATUS, "connected")
        await self._house.async_settle()

    async def _note(self, call: ServiceCall) -> None:
        data = dict(call.data)
        entity_id = data.pop("entity_id", None)
        sent = next(iter(data.values()), None)
        self.calls.append((f"{call.domain}.{call.service}", sent))
        if self.refuses_zero and sent == 0:
            raise ServiceValidationError("out of range")
        state = {"turn_on": "on", "turn_off": "off", "press": "2026-11-20"}.get(call.service, sent)
        if entity_id is not None:
            shown = self._hass.states.get(entity_id)
            attributes = {} if shown is None else shown.attributes
            self._hass.states.async_set(entity_id, str(state), attributes, context=call.context)

    async def async_load(self, watts: float) -> list[tuple[str, Any]]:
        """Let the house take so much, and return what the charger is commanded because of that."""
        # Right after a command, the meter may still show what was before.
        await self._house.async_advance(timedelta(minutes=1))
        before = len(self.calls)
        self._house.set_power(GRID, watts)
        await self._house.async_settle()
        return self.calls[before:]
