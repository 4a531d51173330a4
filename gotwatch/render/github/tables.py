"""Tables: between bars where Markdown can say it, else as HTML, whose cells are Markdown again."""

import re
from collections.abc import Callable, Iterator, Sequence

from gotwatch.render.blocks import Align, Cell, Chart, Display, Paragraph, Piece, Table
from gotwatch.render.github import formulas
from gotwatch.render.github.line import Line

_RULES = {Align.LEFT: "---", Align.CENTER: ":---:", Align.RIGHT: "---:"}
_BREAK = "<br>"
_SAME_IN_HTML = re.compile(r"(?:[^\W_]|[ .,:;()/%+'\"\u2013\u2014-])*")  # nothing to Markdown or HTML


def in_bars(table: Table, line: Line) -> list[str] | None:
    """None where a cell spans others or holds more than a line or two of text."""
    cells = [cell for row in table.rows for cell in row]
    if table.head_rows > 1 or not all(map(_is_simple, cells)) or not cells:
        return None
    rows = [[_in_row(cell, line) for cell in row] for row in table.rows]
    aligns = [cell.align for cell in max(table.rows, key=len)]
    head, body = (rows[0], rows[1:]) if table.head_rows else ([], rows)
    return _barred(head, body, aligns)


def chart(chart: Chart, line: Line) -> list[str]:
    head = [line.literal(name) for name in (chart.x_label, *chart.columns)]
    body = [[line.literal(text or "") for text in (name, *values)] for name, values in chart.rows]
    return _barred(head, body, [Align.LEFT, *[Align.RIGHT] * len(chart.columns)])


def as_html(table: Table, blocks_of: Callable[[Cell], list[str]]) -> list[str]:
    """The empty lines let Markdown begin in each cell, and end."""
    lines = ["<table>"]
    for number, row in enumerate(table.rows):
        lines.append("<tr>")
        for cell in row:
            tag = "th" if number < table.head_rows else "td"
            content = blocks_of(cell)
            begin, end = f"<{tag}{_attributes(cell)}>", f"</{tag}>"
            if _SAME_IN_HTML.fullmatch("\n".join(content)):
                lines.append(f"{begin}{''.join(content)}{end}")
            else:
                lines += [begin, "", *content, "", end]
        lines.append("</tr>")
    return [*lines, "</table>"]


def _is_simple(cell: Cell) -> bool:
    kinds = [type(block) for block in cell.blocks]
    return cell.columns == cell.rows == 1 and kinds in ([], [Paragraph], [Display])


def _in_row(cell: Cell, line: Line) -> str:
    match cell.blocks:
        case (Paragraph(pieces=pieces),):
            return _broken(pieces, line)
        case (Display(tex=tex),):
            return formulas.without_bars(formulas.inline(tex))
        case _:
            return ""


def _broken(pieces: Sequence[Piece], line: Line) -> str:
    return _BREAK.join(part.strip() for part in line.text(pieces).strip().split("\n"))


def _barred(head: list[str], body: list[list[str]], aligns: list[Align]) -> list[str]:
    """The head may not be missing; it may be empty."""
    filled = [[*row, *[""] * (len(aligns) - len(row))] for row in (head, *body)]
    rules = [_RULES[align] for align in aligns]
    return [_row(filled[0]), _row(rules), *map(_row, filled[1:])]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _attributes(cell: Cell) -> str:
    return "".join(_attributes_that_differ(cell))


def _attributes_that_differ(cell: Cell) -> Iterator[str]:
    if cell.align is not Align.LEFT:
        yield f' align="{cell.align.value}"'
    if cell.columns > 1:
        yield f' colspan="{cell.columns}"'
    if cell.rows > 1:
        yield f' rowspan="{cell.rows}"'
