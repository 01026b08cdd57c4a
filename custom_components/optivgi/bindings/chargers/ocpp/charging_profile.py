"""A car's limits over time as an OCPP charging profile, which the charger follows by itself.

A charger that holds one goes on with the plan when it gets no more commands, and after
the plan keeps to the safe limit. Whatever has to be simplified for a charger is simplified
downwards: at no time does a profile allow more than the plan.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from itertools import pairwise
import math
from typing import Any, Final

from ....scheduler.model import Horizon, PerStep

MIN_A: Final = 6.0
"""What a car can charge at least with by IEC 61851; anything between that and 0 is undefined."""

# A profile that starts in the future leaves the charger without any limit until then, and the
# clocks of charger and house differ a little.
_CLOCK_SLACK: Final = timedelta(minutes=1)
# So much of the future stays as planned, however few periods a charger can hold.
_NEAR: Final = timedelta(hours=1)
# The limits of OCPP have one decimal; 6 A must not become 5.9 A for being 5.9999999 A.
_TENTHS: Final = 10
# Of binary fractions; far below the tenths of an ampere that are sent.
_ROUNDING: Final = 1e-6
# The schema of OCPP 2.0.1 allows no more.
_MAX_PERIODS: Final = 1024
# lbbrhzn/ocpp itself uses 1, 1000 and 2000 to 4999.
_FIRST_ID: Final = 7000


class OcppVersion(StrEnum):
    """A version of OCPP with its own shape of profiles."""

    V16 = "1.6"
    V201 = "2.0.1"


class RateUnit(StrEnum):
    """What the limits of a profile are given in."""

    AMPERE = "A"
    """Per phase."""
    WATT = "W"
    """All phases together."""


class Purpose(IntEnum):
    """What a profile holds for; the number becomes part of its id."""

    TX_DEFAULT = 1
    """Every transaction at the connector that has no profile of its own."""
    TX = 2
    """One transaction; ends with it."""

    @property
    def ocpp(self) -> str:
        """The name in OCPP."""
        return "TxProfile" if self is Purpose.TX else "TxDefaultProfile"


@dataclass(frozen=True, kw_only=True)
class ProfileCapabilities:
    """What profiles a charger takes; the defaults are what any charger should.

    Attributes:
        version: The version of OCPP it speaks.
        unit: What it wants limits in.
        max_periods: How many periods a profile may have.
        max_stack_level: The highest level, which wins over those below.
        switches_phases: It goes by the number of phases in a profile; it is asked to, unless it
            says that it cannot.
    """

    version: OcppVersion
    unit: RateUnit = RateUnit.AMPERE
    max_periods: int = 1
    max_stack_level: int = 0
    switches_phases: bool = True

    @property
    def stack_level(self) -> int:
        """Ours: the one below the highest, which is left to limits that the user sets."""
        return max(0, self.max_stack_level - 1)


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """How a car is connected at a charger.

    Attributes:
        phases: How many phases it draws from.
        voltage: Between phase and neutral, in V.
        min_a: What it can charge at least with; less is a pause.
        of_charger: How many phases the charger has; None for as many as the car draws from.
    """

    phases: int
    voltage: float
    min_a: float = MIN_A
    of_charger: int | None = None

    def rate(self, limit_kw: float, unit: RateUnit) -> float:
        """Return a limit in a charger's unit, rounded down; 0 where no car can charge with it."""
        watt_per_rate = 1.0 if unit is RateUnit.WATT else self.voltage * self.phases
        min_rate = self.min_a * self.voltage * self.phases / watt_per_rate
        rate = math.floor(limit_kw * 1000 / watt_per_rate * _TENTHS + _ROUNDING) / _TENTHS
        return rate if rate >= min_rate - _ROUNDING else 0.0

    def ampere(self, rate: float, unit: RateUnit) -> float:
        """Return a limit in a charger's unit as A per phase."""
        return rate if unit is RateUnit.AMPERE else rate / (self.voltage * self.phases)


@dataclass(frozen=True, kw_only=True)
class PlannedLimits:
    """The max power of a car: over the steps of a plan, and after it.

    Attributes:
        horizon: The steps.
        limit_kw: The limit in each.
        safe_kw: What it may draw while nobody watches and nothing is planned any more.
        cap_kw: What the connection leaves at present, where that is less than planned.
        cap_until: How long that is taken to last.
    """

    horizon: Horizon
    limit_kw: PerStep
    safe_kw: float
    cap_kw: float | None = None
    cap_until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse limits that do not belong to the steps."""
        if len(self.limit_kw) != len(self.horizon):
            raise ValueError("there must be one limit for each step")

    def limit_kw_at(self, moment: datetime) -> float:
        """Return the limit at a moment; before the plan, that of its first step."""
        edges = self.horizon.edges
        index = max(0, bisect_right(edges, moment) - 1)
        limit_kw = self.limit_kw[index] if index < len(self.limit_kw) else self.safe_kw
        if self.cap_kw is not None and self.cap_until is not None and moment < self.cap_until:
            limit_kw = min(limit_kw, self.cap_kw)
        return max(0.0, limit_kw)


@dataclass(frozen=True)
class ProfilePeriod:
    """A part of a profile: a limit in the charger's unit, from some seconds after its start on."""

    start_s: int
    limit: float


