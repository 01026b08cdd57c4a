"""Nothing the scheduler can plan is out of reach: Home Assistant sets each field of its model."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path

import pytest

from custom_components.optivgi import const
from custom_components.optivgi.scheduler import (
    EV,
    Battery,
    Circuit,
    Discharge,
    GridConnection,
    PeakTariff,
    Problem,
    SinglePhase,
    Taper,
    Translation,
)
from custom_components.optivgi.scheduler.runner import Runner

PACKAGE = Path(const.__file__).parent
MODEL = (Problem, GridConnection, EV, Circuit, Battery, PeakTariff, SinglePhase, Discharge, Taper)

UNSET: Mapping[str, str] = {
    "EV.line_to_line": "a site with two hot wires is set up as one phase of 240 V",
    "EV.taper": "no car reports its charging curve; what it takes is measured instead",
    "Taper.energy_kwh": "as EV.taper",
    "Taper.max_power_kw": "as EV.taper",
    "GridConnection.pv_phase_kw": "forecasts and inverters report the sum of all phases",
}
"""Fields that are never set, and why."""
UNDER_WAY = ("Battery.", "Discharge.", "PeakTariff.", "SinglePhase.", "GridConnection.co2_")
"""Parts of the model that are being brought to forms and have none yet,"""
UNDER_WAY_FIELDS = {
    "EV.discharge",
    "Problem.battery",
    "GridConnection.peak_tariffs",
    "EV.single_phase",
}
"""and the fields that hold them."""


def calls_in(tree: ast.AST) -> Iterator[tuple[str, set[str]]]:
    """Yield the name of each function that is called, and what is passed by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, {word.arg for word in node.keywords if word.arg is not None}


def is_set() -> Mapping[str, set[str]]:
    """Return the fields that are set outside of the scheduler, by class."""
    found: dict[str, set[str]] = defaultdict(set)
    changed: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if "scheduler" in path.relative_to(PACKAGE).parts:
            continue
        for name, keywords in calls_in(ast.parse(path.read_text())):
            found[name] |= keywords
            if name == "replace":
                changed |= keywords
    # What is changed afterwards is a charging request.
    found["EV"] |= changed
    # A Problem is put together by the runner, of what the translation returns.
    runner = ast.parse((PACKAGE / "scheduler" / "runner.py").read_text())
    for name, keywords in calls_in(runner):
        if name == "Problem":
            found[name] |= keywords
    return found


@pytest.mark.parametrize("part", MODEL, ids=lambda part: part.__name__)
def test_every_field_is_set_or_says_why_not(part: type) -> None:
    known = is_set()[part.__name__]
    unset = {f"{part.__name__}.{field.name}" for field in fields(part)} - {
        f"{part.__name__}.{name}" for name in known
    }
    unset -= UNDER_WAY_FIELDS
    left = {name for name in unset if not name.startswith(UNDER_WAY)}
    assert left <= UNSET.keys(), left - UNSET.keys()


def test_what_is_said_to_be_unset_is() -> None:
    known = is_set()
    for name in UNSET:
        part, field = name.split(".")
        assert field not in known[part], name
        assert field in {one.name for one in fields(next(m for m in MODEL if m.__name__ == part))}


def test_what_the_translation_returns_is_overridden() -> None:
    """The runner asks for more than must be answered: what nobody answers is nothing."""
    source = (PACKAGE / "planning" / "translation.py").read_text()
    optional = {
        name
        for name, method in vars(Translation).items()
        if callable(method) and not getattr(method, "__isabstractmethod__", False)
    }
    assert callable(Runner.run)
    unanswered = {name for name in optional if f"def {name}(" not in source}
    assert unanswered <= {"get_battery"}
