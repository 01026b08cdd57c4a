"""The action that says what the last weeks would have cost."""

from typing import Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
import voluptuous as vol

from ..backtest.past import DEFAULT_WEEKS, MOST_WEEKS
from ..backtest.report import in_plain_types
from ..const import DOMAIN
from ..explain.backtest import notes_of
from .permissions import async_require_read
from .targets import find_site

SERVICE_BACKTEST: Final = "backtest"
ATTR_WEEKS: Final = "weeks"
_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): str,
        vol.Optional(ATTR_WEEKS, default=DEFAULT_WEEKS): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=MOST_WEEKS)
        ),
    }
)


@callback
def async_setup_backtest_service(hass: HomeAssistant) -> None:
    """Register the action."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_BACKTEST,
        _async_backtest,
        schema=_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


async def _async_backtest(call: ServiceCall) -> ServiceResponse:
    """Answer with what the last weeks cost, and would have cost."""
    entry = find_site(call)
    await async_require_read(call, entry)
    backtest = await entry.runtime_data.backtester.async_run(call.data[ATTR_WEEKS])
    return in_plain_types(backtest) | {
        "currency": call.hass.config.currency,
        "notes": notes_of(backtest, entry.runtime_data.texts),
    }