@dataclass(frozen=True, kw_only=True)
class ChargingProfile:
    """A charging profile, not yet in the words of one version of OCPP.

    Attributes:
        connector: Where it is for; from 1 on.
        purpose: What it holds for.
        stack_level: Its rank among those of its purpose.
        unit: What its limits are given in.
        phases: How many phases the car draws from.
        start: When its first period begins: whole seconds in UTC, in the past.
        periods: Its parts, in order; the last one holds for ever.
        transaction_id: The transaction it is for, where its purpose is one.
        number_phases: On how many phases the charger is to charge; None where that is its own.
    """

    connector: int
    purpose: Purpose
    stack_level: int
    unit: RateUnit
    phases: int
    start: datetime
    periods: tuple[ProfilePeriod, ...]
    transaction_id: str | None = None
    number_phases: int | None = None

    @property
    def id(self) -> int:
        """Its id: the same for every profile of ours with this purpose at this connector."""
        return _FIRST_ID + 10 * self.connector + self.purpose

    def limit_at(self, moment: datetime) -> float:
        """Return the limit at a moment, in the profile's unit."""
        offset = (moment - self.start).total_seconds()
        starts = [period.start_s for period in self.periods]
        return self.periods[max(0, bisect_right(starts, offset) - 1)].limit

    @property
    def last_change(self) -> datetime:
        """When the last period begins."""
        return self.start + timedelta(seconds=self.periods[-1].start_s)

    def payload(self, version: OcppVersion) -> dict[str, Any]:
        """Return it as a version of OCPP writes it.

        There is neither a duration nor an end of validity: after those, a charger has no limit.
        """
        start = f"{self.start:%Y-%m-%dT%H:%M:%SZ}"
        periods = [self._period(period) for period in self.periods]
        body: dict[str, Any] = {
            "stackLevel": self.stack_level,
            "chargingProfilePurpose": self.purpose.ocpp,
            "chargingProfileKind": "Absolute",
        }
        schedule: dict[str, Any] = {
            "startSchedule": start,
            "chargingRateUnit": self.unit.value,
            "chargingSchedulePeriod": periods,
        }
        if version is OcppVersion.V16:
            if self.transaction_id is not None:
                body["transactionId"] = int(self.transaction_id)
            return {"chargingProfileId": self.id, **body, "chargingSchedule": schedule}
        if self.transaction_id is not None:
            body["transactionId"] = self.transaction_id
        return {"id": self.id, **body, "chargingSchedule": [{"id": self.id, **schedule}]}

    def _period(self, period: ProfilePeriod) -> dict[str, Any]:
        written: dict[str, Any] = {"startPeriod": period.start_s, "limit": period.limit}
        if self.number_phases is not None:
            written["numberPhases"] = self.number_phases
        elif self.unit is RateUnit.WATT:
            # A charger shares W between as many phases as it is given, or between three.
            written["numberPhases"] = self.phases
        return written


def charging_profile(
    limits: PlannedLimits,
    now: datetime,
    *,
    connector: int,
    wiring: Wiring,
    capabilities: ProfileCapabilities,
    purpose: Purpose = Purpose.TX_DEFAULT,
    transaction_id: str | None = None,
    number_phases: int | None = None,
) -> ChargingProfile:
    """Return what a charger needs to follow planned limits by itself.

    A charger with room for one period gets the present limit, and has to be sent every change;
    one with room for two gets the minimum of what follows as the second. All others end with the
    safe limit at the end of the plan.
    """
    unit = capabilities.unit
    step = limits.horizon.index_at(now)
    begin = now if step is None else min(limits.horizon.edges[step], now)
    start = min(begin, now - _CLOCK_SLACK).astimezone(UTC).replace(microsecond=0)
    runs = _runs(limits, start, now, wiring, unit)
    count = max(1, min(capabilities.max_periods, _MAX_PERIODS))
    near_s = (now + _NEAR - start).total_seconds()
    return ChargingProfile(
        connector=connector,
        purpose=purpose,
        stack_level=capabilities.stack_level,
        unit=unit,
        phases=wiring.phases,
        start=start,
        periods=_fitted(runs, count, near_s),
        transaction_id=transaction_id,
        number_phases=number_phases,
    )


