"""Words and units that show more than one role of a charger's entities."""

from typing import Final

from ..evidence import Candidate
from ..quantity import is_current_unit, is_energy_unit, is_power_unit

RULED_OUT: Final = -50
"""What rules an entity out counts more than all that can speak for it together."""

CHARGING: Final = "charge charges charging charging* recharge laden lade* ladung laad* carga lading"
HOUSE: Final = """
    grid house household home mains meter ct ct1 ct2 ct3 installation building site plant circuit
    breaker fuse solar pv fv sun surplus excess battery inverter generation export netz haus
    hausanschluss de_red
"""
PHASE: Final = "l1 l2 l3 n a b c phase phases p1 p2 p3"


def in_amperes(entity: Candidate) -> bool:
    """Return whether it is in A, mA or alike."""
    unnamed = entity.unit is None and entity.device_class == "current"
    return is_current_unit(entity.unit) or unnamed


def in_watts(entity: Candidate) -> bool:
    """Return whether it is in W, kW or alike."""
    return is_power_unit(entity.unit)


def in_kilowatt_hours(entity: Candidate) -> bool:
    """Return whether it is in Wh, kWh or alike."""
    return is_energy_unit(entity.unit)
