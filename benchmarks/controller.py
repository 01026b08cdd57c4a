"""What the controller costs: a real Home Assistant, many chargers, a meter that reports often.

``scripts/benchmark --controller`` runs in real time, without a recorder. Each second the meter
reports, and a tenth of the chargers and cars report power and state of charge. Measured are the
time the event loop works for one meter reading and all that follows from it, what plugging in all
cars takes of it, and the processor time of the whole process.
"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
import json
import logging
import random
import resource
import time
from typing import Any

from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

# The test framework's own custom_components would win over ours if it were imported first.
import custom_components.optivgi.const  # noqa: F401

REPORTS_EACH_S = 10
"""How often chargers and cars report."""
SHARE_KW = 4.0
"""What the connection carries for each charger: less than half of what all could draw."""
SETTLING_S = 20
"""Before anything is measured, all chargers are given their first limits."""
MAX_A, MIN_A, VOLTAGE, PHASES = 16, 6, 230, 3
PER_AMPERE_KW = VOLTAGE * PHASES / 1000


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What was measured.

    Attributes:
        chargers: How many there are.
        reading_ms: Time of the event loop for each meter reading.
        plugging_s: Time of the event loop for plugging in all cars.
        cpu_s_per_minute: Processor time of the whole process.
    """

    chargers: int
    reading_ms: Sequence[float]
    plugging_s: float
    cpu_s_per_minute: float

    def report(self) -> dict[str, float]:
        """Return what is printed."""
        ordered = sorted(self.reading_ms)
        return {
            "chargers": self.chargers,
            "readings": len(ordered),
            "reading_ms_median": round(ordered[len(ordered) // 2], 1),
            "reading_ms_p95": round(ordered[int(0.95 * (len(ordered) - 1))], 1),
            "reading_ms_max": round(ordered[-1], 1),
            "plugging_s": round(self.plugging_s, 2),
            "cpu_s_per_minute": round(self.cpu_s_per_minute, 1),
        }


class Garage:
    """Chargers whose numbers and switches do at once what they are commanded."""

    def __init__(self, hass: HomeAssistant, chargers: int) -> None:
        """Show all chargers, nobody plugged in."""
        self._hass = hass
        self._draw = random.Random(1)  # noqa: S311 - the same each time
        self.names = [f"charger_{number}" for number in range(chargers)]
        for name in self.names:
            self._set_limit(name, MIN_A)
            hass.states.async_set(f"switch.{name}", "off")
            hass.states.async_set(f"sensor.{name}_status", "Available")
            self.report(name)
        self.report_meter()

    def obey(self) -> None:
        """Take commands: our own numbers have set up that platform, with its actions."""
        services = self._hass.services
        services.async_register("number", "set_value", self._set_number)
        services.async_register("switch", "turn_on", self._switch)
        services.async_register("switch", "turn_off", self._switch)

    def _set_limit(self, name: str, value: float) -> None:
        attributes = {"min": 0, "max": MAX_A, "step": 1, "unit_of_measurement": "A"}
        self._hass.states.async_set(f"number.{name}", str(value), attributes)

    async def _set_number(self, call: ServiceCall) -> None:
        for entity_id in _targets(call):
            self._set_limit(entity_id.partition(".")[2], call.data["value"])

    async def _switch(self, call: ServiceCall) -> None:
        for entity_id in _targets(call):
            self._hass.states.async_set(entity_id, call.service.removeprefix("turn_"))

    def drawn_kw(self, name: str) -> float:
        """Return what a car draws: what it may."""
        status, switch, limit = (
            self._hass.states.get(entity_id)
            for entity_id in (f"sensor.{name}_status", f"switch.{name}", f"number.{name}")
        )
        if status is None or status.state == "Available":
            return 0.0
        if switch is None or switch.state != "on" or limit is None:
            return 0.0
        return float(limit.state) * PER_AMPERE_KW

    def report(self, name: str) -> None:
        """Let a charger report its power, and its car the state of charge."""
        power = self.drawn_kw(name) * self._draw.uniform(0.98, 1.0)
        attributes = {"unit_of_measurement": "kW", "device_class": "power"}
        self._hass.states.async_set(f"sensor.{name}_power", f"{power:.3f}", attributes)
        percent = 30 + self._draw.uniform(0, 0.5)
        attributes = {"unit_of_measurement": "%", "device_class": "battery"}
        self._hass.states.async_set(f"sensor.{name}_soc", f"{percent:.2f}", attributes)

    def report_meter(self) -> None:
        """Let the meter report what the house and the chargers draw."""
        total = sum(map(self.drawn_kw, self.names)) + self._draw.uniform(0.5, 8)
        attributes = {"unit_of_measurement": "kW", "device_class": "power"}
        self._hass.states.async_set("sensor.grid", f"{total:.3f}", attributes)

    def plug_in(self) -> None:
        """Plug in a car at each charger."""
        for name in self.names:
            self._hass.states.async_set(f"sensor.{name}_status", "Preparing")


def _targets(call: ServiceCall) -> list[str]:
    targets = call.data["entity_id"]
    return [targets] if isinstance(targets, str) else list(targets)


def _subentries(garage: Garage, circuits: int) -> list[ConfigSubentryDataWithId]:
    found = []
    share_kw = SHARE_KW * len(garage.names) / max(1, circuits)
    for circuit in range(circuits):
        values = {"limit_kw": share_kw}
        found.append(
            ConfigSubentryDataWithId(
                subentry_id=f"circuit_{circuit}",
                subentry_type="circuit",
                title=f"Circuit {circuit}",
                data=values,
                unique_id=None,
            )
        )
    for index, name in enumerate(garage.names):
        data: dict[str, Any] = {
            "limit_entity": f"number.{name}",
            "switch_entity": f"switch.{name}",
            "status_entity": f"sensor.{name}_status",
            "power_entity": f"sensor.{name}_power",
            "phases": str(PHASES),
            "min_a": MIN_A,
            "max_a": MAX_A,
        }
        if circuits:
            data["circuit"] = f"circuit_{index % circuits}"
        vehicle: dict[str, Any] = {
            "battery_kwh": 60,
            "soc_entity": f"sensor.{name}_soc",
            "target_soc": 80,
            "departure": f"{6 + index % 4:02d}:30:00",
            "charger": name,
            "efficiency": 0.9,
        }
        for kind, key, values in (("charger", name, data), ("vehicle", f"car_{index}", vehicle)):
            found.append(
                ConfigSubentryDataWithId(
                    subentry_id=key, subentry_type=kind, title=key, data=values, unique_id=None
                )
            )
    return found


async def set_up(hass: HomeAssistant, garage: Garage, circuits: int) -> None:
    """Set up a site with all chargers, and a car that usually charges at each."""
    midnight = dt_util.start_of_local_day()
    rows = [
        {
            "start": midnight + timedelta(hours=hour),
            "end": midnight + timedelta(hours=hour + 1),
            "value": 0.1 + 0.02 * (hour * 7 % 11),
        }
        for hour in range(48)
    ]
    prices = {"raw_today": rows[:24], "raw_tomorrow": rows[24:]}
    hass.states.async_set("sensor.price", "0.2", {"unit_of_measurement": "EUR/kWh", **prices})
    entry = MockConfigEntry(
        domain="optivgi",
        title="Garage",
        data={
            "limit_kw": SHARE_KW * len(garage.names),
            "phases": str(PHASES),
            "voltage": VOLTAGE,
            "price_source": "entity",
            "price_entity": "sensor.price",
            "price_factor": 1.0,
            "price_offset": 0.0,
            "power_entity": "sensor.grid",
            "power_covers": "grid",
        },
        subentries_data=_subentries(garage, circuits),
    )
    entry.add_to_hass(hass)
    if not await hass.config_entries.async_setup(entry.entry_id):
        raise RuntimeError("the site could not be set up")


async def measure(chargers: int, seconds: int, circuits: int = 0) -> Costs:
    """Measure a garage for a while, its chargers spread over some circuits."""
    async with async_test_home_assistant() as hass:
        hass.config.currency = "EUR"
        # The test framework lets no custom integration be found unless it is asked for that.
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        garage = Garage(hass, chargers)
        await set_up(hass, garage, circuits)
        garage.obey()
        await hass.async_block_till_done()
        begin = time.thread_time()
        garage.plug_in()
        await hass.async_block_till_done()
        plugging_s = time.thread_time() - begin
        for _ in range(SETTLING_S):
            garage.report_meter()
            await asyncio.sleep(1)
        readings, cpu, began = [], time.process_time(), time.monotonic()
        for second in range(seconds):
            for name in garage.names[second % REPORTS_EACH_S :: REPORTS_EACH_S]:
                garage.report(name)
            await hass.async_block_till_done()
            before = time.thread_time()
            garage.report_meter()
            await hass.async_block_till_done()
            readings.append(1000 * (time.thread_time() - before))
            await asyncio.sleep(max(0.0, began + second + 1 - time.monotonic()))
        cpu_s = time.process_time() - cpu
        minutes = (time.monotonic() - began) / 60
        await hass.async_stop(force=True)
    return Costs(
        chargers=chargers,
        reading_ms=readings,
        plugging_s=plugging_s,
        cpu_s_per_minute=cpu_s / minutes,
    )


def main(argv: Sequence[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark --controller", description=__doc__)
    parser.add_argument("--chargers", type=int, nargs="+", default=[50, 200, 500])
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--circuits", type=int, default=0, help="that the chargers hang on")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    logging.disable(logging.WARNING)
    results = [
        asyncio.run(measure(count, options.seconds, options.circuits)).report()
        for count in options.chargers
    ]
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if options.json:
        print(json.dumps({"controller": results, "memory_mb": round(memory_mb)}))
        return 0
    for result in results:
        print("  ".join(f"{key} {value}" for key, value in result.items()))
    return 0
