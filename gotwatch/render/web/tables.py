"""Tables: what spans, where the model drew lines, and which rows are the head."""

from gotwatch.render.blocks import Align, Cell, Paragraph, Table
from gotwatch.render.elements import Html, element, lines
from gotwatch.render.web import pieces
from gotwatch.render.web.setting import Setting

# What the style sheet knows a cell's lines by: short, as a long table repeats them in every cell.
_MOST_AT_FULL_SIZE = 8  # columns, on paper
_ALIGNED = {Align.LEFT: "", Align.CENTER: "c", Align.RIGHT: "r"}


def table(block: Table, setting: Setting) -> Html:
    head, body = block.rows[: block.head_rows], block.rows[block.head_rows :]
    parts = [_rows("thead", "th", head, setting), _rows("tbody", "td", body, setting)]
    is_ruled = any(_lines_of(cell) for row in block.rows for cell in row)
    width = max(sum(cell.columns for cell in row) for row in block.rows)
    classes = f"{'ruled' if is_ruled else 'plain'}{' wide' if width > _MOST_AT_FULL_SIZE else ''}"
    made = element("table", lines(parts), class_=classes)
    return scrolled(made, "Table")


def scrolled(wide: Html, label: str) -> Html:
    """What may be wider than the window, in a box that scrolls, also by the keyboard."""
    return element("div", wide, class_="scroll", role="group", tabindex="0", aria_label=label)


def _rows(group: str, tag: str, rows: tuple[tuple[Cell, ...], ...], setting: Setting) -> Html:
    made = (element("tr", *(_cell(tag, cell, setting) for cell in row)) for row in rows)
    return element(group, Html("\n"), lines(made), Html("\n")) if rows else Html("")


def _cell(tag: str, cell: Cell, setting: Setting) -> Html:
    content = _content(cell, setting)
    attributes = {}
    if classes := " ".join(part for part in (_ALIGNED[cell.align], *_lines_of(cell)) if part):
        attributes["class_"] = classes
    if cell.columns > 1:
        attributes["colspan"] = str(cell.columns)
    if cell.rows > 1:
        attributes["rowspan"] = str(cell.rows)
    return element(tag if content else "td", content, **attributes)


def _content(cell: Cell, setting: Setting) -> Html:
    match cell.blocks:
        case (Paragraph(pieces=line),):
            return pieces.line(line, setting)
        case blocks:
            return setting.blocks(blocks, setting)


def _lines_of(cell: Cell) -> tuple[str, ...]:
    sides = {"la": cell.line_above, "lb": cell.line_below, "ll": cell.line_left, "lr": cell.line_right}
    return tuple(name for name, is_drawn in sides.items() if is_drawn)
