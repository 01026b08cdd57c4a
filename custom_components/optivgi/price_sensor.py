"""The price of now, and how it stands among those of the day."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfEnergy
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .entity import SiteEntity
from .own_entities import CHEAPER_HOURS

PRICE: Final = SensorEntityDescription(
    key="price", state_class=SensorStateClass.MEASUREMENT, suggested_display_precision=3
)


class PriceSensor(SiteEntity, SensorEntity):
    """What an imported kWh costs now, by which plans are made."""

    # It changes with every slot, and the price says it already.
    _unrecorded_attributes = frozenset({CHEAPER_HOURS})

    @property
    @override
    def native_unit_of_measurement(self) -> str:
        return f"{self.hass.config.currency}/{UnitOfEnergy.KILO_WATT_HOUR}"

    @property
    def _step(self) -> int | None:
        horizon = self.coordinator.data.problem.horizon
        return horizon.index_at(dt_util.utcnow())

    @property
    @override
    def native_value(self) -> StateType:
        plan, step = self.coordinator.data, self._step
        if step is None or not plan.prices_known:
            return None
        return round(plan.problem.site.import_price[step], 6)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        step, site = self._step, self.coordinator.data.problem.site
        return {
            "estimated": None if step is None else bool(site.estimated and site.estimated[step]),
            CHEAPER_HOURS: self.coordinator.prices.cheaper_hours(dt_util.utcnow()),
        }
