"""The charging profiles in a charge point, kept and combined by the rules of OCPP.

Written from the specifications (1.6: 3.13, 5.16, 7.8-7.14, 9.4; 2.0.1: K01), not from what the
integration sends.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

STATION_MAX = frozenset({"ChargePointMaxProfile", "ChargingStationMaxProfile"})
TX_DEFAULT = "TxDefaultProfile"
TX = "TxProfile"


class RefusedError(Exception):
    """The charge point does not take a profile."""


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """What runs at a connector."""

    id: int | str
    started: datetime


@dataclass(frozen=True, kw_only=True)
class StoredProfile:
    """A profile as both versions of OCPP mean it; ``raw`` is what arrived."""

    connector: int
    id: int
    purpose: str
    stack_level: int
    kind: str
    unit: str
    periods: tuple[tuple[int, float, int], ...]
    start: datetime | None
    duration_s: int | None
    valid_from: datetime | None
    valid_to: datetime | None
    transaction_id: int | str | None
    raw: Mapping[str, Any]

    @classmethod
    def parse(cls, connector: int, raw: Mapping[str, Any]) -> StoredProfile:
        """Read a profile as the library hands it over: in snake case."""
        schedule = raw["charging_schedule"]
        if isinstance(schedule, list):
            schedule = schedule[0]
        return cls(
            connector=connector,
            id=raw["charging_profile_id"] if "charging_profile_id" in raw else raw["id"],
            purpose=raw["charging_profile_purpose"],
            stack_level=raw["stack_level"],
            kind=raw["charging_profile_kind"],
            unit=schedule["charging_rate_unit"],
            periods=tuple(
                (part["start_period"], float(part["limit"]), part.get("number_phases", 3))
                for part in schedule["charging_schedule_period"]
            ),
            start=_instant(schedule.get("start_schedule")),
            duration_s=schedule.get("duration"),
            valid_from=_instant(raw.get("valid_from")),
            valid_to=_instant(raw.get("valid_to")),
            transaction_id=raw.get("transaction_id"),
            raw=raw,
        )

    def limit_at(
        self, moment: datetime, transaction: Transaction | None
    ) -> tuple[float, int] | None:
        """Return limit and phases at a moment; None where the profile says nothing then."""
        if (self.valid_from is not None and moment < self.valid_from) or (
            self.valid_to is not None and moment >= self.valid_to
        ):
            return None
        start = self.start
        if self.kind == "Relative":
            # From when power is delivered, or from when it first counts.
            start = moment if transaction is None else transaction.started
        if start is None or moment < start:
            return None
        offset = (moment - start).total_seconds()
        if self.duration_s is not None and offset >= self.duration_s:
            return None
        *_, (_, limit, phases) = (part for part in self.periods if part[0] <= offset)
        return limit, phases


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    instant = datetime.fromisoformat(text)
    # A charge point takes an instant without a zone as UTC.
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a charge point takes.

    Attributes:
        v201: Whether it keeps to the stricter rules of OCPP 2.0.1.
        units: The units it takes.
        max_periods: How many periods a profile may have.
        max_stack_level: The highest stack level.
        station_profiles: Whether it takes profiles for the whole station.
    """

    v201: bool = False
    units: frozenset[str] = frozenset({"A", "W"})
    max_periods: int = 100
    max_stack_level: int = 8
    station_profiles: bool = True


