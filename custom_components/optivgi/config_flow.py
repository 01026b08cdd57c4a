"""Set up a site: its connection and its price source; chargers and vehicles are subentries."""

from collections.abc import Iterable, Mapping
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigFlowResult,
    ConfigSubentryData,
    ConfigSubentryFlow,
    FlowType,
    SubentryFlowContext,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import SelectOptionDict
from homeassistant.util import slugify

from .bindings.house.energy_preferences import async_known_to_dashboard
from .bindings.house.solar import async_forecasting_entries
from .bindings.tariffs.units import start_cost_of
from .const import (
    CONF_ALGORITHM,
    CONF_BATTERY_KWH,
    CONF_EXPORT_POWER_ENTITY,
    CONF_FUSE_A,
    CONF_OBSERVE,
    CONF_POWER_COVERS,
    CONF_PRICE_SOURCE,
    CONF_SOLAR_ENTRIES,
    DOMAIN,
    METER_CORRECTIONS,
    METERS,
    SUBENTRY_BATTERY,
    SUBENTRY_CHARGER,
    SUBENTRY_CIRCUIT,
    SUBENTRY_PEAK_TARIFF,
    SUBENTRY_VEHICLE,
    PriceSource,
)
from .flows.backtest import BacktestFlow
from .flows.battery import BatteryFlow
from .flows.circuit import CircuitFlow
from .flows.fields import AskedOnce, Refusal
from .flows.guide import GUIDED, PLAN_PATH, ChargerFlow
from .flows.peak_tariff import PeakTariffFlow
from .flows.price_steps import PriceSteps
from .flows.proposal.page import CAR_SCHEMA, Proposal, async_propose
from .flows.refusals import async_refused
from .flows.site_checks import WARNINGS, check_site
from .flows.site_schemas import flat, in_sections, site_schema
from .flows.vehicle import VehicleFlow

# With any of these another meter is meant
_MEASURED_BY = {CONF_EXPORT_POWER_ENTITY, CONF_POWER_COVERS, *METERS}
_SITE_FORM = "config.step.site"


