"""Says when nothing reports any more what the grid operator allows."""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..site.site import Site

_ISSUE: Final = "operator_limit_silent"


def operator_issue_id(entry_id: str) -> str:
    """Return the id of the issue about the grid operator's limit of a site."""
    return f"{_ISSUE}_{entry_id}"


class OperatorWatch:
    """Looks after the entities of the grid operator's limit."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, site: Site) -> None:
        """Watch those of a site."""
        self._hass = hass
        self._issue_id = operator_issue_id(entry.entry_id)
        self._site = site
        self._reported: tuple[str, ...] | None = None

    @callback
    def look(self) -> None:
        """Look at what was last observed; say what is new."""
        silent = self._site.operator.silent
        if silent == self._reported:
            return
        self._reported = silent
        if not silent:
            ir.async_delete_issue(self._hass, DOMAIN, self._issue_id)
            return
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=_ISSUE,
            translation_placeholders={"entity": ", ".join(silent), "site": self._site.name},
        )
