"""Formulas and tables apart from the rest of a page's markup, as the paper's code finds them and as our parser does."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gotwatch.documents import Mode
from gotwatch.evaluation import distance, figures
from gotwatch.evaluation.figures import Figures
from gotwatch.render import markup
from gotwatch.render.blocks import (
    Block,
    Display,
    Figure,
    Formula,
    Front,
    Markup,
    Quotation,
    Span,
    Statement,
    Table,
    walk,
)
from gotwatch.render.readable.grid import places
from gotwatch.render.readable.page import readable
from gotwatch.render.web.inventory import lines_of, walk_pieces

# As the paper's code looks for them: a display on one line, a table that need not be closed.
_INLINE = re.compile(r"\\\((.*?)(?<!\\)\\\)")
_DISPLAY = re.compile(r"\\\[(.+?)(?<!\\)\\\]")
_TABULAR = re.compile(r"\\begin\{tabular\}(.+?)(?:\\end\{tabular\}|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PaperParts:
    """Each counted by itself; None where either side has none, as the paper leaves that out."""

    formulas: Figures | None
    tables: Figures | None


@dataclass(frozen=True, slots=True)
class FairParts:
    """Edit distances, as shares; None where neither side has any. What only one side has is wrong."""

    text: float | None  # without displayed formulas and tables
    formulas: float | None
    tables: float | None


def paper(label: str, answer: str) -> PaperParts:
    return PaperParts(
        figures.paper(_paper_formulas(label), _paper_formulas(answer)),
        figures.paper(_paper_tables(label), _paper_tables(answer)),
    )


def fair(truth: str, answer: str) -> FairParts:
    printed, read = _Parts.of(truth), _Parts.of(answer)
    return FairParts(
        _distance(printed.text, read.text),
        _distance(printed.formulas, read.formulas),
        _distance(printed.tables, read.tables),
    )


def _paper_formulas(text: str) -> str:
    return "\n".join(_INLINE.findall(text)) + "\n".join(_DISPLAY.findall(text))


def _paper_tables(text: str) -> str:
    return "\n".join(_TABULAR.findall(text))


def _distance(printed: str, read: str) -> float | None:
    return distance.share(printed, read) if printed or read else None


@dataclass(frozen=True, slots=True)
class _Parts:
    text: str
    formulas: str  # one a line, without white space, which TeX does not show
    tables: str  # cells parted by tabs, rows by line ends

    @classmethod
    def of(cls, text: str) -> "_Parts":
        parsed = markup.parse(text, mode=Mode.FORMAT)
        tables = [block for block in walk(parsed.blocks) if isinstance(block, Table)]
        inside = [table.span for table in tables]
        formulas = sorted(_formulas(parsed.blocks, inside), key=lambda formula: formula.span.begin)
        return cls(
            text=figures.even(_shown(tuple(_without(parsed.blocks)))),
            formulas="\n".join("".join(formula.tex.split()) for formula in formulas),
            tables="\n".join(row for table in tables for row in _rows(table)),
        )


def _formulas(blocks: tuple[Block, ...], tables: Iterable[Span]) -> Iterator[Formula | Display]:
    """But for those in *tables*, which are part of their cells."""
    for block in walk(blocks):
        if any(table.begin <= block.span.begin < table.end for table in tables):
            continue
        if isinstance(block, Display):
            yield block
        for line in lines_of(block):
            yield from (piece for piece in walk_pieces(line) if isinstance(piece, Formula))


def _without(blocks: Iterable[Block]) -> Iterator[Block]:
    """*blocks* without displayed formulas and tables, also in what holds blocks."""
    for block in blocks:
        match block:
            case Display() | Table():
                pass
            case Front() | Quotation() | Statement() | Figure():
                yield replace(block, blocks=tuple(_without(block.blocks)))
            case _:
                yield block


def _rows(table: Table) -> Iterator[str]:
    cells: defaultdict[int, dict[int, str]] = defaultdict(dict)
    for place in places(table.rows):
        cells[place.row][place.column] = figures.even(_shown(place.cell.blocks))
    for row in sorted(cells):
        columns = cells[row]
        yield "\t".join(columns.get(column, "") for column in range(max(columns) + 1))


def _shown(blocks: tuple[Block, ...]) -> str:
    return readable(Markup("", blocks))
