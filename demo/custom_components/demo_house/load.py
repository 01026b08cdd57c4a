"""What the rest of the house draws and what its roof yields, as functions of the time.

Both are deterministic, so that a demo can be repeated and a test can look ahead.
"""

from datetime import datetime
import math
import random

type PerPhase = tuple[float, float, float]
"""W on L1, L2 and L3."""

PEAK_SUN_W = 3_200
LATITUDE = 52.1


def _bump(hour: float, at: float, width: float) -> float:
    """A smooth peak of height 1, round the clock."""
    distance = min(abs(hour - at), 24 - abs(hour - at))
    return math.exp(-((distance / width) ** 2))


def _chance(when: datetime, minutes: int, salt: str) -> float:
    """A number from 0 to 1 that stays the same for some minutes."""
    slot = int(when.timestamp() // (60 * minutes))
    return random.Random(f"{salt}{slot}").random()  # noqa: S311 - weather, not secrets


def _hour(when: datetime) -> float:
    return when.hour + when.minute / 60 + when.second / 3600


def house_load_w(when: datetime) -> PerPhase:
    """What the household draws at this local time; people cook, fridges hum, kettles boil."""
    hour = _hour(when)
    awake = min(1.0, _bump(hour, 7.5, 1.6) + _bump(hour, 19.5, 3.2) + 0.35 * _bump(hour, 13, 3.5))
    fridge = 90.0 if _chance(when, 20, "fridge") < 0.45 else 4.0
    kettle = 1_900.0 if _chance(when, 4, "kettle") < 0.10 * awake else 0.0
    hob = 1_600.0 * _bump(hour, 18.3, 0.7) if _chance(when, 2, "hob") < 0.7 else 0.0
    washing = 1_200.0 if _chance(when, 45, "washing") < 0.18 * awake else 0.0
    flicker = 1 + 0.06 * math.sin(when.timestamp() / 37) + 0.04 * math.sin(when.timestamp() / 11)
    return (
        (110 + fridge + 160 * awake) * flicker + washing,
        (70 + 130 * awake) * flicker + kettle,
        (60 + 90 * awake) * flicker + hob,
    )


def solar_w(when: datetime) -> float:
    """What the panels yield at this local time; all of it on L3."""
    day = when.timetuple().tm_yday
    declination = math.radians(-23.44 * math.cos(2 * math.pi * (day + 10) / 365))
    latitude = math.radians(LATITUDE)
    # 12:40 is about when the sun stands in the south here, winter time or summer time aside.
    angle = math.radians(15 * (_hour(when) - 12.7))
    height = math.sin(latitude) * math.sin(declination)
    height += math.cos(latitude) * math.cos(declination) * math.cos(angle)
    clouds = 0.35 + 0.65 * _chance(when, 10, "clouds")
    return PEAK_SUN_W * max(0.0, height) * clouds
