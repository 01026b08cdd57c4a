"""Tools for voice assistants that are language models: ask about charging, and change it.

What they may see and change is what is exposed to the assistant: a charger's *Status* to ask about
it, its *Mode* to change it. Descriptions are for the model, which answers in any language.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.components.llm import LLMTools
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.llm import (
    LLM_API_ASSIST,
    LLMContext,
    Tool,
    ToolAnnotations,
    ToolInput,
    ToolResult,
)
import voluptuous as vol

from .const import DOMAIN, Mode
from .errors import RefusedError
from .runtime import OptivgiConfigEntry

_READS: Final = ToolAnnotations(
    read_only=True, destructive=False, idempotent=True, open_world=False
)
_SETS: Final = ToolAnnotations(destructive=False, idempotent=True, open_world=False)
_ADDS: Final = ToolAnnotations(destructive=False, open_world=False)
_SHOWN: Final = (
    "name",
    "vehicle",
    "mode",
    "status",
    "reason",
    "departure",
    "needed_kwh",
    "shortfall_kwh",
    "cost",
    "next_start",
    "expected_finish",
)
"""What of a charger's plan answers questions; the rest is for machines."""
_EXPLAINED: Final = (
    "charger",
    "vehicle",
    "start",
    "end",
    "limit_kw",
    "price",
    "currency",
    "text",
)
"""What of an explanation answers questions."""
_NAME: Final = "name"
_PROMPT: Final = (
    f"Charging of electric cars is planned by OptiVGI: use the tools that begin with {DOMAIN}__ "
    "for cars and chargers. Change something only when asked to."
)


@dataclass(frozen=True, kw_only=True)
class _Named:
    """What a name refers to: a charger, and a car if it is a car's.

    Attributes:
        entry: The site.
        charger_id: The charger, or where the car is; None for a car that is at none.
        vehicle_id: The car; None for a charger.
    """

    entry: OptivgiConfigEntry
    charger_id: str | None
    vehicle_id: str | None = None

    @property
    def fields(self) -> dict[str, str]:
        """The fields that name it in our actions."""
        if self.vehicle_id is not None:
            return {"vehicle": self.vehicle_id}
        return {"charger": str(self.charger_id)}

    def entity_id(self, hass: HomeAssistant, platform: str, key: str) -> str:
        """Return one of its entities, at its charger where it is at one.

        Raises:
            RefusedError: It is at none, and has no such entity of its own.
        """
        for owner in (self.charger_id, self.vehicle_id):
            found = er.async_get(hass).async_get_entity_id(platform, DOMAIN, f"{owner}_{key}")
            if found is not None:
                return found
        vehicle = self.entry.runtime_data.site.vehicles[str(self.vehicle_id)]
        raise RefusedError("what_if_not_here", vehicle=vehicle.name)


@callback
def _named(hass: HomeAssistant, assistant: str, platform: str, key: str) -> dict[str, _Named]:
    """Return what an assistant may name, by name: chargers that expose an entity, and their cars.

    A car that is at no charger is there where any charger of its site is.
    """
    found: dict[str, _Named] = {}
    registry = er.async_get(hass)
    entries: list[OptivgiConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    for entry in entries:
        site = entry.runtime_data.site
        exposed = {
            charger_id
            for charger_id in site.points
            if (entity_id := registry.async_get_entity_id(platform, DOMAIN, f"{charger_id}_{key}"))
            and async_should_expose(hass, assistant, entity_id)
        }
        for vehicle in site.vehicles.values() if exposed else ():
            point = site.point_of(vehicle)
            charger_id = None if point is None or not point.plugged else point.charger.id
            if charger_id is None or charger_id in exposed:
                found[vehicle.name] = _Named(
                    entry=entry, charger_id=charger_id, vehicle_id=vehicle.id
                )
        # A charger before a car of the same name.
        for charger_id in exposed:
            name = site.points[charger_id].charger.name
            found[name] = _Named(entry=entry, charger_id=charger_id)
    return found


class _OptivgiTool(Tool, ABC):
    """A tool about what a name refers to."""

    integration = DOMAIN
    shown_by: tuple[str, str] = ("select", "mode")
    """The entity of a charger that has to be exposed."""
    fields: Mapping[vol.Marker, Any] = {}

    def __init__(self, names: list[str]) -> None:
        """Offer names to choose from."""
        self.parameters = vol.Schema(
            {vol.Required(_NAME, description="A charger or a car."): vol.In(names), **self.fields}
        )

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext
    ) -> ToolResult:
        """Do what it is for, as the person who asked."""
        data = dict(self.parameters(tool_input.tool_args))
        # What was exposed when the conversation began may not be any more.
        named = _named(hass, llm_context.assistant, *self.shown_by).get(data.pop(_NAME))
        if named is None:
            return ToolResult(data={"error": "not_exposed"}, error=True)
        return await self.about(hass, named, data, llm_context)

    @abstractmethod
    async def about(
        self, hass: HomeAssistant, named: _Named, data: dict[str, Any], llm_context: LLMContext
    ) -> ToolResult:
        """Do what it is for."""


