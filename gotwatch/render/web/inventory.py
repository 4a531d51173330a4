"""What stands on a page, wherever in it: all formulas, drawings, headings and footnotes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gotwatch.render.blocks import (
    Block,
    Chart,
    Display,
    Drawing,
    Figure,
    Footnote,
    Formula,
    Heading,
    Link,
    Listing,
    Molecule,
    NoteMark,
    Paragraph,
    Piece,
    Score,
    Statement,
    Styled,
    walk,
)
from gotwatch.render.formulas.engine import FormulaRequest

Drawable = Score | Drawing | Molecule | Chart


@dataclass(frozen=True, slots=True)
class Inventory:
    """In the order of the page."""

    formulas: tuple[FormulaRequest, ...]
    drawables: tuple[Drawable, ...]
    headings: tuple[Heading, ...]
    marks: tuple[NoteMark, ...]
    footnotes: tuple[Footnote, ...]


def take(blocks: tuple[Block, ...]) -> Inventory:
    every = tuple(walk(blocks))
    pieces = tuple(piece for block in every for line in lines_of(block) for piece in walk_pieces(line))
    inline = (FormulaRequest(piece.tex) for piece in pieces if isinstance(piece, Formula))
    displayed = (FormulaRequest(block.tex, display=True) for block in every if isinstance(block, Display))
    return Inventory(
        formulas=(*inline, *displayed),
        drawables=tuple(block for block in every if isinstance(block, Drawable)),
        headings=tuple(block for block in every if isinstance(block, Heading)),
        marks=tuple(piece for piece in pieces if isinstance(piece, NoteMark)),
        footnotes=tuple(block for block in every if isinstance(block, Footnote)),
    )


def lines_of(block: Block) -> Iterator[tuple[Piece, ...]]:
    """The lines of *block* itself, not of the blocks in it."""
    match block:
        case Heading(pieces=pieces) | Paragraph(pieces=pieces) | Footnote(pieces=pieces):
            yield pieces
        case Statement(title=title):
            yield title
        case Figure(caption=caption):
            yield caption
        case Listing(items=items):
            for item in items:
                yield item.label
        case _:
            pass


def walk_pieces(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Every piece, from outside to inside."""
    for piece in pieces:
        yield piece
        if isinstance(piece, Styled | Link | NoteMark):
            yield from walk_pieces(piece.pieces)
