"""The small changes that are tried on a file: one each, everything else as it is."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import hashlib
from typing import Final
import warnings

_COMPARED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_COMPUTED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_CALLED: Final = {"min": "max", "max": "min", "any": "all", "all": "any", "ceil": "floor"}
# Parts of the names of what two figures may differ by
_ROUGH: Final = ("TOLERANCE", "NEGLIGIBLE")
# What is only told to people who look for a fault
_LOGGED: Final = frozenset({"LOGGER"})


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A file with one change.

    Attributes:
        line: Where the change is, counted from 1.
        before: What stood there.
        after: What stands there now.
        source: The text of the whole file.
    """

    line: int
    before: str
    after: str
    source: str

    @property
    def digest(self) -> str:
        """Identifies the file with its change."""
        return hashlib.sha256(self.source.encode()).hexdigest()

    def __str__(self) -> str:
        """Tell the change in one line."""
        return f"{_in_one_line(self.before)}  ->  {_in_one_line(self.after)}"


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def mutants_of(source: str) -> Iterator[Mutant]:
    """Yield every change of a file that is tried, from top to bottom.

    What makes no difference when the code runs is left alone: annotations, texts, logging.
    """
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    tried = {source}
    for node in _running(ast.parse(source)):
        for changed, after in _changes(node):
            mutated = _replaced(lines, changed, after)
            if mutated not in tried and _compiles(mutated):
                tried.add(mutated)
                before = ast.get_source_segment(source, changed) or ""
                yield Mutant(line=changed.lineno, before=before, after=after, source=mutated)


def _running(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Yield what does something when the code runs, in the order of the text."""
    left_alone = _left_alone(node)
    for child in ast.iter_child_nodes(node):
        if child in left_alone or _is_logging(child):
            continue
        if isinstance(child, ast.expr | ast.stmt):
            yield child
        yield from _running(child)


def _left_alone(node: ast.AST) -> list[ast.AST | None]:
    """Return the parts that only people and type checkers read."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return [node.returns, *node.decorator_list]
        case ast.ClassDef():
            return [*node.bases, *node.decorator_list]
        case ast.AnnAssign() | ast.arg():
            return [node.annotation]
        case ast.Call(func=ast.Name(id="isinstance" | "cast"), args=args):
            return [*args]
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return [node.test, *node.body]
        case ast.TypeAlias() | ast.JoinedStr() | ast.Raise() | ast.keyword(arg="strict"):
            return list(ast.iter_child_nodes(node))
    return []


def _is_logging(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
            return name in _LOGGED
    return False


def _changes(node: ast.expr | ast.stmt) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    """Yield what is changed at a part of the code, and what is put in its place."""
    if isinstance(node, ast.stmt):
        yield from _of_statement(node)
    else:
        yield from ((node, after) for after in _of_expression(node))


def _of_statement(node: ast.stmt) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    match node:
        case ast.If(test=test):
            yield test, "True"
            yield test, "False"
        case ast.While(test=test):
            yield test, "False"
        case ast.Return(value=ast.expr()):
            yield node, "return None"
        case ast.AugAssign(op=op) if type(op) in _COMPUTED:
            yield node, _unparsed(node, op=_COMPUTED[type(op)]())
        case (
            ast.Raise()
            | ast.Expr(value=ast.Call() | ast.Await())
            | ast.Assign(targets=[ast.Attribute() | ast.Subscript()])
        ):
            yield node, "pass"
        case ast.Continue():
            yield node, "break"
        case ast.Break():
            yield node, "continue"


def _of_expression(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Compare(ops=ops) if not _is_rough(node):
            for n, op in enumerate(ops):
                others = [*ops[:n], _COMPARED[type(op)](), *ops[n + 1 :]]
                yield f"({_unparsed(node, ops=others)})"
        case ast.BinOp(op=op) if type(op) in _COMPUTED:
            yield f"({_unparsed(node, op=_COMPUTED[type(op)]())})"
        case ast.BoolOp(op=op):
            yield f"({_unparsed(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())})"
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield f"({ast.unparse(operand)})"
        case ast.Constant(value=bool(value)):
            yield str(not value)
        case ast.Constant(value=int() | float() as value):
            yield repr(value + 1)
        case ast.Call(func=ast.Name(id=name)) if name in _CALLED:
            yield _unparsed(node, func=ast.Name(_CALLED[name]))
        case ast.IfExp(body=body, orelse=orelse):
            yield f"({ast.unparse(body)})"
            yield f"({ast.unparse(orelse)})"


def _is_rough(node: ast.Compare) -> bool:
    """Tell whether a comparison leaves some tolerance, so that being equal makes no difference."""
    names = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
    return any(rough in name for rough in _ROUGH for name in names)


def _unparsed(node: ast.expr | ast.stmt, **changed: object) -> str:
    return ast.unparse(type(node)(**{**dict(ast.iter_fields(node)), **changed}))


def _replaced(lines: Sequence[bytes], node: ast.expr | ast.stmt, after: str) -> str:
    """Return the text with something else in the place of a node, whose columns count bytes."""
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    head = lines[first][: node.col_offset]
    tail = lines[last][node.end_col_offset :]
    return b"".join([*lines[:first], head, after.encode(), tail, *lines[last + 1 :]]).decode()


def _compiles(source: str) -> bool:
    try:
        # What is written now may be odd, as in "(None).x".
        with warnings.catch_warnings(action="ignore"):
            compile(source, "", "exec")
    except SyntaxError:
        return False
    return True
