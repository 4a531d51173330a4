"""Blocks for a word processor."""

from collections.abc import Iterable

from gotwatch.render.blocks import (
    Align,
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
from gotwatch.render.office import tree
from gotwatch.render.office.line import Notes, formula
from gotwatch.render.office.tree import Node, Nodes
from gotwatch.render.unclaimed import footnotes_of


def page(markup: Markup) -> Nodes:
    notes = Notes(footnotes_of(markup.blocks))
    blocks = _Page(notes).blocks(markup.blocks)
    return [*blocks, *map(tree.paragraph, notes.unmarked())]


class _Page:
    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def blocks(self, blocks: Iterable[Block]) -> Nodes:
        return [made for block in blocks for made in self._block(block)]

    def _block(self, block: Block) -> Nodes:
        match block:
            case Heading() | Paragraph():
                return self._words(block)
            case Display(tex=tex):
                return _paragraphs(formula(tex, display=True))
            case Footnote():
                return []  # at its mark, or at the end of the page
            case Rule():
                return [tree.rule()]
            case Table() | Chart():
                return [self._table(block)] if isinstance(block, Table) else _chart(block)
            case Code(text=text) | SourceBox(text=text) | Score(kern=text) | Drawing(tikz=text) | Molecule(smiles=text):
                return [tree.code_block(text.strip("\n"))]
            case Front() | Listing() | Quotation() | Statement() | Figure():
                return self._with_blocks(block)

    def _with_blocks(self, block: Front | Listing | Quotation | Statement | Figure) -> Nodes:
        match block:
            case Front(kind=kind, blocks=blocks):
                return [*_front_title(kind), *self.blocks(blocks)]
            case Listing():
                return self._listing(block)
            case Quotation(blocks=blocks):
                return [tree.quotation(self.blocks(blocks))]
            case Statement():
                return [tree.paragraph(self._statement_title(block)), *self.blocks(block.blocks)]
            case Figure():
                content, caption = self.blocks(block.blocks), self._paragraph(block.caption)
                return [*caption, *content] if block.is_caption_above else [*content, *caption]

    def _words(self, block: Heading | Paragraph) -> Nodes:
        if isinstance(block, Heading):
            return [tree.heading(block.level, self._notes.line(block.pieces))]
        return self._paragraph(block.pieces)

    def _paragraph(self, pieces: Iterable[Piece]) -> Nodes:
        return _paragraphs(self._notes.line(pieces))

    def _statement_title(self, block: Statement) -> Nodes:
        kind = tree.node("Strong", [tree.words(block.kind.capitalize())])
        if not block.title:
            return [kind]
        return [kind, tree.words(" ("), *self._notes.line(block.title), tree.words(")")]

    def _listing(self, listing: Listing) -> Nodes:
        """A mark of its own is text: a word processor would count on instead."""
        items = [self._item(item) for item in listing.items]
        if listing.ordered and not any(item.label for item in listing.items):
            return [tree.numbers(listing.start, items)]
        if not listing.ordered:
            return [tree.bullets(items)]
        return [tree.quotation(self._written_out(listing))]

    def _written_out(self, listing: Listing) -> Nodes:
        number, blocks = listing.start, Nodes()
        for item in listing.items:
            mark = [] if item.label else [tree.words(f"{number}. ")]
            blocks += self._item(item, mark)
            number += not item.label
        return blocks

    def _item(self, item: Item, mark: Iterable[Node] = ()) -> Nodes:
        label = [*mark, *([*self._notes.line(item.label), tree.words(" ")] if item.label else [])]
        match item.blocks:
            case (Paragraph(pieces=first), *rest):
                return [tree.paragraph([*label, *self._notes.line(first)]), *self.blocks(rest)]
            case blocks:
                return [*_paragraphs(label), *self.blocks(blocks)]

    def _table(self, table: Table) -> Node:
        rows = [[self._cell(cell) for cell in row] for row in table.rows]
        columns = max((sum(cell.columns for cell in row) for row in table.rows), default=0)
        return tree.table(rows, columns=columns, head_rows=table.head_rows)

    def _cell(self, cell: Cell) -> list[object]:
        return tree.cell(self.blocks(cell.blocks), align=cell.align, rows=cell.rows, columns=cell.columns)


def _paragraphs(line: Nodes) -> Nodes:
    return [tree.paragraph(line)] if line else []


def _front_title(kind: FrontKind) -> Nodes:
    is_named = kind in (FrontKind.ABSTRACT, FrontKind.KEYWORDS)
    return [tree.paragraph([tree.node("Strong", [tree.words(kind.value.capitalize())])])] if is_named else []


def _chart(chart: Chart) -> Nodes:
    title = [tree.paragraph([tree.node("Strong", [tree.words(chart.title)])])] if chart.title else []
    label = [tree.paragraph([tree.words(chart.y_label)])] if chart.y_label else []
    head = [_value(name, Align.LEFT) for name in (chart.x_label, *chart.columns)]
    rows = [
        [_value(name, Align.LEFT), *(_value(value or "", Align.RIGHT) for value in values)]
        for name, values in chart.rows
    ]
    table = tree.table([head, *rows], columns=len(head), head_rows=1)
    return [*title, *label, table, *(tree.paragraph([tree.words(remark)]) for remark in remarks(chart))]


def _value(text: str, align: Align) -> list[object]:
    return tree.cell(_paragraphs([tree.words(text)] if text else []), align=align)
