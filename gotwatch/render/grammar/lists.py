r"""Lists written with \item, also those that are never closed."""

import re
from collections.abc import Iterator

from gotwatch.render.blocks import Item, Listing, Piece, Span, Words
from gotwatch.render.grammar import labels
from gotwatch.render.grammar.arguments import behind_layout, option
from gotwatch.render.grammar.landmarks import Environment, Landmarks, Mark
from gotwatch.render.grammar.scope import Opened, Scope, trimmed
from gotwatch.render.grammar.vocabulary import ORDERED_LISTS

_ITEM = re.compile(r"\\item(?![A-Za-z])\*?")
_COUNTER = re.compile(r"\\setcounter\s*\{enum[iv]+\}\s*\{\s*(\d{1,6})\s*\}")
_START = re.compile(r"start\s*=\s*(\d{1,6})")


def listing(scope: Scope, found: Environment) -> Opened:
    body_end = min(found.body_end, scope.end)
    places = tuple(_own_items(scope.marks, found.body_begin, body_end))
    end = found.end
    if not found.ends_by(scope.end):
        end = body_end = scope.marks.paragraph_end(places[-1] if places else found.body_begin, body_end)
    head = Span(found.body_begin, places[0] if places else body_end)
    shape, head_begin = _shape(scope, head)
    blocks = scope.blocks(head_begin, head.end)
    if places:
        ordered = found.name.removesuffix("*") in ORDERED_LISTS
        start = _start(scope.text[head.begin : head.end]) if ordered else 1
        items = tuple(_items(scope, places, body_end, shape=shape if ordered else "", start=start))
        blocks = (*blocks, Listing(ordered, start, items, Span(head.end if blocks else found.begin, end)))
    return Opened(blocks, end)


def _shape(scope: Scope, head: Span) -> tuple[str, int]:
    """How the list marks its items, and where its head goes on behind the options that say so."""
    options = option(scope.marks, head.begin, head.end)
    if options and (shape := labels.pattern(scope.text[options.inside.begin : options.inside.end])):
        return shape, options.end
    behind = behind_layout(scope.marks, head.begin, head.end, count=0)
    return "", head.begin if behind is None else behind


def stray(scope: Scope, at: int) -> Opened | None:
    r"""Items without a \begin: those of a list that began on the page before. None in what the survey took for code."""
    places = tuple(_own_items(scope.marks, at, scope.end))
    if not places:
        return None
    end = scope.marks.paragraph_end(places[-1], scope.end)
    return Opened((Listing(False, 1, tuple(_items(scope, places, end, shape="", start=1)), Span(at, end)),), end)


def _own_items(marks: Landmarks, begin: int, end: int) -> Iterator[int]:
    """The items that belong to no list within."""
    behind_inner = begin
    inner = iter(marks.all(Mark.BEGIN, begin, end))
    following = next(inner, None)
    for place in marks.all(Mark.ITEM, begin, end):
        while following is not None and following < place:
            environment = marks.environment(following, end)
            if environment is not None and following >= behind_inner:
                behind_inner = min(environment.end, end)
            following = next(inner, None)
        if place >= behind_inner:
            yield place


def _items(scope: Scope, places: tuple[int, ...], end: int, *, shape: str, start: int) -> Iterator[Item]:
    for number, (begin, behind) in enumerate(zip(places, (*places[1:], end), strict=True), start):
        mark = Words(labels.label(shape, number), Span(begin, begin)) if shape else None
        yield _item(scope, begin, behind, (mark,) if mark else ())


def _item(scope: Scope, begin: int, end: int, usual: tuple[Piece, ...]) -> Item:
    head = _ITEM.match(scope.text, begin, end)
    label_begin = head.end() if head else begin
    label = option(scope.marks, label_begin, end)
    pieces = scope.pieces(label.inside.begin, label.inside.end) if label else usual
    blocks = scope.blocks(label.end if label else label_begin, end)
    return Item(pieces, blocks, Span(begin, trimmed(scope.text, begin, end).end))


def _start(head: str) -> int:
    if counter := _COUNTER.search(head):
        return int(counter[1]) + 1
    start = _START.search(head)
    return int(start[1]) if start else 1
