"""Plans regularly and when something happened, beside everything else."""

import asyncio
from collections.abc import Callable
import logging
from typing import Any

from optivgi_scheduler import AlgorithmError, ProblemError, Runner

from .site import Site

_LOGGER = logging.getLogger(__name__)
CALM_S = 0.2
"""What happens within so many seconds, as when all charge points come back, is planned once."""
AGAIN_S = 1.0
"""After so long another plan is made where a charger did not accept its limits."""


class Planner:
    """Runs the Runner's cycles, one after the other."""

    def __init__(self, site: Site, notify: Callable[[str, Any], None], period_s: float) -> None:
        """Prepare it; nothing is planned yet."""
        self._site = site
        self._notify = notify
        self._period_s = period_s
        self._changed = asyncio.Event()
        self._runner = Runner(time_limit_s=5, start_cost=0.02)

    def plan_soon(self) -> None:
        """Have a plan made, as something has happened."""
        self._changed.set()

    async def run(self) -> None:
        """Plan until it is cancelled."""
        try:
            while True:
                await asyncio.sleep(CALM_S)
                self._changed.clear()
                await self._cycle()
                wait_s = self._period_s if self._site.complete else AGAIN_S
                try:
                    await asyncio.wait_for(self._changed.wait(), wait_s)
                except TimeoutError:
                    continue
        finally:
            self._runner.shutdown()

    async def _cycle(self) -> None:
        try:
            await self._runner.run(self._site)
        except (AlgorithmError, ProblemError) as err:
            _LOGGER.warning("No plan: %s", err)
            self._notify("error", {"message": str(err)})
        except Exception:
            # One cycle that fails must not be the last one.
            _LOGGER.exception("No plan")
            self._notify("error", {"message": "internal error"})
