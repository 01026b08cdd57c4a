"""A plant with true physics: lags, refusals, jumps, hands and restarts.

Two or more chargers with `number` and `switch` entities, cars, a house and a grid meter: the
outside world. What is commanded must never overload the connection.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser, async_fire_time_changed

from tests.house import GRID, House, subentry

FUSE_KW = 17.25
PHASE_KW = FUSE_KW / 3
MIN_KW = 4.14
STEP_S = 10
HAND_S = 5.0
"""Home Assistant tells who caused a state for so long after an action."""
TOLERANCE_KW = 1e-3
# What meters round, and a step of a charger in W
ROUNDING_KW = 0.02
GRACE_S = 30
"""So long more than fits may stand after a disturbance, while commands settle: devices and meters
of that test take 10 s each."""


@dataclass
class Box:
    """A charger, its car, and how well both behave."""

    name: str
    unit: str = "A"
    minimum: float = 6
    maximum: float = 16
    step: float = 1
    switch: bool = True
    measured: bool = True
    power_lag_s: float = 0
    confirm_s: float = 0
    """So long after the action the entities show what was written."""
    reaction_s: float = 0
    """So long after the action the car follows."""
    status: str = "Available"
    phases: int = 3
    says_phases: bool = True
    """Its car is set up with its phases."""
    wired: tuple[str, ...] = ("l1", "l2", "l3")
    """The phases of the site that its own are connected to."""
    onboard_kw: float = 11.04
    soc: float = 20.0
    battery_kwh: float = 60.0
    wants: bool = True
    """Whether the car draws when it may."""
    refuses: bool = False
    ignores: bool = False
    dead_switch: bool = False
    """Its switch shows what it was commanded, and does nothing."""
    keeps_min: bool = False
    """It shows a limit of 0, and goes on with its min current."""
    rounds_to: float = 0
    """What it shows of a limit is rounded to this."""
    bound: bool = True
    """It belongs to the site from the start."""
    unavailable: bool = False
    held: bool = False
    """A person has operated it."""
    value: float = 16
    is_on: bool = False
    shown: tuple[float, bool] = (16, False)
    pending: list[tuple[datetime, float, bool, Context | None]] = field(default_factory=list)
    standing_since: list[tuple[datetime, float]] = field(default_factory=list)
    drawn_since: list[tuple[datetime, float]] = field(default_factory=list)

    @property
    def limit_id(self) -> str:
        """The limit entity."""
        return f"number.{self.name}_limit"

    @property
    def switch_id(self) -> str:
        """The switch."""
        return f"switch.{self.name}"

    @property
    def plugged(self) -> bool:
        """Whether a car is there."""
        return self.status != "Available"

    @property
    def obeys(self) -> bool:
        """Whether it is ours to command."""
        return not (self.refuses or self.ignores or self.unavailable or self.held)

    @property
    def standing_kw(self) -> float:
        """What the car that is there may draw by what the charger holds in truth."""
        if not self.plugged or (self.switch and not self.is_on and not self.dead_switch):
            return 0.0
        kw = self.value * 0.23 * self.phases if self.unit == "A" else self.value / 1000
        return max(kw, MIN_KW) if self.keeps_min else kw

    def power_kw(self, now: datetime) -> float:
        """What the car draws."""
        if not self.plugged or not self.wants or self.soc >= 100:
            return 0.0
        limit = _at(self.standing_since, now - timedelta(seconds=self.reaction_s))
        return 0.0 if limit < 1.3 * self.phases else min(limit, self.onboard_kw)

    def rounded(self, value: float) -> float:
        """Return what it shows of a limit."""
        return round(value / self.rounds_to) * self.rounds_to if self.rounds_to else value

    def data(self) -> dict[str, Any]:
        """What the user configured."""
        data: dict[str, Any] = {
            "limit_entity": self.limit_id,
            "status_entity": f"sensor.{self.name}_status",
            "phases": "3",
            "min_a": 6,
            "max_a": 16,
        }
        if self.switch:
            data["switch_entity"] = self.switch_id
        if self.measured:
            data["power_entity"] = f"sensor.{self.name}_power"
        return data

    def vehicle(self) -> dict[str, Any]:
        """The car as the user configured it."""
        said = {"phases": str(self.phases)} if self.says_phases else {}
        return {
            "battery_kwh": self.battery_kwh,
            "soc_entity": f"sensor.{self.name}_soc",
            "target_soc": 80,
            "departure": "07:00:00",
            "charger": self.name,
            "efficiency": 0.9,
            **said,
        }


def _at(history: list[tuple[datetime, float]], moment: datetime) -> float:
    """Return what a history tells of a moment."""
    return next((kw for since, kw in reversed(history) if since <= moment), 0.0)


@dataclass
class Plant:
    """Wires, house, meter, chargers and cars; and what was seen of the rules."""

    house: House
    boxes: list[Box]
    house_kw: float = 0.5
    meter_lag_s: float = 0
    meter_every_s: float = STEP_S
    meter_gone: bool = False
    meter_factor: float = 1
    """What the meter shows of the truth: 0 is stuck, -1 has the wrong sign."""
    sun_kw: float = 0.0
    """What PV gives; the house's load is reported without it."""
    site: Mapping[str, Any] = field(default_factory=dict)
    loads: list[tuple[datetime, float]] = field(default_factory=list)
    bases: list[tuple[datetime, float]] = field(default_factory=list)
    told_base_kw: float = 0.0
    met_at: datetime | None = None
    writes: list[tuple[datetime, str, str, float | None]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    over_s: float = 0.0
    longest_over_s: float = 0.0
    over_kwh: float = 0.0
    checks: bool = False
    step_s: float = STEP_S
    gate: asyncio.Event | None = None
    """What an action waits for before it is done."""
    hanging: Collection[str] | None = None
    """The chargers whose actions wait; None for all."""

    @property
    def hass(self) -> HomeAssistant:
        """Home Assistant."""
        return self.house.hass

    def __getitem__(self, name: str) -> Box:
        """Return a charger by its name."""
        return next(box for box in self.boxes if box.name == name)

    async def async_build(self) -> None:
        """Put the entities and actions of the chargers' integrations there, and the site."""
        # Our own numbers would bring the real actions along, and those over ours.
        assert await async_setup_component(self.hass, "number", {})
        self.hass.services.async_register("number", "set_value", self._set_value)
        self.hass.services.async_register("switch", "turn_on", self._turn_on)
        self.hass.services.async_register("switch", "turn_off", self._turn_off)
        for box in self.boxes:
            box.shown = (box.rounded(box.value), box.is_on)
        self._flow(dt_util.utcnow())
        self._show(dt_util.utcnow())
        subentries: list[ConfigSubentryDataWithId] = []
        for box in [box for box in self.boxes if box.bound]:
            subentries.append(subentry(box.name, "charger", box.name.title(), box.data()))
            subentries.append(
                subentry(f"car_{box.name}", "vehicle", f"Car {box.name}", box.vehicle())
            )
        await self.house.async_set_up_site(*subentries, data=self.site)
        self.checks = True

    # The chargers' integrations

    async def _set_value(self, call: ServiceCall) -> None:
        box = next(b for b in self.boxes if b.limit_id in call.data["entity_id"])
        await self._take(box, call, float(call.data["value"]), box.is_on)

    async def _turn_on(self, call: ServiceCall) -> None:
        box = next(b for b in self.boxes if b.switch_id in call.data["entity_id"])
        await self._take(box, call, box.value, on=True)

    async def _turn_off(self, call: ServiceCall) -> None:
        box = next(b for b in self.boxes if b.switch_id in call.data["entity_id"])
        await self._take(box, call, box.value, on=False)

    async def _take(self, box: Box, call: ServiceCall, value: float, on: bool) -> None:
        now = dt_util.utcnow()
        hand = call.context.user_id is not None
        if not hand:
            self.writes.append((now, box.name, call.service, call.data.get("value")))
            if box.held:
                self.broken.append(f"{now:%H:%M:%S} {box.name} is held, {call.service}")
            if not box.plugged:
                self.broken.append(f"{now:%H:%M:%S} {box.name} has no car, {call.service}")
        if self.gate is not None and (self.hanging is None or box.name in self.hanging):
            await self.gate.wait()
        if box.unavailable or box.refuses:
            raise HomeAssistantError("refused")
        if not box.minimum <= value <= box.maximum:
            raise HomeAssistantError("out of range")
        if box.ignores:
            return
        before = box.standing_kw
        box.value, box.is_on = value, on
        if not hand and box.standing_kw > before + TOLERANCE_KW:
            self._check_increase(box, before, now)
        box.standing_since.append((now, box.standing_kw))
        context = call.context if box.confirm_s <= HAND_S else None
        box.pending.append((now + timedelta(seconds=box.confirm_s), value, on, context))
        if hand:
            box.held = True
        self._show(now, quiet=True)

    def _check_increase(self, box: Box, before: float, now: datetime) -> None:
        """Assert that what stands in all chargers fits beside the house as last reported."""
        if not self.checks:
            return
        standing = sum(b.standing_kw for b in self.boxes)
        if standing + self.told_base_kw > FUSE_KW + ROUNDING_KW:
            self.broken.append(
                f"{now:%H:%M:%S} {box.name} {before:.2f} -> {box.standing_kw:.2f} kW makes "
                f"{standing:.2f} beside {self.told_base_kw:.2f} kW"
            )
        one = self.told_base_kw / 3 + sum(b.standing_kw / b.phases for b in self.boxes)
        if one > PHASE_KW + ROUNDING_KW:
            self.broken.append(
                f"{now:%H:%M:%S} {box.name} {before:.2f} -> {box.standing_kw:.2f} kW makes "
                f"{one:.2f} kW on L1"
            )

    # Time

    def _flow(self, now: datetime) -> None:
        for box in self.boxes:
            box.standing_since.append((now, box.standing_kw))
            power = box.power_kw(now)
            box.drawn_since.append((now, power))
            box.soc = min(100.0, box.soc + power * self.step_s / 3600 * 0.9 / box.battery_kwh * 100)
            del box.standing_since[:-40], box.drawn_since[:-40]
        self.bases.append((now, self.house_kw))
        self.loads.append((now, self.house_kw + sum(b.drawn_since[-1][1] for b in self.boxes)))
        del self.loads[:-40], self.bases[:-40]

    def _show(self, now: datetime, *, quiet: bool = False) -> None:
        """Let the entities show what is due."""
        states = self.hass.states
        for box in self.boxes:
            context = None
            while box.pending and box.pending[0][0] <= now:
                _, value, on, context = box.pending.pop(0)
                box.shown = (box.rounded(value), on)
            if quiet and box.confirm_s > 0:
                continue
            gone = box.unavailable
            states.async_set(
                box.limit_id,
                "unavailable" if gone else f"{box.shown[0]}",
                {
                    "min": box.minimum,
                    "max": box.maximum,
                    "step": box.step,
                    "unit_of_measurement": box.unit,
                },
                context=context,
            )
            if box.switch:
                on = "on" if box.shown[1] else "off"
                states.async_set(box.switch_id, "unavailable" if gone else on, context=context)
            if quiet:
                continue
            seen = _at(box.drawn_since, now - timedelta(seconds=box.power_lag_s))
            status = box.status
            if status == "Preparing" and box.drawn_since[-1][1] > 0:
                status = "Charging"
            states.async_set(f"sensor.{box.name}_status", "unavailable" if gone else status)
            states.async_set(f"sensor.{box.name}_soc", f"{box.soc:.0f}")
            if box.measured:
                states.async_set(
                    f"sensor.{box.name}_power",
                    "unavailable" if gone else f"{seen * 1000:.1f}",
                    {"unit_of_measurement": "W"},
                )
        if not quiet:
            self._meet(now)

    def _meet(self, now: datetime) -> None:
        """Let the meter at the connection report where it is due."""
        states = self.hass.states
        if self.meter_gone:
            states.async_set(GRID, "unavailable")
            return
        due = self.met_at is None or (now - self.met_at).total_seconds() >= self.meter_every_s
        gone = (state := states.get(GRID)) is not None and state.state == "unavailable"
        if due or gone:
            self.met_at = now
            moment = now - timedelta(seconds=self.meter_lag_s)
            base_kw = _at(self.bases, moment) or self.house_kw
            self.told_base_kw = base_kw - self.sun_kw
            load = _at(self.loads, moment) or self.loads[-1][1]
            self.house.set_power(GRID, (load - self.sun_kw) * self.meter_factor * 1000)
            for phase in ("l1", "l2", "l3"):
                if (sensor := self.site.get(f"{phase}_entity")) is not None:
                    own_kw = sum(
                        b.drawn_since[-1][1] / b.phases
                        for b in self.boxes
                        if phase in b.wired[: b.phases]
                    )
                    self.house.set_power(sensor, (base_kw / 3 + own_kw) * 1000)

    def _watch(self, now: datetime) -> None:
        """Note for how long more is commanded than the wires carry."""
        ours = [b for b in self.boxes if b.obeys]
        uncontrolled = [b for b in self.boxes if not b.obeys]
        load = self.house_kw - self.sun_kw + sum(b.standing_kw for b in ours)
        load += sum(b.power_kw(now) for b in uncontrolled)
        one = (self.house_kw - self.sun_kw) / 3 + sum(b.standing_kw / b.phases for b in ours)
        one += sum(b.power_kw(now) / b.phases for b in uncontrolled)
        helped = any(b.standing_kw > 0 for b in ours)
        over = max(load - FUSE_KW, one - PHASE_KW)
        if over > 0.01 and helped:
            self.over_s += self.step_s
            self.over_kwh += over * self.step_s / 3600
            self.longest_over_s = max(self.longest_over_s, self.over_s)
        else:
            self.over_s = 0.0

    async def async_step(self, steps: int = 1, *, pump: bool = False) -> None:
        """Let ten seconds pass, so many times."""
        for _ in range(steps):
            self.house.freezer.tick(timedelta(seconds=self.step_s))
            now = dt_util.utcnow()
            self._flow(now)
            self._show(now)
            async_fire_time_changed(self.hass)
            if pump:
                # Not until all is done, as something hangs; but the solver's thread gets its turn.
                for _ in range(400):
                    await self.hass.async_add_executor_job(int)
            else:
                await self.hass.async_block_till_done(wait_background_tasks=True)
            if self.checks:
                self._watch(now)

    # People

    async def async_plug(self, name: str, soc: float = 20.0) -> None:
        """Plug a car in; a charger that is on lets it draw at once."""
        self[name].status, self[name].soc, self[name].held = "Preparing", soc, False
        await self.async_step()

    async def async_unplug(self, name: str) -> None:
        """Unplug a car."""
        self[name].status, self[name].held = "Available", False
        await self.async_step()

    async def async_mode(self, name: str, mode: str) -> None:
        """Select a mode."""
        self[name].held = False
        await self.hass.services.async_call(
            "select",
            "select_option",
            {"entity_id": f"select.{name}_mode", "option": mode},
            blocking=True,
        )
        await self.hass.async_block_till_done()

    async def async_hand(
        self, user: MockUser, name: str, service: str, value: float | None = None
    ) -> None:
        """Operate a charger by hand."""
        limit = service == "set_value"
        await self.hass.services.async_call(
            "number" if limit else "switch",
            service,
            {"entity_id": self[name].limit_id, "value": value}
            if limit
            else {"entity_id": self[name].switch_id},
            blocking=True,
            context=Context(user_id=user.id),
        )

    def writes_per_hour(self, since: datetime) -> dict[str, float]:
        """Return how often each charger was written to, per hour."""
        hours = (dt_util.utcnow() - since) / timedelta(hours=1)
        counted = Counter(name for at, name, *_ in self.writes if at >= since)
        return {box.name: counted[box.name] / hours for box in self.boxes}


def wattbox(name: str, **kwargs: Any) -> Box:
    """Return a charger with a limit in W that takes 0 as a pause, and has no switch."""
    return Box(
        name,
        unit="W",
        minimum=0,
        maximum=11040,
        step=10,
        switch=False,
        value=kwargs.pop("value", 0),
        is_on=True,
        **kwargs,
    )


async def build(house: House, *boxes: Box, **kwargs: Any) -> Plant:
    """Return a plant that runs."""
    plant = Plant(house, list(boxes), **kwargs)
    await plant.async_build()
    return plant


async def charging(house: House, *boxes: Box, modes: bool = True, **kwargs: Any) -> Plant:
    """Return a plant with every car plugged in, and charging at once where wanted."""
    plant = await build(house, *boxes, **kwargs)
    for box in boxes:
        await plant.async_mode(box.name, "off")
    for box in boxes:
        await plant.async_plug(box.name)
    if modes:
        for box in boxes:
            await plant.async_mode(box.name, "now")
    await plant.async_step(12)
    return plant
