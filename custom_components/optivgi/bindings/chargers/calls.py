"""Calls to the actions of a charger's integration; whatever goes wrong is a refusal."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from homeassistant.const import ATTR_ENTITY_ID, CONF_ACTION
from homeassistant.core import Context, HomeAssistant, split_entity_id
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import ServiceParams, async_prepare_call_from_config
import voluptuous as vol

from ...const import DOMAIN
from ...errors import as_part, text_of

# A command that takes longer would delay the other chargers; clouds answer within seconds.
_ANSWER_WITHIN_S: Final = 10.0

type Actions = Sequence[Mapping[str, Any]]
"""Actions as people enter them in automations, one after the other."""


def is_understood(actions: Any) -> bool:
    """Return whether what was entered is a list of actions, and nothing else of scripts."""
    if not isinstance(actions, list) or not actions:
        return False
    try:
        for action in actions:
            cv.SERVICE_SCHEMA(action)
    except vol.Invalid:
        return False
    return True


def actions_missing(hass: HomeAssistant, actions: Actions) -> list[str]:
    """Return which of these actions nobody offers."""
    names = [str(action[CONF_ACTION]) for action in actions if CONF_ACTION in action]
    return [name for name in names if not hass.services.has_service(*name.split(".", 1))]


class Caller:
    """Calls actions for one charger, in its name."""

    def __init__(self, hass: HomeAssistant, charger: str) -> None:
        """Call for a charger of this name."""
        self.hass = hass
        self._charger = charger

    async def async_call(
        self, entity_id: str, action: str, data: Mapping[str, Any], context: Context
    ) -> None:
        """Call an action of the entity's own domain.

        Raises:
            HomeAssistantError: The charger's integration refused.
        """
        call: ServiceParams = {
            "domain": split_entity_id(entity_id)[0],
            "service": action,
            "service_data": {ATTR_ENTITY_ID: entity_id, **data},
            "target": None,
        }
        await self._async_call(entity_id, call, context)

    async def async_run(
        self, actions: Actions, variables: Mapping[str, Any], context: Context
    ) -> None:
        """Call actions as they were entered, with variables for the templates in their data.

        Raises:
            HomeAssistantError: The charger's integration refused, or a template cannot be read.
        """
        for action in actions:
            try:
                call = async_prepare_call_from_config(
                    self.hass, dict(action), dict(variables), validate_config=True
                )
            except HomeAssistantError as err:
                raise self._refusal(str(action.get(CONF_ACTION)), err) from err
            await self._async_call(f"{call['domain']}.{call['service']}", call, context)

    async def _async_call(self, shown: str, params: ServiceParams, context: Context) -> None:
        call = self.hass.async_create_task(
            self.hass.services.async_call(**params, blocking=True, context=context),
            f"{DOMAIN} {params['service']} {shown}",
        )
        # A slow charger may go on with it, as when a car has to wake up; the others must not wait.
        await asyncio.wait({call}, timeout=_ANSWER_WITHIN_S)
        if not call.done():
            call.add_done_callback(_forget)
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="charger_write_unanswered",
                translation_placeholders={
                    "charger": self._charger,
                    "entity": shown,
                    "seconds": f"{_ANSWER_WITHIN_S:g}",
                },
            )
        if (err := call.exception()) is not None:
            # Another integration's action may raise anything; to us it is a refusal.
            raise self._refusal(shown, err) from err

    def _refusal(self, shown: str, error: BaseException) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="charger_write_failed",
            translation_placeholders={
                "charger": self._charger,
                "entity": shown,
                "error": as_part(text_of(self.hass, error)),
            },
        )


def _forget(call: asyncio.Task[Any]) -> None:
    """Take notice of how a late answer ended, so that nobody complains that nobody did."""
    if not call.cancelled():
        call.exception()
