"""What has to survive a restart: the user's settings and the charging sessions."""

from dataclasses import dataclass, field
from datetime import datetime, time
from functools import reduce
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from pydantic import TypeAdapter, ValidationError

from ..bindings.house.habit import MeterHabit
from ..bindings.house.operator_limit import OperatorMemory
from ..bindings.tariffs.series import PriceSeries
from ..cars.departures import Departure
from ..cars.learned_efficiency import LearnedEfficiency, Reading
from ..cars.presence import Sighting
from ..cars.reservation import Reservation
from ..cars.soc import FULL_SOC
from ..cars.soc_track import SocTrack
from ..const import DEFAULT_TARGET_SOC, DOMAIN, LOGGER, Mode, PhaseLock
from ..scheduler.model import Phase
from ..sessions.ledger import Ledger
from ..truth.phase_mode import PhaseRecord
from ..truth.take import Take

# Of what is stored; Home Assistant migrates by it.
_VERSION: Final = 1
# Several changes at once are written once; a crash loses no more than this.
_SAVE_DELAY_S: Final = 5.0

# About 100 km of driving.
DEFAULT_ENERGY_KWH: Final = 20.0


@dataclass(kw_only=True)
class TemporaryMode:
    """What ends a mode by itself, whichever comes first, and what comes after it.

    Attributes:
        then: The mode that comes after it.
        until: When it ends; None for not by the clock.
        soc: The state of charge it ends at, in %; None for not by that.
        energy_kwh: Energy into the battery it ends after; None for not by that.
        from_kwh: What had been drawn in the session when it began.
    """

    then: Mode
    until: datetime | None = None
    soc: float | None = None
    energy_kwh: float | None = None
    from_kwh: float = 0.0


@dataclass(kw_only=True)
class ChargerSettings:
    """What the user set at a charger.

    Attributes:
        mode: How it is to charge.
        temporary: What ends that mode by itself; None where it stays.
        vehicle_id: The car that is there, or None for a guest.
        vehicle_selected: The user said so.
        vehicle_identified: The car itself reported that it was plugged in there. Else it is the one
            that usually charges there.
        energy_kwh: Energy to add where the car's state of charge is not known.
        departure: When a guest's car has to be ready, local time.
        numbers_left: What the charger itself notes of its numbers.
        phase: The phase of the site that cars draw from there which use one; None while unknown.
        once: When the guest leaves, as said for this stay only.
        phase_lock: On how many phases it is to charge, where it can switch.
        phase_record: What it was commanded of that.
    """

    mode: Mode = Mode.SMART
    temporary: TemporaryMode | None = None
    vehicle_id: str | None = None
    vehicle_selected: bool = False
    vehicle_identified: bool = False
    energy_kwh: float = DEFAULT_ENERGY_KWH
    departure: time = time(7)
    numbers_left: list[str] | None = None
    phase: Phase | None = None
    once: Departure | None = None
    phase_lock: PhaseLock = PhaseLock.AUTO
    phase_record: PhaseRecord = field(default_factory=PhaseRecord)


@dataclass(kw_only=True)
class VehicleSettings:
    """What the user set for a car.

    Attributes:
        target_soc: State of charge wanted by departure, in %.
        departure: Local time of day.
        min_soc: State of charge up to which it is charged at once, whatever the price, in %.
        limit_soc: State of charge beyond which it is never charged, in %.
        configured: Target and departure as they stood in the car's configuration when they
            were taken over; a later change there replaces what was set here.
        once: When the car leaves, as said for this stay only.
    """

    target_soc: float = DEFAULT_TARGET_SOC
    departure: time = time(7)
    min_soc: float = 0.0
    limit_soc: float = FULL_SOC
    configured: tuple[float, time] | None = None
    once: Departure | None = None


