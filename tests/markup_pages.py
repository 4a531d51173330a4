"""Pages of markup for tests: the samples, what a careless model makes of them, and what must hold of any page."""

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

from gotwatch.render.blocks import Block, Cell, Item, Markup, Piece, Span

SAMPLES = tuple(
    sorted(path for path in Path(__file__).with_name("golden").joinpath("markup").iterdir() if path.suffix != ".blocks")
)
_SIGNS = re.compile(r"\\[A-Za-z]+|\\.|\$\$?|[{}&|*`#>\[\]\n]|\w+", re.DOTALL)
_SWAPPED = [
    r"\(",
    r"\)",
    r"\[",
    r"\]",
    "$",
    "$$",
    "{",
    "}",
    "&",
    r"\\",
    "\n",
    "\n\n",
    "|",
    "**",
    "`",
    "```",
    "<smiles>",
]
_SWAPPED += [
    r"\begin{tabular}{ll}",
    r"\end{tabular}",
    r"\begin{itemize}",
    r"\item",
    r"\hline",
    r"\section*{",
    r"\caption{",
]
_SWAPPED += [
    r"\multirow{2}{*}{",
    r"\multicolumn{2}{c}{",
    r"\footnotetext{",
    r"\textbf{",
    r"\begin{figure}",
    r"\end{figure}",
]

Node = Block | Piece | Item | Cell


def mutated(page: str, chance: random.Random) -> str:
    """*page* with a few faults of the kinds that a model makes."""
    for _ in range(chance.randint(1, 4)):
        page = chance.choice([_cut, _dropped, _doubled, _swapped, _joined, _misplaced])(page, chance)
    return page


def _cut(page: str, chance: random.Random) -> str:
    at = chance.randrange(len(page) + 1)
    return page[:at] if chance.random() < 0.7 else page[at:]


def _stretch(page: str, chance: random.Random, most: int) -> tuple[int, int]:
    begin = chance.randrange(len(page) + 1)
    return begin, min(len(page), begin + chance.randint(1, most))


def _dropped(page: str, chance: random.Random) -> str:
    begin, end = _stretch(page, chance, 3)
    return page[:begin] + page[end:]


def _doubled(page: str, chance: random.Random) -> str:
    begin, end = _stretch(page, chance, 40)
    return page[:end] + page[begin:end] * chance.choice([1, 1, 1, 20]) + page[end:]


def _swapped(page: str, chance: random.Random) -> str:
    signs = list(_SIGNS.finditer(page))
    if not signs:
        return page
    sign = chance.choice(signs)
    return page[: sign.start()] + chance.choice(_SWAPPED) + page[sign.end() :]


def _joined(page: str, chance: random.Random) -> str:
    other = chance.choice(SAMPLES[:8]).read_text("utf-8")
    begin, end = _stretch(other, chance, 300)
    at = chance.randrange(len(page) + 1)
    return page[:at] + other[begin:end] + page[at:]


def _misplaced(page: str, chance: random.Random) -> str:
    begin, end = _stretch(page, chance, 60)
    rest = page[:begin] + page[end:]
    at = chance.randrange(len(rest) + 1)
    return rest[:at] + page[begin:end] + rest[at:]


def misplaced_spans(markup: Markup) -> list[str]:
    """Nodes that do not lie in their parent, or not behind their elder."""
    return list(_misplaced_spans(markup.blocks, Span(0, len(markup.source))))


def _misplaced_spans(nodes: Iterable[Node], parent: Span) -> Iterator[str]:
    here = parent.begin
    for node in nodes:
        if not here <= node.span.begin <= node.span.end <= parent.end:
            yield f"{type(node).__name__} {node.span} behind {here} in {parent}"
        here = node.span.end
        yield from _misplaced_spans(children(node), node.span)


def children(node: Node) -> list[Node]:
    """In the order of the page: a caption may stand above or below what it belongs to."""
    values = [getattr(node, field.name) for field in fields(node)]
    found = [child for value in values if isinstance(value, tuple) for child in _flat(value)]
    return sorted(found, key=lambda child: (child.span.begin, child.span.end))


def _flat(value: tuple[object, ...]) -> Iterator[Node]:
    for child in value:
        if isinstance(child, tuple):
            yield from _flat(child)
        elif isinstance(child, Node):
            yield child
