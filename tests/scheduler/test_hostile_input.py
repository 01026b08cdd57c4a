"""Values that nobody can mean, in every place of a Problem's JSON.

Whatever stands there: either one clear line names the field, or there is a plan of finite numbers,
soon.
"""

from collections.abc import Iterator
import json
import math
import random
import time
from typing import Any

import pytest

from custom_components.optivgi.scheduler import (
    PeakTariff,
    Problem,
    ProblemError,
    Taper,
    algorithm_names,
    get_algorithm,
)
from custom_components.optivgi.scheduler.serialization import (
    problem_from_json,
    problem_to_json,
    schedule_to_json,
)

from .builders import car, giving, problem, storage
from .test_features_input import complete, totals

type Json = Any
type Path = tuple[int | str, ...]

SIZES = (0, -1, 1e-300, 5e-324, -1e-9, 1e-6, 1e-3, 0.1, 7, 999.0, 1e5, 1e6, -1e6, 1e9, 1e308)
NO_NUMBERS = (math.nan, math.inf, -math.inf, -1e308, 10**30, 10**400)
NO_VALUES = (None, True, "", "18", "x\ny", "L1", [], {}, [[[1]]], {"x": 1}, ["L1"])
INSTANTS = (
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-11-21T18:00:00",
    "2026-11-21",
    1763748000,
    "1763748000",
    "1969-12-31T23:59:59Z",
    "2026-11-21T18:00:00.000001Z",
)
NASTY = (*SIZES, *NO_NUMBERS, *NO_VALUES, *INSTANTS)
TIME_LIMIT_S = 10.0
SOON_S = 20.0
"""What a busy computer may take for that."""


def rich() -> Problem:
    """Return a problem with all that is planned together: storage, peaks, phases, circuits."""
    one = complete()
    return problem(
        [0.1, -0.05, 0.3],
        *one.evs,
        car("taper", taper=(Taper(energy_kwh=5.0, max_power_kw=6.0),), min_power_kw=4.1),
        car("giver", energy_kwh=2, discharge=giving(min_power_kw=1.0, wear_cost=0.02)),
        car("sun", surplus_only=True, min_power_kw=1.4, power_step_kw=0.23),
        car("soon", at_once=True, phases=("L1", "L2"), line_to_line=True),
        start_cost=0.02,
        battery=storage(min_stored_kwh=1.0, stored_kwh=2.0, wear_cost=0.1),
        circuits={"row": {"limit_kw": 9, "phase_limit_kw": 5, "base_load_kw": 0.2}},
        pv_kw=[0.0, 6.0, 2.0],
        base_load_kw=0.4,
        export_price=0.05,
        peak_tariffs=(PeakTariff(price_per_kw=2.0, today_kw=1.0, top_days=3),),
    )


PROBLEMS = {
    name: json.loads(problem_to_json(asked))
    for name, asked in {"complete": complete(), "totals": totals(), "rich": rich()}.items()
}


