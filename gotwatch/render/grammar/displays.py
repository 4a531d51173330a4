"""Formulas on lines of their own."""

from gotwatch.render.blocks import Block, Display, SourceBox, Span
from gotwatch.render.grammar import formulas
from gotwatch.render.grammar.landmarks import Ending, Environment
from gotwatch.render.grammar.scope import Opened, Scope


def delimited(scope: Scope, at: int) -> Opened | None:
    r"""A formula in \[ \] or $$ $$."""
    found = formulas.display(scope.marks, at, scope.end)
    if found is None:
        return None
    tex = scope.text[found.inside.begin : found.inside.end].strip()
    return Opened(_display(tex, scope.text, Span(at, found.end)), found.end)


def environment(scope: Scope, found: Environment) -> Opened:
    r"""A formula in \begin{align} \end{align}, or in whatever the model ended it with."""
    end, body_end = found.end, found.body_end
    if found.ending is not Ending.OWN or end > scope.end:
        end = body_end = formulas.break_off(scope.marks, found.body_begin, min(body_end, scope.end))
    body = scope.text[found.body_begin : body_end]
    if not body.strip():
        return Opened((), end)
    closing = f"\\end{{{found.name}}}" if found.ending is Ending.OWN else ""
    tex = f"\\begin{{{found.name}}}{body}{closing}".strip()
    return Opened(_display(tex, scope.text, Span(found.begin, end)), end)


def _display(tex: str, text: str, span: Span) -> tuple[Block, ...]:
    if not tex:
        return ()
    if reason := formulas.too_much(tex):
        return (SourceBox(text[span.begin : span.end], reason, span),)
    return (Display(tex, span),)
