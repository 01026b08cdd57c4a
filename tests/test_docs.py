"""What the documentation says of code and tests has to be true, in the words of the field."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
import re

import pytest
from scripts.reference import PAGE, reference
import yaml

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
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
    found = {
        str(path.relative_to(ROOT)): re.sub(
            r"```.*?```|`[^`]*`", "", path.read_text(), flags=re.DOTALL
        )
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


FEATURES = sorted((ROOT / "docs" / "features").glob("*.md"))


@pytest.mark.parametrize("page", FEATURES, ids=[page.stem for page in FEATURES])
def test_feature_is_shown(page: Path) -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text())
    assert pictures
    assert all((page.parent / picture).is_file() for picture in pictures)


# The glossary

PACKAGE = ROOT / "custom_components" / "optivgi"
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
GLOSSARY_HEAD = "| term | meaning | in the code |\n|---|---|---|\n"


def glossary() -> list[tuple[str, list[str]]]:
    """Return the terms of all glossary tables, each with the names it has in the code."""
    tables = [part.partition("\n\n")[0] for part in ARCHITECTURE.split(GLOSSARY_HEAD)[1:]]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for table in tables
        for line in table.splitlines()
    ]
    return [(term, re.findall(r"`([^`]+)`", names)) for term, _, names in rows]


@cache
def public_names() -> Mapping[str, Mapping[str, ast.stmt]]:
    """Return the public classes, types and functions of the package, by name and module."""
    found: dict[str, dict[str, ast.stmt]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                name = node.name
            elif isinstance(node, ast.TypeAlias):
                name = node.name.id
            else:
                continue
            if not name.startswith("_"):
                found.setdefault(name, {})[str(path.relative_to(PACKAGE))] = node
    return found


def members(node: ast.stmt) -> set[str]:
    """Return the methods, fields and values of a class."""
    found = set()
    for part in node.body if isinstance(node, ast.ClassDef) else ():
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(part.name)
        elif isinstance(part, ast.AnnAssign | ast.Assign):
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def test_each_term_is_explained_once() -> None:
    terms = [term.casefold() for terms, _ in glossary() for term in terms.split(", ")]
    assert {"site", "subproblem"} <= set(terms)
    assert sorted(terms) == sorted(set(terms))


@pytest.mark.parametrize(("term", "names"), glossary())
def test_what_the_glossary_names_exists(term: str, names: list[str]) -> None:
    assert names, f"{term} has no place in the code"
    for name in names:
        first, _, member = name.partition(".")
        nodes = public_names().get(first, {}).values()
        assert nodes, f"{term}: there is no {first}"
        assert not member or any(member in members(node) for node in nodes), f"no {name}"


def test_a_public_class_name_has_one_meaning() -> None:
    several = {
        name: sorted(modules)
        for name, modules in public_names().items()
        if len(modules) > 1
        and not all(isinstance(n, ast.FunctionDef) for n in modules.values())
        # Home Assistant's platforms all have functions of the same names.
        and not name.startswith("async_")
    }
    assert several == {}


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`([\w/]+\.py)`", ARCHITECTURE))))
def test_files_in_the_description_of_the_rooms_exist(named: str) -> None:
    found = [
        path
        for place in ("benchmarks", "custom_components", "tests")
        for path in (ROOT / place).rglob(Path(named).name)
    ]
    assert any(str(path).endswith(f"/{named}") for path in found)


# Numbers

SELF_EVIDENT = re.compile(r"timedelta\(\w+=1\)|PARALLEL_UPDATES\b.*")


def _is_number(value: ast.expr | None) -> bool:
    """Return whether a constant is a number, a duration, a time of day or a range of them."""
    match value:
        case ast.Constant(value=int() | float() as number):
            return not isinstance(number, bool)
        case ast.Tuple(elts=parts):
            return all(_is_number(part) for part in parts)
        case ast.Call(func=ast.Name(id="timedelta" | "time" | "range")):
            return True
    return False


def numbers_without_a_reason() -> Iterator[str]:
    """Yield the numbers that a module names without a docstring or a comment beside them."""
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text()
        lines, body = text.splitlines(), ast.parse(text).body
        for node, after in zip(body, [*body[1:], None], strict=True):
            if not isinstance(node, ast.Assign | ast.AnnAssign) or not _is_number(node.value):
                continue
            has_docstring = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            has_comment = "#" in lines[node.lineno - 1] or lines[node.lineno - 2].startswith("#")
            line = lines[node.lineno - 1]
            if not has_docstring and not has_comment and not SELF_EVIDENT.search(line):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}: {line}"


def test_a_number_says_why_it_has_its_value() -> None:
    assert list(numbers_without_a_reason()) == []


def test_reference_is_what_code_and_texts_give() -> None:
    """``scripts/docs`` writes it."""
    assert PAGE.read_text("utf-8") == reference()


# The quality scale

QUALITY: Mapping[str, Mapping[str, str]] = yaml.safe_load(
    (ROOT / "custom_components" / "optivgi" / "quality_scale.yaml").read_text()
)["rules"]


@pytest.mark.parametrize("rule", QUALITY)
def test_rule_of_the_quality_scale_names_what_shows_it(rule: str) -> None:
    named = re.findall(r"`([^`:]+)(?:::(\w+))?`", QUALITY[rule]["comment"])
    assert named or QUALITY[rule]["status"] == "exempt" or rule == "parallel-updates"
    for path, function in named:
        if "/" not in path and "." not in path:
            continue
        assert (ROOT / path).exists(), path
        assert not function or function in functions_of(Path(path).name), function
