"""When a car is ready, and when it asks for more again."""

READY_WITHIN_KWH = 0.05
"""Less than this in the battery is neither worth a start nor measurable by most cars."""
ASK_AGAIN_SOC = 2.0
"""A car that was ready asks again when more than this is missing, in %.

Cars report their state of charge in whole %, and half a % off: one at its target may report a
little less the next time, and would be started for nothing.
"""


def is_ready(*, before: bool, missing_soc: float, battery_kwh: float) -> bool:
    """Tell whether a car wants no more.

    Args:
        before: Whether it was ready before, with the same target and departure.
        missing_soc: What is missing to its target, in %.
        battery_kwh: What its battery holds.
    """
    if before:
        return missing_soc <= ASK_AGAIN_SOC
    return missing_soc / 100 * battery_kwh <= READY_WITHIN_KWH
