"""Reports prices that nobody has set yet, or in another currency than Home Assistant's."""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..bindings.tariffs import Tariff, assumed_price
from ..const import (
    CONF_EXPORT_FACTOR,
    CONF_PRICE_FACTOR,
    CONF_PRICE_SOURCE,
    DOMAIN,
    FixedBy,
    PriceSource,
)

_FACTORS: Final = (CONF_PRICE_FACTOR, CONF_EXPORT_FACTOR)
"""What converts import and export prices."""


def price_issue_ids(entry_id: str) -> tuple[str, str]:
    """Return the ids of the issues about a site's prices: another currency, none set."""
    return f"other_currency_{entry_id}", f"price_missing_{entry_id}"


class PriceWatch:
    """Compares the currencies of a site's tariffs with that of Home Assistant."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        tariff: Tariff | None,
        export_tariff: Tariff | None,
    ) -> None:
        """Watch the tariffs that there are; report at once where none was chosen."""
        tariffs = (tariff, export_tariff)
        self._hass = hass
        self._entry = entry
        self._tariffs = [
            (key, tariff)
            for key, tariff in zip(_FACTORS, tariffs, strict=True)
            if tariff is not None
        ]
        self._currency_issue_id, missing_issue_id = price_issue_ids(entry.entry_id)
        if entry.data[CONF_PRICE_SOURCE] != PriceSource.LATER:
            ir.async_delete_issue(hass, DOMAIN, missing_issue_id)
            return
        currency = hass.config.currency
        ir.async_create_issue(
            hass,
            DOMAIN,
            missing_issue_id,
            data={"fixed_by": FixedBy.PRICE, "entry_id": entry.entry_id},
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key="price_missing",
            translation_placeholders={
                "name": entry.title,
                "price": f"{assumed_price(currency):.3g}",
                "currency": currency,
            },
        )

    @callback
    def look(self) -> None:
        """Report prices that are in another currency, or that they no longer are."""
        for factor_key, tariff in self._tariffs:
            if (other := tariff.other_currency) is not None:
                ir.async_create_issue(
                    self._hass,
                    DOMAIN,
                    self._currency_issue_id,
                    data={
                        "fixed_by": FixedBy.EXCHANGE_RATE,
                        "entry_id": self._entry.entry_id,
                        "factor_key": factor_key,
                    },
                    is_fixable=True,
                    severity=ir.IssueSeverity.ERROR,
                    translation_key="other_currency",
                    translation_placeholders={
                        "name": self._entry.title,
                        "entity": next(iter(tariff.watched_entities), "-"),
                        "price_currency": other,
                        "currency": self._hass.config.currency,
                    },
                )
                return
        ir.async_delete_issue(self._hass, DOMAIN, self._currency_issue_id)