@dataclass(kw_only=True)
class VehicleHistory:
    """What is remembered of a car beside what the user set.

    Attributes:
        track: What it reported of its state of charge.
        efficiency: What was learned of its efficiency; None before it was ever asked for.
        left_at: When it was last unplugged from a charger of the site.
        left_soc: Its state of charge then, in %, where that was known.
        sighting: Its last report of where it is.
        takes: What it takes of a limit, by the number of phases that its charger offers.
    """

    track: SocTrack = field(default_factory=SocTrack)
    efficiency: LearnedEfficiency | None = None
    left_at: datetime | None = None
    left_soc: float | None = None
    sighting: Sighting | None = None
    takes: dict[int, Take] = field(default_factory=dict)


@dataclass(kw_only=True)
class Session:
    """One car at one charger, from plug-in to unplugging.

    Attributes:
        plugged_at: Since when the car is plugged in; None while none is.
        departure: The departure it is charged for; kept when it passes with energy missing.
        departure_said: Who said so, and what is wanted by then.
        reservation: The reservation that this car has come for.
        delivered_kwh: Energy drawn since plug-in.
        given_kwh: Energy given back since plug-in, at the plug.
        energy_kwh: Energy to add for a guest who stays for this session; None for the usual one.
        soc: A state of charge that the car reported or the user entered, in %, and that what was
            drawn since is added to.
        delivered_at_soc_kwh: What had been drawn then.
        soc_told: The last one it reported that is believed.
        soc_typed_at: When the user entered it; None where the car reported it.
        learn_from: The first reading of this session to learn the car's efficiency from.
        learn_to: The last one.
        ready_for: The target in % and the time of departure for which it was found ready.
        held: The user operated the charger by hand, so it is left alone until unplugging.
        held_by: Who else did, again and again; None for the user.
        held_until: When it is commanded again; None for not before unplugging.
        shortage_accepted: The user was asked about what will be missing, and lets it be.
        finished: The charger says that the car takes no more, and that is believed: it could have
            drawn.
        tag: The RFID tag that was held to the charger, as tags are compared.
        limit_written: What was last written to the car's own limit, in %.
        phases_held: The user switched its phases by hand, so they are left alone until unplugging.
    """

    plugged_at: datetime | None = None
    departure: datetime | None = None
    departure_said: Departure | None = None
    reservation: Reservation | None = None
    delivered_kwh: float = 0.0
    given_kwh: float = 0.0
    energy_kwh: float | None = None
    soc: float | None = None
    delivered_at_soc_kwh: float = 0.0
    soc_told: float | None = None
    soc_typed_at: datetime | None = None
    learn_from: Reading | None = None
    learn_to: Reading | None = None
    ready_for: tuple[float, time] | None = None
    held: bool = False
    held_by: str | None = None
    held_until: datetime | None = None
    shortage_accepted: bool = False
    finished: bool = False
    tag: str | None = None
    limit_written: float | None = None
    phases_held: bool = False

    def forget_vehicle(self) -> None:
        """Forget what was known of the car: it is another one."""
        self.departure = self.departure_said = self.ready_for = self.energy_kwh = None
        self.soc = self.soc_told = self.soc_typed_at = None
        self.learn_from = self.learn_to = self.limit_written = None


@dataclass(kw_only=True)
class CircuitHabits:
    """How often the meters of a circuit report.

    Attributes:
        meter: The one for all its phases.
        phases: Those of its phases.
    """

    meter: MeterHabit = field(default_factory=MeterHabit)
    phases: dict[Phase, MeterHabit] = field(default_factory=dict)


@dataclass(kw_only=True)
class PeakMemory:
    """What was imported in the billing period of a tariff on the highest power.

    Attributes:
        rule: What the tariff said then: of another one this means nothing.
        month: The month that is running, such as 2026-11; empty before anything was measured.
        highest: What counted of its highest intervals, in kW, by their beginning and by component.
        earlier: What was billed of months before, in kW.
        began: When the running interval began; None before anything was measured.
        imported_kwh: What was imported in it so far.
        seen_at: Until when.
    """

    rule: str = ""
    month: str = ""
    highest: dict[int, dict[datetime, float]] = field(default_factory=dict)
    earlier: dict[str, float] = field(default_factory=dict)
    began: datetime | None = None
    imported_kwh: float = 0.0
    seen_at: datetime | None = None


