"""The state of charge of the car at a charger: reported or entered, plus what it drew since."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ..bindings.vehicle import Vehicle
from ..cars.learned_efficiency import LearnedEfficiency, Reading
from ..cars.soc import FULL_SOC
from ..cars.soc_track import PlausibleSoc
from ..settings.memory import Session, VehicleHistory

# Cars report their state of charge in steps of this, in %.
SOC_RESOLUTION: Final = 1.0
ENTERED_BEFORE: Final = timedelta(hours=1)
"""What the user enters counts for a car that is plugged in within this."""
# Who unplugs for less has not driven.
_GONE: Final = timedelta(minutes=15)
# Batteries' sizes and losses are known to be off by so much; another car fills at another pace.
_SAME_RISE: Final = 1.6
# No charger on the way home gives a car more.
_FASTEST_KW: Final = 300.0


def _hours(duration: timedelta) -> float:
    return duration / timedelta(hours=1)


class SocSource(StrEnum):
    """Where a state of charge comes from."""

    REPORTED = "told"
    """The car reported it."""
    COUNTED = "counted"
    """What the car drew was added to what it reported or the user entered."""
    ENTERED = "typed"
    """The user entered it."""
    NONE = "none"


class Distrust(StrEnum):
    """Why a state of charge from before the car was plugged in is not used."""

    OLD = "old"
    BEFORE_DRIVE = "before_drive"


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What its charger says of a car.

    Attributes:
        max_kw: Its max power there.
        metered: What it draws is measured, so that it cannot have drawn more.
        finished: It wants no more, and may be as full as it says.
    """

    max_kw: float
    metered: bool
    finished: bool