class OptivgiConfigFlow(PriceSteps, domain=DOMAIN):
    """Sets up a site, or changes one."""

    VERSION = 1

    _proposal: Proposal

    def __init__(self) -> None:
        """Start with nothing entered."""
        super().__init__()
        self._asked = AskedOnce(WARNINGS)
        self._taken: dict[str, Any] = {}
        self._capacities: dict[str, float] = {}

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        return {
            SUBENTRY_CHARGER: ChargerFlow,
            SUBENTRY_VEHICLE: VehicleFlow,
            SUBENTRY_BATTERY: BatteryFlow,
            SUBENTRY_CIRCUIT: CircuitFlow,
            SUBENTRY_PEAK_TARIFF: PeakTariffFlow,
        }

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> BacktestFlow:
        """Offer what needs no settings: a look at the last weeks."""
        return BacktestFlow()

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Lead straight on to chargers and cars, where they are not taken from what was found."""
        if result["result"].subentries:
            return result
        charger_flow = await self.hass.config_entries.subentries.async_init(
            (result["result"].entry_id, SUBENTRY_CHARGER),
            context=SubentryFlowContext(source=SOURCE_USER),
            data=GUIDED,
        )
        result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, charger_flow["flow_id"])
        return result

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Propose what is in the house; where no charger is, ask for the site step by step."""
        if user_input is None:
            self._proposal = await async_propose(self.hass)
            if self._proposal.is_whole:
                return self.async_show_menu(
                    step_id="user",
                    menu_options=["house", "site"],
                    description_placeholders=self._proposal.described,
                )
        return await self.async_step_site(user_input)

    async def async_step_site(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the site; what the energy dashboard knows, and what was found, is filled in."""
        if user_input is None:
            known = await async_known_to_dashboard(self.hass)
            self._known = {**self._proposal.connection, **known}
        return await self._async_step_site(
            "site", user_input, {CONF_NAME: self.hass.config.location_name, **self._known}
        )

    async def async_step_house(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Take what was found, or a part of it, on one page."""
        errors: dict[str, str] = {}
        placeholders = {**self._proposal.described, "currency": self.hass.config.currency}
        if user_input is not None:
            site = self._proposal.site(user_input)
            refusal = self._proposal.check(user_input) or self._check_site(site)
            if refusal is None:
                await self._async_claim_name(user_input[CONF_NAME])
                self._entered, self._taken = site, user_input
                return await self.async_step_car()
            field, reason, named = refusal
            # What is not asked here has no field that could show an error.
            asked = field in {CONF_FUSE_A, *user_input}
            errors[field if asked else "base"] = reason
            of_site = await async_refused(self.hass, _SITE_FORM, site_schema(), {field: reason})
            placeholders |= named | of_site.named
        return self.async_show_form(
            step_id="house",
            data_schema=self.add_suggested_values_to_schema(
                self._proposal.schema(self.hass.config.location_name),
                user_input or self._proposal.known,
            ),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def async_step_car(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how much the battery of each car holds that was found."""
        waiting = [
            find
            for find in self._proposal.cars_without_capacity(self._taken)
            if find.key not in self._capacities
        ]
        if user_input is not None and waiting:
            self._capacities[waiting.pop(0).key] = user_input[CONF_BATTERY_KWH]
        if not waiting:
            return self.finish(self._proposal.subentries(self._taken, self._capacities))
        return self.async_show_form(
            step_id="car",
            data_schema=CAR_SCHEMA,
            description_placeholders={"car": waiting[0].name},
            last_step=len(waiting) == 1,
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the site."""
        entry = self._get_reconfigure_entry()
        data = dict(entry.data)
        if (picked := data.get(CONF_SOLAR_ENTRIES)) is not None:
            find = self.hass.config_entries.async_get_entry
            data[CONF_SOLAR_ENTRIES] = [entry_id for entry_id in picked if find(entry_id)]
        return await self._async_step_site(
            SOURCE_RECONFIGURE, user_input, {CONF_NAME: entry.title, **data, **entry.options}
        )

    async def _async_step_site(
        self, step_id: str, user_input: dict[str, Any] | None, current: Mapping[str, Any]
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        start_cost = f"{start_cost_of({}, self.hass.config.currency):g}"
        forecasts = await self._async_forecasts(current)
        if user_input is not None:
            entered = flat(user_input)
            if (refusal := self._check_site(entered)) is not None:
                field, reason, placeholders = refusal
                errors[field] = reason
            else:
                await self._async_claim_name(user_input[CONF_NAME])
                self._site = entered
                return await self.async_ask_prices(PriceSource(user_input[CONF_PRICE_SOURCE]))
        refused = await async_refused(
            self.hass, _SITE_FORM, site_schema(forecasts, current.get(CONF_ALGORITHM)), errors
        )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                refused.schema, user_input or in_sections(current)
            ),
            errors=refused.errors,
            description_placeholders={
                "start_cost": start_cost,
                **placeholders,
                **refused.named,
            },
            last_step=False,
        )

    async def _async_claim_name(self, name: str) -> None:
        configured = await self.async_set_unique_id(slugify(name), raise_on_progress=False)
        # A site that is changed may keep its own name.
        if configured is not None and configured.entry_id != self.context.get("entry_id"):
            raise AbortFlow("already_configured")

    async def _async_forecasts(self, current: Mapping[str, Any]) -> list[SelectOptionDict]:
        """Return the solar forecasts to choose from; those in use are among them."""
        titles = {
            entry.entry_id: entry.title for entry in await async_forecasting_entries(self.hass)
        }
        for entry_id in current.get(CONF_SOLAR_ENTRIES, ()):
            if (entry := self.hass.config_entries.async_get_entry(entry_id)) is not None:
                titles[entry_id] = entry.title
        return [SelectOptionDict(value=value, label=title) for value, title in titles.items()]

    def _check_site(self, entered: dict[str, Any]) -> Refusal | None:
        if not entered[CONF_NAME].strip():
            return CONF_NAME, "name_missing", {}
        refusal = check_site(self.hass, entered) or self._check_meter(entered)
        return self._asked.first_unconfirmed((refusal,), entered)

    def _check_meter(self, entered: Mapping[str, Any]) -> Refusal | None:
        """Return whether another site has the meter: both would give away what it shows as free."""
        for entry in self._async_current_entries():
            if entry.entry_id == self.context.get("entry_id"):
                continue
            theirs = {entry.data[key] for key in METERS if key in entry.data}
            for key in METERS:
                if (meter := entered.get(key)) in theirs:
                    named = {"site": entry.title, "entity": str(meter)}
                    return key, "meter_in_use", named
        return None

    @override
    def finish(self, subentries: Iterable[ConfigSubentryData] = ()) -> ConfigFlowResult:
        entered = dict(self._entered)
        title = entered.pop(CONF_NAME)
        options: dict[str, Any] = {}
        for key, right in METER_CORRECTIONS.items():
            if (correction := entered.pop(key, right)) != right:
                options[key] = correction
        if entered.pop(CONF_OBSERVE, False):
            options = {**options, CONF_OBSERVE: True}
        if self.source == SOURCE_RECONFIGURE:
            entry = self._get_reconfigure_entry()
            other = any(entry.data.get(key) != entered.get(key) for key in _MEASURED_BY)
            others = {k: v for k, v in entry.options.items() if k not in METER_CORRECTIONS}
            if other and options | others == entry.options:
                # What corrects a meter is wrong for another one, and was left as it stood.
                options = {}
            options |= others
            return self.async_update_and_abort(
                entry,
                unique_id=self.unique_id,
                title=title,
                data=entered,
                options=options,
            )
        return self.async_create_entry(
            title=title,
            data=entered,
            options=options,
            subentries=subentries,
            description_placeholders={"plan": PLAN_PATH},
        )
