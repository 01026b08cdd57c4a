"""How long a solve may take, and how it is stopped."""

from collections.abc import Iterator
from contextlib import contextmanager
import threading
import time

from highspy import Highs

from .highs import set_option

SHORTEST_S = 0.05
"""A solver is always given this much: less is none."""
GRACE = 0.12
"""Part of the limit by which a linear program may exceed it: without it, no plan is finished."""


class SolveClock:
    """Counts down, names the stages that pass, and can be stopped from another thread."""

    def __init__(self, time_limit_s: float) -> None:
        """Start to count down."""
        self._begin = time.perf_counter()
        self._end = self._begin + time_limit_s
        self._grace_s = GRACE * time_limit_s
        self._solver: Highs | None = None
        self.stages_ms: dict[str, float] = {}
        """Time taken by each stage so far."""

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

    def stop(self) -> None:
        """Let the time be up at once; safe to call from any thread."""
        self._end = self._begin
        self._grace_s = 0.0
        solver = self._solver
        if solver is not None:
            solver.cancelSolve()  # type: ignore[no-untyped-call]

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what is done within to a stage."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            passed = (time.perf_counter() - begin) * 1000
            self.stages_ms[name] = self.stages_ms.get(name, 0.0) + passed

    def run(self, solver: Highs, *, integer: bool = False) -> None:
        """Let a live solver run, no longer than is left.

        Args:
            solver: It.
            integer: It solves an integer program: then it looks at its time limit only now and
                then, and is stopped from outside.
        """
        left = max(SHORTEST_S, self.left_s)
        if not integer:
            left += self._grace_s
        # HiGHS counts the time of all runs of one object.
        set_option(solver, "time_limit", solver.getRunTime() + left)
        if not solver.HandleUserInterrupt:
            # Setting it again would add another handler to every call back.
            solver.HandleUserInterrupt = True
        self._solver = solver
        watch = threading.Timer(left, solver.cancelSolve) if integer else None
        try:
            if watch is not None:
                watch.start()
            solver.run()
        finally:
            self._solver = None
            if watch is not None:
                watch.cancel()
                # It must not stop the next run, nor outlive this one.
                watch.join()
