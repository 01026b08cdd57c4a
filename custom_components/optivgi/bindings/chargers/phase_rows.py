"""How known chargers switch between one and three phases: one row each.

A switch needs no values: it is on for one phase. What stands in a row is what its integration
offers; whether the charger is built and wired for it is for a person to know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ...const import (
    CONF_ONE_PHASE,
    CONF_ONE_PHASE_ACTION,
    CONF_PHASE_ENTITY,
    CONF_PHASE_INTERVAL,
    CONF_PHASE_PAUSE,
    CONF_SWITCHES_PER_DAY,
    CONF_THREE_PHASES,
    CONF_THREE_PHASES_ACTION,
)
from .preset import THIS, action


@dataclass(frozen=True, kw_only=True)
class PhaseRow:
    """How the chargers of an integration are switched.

    Attributes:
        platform: The integration.
        entities: What shows on how many phases it is, the best first, as in the rows of chargers.
        values: What else is configured.
        needs: Entities of which it has to have one; else it is something else, as a meter is.
        elsewhere: It belongs to another device of the same integration, if there is one such.
    """

    platform: str
    entities: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    elsewhere: bool = False


def _shown(one: str, three: str, **values: Any) -> dict[str, Any]:
    """Return what an entity shows for one phase and for three."""
    return {CONF_ONE_PHASE: one, CONF_THREE_PHASES: three, **values}


def _pair(one: Sequence[Any], three: Sequence[Any]) -> dict[str, Any]:
    return {CONF_ONE_PHASE_ACTION: list(one), CONF_THREE_PHASES_ACTION: list(three)}


def _keba(*, three: bool) -> list[dict[str, Any]]:
    """Return the actions that let its contactor be switched from outside, and switch it."""
    return [
        *action("keba.x2src", device_id=THIS, source=4),
        *action("keba.x2", device_id=THIS, three_phases=three),
    ]


PHASE_ROWS: Final[tuple[PhaseRow, ...]] = (
    PhaseRow(
        platform="alfen_wallbox",
        entities=("select.ps_installation_max_allowed_phase",),
        # It is a setting: its memory wears out.
        values=_shown("1 Phase", "3 Phases")
        | {CONF_PHASE_INTERVAL: 3600, CONF_SWITCHES_PER_DAY: 4},
    ),
    PhaseRow(
        platform="compleo_wallbox",
        entities=("select.phase_mode",),
        values=_shown("1", "3"),
    ),
    PhaseRow(
        platform="easee",
        # Its sensor shows the mode, not what its relays do, and is disabled unless enabled.
        values=_pair(
            action("easee.set_charger_phase_mode", device_id=THIS, phase_mode="1_phase"),
            action("easee.set_charger_phase_mode", device_id=THIS, phase_mode="auto_phase"),
        )
        | {CONF_PHASE_PAUSE: 90},
        needs=("sensor.easee_status", "sensor.status"),
    ),
    PhaseRow(
        platform="evcc_intg",
        entities=("select.phasesconfigured",),
        values=_shown("1", "3"),
    ),
    PhaseRow(
        platform="goecharger_api2",
        # 0 leaves it to the charger.
        entities=("select.psm",),
        values=_shown("1", "2"),
    ),
    PhaseRow(
        platform="goecharger_mqtt",
        entities=("select.psm-psm", "select.psm"),
        values=_shown("Force single phase", "Force three phases"),
    ),
    PhaseRow(
        platform="keba",
        # The sensor is disabled unless the user enables it. The charger waits 5 min by itself.
        entities=("binary_sensor.X2 phaseSwitch",),
        values=_shown("off", "on")
        | _pair(_keba(three=False), _keba(three=True))
        | {CONF_PHASE_INTERVAL: 300},
        needs=("binary_sensor.Plug_EV",),
    ),
    PhaseRow(platform="lektrico", entities=("switch.force_single_phase",)),
    PhaseRow(
        platform="mqtt",
        # SmartEVSE: its second contactor carries L2 and L3.
        entities=("select.EnableC2",),
        values=_shown("Always Off", "Always On") | {CONF_PHASE_PAUSE: 10},
    ),
    PhaseRow(
        platform="nrgkick",
        entities=("number.phase_count",),
        values=_shown("1", "3"),
    ),
    PhaseRow(platform="peblar", entities=("switch.force_single_phase",)),
    PhaseRow(
        platform="smartevse",
        entities=("select.smartevse_enable_C2",),
        values=_shown("Always Off", "Always On") | {CONF_PHASE_PAUSE: 10},
    ),
    PhaseRow(
        platform="solax_modbus",
        entities=("select.charge_phase",),
        values=_shown("L1 Phase", "Three Phase"),
    ),
    PhaseRow(
        platform="v2c",
        entities=("select.charge_mode",),
        values=_shown("monophasic", "threephasic"),
    ),
    PhaseRow(
        platform="wattpilot",
        entities=("select.phase_switch", "select.psm"),
        values=_shown("1 Phase", "3 Phases"),
    ),
    PhaseRow(
        platform="webasto_unite",
        entities=("select.phase_switch",),
        values=_shown("1", "3"),
    ),
    PhaseRow(
        platform="zaptec",
        # Below so many A the installation uses one phase: 32 is always, 0 never. Zaptec asks for a
        # quarter of an hour between two changes.
        entities=("number.three_to_one_phase_switch_current",),
        values=_shown("32", "0") | {CONF_PHASE_INTERVAL: 900, CONF_PHASE_PAUSE: 90},
        elsewhere=True,
    ),
)
"""Of those of one integration, the first that fits counts."""
PHASE_FIELDS: Final = frozenset(
    {CONF_PHASE_ENTITY, *(key for row in PHASE_ROWS for key in row.values)}
)
"""All that rows configure."""
