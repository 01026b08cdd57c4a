"""What a charger draws, may draw, and is counted with in what the meter shows."""

from dataclasses import dataclass
from datetime import datetime

from ..bindings.chargers.charger import ChargerReading
from .commanded import SLOW_METER, Commanded


@dataclass(frozen=True, kw_only=True)
class ChargerLoad:
    """The load of one charger on the connection, by its last reading.

    Attributes:
        reading: What its entities report.
        commanded: The last command to it.
        plugged: A car is there.
        controllable: Limits may be written.
        limit_kw: What the car may draw by what stands in the charger; None where nothing does.
        last_kw: What that was when it was last known, else the max power of the car.
        part: The part of a limit that the phases carry which are counted.
        used: The part of a limit that the car draws, whichever phases those are.
        began_at: When its charger began to say that it charges; None while it does not.
    """

    reading: ChargerReading
    commanded: Commanded
    plugged: bool
    controllable: bool
    limit_kw: float | None
    last_kw: float
    part: float
    used: float
    began_at: datetime | None = None

    @property
    def drawn_kw(self) -> float:
        """What the car draws by the last reading; where not measured, its part of the limit.

        What is thought to be drawn and is not hides as much of what the house takes.
        """
        if self.reading.power_kw is not None:
            return self.reading.power_kw
        if self.reading.drawing:
            return (self.limit_kw or 0.0) * self.used
        return 0.0

    @property
    def present_kw(self) -> float:
        """What it may draw where that is not measured, else what it draws."""
        if self.reading.power_kw is None and self.reading.drawing:
            return self.limit_kw or 0.0
        return self.drawn_kw

    @property
    def metered_kw(self) -> float:
        """What the car that is here draws by the charger's own meter; 0 where it has none.

        Below 0 it gives back.
        """
        return 0.0 if not self.plugged else (self.reading.power_kw or 0.0) - self.reading.given_kw

    def given_kw(self, now: datetime) -> float:
        """Return the most that it may give back at this moment, in kW.

        What is given hides as much of what the house takes, and may end at any time. While a
        command is on its way it may be either what was given before or what was commanded.
        """
        given_kw = self.reading.given_kw
        measured_at = self.reading.measured_at
        is_old = measured_at is not None and not self.commanded.is_seen_by(measured_at)
        if self.settling(now) or is_old:
            return max(given_kw, self.commanded.given_kw)
        return given_kw

    def settling(self, now: datetime) -> bool:
        """Return whether a command may still be on its way to car and meters."""
        return self.plugged and self.commanded.settling(now)

    def attributed_kw(self, now: datetime) -> float:
        """Return the max power of this charger in the load measured now, in kW.

        Below 0 it gives back.
        """
        if (given_kw := self.given_kw(now)) > 0:
            return -given_kw * self.part
        if self.settling(now):
            return self.commanded.attributed_kw(self.drawn_kw / self.part) * self.part
        awaited_kw = self._awaited_kw(now)
        return self.drawn_kw if awaited_kw is None else max(self.drawn_kw, awaited_kw * self.part)

    def shown_kw(self, now: datetime, reported_at: datetime | None) -> float:
        """Return what its own meter shows, in kW, once that is no more than was commanded.

        Else what is attributed to it.

        Args:
            now: The present.
            reported_at: When the site's meter reported, which may be of before that.
        """
        measured_at = self.reading.measured_at
        if measured_at is None or reported_at is None or reported_at < measured_at:
            return self.attributed_kw(now)
        if self.commanded.is_kept(measured_at, self.drawn_kw / self.part):
            return self.drawn_kw
        return self.attributed_kw(now)

    def _awaited_kw(self, now: datetime) -> float | None:
        """Return the limit that a car which charges was commanded, and its meter has not shown.

        One whose charger says that it has begun draws already what its meter shows later.
        """
        if self._has_just_begun(now):
            return (self.limit_kw or 0.0) * self.used / self.part
        if not self.reading.drawing:
            return None
        return self.commanded.awaited_kw(now, self.reading.measured_at)

    def _has_just_begun(self, now: datetime) -> bool:
        """Return whether its charger says that it charges, and its meter is of before that.

        Where that shows what it draws, no more is counted: it would hide as much of the house.
        """
        began_at, measured_at = self.began_at, self.reading.measured_at
        if began_at is None or measured_at is None or self.reading.drawing:
            return False
        return measured_at < began_at and now - began_at < SLOW_METER

    def is_unsettled(self, now: datetime) -> bool:
        """Return whether its meter may not show yet what it draws."""
        return self.settling(now) or (self.plugged and self._awaited_kw(now) is not None)

    def is_raising(self, now: datetime) -> bool:
        """Return whether a command for more may still be on its way."""
        return self.settling(now) and self.commanded.raises

    def uncontrolled_kw(self, now: datetime, *, metered: bool) -> float:
        """Return what the car may draw that no command of ours changes, in kW.

        Args:
            now: The present.
            metered: The site's meter sees what it draws.
        """
        if not self.plugged:
            return self.drawn_kw
        if not self.controllable:
            if self.reading.missing and metered and self.reading.power_kw is None:
                # What it draws is part of the house as the meter sees it.
                return 0.0
            return max(self.drawn_kw, self.last_kw)
        return self._excess_kw(now)

    def _excess_kw(self, now: datetime) -> float:
        return self.commanded.excess_kw(now, self.drawn_kw, self.limit_kw or 0.0)

    def may_draw_kw(self, now: datetime) -> float:
        """Return the max power of the car at this moment, in kW.

        That is its limit, or what it still draws by its meter. Without a meter a lower limit
        is believed when the car has had time to follow it.
        """
        if not self.plugged:
            return 0.0
        is_measured = self.reading.power_kw is not None
        drawn_kw = self.drawn_kw if is_measured else self.attributed_kw(now)
        return max(self.limit_kw or 0.0, drawn_kw)

    def controlled_kw(self, now: datetime) -> float:
        """Return the part of what the car may draw that is not counted as uncontrolled, in kW."""
        return self.may_draw_kw(now) - self._excess_kw(now) if self.controllable else 0.0
