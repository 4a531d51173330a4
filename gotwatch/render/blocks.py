"""What a page is made of once its markup is understood. Every block and every piece of a line knows its source."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Span:
    """Where something stands in the page's markup, in characters; *end* is behind the last."""

    begin: int
    end: int


# Pieces of a line


class Style(StrEnum):
    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    STRUCK = "struck"
    MONOSPACE = "monospace"
    SMALL_CAPITALS = "small capitals"
    RAISED = "raised"
    LOWERED = "lowered"


@dataclass(frozen=True, slots=True)
class Words:
    """Text as it is to be shown: escapes are undone, line breaks are the model's own."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Formula:
    """TeX without its delimiters."""

    tex: str
    span: Span


@dataclass(frozen=True, slots=True)
class Styled:
    style: Style
    pieces: tuple["Piece", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class InlineCode:
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Link:
    """*target* is http, https or mailto: nothing else becomes a link."""

    target: str
    pieces: tuple["Piece", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the model saw: what it says of it. An address is invented and only ever shown as text."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class NoteMark:
    """The mark of a footnote, or a whole footnote at the place where it was written."""

    label: str
    pieces: tuple["Piece", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Raw:
    """Markup in a line that is not understood, shown as it stands."""

    text: str
    span: Span


Piece = Words | Formula | Styled | InlineCode | Link | Picture | NoteMark | Raw


# Blocks


@dataclass(frozen=True, slots=True)
class Heading:
    level: int  # 1 to 6; the title of a paper is 1
    pieces: tuple[Piece, ...]
    span: Span


class FrontKind(StrEnum):
    AUTHOR = "author"
    DATE = "date"
    ABSTRACT = "abstract"
    KEYWORDS = "keywords"


@dataclass(frozen=True, slots=True)
class Front:
    """What stands between the title of a paper and its text."""

    kind: FrontKind
    blocks: tuple["Block", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Paragraph:
    pieces: tuple[Piece, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Display:
    """A formula on lines of its own. *tex* holds its environment, such as align*, where it has one."""

    tex: str
    span: Span


@dataclass(frozen=True, slots=True)
class Item:
    label: tuple[Piece, ...]  # one of its own, such as "(b)" or the term of a description; () for the usual mark
    blocks: tuple["Block", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Listing:
    ordered: bool
    start: int  # the first number
    items: tuple[Item, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Quotation:
    blocks: tuple["Block", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Statement:
    """A theorem, lemma, proof, ...: its kind as the model wrote it, and what stood in brackets behind."""

    kind: str
    title: tuple[Piece, ...]
    blocks: tuple["Block", ...]
    span: Span


class Align(StrEnum):
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Cell:
    blocks: tuple["Block", ...]
    span: Span
    align: Align = Align.LEFT
    columns: int = 1  # that it spans
    rows: int = 1
    line_above: bool = False
    line_below: bool = False
    line_left: bool = False
    line_right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; a place that a spanning cell covers has no cell of its own."""

    rows: tuple[tuple[Cell, ...], ...]
    span: Span
    head_rows: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """Blocks that belong together under a caption: a picture, a table, a drawing."""

    blocks: tuple["Block", ...]
    caption: tuple[Piece, ...]
    span: Span

    @property
    def is_caption_above(self) -> bool:
        """As that of a table mostly is."""
        return bool(self.caption and self.blocks) and self.caption[0].span.begin < self.blocks[0].span.begin


@dataclass(frozen=True, slots=True)
class Footnote:
    label: str
    pieces: tuple[Piece, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Code:
    text: str
    span: Span
    language: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Music as Humdrum **kern."""

    kern: str
    span: Span


@dataclass(frozen=True, slots=True)
class Drawing:
    """Geometry as TikZ, with its environment."""

    tikz: str
    span: Span


@dataclass(frozen=True, slots=True)
class Molecule:
    smiles: str
    span: Span


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as the dictionary that the model wrote of it, already taken apart without running anything."""

    title: str
    source_note: str
    x_label: str
    y_label: str
    columns: tuple[str, ...]  # names of the series
    rows: tuple[tuple[str, tuple[str | None, ...]], ...]  # a name and its values, one a column, as written
    span: Span
    others: tuple[tuple[str, str], ...] = ()  # what else the dictionary says, as names and values


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the page."""

    span: Span


@dataclass(frozen=True, slots=True)
class SourceBox:
    """Markup that is not understood, whole and visible, with the reason."""

    text: str
    reason: str
    span: Span


Block = (
    Heading
    | Front
    | Paragraph
    | Display
    | Listing
    | Quotation
    | Statement
    | Table
    | Figure
    | Footnote
    | Code
    | Score
    | Drawing
    | Molecule
    | Chart
    | Rule
    | SourceBox
)


@dataclass(frozen=True, slots=True)
class Markup:
    """One page, parsed."""

    source: str
    blocks: tuple[Block, ...]
    remarks: tuple[str, ...] = field(default=())  # what a person should know: cut short, repaired


def walk(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Every block, from outside to inside, in the order of the page."""
    for block in blocks:
        yield block
        match block:
            case Front(blocks=inner) | Quotation(blocks=inner) | Statement(blocks=inner) | Figure(blocks=inner):
                yield from walk(inner)
            case Listing(items=items):
                for item in items:
                    yield from walk(item.blocks)
            case Table(rows=rows):
                for row in rows:
                    for cell in row:
                        yield from walk(cell.blocks)
            case _:
                pass
