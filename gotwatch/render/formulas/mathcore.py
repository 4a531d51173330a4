"""math-core, which makes MathML of TeX where QuickJS is not to be had: the only module that knows it."""

import re
from collections.abc import Sequence

from gotwatch.render.formulas.engine import FormulaRequest, Refused

try:
    import math_core
except ImportError:
    math_core = None  # type: ignore[assignment]  # is_available tells, before anything is called

# Commands that formulas on paper need and math-core lacks, in words that it has.
_MACROS = {
    "substack": r"\begin{matrix}#1\end{matrix}",
    "pmb": r"\boldsymbol{#1}",
    "longdiv": r"\overline{)#1}",
    "textcircled": r"\boxed{\text{#1}}",
    "cancelto": r"\overset{#1}{\cancel{#2}}",
    "dotsc": r"\ldots",
    "dotsb": r"\cdots",
    "dotsm": r"\cdots",
    "dotsi": r"\cdots",
    "dotso": r"\ldots",
}
_TAG = re.compile(r"\\tag\*?\s*\{([^{}]*)\}")
_NUMBERED_ROWS = re.compile(r"\\begin\s*\{(?:align|gather|alignat|flalign|equation|multline)\*?\}")
_ROOT = re.compile(r"(<math[^>]*>)(.*)(</math>)", re.DOTALL)  # in one row: a page may lay out the parts of math itself
_STRIKE = re.compile(r'class="menclose-(up|down)diagonalstrike"')  # the style sheet is Temml's
_UNKNOWN = re.compile(r'Unknown command "(\\[A-Za-z]+)"')
_PLACE = re.compile(r"^\d+: ")


def is_available() -> bool:
    return math_core is not None


class MathCoreEngine:
    def __init__(self) -> None:
        self._converter: math_core.LatexToMathML | None = None

    def convert(self, requests: Sequence[FormulaRequest], *, seconds: float) -> list[str | Refused]:  # noqa: ARG002 - a formula takes microseconds
        return [self._convert(request) for request in requests]

    def close(self) -> None:
        self._converter = None

    def _convert(self, request: FormulaRequest) -> str | Refused:
        if self._converter is None:
            self._converter = math_core.LatexToMathML(
                macros=_MACROS, fancy_error=False, allow_unreliable_rendering=True, max_expansions=500
            )
        try:
            mathml = self._converter.convert_with_local_state(_without_tags(request.tex), displaystyle=request.display)
        except math_core.LatexError as error:
            unknown = _UNKNOWN.search(str(error))
            return Refused(_PLACE.sub("", str(error)), unknown[1] if unknown else "")
        return _STRIKE.sub(r'class="tml-cancel \1strike"', _ROOT.sub(r"\1<mrow>\2</mrow>\3", mathml))


def _without_tags(tex: str) -> str:
    """math-core knows a tag only in rows that it could number itself."""
    return tex if _NUMBERED_ROWS.search(tex) else _TAG.sub(r"\\qquad\\text{(\1)}", tex)
