"""Says when nothing reports any more what the grid operator allows."""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN, FixedBy
from ..site.site import Site

_OPERATOR_SILENT: Final = "operator_limit_silent"


def operator_issue_id(entry_id: str) -> str:
    """Return the id of the issue about the grid operator's limit of a site."""
    return f"{_OPERATOR_SILENT}_{entry_id}"


class OperatorWatch:
    """Looks after the entities of the grid operator's limit."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, site: Site) -> None:
        """Watch those of a site."""
        self._hass = hass
        self._entry_id = entry.entry_id
        self._issue_id = operator_issue_id(entry.entry_id)
        self._site = site

    @callback
    def look(self) -> None:
        """Look at what was last observed."""
        silent = self._site.operator.silent
        if not silent:
            ir.async_delete_issue(self._hass, DOMAIN, self._issue_id)
            return
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._issue_id,
            data={"fixed_by": FixedBy.PART, "entry_id": self._entry_id},
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=_OPERATOR_SILENT,
            translation_placeholders={"entity": ", ".join(silent), "site": self._site.name},
        )
