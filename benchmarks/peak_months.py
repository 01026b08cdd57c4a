"""A month under each kind of peak tariff: what plans that know it pay, beside two that do not.

A household with one car, real prices and a noisy house, minute by minute. Compared is the bill of
the month, energy and peaks of house and car together: of plans that know the tariff, of plans that
go by the price of energy alone, and of the best of several fixed caps on what the site imports,
chosen afterwards. The integration's own month, its presets and its live guard are what is run.
"""

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
import json
import math
from multiprocessing import get_context
from pathlib import Path
import sys
from types import SimpleNamespace
from typing import Any, Final, cast, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.util import dt as dt_util

from custom_components.optivgi.bindings.peak_tariffs.entered import rule_of
from custom_components.optivgi.bindings.peak_tariffs.rule import PeakPart, PeakRule
from custom_components.optivgi.const import DEFAULT_START_COST
from custom_components.optivgi.control.peak_guard import PeakGuard
from custom_components.optivgi.planning.plan import Plan
from custom_components.optivgi.scheduler import Problem, Runner, Schedule
from custom_components.optivgi.scheduler.guard import GuardInput
from custom_components.optivgi.scheduler.model import GridConnection, Horizon, PeakTariff
from custom_components.optivgi.settings.memory import PeakMemory
from custom_components.optivgi.site.peaks import MonthPeaks
from custom_components.optivgi.site.site import Site

from .closed_loop_prices import ZONE, market, midnight
from .closed_loop_scenarios import SEED, Scenario, household
from .simulation import MINUTE, SimulatedSite, closed_loop

ROOT = Path(__file__).parents[1]
FIRST: Final = date(2023, 3, 1)
"""A month of usual prices, with a change of the clocks."""
CAPS_KW: Final = (4.5, 5.5, 6.5, 7.5, 9.0, 11.0, 14.0)
"""Up to what a house with a car of 11 kW takes."""
HOUR: Final = timedelta(hours=1)
_TIME_LIMIT_S: Final = 0.5
"""A tenth of what a site allows: thousands are made, and each improves on the one before."""
_USUAL: Final = 0.95
"""As of a house whose load the recorder knows."""


@dataclass(frozen=True, kw_only=True)
class Month:
    """A tariff that is measured.

    Attributes:
        name: What it is called.
        data: Its configuration, as a form has it.
        currency_per_eur: Of its prices; those of energy are converted.
    """

    name: str
    data: Mapping[str, Any]
    currency_per_eur: float = 1.0

    def rule(self, day: date) -> PeakRule:
        """Return what it says."""
        return rule_of(self.data, day) or PeakRule(parts=(PeakPart(),))


MONTHS: Final = (
    Month(name="BE Antwerpen", data={"preset": "be_antwerpen"}),
    Month(name="NO Elvia", data={"preset": "no_elvia"}, currency_per_eur=11.5),
    Month(name="SE Ellevio", data={"preset": "se_ellevio"}, currency_per_eur=11.3),
    Month(name="SE Jönköping", data={"preset": "se_jonkoping"}, currency_per_eur=11.3),
    Month(name="SE Sollentuna", data={"preset": "se_sollentuna"}, currency_per_eur=11.3),
    Month(name="FI 8 kW, 5 a kW", data={"preset": "fi_above_8_kw", "price": 5.0}),
    Month(name="AU evening, 0.3 a day", data={"preset": "au_evening", "price": 0.3}),
    Month(name="US APS, 10 a kW", data={"preset": "us_aps", "price": 10.0}),
)


@dataclass(kw_only=True)
class Bought:
    """What a site has imported, minute by minute, and what its car has not got.

    Attributes:
        import_kw: By the beginning of the minute.
        cost: Of that energy, in EUR.
        missing_kwh: What cars left without.
    """

    import_kw: dict[datetime, float] = field(default_factory=dict)
    cost: float = 0.0
    missing_kwh: float = 0.0

    def bill(self, month: Month) -> float:
        """Return energy and peaks, in the tariff's currency."""
        return self.cost * month.currency_per_eur + peaks_bill(month, self.import_kw)


