"""What is planned at the meter together with the cars: storage, and prices for the highest power.

    g, e   import, export       kW     g - e = base - PV + what cars and batteries draw, for each
                                       moment in which the same cars are there
    c, d   home batteries       kW     see batteries.py
    d      what a car gives     kW     stored = before + h * (efficiency * x - d / efficiency)
    P      highest import       kW     P >= weight * mean of g over each billing interval
    top, above                  kW     mean of the n highest days = top + sum(above) / n,
                                       above >= P(day) - top
    passed               0 or 1        mean <= step + (most - step) * passed, for each step of a
                                       price

    k      curtailed            kW     g - e - k = net,  e <= export limit, k only where e is that

    minimise   sum h * (buy * g - sell * e) + wear * h * d - worth of what is stored in the end
               + price * (mean of the n highest days, less what is free) + sum price * passed

The sum of the n highest is the smallest value of n * top + sum(above): a linear program finds it.
What storage gives never makes room for a car: it may end at any time.
"""

from collections.abc import Iterable

import numpy as np
from pulp import LpVariable

from ...model import Horizon, PeakTariff
from ...quantities.demand import Demand
from ...quantities.peaks import Billing
from ...quantities.presence import Moments
from ..subproblem import Meter
from .batteries import add_batteries
from .builder import Builder, ChargingModel, Terms

type Parts = tuple[tuple[int, float], ...]
"""The steps in which a billing interval is, and what a kW of each adds to it."""

_SHARE_DIGITS = 12
"""Parts of intervals that are equal to so many digits are alike."""


def add_meter(builder: Builder, meter: Meter) -> None:
    """Add the batteries, the meter's balance and the peaks to a model; the cars come before."""
    add_batteries(builder, meter)
    imports = _add_balance(builder, meter)
    for number, tariff in enumerate(meter.tariffs):
        _add_peak(builder, number, tariff, meter.horizon, imports)
    prices = builder.subproblem.prices
    builder.model.constant = -meter.bill(prices.buy, prices.sell)


def add_discharge(builder: Builder, index: int, demand: Demand, energy: Terms) -> None:
    """Add what a car may give back; nothing for one that cannot."""
    give = demand.ev.discharge
    if give is None:
        return
    model = builder.model
    charge, switches = (model.power[index], model.single[index]), model.switches[index]
    cells = model.discharge[index]
    before: Terms = []
    min_kwh = min(give.min_stored_kwh, give.stored_kwh)
    stored_before = None
    for step in map(int, np.flatnonzero(demand.hours)):
        hours = float(demand.hours[step])
        gain: Terms = []
        gain += [(own[step], float(demand.gain_kwh[step])) for own in charge if step in own]
        max_kw = min(give.max_power_kw, float(demand.backfeed_kw[step]))
        if max_kw >= max(give.min_power_kw, 1e-6) and demand.floor_kw[step] <= 0:
            d = builder.variable(f"d_{index}_{step}", 0, max_kw)
            y = builder.choice(f"y_{index}_{step}", step)
            cells[step] = d
            builder.carry(d, step, demand.share, back=True)
            builder.row([(d, 1.0), (y, -max_kw)], upper=0.0)
            builder.row([(y, give.min_power_kw), (d, -1.0)], upper=0.0)
            for other in (switches.get(step), builder.modes.get((index, step))):
                if other is not None:
                    builder.row([(y, 1.0), (other, 1.0)], upper=1.0)
            gain.append((d, -hours / give.efficiency))
            # Among equals the earlier, as with what is drawn: plans made later come to the same.
            early = float(builder.subproblem.early[step])
            builder.pay(d, hours * (give.wear_cost / builder.unit + early))
            energy.append((d, -hours / give.efficiency))
        stored = builder.variable(f"sc_{index}_{step}", min_kwh, demand.ev.full_kwh)
        if min_kwh < give.min_stored_kwh and step in cells:
            # It may charge from below its minimum, but give nothing until it is above.
            builder.row([(y, give.min_stored_kwh - min_kwh), (stored, -1.0)], upper=-min_kwh)
        start = give.stored_kwh if stored_before is None else 0.0
        before = [] if stored_before is None else [(stored_before, 1.0)]
        chain = [(stored, 1.0), *((x, -f) for x, f in gain), *((x, -f) for x, f in before)]
        builder.equal(chain, start)
        stored_before = stored


def _add_balance(builder: Builder, meter: Meter) -> dict[int, Terms]:
    """Add what is imported and exported in each moment; return the mean import of each step."""
    imports: dict[int, Terms] = {}
    moments = _moments(builder, meter)
    for moment, step in enumerate(moments.step.tolist()):
        hours = float(moments.hours[moment])
        drawn = _flowing(builder.model, step, moments.part[:, moment].tolist())
        swing = sum(abs(part) * float(x.upBound or 0.0) for x, part in drawn)
        max_kw = swing + abs(float(meter.net_kw[step]))
        g = builder.variable(f"g_{moment}", 0, max_kw)
        e = builder.variable(f"e_{moment}", 0, max_kw)
        mean = hours / meter.horizon.step_h[step]
        imports.setdefault(step, []).append((g, mean))
        builder.pay(g, hours * float(builder.buy[step]))
        builder.pay(e, -hours * float(builder.sell[step]))
        balance = [(g, 1.0), (e, -1.0), *((x, -part) for x, part in drawn)]
        out = [e]
        if (limit_kw := float(meter.export_limit_kw[step])) < max_kw:
            out.append(_add_curtailed(builder, moment, step, e, (limit_kw, max_kw)))
            balance.append((out[-1], -1.0))
        builder.equal(balance, float(meter.net_kw[step]))
        if builder.sell[step] > builder.buy[step] or limit_kw < max_kw:
            # Buying to sell, or to curtail, at once is not possible: it is one meter.
            w = builder.choice(f"w_{moment}", step)
            builder.row([(g, 1.0), (w, -max_kw)], upper=0.0)
            for flow in out:
                builder.row([(flow, 1.0), (w, max_kw)], upper=max_kw)
    return imports


