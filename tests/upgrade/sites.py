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
_WHO_SAYS: Final = "easee.set_charger_dynamic_limit"
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
    "export_power_entity": "sensor.grid_export",
    "export_limit_kw": 7,
    "operator_limit_entity": "sensor.operator_limit",
    "dimming_entity": "binary_sensor.dimmed",
    "dimmed_devices": 2,
    "co2_entity": "sensor.co2",
    "co2_price": 80,
    "algorithm": "optimal",
    "start_cost": 0.05,
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
    "meter_inverted": True,
    "meter_factor": 0.5,
    "price_source": "time_of_use",
    "colour_entity": "sensor.colour",
    "time_of_use": _BY_TIME,
    **_HOLIDAYS,
    **_ADJUSTED,
}
_WORKSHOP: Final = {
    "name": "Workshop",
    "fuse_a": 35,
    "phases": "3",
    "voltage": 230,
    "power_entity": None,
    "even_phases": True,
    "operator_limit_entity": "sensor.workshop_limit",
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
    "guest_tags": ["11:22:33"],
    "phase_rotation": "l2_l3_l1",
}
_CARPORT: Final = {
    "circuit": "Panel",
    "phase_entity": "sensor.carport_phases",
    "one_phase": "1",
    "three_phases": "3",
    "one_phase_action": [{"action": _WHO_SAYS, "data": {"current": 6}}],
    "three_phases_action": [{"action": _WHO_SAYS, "data": {"current": 16}}],
    "phase_pause": 90,
    "phase_interval": 900,
    "switches_per_session": 4,
    "switches_per_day": 8,
}
_COURTYARD: Final = {
    "ocpp_profiles": "both",
    "meter_interval": 45,
    "renew": 900,
    "ocpp_phases": True,
    "energy_entity": "sensor.courtyard_total",
}
_SOCKET: Final = {"max_a": 9, "min_a": 8, "stop_rule": "switch"}
_HALL: Final = {"hand_back": "keep", "priority": "low"}
_DOCK: Final = {
    "limit_entity": "number.dock_limit",
    "status_entity": "sensor.dock_status",
    "power_entity": "sensor.dock_power",
    "discharges": True,
}
_GATE: Final = {"energy_entity": "sensor.gate_total"}
_CIRCUITS: Final = {
    "Wing": {
        "fuse_a": 20,
        "limit_kw": 11.5,
        "power_entity": "sensor.wing_power",
        "l1_entity": "sensor.wing_l1",
        "l2_entity": "sensor.wing_l2",
        "l3_entity": "sensor.wing_l3",
    },
    "Panel": {
        "fuse_a": 16,
        "circuit": "Wing",
        "power_entity": "sensor.panel_power",
        "meter_inverted": True,
        "even_phases": True,
    },
}
_STORE: Final = {
    "name": "Store",
    "power_entity": "sensor.store_power",
    "power_inverted": True,
    "discharge_power_entity": "sensor.store_discharge_power",
    "soc_entity": "sensor.store_soc",
    "capacity_kwh": 10,
    "max_charge_kw": 5,
    "max_discharge_kw": 4.5,
    "reserve_soc": 15,
    "max_soc": 95,
    "planned_by": "site",
    "grid_charge": True,
    "may_export": True,
    "on_phase": "l2",
    "hold_active": True,
    "hold_entity": "input_select.store_mode",
    "hold_option": "hold",
    "hold_mode_entity": "input_boolean.store_remote",
    "hold_mode_option": "on",
    "hold_button": "input_button.store_apply",
    "hold_repeat": 600,
    "hold_pause": 5,
    "charge_active": True,
    "charge_entity": "input_select.store_mode",
    "charge_option": "charge",
    "charge_power_entity": "input_number.store_charge_power",
}
_PACK: Final = {
    "name": "Pack",
    "power_entity": "sensor.pack_power",
    "soc_entity": "sensor.pack_soc",
    "capacity_kwh": 5,
    "max_charge_kw": 2.5,
    "max_discharge_kw": 2.5,
}
_PEAKS: Final = {
    "name": "Peaks",
    "price": 4.5,
    "per": "month",
    "interval": "60",
    "top": 1,
    "distinct_days": False,
    "windows": [
        {"from": "07:00:00", "until": "20:00:00", "weekdays": ["mon", "holiday"], "weight": 1},
        {"from": "20:00:00", "until": "22:00:00", "months": ["nov"], "weight": 0.5, "price": 3},
    ],
    "holiday_entity": "binary_sensor.workday",
    "price_steps": [{"from_kw": 0, "price": 4}, {"from_kw": 10, "price": 6}],
    "free_kw": 1,
    "floor_kw": 2.5,
    "rolling_months": 12,
    "vat": 21,
    "peak_entity": "sensor.month_peak",
}
_KNOWN_PEAKS: Final = {"preset": "be_imewo"}
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
    "priority": "high",
    "extra_from_solar": True,
    "extra_below_price": 0.05,
    "ready_before": 30,
    "preheat": 20,
    "discharge_to": 45,
    "discharge_cost": 0.04,
    "keep_phases": True,
    "soc_limit_entity": "sensor.ioniq_limit",
    "soc_limit_action": [{"action": _WHO_SAYS, "data": {"current": "{{ limit }}"}}],
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
        home_id = await self._async_add_site(
            home,
            {"Garage": _GARAGE, "Carport": _CARPORT, "Courtyard": _COURTYARD, "Socket": _SOCKET},
            {"Garage": _ZOE, "Courtyard": _LEAF, "Carport": _IONIQ},
            _CIRCUITS,
        )
        cabin_id = await self._async_add_site(_CABIN, {"Barn": {}, "Meadow": {}}, {"Barn": _TWIZY})
        workshop_id = await self._async_add_site(
            _WORKSHOP, {"Hall": _HALL, "Gate": _GATE, "Dock": _DOCK}, {}
        )
        for entry_id, kind, part in (
            (home_id, "battery", _STORE),
            (home_id, "peak_tariff", _PEAKS),
            (cabin_id, "battery", _PACK),
            (cabin_id, "peak_tariff", _KNOWN_PEAKS),
            (workshop_id, "peak_tariff", _KNOWN_PEAKS),
        ):
            await self.forms.async_add(entry_id, kind, part)
            await self.async_pass(timedelta(seconds=3))

    async def _async_add_site(
        self,
        wanted: Mapping[str, Any],
        chargers: Mapping[str, Mapping[str, Any]],
        vehicles: Mapping[str, Mapping[str, Any]],
        circuits: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> str:
        found = {
            name: {"name": name, "device_id": self.outside.devices[name], **more}
            for name, more in chargers.items()
        }
        first, *others = found.values()
        entry_id = await self.forms.async_add_site(wanted, first)
        for name, circuit in (circuits or {}).items():
            wired = self._wired(entry_id, {"name": name, **circuit})
            await self.forms.async_add(entry_id, "circuit", wired)
        for charger in others:
            await self.forms.async_add(entry_id, "charger", self._wired(entry_id, charger))
        for name, vehicle in vehicles.items():
            of_charger = {**vehicle, "charger": self._ids(entry_id)[name]}
            await self.forms.async_add(entry_id, "vehicle", of_charger)
        await self.async_pass(timedelta(seconds=3))
        return entry_id

    def _ids(self, entry_id: str) -> dict[str, str]:
        entry = self.hass.config_entries.async_get_known_entry(entry_id)
        return {subentry.title: subentry.subentry_id for subentry in entry.subentries.values()}

    def _wired(self, entry_id: str, part: Mapping[str, Any]) -> dict[str, Any]:
        """Return a part with the id of the circuit that it hangs on, in place of its name."""
        hangs_on = part.get("circuit")
        circuit = {} if hangs_on is None else {"circuit": self._ids(entry_id)[hangs_on]}
        return {**part, **circuit}

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
        await self._async_do_otherwise()
        await self._async_count()
        self.outside.tell("sensor.carport_easee_status", "awaiting_start")
        # The clouds of cars tell that for some minutes.
        self._zoe_tells(0)
        await self.async_pass(STEP)

    async def _async_zoe_charges(self, begin: int) -> None:
        """Plug Zoe in, and let it tell its state of charge on the way, in %."""
        self._zoe_tells(begin)
        self.outside.tell("sensor.garage_tag", "04a23f")
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
        wing = {f"sensor.wing_l{n}": ("1.3", amperes) for n in here}
        self.outside.set({"sensor.grid_power": power(watts), **phases, **wing})
        self.outside.set({"sensor.wing_power": power(900), "sensor.store_power": power(0)})
        if self._reports % 2:
            self.outside.set({"sensor.panel_power": power(-300)})
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

    async def _async_do_otherwise(self) -> None:
        """Lock the phases, switch them by hand, charge at once, and only observe a site."""
        act = self._async_act
        await act("number.set_value", "number.garage_limit", value=95)
        await act("select.select_option", "select.carport_phases", option="one")
        await act("select.select_option", "select.cabin_control", option="observe")
        await act("optivgi.charge_now", "button.meadow_resume", energy=6)
        by_hand = Context(user_id=MockUser(is_owner=True).add_to_hass(self.hass).id)
        self.hass.states.async_set("sensor.carport_phases", "1", context=by_hand)
        await self.async_pass(STEP)

    async def _async_count(self) -> None:
        """Let a meter count what was drawn, a car leave, and a charger say that one is full."""
        tell = self.outside.tell
        tell("sensor.courtyard_status_connector", "Charging")
        await self.async_pass(STEP)
        tell("sensor.courtyard_total", "512.7")
        await self.async_pass(STEP)
        await self._async_act("number.set_value", "number.courtyard_state_of_charge", value=36)
        tell("binary_sensor.gate_plug_state", "off")
        tell("sensor.carport_easee_status", "completed")
        await self.async_pass(STEP)

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
        assert self.hass.states.get(entity_id) is not None, entity_id
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
