"""Another source's prices with taxes and fees."""

from datetime import datetime
from typing import override

from ...const import CONF_FEES
from .base import Tariff, TariffError
from .series import PriceSeries
from .units import CORRECTABLE, judge_entered, judge_total


class AdjustedTariff(Tariff):
    """Another source with taxes and fees: factor x price + offset + fees by time of day."""

    def __init__(
        self,
        source: Tariff,
        *,
        factor: float,
        offset: float,
        currency: str,
        fees: Tariff | None = None,
        offset_field: str | None = None,
    ) -> None:
        """Wrap a source.

        Args:
            source: Whose prices are adjusted.
            factor: What they are multiplied by.
            offset: What is added.
            currency: The site's.
            fees: What is added by time of day.
            offset_field: The form field where the offset was entered.
        """
        self.source = source
        self._factor = factor
        self._offset = offset
        self._currency = currency
        self._fees = fees
        self._offset_field = offset_field

    @property
    @override
    def watched_entities(self) -> tuple[str, ...]:
        fees = () if self._fees is None else self._fees.watched_entities
        return (*self.source.watched_entities, *fees)

    @property
    @override
    def other_currency(self) -> str | None:
        # A factor may well be the exchange rate.
        return self.source.other_currency if self._factor == 1 else None

    @property
    @override
    def unread_lists(self) -> tuple[str, ...]:
        return self.source.unread_lists

    @override
    async def async_read(self, start: datetime, end: datetime) -> PriceSeries:
        return await self._adjust(await self.source.async_read(start, end))

    @override
    async def async_read_past(self, start: datetime, end: datetime) -> PriceSeries:
        return await self._adjust(await self.source.async_read_past(start, end))

    @override
    async def async_validate(self, start: datetime, end: datetime) -> PriceSeries:
        refusal: TariffError | None = None
        try:
            series = await self.source.async_validate(start, end)
        except TariffError as error:
            if error.reason not in CORRECTABLE or self._factor == 1:
                raise
            # A factor may well be the exchange rate, or what turns cents into the currency.
            refusal = error
            series = await self.source.async_read(start, end)
        if self._fees is not None:
            try:
                await self._fees.async_validate(start, end)
            except TariffError as error:
                error.field = error.field or CONF_FEES
                raise
        adjusted = await self._adjust(series)
        totals = [period.price for period in adjusted.periods]
        if refusal is not None:
            try:
                judge_entered(totals, self._currency)
            except TariffError:
                raise refusal from None
        try:
            judge_total(totals, self._currency)
        except TariffError as error:
            error.field = self._offset_field
            raise
        return adjusted

    async def _adjust(self, series: PriceSeries) -> PriceSeries:
        adjusted = series.affine(self._factor, self._offset)
        if self._fees is None or not adjusted.periods:
            return adjusted
        first, last = adjusted.periods[0].start, adjusted.periods[-1].end
        return adjusted.plus(await self._fees.async_read(first, last))
