"""Blocks as Markdown of GitHub's flavour, which editors and note programs read too."""

import html
import re
from collections.abc import Iterable

from gotwatch.render.blocks import (
    Block,
    Cell,
    Chart,
    Code,
    Display,
    Drawing,
    Figure,
    Footnote,
    Front,
    FrontKind,
    Heading,
    Item,
    Listing,
    Markup,
    Molecule,
    Paragraph,
    Piece,
    Quotation,
    Rule,
    Score,
    SourceBox,
    Statement,
    Table,
)
from gotwatch.render.chart_remarks import remarks
from gotwatch.render.github import formulas, tables
from gotwatch.render.github.line import Line, Notes, Surroundings
from gotwatch.render.github.literal import begun, escaped, paragraph
from gotwatch.render.unclaimed import footnotes_of

_BACKTICKS = re.compile(r"`{3,}")
_LANGUAGE = re.compile(r"[\w+#-]+")
_APART = "<!-- -->"  # two lists in a row would become one
_HASHES_AT_END = re.compile(r"#(?=#*$)")


def markdown(markup: Markup, *, page: int) -> str:
    notes = Notes(page, footnotes_of(markup.blocks))
    lines = _Page(notes, Surroundings.TEXT).blocks(markup.blocks)
    for note in notes.paragraphs():
        lines += ["", note] if lines else [note]
    return "\n".join(lines)


class _Page:
    def __init__(self, notes: Notes, surroundings: Surroundings) -> None:
        self._notes = notes
        self._surroundings = surroundings
        self._line = Line(notes, surroundings)

    def blocks(self, blocks: Iterable[Block], *, in_item: bool = False) -> list[str]:
        """With an empty line between two of them, but none above a list within a list."""
        lines: list[str] = []
        last: Block | None = None
        for block in blocks:
            here = self._block(block)
            if lines and here:
                lines += _between(last, block, in_item=in_item)
            lines += here
            last = block if here else last
        return lines

    def _block(self, block: Block) -> list[str]:
        match block:
            case Heading() | Paragraph():
                return self._words(block)
            case Display(tex=tex):
                return formulas.display(tex)
            case Footnote():
                return []
            case Rule():
                return ["---"]
            case Table() | Chart():
                return self._tabular(block)
            case Code() | SourceBox() | Score() | Drawing() | Molecule():
                return self._source(block)
            case Front() | Listing() | Quotation() | Statement() | Figure():
                return self._with_blocks(block)

    def _words(self, block: Heading | Paragraph) -> list[str]:
        if isinstance(block, Heading):
            return _heading(block.level, self._line.text(block.pieces))
        return self._paragraph(block.pieces)

    def _tabular(self, block: Table | Chart) -> list[str]:
        if isinstance(block, Chart):
            return self._chart(block)
        barred = tables.in_bars(block, Line(self._notes, Surroundings.ROW))
        return barred or tables.as_html(block, _Page(self._notes, Surroundings.TAGS).cell)

    def cell(self, cell: Cell) -> list[str]:
        return self.blocks(cell.blocks)

    def _with_blocks(self, block: Front | Listing | Quotation | Statement | Figure) -> list[str]:
        match block:
            case Front(kind=kind, blocks=blocks):
                return [*_front_title(kind), *self.blocks(blocks)]
            case Listing():
                return self._listing(block)
            case Quotation(blocks=blocks):
                return [f"> {line}" if line else ">" for line in self.blocks(blocks)]
            case Statement():
                return self._statement(block)
            case Figure():
                content, caption = self.blocks(block.blocks), self._paragraph(block.caption)
                return _parted(caption, content) if block.is_caption_above else _parted(content, caption)

    def _paragraph(self, pieces: Iterable[Piece]) -> list[str]:
        text = paragraph(self._line.text(pieces))
        return text.split("\n") if text else []

    def _statement(self, block: Statement) -> list[str]:
        title = f" ({self._line.text(block.title)})" if block.title else ""
        return _parted([f"**{escaped(block.kind.capitalize())}**{title}"], self.blocks(block.blocks))

    def _listing(self, listing: Listing) -> list[str]:
        number, lines = listing.start, []
        for item in listing.items:
            lines += self._item(item, f"{number}." if listing.ordered and not item.label else "-")
            number += not item.label
        return lines

    def _item(self, item: Item, mark: str) -> list[str]:
        label = begun(self._line.text(item.label)) if item.label else ""
        lines = self.blocks(item.blocks, in_item=True)
        if label and item.blocks and isinstance(item.blocks[0], Paragraph):
            lines = [f"{label} {lines[0]}", *lines[1:]] if lines else [label]
        elif label:
            lines = _parted([label], lines)
        return _hanging(f"{mark} ", lines)

    def _chart(self, chart: Chart) -> list[str]:
        title = [f"**{self._line.literal(chart.title)}**"] if chart.title else []
        labels = [paragraph(self._line.literal(chart.y_label))] if chart.y_label else []
        lines = _parted(_parted(title, labels), tables.chart(chart, Line(self._notes, Surroundings.ROW)))
        for remark in remarks(chart):
            lines = _parted(lines, [paragraph(self._line.literal(remark))])
        return lines

    def _source(self, block: Code | SourceBox | Score | Drawing | Molecule) -> list[str]:
        text, language = _text_and_language(block)
        if self._surroundings is Surroundings.TAGS:
            return f"<pre>{html.escape(text, quote=False)}</pre>".split("\n")
        fence = "`" * (max((len(run) for run in _BACKTICKS.findall(text)), default=2) + 1)
        return [f"{fence}{language}", *text.split("\n"), fence]


def _text_and_language(block: Code | SourceBox | Score | Drawing | Molecule) -> tuple[str, str]:
    match block:
        case Code(text=text, language=language):
            return text.strip("\n"), language if _LANGUAGE.fullmatch(language) else ""
        case Score(kern=text):
            return text.strip("\n"), "kern"
        case Drawing(tikz=text):
            return text.strip("\n"), "latex"
        case Molecule(smiles=text):
            return text.strip("\n"), "smiles"
        case SourceBox(text=text):
            return text.strip("\n"), ""


def _heading(level: int, text: str) -> list[str]:
    line = " ".join(text.split())
    ended = _HASHES_AT_END.sub(r"\\#", line)
    return [f"{'#' * level} {ended}"] if line else []


def _front_title(kind: FrontKind) -> list[str]:
    return [f"**{kind.value.capitalize()}**", ""] if kind in (FrontKind.ABSTRACT, FrontKind.KEYWORDS) else []


def _between(above: Block | None, below: Block, *, in_item: bool) -> list[str]:
    if not isinstance(below, Listing):
        return [""]
    if isinstance(above, Listing) and above.ordered == below.ordered:
        return ["", _APART, ""]
    return [] if in_item and isinstance(above, Paragraph) else [""]


def _hanging(mark: str, lines: list[str]) -> list[str]:
    first, *rest = lines or [""]
    indent = " " * len(mark)
    return [(mark + first) if first else mark.rstrip(), *(indent + line if line else "" for line in rest)]


def _parted(above: list[str], below: list[str]) -> list[str]:
    return [*above, "", *below] if above and below else [*above, *below]
