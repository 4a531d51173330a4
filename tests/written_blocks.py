"""Blocks as indented text, for golden files that a person can read: python -m tests.written_blocks writes them anew."""

from collections.abc import Iterable, Iterator
from dataclasses import fields

from gotwatch.documents import Mode
from gotwatch.render.blocks import Block, Cell, Item, Markup, Piece, Table
from gotwatch.render.markup import parse
from tests.markup_pages import SAMPLES

# Without the endless repetition: a quarter of a megabyte that says nothing.
GOLDEN = {path: path.with_name(f"{path.name}.blocks") for path in SAMPLES if "repetition" not in path.name}

_Node = Block | Piece | Item | Cell
_INDENT = "  "


def written(markup: Markup) -> str:
    remarks = [f"remark: {remark}" for remark in markup.remarks]
    return "\n".join([*_nodes(markup.blocks, 0), *remarks]) + "\n"


def _nodes(nodes: Iterable[_Node], depth: int) -> Iterator[str]:
    for node in nodes:
        yield from _node(node, depth)


def _node(node: _Node, depth: int) -> Iterator[str]:
    values = {field.name: getattr(node, field.name) for field in fields(node)}
    span = values.pop("span")
    yield f"{_INDENT * depth}{type(node).__name__} {span.begin}-{span.end}{''.join(_facts(values))}"
    for name, value in values.items():
        if name in ("label", "title", "caption") and isinstance(value, tuple) and value:
            yield f"{_INDENT * (depth + 1)}{name}:"
            yield from _nodes(value, depth + 2)
        elif name in ("pieces", "blocks", "items"):
            yield from _nodes(value, depth + 1)
    if isinstance(node, Table):
        for row in node.rows:
            yield f"{_INDENT * (depth + 1)}row"
            yield from _nodes(row, depth + 2)


def _facts(values: dict[str, object]) -> Iterator[str]:
    """What differs from the usual; a chart's rows too, which hold no nodes."""
    for name, value in values.items():
        if isinstance(value, str) and value not in ("", "left"):
            yield f" {name}={str(value)!r}"
        elif isinstance(value, int) and value != (1 if name in ("columns", "rows") else 0):
            yield f" {name}={value}"
        elif isinstance(value, tuple) and value and not hasattr(value[0], "span") and not _holds_cells(value):
            yield f" {name}={value!r}"


def _holds_cells(value: tuple[object, ...]) -> bool:
    return any(isinstance(row, tuple) and (not row or isinstance(row[0], Cell)) for row in value)


if __name__ == "__main__":
    for sample, golden in GOLDEN.items():
        golden.write_text(written(parse(sample.read_text("utf-8"), mode=Mode.FORMAT)), "utf-8")
