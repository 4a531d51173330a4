"""Lists whose items begin with a dash, a star or a number at the start of a line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gotwatch.render.blocks import Item, Listing, Span
from gotwatch.render.grammar.scope import Opened, Scope

_MARK = re.compile(r"([ \t]*)(?:([-*])|(\d{1,6})\.)[ \t]+(?=\S)")
_LEAST_ITEMS = 2  # one dash alone is a dash
_INDENT_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line with its mark."""

    begin: int
    text_begin: int
    end: int
    indent: int
    number: int | None


def bullets(scope: Scope, at: int) -> Opened | None:
    """None unless all lines of the paragraph are items, and their numbers count up."""
    end = scope.marks.paragraph_end(at, scope.end)
    entries = tuple(_entries(scope, at, end))
    if len(entries) < _LEAST_ITEMS or entries[-1].end < end or not _is_list(entries, entries[0].indent):
        return None
    return Opened((_listing(scope, entries),), end)


def _entries(scope: Scope, begin: int, end: int) -> Iterator[_Entry]:
    """Up to the first line that is no item."""
    here = begin
    while here < end and (mark := _MARK.match(scope.text, here, end)):
        line_end = scope.marks.line_end(here, end)
        number = int(mark[3]) if mark[3] else None
        yield _Entry(here, mark.end(), line_end, len(mark[1].expandtabs(_INDENT_COLUMNS)), number)
        here = line_end + 1


def _is_list(entries: tuple[_Entry, ...], indent: int) -> bool:
    top = [entry for entry in entries if entry.indent <= indent]
    first = top[0].number
    if first is None:
        return all(entry.number is None for entry in top)
    return [entry.number for entry in top] == list(range(first, first + len(top)))


def _listing(scope: Scope, entries: tuple[_Entry, ...]) -> Listing:
    indent = entries[0].indent
    tops = [number for number, entry in enumerate(entries) if entry.indent <= indent]
    members = (entries[begin:end] for begin, end in zip(tops, [*tops[1:], len(entries)], strict=True))
    items = tuple(_item(scope, own) for own in members)
    number = entries[0].number
    return Listing(number is not None, 1 if number is None else number, items, Span(entries[0].begin, entries[-1].end))


def _item(scope: Scope, entries: tuple[_Entry, ...]) -> Item:
    """An item with the lines that are indented under it."""
    head, inner = entries[0], entries[1:]
    blocks = scope.cell(head.text_begin, head.end)
    if inner and _is_list(inner, inner[0].indent):
        blocks = (*blocks, _listing(scope, inner))
    elif inner:
        blocks = scope.cell(head.text_begin, inner[-1].end)
    return Item((), blocks, Span(head.begin, entries[-1].end))
