"""Walks through forms as a person does: what a form has filled in is left as it is."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigSubentry,
    SubentryFlowContext,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowManager, FlowResultType, section
import voluptuous as vol

from custom_components.optivgi.const import DOMAIN

_MAX_STEPS = 5


class Forms:
    """The forms of the integration, and which fields they have shown so far."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Have shown nothing yet."""
        self._hass = hass
        self.shown: set[str] = set()

    async def async_add_site(self, wanted: Mapping[str, Any], charger: Mapping[str, Any]) -> str:
        """Set a site up, and add its first charger; return the id of its entry."""
        flows: Any = self._hass.config_entries.flow
        step = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
        if step["type"] is FlowResultType.MENU:
            step = await flows.async_configure(step["flow_id"], {"next_step_id": "site"})
        result = await self._walk(flows, step, wanted)
        _, flow_id = result["next_flow"]
        self._hass.config_entries.subentries.async_abort(flow_id)
        entry_id = str(result["result"].entry_id)
        await self.async_add(entry_id, "charger", charger)
        return entry_id

    async def async_add(self, entry_id: str, kind: str, wanted: Mapping[str, Any]) -> None:
        """Add a charger or a vehicle."""
        subentries: Any = self._hass.config_entries.subentries
        step = await subentries.async_init((entry_id, kind), context={"source": SOURCE_USER})
        await self._walk(subentries, step, wanted)

    async def async_reopen(self, entry: ConfigEntry) -> None:
        """Open all forms of a site again, and submit what they have filled in."""
        flows: Any = self._hass.config_entries.flow
        context = {"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
        await self._walk(flows, await flows.async_init(DOMAIN, context=context), {})
        for subentry in entry.subentries.values():
            await self.async_change(entry, subentry, {})

    async def async_change(
        self, entry: ConfigEntry, subentry: ConfigSubentry, wanted: Mapping[str, Any]
    ) -> None:
        """Open the form of a charger or a vehicle again, and change some of it."""
        subentries: Any = self._hass.config_entries.subentries
        step = await subentries.async_init(
            (entry.entry_id, subentry.subentry_type),
            context=SubentryFlowContext(
                source=SOURCE_RECONFIGURE, subentry_id=subentry.subentry_id
            ),
        )
        await self._walk(subentries, step, wanted)

    async def _walk(
        self, flows: FlowManager[Any, Any, Any], step: Any, wanted: Mapping[str, Any]
    ) -> Any:
        for _ in range(_MAX_STEPS):
            if step["type"] is FlowResultType.MENU:
                option = next(one for one in step["menu_options"] if one in {*wanted, "own"})
                step = await flows.async_configure(step["flow_id"], {"next_step_id": option})
                continue
            if step["type"] is not FlowResultType.FORM:
                return step
            assert not step["errors"], step
            answer = self._fill_in(step["data_schema"], wanted)
            step = await flows.async_configure(step["flow_id"], answer)
        raise AssertionError(step)

    def _fill_in(self, schema: vol.Schema, wanted: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for key, field in schema.schema.items():
            if isinstance(field, section):
                answer[str(key)] = self._fill_in(field.schema, wanted)
                continue
            self.shown.add(str(key))
            suggested = (key.description or {}).get("suggested_value")
            if (value := wanted.get(str(key), suggested)) is not None:
                answer[str(key)] = value
        return answer
