"""What the documentation says of code and tests has to be true, in the words of the field."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
import re

import pytest

from tests.house import ENGLISH

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


# Words

INSTEAD: Mapping[str, str] = {
    r"tells?|told|telling": "report, send, list or show: software does not talk",
    r"reckon\w*": "use, estimate",
    r"(?:cannot|can not|could not) be meant": "is not plausible",
    r"dear(?:er|est)?": "expensive",
    r"whom|amiss|anew|heed\w*": "who, wrong, again, respect: nobody speaks like that",
    r"mend(?:s|ed|ing)?": "fix",
    r"(?:least|most) (?:current|power|increase|amperes|state of charge)": "min, max",
    r"still to come": "later, in the future",
    r"(?:is|are) taken to": "is assumed to",
    r"found by (?:itself|themselves)": "found automatically",
}
"""Words that people who read a form, a status or a page trip over, and what to write instead."""


def _leaves(node: Mapping[str, object]) -> Iterator[str]:
    for value in node.values():
        if isinstance(value, Mapping):
            yield from _leaves(value)
        else:
            yield str(value)


def _sentences(path: Path) -> Iterator[str]:
    """Yield the texts in a file of code that are no docstrings."""
    tree = ast.parse(path.read_text())
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.value


def read_by_people() -> dict[str, str]:
    """Return what people read, by where it stands, without what is quoted from code.

    How plans are made is for people who know the optimiser: its words are another matter.
    """
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]
    found = {
        path.name: re.sub(r"```.*?```|`[^`]*`", "", path.read_text(), flags=re.DOTALL)
        for path in pages
        if path.name != "scheduling.md"
    }
    package = ROOT / "custom_components" / "optivgi"
    found["translations"] = "\n".join(_leaves(ENGLISH))
    found["explain"] = "\n".join(
        text for path in sorted((package / "explain").glob("*.py")) for text in _sentences(path)
    )
    return found


@pytest.mark.parametrize("where", read_by_people())
def test_people_read_plain_words(where: str) -> None:
    text = read_by_people()[where]
    found = {
        match.group(): instead
        for words, instead in INSTEAD.items()
        for match in re.finditer(rf"\b(?:{words})\b", text, re.IGNORECASE)
    }
    assert found == {}
