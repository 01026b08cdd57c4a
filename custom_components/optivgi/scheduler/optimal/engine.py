"""Plans one subproblem: chooses between the ways to solve it.

There are two. Plain charging has a relaxation in whole arrays (plain/), which is rounded in
milliseconds for a household and in fractions of a second for hundreds of cars. And there is one
program for all there is (program/): starts, minimum powers, whole steps of power, peaks, storage,
phases. Where there are few enough choices the program has the last word, beginning with the best
plan the other way has found; and it is the only way for what the relaxation cannot express.
"""

from dataclasses import replace
from functools import cached_property
import time

import numpy as np

from ..errors import NoSolutionError
from ..go.go import QuickPlan, plan_quickly
from ..model import PROVEN_GAP, Battery, Problem
from ..quantities.demand import NetworkLimits
from .candidates import SAME_MONEY, Candidates
from .clock import SolveClock
from .plain.direct import plan_directly
from .plain.dive import Dive
from .plain.plan import count_choices, plan_on_relaxation
from .program.formulation import build
from .program.solver import ProgramSolver
from .progress import Finisher, Progress
from .shares import fairest_shares, gained_kwh
from .solution import Solution
from .subproblem import EXACT_CHOICES, Subproblem

PROGRAM_CHOICES = 170
"""Up to so many choices between off and on the program has the last word: three cars, an evening.

Measured on evenings: one cold program proves 1 % up to there, and none in 5 s with four cars.
"""
SEARCHED_CHOICES = 340
"""Up to so many it is tried where what else is found is not proven to be good."""
NODES = 200
"""Nodes of the program's search tree at most."""
QUICK_PART = 0.5
"""Of the time, so much may be spent on a plan that is in hand before anything slow begins."""
FINISHING = 3.0
"""What reporting a plan takes, and comparing it with the one followed, over judging it."""
TINY_START = 1e-4
"""What a start counts for where it is free, relative to the highest price per kWh."""
SPECIAL_GAP = PROVEN_GAP / 2
"""Where the program alone decides, it looks on until so little may be left.

There nothing else comes near its plan: ending at PROVEN_GAP cost 0.57 % in one home of 36.
"""
EXACT_GAP = 1e-9
"""What is left of a gap by rounding, where the optimum itself is sought."""
REFUSED_KWH = 0.01
"""Energy that a battery may refuse of a plan without its being made again."""


class Engine:
    """Solves the subproblems of one problem, one after the other.

    Attributes:
        problem: What is asked.
        network: Its network limits.
        clock: The time there is.
        quick_in_hand: The plan that is made quickly, once it has been.
        in_hand: What there is with the best solution so far; None before the first.
        finisher: What brings plans to the chargers' steps, and judges them.
    """

    def __init__(self, problem: Problem, network: NetworkLimits, clock: SolveClock) -> None:
        """Prepare to solve the subproblems of a problem."""
        self.problem, self.network, self.clock = problem, network, clock
        self.finisher = Finisher(problem, network)
        self.quick_in_hand: QuickPlan | None = None
        self.in_hand: Progress | None = None

    @cached_property
    def quick(self) -> QuickPlan:
        """A plan that is made quickly, when it is first needed."""
        with self.clock.stage("quick"):
            begin, limit_s = time.perf_counter(), QUICK_PART * self.clock.left_s
            quick = plan_quickly(self.problem, limit_s)
            if time.perf_counter() - begin >= limit_s:
                self.clock.cut_off()
        self.quick_in_hand = quick
        return quick

    def solve(self, subproblem: Subproblem, progress: Progress) -> Progress:
        """Find the cheapest plan for what the cars of a subproblem can fairly get.

        Args:
            subproblem: The cars.
            progress: What there is already.

        Returns:
            What there is then.

        """
        attempt = _Attempt(self, subproblem, progress)
        try:
            self._plan(attempt)
        except NoSolutionError:
            # The time was up, or a solver was stuck: what there is holds.
            if attempt.found.best is None:
                attempt.offer_quick()
        return attempt.found.outcome()

    @staticmethod
    def _plan(attempt: _Attempt) -> None:
        """Look for better and better solutions."""
        if not is_plain(attempt.subproblem):
            # In hand before anything slow begins.
            attempt.offer_quick()
            attempt.plan_special()
            attempt.fit_batteries()
            return
        attempt.plan_plain()
        if not attempt.is_searchable or (attempt.is_exact and attempt.found.is_good(PROVEN_GAP)):
            return
        if not attempt.is_small:
            if attempt.found.is_proven():
                return
            attempt.offer_quick()
        asked = _with_tiny_start_cost(attempt.subproblem)
        if attempt.may_be_unfair:
            attempt.share_out()
            attempt.plan_program(asked)
            return
        attempt.plan_program(asked)
        if not attempt.found.serves_everybody and attempt.share_out():
            attempt.plan_program(asked)


