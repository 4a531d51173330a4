"""Text of a page to blocks: the one way into the grammar of what the model writes."""

import re
from collections.abc import Iterator

from gotwatch.documents import Mode
from gotwatch.render.blocks import Block, Drawing, Markup, Molecule, Paragraph, Score, SourceBox, Span, Words
from gotwatch.render.grammar import body
from gotwatch.render.grammar.landmarks import Ending, Landmarks, survey
from gotwatch.render.grammar.scope import Scope
from gotwatch.render.origin import cleaned

_MOST_CHARACTERS = 1_000_000  # the model writes some 20,000 a page
_MOST_REMARKS = 5
_NOTATION = re.compile(r"\s*(?:\*\*|!!!|\\begin\s*\{tikzpicture\}|<smiles>)")
_PARAGRAPH = re.compile(r"[^\n]+(?:\n(?![ \t]*(?:\n|\Z))[^\n]*)*")


def parse(text: str, *, mode: Mode) -> Markup:
    """Never raises. Spans count in the source of what is returned: *text* without control characters."""
    source = cleaned(text)
    if mode is Mode.PLAIN:
        return _plain(source)
    marks = survey(source[:_MOST_CHARACTERS])
    return Markup(source, (*_read(marks), *_too_long(source)), tuple(_remarks(marks)))


def _read(marks: Landmarks) -> tuple[Block, ...]:
    return body.read(Scope(marks, 0, len(marks.text), depth=1, in_cell=False, read=body.read))


def _too_long(source: str) -> Iterator[SourceBox]:
    if len(source) > _MOST_CHARACTERS:
        reason = f"Only the first {_MOST_CHARACTERS:,} characters of a page are formatted."
        yield SourceBox(source[_MOST_CHARACTERS:], reason, Span(_MOST_CHARACTERS, len(source)))


def _remarks(marks: Landmarks) -> Iterator[str]:
    unclosed = sorted(found.begin for found in marks.environments.values() if found.ending is Ending.NONE)
    for begin in unclosed[:_MOST_REMARKS]:
        line = marks.text.count("\n", 0, begin) + 1
        yield f"\\begin{{{marks.environments[begin].name}}} in line {line} is never closed."


def _plain(source: str) -> Markup:
    """Every sign stands for itself, unless the whole page is music, a drawing or a molecule."""
    if _NOTATION.match(source) and len(source) <= _MOST_CHARACTERS:
        blocks = _read(survey(source))
        if len(blocks) == 1 and isinstance(blocks[0], Score | Drawing | Molecule):
            return Markup(source, blocks)
    return Markup(source, tuple(_literally(source)))


def _literally(source: str) -> Iterator[Paragraph]:
    for found in _PARAGRAPH.finditer(source):
        if found[0].strip():
            span = Span(*found.span())
            yield Paragraph((Words(found[0], span),), span)
