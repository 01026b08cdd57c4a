"""The steps that ask a site for its prices: from an entity, a table, one number, or later."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigFlow, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SelectSelector
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..bindings.tariffs import (
    Tariff,
    TariffError,
    TariffNotReady,
    async_create_export_tariff,
    async_create_tariff,
)
from ..const import (
    CONF_EXPORT_ENTITY,
    CONF_FEES,
    CONF_PRICE,
    CONF_PRICE_ENTITY,
    CONF_PRICE_SOURCE,
    CONF_TIME_OF_USE,
    PriceSource,
)
from .fields import Refusal
from .price_checks import check_factor, check_fees
from .price_echo import async_describe
from .price_entities import LATER, OTHER, async_likely_prices, price_entity_field
from .refusals import async_refused
from .site_schemas import flat, in_sections, price_schema

# The form field that an error of each price source belongs to
_PRICE_FIELD: Final[Mapping[PriceSource, str]] = {
    PriceSource.ENTITY: CONF_PRICE_ENTITY,
    PriceSource.TIME_OF_USE: CONF_TIME_OF_USE,
    PriceSource.CONSTANT: CONF_PRICE,
}


class _Asked(NamedTuple):
    """Prices that a form asks for: where an error shows, their entity, and what makes them."""

    field: str
    entity: str
    create: Callable[[HomeAssistant, Mapping[str, Any]], Awaitable[Tariff | None]]


class PriceSteps(ConfigFlow):
    """Asks where prices come from, and shows what was understood of them."""

    def __init__(self) -> None:
        """Start with nothing entered."""
        self._site: dict[str, Any] = {}
        self._entered: dict[str, Any] = {}
        self._known: dict[str, Any] = {}
        self._tariff: Tariff | None = None
        self._likely: SelectSelector | None = None

    @abstractmethod
    def finish(self) -> ConfigFlowResult:
        """Keep what was entered."""

    async def async_ask_prices(self, source: PriceSource) -> ConfigFlowResult:
        """Go on to the form of a source of prices."""
        match source:
            case PriceSource.ENTITY:
                self._likely = await async_likely_prices(self.hass, self._current)
                return await self.async_step_price_entity()
            case PriceSource.TIME_OF_USE:
                return await self.async_step_time_of_use()
            case PriceSource.CONSTANT:
                return await self.async_step_constant()
            case PriceSource.LATER:
                self._entered = {**self._site, CONF_PRICE_SOURCE: source}
                return self.finish()

    async def async_step_price_entity(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the entity that has the prices."""
        return await self._async_step_price(PriceSource.ENTITY, "price_entity", user_input)

    async def async_step_time_of_use(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for prices by time of day."""
        return await self._async_step_price(PriceSource.TIME_OF_USE, "time_of_use", user_input)

    async def async_step_constant(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the one price."""
        return await self._async_step_price(PriceSource.CONSTANT, "constant", user_input)

    async def _async_step_price(
        self, source: PriceSource, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        placeholders = {"currency": self.hass.config.currency}
        shown: Mapping[str, Any] | None = user_input
        picked = None if user_input is None else user_input.get(CONF_PRICE_ENTITY)
        if picked == LATER:
            return await self.async_ask_prices(PriceSource.LATER)
        if user_input is not None and picked == OTHER:
            self._likely = None
            shown = {key: value for key, value in user_input.items() if key != CONF_PRICE_ENTITY}
        elif user_input is not None:
            entered = {CONF_PRICE_SOURCE: source, **flat(user_input)}
            refusal = check_factor(entered)
            refusal = refusal or await self._async_check_prices(entered, self._current)
            refusal = refusal or check_fees(entered, self.hass.config.currency)
            if refusal is not None:
                field, reason, named = refusal
                errors[field] = reason
                placeholders |= named
            if not errors:
                self._entered = {**self._site, **flat(user_input)}
                return await self._async_echo(entered)
        schema = price_schema(source, price_entity_field(self.hass), self._likely)
        refused = await async_refused(self.hass, f"config.step.{step_id}", schema, errors)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                refused.schema, in_sections(self._current) if shown is None else shown
            ),
            errors=refused.errors,
            description_placeholders={**placeholders, **refused.named},
            last_step=self._is_last_step,
        )

    @property
    def _current(self) -> Mapping[str, Any]:
        """What the site has until somebody says otherwise."""
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_entry().data
        return self._known

    @property
    def _is_last_step(self) -> bool:
        """Whether prices come last: a new site leads on to its chargers."""
        return self.source == SOURCE_RECONFIGURE

    async def _async_check_prices(
        self, entered: Mapping[str, Any], current: Mapping[str, Any]
    ) -> Refusal | None:
        """Return why prices cannot be read as entered; None where they can."""
        self._tariff = None
        for asked in (
            _Asked(
                _PRICE_FIELD[entered[CONF_PRICE_SOURCE]], CONF_PRICE_ENTITY, async_create_tariff
            ),
            _Asked(CONF_EXPORT_ENTITY, CONF_EXPORT_ENTITY, async_create_export_tariff),
        ):
            try:
                tariff = await asked.create(self.hass, entered)
                # The first is that of imports; what it has asked a server need not be asked again.
                self._tariff = self._tariff or tariff
                await self._async_validate(tariff)
            except TariffError as err:
                # An entity that has served before is silent for now, not wrong.
                served = entered.get(asked.entity) == current.get(asked.entity)
                if not (served and isinstance(err, TariffNotReady)):
                    return err.field or asked.field, err.reason, err.placeholders
        return None

    async def _async_echo(self, entered: Mapping[str, Any]) -> ConfigFlowResult:
        """Show what was understood of prices, unless they are one price, or silent for now."""
        is_one_price = (
            entered[CONF_PRICE_SOURCE] == PriceSource.CONSTANT and CONF_FEES not in entered
        )
        if is_one_price or self._tariff is None:
            return self.finish()
        try:
            step_id, placeholders = await async_describe(self.hass, self._tariff)
        except TariffError:
            # It has served before, and is silent for now.
            return self.finish()
        return self.async_show_form(
            step_id=step_id,
            data_schema=vol.Schema({}),
            description_placeholders=placeholders,
            last_step=self._is_last_step,
        )

    async def async_step_prices_known(self, _: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Go on: prices are known for some time."""
        return self.finish()

    async def async_step_prices_forecast(self, _: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Go on: all but the price of now is a forecast."""
        return self.finish()

    async def async_step_prices_now(self, _: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Go on: only the price of now is known."""
        return self.finish()

    async def async_step_prices_unread(self, _: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Go on: only the price of now is known, though a list may be prices."""
        return self.finish()

    async def _async_validate(self, tariff: Tariff | None) -> None:
        if tariff is not None:
            now = dt_util.utcnow()
            await tariff.async_validate(now, now + timedelta(days=1))
