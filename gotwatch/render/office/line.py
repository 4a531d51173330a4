"""Pieces of a line for a word processor."""

import re
from collections.abc import Iterable, Iterator

from gotwatch.render.blocks import (
    Formula,
    InlineCode,
    Link,
    NoteMark,
    Picture,
    Piece,
    Raw,
    Style,
    Styled,
    Words,
)
from gotwatch.render.formulas.prepare import prepared
from gotwatch.render.office import tree
from gotwatch.render.office.tree import Nodes
from gotwatch.render.unclaimed import Unclaimed

_STYLES = {
    Style.BOLD: "Strong",
    Style.ITALIC: "Emph",
    Style.UNDERLINE: "Underline",
    Style.STRUCK: "Strikeout",
    Style.SMALL_CAPITALS: "SmallCaps",
    Style.RAISED: "Superscript",
    Style.LOWERED: "Subscript",
}
_NAME = re.compile(r"\\operatorname\*?\s*\{[^{}]*\}")
_BLANK = re.compile(r"\\[,:;>! ]|~")  # which pandoc does not know in a name
_TAG = re.compile(r"\\tag\*?\s*\{([^{}]*)\}")


class Notes:
    """The footnotes of a page: a word processor keeps each at its mark."""

    def __init__(self, unclaimed: Unclaimed) -> None:
        self._unclaimed = unclaimed

    def line(self, pieces: Iterable[Piece]) -> Nodes:
        return [made for piece in pieces for made in self._piece(piece)]

    def unmarked(self) -> Iterator[Nodes]:
        """Those that no mark has asked for, as lines."""
        for note in self._unclaimed:
            label = [tree.node("Superscript", [tree.words(note.label)])] if note.label else []
            yield [*label, *self.line(note.pieces)]

    def _piece(self, piece: Piece) -> Nodes:
        match piece:
            case Words(text=text) | Raw(text=text):
                return list(_lines(text))
            case Formula(tex=tex):
                return formula(tex, display=False)
            case InlineCode(text=text):
                return [tree.code(text)]
            case Styled(style=style, pieces=pieces):
                inner = self.line(pieces)
                return [tree.node(_STYLES[style], inner)] if style in _STYLES else inner
            case Link(target=target, pieces=pieces):
                return [tree.link(target, self.line(pieces))]
            case Picture(text=text):
                return [tree.words(f"[image: {text}]" if text else "[image]")]
            case NoteMark():
                return [self._mark(piece)]

    def _mark(self, mark: NoteMark) -> tree.Node:
        pieces = self._unclaimed.claim(mark)
        if not pieces:
            return tree.node("Superscript", [tree.words(mark.label or "*")])
        label = [] if not mark.label or mark.label.isdecimal() else [tree.words(f"{mark.label} ")]
        return tree.note([tree.paragraph([*label, *self.line(pieces)])])


def formula(tex: str, *, display: bool) -> Nodes:
    """What pandoc does not understand of it, it shows as TeX; a number in the margin it would drop."""
    plain = _TAG.sub(r"\\qquad \\text{(\1)}", prepared(tex, display=display)).strip()
    plain = _NAME.sub(lambda name: _BLANK.sub(" ", name[0]), plain)
    return [tree.math(plain, display=display)] if plain else []


def _lines(text: str) -> Iterator[tree.Node]:
    for number, line in enumerate(text.split("\n")):
        if number:
            yield tree.line_break()
        if line:
            yield tree.words(line)
