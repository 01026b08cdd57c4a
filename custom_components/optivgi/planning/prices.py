"""The prices that plans are made by, also while their source cannot be read."""

from homeassistant.core import CoreState, HomeAssistant

from ..bindings.tariffs import Tariff, TariffError
from ..bindings.tariffs.series import PriceSeries
from ..const import LOGGER
from ..errors import text_of
from ..scheduler.model import Horizon


class PriceFeed:
    """The tariff's prices; the last ones read stand in while it cannot be read."""

    def __init__(
        self, hass: HomeAssistant, tariff: Tariff, export_tariff: Tariff | None = None
    ) -> None:
        """Wrap a tariff, and that of what is exported."""
        self._hass = hass
        self._tariff = tariff
        self.error: str | None = None
        """Why they cannot be read now, in the language of Home Assistant."""
        self._warned = False
        self._last: PriceSeries | None = None
        self._export = None if export_tariff is None else PriceFeed(hass, export_tariff)

    @property
    def known(self) -> bool:
        """Whether any price was ever read."""
        return self._last is not None

    @property
    def watched_entities(self) -> frozenset[str]:
        """The entities that prices come from: their changes are worth a new plan."""
        export = frozenset[str]() if self._export is None else self._export.watched_entities
        return export.union(self._tariff.watched_entities)

    async def async_read(self, horizon: Horizon) -> tuple[tuple[float, ...], tuple[bool, ...]]:
        """Return a price for each step and whether it is an estimate.

        Without any price ever read all steps cost the same, so that cars charge early.
        """
        try:
            self._last = await self._tariff.async_read(horizon.start, horizon.end)
        except TariffError as err:
            # Until Home Assistant has started, they may come later.
            if not self._warned and self._hass.state is CoreState.running:
                LOGGER.warning("Prices cannot be read, planning goes on without: %s", err)
                self._warned = True
            self.error = text_of(self._hass, err)
        else:
            if self._warned:
                LOGGER.info("Prices can be read again")
            self._warned = False
            self.error = None
        if self._last is None:
            return (0.0,) * len(horizon), (True,) * len(horizon)
        return self._last.resample(horizon)

    async def async_read_export(self, horizon: Horizon) -> tuple[float, ...]:
        """Return what exported energy earns in each step; nothing where it earns nothing."""
        if self._export is None:
            return ()
        return (await self._export.async_read(horizon))[0]
