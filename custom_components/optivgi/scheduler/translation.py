"""The border between the scheduler and the chargers: who knows the site implements this."""

from abc import ABC, abstractmethod

from .model import EV, Battery, Circuit, GridConnection, Horizon, Problem, Schedule
from .reserve import NO_RESERVE, Reserve


class Translation(ABC):
    """Turns what a site knows into a Problem, and a Schedule into what its chargers obey.

    One scheduling cycle calls the methods in the order in which they stand here. All are
    coroutines, so that an implementation may ask devices or services.
    """

    @abstractmethod
    async def get_horizon(self) -> Horizon:
        """Return the steps to plan now, usually up to the last known price."""

    @abstractmethod
    async def get_evs(self, horizon: Horizon) -> tuple[EV, ...]:
        """Return who wants to charge within the horizon: plugged in, or announced."""

    @abstractmethod
    async def get_peak_power_demand(self, horizon: Horizon) -> GridConnection:
        """Return what the site can carry: its limits, prices, loads and PV for each step."""

    async def get_circuits(self, horizon: Horizon) -> tuple[Circuit, ...]:
        """Return the parts of the site with limits of their own; none unless overridden."""
        return ()

    async def get_batteries(self, horizon: Horizon) -> tuple[Battery, ...]:
        """Return the home batteries; none unless overridden."""
        return ()

    async def get_reserve(self) -> Reserve:
        """Return what plans are to leave free; nothing unless overridden."""
        return NO_RESERVE

    @abstractmethod
    async def send_power_to_evs(self, problem: Problem, schedule: Schedule) -> None:
        """Send the chargers the limits of a plan.

        Args:
            problem: What was asked in this cycle, without the reserve.
            schedule: What was answered.
        """