class _Attempt:
    """One subproblem, and the best that has been found for it."""

    def __init__(self, engine: Engine, subproblem: Subproblem, progress: Progress) -> None:
        self.engine, self.subproblem = engine, subproblem
        self.clock = engine.clock
        self.scarce = False
        self.is_exact = False
        self._dive: Dive | None = None
        choices = count_choices(subproblem.demands)
        self.is_small = choices <= PROGRAM_CHOICES
        self.is_searchable = choices <= SEARCHED_CHOICES
        self.gap = EXACT_GAP if choices <= EXACT_CHOICES else PROVEN_GAP
        numbers = [ev.id for ev in engine.problem.evs]
        rows = [numbers.index(demand.ev.id) for demand in subproblem.demands]
        self.found = Candidates(engine.finisher, subproblem, progress, rows)

    def offer(self, solution: Solution, *, by: float = -SAME_MONEY) -> None:
        """Keep a solution if it serves the cars better than the best, or is cheaper by so much.

        By default, being as cheap is enough: the later one has been made with more care.
        """
        if (best := self.found.offer(solution, by)) is not None:
            self.engine.in_hand = replace(best.progress, slack=np.inf)

    def offer_quick(self) -> None:
        """Have the plan in hand that is made quickly."""
        zero = np.zeros(len(self.subproblem.step_h))
        demands = self.subproblem.demands
        quick = self.engine.quick
        begin = time.perf_counter()
        powers = [quick.power_kw.get(demand.ev.id, zero) for demand in demands]
        single = [quick.one_phase.get(demand.ev.id, zero > 0) for demand in demands]
        self.offer(
            Solution(
                power_kw=[
                    np.where(one, 0.0, np.clip(power, demand.floor_kw, demand.ceiling_kw))
                    for one, power, demand in zip(single, powers, demands, strict=True)
                ],
                single_kw=[
                    np.where(one, power, 0.0) for one, power in zip(single, powers, strict=True)
                ],
                battery_kw={battery.id: zero for battery in self._batteries},
                objective=0.0,
                bound=None,
            )
        )

        # Reporting the plan in the end takes as long as judging it here.
        self.clock.keep(FINISHING * (time.perf_counter() - begin))

    @property
    def _batteries(self) -> tuple[Battery, ...]:
        meter = self.subproblem.meter
        return () if meter is None else meter.batteries

    def is_sought_exactly(self) -> bool:
        """Return whether there are so few powers that the best plan of all is sought."""
        demands = self.subproblem.demands
        steps = any(demand.ev.power_step_kw > 0 for demand in demands)
        return count_choices(demands) <= (EXACT_CHOICES // 2 if steps else EXACT_CHOICES)

    def _is_refused(self, solution: Solution) -> bool:
        """Whether batteries that take less as they fill would not take all of a plan."""
        flows = zip(self.subproblem.demands, solution.flows(), strict=True)
        for demand, (power, given) in flows:
            taken = demand.energy_kwh(demand.tapered(power, given_kw=given))
            if taken < demand.energy_kwh(power) - REFUSED_KWH:
                return True
        return False

    def plan_plain(self) -> None:
        """Plan what the relaxation expresses."""
        with self.clock.stage("direct"):
            direct = plan_directly(self.subproblem, few_starts=self.is_small)
        if direct is not None:
            self.is_exact = True
            self.offer(direct)
            return
        solution, self.found.needs, self.scarce, self._dive = plan_on_relaxation(
            self.subproblem, self.clock
        )
        self.offer(solution)
        self._even_out(solution)

    def _even_out(self, solution: Solution) -> None:
        """Look for calmer powers among equals."""
        if self._dive is not None:
            with self.clock.stage("even out"):
                powers = self._dive.even_out(solution.power_kw)
            if powers is not None:
                self.offer(replace(solution, power_kw=powers, bound=None))

    def plan_special(self) -> None:
        """Plan what only the program expresses, beginning with what else is known."""
        if self.plan_program(self.subproblem):
            return
        if self.clock.is_up and self.found.best is not None:
            return
        # Not everybody can get everything.
        if self.share_out():
            self.plan_program(self.subproblem)
            return
        plain, needs, *_ = plan_on_relaxation(_simplified(self.subproblem), self.clock)
        self.found.needs = [
            min(need, demand.energy_kwh(power))
            for need, demand, power in zip(
                needs, self.subproblem.demands, plain.power_kw, strict=True
            )
        ]
        self.scarce = True
        if not self.plan_program(self.subproblem):
            # No time for more; nothing is proven then.
            self.offer(replace(plain, objective=0.0, bound=None))

    def fit_batteries(self) -> None:
        """Plan the home batteries again beside what cars may draw, and do draw, in the end.

        Whole steps of power, and batteries of cars that fill up, leave other room than planned.
        """
        best, meter = self.found.best, self.subproblem.meter
        if best is None or meter is None or not meter.batteries or not self.subproblem.demands:
            return
        demands, powers = self.subproblem.demands, self.found.finished_kw(best)
        nothing, on_one = np.zeros_like(meter.net_kw), best.progress.single_kw
        single_kw = [
            np.where(on_one.get(demand.ev.id, nothing) > 0, power, 0.0)
            for demand, power in zip(demands, powers, strict=True)
        ]
        own = [power - one for power, one in zip(powers, single_kw, strict=True)]
        network = self.subproblem.network.without(demands, own)
        on_one_phase = [replace(demand, share=demand.single_share) for demand in demands]
        network = network.without(on_one_phase, single_kw)
        drawn_kw, given_kw = self.found.finished_flows_kw(best)
        network = network.beside_giving(demands, given_kw)
        moved_kwh = sum(
            demand.hours * (drawn - given)
            for demand, drawn, given in zip(demands, drawn_kw, given_kw, strict=True)
        )
        alone = replace(
            self.subproblem,
            demands=[],
            network=network,
            meter=replace(meter, net_kw=meter.net_kw + moved_kwh / self.subproblem.step_h),
        )
        with self.clock.stage("battery"):
            solver = ProgramSolver(build(alone), alone, self.clock)
            fitted = solver.relax() and solver.search(whole=False, gap=PROVEN_GAP, nodes=NODES)
        if fitted:
            self.offer(
                replace(
                    best.solution,
                    power_kw=own,
                    single_kw=single_kw if best.solution.single_kw else [],
                    battery_kw=fitted.battery_kw,
                    bound=None,
                )
            )

    def plan_program(self, subproblem: Subproblem, *, early_taper: bool = False) -> bool:
        """Let the program have the last word; return whether it has found a solution."""
        tapers = not early_taper and any(demand.ev.taper for demand in subproblem.demands)
        steps = any(demand.ev.power_step_kw > 0 for demand in subproblem.demands)
        plain, dive = is_plain(subproblem), not self.is_small
        if plain and not self.is_sought_exactly():
            # Nothing depends on the highest power: what rounding costs then is a trifle.
            steps = False
        steps = steps and not (plain and dive)
        solver = self._relaxed(subproblem, whole=steps, early_taper=early_taper)
        if solver is None and steps:
            # What the limits leave may be between two steps: rounding will do then.
            solver = self._relaxed(subproblem, whole=False, early_taper=early_taper)
        if solver is None:
            return False
        with self.clock.stage("program"):
            first = solver.has_portions and (dive or (plain and self.found.best is not None))
            found = False
            for whole in (first, not first) if solver.has_portions and not dive else (first,):
                if whole is not first and (
                    (first and found) or self.found.best is None or self.found.is_good(self.gap)
                ):
                    break
                gap = PROVEN_GAP if plain else SPECIAL_GAP
                if solver.choices(whole=whole) <= EXACT_CHOICES:
                    gap = EXACT_GAP
                solution = solver.search(
                    whole=whole,
                    gap=gap,
                    nodes=NODES,
                    start=self.found.start_kw(whole=whole),
                    bound_holds=not early_taper,
                    is_last=whole or not (solver.has_portions or tapers),
                    dive=dive,
                    # Cuts take seconds before the first of them helps.
                    only_dive=not plain,
                )
                if solution is None:
                    continue
                found = True
                refused = not early_taper and self._is_refused(solution)
                self.offer(
                    replace(solution, bound=None) if early_taper else solution,
                    by=SAME_MONEY if plain else -SAME_MONEY,
                )
                if plain and not refused and not early_taper:
                    self._even_out(solution)
                if refused:
                    self.plan_program(subproblem, early_taper=True)
                    break
        return found

    @property
    def may_be_unfair(self) -> bool:
        """Whether there is too little for all, shared without regard to all of minimum powers."""
        return self.scarce and any(demand.ev.min_power_kw > 0 for demand in self.subproblem.demands)

    def share_out(self) -> bool:
        """Aim for the fairest shares that minimum powers allow; return whether there are any.

        The relaxation believes in less than minimum powers: its shares need not be possible.
        """
        self.scarce = True
        best = self.found.best
        known = None if best is None else best.solution
        with self.clock.stage("shares"):
            shares = fairest_shares(self.subproblem, self.clock, known)
        if shares is None:
            return False
        self.found.aim_for(gained_kwh(self.subproblem.demands, shares))
        self.offer(replace(shares, objective=0.0, bound=None))
        return True

    def _relaxed(
        self,
        subproblem: Subproblem,
        *,
        whole: bool,
        early_taper: bool,
    ) -> ProgramSolver | None:
        """Return a solver with the program's relaxation solved; None where it has no solution."""
        asked = replace(subproblem, whole_steps=whole).with_need(self.found.needs)
        with self.clock.stage("build"):
            model = build(asked, scarce=self.scarce, early_taper=early_taper)
            solver = ProgramSolver(model, asked, self.clock)
        with self.clock.stage("program"):
            return solver if solver.relax() else None


def is_plain(subproblem: Subproblem) -> bool:
    """Tell whether the relaxation expresses all there is about a subproblem."""
    forced = (subproblem.prices.sell > subproblem.prices.buy) & (subproblem.network.surplus_kw > 0)
    return (
        subproblem.meter is None
        and not forced.any()
        and all(
            demand.ev.single_phase is None and demand.ev.discharge is None
            for demand in subproblem.demands
        )
    )


def _simplified(subproblem: Subproblem) -> Subproblem:
    """Return a subproblem without what is not plain."""
    return replace(
        subproblem,
        meter=None,
        demands=[
            replace(demand, ev=replace(demand.ev, single_phase=None, discharge=None))
            for demand in subproblem.demands
        ],
    )


def _with_tiny_start_cost(subproblem: Subproblem) -> Subproblem:
    """Return a subproblem in which free starts count for a trifle: fewer among equals."""
    prices = subproblem.prices
    tiny = max(prices.start_cost, TINY_START * prices.unit)
    return replace(subproblem, prices=replace(prices, start_cost=tiny))
