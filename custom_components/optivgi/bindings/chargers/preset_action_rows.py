"""The chargers that are known, and limited or started by the actions of their integrations."""

from typing import Final

from ...const import (
    CONF_LIMIT_ACTION,
    CONF_RENEW,
    CONF_START_ACTION,
    CONF_STATES_CHARGING,
    CONF_STATUS_ENTITY,
    CONF_STOP_ACTION,
)
from .preset import (
    CLOUD,
    IN_AMPERES,
    LOCAL,
    SWITCHED,
    THIS,
    EntityNamed,
    Preset,
    action,
    press,
    roles_by_name,
)

PRESETS_WITH_ACTIONS: Final[tuple[Preset, ...]] = (
    Preset(
        platform="blue_current",
        name="Blue Current",
        roles=roles_by_name(status="sensor.vehicle_status", power="sensor.total_kw"),
        values={
            **CLOUD,
            CONF_START_ACTION: action("blue_current.start_charge_session", device_id=THIS),
            CONF_STOP_ACTION: press("stop_charge_session"),
            # To others "ready" means that no car is there.
            CONF_STATES_CHARGING: ["ready"],
        },
        needs=frozenset({CONF_STATUS_ENTITY}),
    ),
    Preset(
        platform="chargeamps",
        name="Charge Amps",
        roles=roles_by_name(
            switch="switch.chargeamps_*", status="sensor.chargeamps_*", power="sensor.power"
        ),
        values={
            **IN_AMPERES,
            **CLOUD,
            CONF_LIMIT_ACTION: action(
                "chargeamps.set_max_current",
                chargepoint=EntityNamed("switch.chargeamps_*", r"chargeamps_(.+)_\d+$"),
                connector=EntityNamed("switch.chargeamps_*", r"_(\d+)$"),
                max_current="{{ limit_a | int }}",
            ),
        },
        needs=SWITCHED,
    ),
    Preset(
        platform="easee",
        name="Easee",
        # The sensor of the dynamic limit is disabled unless the user enables it.
        roles=roles_by_name(
            limit="sensor.dynamic_charger_limit",
            status=("sensor.easee_status", "sensor.status"),
            power="sensor.power",
        ),
        values={
            **IN_AMPERES,
            **CLOUD,
            # Less than 6 A pauses. It stays until the charger restarts, which is why it is renewed:
            # one that ended by itself would give the full current while nobody watches the fuse.
            CONF_LIMIT_ACTION: action(
                "easee.set_charger_dynamic_limit",
                device_id=THIS,
                current="{{ limit_a | int }}",
                time_to_live=0,
            ),
            CONF_RENEW: 1800,
        },
        needs=frozenset({CONF_STATUS_ENTITY}),
    ),
    Preset(
        platform="emporia_vue",
        name="Emporia",
        roles=roles_by_name(
            switch="switch.charger.emporia_vue.*", power="sensor.sensor.emporia_vue.instant.*"
        ),
        values={
            **IN_AMPERES,
            **CLOUD,
            CONF_LIMIT_ACTION: action(
                "emporia_vue.set_charger_current", device_id=THIS, current="{{ limit_a | int }}"
            ),
        },
        needs=SWITCHED,
        max_attribute="max_charging_rate",
    ),
    Preset(
        platform="goecharger",
        name="go-eCharger",
        roles=roles_by_name(
            limit="sensor.charger_max_current",
            switch="switch.allow_charging",
            status="sensor.car_status",
            power="sensor.p_all",
        ),
        values={
            **IN_AMPERES,
            **LOCAL,
            # It writes what is volatile; the other action wears out the memory.
            CONF_LIMIT_ACTION: action(
                "goecharger.set_max_current",
                charger_name=EntityNamed("switch.allow_charging", r"(?:.*goecharger_)?(.+)_allow"),
                max_current="{{ limit_a | int }}",
            ),
        },
        needs=SWITCHED,
    ),
    Preset(
        platform="keba",
        name="KEBA",
        roles=roles_by_name(
            limit="sensor.max_current",
            status="binary_sensor.plug_state",
            power="sensor.charging_power",
        ),
        values={
            **IN_AMPERES,
            **LOCAL,
            CONF_LIMIT_ACTION: action("keba.set_current", current="{{ limit_a }}"),
            CONF_START_ACTION: action("keba.enable"),
            CONF_STOP_ACTION: action("keba.disable"),
        },
    ),
)
