"""Tables: what spans, where the model drew lines, and which rows are the head."""

from collections import Counter

from gotwatch.render.blocks import Align, Cell, Paragraph, Table
from gotwatch.render.elements import Html, element, lines
from gotwatch.render.web import pieces
from gotwatch.render.web.setting import Setting

# How the style sheet calls where a cell's text stands, and the lines around it. What most cells of a table have is said
# once, at the table, as a long one would repeat it a thousand times. So a cell that differs needs a name in any case.
_ALIGNED = {Align.LEFT: "", Align.CENTER: "c", Align.RIGHT: "r"}
_NOTHING_SPECIAL = "l"
_MOST_AT_FULL_SIZE = 8  # columns, on paper


def table(block: Table, setting: Setting) -> Html:
    head, body = block.rows[: block.head_rows], block.rows[block.head_rows :]
    usual = _usual_look(block)
    parts = [_rows("thead", "th", head, setting, usual), _rows("tbody", "td", body, setting, usual)]
    is_ruled = any(_lines_of(cell) for row in block.rows for cell in row)
    width = max(sum(cell.columns for cell in row) for row in block.rows)
    classes = ("ruled" if is_ruled else "plain", "wide" if width > _MOST_AT_FULL_SIZE else "", usual)
    made = element("table", lines(parts), class_=" ".join(filter(None, classes)), **setting.direction(block.span))
    return scrolled(made, "Table")


def scrolled(wide: Html, label: str) -> Html:
    """What may be wider than the window, in a box that scrolls, also by the keyboard."""
    return element("div", wide, class_="scroll", role="group", tabindex="0", aria_label=label)


def _rows(group: str, tag: str, rows: tuple[tuple[Cell, ...], ...], setting: Setting, usual: str) -> Html:
    made = (element("tr", *(_cell(tag, cell, setting, usual) for cell in row)) for row in rows)
    return element(group, Html("\n"), lines(made), Html("\n")) if rows else Html("")


def _cell(tag: str, cell: Cell, setting: Setting, usual: str) -> Html:
    content = _content(cell, setting)
    attributes = {}
    if (look := _look(cell)) != usual:
        attributes["class_"] = look or _NOTHING_SPECIAL
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


def _usual_look(block: Table) -> str:
    looks = Counter(_look(cell) for row in block.rows for cell in row)
    return looks.most_common(1)[0][0] if looks else ""


def _look(cell: Cell) -> str:
    return " ".join(part for part in (_ALIGNED[cell.align], *_lines_of(cell)) if part)


def _lines_of(cell: Cell) -> tuple[str, ...]:
    sides = {"la": cell.line_above, "lb": cell.line_below, "ll": cell.line_left, "lr": cell.line_right}
    return tuple(name for name, is_drawn in sides.items() if is_drawn)
