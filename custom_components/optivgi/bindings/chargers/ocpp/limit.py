"""The limit of a charger of lbbrhzn/ocpp: its profile, or its number where it follows none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, override

from homeassistant.const import STATE_UNAVAILABLE, UnitOfElectricCurrent
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ....const import (
    CONF_LIMIT_ACTION,
    CONF_LIMIT_ENTITY,
    CONF_MAX_A,
    CONF_METER_INTERVAL,
    CONF_MIN_A,
    CONF_OCPP_PROFILES,
    CONF_POWER_ENTITY,
    CONF_STATUS_ENTITY,
    CONF_SWITCH_ENTITY,
)
from ..calls import Caller
from ..limit import LimitEntity
from ..limit_controls import EntityLimit, LimitControl
from .charging_profile import MIN_A, Wiring
from .fallback import FallbackNumber, NumberVerdict
from .profile_control import DEFAULT_METER_INTERVAL, OcppAddress, OcppProfileControl, ProfileUse

NUMBER_ONLY = "number"
"""Stands beside the ways to use profiles for not using any."""

# A charger takes so long to act on a profile, and the car to follow.
_ACTS_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True)
class OcppNumber(EntityLimit):
    """A number of the integration; that of the session has no value before it is first set."""

    @override
    def read(self) -> LimitEntity | None:
        state = self.caller.hass.states.get(self.entity_id)
        if state is None or state.state == STATE_UNAVAILABLE:
            return None
        return LimitEntity.from_state(state, self.unit)


class OcppLimit:
    """What a charger's profile allows, shown as a limit in A; its number once profiles failed."""

    def __init__(
        self,
        caller: Caller,
        control: OcppProfileControl,
        configured: LimitControl,
        data: Mapping[str, Any],
    ) -> None:
        """Show what a control has sent.

        Args:
            caller: Calls actions for the charger.
            control: Keeps the profiles.
            configured: The limit that the user picked.
            data: The charger's configuration.
        """
        self.control = control
        self._meter_interval = _meter_interval(data)
        self.settle = self._meter_interval + _ACTS_WITHIN
        """Until then the charger may not have measured its new limit."""
        self.min_a = max(MIN_A, float(data[CONF_MIN_A]))
        self.repeat_number = False
        """The number has to be written once more, as something has taken its place since."""
        self.numbers_before: tuple[str, ...] = ()
        """The numbers that limited it before there were profiles to do so."""
        if CONF_OCPP_PROFILES not in data and configured.entity_id is not None:
            self.numbers_before = (configured.entity_id,)
        self._refused: str | None = None
        self._fallback = FallbackNumber()
        self._caller = caller
        self._configured = configured
        self._name = str(data.get(CONF_STATUS_ENTITY, configured.shown_as))
        self._max_a: float = data[CONF_MAX_A]

    @property
    def number(self) -> LimitControl:
        """What limits the charger where profiles do not: what the user picked, if that can.

        A limit of the session cannot be taken back before it ends, so that comes second.
        """
        entity_ids = (self._configured.entity_id, self.control.fallback_entity)
        numbers = [self._number(entity_id) for entity_id in entity_ids if entity_id is not None]
        usable = (n for n in numbers if n.entity_id != self._refused and not n.missing)
        return next(usable, self._configured)

    def _number(self, entity_id: str) -> OcppNumber:
        return OcppNumber(self._caller, entity_id, UnitOfElectricCurrent.AMPERE)

    @property
    def number_entities(self) -> tuple[str, ...]:
        """The numbers that a person may limit the charger by."""
        others = (self._configured.entity_id, *self.control.entities.number_entities)
        return tuple(dict.fromkeys(filter(None, others)))

    @property
    def entity_id(self) -> str | None:
        """The number."""
        return self.number.entity_id

    @property
    def number_in_use(self) -> str | None:
        """The number while it limits the charger; None while profiles do."""
        return self.entity_id if self.control.failed else None

    @property
    def shown_as(self) -> str:
        """The number once it is used; a profile has no name."""
        return self.number.shown_as if self.control.failed else ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The charge point while it is not connected, or its number while that is unavailable."""
        if self.control.failed:
            return self.number.missing
        return () if self.control.entities.read().connected else (self._name,)

    def read(self) -> LimitEntity | None:
        """Return what the charger may allow now, and the max of the user's own limits."""
        if self.control.failed:
            return self._shown_by_number()
        others_a = [
            limit_a for limit_a in self.control.entities.read().user_limits_a if limit_a > 0
        ]
        max_a = min([self._max_a, *others_a])
        allowed_a = self.control.allowed_a
        return LimitEntity(
            unit=UnitOfElectricCurrent.AMPERE,
            minimum=0.0,
            maximum=max(self.min_a, max_a),
            step=1.0,
            value=max_a if allowed_a is None else allowed_a,
        )

    def _shown_by_number(self) -> LimitEntity | None:
        limit, per_ampere = self.number.read(), self._fallback.per_ampere
        if limit is None or per_ampere == 1:
            return limit
        return replace(
            limit,
            minimum=limit.minimum / per_ampere,
            maximum=limit.maximum / per_ampere,
            step=limit.step / per_ampere,
            value=None if limit.value is None else limit.value / per_ampere,
        )

    def check_number(self, wiring: Wiring) -> NumberVerdict:
        """Return what the charger makes of its number, where that limits it."""
        limit = self._shown_by_number()
        if limit is None or limit.value is None:
            return NumberVerdict.PENDING
        return self._fallback.check(
            limit.value,
            self.control.entities.read(),
            dt_util.utcnow(),
            wiring=wiring,
            unit=self.control.unit,
            patience=self.settle + self._meter_interval,
        )

    def is_due_again(self) -> bool:
        """Return whether the number has to be written once more."""
        return self.control.failed and self.repeat_number

    async def async_raise(self, entity_id: str, context: Context) -> None:
        """Let a number limit nothing any more; nothing is written where it does not.

        Raises:
            HomeAssistantError: The charger's integration refused.
        """
        number = self._number(entity_id)
        limit = number.read()
        if limit is not None and limit.value is not None and limit.value < limit.maximum:
            await number.async_set(limit.maximum, context)

    async def async_set(self, value: float, context: Context) -> None:
        """Write the number."""
        self.repeat_number = False
        number = self.number
        try:
            self._fallback.written_at = dt_util.utcnow()
            # A tenth of an ampere is more than any number shows.
            await number.async_set(round(value * self._fallback.per_ampere, 1), context)
        except HomeAssistantError:
            # Not every charger that has a number for its sessions takes it.
            self._refused = number.entity_id
            raise


