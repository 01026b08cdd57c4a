"""Sensors: what is planned, what it costs, and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfEnergy, UnitOfPower, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .battery_sensor import BATTERY_SENSORS, BatterySensor
from .charging.charging_point import ChargingPoint
from .charging.state_of_charge import SocSource
from .control.state import ControlState
from .entity import ChargerEntity, SiteEntity
from .explain.forecast import forecast_of
from .explain.protection import ProtectionGrade, protection_of
from .explain.reasons import in_plain_types
from .explain.shortfall import is_at_risk
from .explain.situation import Situation
from .explain.status import ChargerStatus, describe
from .own_entities import MODE, SWAP_FOR, WILL_BE_READY
from .peak_sensor import PEAK_SENSOR, PeakSensor
from .planning.plan import Plan
from .price_sensor import PRICE, PriceSensor
from .reason_sensor import REASON, ReasonSensor
from .runtime import OptivgiConfigEntry, OptivgiRuntime
from .scheduler import algorithm_names
from .scheduler.last_resort import LAST_PLAN
from .scheduler.model import SolveStatus
from .session_sensor import session_sensors
from .site.basis import LoadSource
from .site.waiting_cars import waiting_for
from .vehicle_sensor import VEHICLE_SENSORS, VehicleSensor

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class SiteSensorDescription(SensorEntityDescription):
    """A sensor of the site."""

    value_fn: Callable[[Plan, datetime], StateType | datetime]
    attributes_fn: Callable[[Plan], Mapping[str, Any]] | None = None
    in_currency: bool = False


@dataclass(frozen=True, kw_only=True)
class ChargerSensorDescription(SensorEntityDescription):
    """A sensor of a charger."""

    value_fn: Callable[[Situation], StateType | datetime]
    attributes_fn: Callable[[Situation, OptivgiRuntime], Mapping[str, Any]] | None = None
    of_plan: bool = True
    in_currency: bool = False


def _planned_power(plan: Plan, now: datetime) -> float | None:
    index = plan.schedule.horizon.index_at(now)
    return None if index is None else plan.schedule.total_kw[index]


def _basis_attributes(plan: Plan) -> dict[str, Any]:
    basis = plan.basis
    return {
        "weeks": basis.weeks,
        "solar_forecast": basis.solar,
        "solar_forecast_error": basis.solar_error,
    }


def _cost_attributes(plan: Plan) -> dict[str, Any]:
    reserved = round(plan.reserved_cost, 4) if plan.prices_known else None
    here = None if reserved is None else round(plan.schedule.cost - plan.reserved_cost, 4)
    split = plan.schedule.cost_split
    co2_kg = plan.co2_kg
    return {
        "cars_here": here,
        "reservations": reserved,
        "peak": round(split.peak, 2) if plan.peak_tariff_ids else None,
        "co2_kg": None if co2_kg is None else round(co2_kg, 2),
    }


SITE_SENSORS: tuple[SiteSensorDescription, ...] = (
    SiteSensorDescription(
        key="algorithm",
        device_class=SensorDeviceClass.ENUM,
        options=[*algorithm_names(), LAST_PLAN],
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda plan, _: plan.schedule.algorithm,
    ),
    SiteSensorDescription(
        key="house_forecast",
        device_class=SensorDeviceClass.ENUM,
        options=list(LoadSource),
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda plan, _: plan.basis.load,
        attributes_fn=_basis_attributes,
    ),
    SiteSensorDescription(
        key="optimality_gap",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=2,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda plan, _: None if plan.schedule.gap is None else plan.schedule.gap * 100,
    ),
    SiteSensorDescription(
        key="plan_age",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda plan, _: plan.made_at,
    ),
    SiteSensorDescription(
        key="planned_cost",
        device_class=SensorDeviceClass.MONETARY,
        suggested_display_precision=2,
        in_currency=True,
        value_fn=lambda plan, _: plan.schedule.cost if plan.prices_known else None,
        attributes_fn=_cost_attributes,
    ),
    SiteSensorDescription(
        key="planned_peak",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.KILO_WATT,
        suggested_display_precision=1,
        value_fn=lambda plan, _: plan.schedule.peak_kw,
    ),
    SiteSensorDescription(
        key="planned_power",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.KILO_WATT,
        suggested_display_precision=1,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_planned_power,
        attributes_fn=lambda plan: {"forecast": forecast_of(plan)},
    ),
    SiteSensorDescription(
        key="solver_status",
        device_class=SensorDeviceClass.ENUM,
        options=list(SolveStatus),
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda plan, _: plan.schedule.status,
    ),
    SiteSensorDescription(
        key="solver_time",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MILLISECONDS,
        suggested_display_precision=0,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda plan, _: plan.schedule.build_ms + plan.schedule.solve_ms,
    ),
)


def _of_plan(
    value: Callable[[Plan, str, datetime], StateType | datetime],
) -> Callable[[Situation], StateType | datetime]:
    """Read a value from the plan, if there is one."""

    def read(situation: Situation) -> StateType | datetime:
        if situation.plan is None:
            return None
        return value(situation.plan, situation.point.charger.id, situation.now)

    return read


def _planned_cost(plan: Plan, charger_id: str, _: datetime) -> float | None:
    if not plan.prices_known:
        return None
    answer = plan.answer(charger_id)
    return 0.0 if answer is None else answer.cost


def _start(plan: Plan, charger_id: str, now: datetime) -> datetime | None:
    """Return the start of the charging that is planned now, else the next one."""
    return plan.present_start(charger_id, now) or plan.next_start(charger_id, now)


def _start_attributes(situation: Situation, _: OptivgiRuntime) -> dict[str, Any]:
    plan, charger_id, now = situation.plan, situation.point.charger.id, situation.now
    if plan is None or plan.present_start(charger_id, now) is None:
        return {"charging": False, "later_start": None}
    return {"charging": True, "later_start": plan.next_start(charger_id, now)}


def _energy_attributes(situation: Situation, _: OptivgiRuntime) -> dict[str, Any]:
    plan = situation.plan
    answer = None if plan is None else plan.answer(situation.point.charger.id)
    return {"battery_kwh": 0.0 if answer is None else round(answer.energy_kwh, 2)}


def _planned_limit(situation: Situation) -> float | None:
    if situation.plan is None:
        return None
    return situation.plan.power_kw_at(situation.point.charger.id, situation.now)


def _limit_attributes(situation: Situation, _: OptivgiRuntime) -> dict[str, Any]:
    plan, charger_id = situation.plan, situation.point.charger.id
    return {"forecast": [] if plan is None else forecast_of(plan, charger_id)}


def _will_be_ready(situation: Situation) -> bool | None:
    """Return whether a car will have its target by departure; None where nobody plans for it."""
    plan, point = situation.plan, situation.point
    if plan is None or plan.answer(point.charger.id) is None:
        return None
    return not is_at_risk(point, plan)


def _status_attributes(situation: Situation, runtime: OptivgiRuntime) -> dict[str, Any]:
    point: ChargingPoint = situation.point
    control: ControlState = situation.state
    charge = point.state_of_charge
    profile = control.profile
    status = describe(situation)
    return {
        "reason": runtime.texts.text(status.reasons, situation.now),
        "reason_code": status.code,
        "reasons": in_plain_types(status.reasons),
        MODE: str(point.settings.mode),
        WILL_BE_READY: _will_be_ready(situation),
        SWAP_FOR: [vehicle.name for vehicle in waiting_for(runtime.site, point)]
        if status.word is ChargerStatus.FINISHED
        else [],
        "limit_kw": control.limit_kw,
        "vehicle": None if point.vehicle is None else point.vehicle.name,
        "soc": None if point.soc is None else round(point.soc, 1),
        "soc_source": str(SocSource.NONE if charge is None else charge.source),
        "soc_told_at": None if charge is None else charge.at,
        "needed_kwh": round(point.needed_kwh, 2),
        "delivered_kwh": round(point.session.delivered_kwh, 2),
        "departure": point.session.departure,
        "departure_source": str(point.departure_tracker.current(situation.now).source),
    } | (
        {}
        if profile is None
        else {
            "profile": profile.state,
            "profile_problem": profile.problem,
            "profile_told_at": profile.sent_at,
        }
    )


CHARGER_SENSORS: tuple[ChargerSensorDescription, ...] = (
    ChargerSensorDescription(
        key="expected_finish",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=_of_plan(lambda plan, charger_id, _: plan.expected_finish(charger_id)),
    ),
    ChargerSensorDescription(
        key="next_start",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=_of_plan(_start),
        attributes_fn=_start_attributes,
    ),
    ChargerSensorDescription(
        key="planned_cost",
        device_class=SensorDeviceClass.MONETARY,
        suggested_display_precision=2,
        in_currency=True,
        value_fn=_of_plan(_planned_cost),
    ),
    ChargerSensorDescription(
        key="planned_energy",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        value_fn=_of_plan(lambda plan, charger_id, _: plan.energy_kwh(charger_id)),
        attributes_fn=_energy_attributes,
    ),
    ChargerSensorDescription(
        key="planned_limit",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.KILO_WATT,
        suggested_display_precision=1,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_planned_limit,
        attributes_fn=_limit_attributes,
    ),
    ChargerSensorDescription(
        key="status",
        device_class=SensorDeviceClass.ENUM,
        options=list(ChargerStatus),
        value_fn=lambda situation: describe(situation).word,
        attributes_fn=_status_attributes,
        of_plan=False,
    ),
    ChargerSensorDescription(
        key="writes",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda situation: situation.state.writes_of_a_day(situation.now),
        of_plan=False,
    ),
)


PROTECTION = SensorEntityDescription(
    key="protection",
    device_class=SensorDeviceClass.ENUM,
    options=list(ProtectionGrade),
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OptivgiConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the site, of each charger, vehicle and tariff on the highest power."""
    for owner, sensors in session_sensors(entry).items():
        async_add_entities(sensors, config_subentry_id=owner)
    async_add_entities(SiteSensor(entry, description) for description in SITE_SENSORS)
    async_add_entities([ProtectionSensor(entry), PriceSensor(entry, PRICE)])
    for point in entry.runtime_data.site.points.values():
        async_add_entities(
            [
                ReasonSensor(entry, point, REASON),
                *(ChargerSensor(entry, point, description) for description in CHARGER_SENSORS),
            ],
            config_subentry_id=point.charger.id,
        )
    for battery in entry.runtime_data.site.batteries.values():
        async_add_entities(
            (BatterySensor(entry, battery, description) for description in BATTERY_SENSORS),
            config_subentry_id=battery.id,
        )
    for vehicle in entry.runtime_data.site.vehicles.values():
        async_add_entities(
            (VehicleSensor(entry, vehicle, description) for description in VEHICLE_SENSORS),
            config_subentry_id=vehicle.id,
        )
    for peaks in entry.runtime_data.site.peaks.values():
        async_add_entities([PeakSensor(entry, peaks, PEAK_SENSOR)], config_subentry_id=peaks.id)


