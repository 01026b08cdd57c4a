"""Lets cars be planned, charged and driven for weeks on a simulated clock, and counts.

A household with real prices, a noisy house and cars that tell their charge roughly; then a garage
of fifty. The plan is compared with charging at plug-in and with taking the cheapest slots, under
the same live guard, and with what perfect foresight would have paid.
"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
import json
from pathlib import Path
import statistics
import sys
import time
from typing import Any

from custom_components.optivgi.const import DEFAULT_START_COST
from custom_components.optivgi.scheduler import Runner, SolveStatus

from .closed_loop_plot import Diary, draw
from .closed_loop_policies import (
    Bound,
    Policy,
    alone,
    at_plug_in,
    cheapest_slots,
    foresight,
)
from .closed_loop_prices import DEFAULT_START, Market, market
from .closed_loop_scenarios import Scenario, garage, household
from .simulated_car import Departure
from .simulation import Record, SimulatedSite, closed_loop
from .surroundings import machine

PLAN, PLUG_IN, CHEAPEST = "plan", "at plug-in", "cheapest slots"
READY_SOC = 2.0
"""A car that misses less than this at departure is ready, in %.

Cars tell their charge in whole % and half a % off, and one % of difference to what was counted is
not believed: nobody who plans by that can be closer.
"""
GARAGE_CARS = 50
ROOT = Path(__file__).parents[1]
PICTURE = ROOT / ".artifacts" / "closed-loop.png"
type Row = dict[str, Any]


@dataclass(kw_only=True)
class Outcome:
    """What one policy came to, with the times of its plans in ms."""

    record: Record
    diary: Diary
    plan_ms: list[float]
    kept: int = 0
    fallbacks: int = 0


class Planner:
    """The scheduler as the integration runs it, timed."""

    def __init__(self, algorithms: Sequence[str]) -> None:
        """Prepare it; nothing is imported yet."""
        self.runner = Runner(tuple(algorithms), start_cost=DEFAULT_START_COST)
        self.plan_ms: list[float] = []
        self.kept = self.fallbacks = 0

    async def __call__(self, site: SimulatedSite) -> None:
        """Make a plan and send it."""
        begin = time.perf_counter()
        schedule = await self.runner.run(site)
        self.plan_ms.append((time.perf_counter() - begin) * 1000)
        self.kept += schedule.kept
        self.fallbacks += schedule.status is SolveStatus.FALLBACK


def say(text: str) -> None:
    """Tell the progress where it does not get into the result."""
    print(text, file=sys.stderr, flush=True)


async def run(scenario: Scenario, policy: Policy) -> Outcome:
    """Run one policy from the first day to the last."""
    diary = Diary()
    record = await closed_loop(
        scenario.site(),
        policy,
        until=scenario.end,
        every=scenario.plan_every,
        watch=diary.note,
    )
    outcome = Outcome(record=record, diary=diary, plan_ms=[])
    if isinstance(policy, Planner):
        policy.runner.shutdown(wait=True)
        outcome.plan_ms, outcome.kept = policy.plan_ms, policy.kept
        outcome.fallbacks = policy.fallbacks
    return outcome


def missed(record: Record, reference: Record, bound: Bound) -> list[Departure]:
    """Return the cars that left too empty although it was possible.

    That is where charging at plug-in would have done it, or perfect foresight.
    """
    reached = bound.reached | {
        (left.car_id, left.at) for left in reference.departures if left.missing_soc <= READY_SOC
    }
    return [
        left
        for left in record.departures
        if left.missing_soc > READY_SOC and (left.car_id, left.at) in reached
    ]


def measure(scenario: Scenario, algorithms: Sequence[str]) -> tuple[Row, dict[str, Diary]]:
    """Run all policies of a scenario."""
    policies: dict[str, Policy] = {
        PLAN: Planner(algorithms),
        PLUG_IN: alone(at_plug_in),
        CHEAPEST: alone(cheapest_slots),
    }
    outcomes: dict[str, Outcome] = {}
    for name, policy in policies.items():
        begin = time.perf_counter()
        outcomes[name] = asyncio.run(run(scenario, policy))
        say(f"{scenario.name}, {name}: {time.perf_counter() - begin:.0f} s")
    bound = foresight(scenario)
    reference = outcomes[PLUG_IN].record
    row: Row = {
        "name": scenario.name,
        "cars": len(scenario.cars),
        "days": scenario.days,
        "plan_every_min": scenario.plan_every.total_seconds() / 60,
        "stays": len(reference.departures),
        "foresight": {
            "energy_kwh": round(bound.energy_kwh, 1),
            "cost": round(bound.cost, 3),
            "price": round(bound.cost / bound.energy_kwh, 5),
        },
        "policies": {
            name: _row(scenario, outcome, reference, bound) for name, outcome in outcomes.items()
        },
    }
    return row, {name: outcome.diary for name, outcome in outcomes.items()}


def at_equal_energy(record: Record, bound: Bound) -> float:
    """Return the cost of as much energy as the bound has: who left fuller has not paid more."""
    return record.cost / record.energy_kwh * bound.energy_kwh if record.energy_kwh else 0.0


def _row(scenario: Scenario, outcome: Outcome, reference: Record, bound: Bound) -> Row:
    record = outcome.record
    late = missed(record, reference, bound)
    cost = at_equal_energy(record, bound)
    saving = at_equal_energy(reference, bound) - bound.cost
    row: Row = {
        "energy_kwh": round(record.energy_kwh, 1),
        "cost": round(record.cost, 3),
        "cost_at_equal_energy": round(cost, 3),
        "above_foresight": round((cost - bound.cost) / abs(bound.cost), 4) if bound.cost else None,
        "saved": round(1 - (cost - bound.cost) / saving, 4) if saving > 0 else None,
        "violations": record.violations,
        "plan_violations": record.plan_violations,
        "missed": len(late),
        "missed_soc": [round(left.missing_soc, 2) for left in late],
        "missed_when": [f"{left.car_id} {left.at:%Y-%m-%d %H:%M}" for left in late],
        "missing_worst_soc": round(max(left.missing_soc for left in record.departures), 2),
        "not_ready": sum(left.missing_soc > READY_SOC for left in record.departures),
        "not_ready_kwh": round(
            sum(left.missing_kwh for left in record.departures if left.missing_soc > READY_SOC), 2
        ),
        "starts_per_day": round(record.starts / scenario.days, 2),
        "starts_per_stay": round(record.starts / max(1, len(record.departures)), 2),
        "changes_per_day": round(record.changes / scenario.days, 1),
        "changes_per_hour_charging": round(record.changes / max(1e-9, record.charging_h), 2),
        "held_back_per_day": round(record.held_back / scenario.days, 1),
    }
    if outcome.plan_ms:
        row |= {
            "plans": len(outcome.plan_ms),
            "kept": round(outcome.kept / len(outcome.plan_ms), 3),
            "fallbacks": outcome.fallbacks,
            "plan_ms": round(statistics.median(outcome.plan_ms), 1),
            "plan_max_ms": round(max(outcome.plan_ms), 1),
        }
    return row


COLUMNS = {
    "energy_kwh": "kWh",
    "cost_at_equal_energy": "cost",
    "above_foresight": "above",
    "saved": "saved",
    "violations": "over",
    "missed": "missed",
    "not_ready": "empty",
    "starts_per_day": "starts/d",
    "changes_per_day": "changes/d",
    "changes_per_hour_charging": "changes/h",
}


def table(result: Row) -> str:
    """Write a result for people."""
    lines = []
    for scenario in result["scenarios"]:
        lines.append(
            f"{scenario['name']}: {scenario['cars']} cars, {scenario['days']} days from "
            f"{result['from']}, {scenario['stays']} stays, a plan every "
            f"{scenario['plan_every_min']:g} min, prices: {result['prices']}"
        )
        lines.append(f"  {'':<15}" + "".join(f"{title:>11}" for title in COLUMNS.values()))
        bound = scenario["foresight"]
        lines.append(f"  {'foresight':<15}{bound['energy_kwh']:>11}{bound['cost']:>11.2f}")
        for name, row in scenario["policies"].items():
            cells = {key: str(row[key]) for key in COLUMNS}
            cells["cost_at_equal_energy"] = f"{row['cost_at_equal_energy']:.2f}"
            for share in ("above_foresight", "saved"):
                if row[share] is not None:
                    cells[share] = f"{row[share]:.1%}"
            lines.append(f"  {name:<15}" + "".join(f"{cell:>11}" for cell in cells.values()))
        plan = scenario["policies"][PLAN]
        lines.append(
            f"  {plan['plans']} plans of {plan['plan_ms']} ms (at most {plan['plan_max_ms']}), "
            f"{plan['kept']:.0%} kept, {plan['fallbacks']} fallbacks, "
            f"{plan['plan_violations']} beyond what was told"
        )
    lines += [
        "cost: at equal energy; above: than perfect foresight; saved: of what perfect foresight",
        "saves; over: minutes over a limit; missed: left short though charging at plug-in, or",
        f"foresight, would have done it; empty: left more than {READY_SOC:g} % short, feasible or",
        "not; changes: of limits told to chargers, per day and per hour of charging",
    ]
    return "\n".join(lines)


def promises_broken(result: Row) -> list[str]:
    """Return what the plan has not kept: limits, and departures that could be met."""
    broken = []
    for scenario in result["scenarios"]:
        plan = scenario["policies"][PLAN]
        broken += [
            f"{scenario['name']}: {plan[key]} {key}"
            for key in ("violations", "plan_violations", "missed")
            if plan[key]
        ]
    return broken


def main(argv: list[str]) -> int:
    """Run the command line; returns 1 where a limit or a feasible departure was missed."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark --closed-loop", description=__doc__)
    parser.add_argument("--days", type=int, default=30, help="days of the household (30)")
    parser.add_argument("--cars", type=int, default=2, help="cars of the household (2)")
    parser.add_argument("--garage-days", type=int, default=2, help="days of the garage (2)")
    parser.add_argument(
        "--only", default="", metavar="NAME", help="household or garage, or a part of the name"
    )
    parser.add_argument(
        "--prices",
        type=Path,
        default=ROOT.parent / "shared" / "data",
        metavar="FOLDER",
        help="folder with prices-*.csv; generated prices where it has none for these days",
    )
    parser.add_argument(
        "--from",
        type=date.fromisoformat,
        default=DEFAULT_START,
        dest="first",
        metavar="DATE",
        help=f"the first day ({DEFAULT_START})",
    )
    parser.add_argument(
        "--algorithms", default="optimal,go", help="tried in this order (optimal,go)"
    )
    parser.add_argument("--plot", type=Path, default=PICTURE, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)

    tariff = market(options.prices, options.first, max(options.days, options.garage_days))
    say(f"prices: {tariff.source}, from {options.first}")
    drawn, rows = [], []
    for scenario in _scenarios(options, tariff):
        row, diaries = measure(scenario, options.algorithms.split(","))
        rows.append(row)
        costs = {name: own["cost_at_equal_energy"] for name, own in row["policies"].items()}
        drawn.append((scenario, diaries, costs | {"foresight": row["foresight"]["cost"]}))
    result: Row = {
        "from": str(options.first),
        "prices": tariff.source,
        "scenarios": rows,
        "machine": machine(),
    }
    broken = result["broken"] = promises_broken(result)
    if drawn:
        draw(drawn, options.plot)
        say(f"picture: {options.plot}")
    print(json.dumps(result) if options.json else table(result))
    for promise in broken:
        say(f"not kept: {promise}")
    return 1 if broken else 0


def _scenarios(options: argparse.Namespace, tariff: Market) -> list[Scenario]:
    made = (
        household(tariff.prices, options.first, options.days, options.cars),
        garage(tariff.prices, options.first, options.garage_days, GARAGE_CARS),
    )
    return [scenario for scenario in made if options.only in scenario.name]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
