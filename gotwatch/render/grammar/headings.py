r"""Commands that are blocks: headings, what stands under a title, footnotes, captions that belong to no figure."""

from collections.abc import Callable

from gotwatch.render.blocks import (
    Block,
    Footnote,
    Front,
    FrontKind,
    Heading,
    Paragraph,
    Piece,
    Raw,
    Rule,
    Span,
    Style,
    Styled,
)
from gotwatch.render.grammar import lists
from gotwatch.render.grammar.arguments import Argument, argument, option
from gotwatch.render.grammar.scope import Opened, Scope
from gotwatch.render.grammar.vocabulary import FRONT, HEADINGS

_TITLE_LEVEL = 1


def command(scope: Scope, at: int, name: str) -> Opened | None:
    """What the command at this place opens, if it is one that opens a block."""
    opens = _COMMANDS.get(name)
    return opens(scope, at, name) if opens else None


def _behind_name(scope: Scope, at: int, name: str) -> int:
    here = at + 1 + len(name)
    return here + 1 if scope.text.startswith("*", here) else here


def _heading(scope: Scope, at: int, name: str) -> Opened | None:
    here = _behind_name(scope, at, name)
    short = option(scope.marks, here, scope.end)
    words = _one_line(scope, short.end if short else here)
    pieces = (*_in_brackets(scope, short), *scope.pieces(words.inside.begin, words.inside.end))
    heading = Heading(HEADINGS.get(name, _TITLE_LEVEL), pieces, Span(at, words.end))
    return Opened((heading,) if pieces else (), words.end)


def _in_brackets(scope: Scope, short: Argument | None) -> tuple[Piece, ...]:
    """A title for the contents of a book is on no page; if the model wrote one nevertheless, it is shown."""
    if short is None:
        return ()
    span = Span(short.inside.begin - 1, short.end)
    return (Raw(scope.text[span.begin : span.end], span),)


def _one_line(scope: Scope, here: int) -> Argument:
    """The argument of a heading: it may begin on a line of its own, but does not swallow the text under it."""
    found = argument(scope.marks, here, scope.end)
    line_end = scope.marks.line_end(here, scope.end)
    if found is None:
        return Argument(Span(here, line_end), line_end, closed=False)
    ends_late = not found.closed or found.inside.end > line_end
    if not ends_late or (found.closed and _is_spread(scope, found)):
        return found
    return Argument(
        Span(found.inside.begin, max(found.inside.begin, line_end)), max(line_end, found.inside.begin), closed=False
    )


def _is_spread(scope: Scope, found: Argument) -> bool:
    r"""Whether its lines belong together: {, a line, }; or lines that end in \\."""
    if scope.marks.paragraph_end(found.inside.begin, found.inside.end) != found.inside.end:
        return False
    lines = scope.text[found.inside.begin : found.inside.end].split("\n")
    return not lines[0].strip() or all(line.rstrip().endswith("\\\\") for line in lines[:-1])


def _front(scope: Scope, at: int, name: str) -> Opened | None:
    here = _behind_name(scope, at, name)
    mark = option(scope.marks, here, scope.end)
    words = argument(scope.marks, mark.end if mark else here, scope.end)
    if words is None:
        return None
    blocks = _marked(scope, mark, scope.blocks(words.inside.begin, words.inside.end))
    front = Front(_FRONT_KINDS.get(name, FrontKind.AUTHOR), blocks, Span(at, words.end))
    return Opened((front,) if blocks else (), words.end)


def _marked(scope: Scope, mark: Argument | None, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The [1] that ties an author to an address stands raised before the name."""
    pieces = scope.pieces(mark.inside.begin, mark.inside.end) if mark else ()
    if mark is None or not pieces:
        return blocks
    raised = Styled(Style.RAISED, pieces, mark.inside)
    first = blocks[0] if blocks else None
    if isinstance(first, Paragraph):
        span = Span(mark.inside.begin, first.span.end)
        return (Paragraph((raised, *first.pieces), span), *blocks[1:])
    return (Paragraph((raised,), mark.inside), *blocks)


def _footnote(scope: Scope, at: int, name: str) -> Opened | None:
    here = _behind_name(scope, at, name)
    label = option(scope.marks, here, scope.end)
    words = argument(scope.marks, label.end if label else here, scope.end)
    if words is None:
        return None
    pieces = scope.pieces(words.inside.begin, words.inside.end)
    shown = scope.text[label.inside.begin : label.inside.end].strip() if label else ""
    return Opened((Footnote(shown, pieces, Span(at, words.end)),), words.end)


def _caption(scope: Scope, at: int, _: str) -> Opened | None:
    found = caption(scope, at)
    if found is None:
        return None
    pieces, end = found
    return Opened((Paragraph(pieces, Span(at, end)),) if pieces else (), end)


def caption(scope: Scope, at: int) -> tuple[tuple[Piece, ...], int] | None:
    r"""What the \caption at this place says, and where it ends."""
    here = _behind_name(scope, at, "caption")
    short = option(scope.marks, here, scope.end)
    words = argument(scope.marks, short.end if short else here, scope.end)
    if words is None:
        return None
    return (*_in_brackets(scope, short), *scope.pieces(words.inside.begin, words.inside.end)), words.end


def _rule(_: Scope, at: int, name: str) -> Opened | None:
    end = at + 1 + len(name)
    return Opened((Rule(Span(at, end)),), end)


def _item(scope: Scope, at: int, _: str) -> Opened | None:
    return lists.stray(scope, at)


_FRONT_KINDS = {"date": FrontKind.DATE, "keywords": FrontKind.KEYWORDS}
_COMMANDS: dict[str, Callable[[Scope, int, str], Opened | None]] = {
    **dict.fromkeys(["title", *HEADINGS], _heading),
    **dict.fromkeys(FRONT, _front),
    "footnotetext": _footnote,
    "caption": _caption,
    "hrule": _rule,
    "item": _item,
}