class SiteSensor(SiteEntity, SensorEntity):
    """A sensor of the site."""

    # The whole plan, again with each one.
    _unrecorded_attributes = frozenset({"forecast"})

    entity_description: SiteSensorDescription

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        if self.entity_description.in_currency:
            return self.hass.config.currency
        return self.entity_description.native_unit_of_measurement

    @property
    @override
    def native_value(self) -> StateType | datetime:
        return self.entity_description.value_fn(self.coordinator.data, dt_util.utcnow())

    @property
    @override
    def options(self) -> list[str] | None:
        """What it may say, an algorithm that others have registered included."""
        known: list[str] | None = self.entity_description.options
        plan: Plan | None = self.coordinator.data
        if known is None or plan is None or self.native_value in known:
            return known
        return [*known, str(self.native_value)]

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        attributes_fn = self.entity_description.attributes_fn
        return None if attributes_fn is None else attributes_fn(self.coordinator.data)


class ProtectionSensor(SiteEntity, SensorEntity):
    """Says how well the fuse is protected by what measures the house, plan or not."""

    def __init__(self, entry: OptivgiConfigEntry) -> None:
        """Grade the meter of a site."""
        super().__init__(entry, PROTECTION)
        self._texts = entry.runtime_data.texts

    @property
    @override
    def available(self) -> bool:
        return True

    @property
    @override
    def native_value(self) -> StateType:
        return protection_of(self.site).grade

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        protection, now = protection_of(self.site), dt_util.utcnow()
        return {
            "reports_every_s": protection.reports_every_s,
            "silent_after_s": protection.silent_after_s,
            "left_free_kw": protection.left_free_kw,
            "improve": [self._texts.sentence(reason, now) for reason in protection.improve],
            "reasons": in_plain_types(protection.improve),
        }


class ChargerSensor(ChargerEntity, SensorEntity):
    """A sensor of a charger."""

    # They change all the time, or say again what others do: the charger's sensors, the reason.
    _unrecorded_attributes = frozenset(
        {"battery_kwh", "delivered_kwh", "forecast", "limit_kw", "needed_kwh", "reasons", "soc"}
    )

    entity_description: ChargerSensorDescription

    @property
    @override
    def available(self) -> bool:
        """The status of a charger is known even when no plan can be made."""
        return super().available or not self.entity_description.of_plan

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        if self.entity_description.in_currency:
            return self.hass.config.currency
        return self.entity_description.native_unit_of_measurement

    @property
    @override
    def native_value(self) -> StateType | datetime:
        return self.entity_description.value_fn(self.situation)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        if self.entity_description.attributes_fn is None:
            return None
        return self.entity_description.attributes_fn(self.situation, self._runtime)
