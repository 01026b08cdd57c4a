"""The simulated house: three cars, four chargers of different kinds, one grid connection.

Knows nothing of Home Assistant; the integration around it only lets time pass and shows it.
"""

from datetime import datetime

from .load import PerPhase, house_load_w, solar_w
from .physics import VOLTAGE, Car, CarModel, Charger

FUSE_A = 25

MODELS = (
    CarModel("Estate", battery_kwh=77, phases=3, max_a=16),
    CarModel("Van", battery_kwh=60, phases=3, max_a=11),
    CarModel("City car", battery_kwh=36, phases=1, max_a=32),
)
STATE_OF_CHARGE = (34.0, 41.0, 52.0)
"""Of the models, in percent, when the house is built."""


class House:
    """A home behind a 3 x 25 A connection."""

    def __init__(self, now: datetime) -> None:
        """Build the house with everything unplugged."""
        self.now = now
        self.cars = [Car(model, soc) for model, soc in zip(MODELS, STATE_OF_CHARGE, strict=True)]
        self.garage = Charger("Garage", phases=3, max_a=16, limit=16, enabled=False)
        self.carport = Charger(
            "Carport", phases=3, max_a=16, limit=0, limit_in_w=True, first_phase=1
        )
        self.driveway = Charger("Driveway", phases=1, max_a=16, limit=0)
        self.courtyard = Charger("Courtyard", phases=3, max_a=16, limit=0)
        """Its electronics are the stand-in's for OCPP."""

    @property
    def chargers(self) -> tuple[Charger, ...]:
        """All chargers; the driveway's is left to be set up by hand."""
        return (*self.own_chargers, self.courtyard)

    @property
    def own_chargers(self) -> tuple[Charger, ...]:
        """Those whose entities are ours."""
        return (self.garage, self.carport, self.driveway)

    @property
    def house_w(self) -> PerPhase:
        """What the house draws without its chargers and its panels."""
        return house_load_w(self.now)

    @property
    def solar_w(self) -> float:
        """What the panels yield."""
        return solar_w(self.now)

    @property
    def grid_w(self) -> PerPhase:
        """What the meter sees on each phase, chargers and panels included."""
        one, two, three = (
            load + sum(charger.current_a[phase] for charger in self.chargers) * VOLTAGE
            for phase, load in enumerate(self.house_w)
        )
        return (one, two, three - self.solar_w)

    def plug_in(self, charger: Charger, name: str | None) -> None:
        """Plug the car of this name into the charger; a car hangs on one plug only."""
        car = next((car for car in self.cars if car.model.name == name), None)
        for other in self.chargers:
            if car is not None and other is not charger and other.car is car:
                other.plug_in(None)
        charger.plug_in(car)

    def advance(self, now: datetime, speed: float = 1.0) -> None:
        """Let time pass until now; the cars may live faster than the clock."""
        seconds = max(0.0, (now - self.now).total_seconds()) * speed
        self.now = now
        for charger in self.chargers:
            charger.step(seconds)
