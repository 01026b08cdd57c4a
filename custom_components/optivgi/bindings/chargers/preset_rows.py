"""The chargers that bind by themselves: one row each.

A row names entities as "domain.key". The key is the entity's translation key, which neither a
person nor a language changes, or what its unique id ends with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.const import UnitOfElectricCurrent

from ...const import (
    CONF_LIMIT_ACTION,
    CONF_LIMIT_ENTITY,
    CONF_LIMIT_UNIT,
    CONF_MIN_INTERVAL,
    CONF_OPTION_OFF,
    CONF_OPTION_ON,
    CONF_POWER_ENTITY,
    CONF_RENEW,
    CONF_SETTLE,
    CONF_START_ACTION,
    CONF_START_ENTITY,
    CONF_STATUS_ENTITY,
    CONF_STOP_ACTION,
    CONF_STOP_ENTITY,
    CONF_SWITCH_ENTITY,
    CONF_SWITCH_INVERTED,
)

type Roles = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Preset:
    """What an integration registers for a charger, and how the charger is driven by it.

    Attributes:
        platform: The integration.
        name: What people call it.
        roles: Which entities serve for what, the best first.
        values: What else is configured; the device of actions is filled in.
        needs: The roles without which it is something else, such as a meter of the same brand.
    """

    platform: str
    name: str
    roles: Roles
    values: Mapping[str, Any] = field(default_factory=dict)
    needs: frozenset[str] = frozenset({CONF_LIMIT_ENTITY})


def _roles(
    *,
    limit: tuple[str, ...] | str = (),
    switch: tuple[str, ...] | str = (),
    status: tuple[str, ...] | str = (),
    power: tuple[str, ...] | str = (),
    start: str = "",
    stop: str = "",
) -> Roles:
    named = {
        CONF_LIMIT_ENTITY: limit,
        CONF_SWITCH_ENTITY: switch,
        CONF_START_ENTITY: start,
        CONF_STOP_ENTITY: stop,
        CONF_STATUS_ENTITY: status,
        CONF_POWER_ENTITY: power,
    }
    return {
        role: (names,) if isinstance(names, str) else tuple(names)
        for role, names in named.items()
        if names
    }


def _action(name: str, **data: Any) -> list[dict[str, Any]]:
    return [{"action": name, "data": data}]


_A: Final = {CONF_LIMIT_UNIT: UnitOfElectricCurrent.AMPERE}
# In the same network nothing is gained by writing more often than a car follows.
_LOCAL: Final = {CONF_MIN_INTERVAL: 10}
# Services in the cloud count requests, and show what they did a minute or so later.
_CLOUD: Final = {CONF_MIN_INTERVAL: 60, CONF_SETTLE: 90}
# Filled in when the charger is bound.
_THIS: Final = None
_SWITCHED: Final = frozenset({CONF_SWITCH_ENTITY})


def _tesla(platform: str, name: str) -> Preset:
    """Return the row of a car that limits itself, at whichever charger it is."""
    return Preset(
        platform=platform,
        name=name,
        roles=_roles(
            limit="number.charge_state_charge_current_request",
            switch="switch.charge_state_charging_state",
            status="sensor.charge_state_charging_state",
            power="sensor.charge_state_charger_power",
        ),
        values=_CLOUD,
    )


PRESETS: Final[tuple[Preset, ...]] = (
    Preset(
        platform="besen",
        name="BESEN",
        roles=_roles(
            limit="number.charging_current",
            switch="switch.charging",
            status="sensor.current_state",
            power="sensor.charging_power",
        ),
        values=_LOCAL,
    ),
    Preset(
        platform="easee",
        name="Easee",
        # The sensor of the dynamic limit is disabled unless the user enables it.
        roles=_roles(
            limit="sensor.dynamic_charger_limit",
            status=("sensor.easee_status", "sensor.status"),
            power="sensor.power",
        ),
        values={
            **_A,
            **_CLOUD,
            # Less than 6 A pauses. It stays until the charger restarts, which is why it is renewed:
            # one that ended by itself would give the full current while nobody watches the fuse.
            CONF_LIMIT_ACTION: _action(
                "easee.set_charger_dynamic_limit",
                device_id=_THIS,
                current="{{ limit_a | int }}",
                time_to_live=0,
            ),
            CONF_RENEW: 1800,
        },
        needs=frozenset({CONF_STATUS_ENTITY}),
    ),
    Preset(
        platform="evcc_intg",
        name="evcc",
        roles=_roles(
            limit="select.maxcurrent",
            switch="select.mode",
            status="binary_sensor.connected",
            power="sensor.chargepower",
        ),
        # In any other mode evcc decides by itself.
        values={**_A, **_LOCAL, CONF_OPTION_ON: "now", CONF_OPTION_OFF: "off"},
        needs=frozenset({CONF_LIMIT_ENTITY, CONF_SWITCH_ENTITY}),
    ),
    Preset(
        platform="goecharger_api2",
        name="go-e Charger",
        roles=_roles(
            limit="number.amp",
            switch="select.frc",
            status="sensor.car_value",
            power="sensor.nrg_11",
        ),
        values={**_LOCAL, CONF_OPTION_ON: "2", CONF_OPTION_OFF: "1"},
    ),
    Preset(
        platform="keba",
        name="KEBA",
        roles=_roles(
            limit="sensor.max_current",
            status="binary_sensor.plug_state",
            power="sensor.charging_power",
        ),
        values={
            **_A,
            **_LOCAL,
            CONF_LIMIT_ACTION: _action("keba.set_current", current="{{ limit_a }}"),
            CONF_START_ACTION: _action("keba.enable"),
            CONF_STOP_ACTION: _action("keba.disable"),
        },
    ),
    Preset(
        platform="lektrico",
        name="Lektrico",
        roles=_roles(
            limit="number.dynamic_limit",
            start="button.charge_start",
            stop="button.charge_stop",
            status="sensor.state",
            power="sensor.power",
        ),
        values=_LOCAL,
    ),
    Preset(
        platform="myenergi",
        name="myenergi zappi",
        # Its power sensors are those of clamps, which may be anywhere.
        roles=_roles(switch="select.charge_mode", status="sensor.plug_status"),
        values={**_CLOUD, CONF_OPTION_ON: "Fast", CONF_OPTION_OFF: "Stopped"},
        needs=_SWITCHED,
    ),
    Preset(
        platform="nrgkick",
        name="NRGkick",
        roles=_roles(
            limit="number.current_set",
            switch="switch.charging_enabled",
            status="sensor.status",
            power="sensor.total_active_power",
        ),
        values=_LOCAL,
    ),
    Preset(
        platform="ocpp",
        name="OCPP",
        roles=_roles(
            limit=("number.maximum_current", "number.session_current_limit"),
            switch="switch.charge_control",
            status=("sensor.status_connector.sensor", "sensor.status.sensor"),
            power="sensor.power_active_import.sensor",
        ),
        values=_LOCAL,
    ),
    Preset(
        platform="ohme",
        name="Ohme",
        roles=_roles(switch="select.charge_mode", status="sensor.status", power="sensor.power"),
        values={**_CLOUD, CONF_OPTION_ON: "max_charge", CONF_OPTION_OFF: "paused"},
        needs=_SWITCHED,
    ),
    Preset(
        platform="openevse",
        name="OpenEVSE",
        roles=_roles(
            limit="number.charge_rate",
            switch="select.override_state",
            # Its status does not report cars while charging is disabled.
            status="binary_sensor.vehicle",
            power=("sensor.current_power", "sensor.charging_power"),
        ),
        values={**_LOCAL, CONF_OPTION_ON: "active", CONF_OPTION_OFF: "disabled"},
    ),
    Preset(
        platform="peblar",
        name="Peblar",
        roles=_roles(
            limit="number.charge_current_limit",
            switch="switch.charge",
            status="sensor.cp_state",
            power="sensor.power_total",
        ),
        values=_LOCAL,
    ),
    Preset(
        platform="shelly",
        name="Shelly Top EV Charger",
        roles=_roles(
            limit="number.current_limit",
            switch="switch.charging",
            status="sensor.charger_state",
            power="sensor.object_total_power",
        ),
        values={**_A, **_LOCAL},
    ),
    Preset(
        platform="silla_prism",
        name="Silla Prism",
        roles=_roles(
            limit="number.user_current",
            switch="select.charging_mode",
            status="sensor.status",
            power="sensor.power",
        ),
        values={**_LOCAL, CONF_OPTION_ON: "normal", CONF_OPTION_OFF: "pause"},
    ),
    Preset(
        platform="technove",
        name="TechnoVE",
        roles=_roles(
            limit="number.max_current", switch="switch.session_active", status="sensor.status"
        ),
        values=_LOCAL,
    ),
    _tesla("tesla_fleet", "Tesla Fleet"),
    _tesla("teslemetry", "Teslemetry"),
    _tesla("tessie", "Tessie"),
    Preset(
        platform="v2c",
        name="V2C Trydan",
        roles=_roles(
            limit="number.intensity",
            switch="switch.paused",
            status="binary_sensor.connected",
            power="sensor.charge_power",
        ),
        # Its switch is on while it pauses.
        values={**_LOCAL, CONF_SWITCH_INVERTED: True},
    ),
    Preset(
        platform="wallbox",
        name="Wallbox",
        roles=_roles(
            limit="number.maximum_charging_current",
            switch="switch.pause_resume",
            status="sensor.status_description",
            power="sensor.charging_power",
        ),
        # Its number names no unit.
        values={**_A, **_CLOUD},
    ),
    Preset(
        platform="zaptec",
        name="Zaptec",
        # 0 A pauses; its switch is there only while a car charges or was stopped by it. Cars and
        # Zaptec ask for a quarter of an hour between two limits.
        roles=_roles(
            limit="number.charger_max_current",
            status="sensor.charger_operation_mode",
            power="sensor.total_charge_power",
        ),
        values={CONF_MIN_INTERVAL: 900, CONF_SETTLE: 90},
    ),
)
