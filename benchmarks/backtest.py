"""What a backtest of four weeks and two cars costs, and whether the event loop notices.

``scripts/benchmark --backtest`` plans the weeks again in a thread of its own, as Home
Assistant does, while an event loop beside it looks each millisecond how late it is.
"""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import date
import json
import math
import resource
import time

from custom_components.optivgi.accounts.backtester import work
from custom_components.optivgi.backtest.past import SLOT, SLOT_H, Past, Stay
from custom_components.optivgi.scheduler.runner import DEFAULT_ALGORITHMS

from .closed_loop_prices import ZONE, dice, market, midnight

FIRST = date(2023, 3, 6)
"""Four weeks from here have a change of the clocks."""
IDLE_S = 30.0
"""So long it is looked how late the event loop is without a backtest."""
LOOK_S = 0.001
"""So often the event loop looks."""
CARS = {"garage": (18.5, 7.0), "carport": (17.0, 6.5)}
"""When each car comes and leaves, in hours."""


def weeks(days: int) -> Past:
    """Return some days of two cars that come each evening, with a roof and a restless house."""
    chance, start = dice("backtest"), midnight(FIRST)
    count = days * 24 * 4
    prices = market(None, FIRST, days).prices
    stays = []
    for name, (comes, leaves) in CARS.items():
        for day in range(days - 1):
            first, end = round((24 * day + comes) * 4), round((24 * (day + 1) + leaves) * 4)
            kwh = chance.uniform(6, 35)
            drawn = [max(0.0, min(11.0, kwh / SLOT_H - 11.0 * n)) for n in range(end - first)]
            stays.append(
                Stay(
                    charger=name,
                    first=first,
                    end=end,
                    drawn_kw=tuple(drawn),
                    max_kw=11.0,
                    min_kw=4.14,
                    step_kw=0.69,
                    departure=start + end * SLOT,
                )
            )
    house = [
        0.6
        + chance.uniform(0, 1.5)
        - chance.uniform(0, 4) * max(0.0, math.sin((slot / 4 % 24 - 6) / 12 * math.pi))
        for slot in range(count)
    ]
    return Past(
        start=start,
        zone=ZONE,
        house_kw=tuple(house),
        import_price=tuple(prices.at(start + slot * SLOT) for slot in range(count)),
        export_price=(0.05,) * count,
        stays=tuple(stays),
        limit_kw=17.25,
        start_cost=0.02,
    )


async def _late_ms(done: asyncio.Event) -> list[float]:
    """Return how late an event loop was at each look."""
    late = []
    while not done.is_set():
        begin = time.perf_counter()
        await asyncio.sleep(LOOK_S)
        late.append((time.perf_counter() - begin - LOOK_S) * 1000)
    return late


async def _idle_ms() -> float:
    """Return how late an event loop is at most on this machine by itself."""
    done = asyncio.Event()
    looks = asyncio.create_task(_late_ms(done))
    await asyncio.sleep(IDLE_S)
    done.set()
    return max(await looks)


async def measure(days: int) -> dict[str, float]:
    """Run it and return what it costs."""
    # Plans have been made before, so what they need is imported.
    await asyncio.to_thread(work, weeks(2), DEFAULT_ALGORITHMS, lambda _: None)
    past, done, idle_ms = weeks(days), asyncio.Event(), await _idle_ms()
    looks = asyncio.create_task(_late_ms(done))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu, begin = time.process_time(), time.perf_counter()
    result = await asyncio.to_thread(work, past, DEFAULT_ALGORITHMS, lambda _: None)
    cpu, took = time.process_time() - cpu, time.perf_counter() - begin
    done.set()
    late = sorted(await looks)
    return {
        "days": days,
        "plans": result.plans,
        "cpu_s": round(cpu, 1),
        "took_s": round(took, 1),
        "memory_mb": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024, 1),
        "late_20_ms": sum(ms > 20 for ms in late),
        "late_ms_p99": round(late[int(0.99 * (len(late) - 1))], 1),
        "late_ms_max_idle": round(idle_ms, 1),
        "late_ms_max": round(late[-1], 1),
        "at_plug_in": round(result.at_plug_in.total.cost, 2),
        "planned": round(result.planned.total.cost, 2),
        "foresight": round(result.foresight.total.cost, 2),
        "not_ready": result.planned.total.not_ready,
    }


def main(arguments: Sequence[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark --backtest", description=__doc__)
    parser.add_argument("--days", type=int, default=28)
    options = parser.parse_args(arguments)
    print(json.dumps(asyncio.run(measure(options.days))))
    return 0
