"""Temml, which makes MathML of TeX: what it is asked, and what its errors mean."""

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

from gotwatch.render.formulas.engine import EngineFailed, FormulaRequest, Refused
from gotwatch.render.script import Script, ScriptFailed

# trust is off: no address, no class, no style comes from the text.
_HOST = """
function formulasOf(requests) {
  return requests.map(({ tex, display }) => {
    const options = {
      displayMode: display, wrap: display ? "=" : "tex",
      throwOnError: true, trust: false, strict: false, maxExpand: 500,
    };
    try {
      return { mathml: temml.renderToString(tex, options) };
    } catch (error) {
      return { reason: String(error.message) };
    }
  });
}
"""
_UNKNOWN = re.compile(r"Unsupported function name: (\\[A-Za-z]+)")
# It takes as long to load as all the rest, and few pages have it.
_CHEMISTRY = re.compile(r"\\(?:ce|pu)(?![A-Za-z])")
_CROWDED = re.compile(r"<mo(?:\s[^>]*)?><m")
_OPERATOR = re.compile(r"<(?P<end>/?)mo(?:\s[^>]*)?>(?P<crowded>(?=<m))?")
_PLACE = re.compile(r"\s+at (?:position \d+|end of input):.*", re.DOTALL)


class TemmlEngine:
    def __init__(self) -> None:
        self._script = Script([_vendored("temml.min.js"), _HOST])

    def convert(self, requests: Sequence[FormulaRequest], *, seconds: float) -> list[str | Refused]:
        batch = [{"tex": request.tex, "display": request.display} for request in requests]
        if any(_CHEMISTRY.search(request.tex) for request in requests):
            self._script.add(_vendored("mhchem.min.js"))
        try:
            answers = self._script.call("formulasOf", batch, seconds=seconds)
        except ScriptFailed as error:
            raise EngineFailed(str(error)) from error
        assert isinstance(answers, list)  # _HOST maps a list
        return [
            _sound(answer["mathml"]) if answer.get("mathml") else _refused(answer.get("reason", ""))
            for answer in answers
        ]

    def close(self) -> None:
        self._script.close()


@cache
def _vendored(name: str) -> str:
    return (resources.files("gotwatch.render") / "vendor" / name).read_text("utf-8")


def _sound(mathml: str) -> str:
    """*mathml* with a row for each operator that has elements in it: there may be text alone, so they would be lost."""
    if not _CROWDED.search(mathml):
        return mathml
    names: list[str] = []  # of the operators that are open, as they are called now

    def renamed(tag: re.Match[str]) -> str:
        if tag["end"]:
            return f"</{names.pop()}>"
        names.append("mrow" if tag["crowded"] is not None else "mo")
        return "<mrow>" if tag["crowded"] is not None else tag[0]

    return _OPERATOR.sub(renamed, mathml)


def _refused(message: str) -> Refused:
    unknown = _UNKNOWN.search(message)
    return Refused(_PLACE.sub("", message).strip(), unknown[1] if unknown else "")
