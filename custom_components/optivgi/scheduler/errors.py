"""What goes wrong when a plan is made."""


class AlgorithmError(Exception):
    """An algorithm gave no plan."""


class NoSolutionError(AlgorithmError):
    """The solver found no plan, or none in time."""


class UnknownAlgorithmError(AlgorithmError):
    """There is no algorithm of that name."""
