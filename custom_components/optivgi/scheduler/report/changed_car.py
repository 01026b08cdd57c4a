"""One EV of a plan while its powers are changed beside the others: what these leave it is kept."""

from typing import override

from .fleet import Fleet
from .planned_car import PlannedCar
from .rounding import RaisedCar


class ChangedCar(PlannedCar):
    """An EV with its powers, and what the others leave it.

    Attributes:
        raised: The same EV among the others.
    """

    def __init__(self, fleet: Fleet, row: int, raised: RaisedCar) -> None:
        """Take a row of the fleet."""
        super().__init__(fleet, row, raised.power_kw[row], raised.room.given_kw[row])
        self.raised = raised

    @override
    def set(self, step: int, power_kw: float) -> bool:
        before = float(self.power_kw[step])
        if not super().set(step, power_kw):
            return False
        self.power_kw[step] = before
        self.raised.change(step, power_kw - before)
        return True