@dataclass(kw_only=True)
class BatteryMemory:
    """What is remembered of a home battery.

    Attributes:
        meter: How often its power is reported.
        held: While it is held back, what its entities had before, by their ids.
    """

    meter: MeterHabit = field(default_factory=MeterHabit)
    held: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Memory:
    """All that is remembered of a site, by subentry id, of its meter, by phase, and of prices.

    Those are kept by where they come from: of another source they mean nothing. Of entities that
    are used, the ids in Home Assistant's registry are kept, which no rename changes.
    """

    chargers: dict[str, ChargerSettings] = field(default_factory=dict)
    vehicles: dict[str, VehicleSettings] = field(default_factory=dict)
    histories: dict[str, VehicleHistory] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    meter: MeterHabit = field(default_factory=MeterHabit)
    phases: dict[Phase, MeterHabit] = field(default_factory=dict)
    circuits: dict[str, CircuitHabits] = field(default_factory=dict)
    batteries: dict[str, BatteryMemory] = field(default_factory=dict)
    reservations: dict[str, Reservation] = field(default_factory=dict)
    prices: dict[str, PriceSeries] = field(default_factory=dict)
    peaks: dict[str, PeakMemory] = field(default_factory=dict)
    operator: OperatorMemory = field(default_factory=OperatorMemory)
    entities: dict[str, str] = field(default_factory=dict)
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    observing_since: datetime | None = None


_ADAPTER: Final = TypeAdapter(Memory)


def _drop_bad_values(kept: Any) -> list[str]:
    """Take out of a stored memory what cannot be understood; return what that was.

    A value that its surroundings cannot do without takes those along.
    """
    lost = []
    while (bad := _first_bad_value(kept)) is not None:
        lost.append(".".join(bad) or "all")
        if not bad:
            return lost
        *outside, key = bad
        del reduce(dict.__getitem__, outside, kept)[key]
    if lost:
        for vehicle in kept.get("vehicles", {}).values():
            # What a person set and is lost is again as configured.
            lasting = zip(
                ("target_soc", "departure"), vehicle.get("configured") or (), strict=False
            )
            for key, configured in lasting:
                vehicle.setdefault(key, configured)
    return lost


def _first_bad_value(kept: Any) -> tuple[str, ...] | None:
    """Return the keys that lead to a value that cannot be understood; None where all can be."""
    try:
        _ADAPTER.validate_python(kept)
    except ValidationError as err:
        path: list[str] = []
        value = kept
        for key in err.errors()[0]["loc"]:
            # The error may be in a list, at a key itself, or that something is missing.
            if not isinstance(value, dict) or key not in value:
                break
            path.append(str(key))
            value = value[key]
        return tuple(path)
    return None


class MemoryStore:
    """Keeps a site's Memory on disk."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the file by the site's config entry."""
        self._store = Store[dict[str, Any]](hass, _VERSION, f"{DOMAIN}.{entry_id}")
        self.memory = Memory()

    async def async_load(self) -> None:
        """Read what is kept; a value that cannot be understood costs only itself."""
        kept = await self._store.async_load() or {}
        if lost := _drop_bad_values(kept):
            LOGGER.warning("Settings could not be read and start anew: %s", ", ".join(lost))
        if isinstance(kept, dict):
            self.memory = _ADAPTER.validate_python(kept)

    def save_soon(self) -> None:
        """Write within seconds; several changes are written once."""
        self._store.async_delay_save(self._dump, _SAVE_DELAY_S)

    async def async_save(self) -> None:
        """Write now."""
        await self._store.async_save(self._dump())

    async def async_remove(self) -> None:
        """Delete what is kept."""
        await self._store.async_remove()

    def _dump(self) -> dict[str, Any]:
        dumped: dict[str, Any] = _ADAPTER.dump_python(self.memory, mode="json")
        return dumped
