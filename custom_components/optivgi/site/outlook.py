"""What the house is expected to draw and to produce, and what that rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ..bindings.house.history import LoadHistory, Measured
from ..bindings.house.load import RunningAverage
from ..bindings.house.solar import SolarForecast
from ..const import CONF_PV_ENTITY, CONF_SOLAR_ENTITY, CONF_SOLAR_ENTRIES
from ..scheduler.model import Horizon, PerPhase, PerStep
from .basis import Basis, LoadSource
from .house_load import HouseLoad

NOWCAST: Final = timedelta(minutes=30)
"""The house is taken to go on as now for this long, then as it usually does."""
_USUALLY: Final = timedelta(hours=2)
"""PV is averaged over this: longer than clouds pass, shorter than the sun moves far."""


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """The house in each step of a horizon, in kW.

    Attributes:
        now_kw: What it takes at present; None while that is not known.
        base_load_kw: What it draws; what PV covers is deducted in the steps of the near future.
        base_load_phase_kw: The same for each phase; empty where phases are not measured.
        uneven_kw: What a phase may carry beyond an equal part; zeros where phases are measured.
        pv_kw: PV production that is not deducted there; empty for none.
        peak_load_kw: What it usually draws at most in the same hours; empty where unknown.
        phase_part: Which part of a load one phase may carry.
        basis: What it rests on.
    """

    now_kw: float | None
    base_load_kw: PerStep
    base_load_phase_kw: PerPhase
    uneven_kw: PerStep
    pv_kw: PerStep
    peak_load_kw: PerStep
    phase_part: float
    basis: Basis


class HouseOutlook:
    """Looks ahead for a house."""

    def __init__(self, house: HouseLoad, history: LoadHistory, solar: SolarForecast) -> None:
        """Remember where to look."""
        self.history = history
        self._house = house
        self._solar = solar
        self._usual_pv = RunningAverage(_USUALLY)
        self._pv_kw: float | None = None

    def observe(self, now: datetime) -> None:
        """Take up what PV produces, where something tells."""
        kw = None if self._house.pv is None else self._house.pv.kw
        self._pv_kw = None if kw is None else max(0.0, kw)
        if self._pv_kw is not None:
            self._usual_pv.take(self._pv_kw, now)

    async def async_read(self, horizon: Horizon) -> Outlook:
        """Return what to expect: as now for a while, then as usual.

        A meter at the grid tells what PV leaves: while things go on as now, the forecast of PV
        would count it twice. Without a forecast no surplus is expected to stay.
        """
        now = horizon.start
        now_kw = self._house.lately_kw(now)
        pv_now_kw = self._pv_kw
        net = self._house.meter.counts_chargers
        forecast = await self._solar.async_read(horizon)
        self._house.meter.doubt.forecast_kw = forecast[0] if forecast else 0.0
        nowcast = sum(1 for start in horizon.edges[:-1] if start < now + NOWCAST)
        base_load_kw, basis = self._expected(horizon, forecast, net=net)
        # Without its meter the controller allows no more than the safe limits anyway.
        at_present = self._house.usual_kw if now_kw is None else now_kw
        base_load_kw = (at_present,) * nowcast + base_load_kw[nowcast:]
        pv_kw: PerStep = ()
        if forecast is not None or (pv_now_kw is not None and not net):
            expected = forecast or (0.0,) * len(horizon)
            near = expected[:nowcast] if pv_now_kw is None else (pv_now_kw,) * nowcast
            pv_kw = ((0.0,) * nowcast if net else near) + expected[nowcast:]
        # What chargers do by themselves is spread over their phases.
        chargers_kw = self._house.uncontrolled_kw(now)
        own_kw = tuple(kw - chargers_kw for kw in base_load_kw[:nowcast]) + base_load_kw[nowcast:]
        # The meter shows what PV leaves: what it covers of the present is not in its forecast.
        covered = (pv_now_kw,) * nowcast if net else ()
        return Outlook(
            now_kw=now_kw,
            base_load_kw=base_load_kw,
            base_load_phase_kw=self._house.by_phase(now, base_load_kw, nowcast),
            uneven_kw=self._house.unevenness_kw(*_less_sun(own_kw, pv_kw, covered)),
            pv_kw=pv_kw,
            peak_load_kw=self._peaks(horizon),
            phase_part=self._house.phase_part,
            basis=basis,
        )

    def _peaks(self, horizon: Horizon) -> PerStep:
        """Return what the house usually draws at most in each step, by day or by night."""
        profile = self.history.gross or self.history.net
        if profile is None:
            return ()
        return tuple(max(0.0, profile.peak_kw(*step)) for step in pairwise(horizon.edges))

    def _expected(
        self, horizon: Horizon, forecast: PerStep | None, *, net: bool
    ) -> tuple[PerStep, Basis]:
        """Return the usual load of each step: what PV covers included where that is forecast."""
        solar = forecast is not None
        error = None if solar else self._solar.error
        gross = self.history.gross if solar and net else None
        if (profile := gross or self.history.net) is None:
            measured = bool(self._house.meter.entity_ids)
            source = LoadSource.RECENT if measured else LoadSource.ASSUMED
            usual_kw = self._usual_gross_kw if solar and net else self._house.usual_kw
            basis = Basis(load=source, solar=solar, solar_error=error)
            return (usual_kw,) * len(horizon), basis
        loads = tuple(max(0.0, profile.mean_kw(*step)) for step in pairwise(horizon.edges))
        if solar and net and gross is None:
            loads = _not_below_the_dark(loads, forecast or ())
        basis = Basis(load=LoadSource.HISTORY, weeks=profile.weeks, solar=solar, solar_error=error)
        return loads, basis

    @property
    def _usual_gross_kw(self) -> float:
        """What the house draws on average, with what PV covers of it."""
        net_kw = self._house.meter.load.usually.value
        if net_kw is None or self._usual_pv.value is None:
            return self._house.usual_kw
        return max(0.0, net_kw + self._usual_pv.value)


def _less_sun(
    load_kw: PerStep, pv_kw: PerStep, covered: Sequence[float | None]
) -> tuple[PerStep, Sequence[float | None]]:
    """Return what loads leave to draw beside PV, and what that takes off them.

    Args:
        load_kw: What the house takes, per step.
        pv_kw: What PV gives of that; empty for nothing.
        covered: What it has taken off the first of the loads already; None while unknown.
    """
    given: Sequence[float | None] = pv_kw or (None,) * len(load_kw)
    net_kw = tuple(load - (sun or 0.0) for load, sun in zip(load_kw, given, strict=True))
    return net_kw, (*covered, *given[len(covered) :])


def _not_below_the_dark(loads: PerStep, pv_kw: PerStep) -> PerStep:
    """Raise the hours of sunshine to the mean of the dark ones.

    Where PV is not measured its share is missing in what the meter showed in those hours.
    """
    dark = [load for load, pv in zip(loads, pv_kw, strict=True) if pv <= 0]
    if not dark:
        return loads
    least = fmean(dark)
    return tuple(
        max(load, least) if pv > 0 else load for load, pv in zip(loads, pv_kw, strict=True)
    )


def bind_outlook(
    hass: HomeAssistant,
    data: Mapping[str, Any],
    house: HouseLoad,
    charger_powers: Sequence[str | None],
    battery_powers: Sequence[tuple[str, float]],
    *,
    voltage: float,
) -> HouseOutlook:
    """Bind what tells how a house will go on.

    Args:
        hass: Home Assistant.
        data: The configuration of the site.
        house: The house.
        charger_powers: The power sensor of each charger, None for one without.
        battery_powers: The power sensors of home batteries, with the sign of charging.
        voltage: Between phase and neutral.
    """
    net = house.meter.counts_chargers
    counted = charger_powers if net else ()
    known = [power for power in counted if power is not None]
    measured = Measured(
        meter=house.meter.statistic_ids,
        chargers=known if len(known) == len(counted) else None,
        pv=data.get(CONF_PV_ENTITY) if net else None,
        batteries=battery_powers if net else (),
        voltage=voltage,
        scale=house.meter.scale,
        exports=house.meter.export_ids,
    )
    return HouseOutlook(
        house,
        LoadHistory(hass, measured),
        SolarForecast(
            hass,
            data.get(CONF_SOLAR_ENTRIES, ()),
            data.get(CONF_SOLAR_ENTITY),
            carries_kw=house.meter.carries_kw,
        ),
    )
