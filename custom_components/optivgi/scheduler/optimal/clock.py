"""How long a solve may take, and how it is stopped."""

from collections.abc import Iterator
from contextlib import contextmanager
import math
import time

from highspy import Highs, HighsModelStatus
from highspy.highs import HighsCallbackEvent

from .highs import set_option

SHORTEST_S = 0.05
"""A solver is always given this much: less is none."""
GRACE = 0.12
"""Part of the limit by which a linear program may exceed it: without it, no plan is finished."""


CUT_OFF = {HighsModelStatus.kTimeLimit, HighsModelStatus.kInterrupt}
"""How a solver's run ends that could have found more in more time."""


class SolveClock:
    """Counts down, names the stages that pass, and can be stopped from another thread."""

    def __init__(self, time_limit_s: float) -> None:
        """Start to count down."""
        self._begin = time.perf_counter()
        self._end = self._begin + time_limit_s
        self._grace_s = GRACE * time_limit_s
        self._stop_at = math.inf
        self._watched: list[Highs] = []
        self.stages_ms: dict[str, float] = {}
        """Time taken by each stage so far."""
        self.ended_in = ""
        """The stage in which something was cut off for want of time; empty while nothing was."""
        self._stage = ""

    @property
    def elapsed_ms(self) -> float:
        """Time since the start."""
        return (time.perf_counter() - self._begin) * 1000

    @property
    def left_s(self) -> float:
        """Time left; 0 when it is up."""
        return max(0.0, self._end - time.perf_counter())

    @property
    def is_up(self) -> bool:
        """Whether the time is up."""
        return self.left_s <= 0

    def keep(self, seconds: float) -> None:
        """Be up so much earlier, for what comes after; a plan is in hand, so no grace is needed."""
        self._end -= seconds
        self._grace_s = 0.0

    def stop(self) -> None:
        """Let the time be up at once; safe to call from any thread."""
        self._end = self._begin
        self._grace_s = 0.0
        self._stop_at = -math.inf

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what is done within to a stage."""
        begin = time.perf_counter()
        outer, self._stage = self._stage, name
        try:
            yield
        finally:
            passed = (time.perf_counter() - begin) * 1000
            self.stages_ms[name] = self.stages_ms.get(name, 0.0) + passed
            if self.is_up:
                self.cut_off()
            self._stage = outer

    def cut_off(self) -> None:
        """Take note that the present stage could have found more in more time."""
        self.ended_in = self.ended_in or self._stage

    def run(self, solver: Highs, *, integer: bool = False, part: float = 1.0) -> None:
        """Let a live solver run, no longer than is left.

        Args:
            solver: It.
            integer: It solves an integer program, which has a plan to return when it is stopped.
            part: Of what is left it may take so much.
        """
        left = max(SHORTEST_S, part * self.left_s)
        if not integer:
            left += self._grace_s
        # HiGHS counts the time of all runs of one object.
        set_option(solver, "time_limit", solver.getRunTime() + left)
        if not any(solver is known for known in self._watched):
            self._watched.append(solver)
            # Its own cancelSolve would also cancel all later runs of that object.
            for callback in (solver.cbSimplexInterrupt, solver.cbMipInterrupt):
                callback.subscribe(self._interrupt)
        self._stop_at = min(self._stop_at, time.perf_counter() + left)
        solver.run()
        if solver.getModelStatus() in CUT_OFF:
            self.cut_off()
        if self._stop_at > -math.inf:
            self._stop_at = math.inf

    def _interrupt(self, event: HighsCallbackEvent) -> None:
        """Stop a solver that looks at its own limit only now and then, as in integer programs."""
        # Said each time: HiGHS remembers it from the run before.
        event.interrupt(time.perf_counter() >= self._stop_at)
