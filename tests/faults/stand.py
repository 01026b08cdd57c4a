"""The world in a real Home Assistant: its entities, its actions, its time; what was seen of it."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from tests.house import GRID, House, subentry

from .world import Charger, World

METERS: Final = ("sensor.grid_l1", "sensor.grid_l2", "sensor.grid_l3", GRID)
PER_PHASE: Final = {f"l{phase}_entity": METERS[phase - 1] for phase in (1, 2, 3)}
SOC_EVERY_S: Final = 60.0
TURNS: Final = 30
"""So many turns of the event loop bring everything to where it waits for something outside."""


@dataclass(frozen=True)
class Write:
    """Something that was sent to a charger, by whomever."""

    at: float
    charger: str
    service: str
    value: float | None
    ours: bool


@dataclass
class Stand:
    """The world, and what Home Assistant has to do with it.

    Attributes:
        said: What the status of each charger has said: words and codes of reasons.
        later: What is to happen by itself: at which time, and what.
    """

    house: House
    world: World
    site: dict[str, Any] = field(default_factory=lambda: dict(PER_PHASE))
    of_car: dict[str, dict[str, Any]] = field(default_factory=dict)
    soc_says: dict[str, Callable[[float], object]] = field(default_factory=dict)
    writes: list[Write] = field(default_factory=list)
    said: dict[str, set[str]] = field(default_factory=dict)
    issues: set[str] = field(default_factory=set)
    later: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    before: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What was sound, by the fault that holds."""
    person: Context = field(default_factory=lambda: Context(user_id="resident"))
    turns: int = TURNS
    complaints: set[str] = field(default_factory=set)
    """What must not be, beside what holds for any charger."""
    _soon: list[Coroutine[Any, Any, None]] = field(default_factory=list)
    _hanging: list[tuple[float, asyncio.Future[None]]] = field(default_factory=list)
    _contexts: dict[str, Context] = field(default_factory=dict)
    _working: set[asyncio.Future[Any]] = field(default_factory=set)
    _soc_at: float = -SOC_EVERY_S

    @property
    def hass(self) -> HomeAssistant:
        """Home Assistant."""
        return self.house.hass

    # Entities

    def _set(self, entity_id: str, state: object, **attributes: object) -> None:
        context = self._contexts.get(entity_id)
        self.hass.states.async_set(entity_id, str(state), attributes, context=context)

    def show(self, *, meter: bool = True) -> None:
        """Let everything report whose time it is."""
        for charger in self.world.chargers:
            self.show_charger(charger)
        if meter:
            self._show_meter()
        if self.world.now - self._soc_at >= SOC_EVERY_S:
            self._soc_at = self.world.now
            for charger in self.world.chargers:
                soc: object = int(charger.car.soc)
                if (says := self.soc_says.get(charger.name)) is not None:
                    soc = says(charger.car.soc)
                self._set(f"sensor.{charger.name}_soc", soc, unit_of_measurement="%")

    def show_charger(self, charger: Charger) -> None:
        """Let the entities of a charger show how it is."""
        name, gone = charger.name, charger.away
        limit, is_on = charger.shown
        shown = charger.limit_says if charger.limit_says is not None else f"{limit:g}"
        self._set(
            f"number.{name}_limit",
            "unavailable" if gone else shown,
            min=charger.minimum,
            max=charger.maximum,
            step=charger.step,
            unit_of_measurement=charger.unit,
        )
        if charger.has_switch:
            self._set(f"switch.{name}", "unavailable" if gone else "on" if is_on else "off")
        self._set(f"sensor.{name}_state", "unavailable" if gone else _status(charger))
        power: object = f"{1000 * charger.power_kw:.0f}"
        if charger.power_says is not None:
            power = charger.power_says(1000 * charger.power_kw)
        if power is not None:
            attributes = {"unit_of_measurement": "W", "device_class": "power"}
            self._set(f"sensor.{name}_power", "unavailable" if gone else power, **attributes)

    def _show_meter(self) -> None:
        meter, now = self.world.meter, self.world.now
        if meter.silent or now - meter.reported_at < meter.every_s:
            return
        for index, watts in enumerate(meter.report_w(now, self.world.metered_w())):
            said: str | float | None = watts
            if meter.says is not None:
                said = meter.says(index, watts)
            if said is not None:
                shown = said if isinstance(said, str) else f"{said:.1f}"
                self._set(METERS[index], shown, unit_of_measurement="W", device_class="power")

    async def async_report(self) -> None:
        """Let those report who do so by a connection of their own."""

    # Set-up

    async def async_set_up(self) -> None:
        """Take over the actions on the entities, and set the site up."""
        self.count_threads()
        # That asks each callback for its time, and doubles all that is measured here.
        self.hass.loop.set_debug(enabled=False)
        # Our own numbers would bring the real actions along, and those over ours.
        assert await async_setup_component(self.hass, "number", {})
        for domain, service in (("number", "set_value"), ("switch", "turn_on")):
            self.hass.services.async_register(domain, service, self._on_command)
        self.hass.services.async_register("switch", "turn_off", self._on_command)
        for charger in self.world.chargers:
            charger.shown = (charger.limit, charger.is_on)
        await self.async_add_site()

    async def async_add_site(self) -> None:
        """Show all entities, and set the site up."""
        self.show()
        subentries: list[ConfigSubentryDataWithId] = []
        for charger in self.world.chargers:
            subentries += self._subentries(charger)
        await self.house.async_set_up_site(*subentries, data=self.site)

    def _subentries(self, charger: Charger) -> Iterable[ConfigSubentryDataWithId]:
        name = charger.name
        yield subentry(name, "charger", name.title(), self.charger_data(charger))
        car: dict[str, Any] = {
            "battery_kwh": charger.car.battery_kwh,
            "soc_entity": f"sensor.{name}_soc",
            "target_soc": 80,
            "departure": "07:00:00",
            "charger": name,
            "efficiency": 0.9,
        }
        car |= self.of_car.get(name, {})
        yield subentry(f"car_{name}", "vehicle", f"Car of {name}", car)

    def charger_data(self, charger: Charger) -> dict[str, Any]:
        """Return the configuration of a charger."""
        name = charger.name
        data: dict[str, Any] = {
            "limit_entity": f"number.{name}_limit",
            "status_entity": f"sensor.{name}_state",
            "power_entity": f"sensor.{name}_power",
            "phases": "3",
            "min_a": 6,
            "max_a": 16,
        }
        if charger.has_switch:
            data["switch_entity"] = f"switch.{name}"
        return data

    def count_threads(self) -> None:
        """Notice what is computed in threads: it alone is waited for while an action hangs."""
        loop = self.hass.loop
        begin = loop.run_in_executor

        def run(executor: Executor | None, func: Callable[..., Any], *args: Any) -> Any:
            future = begin(executor, func, *args)
            self._working.add(future)
            future.add_done_callback(self._working.discard)
            return future

        loop.run_in_executor = run  # type: ignore[method-assign, assignment]

    # Actions

    async def _on_command(self, call: ServiceCall) -> None:
        targets = call.data["entity_id"]
        for entity_id in [targets] if isinstance(targets, str) else targets:
            name = entity_id.partition(".")[2].removesuffix("_limit")
            await self._command(self.world[name], entity_id, call)

    async def _command(self, charger: Charger, entity_id: str, call: ServiceCall) -> None:
        now, value = self.world.now, call.data.get("value")
        ours = call.context.user_id is None and call.context.parent_id is None
        self.writes.append(Write(now, charger.name, call.service, value, ours))
        if charger.hangs_s:
            gate = self.hass.loop.create_future()
            self._hanging.append((now + charger.hangs_s, gate))
            await gate
        if charger.away:
            raise HomeAssistantError(f"{entity_id} is not available")
        if charger.refuses is not None:
            raise charger.refuses
        self._contexts[entity_id] = call.context
        if value is not None:
            if not charger.minimum <= value <= charger.maximum:
                raise HomeAssistantError(f"{value} is out of range")
            charger.command(now, limit=float(value))
        else:
            charger.command(now, on=call.service == "turn_on")

    async def async_operate(
        self, name: str, service: str, value: float | None = None, *, context: Context
    ) -> None:
        """Operate a charger as somebody else."""
        domain, entity_id = "switch", f"switch.{name}"
        data: dict[str, Any] = {}
        if value is not None:
            domain, entity_id, data = "number", f"number.{name}_limit", {"value": value}
        await self.hass.services.async_call(
            domain, service, {"entity_id": entity_id, **data}, blocking=True, context=context
        )

    async def async_mode(self, name: str, mode: str) -> None:
        """Select a mode."""
        await self.hass.services.async_call(
            "select",
            "select_option",
            {"entity_id": f"select.{name}_mode", "option": mode},
            blocking=True,
        )
        await self.async_come_to_rest()

    # Time

    def after(self, seconds: float, what: Callable[[], None]) -> None:
        """Have something happen later."""
        self.later.append((self.world.now + seconds, what))

    def soon(self, what: Coroutine[Any, Any, None]) -> None:
        """Have something done in this step."""
        self._soon.append(what)

    async def async_step(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self.house.freezer.tick(timedelta(seconds=seconds))
        self.world.move(seconds)
        now = self.world.now
        due = [one for one in self.later if one[0] <= now]
        for one in due:
            self.later.remove(one)
            one[1]()
        for at, gate in self._hanging:
            if at <= now and not gate.done():
                gate.set_result(None)
        self._hanging = [one for one in self._hanging if one[0] > now]
        self.show()
        await self.async_report()
        async_fire_time_changed(self.hass)
        await self.async_come_to_rest()
        for what in self._soon:
            await what
        self._soon.clear()
        self.listen()

    async def async_run(self, seconds: float, step_s: float) -> None:
        """Let time pass in steps."""
        end = self.world.now + seconds - 1e-6
        while self.world.now < end:
            await self.async_step(step_s)

    async def async_come_to_rest(self) -> None:
        """Let all that is under way come to its end, but for actions that hang."""
        if not self._hanging and not any(charger.hangs_s for charger in self.world.chargers):
            await self.hass.async_block_till_done(wait_background_tasks=True)
            return
        while True:
            for _ in range(self.turns):
                await asyncio.sleep(0)
            if not self._working:
                return
            await asyncio.wait(self._working)

    async def async_release(self) -> None:
        """Let go of what hangs."""
        for charger in self.world.chargers:
            charger.hangs_s = 0.0
        for _, gate in self._hanging:
            if not gate.done():
                gate.set_result(None)
        self._hanging = []
        await self.async_come_to_rest()

    # What people see

    def listen(self) -> None:
        """Take up what is said and asked."""
        for charger in self.world.chargers:
            state = self.hass.states.get(f"sensor.{charger.name}_status")
            if state is not None:
                words = self.said.setdefault(charger.name, set())
                words.add(state.state)
                if (code := state.attributes.get("reason_code")) is not None:
                    words.add(code)
        self.issues |= {
            issue_id
            for (domain, issue_id), issue in ir.async_get(self.hass).issues.items()
            if domain == "optivgi" and issue.active
        }

    def forget(self) -> None:
        """Forget what was said until now."""
        self.said.clear()
        self.issues.clear()
        self.world.longest_over_s = 0.0

    def ours(self, name: str, since: float) -> int:
        """Return how often the integration has written to a charger."""
        ours = (write for write in self.writes if write.ours and write.at >= since)
        return sum(write.charger == name for write in ours)


def _status(charger: Charger) -> str:
    """Return what the status entity of a charger says."""
    if charger.word is not None:
        return charger.word
    if not charger.plugged:
        return "Available"
    if charger.drawn_a:
        return "Charging"
    return "Preparing" if charger.allowed_a < 1 else "SuspendedEV"
