"""Fresh processes, for what another measurement in the same process would distort."""

import json
from pathlib import Path
import subprocess
import sys
import types
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGE = "custom_components.optivgi"
TIMEOUT_S = 120.0
"""A process that takes longer is given up; its result is an error."""

PRELUDE = f"from {__name__} import without_home_assistant\nwithout_home_assistant()\n"
"""Begins code that is to measure the scheduler without Home Assistant around it."""


def without_home_assistant() -> None:
    """Make the scheduler importable by its full name, without the integration around it.

    Importing a package imports those it lies in; an empty one in place of the integration keeps
    Home Assistant out of times and memory.
    """
    stand_in = types.ModuleType(PACKAGE)
    stand_in.__path__ = [str(ROOT.joinpath(*PACKAGE.split(".")))]
    sys.modules[PACKAGE] = stand_in


def peak_mb() -> float | None:
    """Return the most memory this process has held so far, in MB; None where not on Linux.

    ru_maxrss would be that of the parent until this process is larger: it survives fork.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return None
    return round(int(status.partition("VmHWM:")[2].split()[0]) / 1024, 1)


def fresh_process(
    code: str, *, given: Any = None, python: str = sys.executable, timeout_s: float = TIMEOUT_S
) -> dict[str, Any]:
    """Run code in a new interpreter in the repository; it prints one JSON object.

    Args:
        code: Python code.
        given: What it finds on its stdin, as JSON.
        python: The interpreter.
        timeout_s: When to give it up.

    Returns:
        The object, or one with nothing but ``error``.
    """
    try:
        run = subprocess.run(
            [python, "-c", code],
            cwd=ROOT,
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"no result within {timeout_s:g} s"}
    if run.returncode != 0:
        reason = run.stderr.strip().splitlines() or [f"ended with {run.returncode}"]
        return {"error": reason[-1]}
    try:
        result: dict[str, Any] = json.loads(run.stdout)
    except ValueError:
        return {"error": "printed no JSON"}
    return result
