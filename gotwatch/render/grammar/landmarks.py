"""Where the braces, environments, fences, delimiters and lines of a page's markup stand, found in one pass.

All questions that a parser asks ("where does this end?") are answered from here by a look-up, so that no text, however
it is broken, makes it search the rest of the page again and again.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from gotwatch.render.grammar.vocabulary import HORIZONTAL_LINES, PARTIAL_LINES, Family, family_of


class Mark(Enum):
    INLINE_OPEN = auto()  # \(
    INLINE_CLOSE = auto()
    DISPLAY_OPEN = auto()  # \[
    DISPLAY_CLOSE = auto()
    DOLLAR = auto()
    TWO_DOLLARS = auto()
    BEGIN = auto()
    ITEM = auto()
    CAPTION = auto()
    ROW_END = auto()  # what ends the row of a table for certain
    LINE_END = auto()
    BLANK_LINE = auto()


class Ending(Enum):
    OWN = auto()
    OUTER = auto()  # the environment around it ends
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Environment:
    name: str
    begin: int
    body_begin: int
    body_end: int
    end: int
    ending: Ending

    def ends_by(self, end: int) -> bool:
        return self.ending is not Ending.NONE and self.end <= end


@dataclass(frozen=True, slots=True)
class Fence:
    """Lines between two lines of backquotes; *end* is the end of the last of these."""

    language: str
    body_begin: int
    body_end: int
    end: int


@dataclass(frozen=True, slots=True)
class Landmarks:
    text: str
    group_ends: Mapping[int, int]  # of the braces that have a partner
    group_begins: Mapping[int, int]
    environments: Mapping[int, Environment]  # by the place of their \begin
    fences: Mapping[int, Fence]  # by the begin of their first line
    places: Mapping[Mark, Sequence[int]]

    def first(self, mark: Mark, begin: int, end: int) -> int | None:
        """The first place of *mark* in the stretch."""
        places = self.places[mark]
        number = bisect_left(places, begin)
        return places[number] if number < len(places) and places[number] < end else None

    def all(self, mark: Mark, begin: int, end: int) -> Sequence[int]:
        places = self.places[mark]
        return places[bisect_left(places, begin) : bisect_left(places, end)]

    def line_end(self, at: int, end: int) -> int:
        found = self.first(Mark.LINE_END, at, end)
        return end if found is None else found

    def paragraph_end(self, at: int, end: int) -> int:
        found = self.first(Mark.BLANK_LINE, at, end)
        return end if found is None else found

    def environment(self, begin: int, end: int) -> Environment | None:
        """The one that begins here and, if it is closed, ends before *end*."""
        found = self.environments.get(begin)
        return None if found is None or (found.ending is not Ending.NONE and not found.ends_by(end)) else found


def survey(text: str) -> Landmarks:
    return _Surveyor(text).survey()


_TOKEN = re.compile(
    r"""
      ^[ \t]{0,3}(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[\w+\#.-]*)[ \t]*$
    | \\begin\s*\{\s*(?P<begin>[A-Za-z]+\*?)\s*\}
    | \\end\s*\{\s*(?P<end>[A-Za-z]+\*?)\s*\}
    | \\(?P<command>[A-Za-z]+)
    | (?P<row_end>\\\\\*?[ \t]*\n)
    | (?P<escape>\\.)
    | (?P<brace>[{}])
    | (?P<dollar>\$\$?)
    | (?P<blank>\n(?:[ \t]*\n)+)
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_BLANK = re.compile(r"\s*")
_DELIMITERS = {
    r"\(": Mark.INLINE_OPEN,
    r"\)": Mark.INLINE_CLOSE,
    r"\[": Mark.DISPLAY_OPEN,
    r"\]": Mark.DISPLAY_CLOSE,
    "$": Mark.DOLLAR,
    "$$": Mark.TWO_DOLLARS,
}
_COMMANDS = {
    "item": Mark.ITEM,
    "caption": Mark.CAPTION,
    **dict.fromkeys(HORIZONTAL_LINES | PARTIAL_LINES, Mark.ROW_END),
}


class _Surveyor:
    def __init__(self, text: str) -> None:
        self._text = text
        self._open_braces: list[int] = []
        self._group_ends: dict[int, int] = {}
        self._open: list[re.Match[str]] = []
        self._open_names: Counter[str] = Counter()
        self._open_families: Counter[Family | None] = Counter()
        self._environments: dict[int, Environment] = {}
        self._fences: dict[int, Fence] = {}
        self._places: dict[Mark, list[int]] = {mark: [] for mark in Mark}
        self._never_closed: set[str] = set()

    def survey(self) -> Landmarks:
        self._places[Mark.LINE_END] = [found.start() for found in re.finditer("\n", self._text)]
        here = 0
        while token := _TOKEN.search(self._text, here):
            here = self._note(token)
        while self._open:
            self._close(len(self._text), len(self._text), Ending.NONE)
        group_begins = {end: begin for begin, end in self._group_ends.items()}
        return Landmarks(self._text, self._group_ends, group_begins, self._environments, self._fences, self._places)

    def _note(self, token: re.Match[str]) -> int:
        match token.lastgroup:
            case "language":
                return self._fence(token)
            case "begin":
                return self._begin(token)
            case "end":
                self._end(token)
            case "brace":
                self._brace(token)
            case "command":
                self._place(_COMMANDS.get(token["command"]), token.start())
            case "row_end":
                self._place(Mark.ROW_END, token.start())
                return token.end() - 1  # the end of the line may be part of a blank one
            case "blank":
                self._place(Mark.BLANK_LINE, token.start())
            case _:
                self._place(_DELIMITERS.get(token[0]), token.start())
        return token.end()

    def _place(self, mark: Mark | None, at: int) -> None:
        if mark is not None:
            self._places[mark].append(at)

    def _brace(self, token: re.Match[str]) -> None:
        if token[0] == "{":
            self._open_braces.append(token.start())
        elif self._open_braces:
            self._group_ends[self._open_braces.pop()] = token.start()

    def _begin(self, token: re.Match[str]) -> int:
        self._place(Mark.BEGIN, token.start())
        name = token["begin"]
        if family_of(name) is Family.VERBATIM and (end := self._literal_end(token)):
            place = Environment(name, token.start(), token.end(), end.start(), end.end(), Ending.OWN)
            self._environments[token.start()] = place
            return end.end()
        self._open.append(token)
        self._open_names[name] += 1
        self._open_families[family_of(name)] += 1
        return token.end()

    def _literal_end(self, token: re.Match[str]) -> re.Match[str] | None:
        name = token["begin"]
        if name in self._never_closed:  # so that many open ones are not each searched to the end of the page
            return None
        end = re.compile(rf"\\end\s*\{{\s*{re.escape(name)}\s*\}}").search(self._text, token.end())
        if end is None:
            self._never_closed.add(name)
        return end

    def _end(self, token: re.Match[str]) -> None:
        """Close the innermost environment of this name, or of this kind: the model mixes up align and align*."""
        name, family = token["end"], family_of(token["end"])
        if self._open_names[name]:
            while self._open[-1]["begin"] != name:
                self._close(token.start(), token.start(), Ending.OUTER)
        elif family is not None and self._open_families[family]:
            while family_of(self._open[-1]["begin"]) is not family:
                self._close(token.start(), token.start(), Ending.OUTER)
        else:
            return
        self._close(token.start(), token.end(), Ending.OWN)

    def _close(self, body_end: int, end: int, ending: Ending) -> None:
        token = self._open.pop()
        name = token["begin"]
        self._open_names[name] -= 1
        self._open_families[family_of(name)] -= 1
        self._environments[token.start()] = Environment(name, token.start(), token.end(), body_end, end, ending)

    def _fence(self, token: re.Match[str]) -> int:
        body_begin = min(token.end() + 1, len(self._text))
        last = re.compile(rf"^[ \t]*{token['fence']}[ \t]*$", re.MULTILINE).search(self._text, body_begin)
        body_end, end = (last.start(), last.end()) if last else (len(self._text), len(self._text))
        if _BLANK.fullmatch(self._text, body_begin, body_end):
            return token.end()  # marks around nothing are no code
        self._fences[token.start()] = Fence(token["language"], body_begin, body_end, end)
        return end