@dataclass(frozen=True, kw_only=True)
class StateOfCharge:
    """What is known of the state of charge of one car in one session.

    Attributes:
        vehicle: The car.
        session: Its session, with what was reported and drawn in it.
        history: What is remembered of the car.
    """

    vehicle: Vehicle
    session: Session
    history: VehicleHistory

    @property
    def efficiency(self) -> float:
        """Energy into the battery per energy drawn: as learned, else as configured."""
        configured, learned = self.vehicle.efficiency, self.history.efficiency
        return configured if learned is None else learned.value

    @property
    def estimated(self) -> float | None:
        """The last state of charge known plus what was drawn since, in %, trusted or not."""
        if self.session.soc is None:
            return None
        gained = self._since_kwh * self.efficiency / self.vehicle.battery_kwh * FULL_SOC
        return min(FULL_SOC, self.session.soc + gained)

    def missing_kwh(self, target_soc: float) -> float:
        """Return the energy missing to a state of charge in %, by all that is estimated."""
        if (estimated := self.estimated) is None:
            return 0.0
        return max(0.0, target_soc - estimated) / FULL_SOC * self.vehicle.battery_kwh

    @property
    def soc(self) -> float | None:
        """The state of charge in %; None where it is not known, or not trusted."""
        return self.estimated if self.distrust is None else None

    @property
    def highest(self) -> float | None:
        """The highest it may be: the car may report more than was counted."""
        if (soc := self.soc) is None or self.session.soc_typed_at is not None:
            return soc
        return max(soc, self.session.soc_told or 0.0)

    @property
    def at(self) -> datetime | None:
        """When the state of charge was reported or entered that is estimated from."""
        if self.session.soc is None:
            return None
        return self.session.soc_typed_at or self.history.track.at

    @property
    def source(self) -> SocSource:
        """Where the state of charge comes from."""
        if self.soc is None:
            return SocSource.NONE
        if self._since_kwh * self.efficiency > SOC_RESOLUTION / FULL_SOC * self.vehicle.battery_kwh:
            return SocSource.COUNTED
        return SocSource.REPORTED if self.session.soc_typed_at is None else SocSource.ENTERED

    @property
    def distrust(self) -> Distrust | None:
        """Why what was reported before the car was plugged in is not used; None where it is."""
        plugged_at, reported_at = self.session.plugged_at, self.history.track.at
        if plugged_at is None or reported_at is None or self.session.soc_typed_at is not None:
            return None
        if reported_at >= plugged_at:
            return None
        if (left_at := self.history.left_at) is not None and reported_at < left_at:
            was_gone = plugged_at - left_at > _GONE
            return Distrust.BEFORE_DRIVE if was_gone else None
        if plugged_at - reported_at > self.vehicle.soc_old_after:
            return Distrust.OLD
        return None

    @property
    def doubted(self) -> float | None:
        """What the car reports and nobody believes, in %; None where it does not."""
        return self.history.track.doubted

    @property
    def _since_kwh(self) -> float:
        """What was drawn since the state of charge was reported or entered."""
        return self.session.delivered_kwh - self.session.delivered_at_soc_kwh

    def observe(self, now: datetime, circumstances: Circumstances) -> None:
        """Take up what the car reports now."""
        track, session = self.history.track, self.session
        doubted_before = track.doubted_since is not None
        if (reported := self.vehicle.reported_soc()) is not None:
            track.take(reported, self._plausible(now, circumstances), now)
        if track.soc is None or track.soc == session.soc_told:
            return
        is_new = session.soc_told is not None
        session.soc_told = track.soc
        if is_new:
            # What was doubted for a while was reported before what has been drawn by now.
            self._note_reading(track.soc, exact=circumstances.metered and not doubted_before)
        # Cars report it seldom, and often in whole %: what was drawn since reports more, as long as
        # the two agree.
        known = self.estimated
        if known is None or abs(track.soc - known) >= SOC_RESOLUTION:
            self._estimate_from_report()
        session.soc_typed_at = None

    def _estimate_from_report(self) -> None:
        """Estimate from what the car reported last, and add all of the session if it was before."""
        track, history, session = self.history.track, self.history, self.session
        self._estimate_from(track.soc)
        if session.plugged_at is None or track.at is None or track.at >= session.plugged_at:
            return
        session.delivered_at_soc_kwh = 0.0
        counted_later = history.left_at is not None and track.at < history.left_at
        if counted_later and history.left_soc is not None:
            session.soc = history.left_soc

    def _plausible(self, now: datetime, circumstances: Circumstances) -> PlausibleSoc:
        """Return what the car can plausibly report, after what it drew and where it was."""
        session, track = self.session, self.history.track
        plugged_at, soc, reported_at = session.plugged_at, session.soc, track.at
        if plugged_at is None or soc is None or track.soc is None or reported_at is None:
            return PlausibleSoc()
        if session.soc_typed_at is not None:
            return PlausibleSoc()
        since_plug_in = max(reported_at, plugged_at)
        gained_kwh = self._since_kwh
        if not circumstances.metered:
            gained_kwh = max(gained_kwh, _hours(now - since_plug_in) * circumstances.max_kw)
        gained_kwh += _hours(since_plug_in - reported_at) * _FASTEST_KW
        return PlausibleSoc(
            # It may have been driven after it reported that, or have given some back.
            min_soc=0.0 if reported_at < plugged_at or session.given_kwh > 0 else track.soc,
            max_soc=FULL_SOC
            if circumstances.finished
            else max(track.soc, soc + gained_kwh / self.vehicle.battery_kwh * FULL_SOC),
        )

    def _estimate_from(self, soc: float | None) -> None:
        self.session.soc = soc
        self.session.delivered_at_soc_kwh = self.session.delivered_kwh

    def enter(self, soc: float, now: datetime) -> None:
        """Estimate from what the user entered, until the car reports something new."""
        self._estimate_from(soc)
        self.session.soc_typed_at = now
        self.session.soc_told = self.history.track.soc
        self.session.learn_from = self.session.learn_to = None
        self.history.track.dismiss()

    def _note_reading(self, soc: float, *, exact: bool) -> None:
        reading = Reading(soc=soc, drawn_kwh=self.session.delivered_kwh)
        if not exact:
            self.session.learn_from = self.session.learn_to = None
        elif self.session.learn_from is None:
            self.session.learn_from = reading
        else:
            self.session.learn_to = reading

    @property
    def rises_here(self) -> bool:
        """Whether the car reports to fill up by what is drawn here: then it is the one here."""
        first, last = self.session.learn_from, self.session.learn_to
        if first is None or last is None or last.soc - first.soc < SOC_RESOLUTION:
            return False
        gained_kwh = (last.soc - first.soc) / FULL_SOC * self.vehicle.battery_kwh
        expected_kwh = (last.drawn_kwh - first.drawn_kwh) * self.efficiency
        return expected_kwh / _SAME_RISE <= gained_kwh <= expected_kwh * _SAME_RISE

    def leave(self, now: datetime) -> None:
        """Note how the car was when it was unplugged, and learn from its session."""
        self.history.left_at, self.history.left_soc = now, self.soc
        first, last = self.session.learn_from, self.session.learn_to
        if first is not None and last is not None and self.history.efficiency is not None:
            self.history.efficiency.learn(first, last, self.vehicle.battery_kwh)


def history_of(vehicle: Vehicle, histories: dict[str, VehicleHistory]) -> VehicleHistory:
    """Return what is remembered of a car; an efficiency that is changed is learned again."""
    history = histories.setdefault(vehicle.id, VehicleHistory())
    known = history.efficiency
    if known is None or known.configured != vehicle.efficiency:
        history.efficiency = LearnedEfficiency(
            configured=vehicle.efficiency, value=vehicle.efficiency
        )
    return history
