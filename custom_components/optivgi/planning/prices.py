"""The prices that plans are made by, also while their source cannot be read."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
import json
from typing import Any, Final

from homeassistant.core import CoreState, HomeAssistant
from homeassistant.util import dt as dt_util

from ..bindings.tariffs import Tariff, TariffError
from ..bindings.tariffs.series import PriceSeries
from ..bindings.tariffs.units import is_price
from ..const import CONF_CO2_PRICE, LOGGER, STEP
from ..errors import text_of
from ..scheduler.model import Horizon
from ..sessions.ledger import Span
from ..sessions.slot import LONGEST_SLOT, SlotPrice
from ..settings.memory import MemoryStore

_KEPT: Final = timedelta(days=2)
"""Prices so long past are what those of a working day or a weekend are estimated from."""
_SAME_PRICE: Final = 1e-6
"""Averages of one price over several periods differ by rounding only."""


class PriceFeed:
    """The tariff's prices; the last ones read stand in while it cannot be read.

    They do so after a restart, too: without them, cars would be charged at once.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        store: MemoryStore,
        tariff: Tariff,
        source: Mapping[str, Any],
        export_tariff: Tariff | None = None,
        *,
        co2: Tariff | None = None,
        kind: str = "import",
    ) -> None:
        """Wrap a tariff, that of what is exported, and the CO2 of a kWh.

        Args:
            hass: Home Assistant.
            store: Where prices are kept.
            tariff: Where they come from.
            source: How that is configured: what is kept of another source is forgotten.
            export_tariff: Where those of exported energy come from.
            co2: What tells the CO2 of imported energy, in kg per kWh.
            kind: What is paid for.
        """
        self._hass = hass
        self._store = store
        self._tariff = tariff
        configured = json.dumps(dict(source), sort_keys=True, default=str)
        self._key = f"{kind} {sha256(configured.encode()).hexdigest()[:12]}"
        self._kind = kind
        self._currency = hass.config.currency
        self.error: str | None = None
        """Why they cannot be read now, in the language of Home Assistant."""
        self._warned = self._warned_of_values = False
        self._export = (
            None
            if export_tariff is None
            else PriceFeed(hass, store, export_tariff, source, kind="export")
        )
        self._co2 = None if co2 is None else PriceFeed(hass, store, co2, source, kind="co2")
        self.co2_price = float(source.get(CONF_CO2_PRICE, 0.0))
        """What a kg of CO2 counts for."""

    @property
    def _last(self) -> PriceSeries | None:
        return self._store.memory.prices.get(self._key)

    @property
    def _what(self) -> str:
        """What is read, for the log."""
        return "CO2 values" if self._kind == "co2" else "Prices"

    @property
    def known(self) -> bool:
        """Whether any price was ever read."""
        return self._last is not None

    @property
    def known_until(self) -> datetime | None:
        """Until when what was read last goes; None where there is nothing."""
        return None if (last := self._last) is None else last.known_until

    @property
    def version(self) -> tuple[PriceSeries | None, ...]:
        """What was read last: another one may price what was drawn before."""
        return (self._last, *(() if self._export is None else self._export.version))

    def spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """Yield a time by slots, within each of which a kWh has one price."""
        while start < end:
            slot_start = start - (start - datetime.min.replace(tzinfo=start.tzinfo)) % LONGEST_SLOT
            slot_end = slot_start + LONGEST_SLOT
            period = None if self._last is None else self._last.period_at(start)
            if period is not None:
                slot_start, slot_end = max(slot_start, period.start), min(slot_end, period.end)
            until = min(end, slot_end)
            yield Span(
                slot_start,
                slot_end,
                (until - start) / timedelta(hours=1),
                self.price_of(slot_start, slot_end),
            )
            start = until

    def price_of(self, start: datetime, end: datetime) -> SlotPrice:
        """Return what a kWh costs and earns between two instants, by what was read last."""
        horizon = Horizon(start=start, step_h=((end - start) / timedelta(hours=1),))
        price, estimated = self.resampled(horizon)
        earned, guessed = (0.0, False) if self._export is None else self._export.resampled(horizon)
        return SlotPrice(
            import_price=price, export_price=earned or 0.0, estimated=estimated or guessed
        )

    def resampled(self, horizon: Horizon) -> tuple[float | None, bool]:
        """Return the price of a horizon of one step, and whether it is an estimate."""
        if (last := self._last) is None:
            return None, True
        (price,), (estimated,) = last.resample(horizon)
        return price, estimated

    def known_price_of(self, start: datetime, end: datetime) -> SlotPrice | None:
        """Return the same where it is published now; None where it is not known, or not any more.

        What was read long ago is not kept.
        """
        price = self.price_of(start, end)
        return None if price.estimated else price

    @property
    def watched_entities(self) -> frozenset[str]:
        """The entities that prices come from: their changes are worth a new plan."""
        beside = [feed.watched_entities for feed in (self._export, self._co2) if feed is not None]
        return frozenset(self._tariff.watched_entities).union(*beside)

    def cheaper_hours(self, now: datetime) -> float | None:
        """Return how many hours of this local day cost less than now; None without prices."""
        if (last := self._last) is None:
            return None
        midnight = dt_util.start_of_local_day(now)
        tomorrow = dt_util.start_of_local_day(midnight + timedelta(hours=36))
        begin, end = dt_util.as_utc(midnight), dt_util.as_utc(tomorrow)
        day = Horizon.aligned(begin, end - STEP / 2, STEP)
        prices, _ = last.resample(day)
        step = day.index_at(now)
        if step is None:
            return None
        limit = prices[step] - _SAME_PRICE * abs(prices[step])
        return sum(hours for price, hours in zip(prices, day.step_h, strict=True) if price < limit)

    async def async_read(self, horizon: Horizon) -> tuple[tuple[float, ...], tuple[bool, ...]]:
        """Return a price for each step and whether it is an estimate.

        Without any price ever read all steps cost the same, so that cars charge early.
        """
        try:
            read = await self._tariff.async_read(horizon.start, horizon.end)
        except TariffError as err:
            # Until Home Assistant has started, they may come later.
            if not self._warned and self._hass.state is CoreState.running:
                LOGGER.warning("%s cannot be read, planning goes on without: %s", self._what, err)
                self._warned = True
            self.error = text_of(self._hass, err)
        else:
            if self._warned:
                LOGGER.info("%s can be read again", self._what)
            self._warned = False
            self.error = None
            self._keep(self._plausible(read), horizon)
        if (last := self._last) is None:
            return (0.0,) * len(horizon), (True,) * len(horizon)
        return last.resample(horizon)

    def _plausible(self, read: PriceSeries) -> PriceSeries:
        """Leave out what no price can be: there, others are estimated from."""
        kept = tuple(period for period in read.periods if is_price(period.price, self._currency))
        is_wrong = len(kept) < len(read.periods)
        if is_wrong and not self._warned_of_values:
            LOGGER.warning("%s that cannot be true are left out and estimated", self._what)
        self._warned_of_values = is_wrong
        return replace(read, periods=kept) if is_wrong else read

    def _keep(self, read: PriceSeries, horizon: Horizon) -> None:
        """Remember what was read, for when it cannot be; nothing at all takes no place."""
        prices = self._store.memory.prices
        kept = read.between(horizon.start - _KEPT, horizon.end)
        if not kept.periods or prices.get(self._key) == kept:
            return
        for key in [key for key in prices if key.startswith(f"{self._kind} ")]:
            del prices[key]
        prices[self._key] = kept
        self._store.save_soon()

    async def async_read_past(self, start: datetime, end: datetime) -> PriceSeries:
        """Return what is known of import prices between two instants that have passed."""
        try:
            return self._plausible(await self._tariff.async_read_past(start, end))
        except TariffError as err:
            LOGGER.debug("%s of the past cannot be read: %s", self._what, err)
            return PriceSeries()

    async def async_read_past_export(self, start: datetime, end: datetime) -> PriceSeries | None:
        """Return the same of what exported energy earned; None where it earns nothing."""
        return None if self._export is None else await self._export.async_read_past(start, end)

    async def async_read_export(self, horizon: Horizon) -> tuple[float, ...]:
        """Return what exported energy earns in each step; nothing where it earns nothing."""
        if self._export is None:
            return ()
        return (await self._export.async_read(horizon))[0]

    async def async_read_co2(self, horizon: Horizon) -> tuple[float, ...]:
        """Return the CO2 of imported energy in kg per kWh, per step; nothing where unknown."""
        if self._co2 is None:
            return ()
        read = (await self._co2.async_read(horizon))[0]
        return tuple(max(0.0, kg) for kg in read) if self._co2.known else ()
