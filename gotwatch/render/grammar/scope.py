"""A stretch of the page that is being parsed, how deep it lies, and how the stretches within it are parsed in turn."""

from collections.abc import Callable
from dataclasses import dataclass

from gotwatch.render.blocks import Block, Piece, Span, Words
from gotwatch.render.grammar import inline
from gotwatch.render.grammar.landmarks import Landmarks


@dataclass(frozen=True, slots=True)
class Opened:
    """What was found at a place: its blocks, and where the page goes on."""

    blocks: tuple[Block, ...]
    end: int


@dataclass(frozen=True, slots=True)
class Scope:
    marks: Landmarks
    begin: int
    end: int
    depth: int
    in_cell: bool  # where "# 3" and "> 5" are words, not a heading and a quotation
    read: Callable[["Scope"], tuple[Block, ...]]

    @property
    def text(self) -> str:
        """Of the whole page: all places count from its begin."""
        return self.marks.text

    def blocks(self, begin: int, end: int) -> tuple[Block, ...]:
        return self.read(Scope(self.marks, begin, end, self.depth + 1, self.in_cell, self.read))

    def cell(self, begin: int, end: int) -> tuple[Block, ...]:
        return self.read(Scope(self.marks, begin, end, self.depth + 1, True, self.read))

    def pieces(self, begin: int, end: int) -> tuple[Piece, ...]:
        inner = trimmed(self.text, begin, end)
        return _without_blank_ends(inline.pieces(self.marks, inner.begin, inner.end, self.depth + 1))


def _without_blank_ends(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Commands that show nothing leave the blanks around them."""
    begin, end = 0, len(pieces)
    while begin < end and _is_blank(pieces[begin]):
        begin += 1
    while end > begin and _is_blank(pieces[end - 1]):
        end -= 1
    return pieces[begin:end]


def _is_blank(piece: Piece) -> bool:
    return isinstance(piece, Words) and not piece.text.strip()


def trimmed(text: str, begin: int, end: int) -> Span:
    """The stretch without the white space at its ends."""
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    return Span(begin, end)
