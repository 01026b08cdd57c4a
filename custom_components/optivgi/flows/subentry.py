"""What adding or changing a charger and a vehicle have in common."""

from typing import Any, Final

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME

LONGEST_NAME: Final = 100
"""It is part of entity ids and of sentences; a longer one is something else that was pasted."""


class NamedSubentryFlow(ConfigSubentryFlow):
    """Adds or changes a part of the site whose name is entered with the rest."""

    @property
    def own_id(self) -> str | None:
        """The subentry that is changed; None for a new one."""
        return self._reconfigure_subentry_id if self.source == SOURCE_RECONFIGURE else None

    def configured(self) -> dict[str, Any]:
        """Return what is configured of the subentry that is changed, as its form has it."""
        subentry = self._get_reconfigure_subentry()
        return {CONF_NAME: subentry.title, **subentry.data}

    def finish(self, entered: dict[str, Any]) -> SubentryFlowResult:
        """Keep what was entered."""
        title = entered.pop(CONF_NAME)
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(), self._get_reconfigure_subentry(), title=title, data=entered
            )
        return self.async_create_entry(title=title, data=entered)
