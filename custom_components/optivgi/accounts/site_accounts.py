"""Keeps the accounts of a site: what each session draws, from where, and what that costs."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_at_time

from ..charging.charging_point import ChargingPoint
from ..control.state import ControlState
from ..planning.plan import Plan
from ..planning.prices import PriceFeed
from ..scheduler.model import PHASES
from ..sessions.ledger import Interval, Ledger
from ..sessions.record import SessionRecord, record_of
from ..sessions.slot import Slot, SlotPrice
from ..sessions.sources import SiteFlow, SourceBasis
from ..settings.memory import Session
from ..settings.session_store import SessionStore
from ..site.site import Site
from .flow_meter import FlowMeter
from .missed import missing_kwh, reason_for
from .rooms import full_kw, rooms_kw

_EVERY: Final = timedelta(minutes=1)
"""So often it is noted what was drawn: house and sun change within minutes."""
_GAP: Final = timedelta(minutes=3)
"""Longer between two notes, and nobody has seen what was drawn."""
_METER_LATE: Final = timedelta(minutes=2)
"""So long after a car has left its meter's last report is waited for."""
_NOTHING_KWH: Final = 0.02
"""Less than this is not worth waiting for: totals come in steps of 10 Wh at best."""


class SiteAccounts:
    """The accounts of a site."""

    def __init__(
        self,
        site: Site,
        prices: PriceFeed,
        states: Mapping[str, ControlState],
        store: SessionStore,
        plan: Callable[[], Plan | None],
    ) -> None:
        """Go on with the sessions that a restart interrupted.

        Args:
            site: The site.
            prices: What energy costs.
            states: What was written to each charger.
            store: Keeps the sessions that are over.
            plan: Returns the plan that is followed; None without one.
        """
        self.history = store.history
        self._site, self._prices, self._states, self._store = site, prices, states, store
        self._plan = plan
        self.ledgers = site.store.memory.ledgers
        """The sessions that go on, by charger."""
        self._flow = FlowMeter(site)
        self._watched: dict[str, Session] = {}
        self._noted_at: datetime | None = None
        self._version = prices.version
        self.finished: list[Callable[[SessionRecord], None]] = []
        """Called with each session that is over."""
        self.noted: list[Callable[[datetime], None]] = []
        """Called when more is known of sessions: each minute, and when one begins or ends."""

    @callback
    def look(self) -> None:
        """Look at the site as it was just observed; each minute note what was drawn."""
        now = dt_util.utcnow()
        if self._noted_at is None:
            self._take_up(now)
        self._flow.look(now)
        changed = [
            point
            for charger_id, point in self._site.points.items()
            if point.session is not self._watched.get(charger_id)
        ]
        for charger_id, ledger in self.ledgers.items():
            drawing = ledger.end is None and self._site.points[charger_id].reading.drawing
            ledger.starts += drawing and not ledger.is_drawing
            ledger.is_drawing = drawing
        if changed or self._noted_at is None or now - self._noted_at >= _EVERY:
            self._note(now, changed)

    @callback
    def catch_up(self) -> None:
        """Note what was drawn until now, for who asks for it."""
        self.look()
        self._note(dt_util.utcnow(), [])

    def _take_up(self, now: datetime) -> None:
        """Find what was interrupted; chargers and cars may be other ones since."""
        for charger_id in list(self.ledgers):
            ledger, point = self.ledgers[charger_id], self._site.points.get(charger_id)
            if point is None or ledger.begin != point.session.plugged_at:
                ledger.end = ledger.end or ledger.until
                self._close(charger_id, now)
                continue
            self._watched[charger_id] = point.session
            # What its power came to was kept at the same time, or it begins again from here.
            ledger.counted_kwh = min(ledger.counted_kwh, point.session.delivered_kwh)
            if now - ledger.until > _GAP:
                spans = self._prices.spans(ledger.until, now)
                ledger.miss(ledger.until, now, full_kw(point)[1], spans)
                ledger.until = now
        self._noted_at = now

    def _note(self, now: datetime, changed: list[ChargingPoint]) -> None:
        """Note what was drawn since the last time, then who came and left."""
        since = self._noted_at or now
        flow = self._flow.take()
        if now > since:
            self._note_drawn(since, now, flow)
        self._noted_at = now
        for point in changed:
            self._follow_change(point, now)
        for charger_id in [key for key, ledger in self.ledgers.items() if ledger.end is not None]:
            self._close_if_known(charger_id, now)
        if self._prices.version != self._version:
            self._version = self._prices.version
            self._reprice(now)
        if changed:
            self._site.store.save_soon()
        for tell in self.noted:
            tell(now)

    def _follow_change(self, point: ChargingPoint, now: datetime) -> None:
        """Note that a car has left, or another one has come."""
        charger_id = point.charger.id
        self._watched[charger_id] = point.session
        if (left := self.ledgers.get(charger_id)) is not None:
            left.end = left.end or now
            if point.plugged:
                # Its meter counts for the next one from now on.
                self._close(charger_id, now)
        if point.plugged:
            self._open(point, now)

    def _open(self, point: ChargingPoint, now: datetime) -> None:
        begin = point.session.plugged_at or now
        ledger = Ledger(
            id=ulid_at_time(begin.timestamp()),
            charger=point.charger.name,
            begin=begin,
            until=now,
            counted_kwh=point.session.delivered_kwh,
            written_at=now,
            pending_since=now,
        )
        # Of a car that was there before accounts were kept, nobody knows what it drew.
        ledger.unobserved_h = max(0.0, (now - begin) / timedelta(hours=1))
        self.ledgers[point.charger.id] = ledger
        self._note_meter(point, ledger)
        self._note_facts(point, ledger, now)

    def _note_drawn(self, since: datetime, now: datetime, flow: SiteFlow) -> None:
        """Note for each car what it drew, and what it could have drawn."""
        for charger_id in self.ledgers:
            # It may not have been read since the meter was.
            self._site.points[charger_id].account(now)
        drawn = {
            charger_id: max(0.0, self._watched[charger_id].delivered_kwh - ledger.counted_kwh)
            for charger_id, ledger in self.ledgers.items()
            if ledger.end is None
        }
        cars_kwh = sum(drawn.values())
        sources = flow.sources(cars_kwh)
        rooms = rooms_kw(self._site, now)
        hours = (now - since) / timedelta(hours=1)
        common = list(self._prices.spans(since, now)) if drawn else []
        for charger_id, own_kwh in drawn.items():
            ledger, point = self.ledgers[charger_id], self._site.points[charger_id]
            begun_late = ledger.until > since
            spans = list(self._prices.spans(ledger.until, now)) if begun_late else common
            own = sources.times(own_kwh / cars_kwh if cars_kwh > 0 else 0.0)
            if spans:
                ledger.take(
                    Interval(
                        drawn=own,
                        room_kwh=rooms.get(charger_id, 0.0) * hours,
                        free_sun_kwh=max(own.sun_kwh, flow.free_sun_kwh(own_kwh, cars_kwh)),
                        planned_kwh=self._planned_kwh(point, since, hours),
                    ),
                    spans,
                )
            # What was given back before is no reason not to count what is drawn after it.
            ledger.counted_kwh = self._watched[charger_id].delivered_kwh
            ledger.until = now
            ledger.basis = flow.basis
            if flow.basis is SourceBasis.ASSUMED:
                ledger.assumed_kwh += own_kwh
            if point.reading.power_kw is None:
                ledger.unmeasured_kwh += own_kwh
            self._note_meter(point, ledger)
            if point.session is self._watched[charger_id]:
                self._note_facts(point, ledger, now)

    def _planned_kwh(self, point: ChargingPoint, since: datetime, hours: float) -> float:
        """Return what the plan would have had a car draw, where that is only observed."""
        plan = self._plan()
        if not self._site.observing or plan is None or point.supposed_kwh is None:
            return 0.0
        seen_from = max(since, plan.schedule.horizon.start)
        planned_kw = plan.power_kw_at(point.charger.id, seen_from) or 0.0
        return min(planned_kw * hours, point.supposed_kwh / point.efficiency)

    def _suppose(self, point: ChargingPoint, ledger: Ledger) -> None:
        """Plan for the car as it would be by now, had the plan been followed so far.

        What is still missing in its battery, and what is there already, was wanted in the first
        place; whatever it was that charged it.
        """
        if self._site.observing:
            charged_kwh = (ledger.drawn_kwh - ledger.planned_kwh) * point.efficiency
            point.supposed_kwh = max(0.0, point.needed_kwh + charged_kwh)

    def _note_meter(self, point: ChargingPoint, ledger: Ledger) -> None:
        charger = point.charger
        if (total := charger.read_energy()) is not None:
            ledger.report_total(*total, charger.max_a * charger.voltage * len(PHASES) / 1000)
        elif charger.energy_entity is None:
            ledger.accept_pending()

    def _note_facts(self, point: ChargingPoint, ledger: Ledger, now: datetime) -> None:
        """Note who is there, what is missing and why, and how often the charger was written."""
        session, vehicle = point.session, point.vehicle
        ledger.vehicle_id = None if vehicle is None else vehicle.id
        ledger.vehicle = None if vehicle is None else vehicle.name
        ledger.tag = session.tag
        if session.reservation is not None:
            ledger.guest = session.reservation.name if vehicle is None else None
        ledger.departure = session.departure
        self._suppose(point, ledger)
        ledger.missing_kwh = missing_kwh(point)
        ledger.why = reason_for(point, self._plan(), now) if ledger.missing_kwh else None
        written = [
            at
            for at in self._states[point.charger.id].written
            if ledger.written_at is None or at > ledger.written_at
        ]
        if written:
            ledger.writes += len(written)
            ledger.written_at = max(written)

    def _close_if_known(self, charger_id: str, now: datetime) -> None:
        """Close a session once the last report of its meter is there, or does not come."""
        ledger, point = self.ledgers[charger_id], self._site.points[charger_id]
        self._note_meter(point, ledger)
        waited = ledger.end is None or now - ledger.end >= _METER_LATE
        if waited or ledger.pending_kwh <= _NOTHING_KWH:
            self._close(charger_id, now)

    def _close(self, charger_id: str, now: datetime) -> None:
        ledger = self.ledgers.pop(charger_id)
        ledger.accept_pending()
        record = record_of(ledger, charger_id, dt_util.get_default_time_zone())
        self.history.add(record, now, dt_util.get_default_time_zone())
        self._store.save_soon()
        self._site.store.save_soon()
        for tell in self.finished:
            tell(record)

    def _reprice(self, now: datetime) -> None:
        """Replace estimated and corrected prices by those that are published now."""
        for ledger in self.ledgers.values():
            ledger.reprice(self._published(ledger.slots))
        zone = dt_util.get_default_time_zone()
        changed = False
        for index in self.history.unsettled:
            record = self.history.sessions[index]
            if (repriced := record.repriced(self._published(record.slots), zone)) is not None:
                self.history.put(index, repriced)
                changed = True
        self.history.settle(now)
        if changed:
            self._store.save_soon()

    def _published(self, slots: Mapping[datetime, Slot]) -> dict[datetime, SlotPrice]:
        prices = {}
        for start, slot in slots.items():
            if (price := self._prices.known_price_of(start, slot.end)) is not None:
                prices[start] = price
        return prices

    def running(self) -> list[SessionRecord]:
        """Return the sessions that go on, as far as they are known."""
        zone = dt_util.get_default_time_zone()
        return [record_of(ledger, key, zone) for key, ledger in self.ledgers.items()]

    @callback
    def async_tell(
        self,
        finished: Callable[[SessionRecord], None] | None = None,
        noted: Callable[[datetime], None] | None = None,
    ) -> CALLBACK_TYPE:
        """Have somebody called from now on; returns what ends that.

        Args:
            finished: Called with each session that is over.
            noted: Called when more is known of sessions.
        """
        if finished is not None:
            self.finished.append(finished)
        if noted is not None:
            self.noted.append(noted)

        @callback
        def stop() -> None:
            if finished is not None:
                self.finished.remove(finished)
            if noted is not None:
                self.noted.remove(noted)

        return stop