class ProfileStore:
    """The profiles of all connectors of a charge point; they outlast a restart of it."""

    def __init__(self, rules: Rules, voltage: float) -> None:
        """Start without any."""
        self.rules = rules
        self.voltage = voltage
        self.profiles: list[StoredProfile] = []

    def install(
        self,
        connector: int,
        raw: Mapping[str, Any],
        transaction: Transaction | None,
        connectors: int,
    ) -> StoredProfile:
        """Take a profile, in place of what it replaces."""
        profile = StoredProfile.parse(connector, raw)
        self._check(profile, transaction, connectors)
        kept = []
        for other in self.profiles:
            same_place = (
                other.connector == connector
                and other.purpose == profile.purpose
                and other.stack_level == profile.stack_level
            )
            if not same_place and other.id != profile.id:
                kept.append(other)
        self.profiles = [*kept, profile]
        return profile

    def _check(
        self, profile: StoredProfile, transaction: Transaction | None, connectors: int
    ) -> None:
        starts = [start for start, _, _ in profile.periods]
        rules = self.rules
        refusals = {
            "NoSuchConnector": not 0 <= profile.connector <= connectors,
            "StackLevel": not 0 <= profile.stack_level <= rules.max_stack_level,
            "TooManyPeriods": len(starts) > rules.max_periods,
            "NoPeriods": not starts or starts[0] != 0,
            "PeriodOrder": any(one >= two for one, two in pairwise(starts)),
            "Unit": profile.unit not in rules.units,
            "NoStart": profile.kind != "Relative" and profile.start is None,
            "StartOfRelative": profile.kind == "Relative" and profile.start is not None,
            "StationProfile": profile.purpose in STATION_MAX and not rules.station_profiles,
            "StationProfileAtConnector": profile.purpose in STATION_MAX and profile.connector > 0,
            "RelativeStationProfile": rules.v201
            and profile.purpose in STATION_MAX
            and profile.kind == "Relative",
            "TransactionOfOther": rules.v201
            and profile.purpose != TX
            and profile.transaction_id is not None,
            "NoTransaction": profile.purpose == TX
            and (
                profile.connector == 0
                or transaction is None
                or profile.transaction_id != transaction.id
            ),
            "StackLevelTaken": rules.v201
            and profile.purpose == TX_DEFAULT
            and any(
                other.purpose == TX_DEFAULT
                and other.stack_level == profile.stack_level
                and other.id != profile.id
                and (other.connector == 0) != (profile.connector == 0)
                for other in self.profiles
            ),
        }
        for reason, applies in refusals.items():
            if applies:
                raise RefusedError(reason)

    def clear(self, **criteria: Any) -> bool:
        """Remove the profiles that fit all that is given; return whether there were any."""
        wanted = {key: value for key, value in criteria.items() if value is not None}
        kept = [
            profile
            for profile in self.profiles
            if any(getattr(profile, key) != value for key, value in wanted.items())
        ]
        cleared = len(kept) < len(self.profiles)
        self.profiles = kept
        return cleared

    def end_transaction(self, connector: int) -> None:
        """Forget what was for the transaction only."""
        self.profiles = [
            profile
            for profile in self.profiles
            if profile.purpose != TX or profile.connector != connector
        ]

    def limit_a(
        self, connector: int, moment: datetime, transaction: Transaction | None, hardware_a: float
    ) -> float:
        """Return the composite limit at a moment, in A per phase."""
        station = self._top((p for p in self.profiles if p.purpose in STATION_MAX), moment, None)
        of_tx = None
        if transaction is not None:
            mine = (
                p
                for p in self.profiles
                if p.purpose == TX
                and p.connector == connector
                and p.transaction_id == transaction.id
            )
            of_tx = self._top(mine, moment, transaction)
        default = self._default(connector, moment, transaction)
        limits = [station, of_tx if of_tx is not None else default]
        return min([hardware_a, *(limit for limit in limits if limit is not None)])

    def number_phases(
        self, connector: int, moment: datetime, transaction: Transaction | None
    ) -> int:
        """Return on how many phases the profile for a connector wants it to charge."""
        mine = (
            p
            for p in self.profiles
            if p.purpose in {TX, TX_DEFAULT} and p.connector in {connector, 0}
        )
        ranked = sorted(mine, key=lambda p: (p.purpose != TX, -p.connector, -p.stack_level))
        found = (profile.limit_at(moment, transaction) for profile in ranked)
        return next((phases for limit in found if limit is not None for _, phases in [limit]), 3)

    def _default(
        self, connector: int, moment: datetime, transaction: Transaction | None
    ) -> float | None:
        """Return the limit of those for any transaction; the connector's own come first."""
        for place in (connector, 0):
            those = (p for p in self.profiles if p.purpose == TX_DEFAULT and p.connector == place)
            limit = self._top(those, moment, transaction)
            if limit is not None:
                return limit
        return None

    def _top(
        self,
        profiles: Iterable[StoredProfile],
        moment: datetime,
        transaction: Transaction | None,
    ) -> float | None:
        """Return the limit in A of the highest profile that says anything at a moment."""
        for profile in sorted(profiles, key=lambda p: -p.stack_level):
            found = profile.limit_at(moment, transaction)
            if found is not None:
                limit, phases = found
                return limit if profile.unit == "A" else limit / (phases * self.voltage)
        return None

    def composite(
        self,
        connector: int,
        begin: datetime,
        duration_s: int,
        transaction: Transaction | None,
        hardware_a: float,
    ) -> list[tuple[int, float]]:
        """Return the limits from a moment on, in A: where each begins, in seconds."""
        offsets = {0}
        for profile in self.profiles:
            start = profile.start
            if start is None:
                continue
            for offset, _, _ in profile.periods:
                seconds = int((start + timedelta(seconds=offset) - begin).total_seconds())
                if 0 < seconds < duration_s:
                    offsets.add(seconds)
        parts: list[tuple[int, float]] = []
        for offset in sorted(offsets):
            moment = begin + timedelta(seconds=offset)
            limit = self.limit_a(connector, moment, transaction, hardware_a)
            if not parts or parts[-1][1] != limit:
                parts.append((offset, limit))
        return parts
