"""What speaks for an entity that reports the car, or measures what it draws, and against it."""

from dataclasses import replace
import re
from typing import Final

from ..evidence import Candidate, EvidenceCode, Role, Sign, says, when
from ..link_words import is_state_of_link, names_link
from .connection import Connection
from .meanings import is_status_of_charger
from .role_words import CHARGING, HOUSE, PHASE, RULED_OUT, in_amperes, in_kilowatt_hours, in_watts
from .words import charger_word, compact

_CAR: Final = "ev car vehicle auto fahrzeug"
_CONNECTED: Final = "connected plugged plug inserted occupied verbunden angesteckt ladekabel"
_names_connected = says(_CONNECTED)
_names_car = says(_CAR, "cable ladekabel plug plugged")
_IS_CHARGER: Final = re.compile(
    r"\b(?:ev|car|vehicle|auto) (?:charger|charging|charge|station|wallbox|box|point|evse)\b"
)
_names_station = says("station socket wall")
# Many sensors have such states: some mean a car, others say nothing of one.
_SAYS_LITTLE: Final = frozenset({"ready", "idle", "locked", "not charging", *"abcdef"})
_SAYS_NOTHING: Final = frozenset({"on", "off", "true", "false", "yes", "no", "unavailable"})
_SHOWN_OPTIONS: Final = 4
"""Enough to see what kind of states they are."""


_ONLY_STATUS: Final = frozenset(
    (
        *("status", "state", "charging", "charge", "charger", "connector", "evse", "evcharger"),
        *(
            "car",
            "vehicle",
            "ev",
            "plug",
            "point",
            "main",
            "socket",
            "system",
            "running",
            "current",
        ),
    )
)
"""A sensor that says none but these words is the status, even while it has no state."""


def _says_only_status(entity: Candidate) -> bool:
    words = (entity.named or entity.words).split()
    return bool({"status", "state"} & set(words)) and all(
        word in _ONLY_STATUS or word.isdigit() for word in words
    )


def _may_report(entity: Candidate) -> bool:
    if entity.domain == "sensor":
        return entity.unit is None and entity.device_class in {None, "enum"}
    if entity.device_class == "plug":
        return True
    # A link to a cloud is "connected", too, and an EV charger is no EV.
    said = replace(entity, words=_IS_CHARGER.sub("", entity.words))
    return (
        entity.device_class in {None, "connectivity"}
        and _names_connected(said) is not None
        and _names_car(said) is not None
    )


def _understood(entity: Candidate) -> str | None:
    """Return the state of a sensor whose word is known, in small letters."""
    if entity.domain != "sensor" or entity.state is None:
        return None
    state = entity.state.casefold()
    known = state not in _SAYS_NOTHING and charger_word(state) is not Connection.UNKNOWN
    return state if known else None


def _says_clearly(entity: Candidate) -> bool:
    return (state := _understood(entity)) is not None and state not in _SAYS_LITTLE


def _may_say(entity: Candidate) -> bool:
    return _understood(entity) in _SAYS_LITTLE


def _is_not_understood(entity: Candidate) -> bool:
    return (
        entity.domain == "sensor"
        and entity.state is not None
        and not entity.options
        and charger_word(entity.state) is Connection.UNKNOWN
    )


def _names_other_end(entity: Candidate) -> str | None:
    return _names_station(entity) if entity.domain == "binary_sensor" else None


def _distinguishes(entity: Candidate) -> bool:
    return is_status_of_charger(entity.options)


def _says_of_charging(entity: Candidate) -> bool:
    """Return whether its states tell a car that charges from one that waits, but of none."""
    said = {charger_word(option) for option in entity.options}
    return not _distinguishes(entity) and {Connection.CHARGING, Connection.PLUGGED} <= said


def _has_other_options(entity: Candidate) -> bool:
    return bool(entity.options) and not (_distinguishes(entity) or _says_of_charging(entity))


def _states_of_link(entity: Candidate) -> str | None:
    """Return states that are of a link, where none of them is of a car that charges."""
    states = (*entity.options, *([entity.state] if entity.state else ()))
    if any(charger_word(state) is Connection.CHARGING for state in states):
        return None
    found = [state for state in states if is_state_of_link(compact(state))]
    return ", ".join(dict.fromkeys(found)) or None


def _options(entity: Candidate) -> str:
    return ", ".join(entity.options[:_SHOWN_OPTIONS])


