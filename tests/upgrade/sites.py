"""Three sites whose configuration uses every field there is, and what happens at them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser, async_fire_time_changed
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.optivgi.const import DOMAIN
from tests.roof import answer, async_set_up_roof

from .forms import Forms
from .outside import Outside, battery, power

BEGIN: Final = "2026-11-20 19:00:00+00:00"
STEP: Final = timedelta(minutes=5)

RENAMED: Final = {"select Gate_mode": "select.how_the_gate_charges"}
"""The entity that a person has given another id, by its platform and unique id."""
_EXPORT: Final = {"export_entity": "sensor.feed_in", "export_factor": 0.5, "export_offset": -0.01}
_BY_TIME: Final = [
    {"from": "00:00:00", "price": 0.11},
    {"from": "07:00:00", "price": 0.24, "weekdays": ["mon", "sat", "holiday"], "months": ["nov"]},
]
_ADJUSTED: Final = {"price_factor": 1.21, "price_offset": 0.02, **_EXPORT}
_HOLIDAYS: Final = {"holiday_entity": "binary_sensor.workday"}
_HOME: Final = {
    "name": "Home",
    "fuse_a": 25,
    "phases": "3",
    "voltage": 231,
    "power_entity": "sensor.grid_power",
    "power_covers": "grid",
    "l1_entity": "sensor.l1",
    "l2_entity": "sensor.l2",
    "l3_entity": "sensor.l3",
    "pv_entity": "sensor.pv_power",
    "price_source": "entity",
    "price_entity": "sensor.day_ahead",
    "forecast_entity": "sensor.forecast",
    "fees": _BY_TIME,
    **_HOLIDAYS,
    **_ADJUSTED,
}
_CABIN: Final = {
    "name": "Cabin",
    "phases": "1",
    "voltage": 230,
    "limit_kw": 7.5,
    "power_entity": "sensor.cabin_power",
    "power_covers": "house",
    "base_load_kw": 0.4,
    "solar_forecast_entity": "sensor.solcast",
    "pv_entity": "sensor.cabin_pv_power",
    "price_source": "time_of_use",
    "time_of_use": _BY_TIME,
    **_HOLIDAYS,
    **_ADJUSTED,
}
_WORKSHOP: Final = {
    "name": "Workshop",
    "fuse_a": 35,
    "phases": "3",
    "voltage": 230,
    "price_source": "constant",
    "price": 0.31,
    "fees": _BY_TIME,
    **_HOLIDAYS,
    **_ADJUSTED,
}
_GARAGE: Final = {
    "states_unplugged": ["frei"],
    "states_plugged": ["belegt"],
    "states_charging": ["laedt"],
    "states_finished": ["voll"],
    "hand_back": "most",
    "least_increase": 1,
    "settle": 75,
    "tag_entity": "sensor.garage_tag",
}
_COURTYARD: Final = {"ocpp_profiles": "both", "meter_interval": 45, "renew": 900}
_SOCKET: Final = {"max_a": 9, "min_a": 8}
_HALL: Final = {"hand_back": "keep"}
_ZOE: Final = {
    "name": "Zoe",
    "battery_kwh": 52,
    "soc_entity": "sensor.zoe_battery",
    "target_soc": 80,
    "departure": "07:15:00",
    "weekly_departures": [
        {"weekdays": ["mon", "tue", "wed", "thu", "fri"], "at": "07:30:00"},
        {"weekdays": ["sat"], "at": "10:00:00", "target_soc": 95},
    ],
    "departure_entity": "calendar.family",
    "departure_text": "work",
    "phases": "3",
    "max_a": 15,
    "efficiency": 89,
    "plugged_entity": "binary_sensor.zoe_plug",
    "soc_time_entity": "sensor.zoe_heard",
    "soc_old_after": 20,
    "location_entity": "device_tracker.zoe",
    "soc_limit_entity": "input_number.zoe_limit",
    "write_soc_limit": True,
    "tags": ["04:A2:3F"],
}
_LEAF: Final = {
    "name": "Leaf",
    "battery_kwh": 40,
    "target_soc": 90,
    "departure": "06:45:00",
    "departure_entity": "input_datetime.leaf",
    "efficiency": 90,
}
_IONIQ: Final = {
    "name": "Ioniq",
    "battery_kwh": 73,
    "soc_entity": "sensor.ioniq_battery",
    "target_soc": 70,
    "departure": "08:00:00",
    "efficiency": 92,
}
_TWIZY: Final = {
    "name": "Twizy",
    "battery_kwh": 7,
    "soc_entity": "sensor.twizy_battery",
    "target_soc": 80,
    "departure": "09:00:00",
    "efficiency": 88,
    "phases": "1",
}


class Sites:
    """The sites, set up and used the way people do."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
        """Have nothing yet."""
        self.hass = hass
        self.freezer = freezer
        self.outside = Outside(hass)
        self.forms = Forms(hass)
        self._reports = 0

    async def async_set_up(self, sun: AiohttpClientMocker | None = None) -> None:
        """Set the three sites up through their forms.

        Args:
            sun: Answers for the server of Forecast.Solar; without it no forecast is picked.
        """
        self.freezer.move_to(BEGIN)
        await self.hass.config.async_set_time_zone("Europe/Amsterdam")
        self.hass.config.currency = "EUR"
        await self.outside.async_build()
        home: dict[str, Any] = dict(_HOME)
        if sun is not None:
            assert await async_setup_component(self.hass, "energy", {})
            answer(sun, {"2026-11-21T11:00:00+00:00": 0, "2026-11-21T12:00:00+00:00": 2000})
            home["solar_forecasts"] = [(await async_set_up_roof(self.hass)).entry_id]
        await self._async_add_site(
            home,
            {"Garage": _GARAGE, "Carport": {}, "Courtyard": _COURTYARD, "Socket": _SOCKET},
            {"Garage": _ZOE, "Courtyard": _LEAF, "Carport": _IONIQ},
        )
        await self._async_add_site(_CABIN, {"Barn": {}, "Meadow": {}}, {"Barn": _TWIZY})
        await self._async_add_site(_WORKSHOP, {"Hall": _HALL, "Gate": {}}, {})

    async def _async_add_site(
        self,
        wanted: Mapping[str, Any],
        chargers: Mapping[str, Mapping[str, Any]],
        vehicles: Mapping[str, Mapping[str, Any]],
    ) -> None:
        found = {
            name: {"name": name, "device_id": self.outside.devices[name], **more}
            for name, more in chargers.items()
        }
        first, *others = found.values()
        entry_id = await self.forms.async_add_site(wanted, first)
        for charger in others:
            await self.forms.async_add(entry_id, "charger", charger)
        entry = self.hass.config_entries.async_get_known_entry(entry_id)
        ids = {subentry.title: subentry.subentry_id for subentry in entry.subentries.values()}
        for name, vehicle in vehicles.items():
            await self.forms.async_add(entry_id, "vehicle", {**vehicle, "charger": ids[name]})
        await self.async_pass(timedelta(seconds=3))

    # An evening

    async def async_live(self) -> None:
        """Let an evening pass of which all is remembered that can be."""
        self.outside.set({"sensor.courtyard_power_active_import": power(1400)})
        await self._async_zoe_charges(40)
        await self._async_zoe_drives()
        await self._async_zoe_charges(22)
        self.outside.tell("sensor.twizy_battery", "90")
        self.outside.tell("binary_sensor.barn_connected", "on")
        await self._async_set_what_can_be_set()
        await self._async_reserve()
        self.outside.tell("sensor.carport_easee_status", "awaiting_start")
        # The clouds of cars tell that for some minutes.
        self._zoe_tells(0)
        await self.async_pass(STEP)

    async def _async_zoe_charges(self, begin: int) -> None:
        """Plug Zoe in, and let it tell its state of charge on the way, in %."""
        self._zoe_tells(begin)
        self.outside.tell("sensor.garage_status_description", "Charging")
        self.outside.tell("binary_sensor.zoe_plug", "on")
        self.outside.set({"sensor.garage_charging_power": power(10_350)})
        for percent in range(begin + 2, begin + 18, 2):
            self._report_meters(11_000)
            await self.async_pass(STEP * 1.4)
            self._zoe_tells(percent)

    async def _async_zoe_drives(self) -> None:
        self.outside.tell("sensor.garage_status_description", "Ready")
        self.outside.tell("binary_sensor.zoe_plug", "off")
        self.outside.set({"sensor.garage_charging_power": power(0)})
        for _ in range(8):
            self._report_meters(600)
            await self.async_pass(STEP)

    def _zoe_tells(self, percent: float) -> None:
        now = dt_util.utcnow().isoformat()
        self.outside.set({"sensor.zoe_battery": battery(percent)})
        self.outside.tell("sensor.zoe_heard", now)

    def _report_meters(self, watts: float) -> None:
        amperes = {"unit_of_measurement": "A", "device_class": "current"}
        # The sensor of the third phase reports half as often.
        here = (1, 2, 3) if self._reports % 2 else (1, 2)
        phases = {f"sensor.l{n}": (f"{watts / 690:.1f}", amperes) for n in here}
        self.outside.set({"sensor.grid_power": power(watts), **phases})
        self._reports += 1

    async def _async_set_what_can_be_set(self) -> None:
        act = self._async_act
        self.outside.tell("sensor.courtyard_status_connector", "Preparing")
        await act("select.select_option", "select.courtyard_mode", option="solar_only")
        await act("number.set_value", "number.courtyard_state_of_charge", value=35)
        await act("number.set_value", "number.garage_target", value=85)
        await act("number.set_value", "number.garage_charge_at_once_up_to", value=25)
        await act("time.set_value", "time.courtyard_departure", time="06:15:00")
        await act("select.select_option", "select.carport_vehicle", option="guest")
        await act("select.select_option", "select.carport_mode", option="now")
        await act("number.set_value", "number.carport_energy_to_add", value=14.5)
        await act("select.select_option", "select.barn_mode", option="off")
        await act("number.set_value", "number.socket_energy_to_add", value=9)
        await act("time.set_value", "time.socket_departure", time="08:45:00")
        await act(
            "datetime.set_value",
            "datetime.socket_next_departure",
            datetime="2026-11-21 11:11:00",
        )
        await self._async_call(
            "optivgi.set_departure", vehicle="Leaf", departure="2026-11-22 05:30:00", target_soc=99
        )
        by_hand = Context(user_id=MockUser(is_owner=True).add_to_hass(self.hass).id)
        await self._async_call("switch.turn_off", by_hand, entity_id="switch.socket_plug")
        registry = er.async_get(self.hass)
        renamed = RENAMED["select Gate_mode"]
        registry.async_update_entity("select.gate_mode", new_entity_id=renamed)
        registry.async_update_entity("sensor.garage_commands_in_a_day", disabled_by=None)

    async def _async_reserve(self) -> None:
        home = self.hass.config_entries.async_entries(DOMAIN)[0]
        await self._async_call(
            "optivgi.add_reservation",
            name="Aunt May",
            charger="Carport",
            arrival="2026-11-20 23:30:00",
            departure="2026-11-21 09:00:00",
            energy=18,
            max_power=5,
        )
        await self._async_call(
            "optivgi.add_reservation",
            vehicle="Ioniq",
            charger="Garage",
            arrival="2026-11-23 19:00:00",
            departure="2026-11-24 08:00:00",
            target_soc=90,
            arrival_soc=20,
        )
        await self._async_call(
            "optivgi.add_reservation",
            config_entry_id=home.entry_id,
            arrival="2026-11-21 14:00:00",
            departure="2026-11-21 18:00:00",
            energy=12,
            max_power=7.4,
        )

    async def _async_act(self, action: str, entity_id: str, **data: Any) -> None:
        await self._async_call(action, **{ATTR_ENTITY_ID: entity_id}, **data)

    async def _async_call(self, action: str, context: Context | None = None, **data: Any) -> None:
        domain, service = action.split(".")
        await self.hass.services.async_call(domain, service, data, blocking=True, context=context)
        await self.async_pass(timedelta(seconds=3))

    async def async_pass(self, by: timedelta) -> None:
        """Let time pass."""
        await self.hass.async_block_till_done(wait_background_tasks=True)
        self.freezer.tick(by)
        async_fire_time_changed(self.hass)
        await self.hass.async_block_till_done(wait_background_tasks=True)
