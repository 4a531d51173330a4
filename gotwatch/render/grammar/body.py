"""The blocks of a stretch of the page, in their order: what opens where, and what is paragraphs between."""

import re
from dataclasses import replace

from gotwatch.render.blocks import Block, Molecule, Paragraph, SourceBox, Span
from gotwatch.render.grammar import displays, environments, formulas, headings
from gotwatch.render.grammar.inline import MOST_DEPTH
from gotwatch.render.grammar.line_forms import open_line
from gotwatch.render.grammar.scope import Opened, Scope, trimmed

_OPENING = re.compile(r"\n(?:[ \t]*\n)*|\\\[|\\\(|\$\$?|\\(?P<name>[A-Za-z]+)|\\.|<smiles>", re.DOTALL)
_MOLECULE = re.compile(r"<smiles>(?:((?:(?!<smiles>)[^\n]){0,2000}?)</smiles>|[ \t]*([^\s<]+))")
_SPACE = re.compile(r"\s*")
_INDENT = re.compile(r"[ \t]*")


def read(scope: Scope) -> tuple[Block, ...]:
    whole = trimmed(scope.text, scope.begin, scope.end)
    if scope.depth > MOST_DEPTH and whole.begin < whole.end:
        reason = f"Parts of the page stand more than {MOST_DEPTH} deep in each other."
        return (SourceBox(scope.text[whole.begin : whole.end], reason, whole),)
    return _Body(scope, whole.end).read()


class _Body:
    def __init__(self, scope: Scope, end: int) -> None:
        self._scope = scope if end == scope.end else replace(scope, end=end)
        self._text = scope.text
        self._blocks: list[Block] = []
        self._words_begin = scope.begin  # of the paragraph that is being gathered

    def read(self) -> tuple[Block, ...]:
        here = self._at_line(self._scope.begin)
        while here < self._scope.end and (found := _OPENING.search(self._text, here, self._scope.end)):
            here = self._line_end(found) if found[0][0] == "\n" else self._within_line(found)
        self._paragraph(self._scope.end)
        return tuple(self._blocks)

    def _line_end(self, found: re.Match[str]) -> int:
        if found[0].count("\n") > 1:
            self._paragraph(found.start())
            self._words_begin = found.end()
        return self._at_line(found.end())

    def _at_line(self, at: int) -> int:
        if self._scope.in_cell:
            return at
        indent = _INDENT.match(self._text, at, self._scope.end)
        begin = indent.end() if indent else at
        first_words = _SPACE.match(self._text, self._words_begin, self._scope.end)
        is_fresh = first_words is not None and first_words.end() >= begin
        for place in dict.fromkeys((at, begin)):  # an indented list keeps its indent
            if opened := open_line(self._scope, place, is_fresh=is_fresh):
                return self._take(place, opened)
        return at

    def _within_line(self, found: re.Match[str]) -> int:
        if found[0] in (r"\(", "$"):
            formula = formulas.inline(self._scope.marks, found.start(), self._scope.end)
            return formula.end if formula else found.end()
        opened = self._opened(found)
        return self._take(found.start(), opened) if opened else found.end()

    def _opened(self, found: re.Match[str]) -> Opened | None:
        scope, at = self._scope, found.start()
        if found[0] in (r"\[", "$$"):
            return displays.delimited(scope, at)
        if found["name"] == "begin":
            return environments.environment(scope, at)
        if found["name"]:
            return headings.command(scope, at, found["name"])
        return self._molecule(at) if found[0] == "<smiles>" else None

    def _molecule(self, at: int) -> Opened | None:
        found = _MOLECULE.match(self._text, at, self._scope.end)
        if found is None:
            return None
        smiles = (found[1] or found[2] or "").strip()
        return Opened((Molecule(smiles, Span(*found.span())),) if smiles else (), found.end())

    def _take(self, at: int, opened: Opened) -> int:
        self._paragraph(at)
        self._blocks.extend(opened.blocks)
        self._words_begin = opened.end
        return opened.end

    def _paragraph(self, end: int) -> None:
        span = trimmed(self._text, self._words_begin, end)
        pieces = self._scope.pieces(span.begin, span.end) if span.begin < span.end else ()
        if pieces:
            self._blocks.append(Paragraph(pieces, span))
