"""``scripts/benchmark --departures``: are the cars charged, whatever the home is like?

Random homes live through their nights in a real Home Assistant, in a world of its own physics
(``world.py``): one-phase cars that nobody declared, converters that take less, batteries that
taper, slow chargers and meters, meters that fail, heat pumps and kettles. What was possible, and
what it would have cost, is found afterwards by a linear program that knows everything.
"""

import argparse
import asyncio
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
import json
import logging
import multiprocessing
import statistics
import sys
import time
from typing import Any

from .possible import MARGIN, solve
from .rig import Night, Rig, async_live
from .world import DAY, make_home

NOTHING_KWH = 1e-3
"""A linear program's tolerance."""
START_COST = 0.02
"""What plans count for a start."""
MET_WITHIN_SOC = 2.0
"""So much below the target is met: cars tell their state of charge in whole %."""


@dataclass(frozen=True, kw_only=True)
class Stay:
    """One stay of one car, judged."""

    seed: int
    box: int
    possible: bool
    met: bool
    missing_soc: float
    drawn_kwh: float
    announced: bool
    starts: int
    known_starts: int
    forced_starts: int
    limits: int
    charged_h: float
    cost: float
    least_cost: float


def _judge(rig: Rig) -> list[Stay]:
    """Compare what came of each night with what was possible."""
    found = []
    by_night: dict[int, list[Night]] = {}
    for night in rig.nights:
        by_night.setdefault(int(night.come // DAY), []).append(night)
    for nights in by_night.values():
        stays = {night.box: (night.come, night.left) for night in nights}
        cars = {night.box: rig.home.boxes[night.box].car for night in nights}
        need = {
            night.box: max(0.0, night.target_soc - night.soc_come)
            / 100
            * cars[night.box].battery_kwh
            / cars[night.box].efficiency
            for night in nights
        }
        known = solve(rig.home, stays, {box: MARGIN * kwh for box, kwh in need.items()})
        drawn_kwh = {night.box: night.drawn_kwh for night in nights}
        least = solve(rig.home, stays, drawn_kwh).cost
        with_starts = solve(rig.home, stays, drawn_kwh, start_cost=START_COST)
        cost = sum(night.cost for night in nights)
        for night in nights:
            short = night.target_soc - night.soc_left
            found.append(
                Stay(
                    seed=rig.home.seed,
                    box=night.box,
                    # A shortage may be shared in many ways: then nobody's departure counts.
                    possible=sum(known.missing_kwh.values()) < NOTHING_KWH,
                    met=short <= MET_WITHIN_SOC,
                    missing_soc=max(0.0, short),
                    drawn_kwh=night.drawn_kwh,
                    announced=night.announced_at is not None,
                    starts=night.starts,
                    known_starts=with_starts.starts[night.box],
                    forced_starts=night.forced_starts,
                    limits=night.increases,
                    charged_h=night.charged_h,
                    cost=cost / len(nights),
                    least_cost=least / len(nights),
                )
            )
    return found


def live(
    seed: int, nights: int, at_plug_in: bool, meter: str
) -> tuple[list[Stay], float, float, float]:
    """Let one home live, and judge it; with seconds over the fuse and of the processor."""
    logging.disable(logging.CRITICAL)
    begin = time.process_time()
    home = make_home(seed, nights)
    if meter != "mixed":
        home.house.per_phase = meter == "phases"
        home.house.said_even = meter == "even"
    rig = asyncio.run(async_live(home, at_plug_in=at_plug_in))
    return _judge(rig), rig.over_s, rig.longest_over_s, time.process_time() - begin


def collect(
    seeds: Sequence[int], nights: int, *, workers: int, at_plug_in: bool, meter: str
) -> dict[str, Any]:
    """Let many homes live."""
    context = multiprocessing.get_context("spawn")
    stays: list[Stay] = []
    over, longest, cpu = [], 0.0, 0.0
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        count = len(seeds)
        results = pool.map(live, seeds, [nights] * count, [at_plug_in] * count, [meter] * count)
        for done, (judged, over_s, longest_s, cpu_s) in enumerate(results, 1):
            stays += judged
            over.append(over_s)
            longest, cpu = max(longest, longest_s), cpu + cpu_s
            late = [stay for stay in judged if stay.possible and not stay.met]
            print(
                f"{done}/{count} homes, {len(stays)} stays",
                *(f"seed {s.seed} box {s.box}: {s.missing_soc:.1f} % missing" for s in late),
                *([f"over {over_s:.0f} s"] if over_s else []),
                "starts, of them forced:",
                *(f"{stay.starts} ({stay.forced_starts})" for stay in judged),
                file=sys.stderr,
                flush=True,
            )
    possible = [stay for stay in stays if stay.possible]
    impossible = [stay for stay in stays if not stay.possible]
    charging = [stay for stay in stays if stay.charged_h > 0]
    least = sum(stay.least_cost for stay in possible)
    return {
        "homes": len(seeds),
        "drawn_kwh": round(sum(stay.drawn_kwh for stay in stays), 1),
        "over_s": [round(seconds) for seconds in over],
        "stays": len(stays),
        "possible": len(possible),
        "met": sum(stay.met for stay in possible),
        "met_part": round(sum(stay.met for stay in possible) / max(1, len(possible)), 4),
        "missed": [
            (stay.seed, stay.box, round(stay.missing_soc, 1)) for stay in possible if not stay.met
        ],
        "short": sum(not stay.met for stay in impossible),
        "short_unannounced": sum(not stay.met and not stay.announced for stay in impossible),
        "starts_per_stay": round(statistics.mean(stay.starts for stay in charging), 2),
        "starts_per_stay_with_foresight": round(
            statistics.mean(stay.known_starts for stay in charging), 2
        ),
        "starts_max": max(stay.starts for stay in charging),
        "unforced_starts_per_stay": round(
            statistics.mean(stay.starts - stay.forced_starts for stay in charging), 2
        ),
        "unforced_starts_max": max(stay.starts - stay.forced_starts for stay in charging),
        "limits_per_hour": round(
            sum(stay.limits for stay in charging) / sum(stay.charged_h for stay in charging), 2
        ),
        "cost_above_foresight": round(sum(s.cost for s in possible) / least - 1, 4) if least else 0,
        "homes_over_fuse": sum(seconds > 0 for seconds in over),
        "seconds_over_fuse": round(sum(over)),
        "longest_over_s": round(longest),
        "cpu_s_per_stay": round(cpu / max(1, len(stays)), 2),
    }


def main(argv: Sequence[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark --departures", description=__doc__)
    parser.add_argument("--homes", type=int, default=500)
    parser.add_argument("--first", type=int, default=1, help="the first seed (1)")
    parser.add_argument("--nights", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--at-plug-in", action="store_true", help="the same homes without a plan")
    parser.add_argument(
        "--meter",
        choices=("mixed", "phases", "total", "even"),
        default="mixed",
        help="all homes measure each phase, or only the total; even: and say that phases are even",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    seeds = range(options.first, options.first + options.homes)
    result = collect(
        seeds,
        options.nights,
        workers=options.workers,
        at_plug_in=options.at_plug_in,
        meter=options.meter,
    )
    if options.json:
        print(json.dumps(result))
        return 0
    for key, value in result.items():
        print(f"{key}: {value}")
    return 0
