"""Names that the stand-in's rooms share."""

from datetime import timedelta
from typing import Final

DOMAIN: Final = "ocpp"
HOUSE_DOMAIN: Final = "demo_house"
PLATFORMS: Final = ("number", "sensor", "switch")
CPID: Final = "courtyard_charger"
"""What the demo's charge point is called in Home Assistant."""
TICK: Final = timedelta(seconds=2)
