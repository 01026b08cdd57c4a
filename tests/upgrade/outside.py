"""What stands beside OptiVGI in a house whose storage is kept: devices, sensors, actions."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from homeassistant.const import EVENT_CALL_SERVICE
from homeassistant.core import Event, HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.bindings.chargers.registered import DEVICES, WATTS, Entity

ACTIONS: Final = (
    "easee.set_charger_dynamic_limit",
    "keba.set_current",
    "keba.enable",
    "keba.disable",
    "ocpp.clear_profile",
    "ocpp.set_charge_rate",
    "workday.check_date",
)
# What a person calls a charger, and the integration that it is of.
CHARGERS: Final = {
    "Garage": "wallbox",
    "Carport": "easee",
    "Courtyard": "ocpp",
    "Socket": "plug",
    "Barn": "v2c",
    "Meadow": "lektrico",
    "Hall": "evcc_intg",
    "Gate": "keba",
    "Dock": "dock",
}
_UNPLUGGED: Final = {
    "sensor.garage_status_description": "Ready",
    "sensor.carport_easee_status": "ready",
}
_PLUG: Final = [Entity("switch", "plug", "*_plug", "off")]
_BOTH_WAYS: Final = {"unit_of_measurement": "A", "min": -16, "max": 16, "step": 1}
_DOCK: Final = [
    Entity("number", "limit", "*_limit", "16", _BOTH_WAYS),
    Entity("sensor", "status", "*_status", "available"),
    Entity("sensor", "power", "*_power", "0", WATTS),
]
_OWN: Final = {"plug": _PLUG, "dock": _DOCK}
# What each action writes into the entity that it is called for.
_WRITES: Final = {
    "set_value": lambda data: str(data["value"]),
    "select_option": lambda data: data["option"],
    "turn_on": lambda data: "on",
    "turn_off": lambda data: "off",
    "press": lambda data: dt_util.utcnow().isoformat(),
}


def power(watts: float) -> tuple[str, dict[str, Any]]:
    """Return the state of a power sensor."""
    return f"{watts:.1f}", {"unit_of_measurement": "W", "device_class": "power"}


def battery(percent: float) -> tuple[str, dict[str, Any]]:
    """Return the state of a car's battery."""
    return f"{percent:.0f}", {"unit_of_measurement": "%", "device_class": "battery"}


def _prices() -> dict[str, Any]:
    midnight = dt_util.start_of_local_day()
    rows = [
        {
            "start": (midnight + timedelta(hours=hour)).isoformat(),
            "end": (midnight + timedelta(hours=hour + 1)).isoformat(),
            "value": round(0.2 + 0.01 * (hour % 12), 2),
        }
        for hour in range(48)
    ]
    return {"unit_of_measurement": "EUR/kWh", "raw_today": rows[:24], "raw_tomorrow": rows[24:]}


def _sensors() -> dict[str, tuple[str, Mapping[str, Any]]]:
    amperes = {"unit_of_measurement": "A", "device_class": "current"}
    sun = [{"period_start": "2026-11-21T12:00:00+01:00", "pv_estimate": 1.0}]
    return {
        "sensor.grid_power": power(500),
        "sensor.l1": ("0.7", amperes),
        "sensor.l2": ("0.7", amperes),
        "sensor.l3": ("0.7", amperes),
        "sensor.pv_power": power(0),
        "sensor.cabin_power": power(300),
        "sensor.cabin_pv_power": power(0),
        "sensor.solcast": ("4", {"detailedHourly": sun}),
        "sensor.day_ahead": ("0.2", _prices()),
        "sensor.forecast": ("0.2", _prices()),
        "sensor.feed_in": ("0.2", _prices()),
        "calendar.family": ("off", {}),
        "input_datetime.leaf": ("06:30:00", {"has_date": False, "has_time": True}),
        "sensor.zoe_battery": battery(40),
        "binary_sensor.zoe_plug": ("off", {"device_class": "plug"}),
        "sensor.garage_tag": ("04a23f", {}),
        "device_tracker.zoe": ("home", {}),
        "input_number.zoe_limit": ("80", {"min": 50, "max": 100, "step": 10}),
        "sensor.zoe_heard": ("2026-11-20T18:50:00+00:00", {"device_class": "timestamp"}),
        "sensor.ioniq_battery": battery(61),
        "sensor.twizy_battery": battery(90),
        "sensor.grid_export": power(0),
        "sensor.operator_limit": ("15", {"unit_of_measurement": "kW"}),
        "binary_sensor.dimmed": ("off", {}),
        "sensor.co2": ("210", {"unit_of_measurement": "gCO2eq/kWh"}),
        "sensor.colour": ("blue", {}),
        "sensor.carport_phases": ("3", {}),
        "sensor.courtyard_total": (
            "512.5",
            {"unit_of_measurement": "kWh", "device_class": "energy"},
        ),
        "sensor.ioniq_limit": ("80", {"unit_of_measurement": "%"}),
        "sensor.wing_power": power(900),
        "sensor.wing_l1": ("1.3", amperes),
        "sensor.wing_l2": ("1.3", amperes),
        "sensor.wing_l3": ("1.3", amperes),
        "sensor.workshop_limit": ("32", amperes),
        "sensor.gate_total": ("90", {"unit_of_measurement": "kWh", "device_class": "energy"}),
        "sensor.panel_power": power(-300),
        "sensor.store_power": power(0),
        "sensor.store_discharge_power": power(0),
        "sensor.store_soc": battery(55),
        "input_select.store_mode": ("self", {"options": ["self", "hold", "charge"]}),
        "input_boolean.store_remote": ("off", {}),
        "input_button.store_apply": ("unknown", {}),
        "input_number.store_charge_power": (
            "0",
            {"unit_of_measurement": "W", "min": 0, "max": 5000, "step": 100},
        ),
        "sensor.pack_power": power(0),
        "sensor.pack_soc": battery(40),
        "sensor.month_peak": power(4200),
    }


