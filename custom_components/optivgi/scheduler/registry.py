"""The algorithms there are, by name; each is imported when it is first asked for."""

from collections.abc import Callable

from .algorithm import Algorithm
from .errors import UnknownAlgorithmError


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
