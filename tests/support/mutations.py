"""Mutants: each is one small change to a module's syntax tree, that a test should notice."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

_COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_OPERATORS: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
}
_FUNCTIONS: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}
_REMOVABLE: Final = (ast.Return, ast.Raise, ast.Continue, ast.Break, ast.Expr, ast.Assign, ast.AugAssign)
# Texts that are names (states, kinds, attributes): other texts are for people, and wording is not a law.
_NAME: Final = re.compile(r"[\w:./-]*")
# Who may give what when an object is made.
_CHECKED_BY_MYPY: Final = ("init", "kw_only")
_READABLE: Final = 70

_Node = TypeVar("_Node", bound=ast.AST)
_Change = tuple[str, object]  # a field of a node, and its new value


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A change that is not made yet. `name` tells it from all others of its module, whatever the line numbers.

    `function` is the outermost function that it is in, by its qualified name; empty outside of functions.
    """

    name: str
    function: str
    line: int
    node: ast.AST
    field: str
    value: object

    def apply(self) -> None:
        """Make the change, in the tree that the mutant was made from."""
        setattr(self.node, self.field, self.value)


def mutants_of(module: ast.Module) -> Iterator[Mutant]:
    """All mutants of a module, in the order of its lines."""
    seen: Counter[str] = Counter()
    for path in sorted(_walk([module]), key=lambda path: getattr(path[-1], "lineno", 0)):
        for node, field, value in _changes(path):
            function = _function(path)
            name = f"{function or 'module'}: {_describe(path, node, field, value)}"
            seen[name] += 1
            nth = f" ({seen[name]})" if seen[name] > 1 else ""
            yield Mutant(
                name=name + nth,
                function=function,
                line=next(each.lineno for each in reversed(path) if isinstance(each, ast.stmt | ast.expr)),
                node=node,
                field=field,
                value=value,
            )


def _walk(path: list[ast.AST]) -> Iterator[list[ast.AST]]:
    """The paths from the root to every node that says something when the program runs: types and docstrings do not."""
    yield path
    for field, value in ast.iter_fields(path[-1]):
        if field in ("annotation", "returns", "decorator_list", "type_params", "bases"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_silent(path[-1], child):
                yield from _walk([*path, child])


def _is_silent(parent: ast.AST, node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom():
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")) | ast.ClassDef(bases=[ast.Name(id="Protocol")]):
            return True
        case ast.Subscript(value=ast.Name(id="Literal")):
            return True
        case ast.keyword(arg=str(name)):
            return name in _CHECKED_BY_MYPY
        case ast.Constant():
            return isinstance(parent, ast.JoinedStr) or (
                isinstance(parent, ast.Call) and ast.unparse(parent.func) == "cast"
            )
    return False


def _changes(path: list[ast.AST]) -> Iterator[tuple[ast.AST, str, object]]:
    node = path[-1]
    yield from ((node, field, value) for field, value in _own_changes(node))
    parent = path[-2] if len(path) > 1 else node
    if (
        isinstance(node, _REMOVABLE)
        and not isinstance(parent, ast.Module | ast.ClassDef)
        and not _is_idle(node, parent)
    ):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, list) and any(each is node for each in value):
                removed = ast.copy_location(ast.Pass(), node)
                yield parent, field, [removed if each is node else each for each in value]


def _is_idle(statement: ast.stmt, parent: ast.AST) -> bool:
    """True for a return of nothing at the end of a function."""
    is_last = isinstance(parent, ast.FunctionDef) and parent.body[-1] is statement
    return is_last and ast.unparse(statement) in ("return", "return None")


def _own_changes(node: ast.AST) -> Iterator[_Change]:  # noqa: C901, PLR0912 - one case a kind of node
    match node:
        case ast.Compare(ops=[*ops]):
            for place, op in enumerate(ops):
                yield "ops", [*ops[:place], _COMPARISONS[type(op)](), *ops[place + 1 :]]
        case ast.BoolOp(op=op, values=values):
            yield "op", ast.Or() if isinstance(op, ast.And) else ast.And()
            yield from (("values", rest) for rest in _without_one(values))
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _OPERATORS:
            yield "op", _OPERATORS[type(op)]()
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "operand", _negated(operand)
        case ast.UnaryOp(op=ast.USub()):
            yield "op", ast.UAdd()
        case ast.UnaryOp(op=ast.Invert()):
            yield "op", ast.UAdd()
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
                yield "test", _negated(test)
        case ast.comprehension(ifs=[*ifs]):
            yield from (("ifs", rest) for rest in _without_one(ifs))
        case ast.match_case(guard=ast.expr()):
            yield "guard", None
        case ast.Tuple(elts=[_, _, *_], ctx=ast.Load()):
            yield from (("elts", rest) for rest in _without_one(node.elts))
        case ast.Call(func=ast.Name(id=name), keywords=keywords) if name in _FUNCTIONS:
            yield "func", ast.Name(_FUNCTIONS[name], ast.Load())
            yield from (("keywords", rest) for rest in _without_one(keywords))
        case ast.Call(keywords=keywords):
            rests = zip(keywords, _without_one(keywords), strict=True)
            yield from (("keywords", rest) for keyword, rest in rests if keyword.arg not in _CHECKED_BY_MYPY)
        case ast.Constant(value=bool(value)):
            yield "value", not value
        case ast.Constant(value=int(value)):
            yield from (("value", value + by) for by in (1, -1))
        case ast.Constant(value=str(value)) if _NAME.fullmatch(value):
            yield "value", f"{value}X"


def _without_one(values: list[_Node]) -> Iterator[list[_Node]]:
    return ([*values[:place], *values[place + 1 :]] for place in range(len(values)))


def _negated(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def _function(path: list[ast.AST]) -> str:
    names = []
    for node in path[1:]:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.append(node.name)
        if isinstance(node, ast.FunctionDef):
            return ".".join(names)
    return ""


def _describe(path: list[ast.AST], node: ast.AST, field: str, value: object) -> str:
    """The code that is removed; or the largest readable expression around a change, before and after."""
    old = getattr(node, field)
    if node is not path[-1]:
        return f"{_shortened(ast.unparse(path[-1]))} removed"
    if removed := _removed(old, value):
        return f"{_shortened(ast.unparse(removed))} removed"
    statement = max(place for place, each in enumerate(path) if isinstance(each, ast.stmt))
    around = path[statement + 1 :] or [node]
    if not isinstance(path[statement], ast.If | ast.While | ast.For | ast.Try | ast.Match | ast.FunctionDef | ast.With):
        around.insert(0, path[statement])
    shown = next((each for each in around if len(ast.unparse(each)) <= _READABLE), around[-1])
    before = ast.unparse(shown)
    setattr(node, field, value)
    try:
        return f"{_shortened(before)} -> {_shortened(ast.unparse(shown))}"
    finally:
        setattr(node, field, old)


def _removed(old: object, new: object) -> ast.AST | None:
    if new is None and isinstance(old, ast.AST):
        return old
    if isinstance(old, list) and isinstance(new, list) and len(new) < len(old):
        return next((each for each, other in zip(old, [*new, None], strict=True) if each is not other), None)
    return None


def _shortened(code: str) -> str:
    line, *more = code.splitlines()
    return line if not more and len(line) <= 2 * _READABLE else f"{line[: 2 * _READABLE]} …"