async def _async_ask(
    hass: HomeAssistant, llm_context: LLMContext, action: str, data: dict[str, Any]
) -> dict[str, Any]:
    """Return what an action of ours answers to the person who asked."""
    answer = await hass.services.async_call(
        DOMAIN, action, data, blocking=True, context=llm_context.context, return_response=True
    )
    return dict(answer or {})


class GetStatusTool(_OptivgiTool):
    """What a car or a charger does and why, how full it is and when it is ready."""

    name = f"{DOMAIN}__get_status"
    title = "Get charging status"
    description = (
        "Get what a charger and the car at it do now and why, the state of charge, the target, the "
        "departure, when charging starts next and when the car will be ready. "
        "Use it for 'Is the car charging?', 'When will it be full?' or 'Why does it not charge?'."
    )
    annotations = _READS
    shown_by = ("sensor", "status")

    @override
    async def about(
        self, hass: HomeAssistant, named: _Named, data: dict[str, Any], llm_context: LLMContext
    ) -> ToolResult:
        site, store = named.entry.runtime_data.site, named.entry.runtime_data.site.store
        if named.charger_id is None:
            vehicle = site.vehicles[str(named.vehicle_id)]
            target_soc = store.memory.vehicles[vehicle.id].target_soc
            away = {"vehicle": vehicle.name, "status": "at_no_charger"}
            return ToolResult(data=away | {"soc": vehicle.read_soc(), "target_soc": target_soc})
        plan = await _async_ask(
            hass, llm_context, "get_schedule", {"config_entry_id": named.entry.entry_id}
        )
        shown = next(one for one in plan["chargers"] if one["id"] == named.charger_id)
        point = site.points[named.charger_id]
        return ToolResult(
            data={
                **{key: shown[key] for key in _SHOWN},
                "soc": None if point.soc is None else round(point.soc),
                "target_soc": point.wanted_soc,
                "currency": plan["site"]["currency"],
            }
        )


class ExplainTool(_OptivgiTool):
    """Why a charger gets what it gets at a time."""

    name = f"{DOMAIN}__explain"
    title = "Explain charging"
    description = (
        "Explain why a charger charges or waits at a time, and what another start would cost. "
        "Use it where the reason in the status is not enough, or is asked for another time."
    )
    annotations = _READS
    shown_by = ("sensor", "status")
    fields: Mapping[vol.Marker, Any] = {
        vol.Optional("time", description="Local date and time (ISO 8601). Without it, now."): str
    }

    @override
    async def about(
        self, hass: HomeAssistant, named: _Named, data: dict[str, Any], llm_context: LLMContext
    ) -> ToolResult:
        answer = await _async_ask(hass, llm_context, "explain", {**named.fields, **data})
        return ToolResult(data={key: answer[key] for key in _EXPLAINED})


class _SettingTool(_OptivgiTool):
    """A tool that changes something by an action of Home Assistant."""

    annotations = _SETS

    @abstractmethod
    def action(
        self, hass: HomeAssistant, named: _Named, data: dict[str, Any]
    ) -> tuple[str, str, dict[str, Any]]:
        """Return the domain and the name of the action, and what it is called with."""

    @override
    async def about(
        self, hass: HomeAssistant, named: _Named, data: dict[str, Any], llm_context: LLMContext
    ) -> ToolResult:
        domain, action, call = self.action(hass, named, data)
        await hass.services.async_call(
            domain, action, call, blocking=True, context=llm_context.context
        )
        return ToolResult(data={"success": True})


