"""Which cars wait for a charger that another car is at."""

from collections.abc import Iterator

from ..bindings.vehicle import Vehicle
from ..cars.presence import Presence
from ..charging.charging_point import ChargingPoint
from ..scheduler.readiness import ASK_AGAIN_SOC
from .site import Site


def waiting_for(site: Site, point: ChargingPoint) -> Iterator[Vehicle]:
    """Yield the cars that usually charge there, are at no charger, and lack energy.

    A car that does not report where it is may be here; one of which nobody knows how full it is
    does not wait.
    """
    for vehicle in site.regulars[point.charger.id]:
        elsewhere = site.point_of(vehicle)
        if elsewhere is not None and elsewhere.plugged:
            continue
        sighting, soc = vehicle.sighting(), vehicle.read_soc()
        if sighting is not None and sighting.presence in {Presence.AWAY, Presence.PLUGGED}:
            continue
        target_soc = site.store.memory.vehicles[vehicle.id].target_soc
        if soc is not None and target_soc - soc > ASK_AGAIN_SOC:
            yield vehicle
