"""Decides a program with starts, choice by choice.

Where the relaxation has half a car charging through a noon and half of another, rounding does not
help: the one or the other has to be decided. Each decision makes two programs of one. Cars are on
for hours, so deciding the middle of a long undecided stretch decides most of it, and a few dozen
solves of some milliseconds each lead to a plan, or to a higher bound.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import heapq
from itertools import count
from typing import Protocol

import numpy as np

from ...quantities.demand import Array
from ..subproblem import HALF, Commitment

type Choice = tuple[int, int, bool]
"""Car, step, and whether it is on."""

UNDECIDED = 0.02
"""What lies closer to off, or on, counts as decided."""
WORTHWHILE = 1e-3
"""Part of the cost by which a plan must be cheaper to be worth looking for."""


@dataclass(frozen=True, kw_only=True)
class Space:
    """What is open: cells that are on in any case, and those that may be on."""

    always: Commitment
    possible: Commitment


class Program(Protocol):
    """What can be solved with some choices made."""

    def solve_with(self, made: tuple[Choice, ...], space: Space) -> tuple[float, Array] | None:
        """Return the least cost, and on and off of each car and step; None if impossible."""


@dataclass(frozen=True)
class _Node:
    bound: float
    made: tuple[Choice, ...]
    on: Array


class Branching:
    """The decisions about one space; it goes on where it stopped."""

    def __init__(self, program: Program, space: Space) -> None:
        """Begin with nothing decided; nothing is solved yet.

        Args:
            program: The program.
            space: What is open.
        """
        self._program = program
        self._space = space
        self._order = count()
        self._open: list[tuple[float, int, _Node]] = []
        self._begun = False

    def raised_bound(self, enough: float, solves: int) -> float:
        """Decide more, and return what every plan in the space costs at least.

        Args:
            enough: A bound that is high enough.
            solves: How often to solve the program at most.

        Raises:
            NoSolutionError: The program was not solved in time.
        """
        for _ in range(solves // 2):
            node = self._next(enough)
            choice = None if node is None else most_undecided(node.on)
            if node is None or choice is None:
                break
            heapq.heappop(self._open)
            for is_on in (False, True):
                self._push(self._solve((*node.made, (*choice, is_on)), node.bound))
        return self._open[0][0] if self._open else enough

    def found(self, best: float, target: float, solves: int) -> Commitment | None:
        """Look for a plan, going for what is nearest; return what is on in the best one found.

        Args:
            best: What a plan costs that is known.
            target: What is good enough.
            solves: How often to solve the program at most.

        Raises:
            NoSolutionError: The program was not solved in time.
        """
        pattern = None
        node: _Node | None = None
        other: tuple[Choice, ...] | None = None
        waiting: list[tuple[float, int, tuple[Choice, ...]]] = [(-np.inf, next(self._order), ())]
        while solves > 0 and best > target:
            if other is None:
                if not waiting:
                    break
                lower_bound, _, other = heapq.heappop(waiting)
                if lower_bound > best - WORTHWHILE * abs(best):
                    break
            solves -= 1
            node, other = self._solve(other, -np.inf), None
            if node is None or node.bound > best - WORTHWHILE * abs(best):
                continue
            choice = most_undecided(node.on)
            if choice is None:
                best, pattern = node.bound, node.on > HALF
                continue
            near = bool(node.on[choice] >= HALF)
            other = (*node.made, (*choice, near))
            heapq.heappush(
                waiting, (node.bound, next(self._order), (*node.made, (*choice, not near)))
            )
        return pattern

    def _next(self, enough: float) -> _Node | None:
        """Return the node with the lowest bound, if that is not high enough."""
        if not self._begun:
            self._begun = True
            self._push(self._solve((), -np.inf))
        return self._open[0][2] if self._open and self._open[0][0] < enough else None

    def _push(self, node: _Node | None) -> None:
        if node is not None:
            heapq.heappush(self._open, (node.bound, next(self._order), node))

    def _solve(self, made: tuple[Choice, ...], lower_bound: float) -> _Node | None:
        answer = self._program.solve_with(made, self._space)
        return None if answer is None else _Node(max(lower_bound, answer[0]), made, answer[1])


def most_undecided(on: Array) -> tuple[int, int] | None:
    """Return the middle of the stretch with the most to decide: car and step."""
    undecided = np.minimum(on, 1 - on)
    undecided[undecided < UNDECIDED] = 0.0
    best, found = 0.0, None
    for car, series in enumerate(undecided):
        for begin, end in _stretches(series > 0):
            weight = float(series[begin:end].sum())
            if weight > best:
                best, found = weight, (car, (begin + end) // 2)
    return found


def _stretches(chosen: Commitment) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(chosen.astype(np.int8), prepend=0, append=0))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
