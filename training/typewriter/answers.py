"""What stands on sheets as the tokens of an answer, and the cell behind each of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from training.typewriter import font, vocabulary
from training.typewriter.pages import CELLS_HIGH, CELLS_WIDE, COLUMNS, ROWS, TOKENS_PER_VIEW, TOKENS_WIDE
from training.typewriter.writing import Block, Kind

NOWHERE = -1

_CELLS = ROWS * COLUMNS


@dataclass(frozen=True, slots=True)
class Piece:
    """A token of an answer and the cell that shows what it says."""

    token: int
    cell: int = NOWHERE  # counted over all views, row by row

    @property
    def row(self) -> int:
        """In its view."""
        return self.cell % _CELLS // COLUMNS

    @property
    def column(self) -> int:
        return self.cell % COLUMNS

    @property
    def place(self) -> int:
        """The image token that shows the cell."""
        return self.cell // _CELLS * TOKENS_PER_VIEW + self.row // CELLS_HIGH * TOKENS_WIDE + self.column // CELLS_WIDE


def text_of(pieces: Iterable[Piece]) -> str:
    return vocabulary.tokenizer().decode([piece.token for piece in pieces], skip_special_tokens=True)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one row that is to be written, as part of a block."""

    kind: Kind
    row: int
    start: int
    glyphs: tuple[int, ...]
    opens: bool = True  # the first row of its block
    closes: bool = True  # the last one


def spans_of(blocks: tuple[Block, ...]) -> list[Span]:
    spans: list[Span] = []
    for block in blocks:
        for place, glyphs in enumerate(block.rows):
            opens, closes = place == 0, place == len(block.rows) - 1
            spans.append(Span(block.kind, len(spans), 0, glyphs, opens, closes))
    return spans


def cut(span: Span, left: int, right: int) -> Span | None:
    """What of the row stands in these columns, without spaces at its ends."""
    inside = [place for place in range(left, min(right + 1, len(span.glyphs))) if span.glyphs[place]]
    if not inside:
        return None
    return Span(span.kind, span.row, inside[0], span.glyphs[inside[0] : inside[-1] + 1])


def ended(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Without the last line's feed, and with the mark that ends the turn."""
    return (*pieces[:-1], Piece(vocabulary.mark("<|im_end|>"), pieces[-1].cell))


def written(spans: list[Span], *, formatted: bool, tiled: bool = False, page: int = 0) -> list[Piece]:
    pieces: list[Piece] = []
    for span in spans:
        place = _Places(span, tiled=tiled, page=page)
        pieces += _formatted(span, place) if formatted else _bare(span, place)
    return pieces


@dataclass(frozen=True, slots=True)
class _Places:
    """The cells of a row."""

    span: Span
    tiled: bool
    page: int

    def __getitem__(self, offset: int) -> int:
        row, column = self.span.row, self.span.start + offset
        if column >= (2 * COLUMNS if self.tiled else COLUMNS):
            return NOWHERE
        view = row // ROWS * 2 + column // COLUMNS if self.tiled else self.page
        return view * _CELLS + row % ROWS * COLUMNS + column % COLUMNS

    @property
    def end(self) -> int:
        return self[len(self.span.glyphs)]


def _bare(span: Span, place: _Places) -> list[Piece]:
    byte = vocabulary.byte_ids()
    letters = [Piece(byte[font.character(glyph)], place[offset]) for offset, glyph in enumerate(span.glyphs)]
    return [*letters, Piece(byte["\n"], place.end)]


def _formatted(span: Span, place: _Places) -> list[Piece]:
    match span.kind:
        case Kind.TEXT:
            return _bare(span, place)
        case Kind.FORMULA:
            *letters, _feed = _bare(span, place)
            return [*_markup("\\(", place[0]), *letters, *_markup("\\)", place.end), *_markup("\n", place.end)]
        case Kind.TABLE:
            return list(_table_row(span, place))
        case Kind.STAFF:
            return list(_music(span, place))


def _table_row(span: Span, place: _Places) -> Iterator[Piece]:
    byte = vocabulary.byte_ids()
    if span.opens:
        yield from _table_begin(span, place)
    for offset, glyph in enumerate(span.glyphs):
        if glyph == font.RULE:
            yield from (*_markup(" &", place[offset]), Piece(byte[" "], place[offset]))
        else:
            yield Piece(byte[font.character(glyph)], place[offset])
    for markup in (" \\\\\n", "\\hline", "\n"):
        yield from _markup(markup, place.end)
    if span.closes:
        for markup in ("\\end", "{tabular", "}", "\n"):
            yield from _markup(markup, place.end)


def _table_begin(span: Span, place: _Places) -> Iterator[Piece]:
    """Each column but the first at the rule before it, so that it is looked for and not known from the start."""
    for markup in ("\\begin", "{tabular", "}", "{", "|l"):
        yield from _markup(markup, place[0])
    for offset, glyph in enumerate(span.glyphs):
        if glyph == font.RULE:
            yield from _markup("|l", place[offset])
    yield from _markup("|", place.end)
    for markup in ("}\n", "\\hline", "\n"):
        yield from _markup(markup, place[0])


def _music(span: Span, place: _Places) -> Iterator[Piece]:
    byte = vocabulary.byte_ids()
    for markup in ("**", "kern", "\n"):
        yield from _markup(markup, place[0])
    for offset, glyph in enumerate(span.glyphs):
        for letter in font.NOTES[glyph - font.FIRST_NOTE].kern + "\n":
            yield Piece(byte[letter], place[offset])
    yield from _markup("*-", place.end)
    yield from _markup("\n", place.end)


def _markup(text: str, place: int) -> list[Piece]:
    (token,) = vocabulary.encode(text)
    return [Piece(token, place)]
