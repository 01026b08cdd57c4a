"""The sensor of a tariff on the highest power: what is billed of this month by now."""

from collections.abc import Mapping
from datetime import timedelta
import math
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfPower
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .entity import PeakTariffEntity

PEAK_SENSOR: Final = SensorEntityDescription(
    key="peak_this_month",
    device_class=SensorDeviceClass.POWER,
    native_unit_of_measurement=UnitOfPower.KILO_WATT,
    suggested_display_precision=2,
    state_class=SensorStateClass.MEASUREMENT,
)
_DIGITS: Final = 3
"""A watt: what is billed is compared with what the meter shows."""
_HOUR: Final = timedelta(hours=1)


class PeakSensor(PeakTariffEntity, SensorEntity):
    """Shows the peak of the month, and what more would cost."""

    # It changes all the time.
    _unrecorded_attributes = frozenset({"interval_kw"})

    @property
    @override
    def native_value(self) -> StateType:
        return round(self.peaks.month_kw, _DIGITS)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        peaks, now = self.peaks, dt_util.utcnow()
        tariff = peaks.tariff
        free_kw = tariff.free_up_to_kw(peaks.month_kw)
        running = peaks.running
        hours = 0.0 if running is None else (now - running.begin) / _HOUR
        return {
            "another_kw_costs": round(peaks.cost_of_kw_more(), 2),
            "free_up_to_kw": None if free_kw == math.inf else round(free_kw, _DIGITS),
            "billed_kw": round(peaks.billed_kw, _DIGITS),
            "cost": round(tariff.cost(peaks.month_kw), 2),
            "highest": [
                {"start": dt_util.as_local(at).isoformat(), "kw": round(kw, _DIGITS)}
                for at, kw in peaks.highest.items()
            ],
            "interval_kw": round(running.imported_kwh / hours, 1) if running and hours else None,
        }
