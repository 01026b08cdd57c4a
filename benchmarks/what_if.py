"""How long people wait for ``optivgi.what_if`` and ``optivgi.explain``, in a real Home Assistant.

``scripts/benchmark --what-if`` plugs in all cars of a household and asks again and again.
"""

import argparse
import asyncio
from collections.abc import Sequence
import json
import logging
import time
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from pytest_homeassistant_custom_component.common import async_test_home_assistant

from .controller import SETTLING_S, Garage, set_up

SOCS = range(60, 100)
"""Each target is asked for once."""


async def _timed(hass: HomeAssistant, action: str, data: dict[str, Any]) -> float:
    begin = time.perf_counter()
    await hass.services.async_call("optivgi", action, data, blocking=True, return_response=True)
    return (time.perf_counter() - begin) * 1000


async def measure(cars: int) -> dict[str, float]:
    """Ask a household of so many cars."""
    async with async_test_home_assistant() as hass:
        hass.config.currency = "EUR"
        # The test framework lets no custom integration be found unless it is asked for that.
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        garage = Garage(hass, cars)
        await set_up(hass, garage, 0)
        garage.obey()
        garage.plug_in()
        for _ in range(SETTLING_S):
            garage.report_meter()
            await asyncio.sleep(1)
        charger = "charger_0"
        asked = [
            await _timed(hass, "what_if", {"charger": charger, "target_soc": soc}) for soc in SOCS
        ]
        explained = [await _timed(hass, "explain", {"charger": charger}) for _ in SOCS]
        await hass.async_stop(force=True)
    return {
        "cars": cars,
        **_spread("what_if", asked),
        **_spread("explain", explained),
    }


def _spread(name: str, times_ms: Sequence[float]) -> dict[str, float]:
    ordered = sorted(times_ms)
    return {
        f"{name}_ms_median": round(ordered[len(ordered) // 2]),
        f"{name}_ms_p95": round(ordered[int(0.95 * (len(ordered) - 1))]),
        f"{name}_ms_max": round(ordered[-1]),
    }


def main(arguments: Sequence[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark --what-if", description=__doc__)
    parser.add_argument("--cars", type=int, nargs="+", default=[1, 2, 4])
    options = parser.parse_args(arguments)
    logging.disable(logging.WARNING)
    for cars in options.cars:
        print(json.dumps(asyncio.run(measure(cars))))
    return 0
