"""Who imports whom: no circle of modules anywhere, imports for type checkers included."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from custom_components.optivgi import const

PACKAGE = Path(const.__file__).parent

type Graph = Mapping[str, frozenset[str]]


def modules(package: Path) -> dict[str, Path]:
    """Return the files of a package by the names of their modules."""
    named = {}
    for path in package.rglob("*.py"):
        parts = [package.name, *path.relative_to(package).with_suffix("").parts]
        named[".".join(part for part in parts if part != "__init__")] = path
    return named


def imported(module: str, path: Path) -> Iterator[str]:
    """Yield what a file imports of its own package, wherever in it that stands.

    A name may be a module or stand in one, so both are yielded.
    """
    home = module if path.stem == "__init__" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.removeprefix("custom_components.") for alias in node.names)
        if not isinstance(node, ast.ImportFrom):
            continue
        base = (node.module or "").removeprefix("custom_components.")
        if node.level:
            parents = home.split(".")
            known = parents[: len(parents) - node.level + 1]
            base = ".".join([*known, *filter(None, [node.module])])
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)


def graph_of(package: Path) -> Graph:
    """Return which modules of a package each of them imports.

    What stands in a submodule does not make its package imported: that happens whichever way.
    """
    named = modules(package)
    graph = {}
    for module, path in named.items():
        found = set(imported(module, path)) & named.keys()
        inner = {name for name in found if any(other.startswith(f"{name}.") for other in found)}
        graph[module] = frozenset(found - inner - {module})
    return graph


def circles(graph: Graph) -> list[frozenset[str]]:
    """Return the sets of modules that all import each other, by whichever way round."""
    reached = {module: _reached(graph, module) for module in graph}
    found = {
        frozenset(other for other in reached[module] if module in reached[other])
        for module in graph
        if module in reached[module]
    }
    return sorted(found, key=sorted)


def _reached(graph: Graph, start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        waiting += (new := graph[waiting.pop()] - seen)
        seen |= new
    return seen


def test_no_modules_import_each_other() -> None:
    graph = graph_of(PACKAGE)
    assert "optivgi.coordinator" in graph["optivgi.runtime"]
    assert [sorted(circle) for circle in circles(graph)] == []


@pytest.mark.parametrize(
    "back",
    [
        "from .one import a",
        "from . import one",
        "import house.one",
        "if TYPE_CHECKING:\n    from .one import a",
        "def later():\n    from ..house.one import a",
    ],
)
def test_a_circle_is_found(tmp_path: Path, back: str) -> None:
    package = tmp_path / "house"
    (package / "room").mkdir(parents=True)
    files = {
        "__init__": "",
        "one": "from .room.two import b",
        "room/__init__": "",
        "room/two": "from ..three import c",
        "three": back,
        "beside": "from .one import a",
    }
    for name, text in files.items():
        (package / f"{name}.py").write_text(text)
    assert circles(graph_of(package)) == [{"house.one", "house.room.two", "house.three"}]
