"""What no engine is asked to read: formulas so long or deep that no page has them, and commands that are no formula."""

from collections.abc import Sequence

from gotwatch.render.formulas import tokens as tex_tokens

_MOST_CHARACTERS = 6_000
_MOST_DEPTH = 60
_MOST_DEPTH_OUT = 250  # elements in elements; behind 512 browsers lose count
_MOST_CHARACTERS_OUT = 300_000

# Definitions could grow without end, the others speak of addresses and styles. No page shows any of them.
_FORBIDDEN = tex_tokens.names(
    r"\def \gdef \edef \xdef \let \futurelet \global \newcommand \renewcommand \providecommand \DeclareMathOperator"
    r" \newenvironment \input \include \includegraphics \href \url \class \cssId \htmlClass \htmlId \htmlData"
    r" \htmlStyle \style \data \id \unicode \bbox \catcode \csname \expandafter \require"
)


def why_not(tex: str) -> str:
    """Why *tex* is not given to any engine; "" if it may be."""
    if len(tex) > _MOST_CHARACTERS:
        return f"longer than {_MOST_CHARACTERS:,} characters"
    tokens = tex_tokens.split(tex)
    if _depth(tokens) > _MOST_DEPTH:
        return f"more than {_MOST_DEPTH} levels deep"
    forbidden = next((token for token in tokens if token in _FORBIDDEN), "")
    return f"{forbidden} is no part of a formula" if forbidden else ""


def is_too_much(mathml: str) -> bool:
    return len(mathml) > _MOST_CHARACTERS_OUT or _depth_out(mathml) > _MOST_DEPTH_OUT


def _depth(tokens: Sequence[str]) -> int:
    depth = deepest = 0
    for token in tokens:
        if token in ("{", r"\left") or tex_tokens.begun(token) is not None:
            depth += 1
            deepest = max(deepest, depth)
        elif token in ("}", r"\right") or tex_tokens.ended(token) is not None:
            depth = max(depth - 1, 0)
    return deepest


def _depth_out(mathml: str) -> int:
    depth = deepest = 0
    for piece in mathml.split("<")[1:]:
        depth += -1 if piece[0] == "/" else 1
        deepest = max(deepest, depth)
    return deepest
