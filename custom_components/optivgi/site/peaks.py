"""The highest power of the month: measured, remembered, and as plans know it, for each tariff."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
import math
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..bindings.house.imports import ImportSensors, async_read_imports, interval_start
from ..bindings.peak_tariffs.entered import rule_of
from ..bindings.peak_tariffs.rule import PeakPart, PeakRule
from ..bindings.quantity import power_kw, valid_state
from ..bindings.tariffs.holidays import Holidays
from ..const import CONF_HOLIDAY_ENTITY, CONF_PEAK_ENTITY, SUBENTRY_PEAK_TARIFF
from ..scheduler.model import Horizon, PeakTariff
from ..settings.memory import Memory, PeakMemory

_HOUR: Final = timedelta(hours=1)
_KEPT_MONTHS: Final = 13
"""A year is billed by its months, and the one that is running."""
_LITTLE_KW: Final = 1e-3
"""No meter of a house shows less."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """The billing interval that is running.

    Attributes:
        begin: When it began.
        length: How long it is.
        imported_kwh: What was imported in it so far.
    """

    begin: datetime
    length: timedelta
    imported_kwh: float

    def left_kw(self, mean_kw: float, now: datetime, shortest: timedelta) -> float:
        """Return what may be imported until its end so that its mean is so much; may be below 0.

        Args:
            mean_kw: The mean that it may come to.
            now: The present.
            shortest: What is left of it counts as at least this long.
        """
        left_h = max(shortest, self.begin + self.length - now) / _HOUR
        return (mean_kw * (self.length / _HOUR) - self.imported_kwh) / left_h


class MonthPeaks:
    """What counts of a month for one tariff on the highest power."""

    def __init__(
        self,
        hass: HomeAssistant,
        subentry: ConfigSubentry,
        memory: PeakMemory,
        save: Callable[[], None],
    ) -> None:
        """Read the tariff, and go on with what is remembered.

        Args:
            hass: Home Assistant.
            subentry: Its configuration.
            memory: What is remembered of the month.
            save: Has that kept.
        """
        self.id = subentry.subentry_id
        self.name = subentry.title
        self._hass = hass
        self._data = data = subentry.data
        self._memory = memory
        self._save = save
        self._last_kw: float | None = None
        self._now = dt_util.utcnow()
        holidays = data.get(CONF_HOLIDAY_ENTITY)
        self._holidays = None if holidays is None else Holidays(hass, str(holidays))
        self._off: frozenset[date] = frozenset()
        self.peak_entity: str | None = data.get(CONF_PEAK_ENTITY)
        """A sensor of the month's peak, from the meter itself."""
        self._rule: tuple[date, PeakRule] | None = None
        if memory.rule != (shape := self.rule.shape):
            memory.rule, memory.month, memory.began = shape, "", None
            memory.highest, memory.earlier = {}, {}

    @property
    def rule(self) -> PeakRule:
        """The tariff as it is today; one that is not known any more costs nothing."""
        today = _day(self._now)
        if self._rule is None or self._rule[0] != today:
            self._rule = today, rule_of(self._data, today) or PeakRule(parts=(PeakPart(),))
        return self._rule[1]

    @property
    def running(self) -> Running | None:
        """The interval that is running; None before anything was measured."""
        memory = self._memory
        if memory.began is None:
            return None
        return Running(
            begin=memory.began, length=self.rule.interval, imported_kwh=memory.imported_kwh
        )

    def observe(self, now: datetime, import_kw: float | None) -> None:
        """Count what was imported since the last look, and what is imported from now on.

        What was not seen of the running interval, after a restart say, counts like now.
        """
        self._now = now
        memory, length = self._memory, self.rule.interval
        begin = interval_start(now, length)
        kw = self._last_kw if self._last_kw is not None else import_kw
        seen_at = memory.seen_at
        if memory.began is None or seen_at is None or not begin - length <= memory.began <= begin:
            memory.began, memory.imported_kwh, seen_at = begin, 0.0, begin
        seen_at = min(seen_at, now)
        while memory.began < begin:
            end = memory.began + length
            memory.imported_kwh += (kw or 0.0) * max(0.0, (end - seen_at) / _HOUR)
            self._close(memory.began, memory.imported_kwh / (length / _HOUR))
            memory.began, memory.imported_kwh, seen_at = end, 0.0, max(end, seen_at)
        memory.imported_kwh += (kw or 0.0) * ((now - seen_at) / _HOUR)
        memory.seen_at = now
        if import_kw is not None:
            self._last_kw = import_kw

    def _close(self, begin: datetime, mean_kw: float) -> None:
        """Note what an interval has come to."""
        self._begin_month(_month(begin))
        self._note(begin, mean_kw)
        self._save()

    def _begin_month(self, month: str) -> None:
        memory = self._memory
        if memory.month == month:
            return
        if memory.month and memory.highest:
            memory.earlier[memory.month] = self._mean_kw(memory.highest.get(0, {}))
            for old in sorted(memory.earlier)[:-_KEPT_MONTHS]:
                del memory.earlier[old]
        memory.month, memory.highest = month, {}

    def _note(self, begin: datetime, mean_kw: float) -> None:
        rule = self.rule
        local = dt_util.as_local(begin)
        for index, part in enumerate(rule.parts):
            kw = mean_kw * part.weight_at(local, holiday=local.date() in self._off)
            if kw < _LITTLE_KW:
                continue
            highest = self._memory.highest.setdefault(index, {})
            highest[begin] = max(kw, highest.get(begin, 0.0))
            if rule.distinct_days:
                day = {at: v for at, v in highest.items() if _day(at) == local.date()}
                for at in sorted(day, key=lambda at: day[at])[:-1]:
                    del highest[at]
            else:
                for at in sorted(highest, key=lambda at: highest[at])[: -rule.top]:
                    del highest[at]

    def take_up(self, means: Mapping[datetime, float], now: datetime) -> None:
        """Take up what the recorder knows of intervals that have ended, this month's and before.

        Args:
            means: Their mean import in kW, by their beginning.
            now: The present.
        """
        month = _month(now)
        running = interval_start(now, self.rule.interval)
        self._begin_month(month)
        for begin, kw in means.items():
            if begin < running and _month(begin) == month:
                self._note(begin, kw)
        self._save()

    async def async_read_holidays(self, horizon: Horizon) -> None:
        """Ask which days are holidays, as far as that matters."""
        if self._holidays is not None and self.rule.by_day:
            first = dt_util.as_local(horizon.start).date().replace(day=1)
            last = dt_util.as_local(horizon.end).date()
            self._off = await self._holidays.async_between(first, last)

    def _counted(self, index: int) -> Mapping[datetime, float]:
        """Return what has counted of a component in this month; nothing of one that is over."""
        if self._memory.month != _month(self._now):
            return {}
        return self._memory.highest.get(index, {})

    @property
    def _reported_kw(self) -> float:
        """What the meter itself reports as the month's peak; 0 where nothing does."""
        if self.peak_entity is None or self.rule.top > 1:
            return 0.0
        return max(0.0, power_kw(valid_state(self._hass, self.peak_entity)) or 0.0)

    @property
    def highest(self) -> Mapping[datetime, float]:
        """The highest intervals of the month that count, in kW by their beginning."""
        counted = self._counted(0)
        best = sorted(counted, key=lambda at: -counted[at])[: self.rule.top]
        return {at: counted[at] for at in sorted(best)}

    @property
    def month_kw(self) -> float:
        """The peak of the month that is running; 0 while nothing has counted."""
        return max(self._mean_kw(self._counted(0)), self._reported_kw)

    def _mean_kw(self, counted: Mapping[datetime, float]) -> float:
        """Return the mean of the highest, as far as there are any."""
        best = sorted(counted.values(), reverse=True)[: self.rule.top]
        return math.fsum(best) / len(best) if best else 0.0

    @property
    def billed_kw(self) -> float:
        """What is paid for: at least the floor, and the mean of the months that count."""
        rule = self.rule
        kws = [max(rule.floor_kw, self.month_kw)]
        if rule.rolling_months > 1:
            before = [kw for month, kw in sorted(self._memory.earlier.items())]
            kws += [max(rule.floor_kw, kw) for kw in before[-(rule.rolling_months - 1) :]]
        return math.fsum(kws) / len(kws)

    @property
    def tariff(self) -> PeakTariff:
        """The first component as it is now, without days to come."""
        return self._model(
            self.rule.parts[0], _day(self._now), self._counted(0), reported_kw=self._reported_kw
        )

    def cost_of_kw_more(self) -> float:
        """Return what another kW beyond what is free would cost this month."""
        tariff = self.tariff
        free_kw = tariff.free_up_to_kw(self.month_kw)
        if not math.isfinite(free_kw):
            return 0.0
        return tariff.cost(free_kw + 1 / tariff.top_days) - tariff.cost(free_kw)

    def tariffs(self, horizon: Horizon) -> Iterator[PeakTariff]:
        """Yield what plans have to know: each component in each month that the horizon is in."""
        starts = [dt_util.as_local(edge) for edge in horizon.edges[:-1]]
        months = list(dict.fromkeys((start.year, start.month) for start in starts))
        days = tuple((start.date() - starts[0].date()).days for start in starts)
        for index, part in enumerate(self.rule.parts):
            for number, month in enumerate(months):
                weight = tuple(
                    part.weight_at(start, holiday=start.date() in self._off)
                    if (start.year, start.month) == month
                    else 0.0
                    for start in starts
                )
                if not any(weight):
                    continue
                first = next(start for start in starts if (start.year, start.month) == month)
                counted = self._counted(index) if number == 0 else {}
                yield self._model(
                    part,
                    first.date(),
                    counted,
                    reported_kw=0.0 if index or number else self._reported_kw,
                    weight=() if set(weight) == {1.0} else weight,
                    day=days if any(days) else (),
                    imported_kwh=self._memory.imported_kwh if number == 0 else 0.0,
                )

    def _model(
        self,
        part: PeakPart,
        first: date,
        counted: Mapping[datetime, float],
        *,
        reported_kw: float,
        **fields: Any,
    ) -> PeakTariff:
        rule = self.rule
        today: Collection[datetime] = []
        if rule.distinct_days:
            today = [at for at in counted if _day(at) == first]
        before = [kw for at, kw in counted.items() if at not in today]
        if reported_kw:
            before.append(reported_kw)
        steps = rule.price_steps(part, first)
        return PeakTariff(
            price_per_kw=rule.month_price(part.price, first),
            free_kw=max(rule.free_kw, rule.floor_kw),
            price_steps=steps,
            interval_h=rule.interval / _HOUR,
            # Days to come are taken to be like those there were: only so does a step not look
            # far away at the beginning of a month.
            top_days=min(rule.top, len(before) + 1) if steps else rule.top,
            distinct_days=rule.distinct_days,
            day_peaks_kw=tuple(before),
            today_kw=max((counted[at] for at in today), default=0.0),
            **fields,
        )