def _add_curtailed(
    builder: Builder, moment: int, step: int, e: LpVariable, limits_kw: tuple[float, float]
) -> LpVariable:
    """Add what may not be exported, beside what is; it earns nothing."""
    limit_kw, max_kw = limits_kw
    curtailed = builder.variable(f"k_{moment}", 0, max_kw)
    builder.row([(e, 1.0)], upper=limit_kw)
    # Nothing is curtailed before all that may be exported is, whatever that earns or costs.
    q = builder.choice(f"q_{moment}", step)
    builder.row([(curtailed, 1.0), (q, -max_kw)], upper=0.0)
    builder.row([(q, limit_kw), (e, -1.0)], upper=0.0)
    return curtailed


def _moments(builder: Builder, meter: Meter) -> Moments:
    """Cut steps where cars come and go if the meter may turn: it matters then who is there when."""
    demands = builder.subproblem.demands
    horizon = meter.horizon
    turns = meter.net_kw < 0
    turns |= bool(meter.batteries) or any(demand.ev.discharge is not None for demand in demands)
    return Moments.of(horizon, [demand.ev for demand in demands], turns)


def _flowing(model: ChargingModel, step: int, there: list[float]) -> Terms:
    """Return what cars and batteries draw in a moment less what they give, and for which part."""
    own = [(cells, 1.0) for cells in model.battery_charge.values()]
    own += [(cells, -1.0) for cells in model.battery_discharge.values()]
    for index, part in enumerate(there):
        if part > 0:
            cells = (model.power[index], model.single[index])
            own += [(each, part) for each in cells]
            own.append((model.discharge[index], -part))
    return [(cells[step], part) for cells, part in own if step in cells]


def _add_peak(
    builder: Builder,
    number: int,
    tariff: PeakTariff,
    horizon: Horizon,
    imports: dict[int, Terms],
) -> None:
    billing = Billing.of(tariff, horizon)
    days = int(billing.day.max()) + 1
    highest = [builder.variable(f"P_{number}_{day}", 0, None) for day in range(days)]
    builder.row([(highest[0], -1.0)], upper=-tariff.today_kw)
    most_kw = max((tariff.today_kw, *tariff.day_peaks_kw, float(billing.offset_kw.max())))
    for parts, offset, day in _different_intervals(billing):
        terms = [(g, mean * share) for step, share in parts for g, mean in imports[step]]
        most_kw = max(most_kw, offset + sum(mean * float(g.upBound or 0.0) for g, mean in terms))
        builder.row([*terms, (highest[day], -1.0)], upper=-offset)
    top = builder.variable(f"top_{number}", 0, None)
    mean: Terms = [(top, 1.0)]
    for day, peak in enumerate(highest):
        above = builder.variable(f"above_{number}_{day}", 0, None)
        mean.append((above, 1.0 / tariff.top_days))
        builder.row([(peak, 1.0), (top, -1.0), (above, -1.0)], upper=0.0)
    for position, past in enumerate(tariff.day_peaks_kw):
        above = builder.variable(f"past_{number}_{position}", 0, None)
        mean.append((above, 1.0 / tariff.top_days))
        builder.row([(top, -1.0), (above, -1.0)], upper=-past)
    _pay_peak(builder, number, tariff, mean, most_kw)


def _pay_peak(
    builder: Builder, number: int, tariff: PeakTariff, mean: Terms, most_kw: float
) -> None:
    """Pay for the mean of the highest: what is beyond what is free, and the steps it is above.

    Args:
        builder: What it is added to.
        number: Which tariff it is.
        tariff: The tariff.
        mean: The mean of the highest.
        most_kw: More than that can be.
    """
    paid = mean
    if tariff.free_kw > 0:
        beyond = builder.variable(f"beyond_{number}", 0, None)
        builder.row([*mean, (beyond, -1.0)], upper=tariff.free_kw)
        paid = [(beyond, 1.0)]
    for variable, share in paid:
        builder.pay(variable, share * tariff.price_per_kw / builder.unit)
    for position, step in enumerate(tariff.price_steps):
        if step.price > 0 and most_kw > step.above_kw:
            passed = builder.choice(f"passed_{number}_{position}")
            builder.row([*mean, (passed, step.above_kw - most_kw)], upper=step.above_kw)
            builder.pay(passed, step.price / builder.unit)


def _different_intervals(billing: Billing) -> Iterable[tuple[Parts, float, int]]:
    """Return the parts of billing intervals, what they had before and their day.

    Those that are alike, as all within one long step are, make one row.
    """
    parts: list[Parts] = [() for _ in billing.offset_kw]
    listed = (billing.interval.tolist(), billing.step.tolist(), billing.share.tolist())
    for interval, step, share in zip(*listed, strict=True):
        parts[interval] = (*parts[interval], (step, round(share, _SHARE_DIGITS)))
    rows = zip(parts, billing.offset_kw.tolist(), billing.day.tolist(), strict=True)
    return dict.fromkeys(row for row in rows if row[0])
