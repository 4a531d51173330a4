"""Where music written as Humdrum **kern begins and ends on a page."""

import re

from gotwatch.render.blocks import Score, Span
from gotwatch.render.grammar.scope import Opened, Scope

_REFERENCES = r"(?:!!![^\n]{0,300}\n){0,60}"  # composer, title
_HEAD = re.compile(_REFERENCES + r"(?:\*\*\w+[ \t]+)*\*\*kern(?:[ \t]+\*\*\w+)*[ \t]*(?=\n|\Z)")
_END = re.compile(r"^\*-(?:[ \t]+\*-)*[ \t]*$", re.MULTILINE)  # of all its columns
_OTHER_MUSIC = re.compile(r"^\*\*", re.MULTILINE)
_GOES_ON = re.compile(r"\s*\n(?=[*=!])")


def score(scope: Scope, at: int) -> Opened | None:
    head = _HEAD.match(scope.text, at, scope.end)
    if head is None:
        return None
    end = _stretch_end(scope, head.end())
    while (gap := _GOES_ON.match(scope.text, end, scope.end)) and not _HEAD.match(scope.text, gap.end(), scope.end):
        end = _stretch_end(scope, gap.end())
    return Opened((Score(scope.text[at:end], Span(at, end)),), end)


def _stretch_end(scope: Scope, at: int) -> int:
    """Behind the last end of all columns before other music begins: right below it a model goes on with words or a
    formula, and now and then it writes such an end too early."""
    paragraph_end = scope.marks.paragraph_end(at, scope.end)
    last = None
    for end in _END.finditer(scope.text, at, paragraph_end):
        if last and _OTHER_MUSIC.search(scope.text, last.end(), end.start()):
            break
        last = end
    return last.end() if last else paragraph_end
