"""Formulas as MathML for a page, whatever the model wrote: read, mended and read again, or shown as their source."""

import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape

from gotwatch.render import script
from gotwatch.render.formulas import fences, limits
from gotwatch.render.formulas.breadth import measured
from gotwatch.render.formulas.engine import EngineFailed, FormulaEngine, FormulaRequest, Refused
from gotwatch.render.formulas.glyphs import glyphs_of, words_of
from gotwatch.render.formulas.prepare import prepared
from gotwatch.render.formulas.repair import repaired
from gotwatch.render.formulas.temml import TemmlEngine
from gotwatch.render.formulas.unknown import named
from gotwatch.render.sanitise import clean_mathml

_BATCH_SECONDS = 2.0
_FORMULA_SECONDS = 0.5
_PAGE_SECONDS = 6.0
_MOST_ROUNDS = 8  # a round mends one thing of each formula that is still not understood
_CACHED_CHARACTERS = 250_000


@dataclass(frozen=True, slots=True)
class FormulaResult:
    html: str  # MathML, or the source in a code element; harmless
    ok: bool
    repaired: str = ""  # what was mended, as a sentence; "" if nothing
    reason: str = ""  # why only the source is shown
    characters: frozenset[str] = frozenset()  # that a browser draws, for the font


@dataclass(frozen=True, slots=True)
class _Draft:
    """A formula on its way."""

    request: FormulaRequest
    tex: str  # as the engine is asked
    said: tuple[str, ...] = ()
    is_mended: bool = False


def open_formulas() -> "Formulas":
    """With the best engine that is installed."""
    if script.is_available():
        return Formulas(TemmlEngine())
    from gotwatch.render.formulas import mathcore  # noqa: PLC0415  where the better one is, this would only take memory

    return Formulas(mathcore.MathCoreEngine() if mathcore.is_available() else None)


class Formulas:
    """Used by one thread. Without an engine every formula is shown as its source."""

    def __init__(self, engine: FormulaEngine | None) -> None:
        self._engine = engine
        self._cache = _Cache()

    def render(self, requests: Sequence[FormulaRequest]) -> list[FormulaResult]:
        """The formulas of a page, in their order. Takes a few seconds at most, whatever they are."""
        known = {request: self._cache.get(request) for request in dict.fromkeys(requests)}
        fresh = self._read([request for request, result in known.items() if result is None])
        for request, result in fresh.items():
            self._cache.put(request, result)
        return [known[request] or fresh[request] for request in requests]

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()

    def _read(self, requests: Iterable[FormulaRequest]) -> dict[FormulaRequest, FormulaResult]:
        results: dict[FormulaRequest, FormulaResult] = {}
        drafts = []
        for request in requests:
            reason = limits.why_not(request.tex)
            if reason:
                results[request] = _as_source(request, reason)
            else:
                drafts.append(_Draft(request, prepared(request.tex, display=request.display)))
        deadline = time.monotonic() + _PAGE_SECONDS
        for round_number in range(1, _MOST_ROUNDS + 1):
            answers = self._convert(drafts, deadline)
            again = [_mended(draft, answer) for draft, answer in zip(drafts, answers, strict=True)]
            for draft, answer, better in zip(drafts, answers, again, strict=True):
                if better is None or round_number == _MOST_ROUNDS:
                    results[draft.request] = _result(draft, answer)
            drafts = [better for better in again if better is not None]
            if not drafts:
                break
        return results

    def _convert(self, drafts: Sequence[_Draft], deadline: float) -> list[str | Refused]:
        """All at once; one by one after a failure, so that it costs the formula to blame and no other."""
        if self._engine is None:
            return [Refused("no formula engine is installed")] * len(drafts)
        requests = [replace(draft.request, tex=draft.tex) for draft in drafts]
        try:
            return self._engine.convert(requests, seconds=_BATCH_SECONDS) if requests else []
        except EngineFailed:
            return [self._convert_alone(self._engine, request, deadline) for request in requests]

    @staticmethod
    def _convert_alone(engine: FormulaEngine, request: FormulaRequest, deadline: float) -> str | Refused:
        if time.monotonic() > deadline:
            return Refused("the formulas of this page took too long")
        try:
            return engine.convert([request], seconds=_FORMULA_SECONDS)[0]
        except EngineFailed:
            return Refused("it took too long or too much memory")


def _mended(draft: _Draft, answer: str | Refused) -> _Draft | None:
    """*draft* with one thing better; None if there is nothing to do, or nothing more."""
    if isinstance(answer, str):
        return None
    if answer.unknown:
        return replace(
            draft, tex=named(draft.tex, answer.unknown), said=(*draft.said, f"{answer.unknown} is shown by its name")
        )
    if draft.is_mended:
        return None
    mended = repaired(draft.tex)
    if mended.tex == draft.tex:
        return None
    return replace(draft, tex=mended.tex, said=(*draft.said, *mended.said), is_mended=True)


def _result(draft: _Draft, answer: str | Refused) -> FormulaResult:
    if isinstance(answer, Refused):
        return _as_source(draft.request, answer.reason)
    mathml = fences.fitted(clean_mathml(answer))
    if not mathml or limits.is_too_much(mathml) or words_of(mathml) != words_of(answer):
        return _as_source(draft.request, "what the engine made of it cannot be shown")
    characters = glyphs_of(mathml)
    if draft.request.display:
        mathml = measured(mathml)
    if not draft.said:
        return FormulaResult(mathml, ok=True, characters=characters)
    if not any(map(str.strip, characters)):
        return _as_source(draft.request, "nothing would be seen of it")
    words = f"Repaired: {'; '.join(draft.said)}."
    title = escape(f"{words} Source: {draft.request.tex}")
    html = f'<span class="tex-repaired" title="{title}">{mathml}</span>'
    return FormulaResult(html, ok=True, repaired=words, characters=characters)


def _as_source(request: FormulaRequest, reason: str) -> FormulaResult:
    title = escape(f"This formula is shown as its source: {reason}.")
    return FormulaResult(
        f'<code class="tex-error" title="{title}">{escape(request.tex)}</code>', ok=False, reason=reason
    )


class _Cache:
    """The newest results: tables and running heads repeat their formulas."""

    def __init__(self) -> None:
        self._results: OrderedDict[FormulaRequest, FormulaResult] = OrderedDict()
        self._characters = 0

    def get(self, request: FormulaRequest) -> FormulaResult | None:
        if request in self._results:
            self._results.move_to_end(request)
        return self._results.get(request)

    def put(self, request: FormulaRequest, result: FormulaResult) -> None:
        self._results[request] = result
        self._characters += _size(request, result)
        while self._characters > _CACHED_CHARACTERS:
            self._characters -= _size(*self._results.popitem(last=False))


def _size(request: FormulaRequest, result: FormulaResult) -> int:
    return len(request.tex) + len(result.html)
