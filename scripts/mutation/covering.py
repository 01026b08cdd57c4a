"""Which tests run which lines of some files, by one run of the tests."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
import os
from pathlib import Path
import subprocess
import sys
from xml.etree import ElementTree as ET

from coverage import CoverageData

from .trial import module_of


class TestsFailError(Exception):
    """The tests fail as it is, so they can tell nothing of a change."""


@dataclass
class Covering:
    """The tests that run a file, the quickest first.

    Attributes:
        by_line: Those that run a line; none where it runs on import only, or never.
        imported: The lines that are run on import.
        seconds: How long each takes.
    """

    by_line: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    imported: set[int] = field(default_factory=set)
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def all(self) -> list[str]:
        """All of them."""
        return self._quickest(set().union(*self.by_line.values()))

    def of(self, line: int) -> list[str]:
        """Return the tests that may notice a change of a line.

        What is run on import is seen by every test of the file. Of an expression on several lines
        not each counts as run, so the one above stands for such a line.
        """
        while line and line not in self.by_line and line not in self.imported:
            line -= 1
        return self.all if line in self.imported else self._quickest(self.by_line.get(line, ()))

    def _quickest(self, tests: Iterable[str]) -> list[str]:
        return sorted(tests, key=lambda test: (self.seconds.get(test, 0.0), test))

    def takes(self, tests: Sequence[str]) -> float:
        """Return how long tests take one after the other, in s."""
        return sum(self.seconds.get(test, 0.0) for test in tests)


def measure(
    paths: Sequence[Path], tests: Sequence[str], folder: Path, processes: int
) -> Mapping[Path, Covering]:
    """Run the tests once, and return those of each file.

    Args:
        paths: The files, from the root of the repository.
        tests: What pytest is told to run.
        folder: Where coverage and times are written.
        processes: How many run tests at the same time.

    Raises:
        TestsFailError: One of them fails.
    """
    measured, times = folder / "coverage", folder / "times.xml"
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        *(("-n", str(processes), "--dist", "loadgroup") if processes > 1 else ()),
        *(f"--cov={module_of(path)}" for path in paths),
        *("--cov-context=test", "--cov-report=", "--cov-fail-under=0"),
        *(f"--junit-xml={times}", "-o", "junit_family=xunit1"),
        *tests,
    ]
    # The quickest way to measure does not tell which test ran a line.
    environment = {**os.environ, "COVERAGE_FILE": str(measured), "COVERAGE_CORE": "ctrace"}
    if subprocess.run(command, env=environment, check=False).returncode:
        raise TestsFailError
    seconds = {
        f"{case.attrib['file']}::{case.attrib['name']}": float(case.attrib["time"])
        for case in ET.parse(times).iter("testcase")
    }
    data = CoverageData(str(measured))
    data.read()
    return {path: _tests_of(data, path, seconds) for path in paths}


def _tests_of(data: CoverageData, path: Path, seconds: Mapping[str, float]) -> Covering:
    found = Covering(seconds=seconds)
    for line, contexts in data.contexts_by_lineno(str(path.resolve())).items():
        for context in contexts:
            # "tests/test_x.py::test_y[z]|run"; nothing where it is run on import.
            test, _, _ = context.rpartition("|")
            if test:
                found.by_line[line].add(test)
            else:
                found.imported.add(line)
    return found
