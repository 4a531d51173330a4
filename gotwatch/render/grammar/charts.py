"""Charts as the model writes them: a dictionary of a title, a source, two axes and values.

It is taken apart sign by sign rather than with ast or json: both forget a name that comes twice and how a number was
written, refuse the whole where its end was cut off, and ast complains aloud about some texts.
"""

import re
from collections import Counter
from collections.abc import Iterator

from gotwatch.render.blocks import Chart, SourceBox, Span
from gotwatch.render.grammar.scope import Opened, Scope

_BEGIN = re.compile(r"\{\s*(['\"])(?:title|source|x_title|y_title|values|type|chart_type)\1\s*:")
_TOKEN = re.compile(
    r"""
      \s*(?:
        (?P<sign>[{}\[\]:,])
      | "(?P<double>(?:[^"\\\n]|\\.|"(?!\s*[,:}\]]|\s*\Z)){0,2000})"(?=\s*[,:}\]]|\s*\Z)
      | '(?P<single>(?:[^'\\\n]|\\.|'(?!\s*[,:}\]]|\s*\Z)){0,2000})'(?=\s*[,:}\]]|\s*\Z)
      | (?P<bare>[^\s{}\[\]:,'"]+)
      )
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(['\"\\/])")
_MOST_CHARACTERS = 20_000
_MOST_CELLS = 5_000
_DEEPEST = 3  # the dictionary, its values, one of its series
_ABSENT = frozenset({"None", "null"})
_LABELS = ("title", "source", "x_title", "y_title")

_Row = tuple[str, tuple[str | None, ...]]
_Value = str | None | tuple[tuple[str, "_Value"], ...]
_Pairs = tuple[tuple[str, _Value], ...]


def chart(scope: Scope, at: int) -> Opened | None:
    if not _BEGIN.match(scope.text, at, scope.end):
        return None
    reader = _Reader(scope.text, at, min(scope.marks.paragraph_end(at, scope.end), at + _MOST_CHARACTERS))
    read = _chart(reader.read(), at, reader.read_until)
    begin = at if read is None else reader.read_until
    if read is not None and reader.is_whole:
        return Opened((read,), begin)
    end = scope.marks.line_end(begin, scope.end)
    reason = "The values of this chart break off or cannot be told apart."
    box = SourceBox(scope.text[begin:end], reason, Span(begin, end))
    return Opened(tuple(block for block in (read, box) if block is not None), end)


class _Reader:
    """Reads on until something does not fit, and keeps what was complete before."""

    def __init__(self, text: str, begin: int, end: int) -> None:
        self._text = text
        self._end = end
        self._here = begin
        self._is_broken = False
        self.read_until = begin

    @property
    def is_whole(self) -> bool:
        return not self._is_broken

    def read(self) -> _Pairs:
        value = self._value(1)
        return value if isinstance(value, tuple) else ()

    def _next(self) -> re.Match[str] | None:
        token = _TOKEN.match(self._text, self._here, self._end)
        if token is None:
            self._is_broken = True
        else:
            self._here = token.end()
        return token

    def _value(self, depth: int) -> _Value:
        token = self._next()
        if token is None:
            return None
        if token["sign"] in ("{", "[") and depth <= _DEEPEST:
            return tuple(self._members(depth, closing="}" if token["sign"] == "{" else "]"))
        if token["sign"]:
            self._is_broken = True
            return None
        return _scalar(token)

    def _members(self, depth: int, *, closing: str) -> Iterator[tuple[str, _Value]]:
        while not self._is_broken:
            if self._takes(closing):
                return
            name = self._name() if closing == "}" else ""
            value = None if self._is_broken else self._value(depth + 1)
            if not self._is_broken or isinstance(value, tuple):
                yield name, value
            if not self._is_broken:
                self.read_until = self._here
                self._is_broken = not self._takes(",") and not self._sees(closing)

    def _name(self) -> str:
        token = self._next()
        if token is None or token["sign"] or not self._takes(":"):
            self._is_broken = True
            return ""
        return _scalar(token) or ""

    def _sees(self, sign: str) -> bool:
        token = _TOKEN.match(self._text, self._here, self._end)
        return token is not None and token["sign"] == sign

    def _takes(self, sign: str) -> bool:
        if not self._sees(sign):
            return False
        self._next()
        if sign != ":":
            self.read_until = self._here
        return True


def _scalar(token: re.Match[str]) -> str | None:
    if token["bare"] is not None:
        return None if token["bare"] in _ABSENT else token["bare"]
    quoted = token["double"] if token["double"] is not None else token["single"]
    return _ESCAPE.sub(r"\1", quoted)


def _chart(pairs: _Pairs, begin: int, end: int) -> Chart | None:
    labels: dict[str, str] = {}
    values: list[_Pairs] = []
    others: list[tuple[str, str]] = []
    for name, value in pairs:
        if name == "values" and isinstance(value, tuple):
            values.append(value)
        elif isinstance(value, tuple):
            return None
        elif name in _LABELS and name not in labels:
            labels[name] = _label(value)
        else:
            others.append((name, _label(value)))
    table = _table(values[0]) if len(values) == 1 else None
    if table is None:
        return None
    title, source, x_label, y_label = (labels.get(name, "") for name in _LABELS)
    return Chart(title, source, x_label, y_label, *table, Span(begin, end), tuple(others))


def _label(value: str | None) -> str:
    return "" if value is None or value in _ABSENT else value


def _table(values: _Pairs) -> tuple[tuple[str, ...], tuple[_Row, ...]] | None:
    """One column a series; a name that comes twice in a series has two rows."""
    if all(not isinstance(value, tuple) for _, value in values):
        values = (("", values),)
    series = [(name, value if isinstance(value, tuple) else (("", value),)) for name, value in values]
    cells: dict[tuple[str, int], dict[int, str | None]] = {}
    for column, (_, members) in enumerate(series):
        times: Counter[str] = Counter()
        for name, value in members:
            if isinstance(value, tuple):
                return None
            cells.setdefault((name, times[name]), {})[column] = value
            times[name] += 1
    if not cells or len(cells) * len(series) > _MOST_CELLS:
        return None
    columns = tuple(name for name, _ in series)
    return columns, tuple((name, tuple(map(row.get, range(len(columns))))) for (name, _), row in cells.items())
