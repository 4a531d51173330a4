"""The pieces of a line while it is read: words gather until a piece of another kind comes."""

import re
from collections.abc import Callable

from gotwatch.render.blocks import Piece, Raw, Span, Words
from gotwatch.render.grammar.arguments import Argument
from gotwatch.render.grammar.landmarks import Landmarks

_REST_OF_LINE = re.compile(r"[ \t]*\n")
_MOST_INDENT = 40

Read = Callable[[Landmarks, int, int, int], tuple[Piece, ...]]


class Line:
    """What returns a place returns where the reading goes on."""

    def __init__(self, marks: Landmarks, begin: int, end: int, *, depth: int, read: Read) -> None:
        self.marks = marks
        self.text = marks.text
        self.begin = begin
        self.end = end
        self._depth = depth
        self._read = read
        self._pieces: list[Piece] = []
        self._words: list[str] = []
        self._words_begin = begin

    @property
    def is_within_words(self) -> bool:
        return bool(self._words)

    def finish(self) -> tuple[Piece, ...]:
        self._flush(self.end)
        return tuple(self._pieces)

    def say(self, words: str, begin: int, end: int) -> int:
        """Show *words* for the stretch of markup."""
        if not self._words:
            self._words_begin = begin
        self._words.append(words)
        return end

    def literally(self, found: re.Match[str]) -> int:
        return self.say(found[0], *found.span())

    def add(self, piece: Piece) -> int:
        self._flush(piece.span.begin)
        last = self._pieces[-1] if self._pieces else None
        if isinstance(piece, Raw) and isinstance(last, Raw) and last.span.end == piece.span.begin:
            self._pieces[-1] = Raw(last.text + piece.text, Span(last.span.begin, piece.span.end))
        else:
            self._pieces.append(piece)
        return piece.span.end

    def raw(self, begin: int, end: int) -> int:
        return self.add(Raw(self.text[begin:end], Span(begin, end))) if begin < end else end

    def skip(self, begin: int, end: int) -> int:
        """Leave out markup that shows nothing."""
        self._flush(begin)
        return end

    def skip_line(self, begin: int, end: int) -> int:
        """The same, with the end of its line where nothing else stands on it."""
        rest = _REST_OF_LINE.match(self.text, end, self.end)
        before = self.text[max(self.begin, begin - _MOST_INDENT) : begin].rpartition("\n")
        is_first = bool(before[1]) or begin - _MOST_INDENT <= self.begin
        return self.skip(begin, rest.end() if rest and is_first and not before[2].strip() else end)

    def splice(self, begin: int, shown: Argument) -> int:
        """Show what stands in an argument, and nothing of what stands around it."""
        self._flush(begin)
        for piece in self.inner(shown.inside):
            self.add(piece)
        return shown.end

    def inner(self, span: Span) -> tuple[Piece, ...]:
        return self._read(self.marks, span.begin, span.end, self._depth + 1)

    def between(self, span: Span) -> str:
        return self.text[span.begin : span.end].strip()

    def _flush(self, end: int) -> None:
        if self._words:
            self._pieces.append(Words("".join(self._words), Span(self._words_begin, end)))
            self._words = []