def bind_peaks(
    hass: HomeAssistant, entry: ConfigEntry, memory: Memory, save: Callable[[], None]
) -> dict[str, MonthPeaks]:
    """Return the tariffs on the highest power of a site, by id.

    Args:
        hass: Home Assistant.
        entry: The site.
        memory: What is remembered of their months; new ones are added.
        save: Has that kept.
    """
    return {
        subentry.subentry_id: MonthPeaks(
            hass,
            subentry,
            memory.peaks.setdefault(subentry.subentry_id, PeakMemory()),
            save,
        )
        for subentry in entry.get_subentries_of_type(SUBENTRY_PEAK_TARIFF)
    }


async def async_take_up_imports(
    hass: HomeAssistant, peaks: Collection[MonthPeaks], sensors: ImportSensors, now: datetime
) -> None:
    """Have all take up what the recorder knows of the month so far."""
    month = dt_util.as_local(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for length in {each.rule.interval for each in peaks}:
        means = await async_read_imports(hass, sensors, dt_util.as_utc(month), now, length)
        for each in peaks:
            if each.rule.interval == length:
                each.take_up(means, now)


def _day(moment: datetime) -> date:
    return dt_util.as_local(moment).date()


def _month(moment: datetime) -> str:
    return f"{dt_util.as_local(moment):%Y-%m}"
