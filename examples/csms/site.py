"""The site as the scheduler asks for it: the Translation of this central system."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, override

from optivgi_scheduler import (
    EV,
    Circuit,
    GridConnection,
    Horizon,
    PerStep,
    Problem,
    Schedule,
    Translation,
)

from .book import Book
from .configuration import Charger, Configuration, kw_of
from .delivery import ChargePointState, deliver
from .limits import Limits
from .profiles import MIN_A

AHEAD = timedelta(hours=12)
STEP = timedelta(minutes=15)
OVERSTAY = timedelta(hours=1)
"""A car that is still there after its departure is planned for so much longer."""


class Site(Translation):
    """Reads the book, and sends limits to charge points."""

    def __init__(
        self, configuration: Configuration, book: Book, notify: Callable[[str, Any], None]
    ) -> None:
        """Know no charge point but by its name.

        Args:
            configuration: Wires, chargers and prices.
            book: Sessions and reservations.
            notify: Called with the kind of an event and its content.
        """
        self.configuration = configuration
        self.book = book
        self.points = {charger.id: ChargePointState() for charger in configuration.chargers}
        self.schedule: Schedule | None = None
        self.complete = True
        """Whether all chargers hold what was last planned."""
        self._notify = notify
        self._planned: tuple[str, ...] = ()

    @override
    async def get_horizon(self) -> Horizon:
        # Who obeys now is planned for; what the others may draw is a load, in all of one cycle.
        self._planned = tuple(name for name, point in self.points.items() if point.obeys)
        now = datetime.now(UTC)
        return Horizon.aligned(now, now + AHEAD, STEP)

    @override
    async def get_evs(self, horizon: Horizon) -> tuple[EV, ...]:
        return tuple(self._evs(horizon))

    def _evs(self, horizon: Horizon) -> Iterator[EV]:
        chargers = {charger.id: charger for charger in self.configuration.chargers}
        for name in self._planned:
            if name in self.book.sessions:
                session = self.book.sessions[name]
                until = max(session.departure, horizon.start + OVERSTAY)
                yield self._ev(name, chargers[name], horizon.start, until, session.missing_kwh)
        for number, one in self.book.reservations.items():
            if one.charger in self._planned and horizon.start < one.departure:
                arrival = max(one.arrival, horizon.start)
                charger = chargers[one.charger]
                ev_id = f"reservation {number}"
                yield self._ev(ev_id, charger, arrival, one.departure, one.energy_kwh)

    @staticmethod
    def _ev(
        ev_id: str, charger: Charger, arrival: datetime, departure: datetime, energy_kwh: float
    ) -> EV:
        return EV(
            id=ev_id,
            arrival=arrival,
            departure=departure,
            energy_kwh=energy_kwh,
            min_power_kw=kw_of(MIN_A),
            max_power_kw=kw_of(charger.max_a),
            circuit=charger.circuit,
        )

    @override
    async def get_peak_power_demand(self, horizon: Horizon) -> GridConnection:
        steps = len(horizon)
        prices = self.configuration.prices
        return GridConnection(
            limit_kw=(kw_of(self.configuration.limit_a),) * steps,
            import_price=tuple(prices[begin.hour] for begin in horizon.edges[:-1]),
            base_load_kw=self._load_kw(horizon, self.configuration.chargers),
        )

    @override
    async def get_circuits(self, horizon: Horizon) -> tuple[Circuit, ...]:
        return tuple(
            Circuit(
                id=fuse.id,
                parent=fuse.parent,
                limit_kw=(kw_of(fuse.limit_a),) * len(horizon),
                base_load_kw=self._load_kw(
                    horizon,
                    [
                        charger
                        for charger in self.configuration.chargers
                        if fuse.id in self.configuration.above(charger.circuit)
                    ],
                ),
            )
            for fuse in self.configuration.fuses
        )

    def _load_kw(self, horizon: Horizon, chargers: Iterable[Charger]) -> PerStep:
        """Return what those of some chargers that do not obey may draw, per step."""
        total = [0.0] * len(horizon)
        for charger in chargers:
            if charger.id not in self._planned:
                held = self.points[charger.id].held
                limits = held or Limits.constant(horizon.start, kw_of(charger.max_a))
                total = [a + b for a, b in zip(total, limits.in_steps(horizon), strict=True)]
        return tuple(total)

    @override
    async def send_power_to_evs(self, problem: Problem, schedule: Schedule) -> None:
        """Send limits: those of its car, and nothing for a charger that is free."""
        wanted = {}
        for name in self._planned:
            ev = schedule.ev(name)
            limit_kw = (0.0,) * len(schedule.horizon) if ev is None else ev.limit_kw
            wanted[name] = Limits.planned(schedule.horizon, limit_kw)
        self.schedule = schedule
        self._notify("plan", plan_of(schedule))
        self.complete = await deliver(self.points, wanted, self._accepted)

    async def _accepted(self, name: str, limits: Limits) -> None:
        content = {"charger": name, "limit_kw": round(limits.at(datetime.now(UTC)), 3)}
        self._notify("limit", content)


def plan_of(schedule: Schedule) -> dict[str, Any]:
    """Return what people see of a plan: short, as JSON knows it."""
    return {
        "start": schedule.horizon.start.isoformat(),
        "step_h": schedule.horizon.step_h,
        "status": schedule.status,
        "algorithm": schedule.algorithm,
        "cost": schedule.cost,
        "evs": {
            ev.id: {
                "limit_kw": ev.limit_kw,
                "shortfall_kwh": ev.shortfall_kwh,
                "reason": ev.reasons[0].kind if ev.reasons else None,
            }
            for ev in schedule.evs
        },
    }
