"""Every reason has its text in the translations, which names what it gives; none is in code."""

import ast
from collections.abc import Iterator
from pathlib import Path
import re

import pytest
from tests.house import ENGLISH, named_in

from custom_components.optivgi import explain
from custom_components.optivgi.explain.reason_code import ReasonCode
from custom_components.optivgi.explain.reason_texts import WEEKDAYS

FILES = sorted(Path(explain.__file__).parent.glob("*.py"))


def text_of(key: str) -> str:
    """Return the English text of a key."""
    return str(ENGLISH["exceptions"][key]["message"])


@pytest.mark.parametrize("code", ReasonCode)
def test_reason_has_its_text(code: ReasonCode) -> None:
    """A text that names what its reason does not have could not be written."""
    assert named_in(text_of(f"reason_{code}")) == code.placeholders


@pytest.mark.parametrize("day", WEEKDAYS)
def test_time_of_another_day_has_its_text(day: str) -> None:
    assert named_in(text_of(f"clock_{day}")) == {"time"}


def named(tree: ast.Module, name: str) -> Iterator[ast.expr]:
    """Yield what a name stands for anywhere in a module."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=target)], value=value)
                | ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value)
            ) if target == name:
                yield value


def codes(node: ast.expr, tree: ast.Module) -> list[ReasonCode]:
    """Return which reasons may be meant: one, or any of a table in the same module."""
    match node:
        case ast.Attribute(value=ast.Name(id="ReasonCode"), attr=name):
            return [ReasonCode[name]]
        case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)):
            return [code for value in named(tree, name) for code in codes(value, tree)]
        case ast.Dict(values=values):
            return [code for value in values for code in codes(value, tree)]
        case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[_, default]):
            return [*codes(table, tree), *codes(default, tree)]
    return []


def given() -> list[tuple[str, ReasonCode, list[str]]]:
    """Return where a reason is given, which one, and what for its text."""
    found = []
    for path in FILES:
        tree = ast.parse(path.read_text())
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "id", None) == "because":
                where = f"{path.name}:{call.lineno}"
                possible = codes(call.args[0], tree)
                assert possible, f"{where} gives no reason that is known"
                names = sorted(keyword.arg or "" for keyword in call.keywords)
                found += [(where, code, names) for code in possible]
    return found


@pytest.mark.parametrize(("where", "code", "names"), given())
def test_reason_is_given_with_all_that_its_text_names(
    where: str, code: ReasonCode, names: list[str]
) -> None:
    assert set(names) == code.placeholders, where


def test_every_reason_is_given() -> None:
    assert {code for _, code, _ in given()} == set(ReasonCode)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_people_read_stands_in_translations_only(path: Path) -> None:
    """A word in lower case with a space beside it is a part of a sentence."""
    tree = ast.parse(path.read_text())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
    ]
    assert [text for text in texts if re.search(r"[a-z] | [a-z]", text)] == []
