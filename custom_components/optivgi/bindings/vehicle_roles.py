"""What speaks for an entity of a car's device that reports the car, and against it."""

from typing import Final

from homeassistant.const import PERCENTAGE

from ..cars.presence import Presence
from ..cars.soc import FULL_SOC
from .car_limit import percentages_of
from .chargers.connection import Connection
from .chargers.role_words import RULED_OUT
from .chargers.words import car_word
from .evidence import Candidate, EvidenceCode, Role, Sign, says, when
from .presence import presence_of_word
from .quantity import is_energy_unit

# Batteries that are not the traction battery.
_OTHER_BATTERY: Final = """
    12v 12_v aux auxiliary starter lv low_voltage electrical_system service voltage main_battery
    key keyfob fob remote phone watch tablet tyre tire tpms home house powerwall backup storage
"""
_BOUNDS: Final = "target* limit limits min minimum max maximum setpoint threshold reserve*"
_MIN_LIMIT: Final = 80
"""Every car can be charged to this, in %: options that all are below are currents or hours."""
# As they are put in other languages, too, whose words are understood one by one.
_SOC: Final = """
    soc state_of_charge stateofcharge *soc soc* status_de_charge status_de_charging
    status_di_charging level_de_charge level_de_charging charge_de_la_battery charging_battery
    status_battery
"""
_names_plug = says("*plug plug* plugged isplugged *gun cable *kabel pilot coupler inlet")
_names_plugged = says("plugged isplugged pluggedin connected")
_names_content = says("level content available remaining residual soe energy_level stored")
_SAYS_NOTHING: Final = frozenset({"on", "off", "yes", "no", "true", "false"})


def _is_share(entity: Candidate) -> bool:
    return entity.unit == PERCENTAGE or (entity.unit is None and entity.device_class == "battery")


def _is_energy(entity: Candidate) -> bool:
    return is_energy_unit(entity.unit)


def _may_be_soc(entity: Candidate) -> bool:
    return _is_share(entity) or (_is_energy(entity) and _names_content(entity) is not None)


def _has_class(name: str) -> Sign:
    return Sign(
        4,
        EvidenceCode.UNIT,
        when(lambda entity: entity.device_class == name, lambda entity: entity.unit or name),
    )


CAR_SOC: Final = Role(
    domains=frozenset({"sensor"}),
    suits=_may_be_soc,
    signs=(
        _has_class("battery"),
        _has_class("energy_storage"),
        Sign(5, EvidenceCode.WORDS, says(_SOC)),
        Sign(3, EvidenceCode.WORDS, says("battery batterie akku accu")),
        Sign(2, EvidenceCode.WORDS, says("level percent percentage charged displayed")),
        Sign(2, EvidenceCode.WORDS, says("ev electric elec drive* traction hv high_voltage")),
        Sign(1, EvidenceCode.UNIT, when(_is_share, lambda entity: entity.unit or PERCENTAGE)),
        # Some cars call their 12 V battery so.
        Sign(-4, EvidenceCode.NOT_IT, says("car_battery power_battery")),
        Sign(-3, EvidenceCode.DERIVED, says("predicted magic estimated raw last")),
        Sign(
            RULED_OUT,
            EvidenceCode.NOT_IT,
            says(
                *(_OTHER_BATTERY, _BOUNDS),
                # What is in % besides
                "health soh range arrival trip discharg* climate temperature fuel engine adblue",
                "humidity profile brightness volume efficiency capacity energy_added",
                "charged_energy delivered consum*",
            ),
        ),
    ),
    needed=6,
)
"""Its state of charge, in % or as the energy that is in its battery."""


def _reports_plug(entity: Candidate) -> bool:
    if entity.domain == "sensor":
        return entity.unit is None and entity.device_class in {None, "enum"}
    return entity.device_class in {None, "plug", "connectivity"}


def _distinguishes(entity: Candidate) -> bool:
    said = {car_word(option) for option in entity.options}
    return Connection.UNPLUGGED in said and any(word and word.plugged for word in said)


def _has_other_options(entity: Candidate) -> bool:
    return bool(entity.options) and not _distinguishes(entity)


def _presence(entity: Candidate) -> Presence | None:
    """Return what a sensor's word says at present; None where it is not known."""
    return None if entity.state is None else presence_of_word(entity.state)


def _is_understood(entity: Candidate) -> bool:
    return (
        entity.domain == "sensor"
        and (entity.state or "").casefold() not in _SAYS_NOTHING
        and _presence(entity) in {Presence.PLUGGED, Presence.UNPLUGGED}
    )


def _says_whether(entity: Candidate) -> bool:
    """Return whether it is a sensor that says no more than yes or no."""
    return (
        entity.domain == "sensor"
        and (entity.state or "").casefold() in _SAYS_NOTHING
        and _names_plugged(entity) is not None
    )


def _is_not_understood(entity: Candidate) -> bool:
    return entity.domain == "sensor" and entity.state is not None and _presence(entity) is None


