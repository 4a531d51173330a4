"""Pages rendered by both engines for formulas in turn. Prints what it took as JSON."""

import json
from collections.abc import Callable, Iterable

from bench import markup_pages, processor
from gotwatch.render import html
from gotwatch.render.formulas.engine import FormulaEngine
from gotwatch.render.formulas.mathcore import MathCoreEngine
from gotwatch.render.formulas.temml import TemmlEngine
from gotwatch.render.formulas.typeset import Formulas
from gotwatch.render.workbench import Workbench

ROUNDS = 3
PAGES = 500
FULL_PAGES = 100
FULL_CHARACTERS = 1_500
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
        for sample in sets["samples"]:
            _render(sample, bench, engine)
    print(json.dumps({name: _figures(pages, bench, engines) for name, pages in sets.items()}))
    bench.close()


def _figures(pages: Iterable[str], bench: Workbench, engines: dict[str, FormulaEngine]) -> list[dict[str, object]]:
    return [_page_figures(page, bench, engines) for page in pages]


def _page_figures(page: str, bench: Workbench, engines: dict[str, FormulaEngine]) -> dict[str, object]:
    clock: dict[str, float] = {}
    used: dict[str, float] = {}
    sizes: dict[str, int] = {}
    for name, engine in engines.items():
        for _ in range(ROUNDS):
            watch = processor.start()
            made = _render(page, bench, engine)
            seconds, of_processor = watch.taken()
            clock[name] = min(seconds * 1000, clock.get(name, seconds * 1000))
            used[name] = min(of_processor * 1000, used.get(name, of_processor * 1000))
            sizes[name] = len(made.encode())
    return {"characters": len(page), "clock_ms": clock, "processor_ms": used, "bytes": sizes}


def _render(page: str, bench: Workbench, engine: FormulaEngine) -> str:
    bench.formulas = Formulas(engine)  # which remembers none of the page before
    return html.render(markup_pages.document(page), bench)