def profile_use(data: Mapping[str, Any]) -> ProfileUse | None:
    """Return which profiles a charger gets by its configuration; None for none."""
    use = data.get(CONF_OCPP_PROFILES, ProfileUse.TX_DEFAULT)
    return None if use == NUMBER_ONLY else ProfileUse(use)


def ocpp_address_of(hass: HomeAssistant, data: Mapping[str, Any]) -> OcppAddress | None:
    """Return which connector of which charge point a charger is; None where it is none of OCPP.

    What limits it decides: someone who limits it by something else has a reason.
    """
    if data.get(CONF_LIMIT_ACTION):
        return None
    limit = data.get(CONF_LIMIT_ENTITY)
    if limit is not None and OcppAddress.find(hass, [limit]) is None:
        return None
    keys = (CONF_LIMIT_ENTITY, CONF_SWITCH_ENTITY, CONF_STATUS_ENTITY, CONF_POWER_ENTITY)
    return OcppAddress.find(hass, [data[key] for key in keys if data.get(key)])


def ocpp_limit_of(
    caller: Caller, data: Mapping[str, Any], configured: LimitControl
) -> OcppLimit | None:
    """Return how a charger is limited by profiles; None where it is not.

    Args:
        caller: Calls actions for the charger.
        data: The charger's configuration.
        configured: The limit that the user picked.
    """
    use = profile_use(data)
    if use is None or (address := ocpp_address_of(caller.hass, data)) is None:
        return None
    control = OcppProfileControl(
        caller.hass,
        address,
        max_a=data[CONF_MAX_A],
        use=use,
        meter_interval=_meter_interval(data),
    )
    return OcppLimit(caller, control, configured, data)


def _meter_interval(data: Mapping[str, Any]) -> timedelta:
    seconds = data.get(CONF_METER_INTERVAL)
    return DEFAULT_METER_INTERVAL if seconds is None else timedelta(seconds=seconds)
