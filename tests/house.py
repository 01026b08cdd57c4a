"""A house made of Home Assistant's own helper entities, for tests to live in.

Two chargers: "Garage" has a limit in A that refuses 0 and a switch; "Carport" has a limit in W
that accepts 0. Physics, where a test wants some, is a step at a time: ``advance``.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import re
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, ServiceResponse, State
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.optivgi import const
from custom_components.optivgi.const import DOMAIN

ENGLISH: Final[Mapping[str, Any]] = json.loads(
    (Path(const.__file__).parent / "translations" / "en.json").read_text()
)

GRID: Final = "sensor.grid_power"
PRICE: Final = "sensor.electricity_price"

SITE_DATA: Final[Mapping[str, Any]] = {
    "fuse_a": 25,
    "phases": "3",
    "voltage": 230,
    "price_source": "entity",
    "price_entity": PRICE,
    "price_factor": 1.0,
    "price_offset": 0.0,
    "power_entity": GRID,
    "even_phases": True,
    "power_covers": "grid",
}
GARAGE_DATA: Final[Mapping[str, Any]] = {
    "limit_entity": "input_number.garage_limit",
    "switch_entity": "input_boolean.garage_charging",
    "status_entity": "input_select.garage_status",
    "power_entity": "sensor.garage_power",
    "phases": "3",
    "min_a": 6,
    "max_a": 16,
}
CARPORT_DATA: Final[Mapping[str, Any]] = {
    "limit_entity": "input_number.carport_limit",
    "status_entity": "input_select.carport_status",
    "power_entity": "sensor.carport_power",
    "phases": "3",
    "min_a": 6,
    "max_a": 16,
}
ZOE_DATA: Final[Mapping[str, Any]] = {
    "battery_kwh": 50,
    "soc_entity": "sensor.zoe_battery",
    "target_soc": 80,
    "departure": "07:00:00",
    "charger": "garage",
    "efficiency": 0.9,
}
LEAF_DATA: Final[Mapping[str, Any]] = {
    "battery_kwh": 40,
    "soc_entity": "sensor.leaf_battery",
    "target_soc": 90,
    "departure": "06:30:00",
    "charger": "carport",
    "efficiency": 0.9,
}

BATTERY_DATA: Final[Mapping[str, Any]] = {
    "power_entity": "sensor.battery_power",
    "soc_entity": "sensor.battery_soc",
    "capacity_kwh": 10,
    "max_charge_kw": 5,
    "max_discharge_kw": 5,
    "reserve_soc": 10,
    "max_soc": 100,
    "planned_by": "itself",
}


def subentry(
    subentry_id: str, subentry_type: str, title: str, data: Mapping[str, Any]
) -> ConfigSubentryDataWithId:
    """Return a subentry as it is stored."""
    return ConfigSubentryDataWithId(
        subentry_id=subentry_id,
        subentry_type=subentry_type,
        title=title,
        data=dict(data),
        unique_id=None,
    )


CHARGERS: Final = (
    subentry("garage", "charger", "Garage", GARAGE_DATA),
    subentry("carport", "charger", "Carport", CARPORT_DATA),
)
VEHICLES: Final = (
    subentry("zoe", "vehicle", "Zoe", ZOE_DATA),
    subentry("leaf", "vehicle", "Leaf", LEAF_DATA),
)


STORE: Final = subentry("store", "battery", "Store", BATTERY_DATA)
"""A home battery, whose states ``set_battery`` sets."""


class House:
    """The states of the house, and the site that lives on them."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
        """Set nothing up yet."""
        self.hass = hass
        self.freezer = freezer
        self.entry: MockConfigEntry | None = None

    async def async_build(self) -> None:
        """Set up the helper entities that stand for chargers, and the sensors' states."""
        await self.hass.config.async_set_time_zone("Europe/Amsterdam")
        self.hass.config.currency = "EUR"
        components: dict[str, dict[str, Any]] = {
            "input_number": {
                "garage_limit": _number(6, 16, 1, "A", 16),
                "carport_limit": _number(0, 11000, 10, "W", 11000),
                "two_way_limit": _number(-7000, 11000, 100, "W", 0),
                "store_max_discharge": _number(10, 5000, 10, "W", 5000),
                "store_min_soc": _number(0, 100, 1, "%", 10),
                "store_charge_power": _number(0, 5000, 100, "W", 0),
            },
            "input_boolean": {
                "garage_charging": {"initial": False},
                "store_remote": {"initial": False},
            },
            "input_button": {"store_send": {}},
            "input_select": {
                "garage_phases": {"options": ["auto", "one", "three"], "initial": "three"},
                "garage_status": {
                    "options": ["disconnected", "awaiting_start", "charging", "completed"],
                    "initial": "disconnected",
                },
                "store_mode": {"options": ["self", "no_discharge", "charge"], "initial": "self"},
                "carport_status": {
                    "options": [
                        "Available",
                        "Preparing",
                        "Charging",
                        "SuspendedEV",
                        "SuspendedEVSE",
                    ],
                    "initial": "Available",
                },
            },
        }
        for component, config in components.items():
            assert await async_setup_component(self.hass, component, {component: config})
        self.set_power(GRID, 500)
        self.set_power("sensor.garage_power", 0)
        self.set_power("sensor.carport_power", 0)
        self.set_soc("zoe", 40)
        self.set_soc("leaf", 50)
        self.set_hourly_prices([0.30] * 48)

    def set_power(self, entity_id: str, watts: float) -> None:
        """Let a power sensor report."""
        self.hass.states.async_set(
            entity_id, f"{watts:.1f}", {"unit_of_measurement": "W", "device_class": "power"}
        )

    def set_soc(self, car: str, percent: float) -> None:
        """Let a car report its state of charge."""
        self.hass.states.async_set(
            f"sensor.{car}_battery",
            f"{percent:.1f}",
            {"unit_of_measurement": "%", "device_class": "battery"},
        )

    def set_battery(self, watts: float, percent: float | None = None) -> None:
        """Let the home battery report its power, positive while it charges, and how full it is."""
        self.set_power("sensor.battery_power", watts)
        if percent is not None:
            self.hass.states.async_set(
                "sensor.battery_soc", f"{percent:.1f}", {"unit_of_measurement": "%"}
            )

    def set_hourly_prices(self, prices: Iterable[float], *, unit: str = "EUR/kWh") -> None:
        """Let the price sensor show a price for each hour from the last local midnight on."""
        midnight = dt_util.start_of_local_day()
        rows = [
            {
                "start": midnight + timedelta(hours=hour),
                "end": midnight + timedelta(hours=hour + 1),
                "value": price,
            }
            for hour, price in enumerate(prices)
        ]
        self.hass.states.async_set(
            PRICE,
            str(rows[0]["value"]),
            {"unit_of_measurement": unit, "raw_today": rows[:24], "raw_tomorrow": rows[24:]},
        )

    async def async_set_up_site(
        self,
        *subentries: ConfigSubentryDataWithId,
        data: Mapping[str, Any] | None = None,
    ) -> MockConfigEntry:
        """Set up the site with the given subentries, or with all chargers and vehicles.

        What ``data`` gives as None is left out.
        """
        merged = {**SITE_DATA, **(data or {})}
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            title="Home",
            entry_id="site",
            unique_id="home",
            data={key: value for key, value in merged.items() if value is not None},
            subentries_data=list(subentries or (*CHARGERS, *VEHICLES)),
        )
        self.entry.add_to_hass(self.hass)
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.async_settle()
        return self.entry

    async def async_settle(self) -> None:
        """Let what is under way come to its end, debounced requests for a plan included."""
        await self.hass.async_block_till_done(wait_background_tasks=True)
        self.freezer.tick(timedelta(seconds=3))
        async_fire_time_changed(self.hass)
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def async_advance(self, by: timedelta) -> None:
        """Let time pass at once."""
        self.freezer.tick(by)
        async_fire_time_changed(self.hass)
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def async_select(self, entity_id: str, option: str) -> None:
        """Select an option, of a helper or of one of our selects."""
        await self.hass.services.async_call(
            entity_id.partition(".")[0],
            "select_option",
            {ATTR_ENTITY_ID: entity_id, "option": option},
            blocking=True,
        )
        await self.async_settle()

    async def async_plug_in(self, charger: str) -> None:
        """Plug a car in."""
        state = {"garage": "awaiting_start", "carport": "Preparing"}[charger]
        await self.async_select(f"input_select.{charger}_status", state)

    async def async_unplug(self, charger: str) -> None:
        """Unplug the car."""
        state = {"garage": "disconnected", "carport": "Available"}[charger]
        await self.async_select(f"input_select.{charger}_status", state)
        # A word of a moment is not believed.
        for _ in range(3):
            await self.async_advance(timedelta(seconds=11))
        await self.async_settle()

    def state(self, entity_id: str) -> State:
        """Return a state that has to be there."""
        state = self.hass.states.get(entity_id)
        assert state is not None, entity_id
        return state

    def value(self, entity_id: str) -> float:
        """Return a state as a number."""
        return float(self.state(entity_id).state)

    @property
    def garage_kw(self) -> float:
        """What the garage may draw by its limit and its switch."""
        if self.state("input_boolean.garage_charging").state == "off":
            return 0.0
        return self.value("input_number.garage_limit") * 3 * 230 / 1000

    @property
    def carport_kw(self) -> float:
        """What the carport may draw by its limit."""
        return self.value("input_number.carport_limit") / 1000

    async def async_schedule(self) -> dict[str, Any]:
        """Return the plan as the action tells it."""
        response: ServiceResponse = await self.hass.services.async_call(
            DOMAIN, "get_schedule", {}, blocking=True, return_response=True
        )
        assert response is not None
        return dict(response)

    def entity_id(self, platform: str, owner_id: str, key: str) -> str:
        """Return the id of one of our entities."""
        found = er.async_get(self.hass).async_get_entity_id(platform, DOMAIN, f"{owner_id}_{key}")
        assert found is not None, f"{platform} {owner_id}_{key}"
        return found


def _number(
    minimum: float, maximum: float, step: float, unit: str, initial: float
) -> dict[str, Any]:
    return {
        "min": minimum,
        "max": maximum,
        "step": step,
        "unit_of_measurement": unit,
        "initial": initial,
        "mode": "box",
    }


def named_in(text: str) -> set[str]:
    """Return the placeholders of a translated text."""
    return set(re.findall(r"{(\w+)}", text))


def charger_of(schedule: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the part of a schedule that is about one charger."""
    return next(charger for charger in schedule["chargers"] if charger["name"] == name)


def planned_kw_at(charger: Mapping[str, Any], moment: datetime) -> float:
    """Return the planned limit of a charger at a moment."""
    return next(
        (
            float(step["limit_kw"])
            for step in charger["plan"]
            if datetime.fromisoformat(step["start"]).astimezone(UTC)
            <= moment
            < datetime.fromisoformat(step["end"]).astimezone(UTC)
        ),
        0.0,
    )
