"""Devices as chargers' integrations register them, for the flow to find their entities."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import slugify
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)


class Device:
    """A charger's device in the registries, as its integration would register it."""

    def __init__(
        self,
        hass: HomeAssistant,
        name: str,
        *,
        key: str = "1234",
        platform: str = "wall",
        **info: str,
    ) -> None:
        """Register the device; several need a ``key`` each."""
        self._key = key
        self._hass = hass
        self._platform = platform
        self._entry = MockConfigEntry(domain=platform, title=key)
        self._entry.add_to_hass(hass)
        self.name = name
        self.id = (
            dr.async_get(hass)
            .async_get_or_create(
                config_entry_id=self._entry.entry_id,
                identifiers={(platform, key)},
                name=name,
                **info,  # type: ignore[arg-type]
            )
            .id
        )

    def add(
        self,
        domain: str,
        key: str,
        name: str,
        *,
        unit: str | None = None,
        device_class: str | None = None,
        options: list[str] | None = None,
        category: er.EntityCategory | None = None,
        state: str = "0",
        **attributes: Any,
    ) -> str:
        """Register an entity and let it have a state; returns its id."""
        entity_id = (
            er.async_get(self._hass)
            .async_get_or_create(
                domain,
                self._platform,
                f"{self._key}_{key}",
                config_entry=self._entry,
                device_id=self.id,
                translation_key=key,
                original_name=name,
                has_entity_name=True,
                suggested_object_id=slugify(f"{self.name} {name}"),
                unit_of_measurement=unit,
                original_device_class=device_class,
                capabilities={"options": options} if options else None,
                entity_category=category,
            )
            .entity_id
        )
        found = {"unit_of_measurement": unit, "options": options, **attributes}
        self._hass.states.async_set(
            entity_id, state, {key: value for key, value in found.items() if value is not None}
        )
        return entity_id

    def power(self, key: str, name: str) -> str:
        """Register a power sensor."""
        return self.add("sensor", key, name, unit="W", device_class="power")


CONFIG = er.EntityCategory.CONFIG
DIAGNOSTIC = er.EntityCategory.DIAGNOSTIC


def wallbox(hass: HomeAssistant) -> tuple[Device, dict[str, Any]]:
    """Build a device whose limit has no unit; its model has "Max" in its name."""
    device = Device(hass, "Wallbox Pulsar Max", manufacturer="Wallbox", model="Pulsar Max")
    device.add("number", "energy_price", "Energy price", min=-5, max=5)
    device.add("number", "maximum_icp_current", "Maximum ICP current", min=6, max=255)
    device.add("sensor", "max_available_power", "Max available power", unit="A")
    device.add("switch", "smart_schedule", "Smart schedule")
    return device, {
        "limit_entity": device.add(
            "number", "maximum_charging_current", "Maximum charging current", min=6, max=32
        ),
        "switch_entity": device.add("switch", "pause_resume", "Pause/resume"),
        "status_entity": device.add(
            "sensor", "status_description", "Status description", state="Ready"
        ),
        "power_entity": device.power("charging_power", "Charging power"),
        "limit_unit": "A",
        "min_a": 6,
        "max_a": 32,
    }


def peblar(hass: HomeAssistant) -> tuple[Device, dict[str, Any]]:
    """Build a device whose controls are all configuration."""
    device = Device(hass, "Peblar EV Charger", manufacturer="Peblar")
    for phase in (1, 2, 3):
        device.power(f"power_phase_{phase}", f"Power phase {phase}")
    device.add("switch", "force_single_phase", "Force single phase", category=CONFIG)
    device.add("switch", "socket_lock", "Keep socket locked", category=CONFIG)
    device.add("binary_sensor", "lock_state", "Socket lock", device_class="lock")
    return device, {
        "limit_entity": device.add(
            *("number", "charge_current_limit", "Charge limit"),
            unit="A",
            device_class="current",
            category=CONFIG,
            min=6,
            max=16,
        ),
        "switch_entity": device.add("switch", "charge", "Charge", category=CONFIG),
        "status_entity": device.add(
            *("sensor", "cp_state", "State"),
            device_class="enum",
            options=["charging", "error", "fault", "invalid", "no_ev_connected", "suspended"],
            category=DIAGNOSTIC,
        ),
        "power_entity": device.power("power_total", "Power"),
        "min_a": 6,
        "max_a": 16,
    }


def easee(hass: HomeAssistant) -> tuple[Device, dict[str, Any]]:
    """Build a device that is limited by actions only."""
    device = Device(hass, "Easee Home")
    device.add("sensor", "dynamic_charger_limit", "Dynamic charger limit", unit="A")
    device.add("sensor", "reason_for_no_current", "Reason for no current", state="no reason")
    device.add("switch", "smart_charging", "Smart charging")
    device.add("switch", "lock_cable", "Lock cable permanently")
    return device, {
        "switch_entity": device.add("switch", "is_enabled", "Charger enabled"),
        "status_entity": device.add("sensor", "status", "Status", state="awaiting_start"),
        "power_entity": device.power("power", "Power"),
    }


