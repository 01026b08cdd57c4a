"""The way on from a new site: its chargers, then its cars, then where the plan is seen."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, Final, override

from homeassistant.config_entries import ConfigSubentry, SubentryFlowResult
from homeassistant.const import CONF_DEVICE_ID, CONF_NAME
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..const import CONF_OBSERVE, CONF_SOC_ENTITY, SUBENTRY_CHARGER, SUBENTRY_VEHICLE
from .charger import ChargerForm
from .charger_tryout import TriedOutFlow
from .device_step import Page, PartForm
from .proposal.elsewhere import look_elsewhere
from .proposal.find import Find, FindKind
from .proposal.house import async_find_cars, async_find_chargers
from .proposal.texts import async_proposal_texts
from .vehicle import VehicleForm

GUIDED: Final = {"guided": True}
"""What a flow of a charger is begun with by the flow of a new site."""
NEXT: Final = {SUBENTRY_CHARGER: "next_charger", SUBENTRY_VEHICLE: "next_vehicle"}
"""The choice of what is set up next; the value is a device, or one of those below."""
OTHER: Final = "other"
NONE: Final = "none"
PLAN_PATH: Final = "/calendar"
"""All that is planned, by charger."""
BEGIN_SCHEMA: Final = vol.Schema({vol.Required(CONF_OBSERVE, default=False): BooleanSelector()})


def next_schema(
    kind: str, found: Sequence[SelectOptionDict] = (), picked: str = NONE
) -> vol.Schema:
    """Return the choice of what is set up next.

    Args:
        kind: The type of subentry.
        found: Devices that look like one.
        picked: What is chosen until somebody says otherwise.
    """
    # Their texts are in the translations.
    others = [SelectOptionDict(value=value, label=value) for value in (OTHER, NONE)]
    config = SelectSelectorConfig(
        options=[*found, *others], mode=SelectSelectorMode.LIST, translation_key=NEXT[kind]
    )
    return vol.Schema({vol.Required(NEXT[kind], default=picked): SelectSelector(config)})


class ChargerFlow(TriedOutFlow):
    """Adds a charger to a site, or changes one; or goes on with all that a new site needs.

    A flow of subentries cannot lead on to another one, so that this one adds cars as well.
    """

    def __init__(self) -> None:
        """Begin as for a site that was there before."""
        self._guided = False
        self._car: PartForm

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        if user_input == GUIDED:
            self._guided, self.is_last_step = True, False
            return await self.async_step_charger()
        return await super().async_step_user(user_input)

    async def async_step_charger(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which charger is set up next, if any."""
        picked = None if user_input is None else user_input[NEXT[SUBENTRY_CHARGER]]
        if picked is None:
            return await self._async_ask_next(SUBENTRY_CHARGER)
        if picked == NONE:
            return await self.async_step_vehicle()
        self.form = ChargerForm(self.hass, self._get_entry())
        return await self.async_step_user(None if picked == OTHER else {CONF_DEVICE_ID: picked})

    async def async_step_vehicle(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which car is set up next, if any."""
        picked = None if user_input is None else user_input[NEXT[SUBENTRY_VEHICLE]]
        if picked is None:
            return await self._async_ask_next(SUBENTRY_VEHICLE)
        if picked == NONE:
            return await self.async_step_begin()
        self._car = VehicleForm(self.hass, self._get_entry())
        return await self.async_step_vehicle_device(
            None if picked == OTHER else {CONF_DEVICE_ID: picked}
        )

    async def async_step_begin(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask whether the chargers are to be driven, or only observed at first."""
        entry = self._get_entry()
        if user_input is None:
            return self.async_show_form(step_id="begin", data_schema=BEGIN_SCHEMA, last_step=True)
        if user_input[CONF_OBSERVE]:
            self.hass.config_entries.async_update_entry(
                entry, options={**entry.options, CONF_OBSERVE: True}
            )
        return self.async_abort(
            reason="set_up",
            description_placeholders={"site": entry.title, "plan": PLAN_PATH},
        )

    async def async_step_vehicle_device(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the device of a car."""
        return await self.async_pick(
            "vehicle_device", self._car, user_input, self.async_step_vehicle_choose
        )

    async def async_step_vehicle_choose(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which of two entities of a car it is, where both fit about as well."""
        return await self.async_choose(
            "vehicle_choose", self._car, user_input, self.async_step_vehicle_entities
        )

    async def async_step_vehicle_entities(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Confirm what was found of a car."""
        filled = await self._car.async_fill(user_input, self._car.found)
        if isinstance(filled, Page):
            return self.show("vehicle_entities", filled, last_step=self.is_last_step)
        return await self.async_finish(self._car, filled)

    @override
    async def async_finish(self, form: PartForm, entered: dict[str, Any]) -> SubentryFlowResult:
        if not self._guided:
            return await super().async_finish(form, entered)
        title = entered.pop(CONF_NAME)
        self.hass.config_entries.async_add_subentry(
            self._get_entry(),
            ConfigSubentry(
                data=MappingProxyType(entered),
                subentry_type=form.kind,
                title=title,
                unique_id=None,
            ),
        )
        return await self._async_ask_next(form.kind)

    async def _async_ask_next(self, kind: str) -> SubentryFlowResult:
        added = list(self._get_entry().get_subentries_of_type(kind))
        finds = await self._async_unused(kind)
        texts = await async_proposal_texts(self.hass)
        options = [
            SelectOptionDict(value=find.device_id, label=texts.label(find)) for find in finds
        ]
        picked = options[0]["value"] if options else NONE if added else OTHER
        return self.async_show_form(
            step_id=kind,
            data_schema=next_schema(kind, options, picked),
            description_placeholders={
                "added": "\n".join(f"✓ {subentry.title}" for subentry in added)
            },
            last_step=False,
        )

    async def _async_unused(self, kind: str) -> list[Find]:
        """Return the devices in the house that look like what is asked for."""
        elsewhere = look_elsewhere(self.hass)
        cars = await async_find_cars(self.hass, elsewhere)
        if kind == SUBENTRY_CHARGER:
            others = {find.device_id for find in cars}
            named = elsewhere.of(FindKind.CHARGER)
            return await async_find_chargers(self.hass, others, named)
        known = {
            vehicle.data.get(CONF_SOC_ENTITY)
            for vehicle in self._get_entry().get_subentries_of_type(SUBENTRY_VEHICLE)
        }
        return [find for find in cars if find.data[CONF_SOC_ENTITY] not in known]
