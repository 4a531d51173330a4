"""Blocks as text for people who read it without a program that knows markup."""

from collections.abc import Iterable, Iterator

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
    Quotation,
    Rule,
    Score,
    SourceBox,
    Statement,
    Table,
)
from gotwatch.render.chart_remarks import remarks
from gotwatch.render.formulas.linear import linear
from gotwatch.render.readable import tables
from gotwatch.render.readable.line import Notes

_INDENT = "    "
_RULE = "-" * 40
_BULLET = "-"


def readable(markup: Markup) -> str:
    """The page as lines; its footnotes behind."""
    page = _Page()
    lines = page.blocks(markup.blocks)
    notes = page.notes.lines
    return "\n".join(line.rstrip() for line in [*lines, *([""] if lines and notes else []), *notes])


class _Page:
    def __init__(self) -> None:
        self.notes = Notes()

    def blocks(self, blocks: Iterable[Block], *, in_item: bool = False) -> list[str]:
        """With an empty line between two of them, but none above a list within a list."""
        lines: list[str] = []
        for block in blocks:
            here = self._block(block)
            is_parted = lines and here and not (in_item and isinstance(block, Listing))
            lines += ["", *here] if is_parted else here
        return lines

    def _block(self, block: Block) -> list[str]:
        match block:
            case Heading(pieces=pieces) | Paragraph(pieces=pieces):
                return self.notes.text(pieces).strip("\n").split("\n")
            case Display(tex=tex):
                return _indented(linear(tex).split("\n"), _INDENT)
            case Code(text=text) | SourceBox(text=text) | Score(kern=text) | Drawing(tikz=text) | Molecule(smiles=text):
                return text.strip("\n").split("\n")
            case Rule():
                return [_RULE]
            case Footnote():
                self.notes.add(block)
                return []
            case Table() | Chart():
                return tables.table(block, self._cell) if isinstance(block, Table) else _chart(block)
            case Front() | Listing() | Quotation() | Statement() | Figure():
                return self._with_blocks(block)

    def _with_blocks(self, block: Front | Listing | Quotation | Statement | Figure) -> list[str]:
        match block:
            case Front(kind=kind, blocks=blocks):
                return [*_front_title(kind), *self.blocks(blocks)]
            case Listing():
                return self._listing(block)
            case Quotation(blocks=blocks):
                return _indented(self.blocks(blocks), "> ")
            case Statement():
                return self._statement(block)
            case Figure():
                content = self.blocks(block.blocks)
                caption = self.notes.text(block.caption).split("\n") if block.caption else []
                return _parted(caption, content) if block.is_caption_above else _parted(content, caption)

    def _statement(self, block: Statement) -> list[str]:
        title = f" ({self.notes.text(block.title)})" if block.title else ""
        return [f"{block.kind.capitalize()}{title}.", *self.blocks(block.blocks)]

    def _listing(self, listing: Listing) -> list[str]:
        number, lines = listing.start, []
        for item in listing.items:
            lines += self._item(item, f"{number}." if listing.ordered else _BULLET)
            number += not item.label
        return lines

    def _item(self, item: Item, usual_mark: str) -> list[str]:
        mark = self.notes.text(item.label) if item.label else usual_mark
        first, *rest = self.blocks(item.blocks, in_item=True) or [""]
        return [f"{mark} {first}".rstrip(), *_indented(rest, _INDENT)]

    def _cell(self, cell: Cell) -> Iterator[str]:
        return (line for line in self.blocks(cell.blocks) if line)


def _front_title(kind: FrontKind) -> list[str]:
    return [kind.value.capitalize()] if kind in (FrontKind.ABSTRACT, FrontKind.KEYWORDS) else []


def _chart(chart: Chart) -> list[str]:
    head = [line for line in (chart.title, chart.y_label) if line]
    return _parted(_parted(head, tables.chart(chart)), remarks(chart))


def _parted(above: list[str], below: list[str]) -> list[str]:
    return [*above, "", *below] if above and below else [*above, *below]


def _indented(lines: Iterable[str], indent: str) -> list[str]:
    return [(indent + line).rstrip() for line in lines]