def ocpp(hass: HomeAssistant) -> tuple[Device, dict[str, Any]]:
    """Build a device with the metrics of OCPP, and a switch besides the one that charges."""
    device = Device(hass, "charger", model="Smart 1")
    device.add("sensor", "status_firmware", "Status Firmware", state="Installed")
    device.add("sensor", "error_code", "Error Code", state="NoError")
    device.add("sensor", "stop_reason", "Stop Reason", state="Local")
    device.add("sensor", "status", "Status", state="Available")
    device.add("switch", "availability", "Availability")
    for key in ("power_offered", "power_active_export"):
        device.power(key, key.replace("_", " "))
    return device, {
        "limit_entity": device.add(
            *("number", "maximum_current", "Maximum Current"), unit="A", min=0, max=32
        ),
        "switch_entity": device.add("switch", "charge_control", "Charge Control"),
        "status_entity": device.add(
            "sensor", "status_connector", "Status Connector", state="Available"
        ),
        "power_entity": device.power("power_active_import", "Power Active Import"),
        "max_a": 32,
    }


def v2c(hass: HomeAssistant) -> tuple[Device, dict[str, Any]]:
    """Build a device whose switch is the wrong way round: on while paused."""
    device = Device(hass, "EVSE 192.168.1.5")
    for key in ("min_intensity", "max_intensity"):
        device.add(
            *("number", key, key.replace("_", " ")),
            unit="A",
            device_class="current",
            category=CONFIG,
        )
    device.add("switch", "locked", "Lock EVSE")
    device.add("switch", "timer", "Charge point timer")
    device.add("switch", "dynamic", "Dynamic intensity modulation")
    device.add("switch", "pause_dynamic", "Pause dynamic control modulation")
    device.add("binary_sensor", "charging", "Charging", device_class="battery_charging")
    device.add("binary_sensor", "ready", "Ready")
    for key in ("house_power", "fv_power", "battery_power"):
        device.power(key, key.replace("_", " "))
    return device, {
        "limit_entity": device.add(
            *("number", "intensity", "Intensity"),
            unit="A",
            device_class="current",
            min=6,
            max=32,
        ),
        "switch_entity": device.add("switch", "paused", "Pause session"),
        "status_entity": device.add(
            "binary_sensor", "connected", "Connected", device_class="plug", state="off"
        ),
        "power_entity": device.power("charge_power", "Charge power"),
        "min_a": 6,
        "max_a": 32,
    }


def confusing(hass: HomeAssistant) -> tuple[Device, dict[str, Any]]:
    """Build a device with many entities that sound alike, and a limit in W."""
    device = Device(hass, "Solar Energy Control", manufacturer="Schedule Smart Ltd")
    for key, unit in (
        ("led_brightness", "%"),
        ("lamp_dimming", None),
        ("minimum_current", "A"),
        ("offline_current_limit", "A"),
        ("fallback_limit", "A"),
        ("circuit_max_current", "A"),
        ("grid_current_limit", "A"),
        ("house_fuse", "A"),
        ("energy_limit", "kWh"),
        ("charge_limit_soc", "%"),
        ("max_charger_power", "W"),
    ):
        device.add("number", key, key.replace("_", " "), unit=unit)
    for key in ("child_lock", "led_ring", "auto_charge", "solar_boost", "card_authorization"):
        device.add("switch", key, key.replace("_", " "))
    for key in ("wifi_status", "network_state", "cloud_status", "error_state"):
        device.add("sensor", key, key.replace("_", " "), state="ok")
    device.add("sensor", "output_state", "Output", options=["charging", "standing"])
    device.add("sensor", "plug_state", "Plug", options=["connected", "disconnected"])
    device.add(
        "binary_sensor", "mqtt_connected", "MQTT connected", device_class="connectivity", state="on"
    )
    for key in ("power_l1", "l2_power", "power_phase_3", "max_power", "grid_power", "peak_power"):
        device.power(key, key.replace("_", " "))
    device.add("sensor", "charge_energy", "Charge energy", unit="kWh", device_class="energy")
    return device, {
        "limit_entity": device.add(
            *("number", "dynamic_limit", "Dynamic charging limit"), unit="W", min=0, max=11000
        ),
        "switch_entity": device.add("switch", "charging_enabled", "Charging enabled"),
        "status_entity": device.add(
            *("sensor", "charging_state", "Charging"),
            options=["not_connected", "waiting", "charging"],
        ),
        "power_entity": device.power("charging_power", "Charging power"),
    }
