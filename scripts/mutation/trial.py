"""Runs tests on a changed file, in a process of its own; nothing is written to the disk.

Processes are forked from one that has imported what the tests need but the code under test, which
saves most of the time that a run takes.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_loader
import math
import os
from pathlib import Path
import resource
import signal
import sys
import tempfile
import time
from types import CodeType
from typing import Final, override

from hypothesis import Phase, settings

# What is not from here is ours, and imported anew for every change.
_LIBRARIES: Final = (sys.prefix, sys.base_prefix)
_QUIET: Final = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:cov")
_POLL_S: Final = 0.05
_WAITING: Final = 10
_PREPARING_S: Final = 600.0


class Verdict(StrEnum):
    """What became of a change."""

    KILLED = "killed"
    SURVIVED = "survived"
    TIMED_OUT = "timed out"


_VERDICTS: Final = {0: Verdict.SURVIVED, -signal.SIGXCPU: Verdict.TIMED_OUT}


@dataclass(frozen=True)
class Changed(MetaPathFinder):
    """Lets a module be imported from another text than that of its file."""

    module: str
    path: Path
    source: str

    @override
    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        if fullname != self.module:
            return None
        loader = _TextLoader(fullname, str(self.path), self.source)
        return spec_from_loader(fullname, loader)


class _TextLoader(SourceFileLoader):
    """Runs a text as if the file had it."""

    def __init__(self, fullname: str, path: str, text: str) -> None:
        super().__init__(fullname, path)
        self._text = text

    @override
    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = compile(self._text, self.path, "exec")
        return code


def module_of(path: Path) -> str:
    """Return the name that a file of the repository is imported by."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def prepare(tests: Sequence[str]) -> None:
    """Import what some tests import, but for what is our own."""
    with tempfile.TemporaryDirectory() as folder:
        names = Path(folder) / "names"
        names.touch()
        run(tests, None, limit_s=_PREPARING_S, names=names)
        # First, as it takes the place of others.
        for name in ("homeassistant", *names.read_text().split()):
            # Some are made up by others, and cannot be imported by their names.
            with suppress(Exception):
                import_module(name)


def run(
    tests: Sequence[str], changed: Changed | None, limit_s: float, names: Path | None = None
) -> Verdict:
    """Run tests until the first one fails.

    Args:
        tests: Their ids, in the order to run them.
        changed: The file that is different; None to run them on what is there.
        limit_s: Who works for so long without an end, or waits for ten times as long, has become
            endless by the change.
        names: Where the names of the libraries are written that were imported.
    """
    process = os.fork()
    if process == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(limit_s), resource.RLIM_INFINITY))
        _run_here(tests, changed, names)
    deadline = time.monotonic() + _WAITING * limit_s
    try:
        while time.monotonic() < deadline:
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                process = 0
                return _VERDICTS.get(os.waitstatus_to_exitcode(status), Verdict.KILLED)
            time.sleep(_POLL_S)
    finally:
        # Also where somebody stops the whole run.
        if process:
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
    return Verdict.TIMED_OUT


def _run_here(tests: Sequence[str], changed: Changed | None, names: Path | None) -> None:
    """Run them in this process, which ends with that."""
    code = 1
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        if changed is not None:
            sys.meta_path.insert(0, changed)
        import pytest  # noqa: PLC0415 - it looks at the process it is imported in

        # One failure tells all: no smaller one is looked for, and none is kept for later.
        settings.register_profile(
            "mutation", phases=[Phase.explicit, Phase.generate], database=None, derandomize=True
        )
        settings.load_profile("mutation")
        code = int(pytest.main([*_QUIET, *tests]))
        if names is not None:
            names.write_text(" ".join(_libraries()))
    finally:
        os._exit(code)


def _libraries() -> list[str]:
    return [
        name
        for name, module in sys.modules.items()
        if str(getattr(module, "__file__", None)).startswith(_LIBRARIES)
    ]
