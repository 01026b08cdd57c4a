"""What is asked of a charge point and sent to it through the actions of lbbrhzn/ocpp.

Where a charge point does not answer, one period and one level are assumed.
"""

import asyncio
from collections.abc import Mapping
import re
from typing import Any, Final

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import Context, HomeAssistant, ServiceResponse
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceNotFound,
    ServiceValidationError,
)

from ....const import LOGGER
from .charging_profile import OcppVersion, ProfileCapabilities, RateUnit
from .entities import OCPP_DOMAIN, OcppAddress

_SWITCHES_PHASES: Final = "ConnectorSwitch3to1PhaseSupported"
"""Few know it, and the integration notifies the user of a single key that is not known."""
_GET_CONFIGURATION: Final = "get_configuration"
_SET_PROFILE: Final = "set_charge_rate"
_CLEAR_PROFILES: Final = "clear_profile"
# The integration itself waits 10 s for the charger.
_ANSWER_WITHIN_S: Final = 12.0
_UNIT: Final = "unit"
_PERIODS: Final = "periods"
_LEVELS: Final = "levels"
_KEYS: Final[Mapping[OcppVersion, Mapping[str, str]]] = {
    OcppVersion.V16: {
        _UNIT: "ChargingScheduleAllowedChargingRateUnit",
        _PERIODS: "ChargingScheduleMaxPeriods",
        _LEVELS: "ChargeProfileMaxStackLevel",
    },
    OcppVersion.V201: {
        _UNIT: "SmartChargingCtrlr/RateUnit",
        _PERIODS: "SmartChargingCtrlr/PeriodsPerSchedule",
        _LEVELS: "SmartChargingCtrlr/ProfileStackLevel",
    },
}


class OcppError(Exception):
    """A charge point could not be asked or commanded, as far as is known."""

    def __init__(self, message: str, *, offline: bool = False, answered: bool = True) -> None:
        """Keep what went wrong.

        Args:
            message: What the integration said.
            offline: The charge point is not connected, or the integration not loaded.
            answered: Anything was answered at all.
        """
        super().__init__(message)
        self.offline = offline
        self.answered = answered


async def async_probe(hass: HomeAssistant, devid: str) -> ProfileCapabilities:
    """Ask a charge point what it takes; to be done once per connection.

    All of its configuration is asked for at once: that is one question to the charger, and one
    for a single key that it does not know makes the integration notify the user. OCPP 2.0.1 has
    no such question, which distinguishes the two.

    Raises:
        OcppError: It does not answer.
    """
    version = OcppVersion.V16
    try:
        answer = await _async_ask(hass, devid, None)
    except ServiceValidationError:
        version, answer = OcppVersion.V201, None
    values: dict[str, Any] = {}
    for name, key in _KEYS[version].items():
        if isinstance(answer, Mapping):
            values[name] = answer.get(key)
        else:
            values[name] = await _async_ask(hass, devid, key)
    capabilities = ProfileCapabilities(
        version=version,
        unit=_unit(values.get(_UNIT)),
        max_periods=_at_least(values.get(_PERIODS), 1),
        max_stack_level=_at_least(values.get(_LEVELS), 0),
        # One that does not say so may all the same.
        switches_phases=not isinstance(answer, Mapping)
        or str(answer.get(_SWITCHES_PHASES)).lower() != "false",
    )
    LOGGER.debug("%s takes %s", devid, capabilities)
    return capabilities


async def async_send(
    hass: HomeAssistant, address: OcppAddress, payload: dict[str, Any], context: Context | None
) -> None:
    """Send a charging profile. On OCPP 1.6, no error says nothing: refusals are swallowed.

    Raises:
        OcppError: It was refused, or the charge point cannot be reached.
    """
    data = {
        # Without these two it may reach another charger, or the whole station.
        "devid": address.cpid,
        "conn_id": address.connector,
        "custom_profile": payload,
    }
    try:
        await _async_call(hass, _SET_PROFILE, data, context, answers=False)
    except HomeAssistantError as err:
        raise OcppError(str(err) or type(err).__name__) from err


