"""What the house drew in the last weeks, read from the recorder now and then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant

from .profile import LoadProfile
from .statistics import MeanOver, Means, added, async_read_means

# With this the errors in docs/house.md were measured.
_LAST: Final = timedelta(weeks=6)
# Home Assistant compiles long-term statistics once an hour.
_EVERY: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The sensors that make up the load of a house.

    Attributes:
        meter: What is added up: the sensor at the grid, or those of its phases.
        chargers: What the meter counts beside the house; None where a charger that it counts is
            not measured, so that the house alone is not known.
        pv: What the meter counts against the house; None where that is not measured.
        batteries: What the meter counts of home batteries, each with the sign of charging.
        voltage: For those that report currents.
        scale: What the values of the meter are to be multiplied by to be right.
        exports: What is exported, where the meter is a sensor of imports only.
    """

    meter: Sequence[str]
    chargers: Sequence[str] | None
    pv: str | None
    voltage: float
    scale: float = 1.0
    exports: Sequence[str] = ()
    batteries: Sequence[tuple[str, float]] = ()


class LoadHistory:
    """The usual load of a house by day of the week and hour of the day."""

    def __init__(self, hass: HomeAssistant, measured: Measured) -> None:
        """Remember what to read; nothing is read before the first refresh."""
        self.net: LoadProfile | None = None
        """What the house takes from the grid, PV deducted; None where too little is known."""
        self.gross: LoadProfile | None = None
        """What the house draws; None where that, or the PV, is not known for long enough."""
        self._hass = hass
        self._measured = measured
        self._read_at: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Return whether there may be something new; the recorder adds to it once an hour."""
        if not self._measured.meter or self._measured.chargers is None:
            return False
        return self._read_at is None or now - self._read_at >= _EVERY

    async def async_refresh(self, now: datetime) -> None:
        """Read the last weeks."""
        self._read_at = now
        net, pv = await self._async_means(now - _LAST, now, "hour")
        self.net = LoadProfile.of(net)
        self.gross = None if pv is None else LoadProfile.of(added([net, pv]))

    async def async_net(self, start: datetime, end: datetime, period: MeanOver) -> Means:
        """Return what the house took from the grid, PV deducted; nothing where not measured."""
        if not self._measured.meter or self._measured.chargers is None:
            return {}
        return (await self._async_means(start, end, period))[0]

    async def _async_means(
        self, start: datetime, end: datetime, period: MeanOver
    ) -> tuple[Means, Means | None]:
        """Return what the house took, PV deducted, and what PV gave; None where not measured."""
        measured = self._measured
        chargers = measured.chargers or ()
        pv = () if measured.pv is None else (measured.pv,)
        means = await async_read_means(
            self._hass,
            {
                *measured.meter,
                *measured.exports,
                *chargers,
                *pv,
                *(entity_id for entity_id, _ in measured.batteries),
            },
            start,
            end,
            voltage=measured.voltage,
            period=period,
        )

        def of(entity_ids: Sequence[str]) -> list[Means]:
            return [means.get(entity_id, {}) for entity_id in entity_ids]

        def scaled(entity_id: str, scale: float) -> Means:
            return {hour: mean * scale for hour, mean in means.get(entity_id, {}).items()}

        net = added(
            [scaled(entity_id, measured.scale) for entity_id in measured.meter],
            minus=[
                *(scaled(entity_id, measured.scale) for entity_id in measured.exports),
                *(scaled(entity_id, sign) for entity_id, sign in measured.batteries),
                *of(chargers),
            ],
        )
        return net, means.get(measured.pv, {}) if measured.pv is not None else None
