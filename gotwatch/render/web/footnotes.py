"""Footnotes: which mark belongs to which note. Notes stand at the end of their page, and point back."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from gotwatch.render.blocks import Footnote, NoteMark, Piece
from gotwatch.render.elements import NOTHING, Html, element, joined, lines, text


@dataclass(frozen=True, slots=True)
class _Note:
    label: str
    pieces: tuple[Piece, ...]
    mark: NoteMark | None


class Apparatus:
    """The footnotes of one page."""

    def __init__(self, anchor: str, marks: Sequence[NoteMark], footnotes: Iterable[Footnote]) -> None:
        self._anchor = anchor
        self._notes = tuple(_matched(marks, footnotes))
        self._numbers = {note.mark: number for number, note in enumerate(self._notes, start=1) if note.mark}

    def reference(self, mark: NoteMark) -> Html:
        number = self._numbers.get(mark)
        if number is None:
            return element("sup", text(mark.label))
        label = self._notes[number - 1].label
        link = element("a", text(label), href=f"#{self._note(number)}", id=self._reference(number), role="doc-noteref")
        return element("sup", link)

    def render(self, line: Callable[[tuple[Piece, ...]], Html]) -> Html:
        if not self._notes:
            return NOTHING
        items = (self._item(number, note, line) for number, note in enumerate(self._notes, start=1))
        return element("ul", Html("\n"), lines(items), Html("\n"), class_="footnotes", aria_label="Footnotes")

    def _item(self, number: int, note: _Note, line: Callable[[tuple[Piece, ...]], Html]) -> Html:
        parts = [element("span", text(note.label), class_="label"), text(" ")] if note.label else []
        parts.append(line(note.pieces))
        if note.mark is not None:
            back = {"href": f"#{self._reference(number)}", "role": "doc-backlink", "aria_label": "Back to the text"}
            parts += [text(" "), element("a", text("\N{LEFTWARDS ARROW WITH HOOK}\ufe0e"), **back)]
        return element("li", joined(parts), id=self._note(number), dir="auto")

    def _note(self, number: int) -> str:
        return f"{self._anchor}-note-{number}"

    def _reference(self, number: int) -> str:
        return f"{self._anchor}-mark-{number}"


def _matched(marks: Sequence[NoteMark], footnotes: Iterable[Footnote]) -> Iterable[_Note]:
    """A note for each mark that has its text with it, and for each footnote; a label's first mark is its own."""
    waiting: dict[str, NoteMark] = {}
    for number, mark in enumerate(marks, start=1):
        if mark.pieces:
            yield _Note(mark.label or str(number), mark.pieces, mark)
        else:
            waiting.setdefault(mark.label, mark)
    for footnote in footnotes:
        yield _Note(footnote.label, footnote.pieces, waiting.pop(footnote.label, None))
