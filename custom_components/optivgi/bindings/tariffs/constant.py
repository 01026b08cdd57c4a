"""One price at all times."""

from datetime import datetime
from typing import override

from .base import Tariff
from .series import Period, PriceSeries


class ConstantTariff(Tariff):
    """A price that never changes."""

    def __init__(self, price: float) -> None:
        """Take the price per kWh in the site's currency."""
        self._price = price

    @override
    async def async_read(self, start: datetime, end: datetime) -> PriceSeries:
        return PriceSeries.of([Period(start, end, self._price)])
