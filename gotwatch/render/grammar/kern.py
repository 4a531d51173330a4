"""Where music written as Humdrum **kern begins and ends on a page."""

import re

from gotwatch.render.blocks import Score, Span
from gotwatch.render.grammar.scope import Opened, Scope

_REFERENCES = r"(?:!!![^\n]{0,300}\n){0,60}"  # composer, title
_HEAD = re.compile(_REFERENCES + r"(?:\*\*\w+[ \t]+)*\*\*kern(?:[ \t]+\*\*\w+)*[ \t]*(?=\n|\Z)")
_GOES_ON = re.compile(r"\s*\n(?=[*=!])")


def score(scope: Scope, at: int) -> Opened | None:
    head = _HEAD.match(scope.text, at, scope.end)
    if head is None:
        return None
    end = scope.marks.paragraph_end(head.end(), scope.end)
    while (gap := _GOES_ON.match(scope.text, end, scope.end)) and not _HEAD.match(scope.text, gap.end(), scope.end):
        end = scope.marks.paragraph_end(gap.end(), scope.end)
    return Opened((Score(scope.text[at:end], Span(at, end)),), end)
