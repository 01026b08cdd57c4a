"""Side by side with Opti-VGI 0.2.0, on the problem it is made for: 480 minutes and no prices.

Opti-VGI is installed into an environment of its own, as it needs an older PuLP, and runs there as
it is. Both get the same arrivals, departures, energies and limits. What a car gets is computed
from the powers that each returns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
import random
import shutil
import statistics
import subprocess
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.optivgi.scheduler import EV, GridConnection, Horizon, Problem
from custom_components.optivgi.scheduler.serialization import problem_to_json

from .alone import ROOT, fresh_process
from .shares import oversubscribe
from .worker import Job, work

type Row = dict[str, Any]

REQUIREMENTS = ("optivgi==0.2.0", "pulp<4")
ENVIRONMENT = ROOT / ".cache" / "opti-vgi-0.2.0"
PROCESS = Path(__file__).with_name("opti_vgi_process.py")
INSTALL_TIMEOUT_S = 300.0
RUN_TIMEOUT_S = 600.0
START = datetime(2026, 11, 21, 18, tzinfo=UTC)
MINUTES = 480
LAST_MINUTE = MINUTES - 1
"""Opti-VGI never uses the last minute of its eight hours, so no car of ours does."""
SIZES = (1, 5, 10, 20, 50)
SCARCE_SIZES = (5, 10, 20)
QUICK_SIZES = (1, 5, 10)
OVERSUBSCRIPTION = 1.15
REPEAT_UP_TO = 10
"""Opti-VGI plans so many cars three times, more cars once: 50 take it most of a minute."""


class UnavailableError(Exception):
    """Opti-VGI cannot be installed here."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What one of the two planned.

    Attributes:
        seconds: Time it took, from its own data structures to the powers.
        fractions: Energy each car gets over what it wants; a car takes no more than that.
        overshoot_kwh: Energy planned beyond what is wanted.
        violation_kw: How far the plan exceeds the limit of the site, at worst.
    """

    seconds: float
    fractions: Sequence[float]
    overshoot_kwh: float
    violation_kw: float


def compare(*, quick: bool) -> Row:
    """Compare; the keys are those of the result.

    Returns:
        ``opti_vgi``: a row for each number of cars where there is enough for all;
        ``opti_vgi_scarce``: the same with too little for all, and one car that leaves early.
        Each is an object with nothing but ``error`` where Opti-VGI cannot be had.
    """
    try:
        python = _environment()
    except UnavailableError as err:
        error = {"error": str(err)}
        return {"opti_vgi": error, "opti_vgi_scarce": error}
    sizes, scarce = (QUICK_SIZES, QUICK_SIZES[1:]) if quick else (SIZES, SCARCE_SIZES)
    return {
        "opti_vgi": [_side_by_side(python, _problem(cars)) for cars in sizes],
        "opti_vgi_scarce": [_side_by_side(python, _scarce(_problem(cars))) for cars in scarce],
    }


def _environment() -> str:
    """Return the Python of Opti-VGI's environment; make it first where it is not there.

    Raises:
        UnavailableError: It cannot be made, say without a network.
    """
    python = ENVIRONMENT / "bin" / "python"
    ready = ENVIRONMENT / ".ready"
    if ready.exists() and python.exists():
        return str(python)
    bootstrapped = ROOT / ".cache" / "uv" / "bin" / "uv"
    uv = str(bootstrapped) if bootstrapped.exists() else shutil.which("uv")
    if uv is None:
        raise UnavailableError("there is no uv; scripts/bootstrap installs it")
    for command in (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT)],
        [uv, "pip", "install", "--quiet", "--python", str(python), *REQUIREMENTS],
    ):
        try:
            subprocess.run(
                command, check=True, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S
            )
        except subprocess.SubprocessError as err:
            said = (getattr(err, "stderr", None) or "").strip().splitlines()
            reason = said[0] if said else type(err).__name__
            raise UnavailableError(f"cannot install {' '.join(REQUIREMENTS)}: {reason}") from None
    ready.touch()
    return str(python)


def _problem(cars: int) -> Problem:
    """Return a site with enough for all cars, in terms of our model; same for the same number."""
    rng = random.Random(f"opti-vgi/{cars}")  # noqa: S311 - reproducible, not secret
    evs = []
    for index in range(cars):
        maximum = 11.04 if index % 2 == 0 else 7.36
        arrival = rng.randrange(180) if index else 0
        departure = min(LAST_MINUTE, arrival + rng.randrange(180, MINUTES))
        reachable = maximum * (departure - arrival) / 60
        evs.append(
            EV(
                id=f"car-{index}",
                arrival=START + timedelta(minutes=arrival),
                departure=START + timedelta(minutes=departure),
                energy_kwh=min(rng.uniform(6, 24), 0.7 * reachable),
                max_power_kw=maximum,
            )
        )
    total = sum(ev.max_power_kw for ev in evs)
    limit = total if cars == 1 else 0.45 * total
    return Problem(
        horizon=Horizon(start=START, step_h=(1 / 60,) * MINUTES),
        site=GridConnection(limit_kw=(limit,) * MINUTES, import_price=(0.0,) * MINUTES),
        evs=tuple(evs),
    )


def _scarce(problem: Problem) -> Problem:
    """Return the same site asked for 115 % of what it has, with one car that leaves early."""
    first, *others = oversubscribe(problem, OVERSUBSCRIPTION).evs
    hurried = replace(first, departure=first.arrival + timedelta(hours=1))
    return replace(problem, evs=(hurried, *others))


def _side_by_side(python: str, problem: Problem) -> Row:
    """Let both plan a problem; the row has an ``error`` where one of them fails."""
    row: Row = {
        "n": len(problem.evs),
        "requested_kwh": round(sum(ev.energy_kwh for ev in problem.evs), 3),
    }
    plans: tuple[tuple[str, str, Callable[[], Plan]], ...] = (
        ("our", "ours", lambda: _our_plan(problem)),
        ("their", "theirs", lambda: _their_plan(python, problem)),
    )
    for whose, many, plan in plans:
        try:
            found = plan()
        except RuntimeError as err:
            row["error"] = str(err)
            continue
        row |= {
            f"{many}_s": round(found.seconds, 4),
            f"{whose}_min_fraction": round(min(found.fractions), 6),
            f"{whose}_mean_fraction": round(statistics.fmean(found.fractions), 6),
            f"{whose}_overshoot_kwh": round(found.overshoot_kwh, 4),
            f"{whose}_violation_kw": round(found.violation_kw, 6),
        }
    if "error" not in row:
        row["ratio"] = round(row["theirs_s"] / row["ours_s"], 2)
    return row


def _their_plan(python: str, problem: Problem) -> Plan:
    def minute(moment: datetime) -> int:
        return round((moment - START) / timedelta(minutes=1))

    given = {
        "limit_kw": problem.site.limit_kw[0],
        "cars": [
            {
                "arrival_min": minute(ev.arrival),
                "departure_min": minute(ev.departure),
                "energy_kwh": ev.energy_kwh,
                "max_power_kw": ev.max_power_kw,
            }
            for ev in problem.evs
        ],
        "runs": 3 if len(problem.evs) <= REPEAT_UP_TO else 1,
    }
    code = PROCESS.read_text(encoding="utf-8")
    result = fresh_process(code, given=given, python=python, timeout_s=RUN_TIMEOUT_S)
    if "error" in result:
        raise RuntimeError(f"Opti-VGI: {result['error']}")
    power = np.array(result["power_kw"], dtype=np.float64)
    hours = np.array(problem.horizon.step_h)
    load = power.sum(axis=0) - problem.site.limit_kw
    return _plan(
        problem, statistics.median(result["seconds"]), power @ hours, max(0.0, float(load.max()))
    )


def _our_plan(problem: Problem) -> Plan:
    result = work(Job(problems=(problem_to_json(problem),), runs=3, relaxed=False))
    if "error" in result:
        raise RuntimeError(f"OptiVGI for Home Assistant: {result['error']}")
    row = result["rows"][0]
    return _plan(
        problem, row["total_ms"] / 1000, np.array(row["delivered_kwh"]), row["violation_kw"]
    )


def _plan(
    problem: Problem, seconds: float, delivered: NDArray[np.float64], violation_kw: float
) -> Plan:
    need = np.array([ev.energy_kwh for ev in problem.evs])
    return Plan(
        seconds=seconds,
        fractions=np.minimum(delivered / need, 1.0).tolist(),
        overshoot_kwh=float(np.maximum(delivered - need, 0.0).sum()),
        violation_kw=violation_kw,
    )
