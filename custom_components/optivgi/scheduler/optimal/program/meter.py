"""What is planned at the meter together with the cars: storage, and prices for the highest power.

    g, e   import, export       kW     g - e = base - PV + what cars and battery draw, for each
                                       moment in which the same cars are there
    c, d   battery              kW     stored = before + h * (efficiency * c - d / efficiency)
    d      what a car gives     kW     the same with the car's battery
    P      highest import       kW     P >= weight * mean of g over each billing interval
    top, above                  kW     mean of the n highest days = top + sum(above) / n,
                                       above >= P(day) - top

    k      curtailed            kW     g - e - k = net,  e <= export limit, k only where e is that

    minimise   sum h * (buy * g - sell * e) + wear * h * d - worth of what is stored in the end
               + price * (mean of the n highest days)

The sum of the n highest is the smallest value of n * top + sum(above): a linear program finds it.
What storage gives never makes room for a car: it may end at any time.
"""

from collections.abc import Iterable

import numpy as np
from pulp import LpVariable

from ...model import Battery, Horizon, PeakTariff
from ...quantities.demand import Demand
from ...quantities.peaks import Billing
from ...quantities.presence import Moments
from ..subproblem import Meter
from .builder import Builder, ChargingModel, Terms

type Parts = tuple[tuple[int, float], ...]
"""The steps in which a billing interval is, and what a kW of each adds to it."""

STORING = 1e-6
"""What a kWh that is stored counts for beyond its price, relative to the highest price."""

_SHARE_DIGITS = 12
"""Parts of intervals that are equal to so many digits are alike."""


def add_meter(builder: Builder, meter: Meter) -> None:
    """Add the battery, the meter's balance and the peaks to a model; the cars come before."""
    if meter.battery is not None:
        _add_battery(builder, meter.horizon, meter.battery)
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
            y = builder.choice(f"y_{index}_{step}")
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
            out.append(_add_curtailed(builder, moment, e, limit_kw, max_kw))
            balance.append((out[-1], -1.0))
        builder.equal(balance, float(meter.net_kw[step]))
        if builder.sell[step] > builder.buy[step] or limit_kw < max_kw:
            # Buying to sell, or to curtail, at once is not possible: it is one meter.
            w = builder.choice(f"w_{moment}")
            builder.row([(g, 1.0), (w, -max_kw)], upper=0.0)
            for flow in out:
                builder.row([(flow, 1.0), (w, max_kw)], upper=max_kw)
    return imports


def _add_curtailed(
    builder: Builder, moment: int, e: LpVariable, limit_kw: float, max_kw: float
) -> LpVariable:
    """Add what may not be exported, beside what is; it earns nothing."""
    curtailed = builder.variable(f"k_{moment}", 0, max_kw)
    builder.row([(e, 1.0)], upper=limit_kw)
    # Nothing is curtailed before all that may be exported is, whatever that earns or costs.
    q = builder.choice(f"q_{moment}")
    builder.row([(curtailed, 1.0), (q, -max_kw)], upper=0.0)
    builder.row([(q, limit_kw), (e, -1.0)], upper=0.0)
    return curtailed


def _moments(builder: Builder, meter: Meter) -> Moments:
    """Cut steps where cars come and go if the meter may turn: it matters then who is there when."""
    demands = builder.subproblem.demands
    horizon = meter.horizon
    turns = meter.net_kw < 0
    turns |= meter.battery is not None or any(demand.ev.discharge is not None for demand in demands)
    return Moments.of(horizon, [demand.ev for demand in demands], turns)


def _flowing(model: ChargingModel, step: int, there: list[float]) -> Terms:
    """Return what cars and battery draw in a moment less what they give, and for which part."""
    own = [(model.battery_charge, 1.0), (model.battery_discharge, -1.0)]
    for index, part in enumerate(there):
        if part > 0:
            cells = (model.power[index], model.single[index])
            own += [(each, part) for each in cells]
            own.append((model.discharge[index], -part))
    return [(cells[step], part) for cells, part in own if step in cells]


def _add_battery(builder: Builder, horizon: Horizon, battery: Battery) -> None:
    share = builder.network.battery_share
    model = builder.model
    last = None
    min_kwh = min(battery.min_stored_kwh, battery.stored_kwh)
    prices = builder.buy, builder.sell
    reachable = battery.stored_kwh
    room_kw = builder.network.headroom_kw(share)
    back_kw = builder.network.backfeed_room_kw(share)
    for step, hours in enumerate(horizon.step_h):
        max_kw = min(battery.max_charge_kw, float(room_kw[step]))
        max_given_kw = min(battery.max_discharge_kw, float(back_kw[step]))
        c = builder.variable(f"bc_{step}", 0, max_kw)
        d = builder.variable(f"bd_{step}", 0, max_given_kw)
        model.battery_charge[step], model.battery_discharge[step] = c, d
        builder.carry(c, step, share)
        builder.carry(d, step, share, back=True)
        builder.pay(d, hours * battery.wear_cost / builder.unit)
        # Where energy is worth nothing, it would waste some by doing both.
        builder.pay(c, hours * STORING)
        if min(float(series[step]) for series in prices) < 0:
            # Being paid for energy, it would do both at once to waste some.
            b = builder.choice(f"b_{step}")
            builder.row([(c, 1.0), (b, -max_kw)], upper=0.0)
            builder.row([(d, 1.0), (b, max_given_kw)], upper=max_given_kw)
        stored = builder.variable(f"bs_{step}", min_kwh, battery.capacity_kwh)
        if min_kwh < battery.min_stored_kwh:
            # It may charge from below its minimum, but give nothing until it is above.
            r = builder.choice(f"r_{step}")
            builder.row([(d, 1.0), (r, -max_given_kw)], upper=0.0)
            builder.row([(r, battery.min_stored_kwh - min_kwh), (stored, -1.0)], upper=-min_kwh)
        chain: Terms = [
            (stored, 1.0),
            (c, -hours * battery.charge_efficiency),
            (d, hours / battery.discharge_efficiency),
        ]
        if last is not None:
            chain.append((last, -1.0))
        start = battery.stored_kwh if last is None else 0.0
        builder.equal(chain, start)
        reachable = min(
            battery.capacity_kwh, reachable + hours * max_kw * battery.charge_efficiency
        )
        last = stored
    if last is not None and battery.end_price is None:
        builder.row([(last, -1.0)], upper=-min(battery.stored_kwh, reachable))
    elif last is not None and battery.end_price is not None:
        builder.pay(last, -battery.end_price / builder.unit)


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
    for parts, offset, day in _different_intervals(billing):
        terms = [(g, mean * share) for step, share in parts for g, mean in imports[step]]
        builder.row([*terms, (highest[day], -1.0)], upper=-offset)
    count = tariff.top_days
    price = tariff.price_per_kw / builder.unit
    top = builder.variable(f"top_{number}", 0, None)
    builder.pay(top, price)
    for day, peak in enumerate(highest):
        above = builder.variable(f"above_{number}_{day}", 0, None)
        builder.pay(above, price / count)
        builder.row([(peak, 1.0), (top, -1.0), (above, -1.0)], upper=0.0)
    for position, past in enumerate(tariff.day_peaks_kw):
        above = builder.variable(f"past_{number}_{position}", 0, None)
        builder.pay(above, price / count)
        builder.row([(top, -1.0), (above, -1.0)], upper=-past)


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
