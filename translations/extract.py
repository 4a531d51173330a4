"""Which messages the code has for people, found in its source."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gotwatch.errors import BY_NAME

SPEAKING = {"say": (0,), "say_count": (0, 1), "marked": (0,), "retell": (0,)}
SHOWN_ENUMS = frozenset({"JobState", "FolderState", "Detection", "Grade"})  # whose values people see
# Records that a person is shown in the end -> the places of their texts.
RECORDS = {
    "Finding": (1, 2, 3),
    "Ignored": (1,),
    "Reason": (1, 2),
    "Status": (1, 2),
    "NotRunning": (0,),
    "UsageError": (0,),
}
TEXTS_BY_NAME = frozenset({"hint", "help", "mend"})
COMMAND_MAKERS = frozenset({"command", "group"})
TABLES = frozenset({"COMMANDS"})


@dataclass(frozen=True, slots=True)
class Found:
    """A message, and where it stands first."""

    message: str
    file: str
    line: int


def messages(package: Path) -> dict[str, Found]:
    """All messages below *package*, by their text, in the order of files and lines."""
    found: dict[str, Found] = {}
    for path in sorted(package.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node, function in _with_functions(tree, None):
            for expression in _texts(node):
                for message in _templates(expression, _assignments(function)):
                    name = path.relative_to(package.parent).as_posix()
                    found.setdefault(message, Found(message, name, expression.lineno))
    return found


_Function = ast.FunctionDef | ast.AsyncFunctionDef


def _with_functions(node: ast.AST, function: _Function | None) -> Iterator[tuple[ast.AST, _Function | None]]:
    """All nodes, each with the function that it stands in."""
    yield node, function
    inner = node if isinstance(node, _Function) else function
    for child in ast.iter_child_nodes(node):
        yield from _with_functions(child, inner)


def _texts(node: ast.AST) -> Iterator[ast.expr]:
    """What *node* itself has of expressions that become text for people."""
    match node:
        case ast.Call(func=func):
            name = _name(func)
            if name == "counted" and isinstance(noun := getattr(node.args[-1], "value", None), str):
                yield from (_text(f"{{count}} {noun}{ending}", node) for ending in ("", "s"))
            places = SPEAKING.get(name) or RECORDS.get(name) or ((0,) if name in BY_NAME else ())
            yield from (node.args[place] for place in places if place < len(node.args))
            yield from (word.value for word in node.keywords if word.arg in TEXTS_BY_NAME)
        case ast.ClassDef(name=name, body=rows) if name in SHOWN_ENUMS:
            for row in rows:
                if isinstance(row, ast.Assign) and isinstance(text := getattr(row.value, "value", None), str):
                    yield _text(text.replace("_", " "), row)
        case ast.FunctionDef() if any(_name(_called(entry)) in COMMAND_MAKERS for entry in node.decorator_list):
            yield from _docstring(node)
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(values=rows)) if name in TABLES:
            yield from (row.elts[1] for row in rows if isinstance(row, ast.Tuple))


def _called(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _name(expression: ast.expr) -> str:
    match expression:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=func, args=[first, *_]):
            return _name(first) if not isinstance(first, ast.Constant) else _name(func)
        case ast.Call(func=func):
            return _name(func)
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return key
        case ast.Subscript(value=value) | ast.BinOp(left=value) | ast.Await(value=value):
            return _name(value)
    return "value"


def _docstring(node: ast.FunctionDef) -> Iterator[ast.expr]:
    """Its paragraphs, as click shows them."""
    for paragraph in (ast.get_docstring(node) or "").split("\n\n"):
        if text := " ".join(paragraph.split()):
            yield _text(text, node)


def _text(text: str, near: ast.stmt | ast.expr) -> ast.expr:
    return ast.Constant(value=text, lineno=near.lineno, col_offset=0)


def _assignments(function: _Function | None) -> Mapping[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function) if function else ():
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.setdefault(name, []).append(value)
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                for target, value in zip(names, values, strict=True):
                    if isinstance(target, ast.Name):
                        found.setdefault(target.id, []).append(value)
    return found


def _templates(expression: ast.expr, known: Mapping[str, list[ast.expr]]) -> Iterator[str]:
    """The messages that *expression* can become; none of what is not written out there."""
    for choice in _choices(expression, known):
        match choice:
            case ast.Constant(value=str(text)):
                yield from filter(_is_message, [text])
            case ast.JoinedStr() | ast.BinOp(op=ast.Add()):
                yield from filter(_is_message, [_template(choice, {})])


def _choices(expression: ast.expr, known: Mapping[str, list[ast.expr]]) -> Iterator[ast.expr]:
    """What *expression* may be."""
    match expression:
        case ast.IfExp(body=one, orelse=other):
            values = [one, other]
        case ast.BoolOp(values=values):
            pass
        case ast.Name(id=name):
            values = [value for value in known.get(name, ()) if not isinstance(value, ast.Name)]
        case _:
            yield expression
            return
    for value in values:
        yield from _choices(value, known)


def _template(expression: ast.expr, names: dict[str, str]) -> str:
    """*names*: gap's name -> source of the expression in it."""
    match expression:
        case ast.JoinedStr(values=parts):
            return "".join(_template(part, names) for part in parts)
        case ast.BinOp(left=left, right=right):
            return _template(left, names) + _template(right, names)
        case ast.Constant(value=str(text)):
            return text
        case ast.FormattedValue(value=value):
            return "{" + _gap(value, names) + "}"
    return "{" + _gap(expression, names) + "}"


def _gap(value: ast.expr, names: dict[str, str]) -> str:
    source, wish = ast.unparse(value), _name(value).strip("_").lower() or "value"
    name, number = wish, 1
    while names.setdefault(name, source) != source:
        number += 1
        name = f"{wish}{number}"
    return name


def _is_message(text: str) -> bool:
    """Whether there is a word in it beside its gaps."""
    outside = "".join(part for index, part in enumerate(text.replace("}", "{").split("{")) if index % 2 == 0)
    return any(map(str.isalpha, outside))
