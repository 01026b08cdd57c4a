"""What speaks for an entity that limits a charger, and against it."""

from typing import Final

from ..evidence import Candidate, EvidenceCode, Role, Sign, says, when
from ..quantity import to_ampere, to_kilowatt
from .options import has_currents
from .role_words import CHARGING, HOUSE, RULED_OUT, in_amperes, in_watts

_names_current = says(
    "current currents cur curr amp amps ampere amperes amperage intensity courant corriente",
    "corrente strom *strom stroom",
)
# A charger can be paused or reduced to the 6 A of the standard; more than this is another setting.
_MAX_MIN_A: Final = 16.0
_MAX_A: Final = (6.0, 80.0)
"""The maxima of the weakest chargers and the largest for AC; others limit something else."""
_MAX_KW: Final = (1.0, 400.0)
"""The same, with the largest for DC."""


def _suits(entity: Candidate) -> bool:
    if entity.domain == "select":
        return has_currents(entity.options) and _names_current(entity) is not None
    if entity.unit is None and not in_amperes(entity):
        return _names_current(entity) is not None and _is_what_cars_take(entity)
    return in_amperes(entity) or in_watts(entity)


def _is_what_cars_take(entity: Candidate) -> bool:
    if entity.domain == "select":
        return True
    if entity.minimum is None or entity.maximum is None:
        return False
    if in_watts(entity):
        min_kw = to_kilowatt(entity.minimum, str(entity.unit))
        max_kw = to_kilowatt(entity.maximum, str(entity.unit))
        return min_kw >= 0 and _MAX_KW[0] <= max_kw <= _MAX_KW[1]
    min_a = to_ampere(entity.minimum, entity.unit or "A")
    max_a = to_ampere(entity.maximum, entity.unit or "A")
    return 0 <= min_a <= _MAX_MIN_A and _MAX_A[0] <= max_a <= _MAX_A[1]


def _range(entity: Candidate) -> str:
    if entity.domain == "select":
        return f"{entity.options[0]} - {entity.options[-1]}"
    return f"{entity.minimum:g} - {entity.maximum:g}"


LIMIT: Final = Role(
    domains=frozenset({"number", "select"}),
    suits=_suits,
    signs=(
        Sign(4, EvidenceCode.UNIT, when(in_amperes, lambda entity: entity.unit or "A")),
        Sign(1, EvidenceCode.UNIT, when(in_watts, lambda entity: entity.unit)),
        Sign(2, EvidenceCode.RANGE, when(_is_what_cars_take, _range)),
        Sign(3, EvidenceCode.WORDS, _names_current),
        Sign(1, EvidenceCode.UNIT, says("amp amps ampere amperes amperage")),
        Sign(4, EvidenceCode.WORDS, says(CHARGING)),
        Sign(
            2,
            EvidenceCode.WORDS,
            says("charger ev evse limit limitation wallbox output connector socket"),
        ),
        Sign(1, EvidenceCode.WORDS, says("rate speed power *leistung")),
        # Of several limits, the one that is meant to be changed all the time.
        Sign(
            5,
            EvidenceCode.DYNAMIC,
            says(
                "dynamic hems set_point setcurrent requested request wanted virtual external set",
                "setpoint soll sollwert target online override user session control sofortladen",
            ),
        ),
        Sign(
            -3,
            EvidenceCode.UPPER_LIMIT,
            says("max maximum maximal* maxcurrent absolute top highest peak"),
        ),
        Sign(
            RULED_OUT,
            EvidenceCode.NOT_IT,
            says(
                HOUSE,
                # Something that holds when nobody commands, or for good
                "safe safety failsafe fallback offline default fixed fest* stored permanent* flash",
                "eeprom persistent standby idle backup reserve reserved storm",
                # A bound, or what somebody else goes by
                "min minimum minimal* lowest least ama rated rating nominal hardware supported",
                "max_station station_max connection capacity overload icp threshold comfort trip",
                "cutoff load_balanc* balancing lb dlb alb ocpp datahub proxy share sharing group",
                "pool cluster fleet total imbalance unbalance *schieflast shed* curtail* island",
                # Something else
                "tariff price cost soc percent level start starting stop duration time delay timer",
                "schedule* scheduling plan led brightness dimm* volume sound display boost eco",
                "green discharg* v2g v2h v2l feed phase phases temperature voltage frequency cable",
                "leak* residual rcd earth ground alarm warning protect* calibrat* offset lock",
                "heat* climate",
            ),
        ),
    ),
    needed=6,
)
"""What limits it: a number, or a select of currents."""
