"""Pieces of a line as plain text, and the footnotes that they point to."""

import re
from collections.abc import Iterable

from gotwatch.render.blocks import (
    Footnote,
    Formula,
    InlineCode,
    Link,
    NoteMark,
    Picture,
    Piece,
    Raw,
    Style,
    Styled,
    Words,
)
from gotwatch.render.formulas.linear import linear

_RAISED = str.maketrans("0123456789+-=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_FIGURES = re.compile(r"[0-9+\-=()]+")
_MARK_ALONE = re.compile(r"\^(?:\(([^()]*)\)|(.))")


class Notes:
    """The footnotes of a page, gathered while its lines are written."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._count = 0

    def text(self, pieces: Iterable[Piece]) -> str:
        return "".join(map(self._piece, pieces))

    def add(self, note: Footnote) -> None:
        self._add(note.label, note.pieces)

    def _add(self, label: str, pieces: Iterable[Piece]) -> None:
        mark = f"[{label}] " if label else ""
        self.lines.append(mark + self.text(pieces).strip())

    def _piece(self, piece: Piece) -> str:
        match piece:
            case Words(text=text) | InlineCode(text=text) | Raw(text=text):
                return text
            case Formula(tex=tex):
                return _formula(linear(tex))
            case Styled(style=style, pieces=pieces):
                return _styled(style, self.text(pieces))
            case Link(target=target, pieces=pieces):
                return _linked(target, self.text(pieces))
            case Picture(text=text):
                return f"[image: {text}]" if text else "[image]"
            case NoteMark():
                return self._mark(piece)

    def _mark(self, mark: NoteMark) -> str:
        label = mark.label or (self._next_label() if mark.pieces else "*")
        if mark.pieces:
            self._add(label, mark.pieces)
        return f"[{label}]"

    def _next_label(self) -> str:
        self._count += 1
        return str(self._count)


def _formula(text: str) -> str:
    """A mark of a note or a trade mark is a formula of nothing but something raised."""
    alone = _MARK_ALONE.fullmatch(text)
    return (alone[1] or alone[2]).translate(_RAISED) if alone else text


def _styled(style: Style, text: str) -> str:
    """Raised and lowered figures keep their place, or 10 to the 5th would be 105."""
    if not _FIGURES.fullmatch(text):
        return text
    if style is Style.RAISED:
        return text.translate(_RAISED)
    return text.translate(_LOWERED) if style is Style.LOWERED else text


def _linked(target: str, text: str) -> str:
    return text if target.removeprefix("mailto:") == text.strip() else f"{text} <{target}>"
