"""What a factor and fees have to fulfil, before prices are read and after."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..bindings.tariffs import MAX_FEE, magnitude_of
from ..const import CONF_EXPORT_FACTOR, CONF_FEES, CONF_PRICE, CONF_PRICE_FACTOR, CONF_PRICE_OFFSET
from .fields import Refusal

_EXAMPLE: Final = 0.1
"""A fee as many households pay it, in a currency about as strong as the euro."""


def check_factor(entered: Mapping[str, Any]) -> Refusal | None:
    """Return why prices cannot be multiplied by what was entered; None where they can."""
    factor = entered.get(CONF_PRICE_FACTOR, 1.0)
    if factor <= 0:
        return CONF_PRICE_FACTOR, "price_factor_not_positive", {"factor": f"{factor:g}"}
    if (factor := entered.get(CONF_EXPORT_FACTOR, 1.0)) <= 0:
        return CONF_EXPORT_FACTOR, "export_factor_not_positive", {"factor": f"{factor:g}"}
    return None


def check_fees(entered: Mapping[str, Any], currency: str) -> Refusal | None:
    """Return why nobody pays what was entered beside the price; None where somebody may."""
    strength = magnitude_of(currency)
    names = {"currency": currency, "example": f"{_EXAMPLE * strength:.3g}"}
    added = entered.get(CONF_PRICE_OFFSET, 0.0)
    if abs(added) > MAX_FEE * strength:
        return CONF_PRICE_OFFSET, "price_fee_implausible", {**names, "price": f"{added:g}"}
    for fee in _fees(entered):
        if abs(fee) > MAX_FEE * strength:
            return CONF_FEES, "price_fee_implausible", {**names, "price": f"{fee:g}"}
    return None


def _fees(entered: Mapping[str, Any]) -> Iterator[float]:
    for row in entered.get(CONF_FEES, ()):
        yield float(row[CONF_PRICE])
