"""What a Problem refuses, naming the field: every number there is, made impossible in turn."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from functools import partial
import math
from typing import Any

import pytest

from custom_components.optivgi.scheduler import (
    PeakTariff,
    PriceStep,
    Problem,
    ProblemError,
    SinglePhase,
    Taper,
)

from .builders import START, at, car, giving, problem, storage

STEPS = 3


def complete() -> Problem:
    """Return a problem in which every field that can hold a number does."""
    own = range(STEPS)
    ev = car(
        energy_kwh=10,
        min_power_kw=1.4,
        power_step_kw=0.23,
        efficiency=0.9,
        min_energy_kwh=2.0,
        limit_energy_kwh=30.0,
        extra_energy_kwh=5.0,
        extra_below_price=0.1,
        later_energy_kwh=4.0,
        later_departure=at(20),
        taper=(Taper(energy_kwh=5.0, max_power_kw=6.0), Taper(energy_kwh=8.0, max_power_kw=3.0)),
        single_phase=SinglePhase(phase="L1", min_power_kw=1.4, max_power_kw=3.7),
        discharge=giving(min_power_kw=1.0, min_stored_kwh=2.0, efficiency=0.9, wear_cost=0.1),
        circuit="row",
    )
    tariff = PeakTariff(
        price_per_kw=4.0,
        free_kw=1.0,
        price_steps=(PriceStep(above_kw=2.0, price=3.0),),
        weight=(1.0,) * STEPS,
        day_peaks_kw=(5.0, 4.0),
        today_kw=3.0,
        imported_kwh=0.1,
        day=(0, 0, 1),
    )
    phases = {"L1": 5.0, "L2": 6.0, "L3": 7.0}
    return problem(
        [0.1 + 0.1 * step for step in own],
        ev,
        start_cost=0.02,
        battery=storage(
            min_stored_kwh=0.0, wear_cost=0.1, end_price=0.2, given_kw=(1.0, 0.0, -1.0)
        ),
        circuits={
            "garage": {"limit_kw": 20, "phase_limit_kw": phases, "base_load_kw": 1},
            "row": {"parent": "garage"},
        },
        export_price=0.05,
        export_limit_kw=6.0,
        base_load_phase_kw=phases,
        pv_phase_kw=phases,
        phase_limit_kw=phases,
        estimated=(False, False, True),
        estimate_trust=0.5,
        co2_kg_per_kwh=0.3,
        co2_price=0.1,
        peak_tariffs=(tariff,),
    )


def totals() -> Problem:
    """Return a problem with the loads that exclude those per phase."""
    return problem([0.1] * STEPS, car(), base_load_kw=1, pv_kw=2)


type Change = Callable[[Any], Any]


def numbers_in(part: Any, path: str = "") -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Yield the path of each number in a Problem, and how to put another in its place."""
    if isinstance(part, bool):
        return
    if isinstance(part, int | float):
        yield path, lambda value: value
    elif isinstance(part, tuple):
        for index, item in enumerate(part):
            for inner, put in numbers_in(item, f"{path}[{index}]"):
                yield inner, _in_tuple(part, index, put)
    elif is_dataclass(part) and not isinstance(part, type):
        for field in fields(part):
            where = f"{path}.{field.name}" if path else field.name
            for inner, put in numbers_in(getattr(part, field.name), where):
                yield inner, _in_field(part, field.name, put)


def _in_tuple(part: tuple[Any, ...], index: int, put: Change) -> Change:
    return lambda value: (*part[:index], put(value), *part[index + 1 :])


def _in_field(part: Any, name: str, put: Change) -> Change:
    return lambda value: replace(part, **{name: put(value)})


NUMBERS = dict(
    (
        *numbers_in(complete()),
        *(
            (path, put)
            for path, put in numbers_in(totals())
            if "_load_kw" in path or "pv_kw" in path
        ),
    )
)
MAY_BE_NEGATIVE = (
    "site.limit_kw",
    "site.import_price",
    "site.export_price",
    "site.base_load_kw",
    "site.base_load_phase_kw",
    "site.phase_limit_kw",
    "circuits[0].limit_kw",
    "circuits[0].phase_limit_kw",
    "circuits[0].base_load_kw",
    "batteries[0].given_kw",
    "batteries[0].end_price",
    "evs[0].extra_below_price",
)


def test_every_field_of_the_model_is_tried() -> None:
    """A field that is added to the model has to be added to the complete problem."""

    def untried(part: Any, path: str) -> Iterator[str]:
        for field in fields(part):
            value = getattr(part, field.name)
            where = f"{path}{field.name}"
            if value is None or value == ():
                yield where
            for index, item in enumerate(value if isinstance(value, tuple) else (value,)):
                if is_dataclass(item) and not isinstance(item, type):
                    yield from untried(item, f"{where}[{index}].")

    assert set(untried(complete(), "")) == {
        "evs[0].phases_used",
        "site[0].base_load_kw",
        "site[0].pv_kw",
        "circuits[0].parent",
        "circuits[1].limit_kw",
        "circuits[1].phase_limit_kw",
        "circuits[1].base_load_kw",
    }
    assert len(NUMBERS) > 90


def refused(change: Callable[[], object], path: str) -> bool:
    """Whether a change is refused with an error that names a field, or its series."""
    try:
        change()
    except ProblemError as error:
        named = error.field_name
        return path == named or path.startswith(f"{named}[")
    return False


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf], ids=str)
def test_what_is_no_number_is_refused_by_its_name(value: float) -> None:
    taken = [path for path, put in NUMBERS.items() if not refused(partial(put, value), path)]
    assert taken == []


