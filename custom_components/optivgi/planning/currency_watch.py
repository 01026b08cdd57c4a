"""Reports prices in another currency than the site's, also where that changes after set-up."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..bindings.tariffs import Tariff
from ..const import DOMAIN


def currency_issue_id(entry_id: str) -> str:
    """Return the id of the issue about the currency of a site's prices."""
    return f"other_currency_{entry_id}"


class CurrencyWatch:
    """Compares the currencies of a site's tariffs with that of Home Assistant."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, *tariffs: Tariff | None) -> None:
        """Watch the tariffs that there are."""
        self._hass = hass
        self._entry = entry
        self._tariffs = [tariff for tariff in tariffs if tariff is not None]

    @callback
    def look(self) -> None:
        """Report prices that are in another currency, or that they no longer are."""
        issue_id = currency_issue_id(self._entry.entry_id)
        for tariff in self._tariffs:
            if (other := tariff.other_currency) is not None:
                ir.async_create_issue(
                    self._hass,
                    DOMAIN,
                    issue_id,
                    is_fixable=False,
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
        ir.async_delete_issue(self._hass, DOMAIN, issue_id)
