"""A home battery that covers the house by itself, and everything else behind the meter: cars, too.

Knows nothing of Home Assistant. Its power is in W: positive while it charges.
"""

CAPACITY_KWH = 10.0
MAX_W = 5000.0
RESERVE = 10.0
"""In percent: it gives nothing below."""
EFFICIENCY = 0.95


class Battery:
    """Keeps the meter at zero for as long as it can."""

    def __init__(self, soc: float) -> None:
        """Hang it on the wall, so full in percent."""
        self.soc = soc
        self.max_discharge_w = MAX_W
        """A setting of its inverter."""
        self.power_w = 0.0

    def step(self, seconds: float, net_w: float) -> None:
        """Let time pass; ``net_w`` is what the meter would show without it."""
        full, empty = self.soc >= 100, self.soc <= RESERVE
        most = 0.0 if full else MAX_W
        least = 0.0 if empty else min(MAX_W, self.max_discharge_w)
        self.power_w = max(-least, min(most, -net_w))
        losses = EFFICIENCY if self.power_w > 0 else 1 / EFFICIENCY
        stored_kwh = self.power_w / 1000 * losses * seconds / 3600
        self.soc = min(100.0, max(0.0, self.soc + 100 * stored_kwh / CAPACITY_KWH))