def leaves(value: Json, path: Path = ()) -> Iterator[Path]:
    """Yield where something stands that is neither a list nor an object, and each list."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        yield path
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path


def put(raw: Json, path: Path, value: Json) -> Json:
    """Return a copy with another value in one place."""
    raw = json.loads(json.dumps(raw))
    target = raw
    for part in path[:-1]:
        target = target[part]
    target[path[-1]] = value
    return raw


def written(path: Path) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def refusal(raw: Json) -> ProblemError | None:
    """Return how a problem is refused; None where it is accepted."""
    try:
        problem_from_json(json.dumps(raw))
    except ProblemError as error:
        return error
    return None


def is_about(error: ProblemError, path: Path) -> bool:
    """Tell whether an error names a place, what it is part of, or what stands beside it."""
    place, named = written(path), error.field_name
    # Taper points have to rise: then the next one is named.
    part = place.partition(".taper[")[0] if ".taper[" in place else place.rpartition(".")[0]
    return place.startswith(named) or named.startswith((place, part))


PLACES = [(name, path) for name, raw in PROBLEMS.items() for path in leaves(raw)]


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_refused_is_named_in_one_line(name: str) -> None:
    for path in leaves(PROBLEMS[name]):
        # Where a name is missing, it is missed elsewhere.
        for value in () if path[-1] == "id" else NASTY:
            error = refusal(put(PROBLEMS[name], path, value))
            if error is None:
                continue
            assert "\n" not in str(error), (path, value)
            assert len(str(error)) < 400, (path, value)
            # A horizon of another length makes all other series wrong.
            assert is_about(error, path) or path[0] == "horizon", (path, value, str(error))


def test_no_number_is_written_as_text() -> None:
    for name, path in PLACES:
        raw = PROBLEMS[name]
        for part in path:
            raw = raw[part]
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            error = refusal(put(PROBLEMS[name], path, str(raw)))
            assert error is not None, path
            assert error.field_name == written(path)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        json.dumps(PROBLEMS["rich"]).replace("[", "[" * 5000),
        '{"horizon": ' + "1" * 5000 + "}",
        "\x00",
        "\ud800",
    ],
    ids=["lists", "objects", "inside", "digits", "zero", "surrogate"],
)
def test_what_is_hardly_json_is_refused(text: str) -> None:
    with pytest.raises(ProblemError) as caught:
        problem_from_json(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("part", ["batteries.0", "evs.0.discharge", "evs.0.single_phase"])
def test_unknown_fields_of_what_may_be_missing_are_refused(part: str) -> None:
    path = (*(int(key) if key.isdigit() else key for key in part.split(".")), "typo_kw")
    raw = json.loads(json.dumps(PROBLEMS["complete"]))
    target = raw
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = 1
    error = refusal(raw)
    assert error is not None
    assert str(error) == f"{written(path)}: there is no such field"


def assert_planned_soon(raw: Json) -> None:
    """Check that a problem is refused, or that every algorithm has a plan of finite numbers."""
    try:
        asked = problem_from_json(json.dumps(raw))
    except ProblemError:
        return
    for name in algorithm_names():
        begin = time.perf_counter()
        schedule = get_algorithm(name).solve(asked, time_limit_s=TIME_LIMIT_S)
        assert time.perf_counter() - begin < SOON_S
        json.loads(schedule_to_json(schedule), parse_constant=_refuse_constant)


def _refuse_constant(text: str) -> None:
    raise AssertionError(f"{text} is no number")


pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")
CHANCE = random.Random(7)  # noqa: S311 - reproducible, not secret


@pytest.mark.parametrize(
    ("name", "path", "value"),
    CHANCE.sample([(*place, size) for place in PLACES for size in SIZES], 80),
)
def test_one_nasty_number_is_refused_or_planned(name: str, path: Path, value: float) -> None:
    assert_planned_soon(put(PROBLEMS[name], path, value))


@pytest.mark.parametrize("seed", range(40))
def test_several_nasty_numbers_are_refused_or_planned(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    name = chance.choice(list(PROBLEMS))
    raw = PROBLEMS[name]
    paths = [path for path in leaves(raw) if refusal(put(raw, path, 0.1)) is None]
    for path in chance.sample(paths, 3):
        accepted = [size for size in SIZES if refusal(put(PROBLEMS[name], path, size)) is None]
        raw = put(raw, path, chance.choice(accepted))
    assert_planned_soon(raw)


SERIES = [
    (name, path)
    for name, path in PLACES
    if not isinstance(path[-1], int) and "phases" not in path and path[-1] != "taper"
]


@pytest.mark.parametrize("size", [5e-324, 1e-3, 1e5, -1e6])
def test_series_of_one_nasty_number_are_refused_or_planned(size: float) -> None:
    for name, path in SERIES:
        value: Json = PROBLEMS[name]
        for part in path:
            value = value[part]
        if isinstance(value, list) and value and isinstance(value[0], int | float):
            assert_planned_soon(put(PROBLEMS[name], path, [size] * len(value)))