class Outside:
    """The outside world, which does what it is told."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Have nothing yet."""
        self._hass = hass
        self.devices: dict[str, str] = {}

    async def async_build(self) -> None:
        """Register the devices of other integrations, and let everything have a state."""
        for name, platform in CHARGERS.items():
            self._register(name, platform, {**DEVICES, **_OWN}[platform])
        entry = MockConfigEntry(domain="workday", title="Workday")
        entry.add_to_hass(self._hass)
        workday = er.async_get(self._hass).async_get_or_create(
            "binary_sensor", "workday", "workday", config_entry=entry, suggested_object_id="workday"
        )
        self.set({workday.entity_id: ("on", {}), **_sensors()})
        for entity_id, state in _UNPLUGGED.items():
            self.set({entity_id: (state, {})})
        await async_offer_actions(self._hass)
        self._hass.bus.async_listen(EVENT_CALL_SERVICE, self._obey)

    def _register(self, name: str, platform: str, entities: Iterable[Entity]) -> None:
        entry = MockConfigEntry(domain=platform, title=name)
        entry.add_to_hass(self._hass)
        device = dr.async_get(self._hass).async_get_or_create(
            config_entry_id=entry.entry_id, identifiers={(platform, name)}, name=name
        )
        self.devices[name] = device.id
        for entity in entities:
            key = entity.unique.removesuffix(".sensor").rpartition(".")[2].strip("*_-")
            registered = er.async_get(self._hass).async_get_or_create(
                entity.domain,
                platform,
                entity.unique.replace("*", name),
                config_entry=entry,
                device_id=device.id,
                translation_key=entity.translation_key,
                suggested_object_id=f"{name}_{entity.translation_key or key}",
            )
            self.set({registered.entity_id: (entity.state, entity.attributes)})

    def set(self, states: Mapping[str, tuple[str, Mapping[str, Any]]]) -> None:
        """Let entities have states."""
        for entity_id, (state, attributes) in states.items():
            self._hass.states.async_set(entity_id, state, attributes)

    def tell(self, entity_id: str, state: str) -> None:
        """Let an entity have another state."""
        known = self._hass.states.get(entity_id)
        assert known is not None, entity_id
        self._hass.states.async_set(entity_id, state, known.attributes)

    async def _obey(self, event: Event[Mapping[str, Any]]) -> None:
        """Show what an action wrote to an entity of the outside."""
        write = _WRITES.get(event.data["service"])
        data = event.data["service_data"]
        entity_ids = data.get("entity_id", ())
        for entity_id in [entity_ids] if isinstance(entity_ids, str) else entity_ids:
            registered = er.async_get(self._hass).async_get(entity_id)
            known = self._hass.states.get(entity_id)
            if write and known and registered and registered.platform in CHARGERS.values():
                self._hass.states.async_set(
                    entity_id, write(data), known.attributes, context=event.context
                )


async def async_offer_actions(hass: HomeAssistant) -> None:
    """Offer the actions of other integrations."""
    for domain in ("button", "input_number", "number", "select", "switch"):
        assert await async_setup_component(hass, domain, {})

    async def answer(call: ServiceCall) -> ServiceResponse:
        entity_id = "binary_sensor.workday"
        return {entity_id: {"workday": True}} if call.return_response else None

    for name in ACTIONS:
        hass.services.async_register(
            *name.split(".", 1), answer, supports_response=SupportsResponse.OPTIONAL
        )
