"""What every scheduling algorithm promises, and the registry of those there are."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from .model import Problem, Schedule


class AlgorithmError(Exception):
    """An algorithm gave no plan."""


class NoSolutionError(AlgorithmError):
    """The solver found no plan, or none in time."""


class UnknownAlgorithmError(AlgorithmError):
    """There is no algorithm of that name."""


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


def _optimal() -> Algorithm:
    from .optimal.optimal import OptimalAlgorithm  # noqa: PLC0415 - the solver takes a second to import

    return OptimalAlgorithm()


def _go() -> Algorithm:
    from .go.go import GoAlgorithm  # noqa: PLC0415 - numpy is imported with it

    return GoAlgorithm()


_FACTORIES: dict[str, Callable[[], Algorithm]] = {"optimal": _optimal, "go": _go}


def register(name: str, factory: Callable[[], Algorithm]) -> None:
    """Make an algorithm known; the factory is called at its first use, in the worker thread."""
    _FACTORIES[name] = factory


def algorithm_names() -> tuple[str, ...]:
    """Return the names of all registered algorithms, best first."""
    return tuple(_FACTORIES)


def get_algorithm(name: str) -> Algorithm:
    """Make the algorithm of that name ready; may import a solver, so never in an event loop.

    Raises:
        UnknownAlgorithmError: There is none of that name.
    """
    try:
        factory = _FACTORIES[name]
    except KeyError:
        known = ", ".join(_FACTORIES)
        raise UnknownAlgorithmError(f"no algorithm '{name}'; there are: {known}") from None
    return factory()
