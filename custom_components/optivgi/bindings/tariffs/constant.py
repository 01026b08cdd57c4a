"""One price at all times."""

from datetime import datetime
from typing import override

from .base import Tariff
from .series import Period, PriceSeries
from .units import judge_entered


class ConstantTariff(Tariff):
    """A price that never changes."""

    def __init__(self, price: float, currency: str, *, estimated: bool = False) -> None:
        """Take the price per kWh in the site's currency, and whether nobody has said so."""
        self._price = price
        self._currency = currency
        self._estimated = estimated

    @override
    async def async_read(self, start: datetime, end: datetime) -> PriceSeries:
        return PriceSeries.of([Period(start, end, self._price, self._estimated)])

    @override
    async def async_validate(self, start: datetime, end: datetime) -> PriceSeries:
        judge_entered([self._price], self._currency)
        return await super().async_validate(start, end)
