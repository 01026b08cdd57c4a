"""The chargers that are known: one row each."""

from typing import Final

from ...const import (
    CONF_LIMIT_ENTITY,
    CONF_MIN_INTERVAL,
    CONF_OPTION_OFF,
    CONF_OPTION_ON,
    CONF_POWER_ENTITY,
    CONF_SETTLE,
    CONF_STATES_CHARGING,
    CONF_STATES_FINISHED,
    CONF_STATES_PLUGGED,
    CONF_STATES_UNPLUGGED,
    CONF_STATUS_ENTITY,
    CONF_SWITCH_ENTITY,
    CONF_SWITCH_INVERTED,
)
from .preset import (
    CLOUD,
    IN_AMPERES,
    LOCAL,
    REPORTS,
    SWITCHED,
    Preset,
    roles_by_name,
)


def _tesla(platform: str, name: str) -> Preset:
    """Return the row of a car that limits itself, at whichever charger it is."""
    return Preset(
        platform=platform,
        name=name,
        roles=roles_by_name(
            limit="number.charge_state_charge_current_request",
            switch="switch.charge_state_charging_state",
            status="sensor.charge_state_charging_state",
            power="sensor.charge_state_charger_power",
        ),
        values=CLOUD,
    )


PRESETS_BY_ENTITIES: Final[tuple[Preset, ...]] = (
    Preset(
        platform="abb_terra_ac",
        name="ABB Terra AC",
        # 0 A pauses; its switch would set 6 A when it is turned on, its button ends the session.
        roles=roles_by_name(limit="number.current_limit_control"),
        values=LOCAL,
        by_evidence=REPORTS,
    ),
    Preset(
        platform="alfen_wallbox",
        name="Alfen",
        roles=roles_by_name(limit="number.main_normal_max_current_socket_1"),
        # Its memory keeps every limit, and wears out.
        values={CONF_MIN_INTERVAL: 900},
        by_evidence=REPORTS,
    ),
    Preset(
        platform="besen",
        name="BESEN",
        roles=roles_by_name(
            limit="number.charging_current",
            switch="switch.charging",
            # Its best status is disabled unless the user enables it.
            status=("sensor.current_state", "sensor.charging_message"),
            power="sensor.charging_power",
        ),
        values=LOCAL,
    ),
    Preset(
        platform="chargepoint",
        name="ChargePoint",
        # Its words of charging come from the cloud and are not all known.
        roles=roles_by_name(
            limit="select.charging_amperage_limit",
            start="button.start_charging_session",
            stop="button.stop_charging_session",
            status="sensor.plugged_in",
            power="sensor.session_power_kw",
        ),
        values={**IN_AMPERES, **CLOUD},
    ),
    Preset(
        platform="compleo_wallbox",
        name="Compleo",
        roles=roles_by_name(
            limit="number.max_power_limit",
            status="sensor.status_code",
            power="sensor.current_power",
        ),
        values={
            **LOCAL,
            CONF_STATES_UNPLUGGED: ["0", "6"],
            CONF_STATES_PLUGGED: ["1", "4"],
            CONF_STATES_CHARGING: ["2"],
            CONF_STATES_FINISHED: ["3", "5"],
        },
    ),
    Preset(
        platform="evcc_intg",
        name="evcc",
        roles=roles_by_name(
            limit="select.maxcurrent",
            switch="select.mode",
            status="binary_sensor.connected",
            power="sensor.chargepower",
        ),
        # In any other mode evcc decides by itself.
        values={**IN_AMPERES, **LOCAL, CONF_OPTION_ON: "now", CONF_OPTION_OFF: "off"},
        needs=frozenset({CONF_LIMIT_ENTITY, CONF_SWITCH_ENTITY}),
    ),
    Preset(
        platform="goecharger_api2",
        name="go-e Charger",
        roles=roles_by_name(
            limit="number.amp",
            switch="select.frc",
            status="sensor.car_value",
            power="sensor.nrg_11",
        ),
        values={**LOCAL, CONF_OPTION_ON: "2", CONF_OPTION_OFF: "1"},
    ),
    Preset(
        platform="lektrico",
        name="Lektrico",
        roles=roles_by_name(
            limit="number.dynamic_limit",
            start="button.charge_start",
            stop="button.charge_stop",
            status="sensor.state",
            power="sensor.power",
        ),
        values=LOCAL,
    ),
    Preset(
        platform="monta",
        name="Monta",
        # Its status says "disconnected" while the charger has no network.
        roles=roles_by_name(switch="switch.charger", status="binary_sensor.cable_plugged_in"),
        values=CLOUD,
        needs=SWITCHED,
    ),
    Preset(
        platform="myenergi",
        name="myenergi zappi",
        # Its power sensors are those of clamps, which may be anywhere.
        roles=roles_by_name(switch="select.charge_mode", status="sensor.plug_status"),
        values={**CLOUD, CONF_OPTION_ON: "Fast", CONF_OPTION_OFF: "Stopped"},
        needs=SWITCHED,
    ),
    Preset(
        platform="nrgkick",
        name="NRGkick",
        roles=roles_by_name(
            limit="number.current_set",
            switch="switch.charging_enabled",
            status="sensor.status",
            power="sensor.total_active_power",
        ),
        values=LOCAL,
    ),
    Preset(
        platform="ocpp",
        name="OCPP",
        roles=roles_by_name(
            limit=("number.maximum_current", "number.session_current_limit"),
            switch="switch.charge_control",
            status=("sensor.status_connector.sensor", "sensor.status.sensor"),
            power="sensor.power_active_import.sensor",
        ),
        values=LOCAL,
    ),
    Preset(
        platform="ohme",
        name="Ohme",
        roles=roles_by_name(
            switch="select.charge_mode", status="sensor.status", power="sensor.power"
        ),
        values={**CLOUD, CONF_OPTION_ON: "max_charge", CONF_OPTION_OFF: "paused"},
        needs=SWITCHED,
    ),
    Preset(
        platform="ohme",
        name="Ohme (HACS)",
        roles=roles_by_name(
            switch="switch.pause_charge",
            status="binary_sensor.car_connected",
            power="sensor.power_draw",
        ),
        values={**CLOUD, CONF_SWITCH_INVERTED: True},
        needs=SWITCHED,
    ),
    Preset(
        platform="openevse",
        name="OpenEVSE",
        roles=roles_by_name(
            limit="number.charge_rate",
            switch="select.override_state",
            # Its status does not report cars while charging is disabled.
            status="binary_sensor.vehicle",
            power=("sensor.current_power", "sensor.charging_power"),
        ),
        values={**LOCAL, CONF_OPTION_ON: "active", CONF_OPTION_OFF: "disabled"},
    ),
    Preset(
        platform="openevse",
        name="OpenEVSE (HACS)",
        roles=roles_by_name(
            limit="number.Charge Rate_*",
            switch="select.Override State_*",
            status="binary_sensor.Vehicle Connected_*",
            power="sensor.Current Power Usage (Actual)_*",
        ),
        values={**LOCAL, CONF_OPTION_ON: "active", CONF_OPTION_OFF: "disabled"},
    ),
    Preset(
        platform="peblar",
        name="Peblar",
        roles=roles_by_name(
            limit="number.charge_current_limit",
            switch="switch.charge",
            status="sensor.cp_state",
            power="sensor.power_total",
        ),
        values=LOCAL,
    ),
    Preset(
        platform="sems-wallbox",
        name="GoodWe",
        # Its other status does not say whether a car is there.
        roles=roles_by_name(switch="switch.start_charging", status="sensor.workstate"),
        values=CLOUD,
        needs=SWITCHED,
        by_evidence=frozenset({CONF_LIMIT_ENTITY, CONF_POWER_ENTITY}),
    ),
    Preset(
        platform="shelly",
        name="Shelly Top EV Charger",
        roles=roles_by_name(
            limit="number.current_limit",
            switch="switch.charging",
            status="sensor.charger_state",
            power="sensor.object_total_power",
        ),
        values={**IN_AMPERES, **LOCAL},
    ),
    Preset(
        platform="silla_prism",
        name="Silla Prism",
        roles=roles_by_name(
            limit="number.user_current",
            switch="select.charging_mode",
            status="sensor.status",
            power="sensor.power",
        ),
        values={**LOCAL, CONF_OPTION_ON: "normal", CONF_OPTION_OFF: "pause"},
    ),
    Preset(
        platform="solax_modbus",
        name="SolaX",
        roles=roles_by_name(
            limit=("number.max_charge_current", "number.charge_current"),
            switch="select.charger_use_mode",
            status="sensor.run_mode",
            power="sensor.charge_power_total",
        ),
        values={**LOCAL, CONF_OPTION_ON: "Fast", CONF_OPTION_OFF: "Stop"},
    ),
    Preset(
        platform="technove",
        name="TechnoVE",
        roles=roles_by_name(
            limit="number.max_current", switch="switch.session_active", status="sensor.status"
        ),
        values=LOCAL,
    ),
    _tesla("tesla_fleet", "Tesla Fleet"),
    _tesla("teslemetry", "Teslemetry"),
    _tesla("tessie", "Tessie"),
    Preset(
        platform="v2c",
        name="V2C Trydan",
        roles=roles_by_name(
            limit="number.intensity",
            switch="switch.paused",
            status="binary_sensor.connected",
            power="sensor.charge_power",
        ),
        # Its switch is on while it pauses.
        values={**LOCAL, CONF_SWITCH_INVERTED: True},
    ),
    Preset(
        platform="wallbox",
        name="Wallbox",
        roles=roles_by_name(
            limit="number.maximum_charging_current",
            switch="switch.pause_resume",
            status="sensor.status_description",
            power="sensor.charging_power",
        ),
        # Its number names no unit.
        values={**IN_AMPERES, **CLOUD},
    ),
    Preset(
        platform="warp_charger",
        name="WARP Charger",
        # "Ready" in its status says that a car is there, to others that none is.
        roles=roles_by_name(status="binary_sensor.connected"),
        values=LOCAL,
        needs=frozenset({CONF_STATUS_ENTITY}),
        by_evidence=frozenset({CONF_LIMIT_ENTITY, CONF_SWITCH_ENTITY, CONF_POWER_ENTITY}),
    ),
    Preset(
        platform="webasto_unite",
        name="Webasto Unite",
        # "Not charging" in another of its states says nothing of a car.
        roles=roles_by_name(status="sensor.charge_point_state_text"),
        values=LOCAL,
        needs=frozenset({CONF_STATUS_ENTITY}),
        by_evidence=frozenset({CONF_LIMIT_ENTITY, CONF_SWITCH_ENTITY, CONF_POWER_ENTITY}),
    ),
    Preset(
        platform="zaptec",
        name="Zaptec",
        # 0 A pauses; its switch is there only while a car charges or was stopped by it. Cars and
        # Zaptec ask for a quarter of an hour between two limits.
        roles=roles_by_name(
            limit="number.charger_max_current",
            status="sensor.charger_operation_mode",
            power="sensor.total_charge_power",
        ),
        values={CONF_MIN_INTERVAL: 900, CONF_SETTLE: 90},
    ),
)