def can_clear(hass: HomeAssistant) -> bool:
    """Return whether there is an action that removes the profiles of a charge point."""
    return hass.services.has_service(OCPP_DOMAIN, _CLEAR_PROFILES)


async def async_clear(hass: HomeAssistant, devid: str) -> None:
    """Remove everybody's profiles from a charge point of OCPP 1.6.

    Raises:
        OcppError: It does not answer, or cannot be reached.
    """
    try:
        await _async_call(hass, _CLEAR_PROFILES, {"devid": devid}, None, answers=False)
    except HomeAssistantError as err:
        raise OcppError(str(err) or type(err).__name__) from err


async def _async_ask(hass: HomeAssistant, devid: str, key: str | None) -> Any:
    """Return the value of a key, or all of them; None where the charge point does not answer.

    Raises:
        OcppError: It does not answer.
        ServiceValidationError: Its version of OCPP cannot be asked for all.
    """
    data = {"devid": devid} | ({} if key is None else {"ocpp_key": key})
    try:
        answer = await _async_call(hass, _GET_CONFIGURATION, data, None, answers=True)
    except HomeAssistantError as err:
        if key is None and isinstance(err, ServiceValidationError):
            raise
        LOGGER.debug("%s does not tell %s: %s", devid, key or "all", err)
        return None
    except OcppError as err:
        if err.offline or not err.answered:
            raise
        LOGGER.debug("%s does not tell %s: %s", devid, key or "all", err)
        return None
    return None if answer is None else answer.get("value")


async def _async_call(
    hass: HomeAssistant,
    action: str,
    data: dict[str, Any],
    context: Context | None,
    *,
    answers: bool,
) -> ServiceResponse:
    """Call an action, for as long as a charge point may take.

    Raises:
        OcppError: It cannot be reached or does not answer, or something unexpected went wrong.
        HomeAssistantError: The integration refused.
    """
    call = hass.async_create_task(
        hass.services.async_call(
            OCPP_DOMAIN, action, data, blocking=True, context=context, return_response=answers
        ),
        f"{OCPP_DOMAIN} {action} {data['devid']}",
    )
    await asyncio.wait({call}, timeout=_ANSWER_WITHIN_S)
    if not call.done():
        # Left to itself: what is half on its way is not taken back.
        call.add_done_callback(_forget)
        raise OcppError(f"no answer within {_ANSWER_WITHIN_S:g} s", answered=False)
    try:
        return call.result()
    except ServiceNotFound as err:
        # The integration is reloading; to Home Assistant that is a kind of invalid call.
        raise OcppError(str(err), offline=True) from err
    except HomeAssistantError as err:
        if err.translation_key == STATE_UNAVAILABLE:
            raise OcppError(str(err), offline=True) from err
        raise
    except TimeoutError as err:
        raise OcppError("no answer", answered=False) from err
    except Exception as err:
        # From a mistake in the integration to an error of the library below it.
        raise OcppError(str(err) or type(err).__name__) from err


def _forget(call: asyncio.Task[Any]) -> None:
    """Take notice of how a late answer ended, so that nobody complains that nobody did."""
    if not call.cancelled():
        call.exception()


def _unit(value: Any) -> RateUnit:
    """Return the unit to use; A, which suit any number of phases, unless only W are taken."""
    words = set(re.findall(r"[a-z]+", str(value or "").lower()))
    only_power = bool(words & {"w", "power"}) and not words & {"a", "current"}
    return RateUnit.WATT if only_power else RateUnit.AMPERE


def _at_least(value: Any, minimum: int) -> int:
    """Return a reported number; the minimum where it is none."""
    try:
        return max(minimum, int(float(value)))
    except TypeError, ValueError, OverflowError:
        return minimum
