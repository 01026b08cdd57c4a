"""What every scheduling algorithm promises."""

from abc import ABC, abstractmethod
from typing import ClassVar

from .model import Problem, Schedule


class Algorithm(ABC):
    """A way to turn a Problem into a Schedule.

    An algorithm may be slow and may fail; the Runner calls it in a thread and knows what to do
    then. What it returns must keep every limit, and must be the same for the same Problem.
    """

    name: ClassVar[str]
    """What it is called in the registry and in Schedule.algorithm."""

    @abstractmethod
    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        """Plan all EVs of a Problem.

        Args:
            problem: What to plan.
            time_limit_s: How long it may take; the best plan found by then is returned.

        Raises:
            NoSolutionError: No plan was found in that time.
        """

    def cancel(self) -> None:  # noqa: B027 - an algorithm need not be able to
        """Let a solve that runs in another thread come to its end soon.

        What it returns is not looked at any more. By default it just runs on.
        """

    def plan_in_hand(self) -> Schedule | None:
        """Return a complete plan where a solve that runs in another thread has one already.

        The Runner asks for it when a solve does not come to its end in time; called from yet
        another thread. By default there is none.
        """
        return None