class SetModeTool(_SettingTool):
    """How a charger is to charge."""

    name = f"{DOMAIN}__set_mode"
    title = "Set charging mode"
    description = (
        "Set how a charger charges: off, smart (cheapest until departure), solar_only, min_solar "
        "(min power, more with sun) or now (at once until full). Smart also lets the plan go on."
    )
    fields: Mapping[vol.Marker, Any] = {vol.Required("mode"): vol.In([str(mode) for mode in Mode])}

    @override
    def action(
        self, hass: HomeAssistant, named: _Named, data: dict[str, Any]
    ) -> tuple[str, str, dict[str, Any]]:
        entity_id = named.entity_id(hass, "select", "mode")
        return "select", "select_option", {ATTR_ENTITY_ID: entity_id, "option": data["mode"]}


class SetTargetTool(_SettingTool):
    """The state of charge that a car is to have by departure."""

    name = f"{DOMAIN}__set_target"
    title = "Set charging target"
    description = "Set the state of charge that a car is to have by its departures, in %."
    fields: Mapping[vol.Marker, Any] = {
        vol.Required("target_soc"): vol.All(vol.Coerce(float), vol.Range(min=1, max=100))
    }

    @override
    def action(
        self, hass: HomeAssistant, named: _Named, data: dict[str, Any]
    ) -> tuple[str, str, dict[str, Any]]:
        entity_id = named.entity_id(hass, "number", "target_soc")
        return "number", "set_value", {ATTR_ENTITY_ID: entity_id, "value": data["target_soc"]}


class SetDepartureTool(_SettingTool):
    """When a car leaves next."""

    name = f"{DOMAIN}__set_departure"
    title = "Set departure"
    description = (
        "Set when a car leaves next, at most seven days ahead, and the state of charge wanted "
        "then if it is not the usual target. Counts once."
    )
    fields: Mapping[vol.Marker, Any] = {
        vol.Required("departure", description="Local date and time (ISO 8601)."): str,
        vol.Optional("target_soc"): vol.All(vol.Coerce(float), vol.Range(min=1, max=100)),
    }

    @override
    def action(
        self, hass: HomeAssistant, named: _Named, data: dict[str, Any]
    ) -> tuple[str, str, dict[str, Any]]:
        return DOMAIN, "set_departure", {**named.fields, **data}


class ChargeNowTool(_SettingTool):
    """Charge an amount at once."""

    name = f"{DOMAIN}__charge_now"
    title = "Charge now"
    description = (
        "Charge a car at once: an energy in kWh, up to a state of charge in %, or until it is full "
        "where neither is given. Then the mode from before goes on."
    )
    annotations = _ADDS
    fields: Mapping[vol.Marker, Any] = {
        vol.Optional("energy"): vol.All(vol.Coerce(float), vol.Range(min=0.5, max=200)),
        vol.Optional("target_soc"): vol.All(vol.Coerce(float), vol.Range(min=1, max=100)),
    }

    @override
    def action(
        self, hass: HomeAssistant, named: _Named, data: dict[str, Any]
    ) -> tuple[str, str, dict[str, Any]]:
        entity_id = named.entity_id(hass, "select", "mode")
        return DOMAIN, "charge_now", {ATTR_ENTITY_ID: entity_id, **data}


class SkipTonightTool(_SettingTool):
    """Do not charge for the next departure."""

    name = f"{DOMAIN}__skip_tonight"
    title = "Skip tonight"
    description = "Do not charge a car until its next departure. The mode from before goes on then."

    @override
    def action(
        self, hass: HomeAssistant, named: _Named, data: dict[str, Any]
    ) -> tuple[str, str, dict[str, Any]]:
        entity_id = named.entity_id(hass, "select", "mode")
        return DOMAIN, "skip_tonight", {ATTR_ENTITY_ID: entity_id}


TOOLS: Final[tuple[type[_OptivgiTool], ...]] = (
    GetStatusTool,
    ExplainTool,
    SetModeTool,
    SetTargetTool,
    SetDepartureTool,
    ChargeNowTool,
    SkipTonightTool,
)


@callback
def async_get_tools(hass: HomeAssistant, llm_context: LLMContext, api_id: str) -> LLMTools | None:
    """Return the tools for what is exposed; None where nothing is."""
    if api_id != LLM_API_ASSIST:
        return None
    tools: list[Tool] = [
        tool(names)
        for tool in TOOLS
        if (names := sorted(_named(hass, llm_context.assistant, *tool.shown_by)))
    ]
    return LLMTools(tools=tools, prompt=_PROMPT) if tools else None
