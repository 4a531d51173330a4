"""The tree that pandoc reads as JSON: its nodes by their names. The only module that knows their form."""

import json
from collections.abc import Sequence

from gotwatch.render.blocks import Align

Node = dict[str, object]
Nodes = list[Node]

_NO_ATTRIBUTES: list[object] = ["", [], []]
_PAGE_BREAK = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
_ALIGNS = {Align.LEFT: "AlignDefault", Align.CENTER: "AlignCenter", Align.RIGHT: "AlignRight"}


def document(title: str, blocks: Nodes, *, version: list[int]) -> bytes:
    meta = {"title": node("MetaInlines", [words(title)])}
    return json.dumps({"pandoc-api-version": version, "meta": meta, "blocks": blocks}).encode()


def node(name: str, content: object = None) -> Node:
    return {"t": name} if content is None else {"t": name, "c": content}


# In a line


def words(text: str) -> Node:
    return node("Str", text)


def line_break() -> Node:
    return node("LineBreak")


def math(tex: str, *, display: bool) -> Node:
    return node("Math", [node("DisplayMath" if display else "InlineMath"), tex])


def code(text: str) -> Node:
    return node("Code", [_NO_ATTRIBUTES, text])


def link(target: str, inner: Nodes) -> Node:
    return node("Link", [_NO_ATTRIBUTES, inner, [target, ""]])


def note(blocks: Nodes) -> Node:
    return node("Note", blocks)


# Blocks


def paragraph(line: Nodes) -> Node:
    return node("Para", line)


def heading(level: int, line: Nodes) -> Node:
    return node("Header", [level, _NO_ATTRIBUTES, line])


def code_block(text: str) -> Node:
    return node("CodeBlock", [_NO_ATTRIBUTES, text])


def quotation(blocks: Nodes) -> Node:
    return node("BlockQuote", blocks)


def bullets(items: Sequence[Nodes]) -> Node:
    return node("BulletList", list(items))


def numbers(start: int, items: Sequence[Nodes]) -> Node:
    return node("OrderedList", [[start, node("Decimal"), node("Period")], list(items)])


def rule() -> Node:
    return node("HorizontalRule")


def page_break() -> Node:
    return node("RawBlock", ["openxml", _PAGE_BREAK])


def cell(blocks: Nodes, *, align: Align = Align.LEFT, rows: int = 1, columns: int = 1) -> list[object]:
    return [_NO_ATTRIBUTES, node(_ALIGNS[align]), rows, columns, blocks]


def table(rows: Sequence[Sequence[list[object]]], *, columns: int, head_rows: int) -> Node:
    specs = [[node("AlignDefault"), node("ColWidthDefault")]] * columns
    made = [[_NO_ATTRIBUTES, list(row)] for row in rows]
    head, body = made[:head_rows], made[head_rows:]
    bodies = [[_NO_ATTRIBUTES, 0, [], body]]
    return node("Table", [_NO_ATTRIBUTES, [None, []], specs, [_NO_ATTRIBUTES, head], bodies, [_NO_ATTRIBUTES, []]])
