"""Draws what happened in the closed loop."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from .closed_loop_prices import ZONE
from .closed_loop_scenarios import Scenario
from .simulation import SimulatedSite

DAYS_SHOWN = 3


@dataclass(kw_only=True)
class Diary:
    """What was seen at a site after each plan.

    Attributes:
        times: When.
        power_kw: What all cars drew together.
        base_kw: What the house drew.
        price: What a kWh cost.
        cost: What had been paid so far.
    """

    times: list[datetime] = field(default_factory=list)
    power_kw: list[float] = field(default_factory=list)
    base_kw: list[float] = field(default_factory=list)
    price: list[float] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)

    def note(self, site: SimulatedSite) -> None:
        """Write down how it is now."""
        self.times.append(site.now.astimezone(ZONE))
        self.power_kw.append(sum(plug.drawn_kw for plug in site.plugs))
        self.base_kw.append(site.connection.base_load_kw(site.now))
        self.price.append(site.connection.prices.at(site.now))
        self.cost.append(site.record.cost)


def draw(
    scenarios: Sequence[tuple[Scenario, dict[str, Diary], dict[str, float]]], path: Path
) -> None:
    """Draw each scenario: power and prices of some days, and what each policy paid in the end.

    Args:
        scenarios: Each with the diaries of its policies, the plan's first, and the costs to show.
        path: Where to write the picture.
    """
    import matplotlib as mpl  # noqa: PLC0415 - only who draws needs it

    mpl.use("Agg")
    from matplotlib import dates, pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(
        len(scenarios),
        2,
        figsize=(16, 4.6 * len(scenarios)),
        width_ratios=(4, 1),
        squeeze=False,
        layout="constrained",
    )
    for (scenario, diaries, costs), (left, right) in zip(scenarios, axes, strict=True):
        money = left.twinx()
        money.set_ylabel("price per kWh", color="C3")
        for index, (name, diary) in enumerate(diaries.items()):
            until = diary.times[0] + timedelta(days=DAYS_SHOWN)
            shown = sum(time < until for time in diary.times)
            times, base = diary.times[:shown], diary.base_kw[:shown]
            total = [sum(both) for both in zip(base, diary.power_kw[:shown], strict=True)]
            if index == 0:
                money.step(times, diary.price[:shown], where="post", color="C3", linewidth=1)
                left.fill_between(times, base, step="post", color="0.85", label="house")
                left.fill_between(
                    times, base, total, step="post", color="C0", label=f"cars, {name}"
                )
            else:
                left.step(times, total, where="post", linewidth=0.8, color=f"C{index}", label=name)
        left.axhline(scenario.connection.limit_kw, color="black", linestyle="--", label="limit")
        left.set_ylabel("kW")
        left.set_title(
            f"{scenario.name}: {len(scenario.cars)} cars, a plan every "
            f"{scenario.plan_every.total_seconds() / 60:g} min, "
            f"the first {min(DAYS_SHOWN, scenario.days)} of {scenario.days} days"
        )
        left.xaxis.set_major_formatter(dates.DateFormatter("%a %H:%M", tz=ZONE))  # type: ignore[no-untyped-call]
        left.legend(loc="upper left", fontsize="small")
        right.bar(list(costs), list(costs.values()), color=[f"C{n}" for n in range(len(costs))])
        right.set_title("paid for all days, at equal energy")
        right.tick_params(axis="x", rotation=25)
        right.grid(axis="y", alpha=0.4)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)
