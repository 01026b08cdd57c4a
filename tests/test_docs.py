"""What the documentation says of the tests has to be true."""

import ast
from functools import cache
from pathlib import Path
import re

import pytest

ROOT = Path(__file__).parent.parent
HEADING = "## What is modelled, and the test that shows it\n"


def rows() -> list[tuple[str, str]]:
    """Return what is modelled, and what is said to show it: the rows of the table."""
    section = (ROOT / "docs" / "scheduling.md").read_text().partition(HEADING)[2]
    lines = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("|")]
    cells = [line.strip("|").split("|") for line in lines[2:]]
    return [(row[0].strip(), row[1].strip()) for row in cells]


@cache
def functions_of(file: str) -> frozenset[str]:
    """Return the names of the functions in a file of tests."""
    (path,) = (ROOT / "tests").rglob(file)
    tree = ast.parse(path.read_text())
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return frozenset(node.name for node in tree.body if isinstance(node, kinds))


def test_the_table_is_found() -> None:
    assert rows()


@pytest.mark.parametrize(("modelled", "shown_by"), rows())
def test_what_is_modelled_is_shown_by_tests_that_exist(modelled: str, shown_by: str) -> None:
    for name in shown_by.split("<br>"):
        named = re.fullmatch(r"`(test_\w+\.py)::(test_\w+)`", name)
        assert named, f"{name!r} names no test"
        assert named[2] in functions_of(named[1])