def peaks_bill(month: Month, import_kw: Mapping[datetime, float]) -> float:
    """Return what a price list makes of a month's import, reckoned apart from the integration."""
    rule = month.rule(FIRST)
    energy: dict[datetime, float] = {}
    for at, kw in import_kw.items():
        seconds = rule.interval.total_seconds()
        begin = dt_util.utc_from_timestamp(at.timestamp() // seconds * seconds)
        energy[begin] = energy.get(begin, 0.0) + kw * (MINUTE / HOUR)
    total = 0.0
    for part in rule.parts:
        counted = [
            (local.date(), kwh / (rule.interval / HOUR) * part.weight_at(local, holiday=False))
            for begin, kwh in energy.items()
            for local in (begin.astimezone(ZONE),)
            if (local.year, local.month) == (FIRST.year, FIRST.month)
        ]
        if rule.distinct_days:
            days: dict[date, float] = {}
            for day, kw in counted:
                days[day] = max(kw, days.get(day, 0.0))
            highest = sorted(days.values(), reverse=True)
        else:
            highest = sorted((kw for _, kw in counted), reverse=True)
        mean = math.fsum(highest[: rule.top]) / rule.top
        beyond = max(0.0, max(mean, rule.floor_kw) - rule.free_kw)
        total += rule.month_price(part.price, FIRST) * beyond
        levels = [rule.month_price(price, FIRST) for kw, price in part.levels if mean >= kw]
        total += max(levels, default=0.0)
    return total


class MeteredSite(SimulatedSite):
    """A simulated site that writes down what it imports, and may know a peak tariff."""

    def __init__(self, scenario: Scenario, month: Month | None) -> None:
        """Build it as it is on the first day."""
        super().__init__(scenario.cars, scenario.connection, scenario.start, seed=SEED)
        self.bought = Bought()
        self._factor = 1.0 if month is None else month.currency_per_eur
        self._peaks = None if month is None else _month_peaks(month)
        # The guard of the interval looks at nothing else of a site.
        own = {} if self._peaks is None else {self._peaks.id: self._peaks}
        house = SimpleNamespace(lately_kw=lambda now: self._meter.lately_kw)
        load = SimpleNamespace(load=self._meter)
        site = SimpleNamespace(peaks=own, house=house, meter=load, batteries={})
        self._guard = PeakGuard(cast("Site", site))
        self._followed: Plan | None = None
        self._usual_peak_kw = _usual_peak_kw(scenario)

    @override
    async def get_peak_power_demand(self, horizon: Horizon) -> GridConnection:
        asked = await super().get_peak_power_demand(horizon)
        tariffs: tuple[PeakTariff, ...] = ()
        if self._peaks is not None:
            # As a site looks at its meter before each plan.
            self._peaks.observe(self.now, None)
            usual_kw = (self._usual_peak_kw,) * len(horizon)
            tariffs = tuple(self._peaks.tariffs(horizon, usual_kw))
        prices = tuple(price * self._factor for price in asked.import_price)
        return replace(asked, import_price=prices, peak_tariffs=tariffs)

    @override
    async def send_power_to_evs(self, problem: Problem, schedule: Schedule) -> None:
        await super().send_power_to_evs(problem, schedule)
        ids = ("tariff",) * len(problem.site.peak_tariffs)
        self._followed = Plan(
            problem=problem, schedule=schedule, made_at=self.now, peak_tariff_ids=ids
        )

    @override
    def _guard_input(self) -> GuardInput:
        return replace(super()._guard_input(), caps=self._guard.caps(self._followed, self.now))

    @override
    def _charge(self) -> None:
        super()._charge()
        house_kw = self.connection.base_load_kw(self.now)
        kw = house_kw + math.fsum(plug.drawn_kw for plug in self.plugged)
        self.bought.import_kw[self.now] = kw
        self.bought.cost += kw * (MINUTE / HOUR) * self.connection.prices.at(self.now)
        if self._peaks is not None:
            self._peaks.observe(self.now, kw)


def _usual_peak_kw(scenario: Scenario) -> float:
    """Return what all but one in twenty hours of the house stay within, as its history has it."""
    load_kw, start = scenario.connection.base_load_kw, scenario.start
    hours = [
        math.fsum(load_kw(start + hour * HOUR + minute * MINUTE) for minute in range(60)) / 60
        for hour in range(7 * 24)
    ]
    return sorted(hours)[math.ceil(_USUAL * len(hours)) - 1]


def _month_peaks(month: Month) -> MonthPeaks:
    subentry = ConfigSubentry(
        data=cast("Any", dict(month.data)),
        subentry_id="tariff",
        subentry_type="peak_tariff",
        title=month.name,
        unique_id=None,
    )
    # It has neither holidays nor a sensor to ask.
    return MonthPeaks(cast("Any", None), subentry, PeakMemory(), lambda: None)


def run(scenario: Scenario, month: Month | None, until: datetime | None = None) -> Bought:
    """Live through a month, or until an earlier time, by plans that know the tariff if any."""
    site = MeteredSite(scenario, month)
    runner = Runner(("optimal", "go"), start_cost=DEFAULT_START_COST, time_limit_s=_TIME_LIMIT_S)
    end = until or midnight(date(FIRST.year, FIRST.month + 1, 1))

    async def plan(site: SimulatedSite) -> None:
        await runner.run(site)

    record = asyncio.run(closed_loop(site, plan, until=end, every=scenario.plan_every))
    runner.shutdown(wait=True)
    site.bought.missing_kwh = math.fsum(left.missing_kwh for left in record.departures)
    return site.bought


@dataclass(frozen=True, kw_only=True)
class Life:
    """A month that is lived, in a process of its own.

    Attributes:
        folder: Where prices are.
        days: How many days are lived.
        every: Time between two plans.
        month: The tariff that plans know, if any.
        cap_kw: What the site imports at most, if that is less than its connection carries.
    """

    folder: Path
    days: int
    every: timedelta
    month: Month | None = None
    cap_kw: float = math.inf


def live(life: Life) -> Bought:
    """Live through a month from nothing but its description."""
    dt_util.set_default_time_zone(ZONE)
    home = household(market(life.folder, FIRST, life.days).prices, FIRST, life.days, 1)
    limit_kw = min(home.connection.limit_kw, life.cap_kw)
    connection = replace(home.connection, limit_kw=limit_kw)
    return run(replace(home, plan_every=life.every, connection=connection), life.month)


def measure(
    folder: Path, days: int, months: Sequence[Month], every: timedelta, processes: int
) -> dict[str, Any]:
    """Run everything: by price only and by caps once, by each tariff once."""
    price = Life(folder=folder, days=days, every=every)
    lives = [
        *(replace(price, month=month) for month in months),
        price,
        *(replace(price, cap_kw=cap_kw) for cap_kw in CAPS_KW),
    ]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        lived = []
        for life, bought in zip(lives, pool.map(live, lives), strict=True):
            lived.append(bought)
            _say(life.month.name if life.month else f"cap of {life.cap_kw:g} kW")
    price_only = lived[len(months)]
    caps = dict(zip(CAPS_KW, lived[len(months) + 1 :], strict=True))
    rows = []
    for month, own in zip(months, lived, strict=False):
        # A cap that leaves the car short is none.
        enough = price_only.missing_kwh + 1.0
        fair = {kw: b.bill(month) for kw, b in caps.items() if b.missing_kwh <= enough}
        best = min(fair, key=lambda kw: fair[kw], default=None)
        rows.append(
            {
                "tariff": month.name,
                "plan": round(own.bill(month), 2),
                "plan_peaks": round(peaks_bill(month, own.import_kw), 2),
                "price_only": round(price_only.bill(month), 2),
                "best_cap": None if best is None else round(fair[best], 2),
                "best_cap_kw": best,
                "missing_kwh": round(own.missing_kwh, 1),
                "missing_kwh_by_price": round(price_only.missing_kwh, 1),
            }
        )
    source = market(folder, FIRST, days).source
    return {"prices": source, "from": str(FIRST), "days": days, "rows": rows}


def table(result: Mapping[str, Any]) -> str:
    """Write a result for people."""
    titles = ("plan", "of it", "by price", "best cap", "kW", "missing")
    lines = [
        f"{result['days']} days from {result['from']}, prices: {result['prices']}",
        f"{'bill of house and car':<24}" + "".join(f"{title:>10}" for title in titles),
    ]
    for row in result["rows"]:
        cap = row["best_cap"]
        cells = (
            f"{row['plan']:.2f}",
            f"{row['plan_peaks']:.2f}",
            f"{row['price_only']:.2f}",
            "-" if cap is None else f"{cap:.2f}",
            "-" if cap is None else f"{row['best_cap_kw']:g}",
            f"{row['missing_kwh']:.1f}",
        )
        lines.append(f"{row['tariff']:<24}" + "".join(f"{cell:>10}" for cell in cells))
    lines.append("of it: for peaks; best cap: the best of all that do not leave the car short")
    return "\n".join(lines)


def _say(text: str) -> None:
    print(f"{text} ...", file=sys.stderr, flush=True)


def main(argv: list[str]) -> int:
    """Run the command line; returns 1 where a plan pays more than one without the tariff."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark --peak-months", description=__doc__)
    parser.add_argument("--only", default="", metavar="NAME", help="tariffs with this in the name")
    parser.add_argument("--days", type=int, default=31, help="how many days are lived (31)")
    parser.add_argument("--every", type=int, default=60, help="minutes between two plans (60)")
    parser.add_argument("--processes", type=int, default=2, help="months lived at once (2)")
    parser.add_argument(
        "--prices",
        type=Path,
        default=ROOT.parent / "shared" / "data",
        metavar="FOLDER",
        help="folder with prices-*.csv; generated prices where it has none for these days",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    dt_util.set_default_time_zone(ZONE)
    months = [month for month in MONTHS if options.only.casefold() in month.name.casefold()]
    every = timedelta(minutes=options.every)
    result = measure(options.prices, options.days, months, every, options.processes)
    print(json.dumps(result) if options.json else table(result))
    return 1 if any(row["plan"] > row["price_only"] for row in result["rows"]) else 0
