"""A table written as HTML, as the tabular that GOT would write."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from html.parser import HTMLParser


def as_tabular(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    rows = list(_covered(reader.rows))
    columns = max([1, *(sum(columns for _, columns, _ in row) for row in rows)])
    return "\n".join(["\\begin{tabular}{" + "l" * columns + "}", *map(_row, rows), "\\end{tabular}"])


Cell = tuple[str, int, int]  # its text, and how many columns and rows it spans
_EMPTY: Cell = ("", 1, 1)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[Cell]] = []
        self._text: list[str] | None = None  # of the cell that is open
        self._spans = (1, 1)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self._end_cell()
            found = dict(attrs)
            self._spans = (_number(found.get("colspan")), _number(found.get("rowspan")))
            self._text = []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self._end_cell()

    def _end_cell(self) -> None:
        if self._text is None:
            return
        if not self.rows:
            self.rows.append([])
        self.rows[-1].append((" ".join("".join(self._text).split()), *self._spans))
        self._text = None


def _number(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and int(value) else 1


def _covered(rows: Iterable[Sequence[Cell]]) -> Iterator[list[Cell]]:
    """*rows* with an empty cell where one from above reaches down, as a tabular has them."""
    covered: Counter[int] = Counter()  # column -> rows that are still covered
    for cells in rows:
        left, row, column = deque(cells), list[Cell](), 0
        while left or covered[column]:
            if covered[column]:
                covered[column] -= 1
                row.append(_EMPTY)
                column += 1
                continue
            cell = left.popleft()
            row.append(cell)
            covered.update({place: cell[2] - 1 for place in range(column, column + cell[1])})
            column += cell[1]
        yield row


def _row(cells: Sequence[Cell]) -> str:
    return " & ".join(map(_cell, cells)) + " \\\\"


def _cell(cell: Cell) -> str:
    text, columns, rows = cell
    for sign in "&%#":
        text = text.replace(sign, f"\\{sign}")
    if rows > 1:
        text = f"\\multirow{{{rows}}}{{*}}{{{text}}}"
    return f"\\multicolumn{{{columns}}}{{l}}{{{text}}}" if columns > 1 else text
