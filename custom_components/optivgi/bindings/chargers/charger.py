"""One charger through the entities the user bound: what it reports, and how it is commanded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from homeassistant.core import Context, HomeAssistant, split_entity_id
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util

from ...const import (
    CONF_DISCHARGES,
    CONF_ENERGY_ENTITY,
    CONF_GUEST_TAGS,
    CONF_HAND_BACK,
    CONF_MAX_A,
    CONF_MIN_A,
    CONF_MIN_INCREASE,
    CONF_MIN_INTERVAL,
    CONF_PHASE_ROTATION,
    CONF_PHASES,
    CONF_POWER_ENTITY,
    CONF_SETTLE,
    CONF_STATUS_ENTITY,
    CONF_STOP_RULE,
    CONF_SWITCH_ENTITY,
    CONF_TAG_ENTITY,
    LOGGER,
    HandBack,
    PhaseRotation,
    StopRule,
)
from ...scheduler.model import PHASES, Phase
from ..charging_options import ChargingOptions, weight_of
from ..quantity import energy_kwh, from_ampere, power_kw, valid_state
from .calls import Caller
from .connection import Connection
from .limit import LimitEntity
from .limit_controls import LimitControl, limit_control_of
from .meanings import configured_meanings, connection_of
from .ocpp.by_hand import EndedByHand
from .ocpp.entities import OcppEntities
from .ocpp.following import WITHOUT_TRANSACTION
from .ocpp.limit import ocpp_address_of, ocpp_limit_of, profile_use
from .on_off import on_off_of
from .phase_switch import PhaseSwitch, phase_switch_of
from .tag_names import tag_names
from .words import compact

# A car that draws less than this is not charging; chargers' meters are rarely exactly 0.
CHARGING_KW = 0.1
# No car draws so many times what its charger carries: a meter that says so has the wrong unit.
IMPOSSIBLE = 3
# Meters of house and chargers report at different times. So long after a command, a charger
# is assumed to draw the larger of its measured power and its limit.
_SETTLE_S: Final = 30.0
# A charger that does not start, or ends what it has started, would fill its log and the bills of
# its operator.
_STARTS: Final = 3
# So it is not given up either: the car may be ready by then.
_STARTS_WITHIN: Final = timedelta(hours=1)
# Entities that can only say whether a car is there.
_YES_NO_DOMAINS = frozenset({"binary_sensor", "input_boolean"})


_FINEST_KW: Final = 0.005
"""Powers that differ by less are any: plans know no portion below a watt, of each phase."""
_ROTATIONS: Final[Mapping[str, tuple[Phase, ...]]] = {
    PhaseRotation.L1_L2_L3: ("L1", "L2", "L3"),
    PhaseRotation.L2_L3_L1: ("L2", "L3", "L1"),
    PhaseRotation.L3_L1_L2: ("L3", "L1", "L2"),
}


def phase_order(data: Mapping[str, Any]) -> tuple[Phase, ...] | None:
    """Return the phases of the site that a charger is connected to; None where nobody says."""
    return _ROTATIONS.get(data.get(CONF_PHASE_ROTATION, ""))


def rotation_from(phase: Phase) -> str:
    """Return the phase rotation of a charger whose L1 is connected to a phase of the site."""
    return next(rotation for rotation, order in _ROTATIONS.items() if order[0] == phase)


@dataclass(frozen=True, kw_only=True)
class ChargerReading:
    """What a charger's entities say at one moment.

    Attributes:
        connection: What is known of the car.
        limit: What the limit accepts; None while it cannot be read and written.
        is_on: Whether it may charge; None where it is not switched, or nothing shows it.
        power_kw: Measured power; None where it is not measured.
        given_kw: What it gives back of the car's battery, measured or by its limit.
        measured_at: When it was measured last, as far as its sensor says so.
        missing: Entities that have to be there to drive the charger, and are not.
        stopped: The status says that the car takes no more, and that is not believed.
        ended_by_hand: A person has ended the transaction at the charge point.
        phases: On how many phases it is, where it can switch; None where nothing says so.
    """

    connection: Connection
    limit: LimitEntity | None
    is_on: bool | None
    power_kw: float | None
    missing: tuple[str, ...]
    given_kw: float = 0.0
    measured_at: datetime | None = None
    stopped: bool = False
    ended_by_hand: bool = False
    phases: int | None = None

    @property
    def drawing(self) -> bool:
        """Whether the car charges, by its power where that is measured, else by the status."""
        if self.power_kw is not None:
            return self.power_kw > CHARGING_KW
        return self.connection is Connection.CHARGING


class RememberedCharger(Protocol):
    """What has to be known of a charger after a restart.

    Attributes:
        numbers_left: The numbers in which a limit of ours may still stand, also when something
            else limits the charger by then; None where that was never noted.
    """

    numbers_left: list[str] | None


class Charger:
    """A charger of the site, bound to the entities in its subentry's data."""

    def __init__(
        self,
        hass: HomeAssistant,
        charger_id: str,
        name: str,
        data: Mapping[str, Any],
        voltage: float,
        *,
        remembered: RememberedCharger,
    ) -> None:
        """Bind the entities.

        Args:
            hass: Home Assistant.
            charger_id: Of the charger's subentry.
            name: What people call it.
            data: The charger's configuration.
            voltage: Between phase and neutral, in V.
            remembered: What was noted of it before, and is noted from now on.
        """
        self.id = charger_id
        self.name = name
        self.voltage = voltage
        self.phases: int = int(data[CONF_PHASES])
        self.phase_order = phase_order(data)
        """The phases of the site that it is connected to, its own L1 first; None while unknown."""
        self.min_a: float = data[CONF_MIN_A]
        self.max_a: float = data[CONF_MAX_A]
        self.min_interval = timedelta(seconds=data.get(CONF_MIN_INTERVAL, 0))
        self.settle = timedelta(seconds=data.get(CONF_SETTLE, _SETTLE_S))
        self.switch_entity: str | None = data.get(CONF_SWITCH_ENTITY)
        self.status_entity: str | None = data.get(CONF_STATUS_ENTITY)
        self.power_entity: str | None = data.get(CONF_POWER_ENTITY)
        self.energy_entity: str | None = data.get(CONF_ENERGY_ENTITY)
        self._tag_entity: str | None = data.get(CONF_TAG_ENTITY)
        self.guest_tags = tag_names(data.get(CONF_GUEST_TAGS, ()))
        self.guest_options = ChargingOptions(weight=weight_of(data))
        """How guests are charged here."""
        self.min_increase_a: float = data.get(CONF_MIN_INCREASE, 0.0)
        """Smaller increases are not worth a command, in A per phase."""
        self.discharges: bool = data.get(CONF_DISCHARGES, False)
        """It gives back of a car's battery where its limit is below 0."""
        self.hand_back = HandBack(data.get(CONF_HAND_BACK, HandBack.MIN))
        self._meanings = configured_meanings(data)
        self._hass = hass
        self._remembered = remembered
        caller = Caller(hass, name)
        rule = data.get(CONF_STOP_RULE, StopRule.SWITCH)
        self._on_off = on_off_of(caller, data) if rule == StopRule.SWITCH else None
        self.offered_phases = self.phases
        """How many phases it offers at present; whoever knows writes it."""
        limit = limit_control_of(
            caller,
            data,
            voltage,
            switched=self._on_off is not None,
            part=lambda: self.offered_phases / self.phases,
        )
        address = ocpp_address_of(hass, data)
        self._ended = None if address is None else EndedByHand(OcppEntities(hass, address))
        self.profiles = ocpp_limit_of(caller, data, limit)
        """How it follows plans by itself; None where it cannot."""
        self._limit: LimitControl = limit
        if self.profiles is not None:
            self._limit = self.profiles
            self.settle = max(self.settle, self.profiles.settle)
        self.phase_switch: PhaseSwitch | None = None
        """How it is switched to one phase and back; None where it cannot be."""
        if self.phases == len(PHASES):
            control = None if self.profiles is None else self.profiles.control
            self.phase_switch = phase_switch_of(caller, data, control)
        # It is slowed down instead of stopped; where that is learned, until the next car.
        self._never_stops = rule == StopRule.NEVER
        self._refuses_zero = self._never_stops
        self._started: list[datetime] = []

    @property
    def follows_profiles(self) -> bool:
        """Whether charging profiles limit it, and did not fail to."""
        return self.profiles is not None and not self.profiles.control.failed

    def uses_other_profiles(self, data: Mapping[str, Any]) -> bool:
        """Return whether profiles that were sent to it are not those of another configuration."""
        return self.profiles is not None and self.profiles.control.use != profile_use(data)

    @property
    def limit_entity(self) -> str | None:
        """The entity that shows the limit."""
        return self._limit.entity_id

    @property
    def limit_shown_as(self) -> str:
        """What people know the limit as; where there is none, what switches the charger."""
        return self._limit.shown_as or self.switch_entity or self.name

    @property
    def may_start(self) -> bool:
        """Whether it may be asked to start once more: of OCPP, each is a transaction."""
        now = dt_util.utcnow()
        self._started = [at for at in self._started if now - at < _STARTS_WITHIN]
        return self._ended is None or len(self._started) < _STARTS

    @property
    def shows_drawing(self) -> bool:
        """Whether it is known of a car that is plugged in if it draws, and not only assumed."""
        status = self.status_entity
        says = status is not None and split_entity_id(status)[0] not in _YES_NO_DOMAINS
        return self.power_entity is not None or says

    @property
    def can_switch(self) -> bool:
        """Whether it is started and stopped by something else than its limit."""
        return self._on_off is not None

    @property
    def entity_ids(self) -> tuple[str, ...]:
        """The entities that are bound."""
        others = (self.status_entity, self.power_entity, self._tag_entity)
        watched = () if self.profiles is None else self.profiles.control.watched_entities
        return (*self.command_entity_ids, *self.phase_entity_ids, *filter(None, others), *watched)

    @property
    def phase_entity_ids(self) -> tuple[str, ...]:
        """The entity that shows on how many phases it is, where there is one."""
        entity_id = None if self.phase_switch is None else self.phase_switch.entity_id
        return () if entity_id is None else (entity_id,)

    @property
    def command_entity_ids(self) -> tuple[str, ...]:
        """The entities that commands show at."""
        switched = () if self._on_off is None else self._on_off.entity_ids
        if self.profiles is not None:
            return (*self.profiles.number_entities, *switched)
        return (*filter(None, (self.limit_entity,)), *switched)

    def read_tag(self, since: datetime) -> str | None:
        """Return the RFID tag that was held to it, as tags are compared; None for none.

        Args:
            since: What was reported before belongs to somebody who has left: some sensors keep it.
        """
        state = valid_state(self._hass, self._tag_entity)
        return None if state is None or state.last_reported < since else compact(state.state)

    def read_energy(self) -> tuple[float, datetime] | None:
        """Return the total of its own meter in kWh, and when that was reported; None without."""
        state = valid_state(self._hass, self.energy_entity)
        kwh = energy_kwh(state)
        return None if state is None or kwh is None else (kwh, state.last_reported)

    def read(self) -> ChargerReading:
        """Read the entities as they are now."""
        limit = self._read_limit()
        power = self._read_power()
        reported = self._reported_connection()
        given_kw = self._given_kw(power, limit)
        if self._ended is not None and self._has_no_transaction():
            # What was measured last of a transaction stays to be seen after it.
            power = 0.0
        drawing = reported is Connection.CHARGING if power is None else power > CHARGING_KW
        is_on = None if self._on_off is None else self._on_off.is_on(drawing=drawing)
        connection = reported
        if reported is Connection.PLUGGED and self._charges(power, limit, is_on):
            connection = Connection.CHARGING
        missing = (*self._limit.missing, *(self._on_off.missing if self._on_off else ()))
        if connection is Connection.UNPLUGGED:
            # There is nothing to drive, and some chargers hide their controls meanwhile.
            missing = ()
            self._refuses_zero = self._never_stops
            self._started.clear()
            if self._on_off is not None:
                self._on_off.forget()
        return ChargerReading(
            connection=connection,
            limit=limit,
            is_on=is_on,
            power_kw=None if power is None else max(0.0, power),
            given_kw=given_kw,
            measured_at=self._measured_at,
            missing=missing,
            ended_by_hand=self._ended is not None and self._ended.look(),
            phases=None if self.phase_switch is None else self.phase_switch.read(),
        )

    def _given_kw(self, power: float | None, limit: LimitEntity | None) -> float:
        """Return what it gives back, measured or else by its limit; nothing where it cannot."""
        if not self.discharges or limit is None:
            return 0.0
        if power is not None:
            return max(0.0, -power)
        return max(0.0, -limit.to_kw(limit.value or 0.0, phases=self.phases, voltage=self.voltage))

    def max_given_kw(self, reading: ChargerReading, phases: int) -> float:
        """Return the most that it may give back of a car on so many phases, in kW."""
        if not self.discharges or (limit := reading.limit) is None:
            return 0.0
        return max(0.0, -limit.to_kw(limit.minimum, phases=phases, voltage=self.voltage))

    def _read_power(self) -> float | None:
        """Return what is measured in kW; None where it is not, or cannot be."""
        power = power_kw(valid_state(self._hass, self.power_entity))
        max_kw = self.max_a * self.voltage * self.phases / 1000
        return None if power is None or power > IMPOSSIBLE * max_kw else power

    @property
    def _measured_at(self) -> datetime | None:
        state = valid_state(self._hass, self.power_entity)
        return None if state is None else state.last_reported

    def _read_limit(self) -> LimitEntity | None:
        limit = self._limit.read()
        if limit is not None and self._refuses_zero and limit.accepts_zero:
            minimum = self.min_a
            if limit.is_power:
                per_kw = limit.to_kw(1.0, phases=self.offered_phases, voltage=self.voltage)
                minimum = minimum * self.voltage * self.offered_phases / 1000 / per_kw
            else:
                minimum = from_ampere(minimum, limit.unit)
            return replace(limit, minimum=minimum)
        return limit

    def _has_no_transaction(self) -> bool:
        """Return whether a charger of OCPP says that no transaction runs: nothing is drawn then."""
        state = valid_state(self._hass, self.status_entity)
        return state is not None and state.state in WITHOUT_TRANSACTION

    def _reported_connection(self) -> Connection:
        """Return what the status says of the car."""
        if self.status_entity is None:
            # Where nothing shows whether a car is there, planning for one does no harm.
            return Connection.PLUGGED
        state = valid_state(self._hass, self.status_entity)
        if state is None:
            return Connection.UNKNOWN
        return connection_of(state.state, self._meanings)

    def meant_plugged(self, state: str) -> bool | None:
        """Return whether a state of its status means that a car is there; None where unknown."""
        connection = connection_of(state, self._meanings)
        if connection in {Connection.UNKNOWN, Connection.FAULT}:
            return None
        return connection.plugged

    def _charges(self, power: float | None, limit: LimitEntity | None, is_on: bool | None) -> bool:
        """Return whether a car that is plugged in charges, where the status does not say so."""
        if self.shows_drawing:
            return power is not None and power > CHARGING_KW
        # Nothing shows it: it is assumed to use its limit.
        allowed = limit is not None and (limit.value or 0.0) > 0
        return allowed and is_on is not False

    def by_itself_kw(self, reading: ChargerReading, phases: int) -> float | None:
        """Return what it may allow a car without a command, in kW.

        None where it allows nothing but its present limit.
        """
        return (self.limit_kw(reading, phases) or 0.0) if self.follows_profiles else None

    def limit_kw(self, reading: ChargerReading, phases: int) -> float | None:
        """Return what a car on so many phases may draw by what stands in the charger, in kW."""
        if reading.is_on is False:
            return 0.0
        if reading.limit is None or reading.limit.value is None:
            return None
        # Below 0 it gives back, and lets the car draw nothing.
        return max(
            0.0, reading.limit.to_kw(reading.limit.value, phases=phases, voltage=self.voltage)
        )

    def offered_kw(self, phases: int) -> float | None:
        """Return what it offers a car on so many phases, in kW; None where that is its limit.

        Something else may limit it, as another profile in it does.
        """
        if self.profiles is None:
            return None
        seen = self.profiles.control.entities.read()
        if seen.offered_a is not None:
            return seen.offered_a * self.voltage * phases / 1000
        return seen.offered_kw

    def lets_draw(self, reading: ChargerReading) -> bool:
        """Return whether a car may draw by what stands in the charger, as far as that is known."""
        if self.profiles is not None and self.follows_profiles and self.profiles.control.pauses:
            return False
        limit_kw = self.limit_kw(reading, self.offered_phases)
        min_kw, _ = self.range_kw(reading, self.offered_phases)
        return limit_kw is None or limit_kw >= min_kw - CHARGING_KW

    def range_kw(self, reading: ChargerReading, phases: int) -> tuple[float, float]:
        """Return the min and max power of a car on so many phases here, in kW."""
        per_ampere = self.voltage * phases / 1000
        min_kw, max_kw = self.min_a * per_ampere, self.max_a * per_ampere
        if (limit := reading.limit) is not None:
            min_kw = max(min_kw, limit.to_kw(limit.minimum, phases=phases, voltage=self.voltage))
            max_kw = min(max_kw, limit.to_kw(limit.maximum, phases=phases, voltage=self.voltage))
        return min_kw, max(min_kw, max_kw)

    def step_kw(self, reading: ChargerReading, phases: int) -> float:
        """Return by how much two limits of a car on so many phases differ at least, in kW.

        That is 0 where they may be any: nobody plans with a few watts, or milliamperes.
        """
        if (limit := reading.limit) is None:
            return 0.0
        step_kw = limit.to_kw(limit.step, phases=phases, voltage=self.voltage)
        return step_kw if step_kw >= _FINEST_KW else 0.0

    def is_due_again(self) -> bool:
        """Return whether a limit with a lifetime has to be sent again before it ends."""
        return self._limit.is_due_again()

    def note_zero_ignored(self, reading: ChargerReading) -> None:
        """Learn from a charger that stays at its min current when it is sent 0."""
        if (limit := reading.limit) is None or not limit.value:
            return
        kept_kw = limit.to_kw(limit.value, phases=self.phases, voltage=self.voltage)
        min_kw = self.min_a * self.voltage * self.phases / 1000
        self._refuses_zero = self._never_stops or kept_kw <= min_kw + CHARGING_KW

    async def async_set_limit(self, value: float, context: Context) -> None:
        """Write the limit, in its own unit.

        Raises:
            HomeAssistantError: The charger's integration refused.
        """
        self._note_number()
        try:
            await self._limit.async_set(value, context)
        except HomeAssistantError as err:
            if value == 0 and isinstance(err.__cause__, ServiceValidationError | ValueError):
                self._refuses_zero = True
            raise

    def _note_number(self) -> None:
        """Remember that a limit of ours stands in a number, as it stays there when we do not."""
        entity_id, left = self.limit_entity, self._remembered.numbers_left or []
        if entity_id is not None and entity_id not in left:
            self._remembered.numbers_left = [*left, entity_id]

    async def async_raise_numbers(self) -> None:
        """Take our limits out of the numbers that do not limit the charger any more."""
        if self.profiles is None:
            return
        if self._remembered.numbers_left is None:
            self._remembered.numbers_left = list(self.profiles.numbers_before)
        left = self._remembered.numbers_left
        for entity_id in [number for number in left if number != self.profiles.number_in_use]:
            try:
                await self.profiles.async_raise(entity_id, Context())
            except HomeAssistantError as err:
                LOGGER.debug("%s", err)
            else:
                left.remove(entity_id)

    async def async_switch(self, *, on: bool, context: Context) -> None:
        """Start or stop the charger; does nothing where only its limit does that.

        Raises:
            HomeAssistantError: The charger's integration refused.
        """
        if self._on_off is not None:
            if on:
                self._started.append(dt_util.utcnow())
            await self._on_off.async_set(on=on, context=context)
