"""What adding or changing a charger and a vehicle have in common."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, Final

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
import voluptuous as vol

from .fields import AskedOnce, Refusal
from .refusals import async_refused
from .site_schemas import flat, in_sections

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

    def check_name(self, name: str, kind: str) -> Refusal | None:
        """Return why a name cannot be that of a part of this kind; None where it can."""
        if not name:
            return CONF_NAME, "name_missing", {}
        if len(name) > LONGEST_NAME:
            return CONF_NAME, "name_too_long", {"length": str(LONGEST_NAME)}
        for other in self._get_entry().get_subentries_of_type(kind):
            if other.title.casefold() == name.casefold() and other.subentry_id != self.own_id:
                return CONF_NAME, "name_in_use", {}
        return None

    def finish(self, entered: dict[str, Any]) -> SubentryFlowResult:
        """Keep what was entered."""
        title = entered.pop(CONF_NAME)
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(), self._get_reconfigure_subentry(), title=title, data=entered
            )
        return self.async_create_entry(title=title, data=entered)


class FilledSubentryFlow(NamedSubentryFlow):
    """Adds or changes a part of the site by one form, which asks again where that is needed.

    Attributes:
        form: Where the form's texts stand.
        asked: What a person was asked about.
    """

    form: str
    asked: AskedOnce

    @abstractmethod
    def refusals(self, entered: Mapping[str, Any]) -> Iterator[Refusal | None]:
        """Yield what is wrong with what was entered, one after the other."""

    async def async_fill(
        self,
        step_id: str,
        user_input: dict[str, Any] | None,
        current: Mapping[str, Any],
        schema: vol.Schema,
    ) -> SubentryFlowResult:
        """Show the form, and keep what is entered once nothing is wrong with it.

        Args:
            step_id: The step.
            user_input: What was entered; None before that.
            current: What is filled in.
            schema: The form.
        """
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            entered = flat(user_input)
            entered[CONF_NAME] = entered[CONF_NAME].strip()
            refusal = self.asked.first_unconfirmed(self.refusals(entered), entered)
            if refusal is None:
                return self.finish(
                    {key: kept for key, kept in entered.items() if kept is not False}
                )
            field, reason, placeholders = refusal
            errors = {field: reason}
        refused = await async_refused(self.hass, self.form, schema, errors)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                refused.schema, user_input or in_sections(current)
            ),
            errors=refused.errors,
            description_placeholders={**placeholders, **refused.named},
        )
