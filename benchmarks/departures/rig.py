"""A home's entities in a real Home Assistant, and its time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

# Makes Home Assistant's clock one that can be set: before anything else of it is imported.
from pytest_homeassistant_custom_component import plugins  # isort: skip
from freezegun import freeze_time
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_test_home_assistant,
)
import pytest_socket

# The test framework's own custom_components would win over ours if it were imported first.
import custom_components.optivgi.const  # noqa: F401

from .world import AFTERNOON, DAY, HOUR, SLOWEST_A, VOLT, Box, Home

BEGIN = datetime(2026, 1, 12, AFTERNOON - 1, tzinfo=UTC)
"""A Monday, 16:00 in Amsterdam."""
BUSY_S, QUIET_S = 10, 60
"""How long a step of the world is, beside commands and switching, and else."""
DAYTIME_S = 600
"""And while all cars are away."""
BUSY_AFTER_S = 90
"""Commands and appliances have shown within this."""
GRACE_S = 30
"""What is above the fuse for less than this is no overload."""
FORCED_S = 120
"""A car that pauses so soon after the connection had no room for it was paused by that: a meter
reports up to a minute later, and a charger needs some seconds."""


@dataclass
class Night:
    """What came of one stay.

    Attributes:
        come: When the car came,
        left: and when it left.
        soc_come: Its state of charge then, in %,
        soc_left: and in the end.
        target_soc: What was wanted.
        drawn_kwh: What it drew.
        cost: What that cost.
        commands: How many commands its charger got,
        increases: and how many of them changed its limit.
        starts: How often it began to charge,
        forced_starts: and how often that followed a pause that the connection forced.
        charged_h: For how long it drew.
        announced_at: When it was said first that something will be missing.
    """

    box: int
    come: float
    left: float
    soc_come: float
    soc_left: float = 0.0
    target_soc: float = 0.0
    drawn_kwh: float = 0.0
    cost: float = 0.0
    commands: int = 0
    increases: int = 0
    starts: int = 0
    forced_starts: int = 0
    charged_h: float = 0.0
    announced_at: float | None = None


@dataclass
class Rig:
    """One home in one Home Assistant."""

    hass: HomeAssistant
    home: Home
    at_plug_in: bool = False
    """Charge with all there is at once instead of by the plan."""
    now: float = 0.0
    over_s: float = 0.0
    longest_over_s: float = 0.0
    nights: list[Night] = field(default_factory=list)
    _over_since: float | None = None
    _reported: dict[str, float] = field(default_factory=dict)
    _here: dict[int, Night] = field(default_factory=dict)
    _no_room_at: dict[int, float] = field(default_factory=dict)
    _paused_by_house: set[int] = field(default_factory=set)

    def _set(self, entity_id: str, state: object, unit: str = "", kind: str = "") -> None:
        attributes = {}
        if unit:
            attributes["unit_of_measurement"] = unit
        if kind:
            attributes["device_class"] = kind
        self.hass.states.async_set(entity_id, str(state), attributes)

    async def async_set_up(self) -> None:
        """Show all entities, and set the site up on them."""
        hass = self.hass
        hass.config.currency = "EUR"
        await hass.config.async_set_time_zone("Europe/Amsterdam")
        # The test framework lets no custom integration be found unless it is asked for that.
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        self._show_prices(0)
        self._report(everything=True)
        house = self.home.house
        meter: dict[str, Any] = {"power_entity": "sensor.grid", "power_covers": "grid"}
        if house.said_even:
            meter["even_phases"] = True
        if house.per_phase:
            meter |= {f"l{phase}_entity": f"sensor.grid_l{phase}" for phase in (1, 2, 3)}
        entry = MockConfigEntry(
            domain="optivgi",
            title="Home",
            data={
                "fuse_a": house.fuse_a,
                "phases": "3",
                "voltage": 230,
                "price_source": "entity",
                "price_entity": "sensor.price",
                "price_factor": 1.0,
                "price_offset": 0.0,
                **meter,
            },
            subentries_data=self._subentries(),
        )
        entry.add_to_hass(hass)
        if not await hass.config_entries.async_setup(entry.entry_id):
            raise RuntimeError("the site could not be set up")
        # Our own numbers have set up that platform, with its actions.
        hass.services.async_register("number", "set_value", self._on_command)
        hass.services.async_register("switch", "turn_on", self._on_command)
        hass.services.async_register("switch", "turn_off", self._on_command)
        await hass.async_block_till_done(wait_background_tasks=True)

    def _subentries(self) -> list[ConfigSubentryDataWithId]:
        found = []
        for box in self.home.boxes:
            charger: dict[str, Any] = {
                "limit_entity": f"number.{box.name}",
                "switch_entity": f"switch.{box.name}",
                "status_entity": f"sensor.{box.name}_state",
                "phases": "3",
                "min_a": 6,
                "max_a": box.max_a,
            }
            if box.power_each_s:
                charger["power_entity"] = f"sensor.{box.name}_power"
            car = box.car
            hours, minutes = divmod(int(car.leaves_at * 60), 60)
            vehicle: dict[str, Any] = {
                # What its owner knows of it.
                "battery_kwh": round(car.battery_kwh),
                "soc_entity": f"sensor.{car.name}_soc",
                "target_soc": car.target_soc,
                "departure": f"{hours:02d}:{minutes:02d}:00",
                "charger": box.name,
                "efficiency": 0.9,
            }
            for kind, key, data in (("charger", box.name, charger), ("vehicle", car.name, vehicle)):
                found.append(
                    ConfigSubentryDataWithId(
                        subentry_id=key, subentry_type=kind, title=key, data=data, unique_id=None
                    )
                )
        return found

    async def _on_command(self, call: ServiceCall) -> None:
        targets = call.data["entity_id"]
        for entity_id in [targets] if isinstance(targets, str) else targets:
            box = next(b for b in self.home.boxes if b.name == entity_id.partition(".")[2])
            if call.domain == "number":
                box.command(self.now, limit_a=call.data["value"])
            else:
                box.command(self.now, on=call.service == "turn_on")

    def _show_prices(self, day: int) -> None:
        midnight = BEGIN.replace(hour=0) - timedelta(hours=1) + timedelta(days=day)
        rows = [
            {
                "start": midnight + timedelta(hours=hour),
                "end": midnight + timedelta(hours=hour + 1),
                "value": self.home.prices[day * 24 + hour],
            }
            for hour in range(48)
        ]
        self.hass.states.async_set(
            "sensor.price",
            str(rows[AFTERNOON]["value"]),
            {"unit_of_measurement": "EUR/kWh", "raw_today": rows[:24], "raw_tomorrow": rows[24:]},
        )

    def _due(self, name: str, each_s: float, *, everything: bool) -> bool:
        if not everything and self.now - self._reported.get(name, -1e9) < each_s:
            return False
        self._reported[name] = self.now
        return True

    def _report(self, *, everything: bool = False) -> None:
        """Let everything report whose time it is."""
        home = self.home
        for box in home.boxes:
            limit_a, is_on = box.shown
            limits = {"min": 6, "max": box.max_a, "step": 1, "unit_of_measurement": "A"}
            self.hass.states.async_set(f"number.{box.name}", str(limit_a), limits)
            self._set(f"switch.{box.name}", "on" if is_on else "off")
            self._set(f"sensor.{box.name}_state", box.status)
            if box.power_each_s and self._due(box.name, box.power_each_s, everything=everything):
                self._set(f"sensor.{box.name}_power", round(box.power_kw, 3), "kW", "power")
            if self._due(box.car.name, box.car.reports_each_s, everything=everything):
                self._set(f"sensor.{box.car.name}_soc", int(box.car.soc), "%", "battery")
        house = home.house
        if house.meter_is_out(self.now):
            self._set("sensor.grid", "unavailable")
            for phase in (1, 2, 3):
                self._set(f"sensor.grid_l{phase}", "unavailable")
        elif self._due("meter", house.meter_each_s, everything=everything):
            load = self.phase_kw()
            self._set("sensor.grid", round(sum(load), 3), "kW", "power")
            if house.per_phase:
                for phase in range(3):
                    self._set(f"sensor.grid_l{phase + 1}", round(load[phase], 3), "kW", "power")

    def phase_kw(self) -> list[float]:
        """Return what is drawn of each phase of the connection."""
        load = self.home.house.phase_kw(self.now)
        for box in self.home.boxes:
            for phase, current in enumerate(box.phase_a()):
                load[phase] += current * VOLT
        return load

    def _watch_fuse(self, seconds: float) -> None:
        fuse_kw = self.home.house.fuse_a * VOLT
        # Nobody commands what the house itself draws above the fuse.
        house = self.home.house.phase_kw(self.now)
        over = any(
            load > fuse_kw + 0.05 and load > own + 0.1
            for load, own in zip(self.phase_kw(), house, strict=True)
        )
        if not over:
            self._over_since = None
            return
        if self._over_since is None:
            self._over_since = self.now
        lasted = self.now - self._over_since + seconds
        self.longest_over_s = max(self.longest_over_s, lasted)
        if lasted > GRACE_S:
            self.over_s += seconds

    def _watch_rooms(self, drew: list[bool]) -> None:
        """Note which cars the connection had no room for, and whom it made pause and begin again.

        Args:
            drew: Whether each car drew before this moment.
        """
        fuse_kw = self.home.house.fuse_a * VOLT
        load = self.phase_kw()
        for index, box in enumerate(self.home.boxes):
            used = range(box.first_phase, box.first_phase + box.car.phases)
            own = box.phase_a()
            room = min(fuse_kw - load[phase % 3] + own[phase % 3] * VOLT for phase in used)
            if room < SLOWEST_A * VOLT:
                self._no_room_at[index] = self.now
            if drew[index] and not box.drawn_a:
                if self.now - self._no_room_at.get(index, -DAY) <= FORCED_S:
                    self._paused_by_house.add(index)
            elif box.drawn_a and not drew[index]:
                if index in self._paused_by_house and (night := self._here.get(index)) is not None:
                    night.forced_starts += 1
                self._paused_by_house.discard(index)

    async def _step(self, freezer: Any, seconds: float) -> None:
        """Let the world go on by so much."""
        part = min(seconds, self.home.house.meter_each_s)
        for _ in range(round(seconds / part)):
            freezer.tick(timedelta(seconds=part))
            self.now += part
            drew = [bool(box.drawn_a) for box in self.home.boxes]
            for box in self.home.boxes:
                sub = min(part, BUSY_S / 2)
                for step in range(round(part / sub)):
                    box.move(self.now - part + (step + 1) * sub, sub)
                if (night := self._here.get(self.home.boxes.index(box))) is not None:
                    kwh = box.power_kw * part / HOUR
                    night.cost += kwh * self._price()
                    night.charged_h += part / HOUR if box.drawn_a else 0.0
            self._watch_fuse(part)
            self._watch_rooms(drew)
            self._report()
        async_fire_time_changed(self.hass)
        await self.hass.async_block_till_done(wait_background_tasks=True)

    def _price(self) -> float:
        return self.home.prices[int(self.now // HOUR) + AFTERNOON]

    def _is_busy(self) -> bool:
        recent = self.now - BUSY_AFTER_S
        commanded = any(box.commands and box.commands[-1] > recent for box in self.home.boxes)
        return commanded or (
            any(box.drawn_a for box in self.home.boxes)
            and self.home.house.moved(self.now, BUSY_AFTER_S)
        )

    async def _come_and_go(self, night: int) -> None:
        midnight = night * DAY - AFTERNOON * HOUR
        for index, box in enumerate(self.home.boxes):
            car = box.car
            come = midnight + car.comes_at[night] * HOUR
            leave = midnight + DAY + car.leaves_at * HOUR
            if come <= self.now < leave and not box.plugged:
                car.soc = max(5.0, car.soc - 100 * car.trips_kwh[night] / car.battery_kwh)
                night_here = Night(box=index, come=self.now, left=leave, soc_come=car.soc)
                night_here.target_soc = car.target_soc
                self._here[index] = night_here
                self._paused_by_house.discard(index)
                box.plugged, box.delivered_kwh = True, 0.0
                self._reported.pop(car.name, None)
                if self.at_plug_in:
                    self._report()
                    await self.hass.async_block_till_done(wait_background_tasks=True)
                    await self._async_charge_now(box)
            elif self.now >= leave and box.plugged:
                self._finish(index, box)

    async def _async_charge_now(self, box: Box) -> None:
        mode = {"entity_id": f"select.{box.name}_mode", "option": "now"}
        await self.hass.services.async_call("select", "select_option", mode, blocking=True)

    def _finish(self, index: int, box: Box) -> None:
        night = self._here.pop(index)
        night.soc_left, night.drawn_kwh = box.car.soc, box.delivered_kwh
        night.commands = sum(at >= night.come for at in box.commands)
        night.increases = sum(at >= night.come for at in box.increases)
        night.starts = sum(at >= night.come for at in box.starts)
        box.plugged = False
        self.nights.append(night)

    def _listen(self) -> None:
        """Note when it is said first that something will be missing."""
        for index, night in self._here.items():
            state = self.hass.states.get(f"sensor.{self.home.boxes[index].name}_status")
            if state is None or night.announced_at is not None:
                continue
            if "missing" in state.attributes.get("reason", ""):
                night.announced_at = self.now

    async def async_run(self, freezer: Any) -> None:
        """Live through all nights."""
        for night in range(self.home.nights):
            self._show_prices(night)
            end = (night + 1) * DAY - 2 * HOUR
            while self.now < end:
                await self._come_and_go(night)
                away = not any(box.plugged for box in self.home.boxes)
                quiet = DAYTIME_S if away else QUIET_S
                await self._step(freezer, BUSY_S if self._is_busy() else quiet)
                self._listen()


async def async_live(home: Home, *, at_plug_in: bool = False) -> Rig:
    """Let a home live through its nights, and return what came of it."""
    plugins.pytest_runtest_setup()
    pytest_socket.enable_socket()
    with freeze_time(BEGIN) as freezer:
        async with async_test_home_assistant() as hass:
            rig = Rig(hass=hass, home=home, at_plug_in=at_plug_in)
            await rig.async_set_up()
            await rig.async_run(freezer)
            await hass.async_stop(force=True)
    return rig
