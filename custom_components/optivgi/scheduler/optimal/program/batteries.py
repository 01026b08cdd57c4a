"""The home batteries of the program.

    c, d   what one is charged with, and gives     kW
    stored = before + h * (efficiency * c - d / efficiency)

Where one may hold no more than it does already, or has to hold more, a choice says from when on it
is within its bounds. One that may not be charged from the grid has what the sun leaves beside base
load and cars; one that may not export gives what these draw beyond the sun. Both are held against
the mean of a step. What one battery gives is not what another one is charged with.
"""

from collections.abc import Sequence

from pulp import LpVariable

from ...model import Battery
from ..subproblem import Meter
from .builder import Builder, Cells, Terms

STORING = 1e-6
"""What a kWh that is stored counts for beyond its price, relative to the highest price."""


def add_batteries(builder: Builder, meter: Meter) -> None:
    """Add the batteries to a model; the cars come before."""
    for number, battery in enumerate(meter.batteries):
        _add_battery(builder, meter, number, battery)
    model = builder.model
    from_sun = [one.id for one in meter.batteries if not one.grid_charge]
    to_loads = [one.id for one in meter.batteries if not one.may_export]
    for step in range(len(meter.horizon)):
        cars = _mean_drawn(builder, meter, step)
        net_kw = float(meter.net_kw[step])
        if from_sun:
            _leave_to_the_sun(
                builder, step, [model.battery_charge[one][step] for one in from_sun], cars, net_kw
            )
        if to_loads:
            _keep_from_the_grid(
                builder,
                step,
                [model.battery_discharge[one][step] for one in to_loads],
                cars,
                net_kw,
            )


def _add_battery(builder: Builder, meter: Meter, number: int, battery: Battery) -> None:
    share = builder.network.battery_share
    charge: Cells = {}
    discharge: Cells = {}
    builder.model.battery_charge[battery.id] = charge
    builder.model.battery_discharge[battery.id] = discharge
    last = None
    lowest = min(battery.min_stored_kwh, battery.stored_kwh)
    highest = max(battery.capacity_kwh, battery.stored_kwh)
    room_kw = builder.network.headroom_kw(share)
    back_kw = builder.network.backfeed_room_kw(share)
    for step, hours in enumerate(meter.horizon.step_h):
        max_kw = _from_minimum(battery, min(battery.max_charge_kw, float(room_kw[step])))
        max_given_kw = _from_minimum(battery, min(battery.max_discharge_kw, float(back_kw[step])))
        c = charge[step] = builder.variable(f"bc_{number}_{step}", 0, max_kw)
        d = discharge[step] = builder.variable(f"bd_{number}_{step}", 0, max_given_kw)
        builder.carry(c, step, share)
        builder.carry(d, step, share, back=True)
        builder.pay(d, hours * battery.wear_cost / builder.unit)
        # Where energy is worth nothing, it would waste some by doing both.
        builder.pay(c, hours * STORING)
        _choose_way(builder, f"{number}_{step}", step, battery, (c, d))
        stored = builder.variable(f"bs_{number}_{step}", lowest, highest)
        if lowest < battery.min_stored_kwh:
            # It may charge from below its minimum, but give nothing until it is above.
            r = builder.choice(f"r_{number}_{step}", step)
            builder.row([(d, 1.0), (r, -max_given_kw)], upper=0.0)
            builder.row([(r, battery.min_stored_kwh - lowest), (stored, -1.0)], upper=-lowest)
        if highest > battery.capacity_kwh:
            # It may give from above its maximum, but is charged with nothing until it is below.
            f = builder.choice(f"f_{number}_{step}", step)
            builder.row([(c, 1.0), (f, -max_kw)], upper=0.0)
            builder.row([(stored, 1.0), (f, highest - battery.capacity_kwh)], upper=highest)
        chain: Terms = [
            (stored, 1.0),
            (c, -hours * battery.charge_efficiency),
            (d, hours / battery.discharge_efficiency),
        ]
        if last is not None:
            chain.append((last, -1.0))
        builder.equal(chain, battery.stored_kwh if last is None else 0.0)
        last = stored
    if last is not None and battery.end_price is None:
        builder.row([(last, -1.0)], upper=-min(battery.stored_kwh, battery.capacity_kwh))
    elif last is not None and battery.end_price is not None:
        builder.pay(last, -battery.end_price / builder.unit)


def _from_minimum(battery: Battery, max_kw: float) -> float:
    """Return the most of a power, nothing where that is below the battery's minimum."""
    return max_kw if max_kw >= battery.min_power_kw else 0.0


def _choose_way(
    builder: Builder, name: str, step: int, battery: Battery, both: tuple[LpVariable, LpVariable]
) -> None:
    """Have a battery do one thing at a time, and with its minimum power, where that matters."""
    c, d = both
    if battery.min_power_kw > 0:
        ways = [(x, builder.choice(f"b{way}_{name}", step)) for way, x in (("c", c), ("d", d))]
        for x, y in ways:
            builder.row([(x, 1.0), (y, -float(x.upBound or 0.0))], upper=0.0)
            builder.row([(y, battery.min_power_kw), (x, -1.0)], upper=0.0)
        builder.row([(y, 1.0) for _, y in ways], upper=1.0)
    elif min(float(series[step]) for series in (builder.buy, builder.sell)) < 0:
        # Being paid for energy, it would do both at once to waste some.
        b = builder.choice(f"b_{name}", step)
        most, most_given = float(c.upBound or 0.0), float(d.upBound or 0.0)
        builder.row([(c, 1.0), (b, -most)], upper=0.0)
        builder.row([(d, 1.0), (b, most_given)], upper=most_given)


def _mean_drawn(builder: Builder, meter: Meter, step: int) -> Terms:
    """Return what cars draw in a step, by the part of it in which each is there."""
    model, hours = builder.model, meter.horizon.step_h[step]
    return [
        (cells[step], float(demand.hours[step]) / hours)
        for index, demand in enumerate(builder.subproblem.demands)
        for cells in (model.power[index], model.single[index])
        if step in cells
    ]


def _most(terms: Terms) -> float:
    return sum(float(x.upBound or 0.0) * part for x, part in terms)


def _leave_to_the_sun(
    builder: Builder, step: int, charging: Sequence[LpVariable], cars: Terms, net_kw: float
) -> None:
    """Let batteries be charged with no more than what the sun leaves beside the cars."""
    sun_kw = max(0.0, -net_kw)
    own: Terms = [(c, 1.0) for c in charging]
    if not cars or sun_kw <= 0:
        builder.row(own, upper=sun_kw)
        return
    u = builder.choice(f"u_{step}", step)
    builder.row([*own, (u, -sun_kw)], upper=0.0)
    beyond = max(0.0, _most(cars) - sun_kw)
    builder.row([*own, *cars, (u, beyond)], upper=sun_kw + beyond)


def _keep_from_the_grid(
    builder: Builder, step: int, giving: Sequence[LpVariable], cars: Terms, net_kw: float
) -> None:
    """Let batteries give no more than what base load and cars draw beyond the sun."""
    own: Terms = [(d, 1.0) for d in giving]
    drawn = [(x, -part) for x, part in cars]
    if net_kw >= 0:
        builder.row([*own, *drawn], upper=net_kw)
        return
    if not cars:
        builder.row(own, upper=0.0)
        return
    v = builder.choice(f"v_{step}", step)
    builder.row([*own, (v, -_most(own))], upper=0.0)
    builder.row([*own, *drawn, (v, -net_kw)], upper=0.0)
