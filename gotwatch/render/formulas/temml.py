"""Temml, which makes MathML of TeX: what it is asked, and what its errors mean."""

import re
from collections.abc import Sequence
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
_PLACE = re.compile(r"\s+at (?:position \d+|end of input):.*", re.DOTALL)


class TemmlEngine:
    def __init__(self) -> None:
        self._script = Script([*_sources(), _HOST])

    def convert(self, requests: Sequence[FormulaRequest], *, seconds: float) -> list[str | Refused]:
        batch = [{"tex": request.tex, "display": request.display} for request in requests]
        try:
            answers = self._script.call("formulasOf", batch, seconds=seconds)
        except ScriptFailed as error:
            raise EngineFailed(str(error)) from error
        assert isinstance(answers, list)  # _HOST maps a list
        return [answer.get("mathml") or _refused(answer.get("reason", "")) for answer in answers]

    def close(self) -> None:
        self._script.close()


def _sources() -> list[str]:
    vendor = resources.files("gotwatch.render") / "vendor"
    return [(vendor / name).read_text("utf-8") for name in ("temml.min.js", "mhchem.min.js")]


def _refused(message: str) -> Refused:
    unknown = _UNKNOWN.search(message)
    return Refused(_PLACE.sub("", message).strip(), unknown[1] if unknown else "")
