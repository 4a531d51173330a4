"""Whether a page lost anything on its way from markup to blocks.

Every word of the source must be shown by a piece or a block, or belong to markup that this module knows apart from the
parser: names of commands, settings of tables, lengths.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gotwatch.render.blocks import (
    Block,
    Chart,
    Code,
    Display,
    Drawing,
    Figure,
    Footnote,
    Formula,
    Heading,
    InlineCode,
    Link,
    Listing,
    Markup,
    Molecule,
    NoteMark,
    Paragraph,
    Picture,
    Piece,
    Raw,
    Score,
    SourceBox,
    Span,
    Statement,
    Styled,
    Words,
    walk,
)
from gotwatch.render.unshown import without_markup

_INVENTED_ADDRESS = re.compile(r"https?://cdn\.mathpix\.com/[\w./?=&%-]*")
_PICTURE_OPTIONS = re.compile(r"\\includegraphics\*?(?:\s*\[([^\n]*?=[^\n]*?)\](?=\s*\{))?")
_ALTERNATIVE = re.compile(r"\balt\s*=\s*\{([^{}]*)\}")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*\{[^{}]*\}")
_END = re.compile(r"\\end\s*\{[^{}]*\}")
_TAG = re.compile(r"</?smiles>")
_VERB = re.compile(r"\\(?:verb|lstinline)")
_LANGUAGE_NAME = re.compile(r"\blanguage\s*=")
_CHART_WORDS = re.compile(r"\b(?:title|source|x_title|y_title|values|None|null)\b")
_SIGNIFICANT = re.compile(r"[^\W_]+|[%@<+=]")


@dataclass(frozen=True, slots=True)
class Loss:
    """Words of the source that no block shows."""

    words: str
    span: Span


@dataclass(frozen=True, slots=True)
class _Shown:
    span: Span
    source: str  # what of the stretch must be shown
    text: str


def losses(markup: Markup) -> tuple[Loss, ...]:
    shown = sorted(_shown(markup), key=lambda one: (one.span.begin, one.span.end))
    facts = tuple(_facts(markup.blocks))
    return (*_lost_within(shown), *_lost_between(markup.source, shown, facts))


def _lost_within(shown: Iterable[_Shown]) -> Iterator[Loss]:
    for one in shown:
        if not _is_part(_signs(one.source), _signs(one.text)):
            yield Loss(one.source, one.span)


def _lost_between(source: str, shown: Iterable[_Shown], facts: tuple[tuple[Span, str], ...]) -> Iterator[Loss]:
    here = 0
    for one in (*shown, _Shown(Span(len(source), len(source)), "", "")):
        gap = Span(here, max(here, one.span.begin))
        left = set(_words(without_markup(source[gap.begin : gap.end])))
        if left:
            told = " ".join(fact for span, fact in facts if span.begin < gap.end and gap.begin < span.end)
            left.difference_update(_words(told))
        if left:
            yield Loss(" ".join(sorted(left)), gap)
        here = max(here, one.span.end)


def _words(text: str) -> list[str]:
    return _SIGNIFICANT.findall(text)


def _signs(text: str) -> str:
    return "".join(_words(unicodedata.normalize("NFD", text)))


def _is_part(inner: str, outer: str) -> bool:
    """Whether the signs of *inner* come in *outer*, in this order."""
    rest = iter(outer)
    return inner in outer or all(sign in rest for sign in inner)


def _shown(markup: Markup) -> Iterator[_Shown]:
    for block in walk(markup.blocks):
        for piece in _pieces(block):
            yield from _shown_piece(piece, markup.source)
        yield from _shown_block(block, markup.source[block.span.begin : block.span.end])


def _pieces(block: Block) -> Iterator[Piece]:
    match block:
        case Heading(pieces=pieces) | Paragraph(pieces=pieces) | Footnote(pieces=pieces):
            yield from pieces
        case Statement(title=pieces) | Figure(caption=pieces):
            yield from pieces
        case Listing(items=items):
            for item in items:
                yield from item.label
        case _:
            pass


def _shown_piece(piece: Piece, page: str) -> Iterator[_Shown]:
    inner = _inner(piece)
    for one in inner:
        yield from _shown_piece(one, page)
    if not inner:
        yield _Shown(piece.span, *_source_and_text(piece, page[piece.span.begin : piece.span.end]))


def _inner(piece: Piece) -> tuple[Piece, ...]:
    return piece.pieces if isinstance(piece, Styled | Link | NoteMark) else ()


def _source_and_text(piece: Piece, source: str) -> tuple[str, str]:
    match piece:
        case Words(text=text) | NoteMark(label=text):
            return without_markup(source), text
        case Formula(tex=text) | Raw(text=text):
            return source, text
        case InlineCode(text=text):
            return _VERB.sub("", source), text
        case Picture(text=text):
            return _PICTURE_OPTIONS.sub(_alternative_text, _INVENTED_ADDRESS.sub("", source)), text
        case Styled() | Link():
            return without_markup(source), ""


def _alternative_text(options: re.Match[str]) -> str:
    found = _ALTERNATIVE.search(options[1] or "")
    return found[1] if found else ""


def _shown_block(block: Block, source: str) -> Iterator[_Shown]:
    match block:
        case Display(tex=text):
            yield _Shown(block.span, _END.sub("", source), text)
        case Drawing(tikz=text) | Score(kern=text) | SourceBox(text=text):
            yield _Shown(block.span, source, text)
        case Molecule(smiles=text):
            yield _Shown(block.span, _TAG.sub("", source), text)
        case Code(text=text, language=language):
            yield _Shown(block.span, _LANGUAGE_NAME.sub("", _ENVIRONMENT.sub("", source)), f"{language}\n{text}")
        case Chart():
            yield _Shown(block.span, _sorted(_CHART_WORDS.sub("", source)), _sorted(_chart_text(block)))
        case _:
            pass


def _sorted(text: str) -> str:
    """A chart turns the order of rows and columns round, and shows a name once that each series repeats."""
    return " ".join(sorted(set(_words(text))))


def _chart_text(chart: Chart) -> str:
    values = (f"{name} {' '.join(value or '' for value in row)}" for name, row in chart.rows)
    others = (" ".join(pair) for pair in chart.others)
    labels = (chart.title, chart.source_note, chart.x_label, chart.y_label)
    return " ".join((*labels, *chart.columns, *values, *others))


def _facts(blocks: tuple[Block, ...]) -> Iterator[tuple[Span, str]]:
    """What blocks and pieces know of their markup beside what they hold."""
    for block in walk(blocks):
        if isinstance(block, Listing) and block.ordered:
            yield block.span, " ".join(str(block.start + number) for number in range(len(block.items)))
        if isinstance(block, Footnote):
            yield block.span, block.label
        for piece in _pieces(block):
            yield from _piece_facts(piece)


def _piece_facts(piece: Piece) -> Iterator[tuple[Span, str]]:
    if isinstance(piece, Link | NoteMark):
        yield piece.span, piece.target if isinstance(piece, Link) else piece.label
    for one in _inner(piece):
        yield from _piece_facts(one)
