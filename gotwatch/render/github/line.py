"""Pieces of a line as Markdown, and the footnotes that they point to."""

import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto

from gotwatch.render.blocks import (
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
from gotwatch.render.github import formulas
from gotwatch.render.github.literal import as_html, escaped
from gotwatch.render.unclaimed import Unclaimed

_TAGS = {
    Style.BOLD: ("**", "strong"),
    Style.ITALIC: ("*", "em"),
    Style.STRUCK: ("~~", "del"),
    Style.UNDERLINE: ("", "ins"),
    Style.RAISED: ("", "sup"),
    Style.LOWERED: ("", "sub"),
    Style.MONOSPACE: ("", "code"),
    Style.SMALL_CAPITALS: ("", ""),
}
_IMAGE = re.compile(r"!(?=\[)")
_IN_TARGET = re.compile(r"[\s<>()\\|`*_~$\[\]]")
_BACKTICKS = re.compile(r"`+")


class Surroundings(Enum):
    TEXT = auto()
    ROW = auto()  # a cell between bars
    TAGS = auto()  # a cell between tags, which some programs read as HTML and others as Markdown


class Line:
    """Writes pieces; *notes* tells where a footnote goes."""

    def __init__(self, notes: "Notes", surroundings: Surroundings = Surroundings.TEXT) -> None:
        self._notes = notes
        self._surroundings = surroundings

    def text(self, pieces: Iterable[Piece]) -> str:
        return _IMAGE.sub(r"\!", "".join(_spaced((piece, self._piece(piece)) for piece in pieces)))

    def literal(self, text: str) -> str:
        return escaped(text) if self._surroundings is Surroundings.TEXT else as_html(escaped(text))

    def _piece(self, piece: Piece) -> str:
        match piece:
            case Words(text=text) | Raw(text=text):
                return self.literal(text)
            case Formula(tex=tex):
                return self._formula(tex)
            case InlineCode(text=text):
                return self._code(text)
            case Styled(style=style, pieces=pieces):
                return _styled(self.text(pieces), *_TAGS[style])
            case Link(target=target, pieces=pieces):
                return f"[{self.text(pieces)}]({_IN_TARGET.sub(_percent, target)})"
            case Picture(text=text):
                return self.literal(f"[image: {text}]" if text else "[image]")
            case NoteMark():
                return self._notes.mark(piece, self)

    def _formula(self, tex: str) -> str:
        formula = formulas.inline(tex)
        return formulas.without_bars(formula) if self._surroundings is Surroundings.ROW else formula

    def _code(self, text: str) -> str:
        line = " ".join(text.split("\n"))
        return _fenced(line) if self._surroundings is Surroundings.TEXT else f"<code>{self.literal(line)}</code>"


class Notes:
    """The footnotes of a page. GitHub wants the note of each mark behind, under a name that no other page has."""

    def __init__(self, page: int, unclaimed: Unclaimed) -> None:
        self._page = page
        self._unclaimed = unclaimed
        self._marked: list[tuple[str, tuple[Piece, ...]]] = []

    def mark(self, mark: NoteMark, line: Line) -> str:
        note = self._unclaimed.claim(mark)
        if not note:
            return f"<sup>{line.literal(mark.label or '*')}</sup>"
        self._marked.append((mark.label, note))
        return f"[^{self._page}-{len(self._marked)}]"

    def paragraphs(self) -> Iterator[str]:
        """Call it when all marks are set; a note may hold marks of its own."""
        line = Line(self)
        for number, (label, pieces) in enumerate(self._marked, start=1):
            shown_label = "" if label.isdecimal() else f"{escaped(label)} "
            yield f"[^{self._page}-{number}]: {shown_label.lstrip()}{_one_line(line.text(pieces))}"
        for note in self._unclaimed:
            label = f"<sup>{escaped(note.label)}</sup> " if note.label else ""
            yield label + _one_line(line.text(note.pieces))


def _fenced(text: str) -> str:
    """Code in a line. A blank beside a backtick keeps it apart from the fence."""
    fence = "`" * (max((len(run) for run in _BACKTICKS.findall(text)), default=0) + 1)
    pad = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text.strip() else escaped(text)


def _spaced(pieces: Iterable[tuple[Piece, str]]) -> Iterator[str]:
    """A dollar beside a letter or a figure is taken for money."""
    last, is_formula = "", False
    for piece, text in pieces:
        if not text:
            continue
        beside = last[-1] + text[0] if last else ""
        neighbour = beside[:1] if isinstance(piece, Formula) else beside[1:] if is_formula else ""
        if neighbour.isalnum() or beside == "$$":
            yield " "
        yield text
        last, is_formula = text, isinstance(piece, Formula)


def _styled(text: str, mark: str, tag: str) -> str:
    """Stars mean something only beside letters and figures; tags do everywhere."""
    if not text.strip() or not tag:
        return text
    if mark and text[0].isalnum() and text[-1].isalnum() and "\n" not in text:
        return f"{mark}{text}{mark}"
    return f"<{tag}>{text}</{tag}>"


def _percent(character: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in character[0].encode())


def _one_line(text: str) -> str:
    return " ".join(line.strip() for line in text.split("\n")).strip()
