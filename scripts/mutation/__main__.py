"""Changes files a little at a time, and lists the changes that no test notices.

A change that is noticed is killed; one that is not survives, and either a test is missing or the
code is not needed, or both ways are right. Files are given by path, or by the name that they have
wherever they stand in the package. What was killed before is not tried again; survivors are.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
import signal
import sys
import tempfile
import time
from typing import Final

from .covering import Covering, TestsFailError, measure
from .mutants import Mutant, mutants_of
from .trial import Changed, Verdict, module_of, prepare, run

PACKAGE: Final = Path("custom_components/optivgi")
NAMES: Final = ("control", "allocation", "house_load", "units")
"""What protects the connection, and what prices are read by."""
TESTS: Final = ("tests", "--ignore=tests/e2e")
KILLED: Final = Path(".artifacts/killed-mutants")
"""What was killed before: a digest a line."""
# So many times longer than without a change, and some seconds, is for ever.
_PATIENCE: Final = 2
_PATIENCE_S: Final = 8


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; return 0 where nothing survives."""
    parser = argparse.ArgumentParser(prog="scripts/mutate", description=__doc__)
    parser.add_argument("what", nargs="*", default=NAMES, help=f"files, folders or names: {NAMES}")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="what pytest runs: %(default)s")
    parser.add_argument("--lines", type=_lines, default=range(1, sys.maxsize), help="only 20-60")
    parser.add_argument("-n", type=int, default=1, help="how many tests run at the same time")
    parser.add_argument("--list", action="store_true", help="only print what would be tried")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    paths = sorted({path for what in chosen.what for path in files_of(what)})
    tried = {
        path: [one for one in mutants_of(path.read_text()) if one.line in chosen.lines]
        for path in paths
    }
    if chosen.list:
        print(*(_told(path, one) for path, ones in tried.items() for one in ones), sep="\n")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        try:
            tests = measure(paths, chosen.tests, Path(folder), chosen.n)
        except TestsFailError:
            print("The tests fail without any change; nothing was tried.", file=sys.stderr)
            return 2
    prepare(_one_of_each_file(tests.values()))
    survivors = 0
    for path, ones in tried.items():
        survivors += sum(1 for _ in _survivors(path, ones, tests[path]))
    return 1 if survivors else 0


def _one_of_each_file(tests: Iterable[Covering]) -> list[str]:
    """Return the quickest test of each file of tests."""
    found: dict[str, str] = {}
    for of_file in tests:
        for test in of_file.all:
            found.setdefault(test.partition("::")[0], test)
    return [*found.values()]


def files_of(what: str) -> Iterator[Path]:
    """Yield the files of a path, or of what has this name anywhere in the package."""
    given = Path(what)
    found = [given] if given.exists() else [*PACKAGE.rglob(what), *PACKAGE.rglob(f"{what}.py")]
    if not found:
        raise SystemExit(f"Nothing in {PACKAGE} is called {what!r}")
    for path in found:
        yield from path.rglob("*.py") if path.is_dir() else [path]


def _lines(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _told(path: Path, mutant: Mutant) -> str:
    return f"{path}:{mutant.line}: {mutant}"


def _survivors(path: Path, mutants: Sequence[Mutant], tests: Covering) -> Iterator[Mutant]:
    """Try the mutants of a file, print what becomes of them, and yield those that survive."""
    killed = set(KILLED.read_text().split()) if KILLED.exists() else set()
    counted = dict.fromkeys(Verdict, 0)
    begun = time.monotonic()
    for mutant in mutants:
        if mutant.digest in killed:
            verdict = Verdict.KILLED
        elif covering := tests.of(mutant.line):
            changed = Changed(module_of(path), path.resolve(), mutant.source)
            limit_s = _PATIENCE * tests.takes(covering) + _PATIENCE_S
            verdict = run(covering, changed, limit_s)
        else:
            verdict = Verdict.SURVIVED
        counted[verdict] += 1
        if verdict is Verdict.SURVIVED:
            print(_told(path, mutant), flush=True)
            yield mutant
        else:
            KILLED.parent.mkdir(exist_ok=True)
            with KILLED.open("a") as file:
                file.write(f"{mutant.digest}\n")
    told = ", ".join(f"{count} {verdict}" for verdict, count in counted.items())
    print(f"{path}: {told}, {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
