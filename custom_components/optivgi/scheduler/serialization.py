"""Problems and Schedules as JSON, both ways; docs/problem-format.md describes the forms."""

from datetime import UTC, datetime
import json
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from .model import Problem, ProblemError, Schedule

type Json = dict[str, Any]


# Built at the first import: this takes some 20 ms, each use microseconds.
_ADAPTERS: dict[type, TypeAdapter[Any]] = {kind: TypeAdapter(kind) for kind in (Problem, Schedule)}
_SCHEMAS: dict[type, Json] = {kind: adapter.json_schema() for kind, adapter in _ADAPTERS.items()}


def _parsed[T](kind: type[T], text: str | bytes) -> T:
    """Parse JSON into one of the model's classes.

    Raises:
        ProblemError: It is not JSON, or a field is missing, unknown or out of range.
    """
    try:
        raw = json.loads(text)
    except RecursionError:
        raise ProblemError("input", "is nested too deeply") from None
    except ValueError as err:
        raise ProblemError("input", f"is not JSON: {err}") from None
    if not isinstance(raw, dict):
        raise ProblemError("input", "must be a JSON object")
    _check_keys(raw, kind)
    try:
        # Strictly: a number is none that is written as a text, nor an instant that is a number.
        value = _ADAPTERS[kind].validate_json(text, strict=True)
    except ValidationError as err:
        first = err.errors(include_url=False)[0]
        cause = first.get("ctx", {}).get("error")
        # The model's own checks name their field already.
        if isinstance(cause, ProblemError):
            raise cause from None
        raise ProblemError(_path(first["loc"]), _lower_first(first["msg"])) from None
    return cast("T", value)


def problem_from_json(text: str | bytes) -> Problem:
    """Read a Problem.

    Raises:
        ProblemError: The text is no valid Problem; the message begins with the field.
    """
    return _parsed(Problem, text)


def schedule_from_json(text: str | bytes) -> Schedule:
    """Read a Schedule.

    Raises:
        ProblemError: The text is no valid Schedule; the message begins with the field.
    """
    return _parsed(Schedule, text)


def problem_to_json(problem: Problem, *, indent: int | None = None) -> str:
    """Write a Problem; reading it again gives an equal one."""
    return json.dumps(to_dict(problem), indent=indent)


def schedule_to_json(schedule: Schedule, *, indent: int | None = None) -> str:
    """Write a Schedule; reading it again gives an equal one."""
    return json.dumps(to_dict(schedule), indent=indent)


def to_dict(value: Problem | Schedule) -> Json:
    """Return a Problem or Schedule as what JSON knows: objects, lists, numbers and strings."""
    return cast("Json", _with_utc_instants(_ADAPTERS[type(value)].dump_python(value)))


def _with_utc_instants(value: Any) -> Any:
    """Write instants as UTC with a Z, whatever zone they were given in."""
    if isinstance(value, dict):
        return {key: _with_utc_instants(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_with_utc_instants(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def _check_keys(raw: Json, kind: type[Any]) -> None:
    """Refuse fields that do not exist: a misspelt limit must not be a missing one.

    Pydantic ignores unknown fields of dataclasses unless their class says otherwise, and the
    model's classes know nothing of pydantic.
    """
    schema = _SCHEMAS[kind]
    _check_keys_of(raw, schema, schema.get("$defs", {}), "")


def _check_keys_of(value: Any, schema: Json, definitions: Json, path: str) -> None:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    for one in schema.get("anyOf", ()):
        _check_keys_of(value, one, definitions, path)
    if isinstance(value, dict) and "properties" in schema:
        for key, item in value.items():
            where = f"{path}.{key}" if path else key
            if key not in schema["properties"]:
                raise ProblemError(where, "there is no such field")
            _check_keys_of(item, schema["properties"][key], definitions, where)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for index, item in enumerate(value):
            _check_keys_of(item, schema["items"], definitions, f"{path}[{index}]")


def _path(location: tuple[int | str, ...]) -> str:
    """Write pydantic's location as in Python: ``evs[0].energy_kwh``."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.lstrip(".") or "input"


def _lower_first(message: str) -> str:
    return message[:1].lower() + message[1:]