def test_what_cannot_be_negative_is_refused_by_its_name() -> None:
    taken = [path for path, put in NUMBERS.items() if not refused(partial(put, -1.0), path)]
    assert [path for path in taken if not path.startswith(MAY_BE_NEGATIVE)] == []
    for path, put in NUMBERS.items():
        if path.startswith(MAY_BE_NEGATIVE):
            put(-1.0)


SERIES = sorted(
    {path.rpartition("[")[0] for path in NUMBERS if path.endswith("[0]")}
    - {"site.peak_tariffs[0].day_peaks_kw"}
)


@pytest.mark.parametrize("length", [1, STEPS + 1])
def test_a_series_of_another_length_is_refused_by_its_name(length: int) -> None:
    """A series has one value for each step, whatever else it is part of."""
    taken = []
    for path in SERIES:
        asked = totals() if path in {"site.base_load_kw", "site.pv_kw"} else complete()
        series = (0 if path.endswith("day") else 1.0,) * length
        # A horizon of another length makes all the others wrong.
        expected = "site.limit_kw" if path == "horizon.step_h" else path
        change = partial(_put, asked, path.replace("[", ".[").split("."), series)
        if not refused(change, expected):
            taken.append(path)
    assert taken == []


def _put(part: Any, path: list[str], value: Any) -> Any:
    """Return a copy of a part in which what is at a path is another value."""
    if not path:
        return value
    first, *rest = path
    if first.startswith("["):
        index = int(first[1:-1])
        return (*part[:index], _put(part[index], rest, value), *part[index + 1 :])
    return replace(part, **{first: _put(getattr(part, first), rest, value)})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("evs.[0].efficiency", 0.0),
        ("evs.[0].efficiency", 1.01),
        ("evs.[0].discharge.efficiency", 1.5),
        ("batteries.[0].charge_efficiency", 0.0),
        ("batteries.[0].discharge_efficiency", 1.1),
        ("evs.[0].priority", 0.0),
        ("evs.[0].phases", ()),
        ("evs.[0].phases", ("L1", "L1")),
        ("evs.[0].phases", ("L1", "N")),
        ("evs.[0].line_to_line", True),
        ("evs.[0].phases_used", 4),
        ("evs.[0].phases_used", 0),
        ("evs.[0].phases_used", 1),
        ("evs.[0].single_phase.phase", "L4"),
        ("evs.[0].single_phase.max_switches", -1),
        ("evs.[0].discharge.stored_kwh", 99.0),
        ("evs.[0].discharge.min_stored_kwh", 99.0),
        ("evs.[0].circuit", "nowhere"),
        ("evs.[0].arrival", datetime(2026, 11, 21, 18)),  # noqa: DTZ001 - that is what is refused
        ("evs.[0].departure", datetime(2026, 11, 22, 7)),  # noqa: DTZ001
        ("evs.[0].later_departure", datetime(2026, 11, 22, 9)),  # noqa: DTZ001
        ("evs.[0].taper.[1].energy_kwh", 5.0),
        ("evs.[0].taper.[1].max_power_kw", 7.0),
        ("batteries.[0].min_stored_kwh", 11.0),
        ("circuits.[0].id", "row"),
        ("circuits.[0].parent", "nowhere"),
        ("circuits.[0].parent", "row"),
        ("circuits.[0].parent", "garage"),
        ("site.base_load_phase_kw", ((1.0,) * STEPS,) * 2),
        ("site.pv_phase_kw", ((1.0,) * STEPS,)),
        ("site.phase_limit_kw", ((1.0,) * STEPS,) * 2),
        ("site.estimated", (True,)),
        ("site.estimate_trust", 1.1),
        ("site.limit_kw", ()),
        ("site.import_price", ()),
        ("site.peak_tariffs.[0].interval_h", 0.0),
        ("site.peak_tariffs.[0].top_days", 0),
        ("site.peak_tariffs.[0].day", (1, 0, 0)),
        ("horizon.step_h", ()),
        ("horizon.step_h.[0]", 0.0),
        ("horizon.start", datetime(2026, 11, 21, 18)),  # noqa: DTZ001
    ],
)
def test_what_contradicts_itself_is_refused_by_its_name(path: str, value: Any) -> None:
    with pytest.raises(ProblemError) as caught:
        _put(complete(), path.split("."), value)
    expected, named = path.replace(".[", "["), caught.value.field_name
    # Of two circuits that are called the same, the second is named; in a ring, any of it.
    circuits = expected.startswith("circuits") and named.startswith("circuits")
    assert expected.startswith(named) or circuits


def test_two_cars_of_the_same_name_are_refused() -> None:
    with pytest.raises(ProblemError, match=r"^evs\[1\]\.id: 'car' is there twice"):
        problem([0.1], car(), car())


def test_loads_in_total_and_for_each_phase_exclude_each_other() -> None:
    with pytest.raises(ProblemError, match=r"^site\.base_load_phase_kw: "):
        problem([0.1], base_load_kw=1, base_load_phase_kw={"L1": 1.0})
    with pytest.raises(ProblemError, match=r"^site\.pv_phase_kw: "):
        problem([0.1], pv_kw=1, pv_phase_kw={"L1": 1.0})


def test_what_is_complete_is_a_problem() -> None:
    assert complete().horizon.start == START
    assert totals().pv_kw == (2.0,) * STEPS