CAR_PLUG: Final = Role(
    domains=frozenset({"binary_sensor", "sensor"}),
    suits=_reports_plug,
    signs=(
        Sign(
            6,
            EvidenceCode.PLUG,
            when(lambda entity: entity.device_class == "plug", lambda entity: ""),
        ),
        Sign(
            4,
            EvidenceCode.PLUG,
            when(
                lambda entity: entity.domain == "binary_sensor" and bool(_names_plug(entity)),
                lambda entity: "",
            ),
        ),
        Sign(4, EvidenceCode.STATES, when(_distinguishes, lambda entity: entity.options)),
        Sign(-4, EvidenceCode.OTHER_STATES, when(_has_other_options, lambda e: e.options[0])),
        Sign(2, EvidenceCode.STATE, when(_is_understood, lambda entity: entity.state)),
        Sign(1, EvidenceCode.STATE, when(_says_whether, lambda entity: entity.state)),
        Sign(-4, EvidenceCode.UNKNOWN_STATE, when(_is_not_understood, lambda entity: entity.state)),
        Sign(4, EvidenceCode.WORDS, _names_plug),
        Sign(3, EvidenceCode.WORDS, says("connected connection connector")),
        Sign(
            2,
            EvidenceCode.WORDS,
            says("charging charge charger charging* ev_charging port charger* *charging"),
        ),
        Sign(1, EvidenceCode.WORDS, says("status state *status *state")),
        Sign(-2, EvidenceCode.DERIVED, says("raw detail details power")),
        Sign(
            RULED_OUT,
            EvidenceCode.NOT_IT,
            says(
                "lock locked unlock* flap door doors window trunk hood light* climate heat* seat*",
                "precondition* cloud online internet server network wifi mobile_app bluetooth api",
                "error fault warning alarm reason mode type time remaining rate profile schedule*",
                "scheduling health discharg* limit* target* external supply led color level",
                "last error_code engine tyre tire fuel sentry user v2l",
            ),
        ),
    ),
    needed=5,
)
"""It says whether the car is plugged in."""

CAR_CHARGING: Final = Role(
    domains=frozenset({"binary_sensor"}),
    suits=lambda entity: entity.device_class in {None, "battery_charging", "power", "running"},
    signs=(
        Sign(
            5,
            EvidenceCode.ONLY_CHARGING,
            when(lambda entity: entity.device_class == "battery_charging", lambda entity: ""),
        ),
        Sign(5, EvidenceCode.WORDS, says("charging *charging chargingactive charging_active")),
        Sign(
            RULED_OUT,
            EvidenceCode.NOT_IT,
            says(
                "discharg* scheduled schedule climate fault error phone limit target* fast",
                "flap lid door hatch lock locked",
            ),
        ),
    ),
    needed=5,
)
"""It says that the car charges, and so that it is plugged in: less than a plug says."""

CAR_LOCATION: Final = Role(
    domains=frozenset({"device_tracker"}),
    suits=lambda entity: True,
    signs=(
        Sign(5, EvidenceCode.LOCATION, lambda entity: ""),
        Sign(1, EvidenceCode.WORDS, says("position location device_tracker parking")),
        Sign(RULED_OUT, EvidenceCode.NOT_IT, says("phone watch tablet key route destination")),
    ),
    needed=5,
)
"""Where the car is."""

CAR_SOC_TIME: Final = Role(
    domains=frozenset({"sensor"}),
    suits=lambda entity: entity.device_class == "timestamp",
    signs=(
        Sign(3, EvidenceCode.WORDS, says("last *last")),
        Sign(
            3,
            EvidenceCode.WORDS,
            says("update updated *update reported activity *refresh connected heard contact seen"),
        ),
        Sign(6, EvidenceCode.WORDS, says("captured vehicle_state")),
        Sign(2, EvidenceCode.WORDS, says("battery soc")),
        Sign(
            RULED_OUT,
            EvidenceCode.NOT_IT,
            says(
                "trip charge charging end finish* ready depart* service inspection start* park*",
                "fetch* successful schedule* estimated time_to climate position location token",
            ),
        ),
    ),
    needed=6,
)
"""When the car last reported."""


def _has_shares(entity: Candidate) -> bool:
    """Whether it is a select of which most options are shares of a battery that cars stop at."""
    shares = [value for value in percentages_of(entity.options) if value <= FULL_SOC]
    return len(shares) > max(1, len(entity.options) // 2) and max(shares) > _MIN_LIMIT


def _limits_in_share(entity: Candidate) -> bool:
    return _has_shares(entity) if entity.domain == "select" else entity.unit == PERCENTAGE


CAR_LIMIT: Final = Role(
    domains=frozenset({"number", "select"}),
    suits=_limits_in_share,
    signs=(
        Sign(1, EvidenceCode.UNIT, when(_is_share, lambda entity: entity.unit)),
        Sign(
            1,
            EvidenceCode.RANGE,
            when(_has_shares, lambda entity: f"{entity.options[0]} - {entity.options[-1]}"),
        ),
        Sign(4, EvidenceCode.WORDS, says("limit limits target* *limit*")),
        Sign(2, EvidenceCode.WORDS, says("charge charging battery soc state_of_charge ac")),
        Sign(
            RULED_OUT,
            EvidenceCode.NOT_IT,
            says(
                "min minimum discharg* v2l v2g reserve* backup climate temperature dc current",
                "speed volume brightness profile house home_battery home_storage away",
            ),
        ),
    ),
    needed=6,
)
"""The state of charge at which the car itself stops: a number, or a select of percentages."""

CAR_CAPACITY: Final = Role(
    domains=frozenset({"sensor", "number"}),
    suits=_is_energy,
    signs=(
        Sign(5, EvidenceCode.WORDS, says("capacity max_energy *capacity")),
        Sign(2, EvidenceCode.WORDS, says("battery usable total")),
        Sign(
            RULED_OUT,
            EvidenceCode.NOT_IT,
            says("available remaining residual added consum* charged trip home house level"),
        ),
    ),
    needed=5,
)
"""How much its battery holds."""
