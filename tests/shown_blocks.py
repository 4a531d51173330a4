"""What a page shows, without places: the words of its pieces, the cells of its tables."""

from collections.abc import Iterator

from gotwatch.documents import Mode
from gotwatch.render.blocks import (
    Block,
    Formula,
    Heading,
    InlineCode,
    Link,
    Paragraph,
    Picture,
    Piece,
    Raw,
    Styled,
    Table,
    Words,
)
from gotwatch.render.markup import parse


def blocks(text: str) -> tuple[Block, ...]:
    return parse(text, mode=Mode.FORMAT).blocks


def pieces(text: str) -> tuple[Piece, ...]:
    (paragraph,) = blocks(text)
    assert isinstance(paragraph, Paragraph)
    return paragraph.pieces


def shown(nodes: tuple[Block | Piece, ...]) -> str:
    """The words and sources in it, without their spans."""
    return "".join(_shown(nodes))


def _shown(nodes: tuple[Block | Piece, ...]) -> Iterator[str]:
    for node in nodes:
        match node:
            case Words(text=text) | Raw(text=text) | InlineCode(text=text) | Picture(text=text):
                yield text
            case Formula(tex=tex):
                yield f"<{tex}>"
            case Styled(pieces=inner) | Link(pieces=inner) | Paragraph(pieces=inner) | Heading(pieces=inner):
                yield from _shown(inner)
            case _:
                yield type(node).__name__


def table(text: str) -> list[list[str]]:
    (found,) = blocks(text)
    assert isinstance(found, Table)
    return [[shown(cell.blocks) for cell in row] for row in found.rows]