STATUS: Final = Role(
    domains=frozenset({"sensor", "binary_sensor"}),
    suits=_may_report,
    signs=(
        Sign(6, EvidenceCode.STATES, when(_distinguishes, _options)),
        Sign(3, EvidenceCode.STATES, when(_says_of_charging, _options)),
        Sign(-6, EvidenceCode.OTHER_STATES, when(_has_other_options, _options)),
        Sign(3, EvidenceCode.STATE, when(_says_clearly, lambda entity: entity.state)),
        Sign(2, EvidenceCode.STATE, when(_may_say, lambda entity: entity.state)),
        Sign(-4, EvidenceCode.UNKNOWN_STATE, when(_is_not_understood, lambda entity: entity.state)),
        Sign(
            5,
            EvidenceCode.PLUG,
            when(lambda entity: entity.device_class == "plug", lambda entity: ""),
        ),
        Sign(3, EvidenceCode.WORDS, says("status state states *zustand *status stato estado etat")),
        Sign(
            3,
            EvidenceCode.WORDS,
            says(CHARGING, _CAR, "charger connector evse cp pilot iec iec61851 wallbox"),
        ),
        Sign(3, EvidenceCode.WORDS, says(_CONNECTED)),
        Sign(1, EvidenceCode.WORDS, says("main overall")),
        Sign(2, EvidenceCode.ONLY_STATUS, when(_says_only_status, lambda entity: "")),
        # Of a car it may be the one that is plugged in, of a house another one.
        Sign(-4, EvidenceCode.NOT_IT, says("battery")),
        Sign(RULED_OUT, EvidenceCode.NOT_IT, names_link),
        Sign(RULED_OUT, EvidenceCode.OTHER_STATES, _states_of_link),
        # The other end of the cable says nothing of a car.
        Sign(-4, EvidenceCode.OTHER_END, _names_other_end),
        Sign(
            -2,
            EvidenceCode.DERIVED,
            says("details detail display ui code raw power previous session"),
        ),
        Sign(
            RULED_OUT,
            EvidenceCode.NOT_IT,
            says(
                # Why, and not whether
                "reason reasons error errors fault faults alarm warning message info diagnos*",
                "health",
                # How it charges
                "force forced mode modes modus phase phases limit* balanc* dlb load schedule*",
                "scheduling smart tariff override readiness",
                # Something else
                "lock locked unlock cableunlock update* updating firmware version relay contactor",
                "shift last meter solar pv grid house home inverter led light door window timer",
                "serial rfid user tag card cards auth* quality event events log logs temperature",
                "fan heat* climate seat* tyre tire tracker address hostname name model",
                "manufacturer type reset voltage earth ground self_test",
            ),
        ),
    ),
    needed=5,
)
"""It says whether a car is there, and perhaps whether it charges."""

POWER: Final = Role(
    domains=frozenset({"sensor"}),
    suits=lambda entity: in_watts(entity) and entity.device_class in {"power", None},
    signs=(
        Sign(2, EvidenceCode.UNIT, when(in_watts, lambda entity: entity.unit)),
        Sign(
            2,
            EvidenceCode.UNIT,
            when(lambda entity: entity.device_class == "power", lambda entity: entity.unit),
        ),
        Sign(3, EvidenceCode.WORDS, says(CHARGING, "charger ev evse vehicle wallbox ladeleistung")),
        Sign(
            2,
            EvidenceCode.WORDS,
            says("power *leistung kw consumption p puissance vermogen potencia potenza"),
        ),
        Sign(
            2,
            EvidenceCode.WORDS,
            says("total sum all active import actual now current instant* gesamt"),
        ),
        Sign(
            -2,
            EvidenceCode.DERIVED,
            says("session calculated derived estimated average avg mean theoretical"),
        ),
        # What comes from the grid, beside what comes from the sun
        Sign(-3, EvidenceCode.DERIVED, says("net")),
        Sign(
            -3,
            EvidenceCode.UNUSUAL_UNIT,
            when(lambda entity: entity.unit in {"mW", "µW"}, lambda entity: entity.unit),
        ),
        Sign(
            RULED_OUT,
            EvidenceCode.NOT_IT,
            says(
                HOUSE,
                PHASE,
                "max maximum min minimum limit* offered offer peak rating rated nominal target set",
                "setpoint available allowed reactive apparent factor reserve* shaper budget",
                "discharg* standby fallback boost capacity lost loss cost heat* hems divert other",
                "rest pool group allocated planned requested demand forecast",
            ),
        ),
    ),
    needed=4,
)
"""What the charger draws."""

ENERGY: Final = Role(
    domains=frozenset({"sensor"}),
    suits=lambda entity: in_kilowatt_hours(entity) and entity.device_class in {"energy", None},
    signs=(
        Sign(3, EvidenceCode.UNIT, when(in_kilowatt_hours, lambda entity: entity.unit)),
        Sign(
            3, EvidenceCode.WORDS, says("total lifetime meter zaehler zähler register all import")
        ),
        Sign(1, EvidenceCode.WORDS, says(CHARGING, "charger ev evse vehicle wallbox energy")),
        # It begins again with each car, and may show the last one's for a while.
        Sign(-1, EvidenceCode.DERIVED, says("session transaction")),
        Sign(
            RULED_OUT,
            EvidenceCode.NOT_IT,
            says(
                # Those of the site
                "grid house household home mains site plant solar pv battery inverter export",
                PHASE,
                # They begin again in the middle of a session
                "today daily day week* month* year* hour* quarter yesterday",
                # What is not drawn at all
                "limit* target planned requested wanted max maximum min minimum cost saved price",
                "estimated remaining needed missing left discharg* reactive apparent stored last",
                "previous once heat* climate trip",
            ),
        ),
    ),
    needed=5,
)
"""All that the charger ever gave."""

MAXIMUM: Final = Role(
    domains=frozenset({"sensor", "number"}),
    suits=in_amperes,
    signs=(
        Sign(4, EvidenceCode.WORDS, says("max maximum maximal* capacity rated rating")),
        Sign(2, EvidenceCode.WORDS, says(CHARGING, "charger evse")),
        # Of several, what the owner has set, and not what is allowed at the moment.
        Sign(1, EvidenceCode.WORDS, says("user")),
        Sign(
            RULED_OUT,
            EvidenceCode.NOT_IT,
            says(
                *(HOUSE, PHASE),
                "min minimum cable session discharg* available *schieflast imbalance overload",
                "fallback failsafe offline safe",
            ),
        ),
    ),
    needed=4,
)
"""The max current of the charger, where its limit does not say it."""
