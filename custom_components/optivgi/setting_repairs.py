"""Ways out of issues that a setting solves: another entity, a sign, a price, an exchange rate."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from homeassistant.components.repairs import RepairsFlow
from homeassistant.components.repairs.const import FlowType
from homeassistant.components.repairs.models import RepairsFlowResult
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlowContext,
    ConfigSubentry,
    SubentryFlowContext,
)
from homeassistant.core import split_entity_id
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)
import voluptuous as vol

from .bindings.bound_entities import rebind
from .bindings.tariffs import TariffError, judge_entered
from .const import (
    CONF_POWER_INVERTED,
    CONF_PRICE,
    CONF_PRICE_FACTOR,
    CONF_PRICE_OFFSET,
    CONF_PRICE_SOURCE,
    DOMAIN,
    FixedBy,
    PriceSource,
)
from .control.part_issues import PART_ID

_ENTITY: Final = "entity"
_FACTOR: Final = "factor"

type IssueData = Mapping[str, str | int | float | None]


class SettingRepairFlow(RepairsFlow):
    """Changes a setting of a site, after which the issue is gone."""

    def __init__(self, entry: ConfigEntry, data: IssueData) -> None:
        """Change the settings of a site; ``data`` is what the issue keeps."""
        self._entry = entry
        self._data = data

    @property
    def _part(self) -> ConfigSubentry:
        """The part of the site that the issue is about."""
        return self._entry.subentries[str(self._data[PART_ID])]

    @property
    def _named(self) -> dict[str, str]:
        """What the texts of the issue name."""
        issue = ir.async_get(self.hass).async_get_issue(self.handler, self.issue_id)
        return {} if issue is None else dict(issue.translation_placeholders or {})

    def _ask(
        self, step_id: str, schema: vol.Schema, error: TariffError | None = None
    ) -> RepairsFlowResult:
        """Show a form of one field."""
        named = {} if error is None else dict(error.placeholders)
        if CONF_PRICE in named:
            # The text of the issue names another price.
            named["entered"] = named.pop(CONF_PRICE)
        (field,) = schema.schema
        return self.async_show_form(
            step_id=step_id,
            data_schema=schema,
            errors=None if error is None else {str(field): error.reason},
            description_placeholders=self._named | named,
        )

    def _set(self, data: Mapping[str, Any]) -> RepairsFlowResult:
        """Keep settings of the site, which is loaded again."""
        self.hass.config_entries.async_update_entry(self._entry, data={**self._entry.data, **data})
        return self.async_create_entry(data={})

    def _change(
        self, changes: Mapping[str, Any], without: Collection[str] = ()
    ) -> RepairsFlowResult:
        """Keep settings of the part; the site is loaded again."""
        part = self._part
        data = {key: value for key, value in part.data.items() if key not in without}
        self.hass.config_entries.async_update_subentry(self._entry, part, data={**data, **changes})
        return self.async_create_entry(data={})

    async def async_step_form(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Open the form of what the issue is about; it stays until that is over."""
        flows, entry_id = self.hass.config_entries, self._entry.entry_id
        if PART_ID in self._data:
            opened = await flows.subentries.async_init(
                (entry_id, self._part.subentry_type),
                context=SubentryFlowContext(
                    source=SOURCE_RECONFIGURE, subentry_id=self._part.subentry_id
                ),
            )
            next_flow = FlowType.CONFIG_SUBENTRIES_FLOW, opened["flow_id"]
        else:
            context = ConfigFlowContext(source=SOURCE_RECONFIGURE, entry_id=entry_id)
            result = await flows.flow.async_init(DOMAIN, context=context)
            next_flow = FlowType.CONFIG_FLOW, result["flow_id"]
        return self.async_abort(reason="form", next_flow=next_flow)


class EntityRepairFlow(SettingRepairFlow):
    """Asks which entity takes the place of one that is gone; a disabled one can be enabled."""

    @property
    def _gone(self) -> str:
        return str(self._data["entity_id"])

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask."""
        known = er.async_get(self.hass).async_get(self._gone)
        if known is None or not known.disabled:
            return await self.async_step_replace()
        return self.async_show_menu(
            step_id="init",
            menu_options=["enable", "replace"],
            description_placeholders=self._named,
        )

    async def async_step_enable(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Enable it: its integration is loaded again by Home Assistant."""
        er.async_get(self.hass).async_update_entity(self._gone, disabled_by=None)
        return self.async_create_entry(data={})

    async def async_step_replace(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Use another one wherever this one was used."""
        if user_input is not None:
            rebind(self.hass, self._entry, {self._gone: user_input[_ENTITY]})
            return self.async_create_entry(data={})
        registry = er.async_get(self.hass)
        # What is calculated from the plan is nothing to make it from.
        own = [e.entity_id for e in registry.entities.values() if e.platform == DOMAIN]
        config = EntitySelectorConfig(
            domain=[split_entity_id(self._gone)[0]], exclude_entities=[*own, self._gone]
        )
        schema = vol.Schema({vol.Required(_ENTITY): EntitySelector(config)})
        return self._ask("replace", schema)


class BatterySignRepairFlow(SettingRepairFlow):
    """Asks whether the power of a home battery has the other sign."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["inverted", "elsewhere"],
            description_placeholders=self._named,
        )

    async def async_step_inverted(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """It counts the other way round."""
        inverted = not self._part.data.get(CONF_POWER_INVERTED, False)
        return self._change({CONF_POWER_INVERTED: inverted})

    async def async_step_elsewhere(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """It was stuck, or is set right by itself: nothing is to be corrected here."""
        return self.async_create_entry(data={})


class PriceRepairFlow(SettingRepairFlow):
    """Asks what a kWh costs, where nobody has said yet where prices come from."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin; what a flow is begun with is nothing that was entered."""
        return await self.async_step_price()

    async def async_step_price(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask."""
        error = None
        if user_input is not None:
            try:
                judge_entered([user_input[CONF_PRICE]], self.hass.config.currency)
            except TariffError as err:
                error = err
            else:
                source = {CONF_PRICE_SOURCE: PriceSource.CONSTANT}
                adjusted = {CONF_PRICE_FACTOR: 1.0, CONF_PRICE_OFFSET: 0.0}
                return self._set({**source, **adjusted, CONF_PRICE: user_input[CONF_PRICE]})
        return self._ask("price", vol.Schema({vol.Required(CONF_PRICE): _number()}), error)


class CurrencyRepairFlow(SettingRepairFlow):
    """Asks for the exchange rate of prices in another currency."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin; what a flow is begun with is nothing that was entered."""
        return await self.async_step_rate()

    async def async_step_rate(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask."""
        if user_input is not None:
            return self._set({str(self._data["factor_key"]): user_input[_FACTOR]})
        return self._ask("rate", vol.Schema({vol.Required(_FACTOR): _number(minimum=1e-6)}))


def _number(minimum: float = -1000.0) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(min=minimum, max=1e6, step="any", mode=NumberSelectorMode.BOX)
    )


FLOWS: Final[Mapping[str, type[SettingRepairFlow]]] = {
    FixedBy.ENTITY: EntityRepairFlow,
    FixedBy.BATTERY_SIGN: BatterySignRepairFlow,
    FixedBy.PRICE: PriceRepairFlow,
    FixedBy.EXCHANGE_RATE: CurrencyRepairFlow,
}
"""By what an issue keeps under ``fixed_by``."""
