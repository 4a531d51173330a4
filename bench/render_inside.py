"""Pages rendered in one process, by both engines for formulas in turn. Prints what it took as JSON."""

import json
import time
from collections.abc import Callable, Iterable

from bench import markup_pages
from gotwatch.render import html
from gotwatch.render.formulas.engine import FormulaEngine
from gotwatch.render.formulas.mathcore import MathCoreEngine
from gotwatch.render.formulas.temml import TemmlEngine
from gotwatch.render.formulas.typeset import Formulas
from gotwatch.render.workbench import Workbench

PAGES = 500
FULL_PAGES = 100
FULL_CHARACTERS = 1_500
ROUNDS = 3
ENGINES: dict[str, Callable[[], FormulaEngine]] = {"Temml": TemmlEngine, "math-core": MathCoreEngine}


def main() -> None:
    bench = Workbench()
    engines = {name: make() for name, make in ENGINES.items()}
    sets = {
        "pages": list(markup_pages.like_samples(PAGES)),
        "full": list(markup_pages.full(FULL_PAGES, FULL_CHARACTERS)),
        "samples": list(markup_pages.samples().values()),
    }
    for engine in engines.values():  # all that loads when it is first used
        _render("\n\n".join(text for text in sets["samples"] if len(text) < FULL_CHARACTERS), bench, engine)
    print(json.dumps({name: _figures(pages, bench, engines) for name, pages in sets.items()}))
    bench.close()


def _figures(pages: Iterable[str], bench: Workbench, engines: dict[str, FormulaEngine]) -> list[dict[str, object]]:
    return [_page_figures(page, bench, engines) for page in pages]


def _page_figures(page: str, bench: Workbench, engines: dict[str, FormulaEngine]) -> dict[str, object]:
    """The fastest time of a few, as other programs take part of the machine."""
    milliseconds = dict.fromkeys(engines, float("inf"))
    sizes = {}
    for _ in range(ROUNDS):
        for name, engine in engines.items():
            began = time.perf_counter()
            made = _render(page, bench, engine)
            milliseconds[name] = min(milliseconds[name], (time.perf_counter() - began) * 1000)
            sizes[name] = len(made.encode())
    return {"characters": len(page), "milliseconds": milliseconds, "bytes": sizes}


def _render(page: str, bench: Workbench, engine: FormulaEngine) -> str:
    bench.formulas = Formulas(engine)  # which remembers none of the page before
    return html.render(markup_pages.document(page), bench)
