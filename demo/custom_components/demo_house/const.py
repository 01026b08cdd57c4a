"""Names that the demo house's platforms share."""

from datetime import timedelta
from typing import Final

DOMAIN: Final = "demo_house"
TICK: Final = timedelta(seconds=2)
ENV_SPEED: Final = "DEMO_SPEED"
"""How many times faster than the clock the cars charge; for development."""
