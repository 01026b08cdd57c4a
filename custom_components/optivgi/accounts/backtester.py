"""Runs backtests of a site beside all else: one at a time, with many rests, until stopped."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
import threading
import time
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..backtest.backtest import Backtest, run
from ..backtest.past import Past
from ..backtest.rolling import StoppedError
from ..errors import RefusedError
from .past_weeks import PastWeeks

_LONGEST_REST_S: Final = 1.0
"""Nothing takes longer between two rests but the plan of all days with everything known."""


class Backtester:
    """Says what the last weeks of a site would have cost."""

    def __init__(self, hass: HomeAssistant, past: PastWeeks, algorithms: tuple[str, ...]) -> None:
        """Start nothing before somebody asks.

        Args:
            hass: Home Assistant.
            past: What is known of the last weeks.
            algorithms: What plans are made by.
        """
        self._hass = hass
        self._past = past
        self._algorithms = algorithms
        self._stop: threading.Event | None = None

    async def async_run(
        self, weeks: int, on_progress: Callable[[float], None] = lambda _: None
    ) -> Backtest:
        """Run a backtest; whoever cancels this stops it.

        Args:
            weeks: Of how many weeks.
            on_progress: Is called with the part that is done.

        Raises:
            RefusedError: One is running, or the site is being unloaded.
        """
        if self._stop is not None:
            raise RefusedError("backtest_running")
        self._stop = stop = threading.Event()
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="optivgi-backtest")
        shown = -1

        def progress(part: float) -> None:
            nonlocal shown
            if stop.is_set():
                raise StoppedError
            if (percent := int(part * 100)) != shown:
                shown = percent
                self._hass.loop.call_soon_threadsafe(on_progress, part)

        try:
            past = await self._past.async_read(weeks, dt_util.utcnow())
            job = partial(work, past, self._algorithms, progress)
            return await self._hass.loop.run_in_executor(executor, job)
        except StoppedError as err:
            raise RefusedError("backtest_stopped") from err
        finally:
            stop.set()
            executor.shutdown(wait=False, cancel_futures=True)
            self._stop = None

    async def async_end(self) -> None:
        """Stop what runs."""
        if self._stop is not None:
            self._stop.set()


def work(past: Past, algorithms: tuple[str, ...], progress: Callable[[float], None]) -> Backtest:
    """Run a backtest in a thread of its own, resting as long as it works.

    A lower priority of the thread would be worse: Python lets one thread run at a time, and who
    waits for one that is not given the processor waits long.
    """
    began = time.monotonic()

    def resting(part: float) -> None:
        nonlocal began
        time.sleep(min(time.monotonic() - began, _LONGEST_REST_S))
        began = time.monotonic()
        progress(part)

    return asyncio.run(run(past, algorithms, resting))