def constant_profile(
    limit_a: float,
    now: datetime,
    *,
    connector: int,
    wiring: Wiring,
    capabilities: ProfileCapabilities,
    purpose: Purpose = Purpose.TX_DEFAULT,
    transaction_id: str | None = None,
) -> ChargingProfile:
    """Return a profile with one limit for ever, in place of what we sent before."""
    limit_kw = limit_a * wiring.voltage * wiring.phases / 1000
    return ChargingProfile(
        connector=connector,
        purpose=purpose,
        stack_level=capabilities.stack_level,
        unit=capabilities.unit,
        phases=wiring.phases,
        start=(now - _CLOCK_SLACK).astimezone(UTC).replace(microsecond=0),
        periods=(ProfilePeriod(0, wiring.rate(limit_kw, capabilities.unit)),),
        transaction_id=transaction_id,
    )


def hand_back(
    max_a: float,
    now: datetime,
    *,
    connector: int,
    wiring: Wiring,
    capabilities: ProfileCapabilities,
    purpose: Purpose = Purpose.TX_DEFAULT,
    transaction_id: str | None = None,
) -> ChargingProfile:
    """Return what leaves a charger to others: its own maximum as the limit, in place of ours.

    There is no way to remove a profile that leaves other people's alone.
    """
    return constant_profile(
        max_a,
        now,
        connector=connector,
        # What comes next may draw from all phases.
        wiring=replace(wiring, phases=3) if capabilities.unit is RateUnit.WATT else wiring,
        capabilities=capabilities,
        purpose=purpose,
        transaction_id=transaction_id,
    )


def _runs(
    limits: PlannedLimits, start: datetime, now: datetime, wiring: Wiring, unit: RateUnit
) -> list[ProfilePeriod]:
    """Return the limits from a start on, in whole seconds; the last one is the safe limit."""
    changes = {edge for edge in limits.horizon.edges if edge > now}
    if limits.cap_until is not None and now < limits.cap_until:
        changes.add(limits.cap_until)
    # Within a second in which the limit changes, the least of that second holds.
    moments = [now, *sorted(changes)]
    values = [wiring.rate(limits.limit_kw_at(moment), unit) for moment in moments]
    bounds = {0}
    for change in moments[1:]:
        offset = (change - start).total_seconds()
        bounds |= {math.floor(offset), math.ceil(offset)}
    runs: list[ProfilePeriod] = []
    offsets = [(moment - start).total_seconds() for moment in moments]
    offsets[0] = 0.0
    ordered = sorted(bounds)
    for begin, end in zip(ordered, [*ordered[1:], math.inf], strict=True):
        first = bisect_right(offsets, begin) - 1
        limit = values[first]
        for index in range(first + 1, len(offsets)):
            if offsets[index] >= end:
                break
            limit = min(limit, values[index])
        if not runs or runs[-1].limit != limit:
            runs.append(ProfilePeriod(begin, limit))
    return runs


def _fitted(runs: Sequence[ProfilePeriod], count: int, near_s: float) -> tuple[ProfilePeriod, ...]:
    """Return no more than so many periods that nowhere allow more."""
    if len(runs) <= count:
        return tuple(runs)
    if count == 1:
        return (runs[0],)
    if count == 2:  # noqa: PLR2004
        rest = ProfilePeriod(runs[1].start_s, min(run.limit for run in runs[1:]))
        return tuple(_joined([runs[0], rest]))
    *planned, safe = runs
    while len(planned) > count - 1:
        index = _cheapest(planned, safe.start_s, near_s)
        one, two = planned[index : index + 2]
        planned[index : index + 2] = [ProfilePeriod(one.start_s, min(one.limit, two.limit))]
        planned = _joined(planned)
    return tuple(_joined([*planned, safe]))


def _cheapest(runs: Sequence[ProfilePeriod], end_s: int, near_s: float) -> int:
    """Return which two neighbours lose the least energy when the lower limit holds for both.

    What comes soon is left alone where there is anything later to simplify.
    """
    edges = [run.start_s for run in runs] + [end_s]
    costs = []
    for index, (one, two) in enumerate(pairwise(runs)):
        higher = index if one.limit > two.limit else index + 1
        lost = abs(one.limit - two.limit) * (edges[higher + 1] - edges[higher])
        soon = max(0.0, near_s - edges[higher])
        costs.append((soon, lost, -index))
    return min(range(len(costs)), key=costs.__getitem__)


def _joined(runs: Sequence[ProfilePeriod]) -> list[ProfilePeriod]:
    """Join equal neighbours."""
    return [
        run for index, run in enumerate(runs) if index == 0 or run.limit != runs[index - 1].limit
    ]
