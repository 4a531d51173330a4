"""How well the engines read: PaddleOCR beside Debian's Tesseract, and the small checkpoint on its own pages."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench import tesseract
from bench.program import ROOT, Installation
from bench.quality_sets import FRESH_PAGES, PageSet, sets
from bench.report import Report, Table

TESSERACT = "bench.tesseract:TesseractEngine"
_COLUMNS = (
    "pages; engine",
    "pages",
    "flawless",
    "characters wrong",
    "edit distance",
    "F1",
    "BLEU",
    "METEOR",
    "s a page",
)
_PAPER = (
    ("Fox, dense pages, English", "0.035", "0.972", "0.971", "0.973", "0.947", "0.958"),
    ("Fox, dense pages, Chinese", "0.038", "0.980", "0.982", "0.978", "0.878", "0.939"),
    ("scene text, English", "0.112", "0.926", "0.934", "0.927", "0.676", "0.896"),
    ("scene text, Chinese", "0.096", "0.928", "0.914", "0.954", "0.641", "0.928"),
    ("formatted pages with crop: text", "0.086", "", "", "", "", ""),
    ("formatted pages with crop: formulas", "0.159", "", "", "", "", ""),
    ("formatted pages with crop: tables", "0.220", "", "", "", "", ""),
)


def measure(place: Path) -> Report:
    found = [(one, _evaluated(one, place / str(number))) for number, one in enumerate(sets(TESSERACT))]
    return Report(
        title="quality: what the engines make of pages whose text is known",
        goals=(),
        tables=(
            Table(_COLUMNS, tuple(row for one, engines in found for row in _fair_rows(one, engines))),
            Table(
                _paper_columns("in the paper's way; engine"), tuple(row for each in found for row in _paper_rows(*each))
            ),
            _parts_table(found),
            Table(_paper_columns("GOT-OCR2.0, by its paper"), _PAPER),
        ),
        notes=(_note(),),
    )


def _paper_columns(first: str) -> tuple[str, ...]:
    return (first, "edit distance", "F1", "precision", "recall", "BLEU", "METEOR")


def _evaluated(pages: PageSet, base: Path) -> list[dict[str, Any]]:
    """What `gotwatch evaluate` says of each engine that can take part."""
    folder, record = base / "pages", base / "record.json"
    folder.mkdir(parents=True)
    pages.fill(folder)
    (base / "config.toml").touch()
    engines = [name for name in pages.engines if name != TESSERACT or _can_take_part(pages.language)]
    language = ("--checkpoint", pages.language) if pages.language else ()
    options = ("--engines", ",".join(engines), "--json", str(record), *language, *pages.options)
    command = Installation(base).command("evaluate", str(folder), *options)
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return list(json.loads(record.read_text("utf-8"))["engines"])


def _can_take_part(language: str) -> bool:
    return tesseract.version() is not None and language in tesseract.languages()


def _fair_rows(pages: PageSet, engines: Sequence[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    for name in pages.engines:
        if engine := _named(name, engines):
            fair = engine["fair"]
            yield (
                f"{pages.title}; {_words(engine)}",
                str(engine["pages"]),
                str(engine["flawless"]),
                f"{fair['character_error_rate']:.2%}",
                *(f"{fair[figure]:.3f}" for figure in ("edit_distance", "f1", "bleu", "meteor")),
                f"{engine['seconds_a_page']:.2f}",
            )
        else:
            yield (f"{pages.title}; tesseract is not here, or not for {pages.language}", *[""] * (len(_COLUMNS) - 1))


def _paper_rows(pages: PageSet, engines: Sequence[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    figures = ("edit_distance", "f1", "precision", "recall", "bleu", "meteor")
    for engine in engines:
        cells = (f"{engine['paper'][figure]:.3f}" for figure in figures)
        yield (f"{pages.title}; {_words(engine)}", *cells)


def _parts_table(found: Sequence[tuple[PageSet, list[dict[str, Any]]]]) -> Table:
    rows = (
        (f"{pages.title}; {_words(engine)}", *(f"{engine['fair'][f'{part}_edit_distance']:.3f}" for part in _PARTS))
        for pages, engines in found
        for engine in engines
        if all(engine["fair"][f"{part}_edit_distance"] is not None for part in _PARTS)
    )
    return Table(("edit distance, fair; engine", *_PARTS), tuple(rows))


_PARTS = ("text", "formulas", "tables")


def _named(name: str, engines: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    return next((engine for engine in engines if engine["engine"] == name), None)


def _words(engine: dict[str, Any]) -> str:
    if engine["engine"] == "got":
        return f"got, {engine['checkpoint'].partition('@')[0]}"
    return "tesseract" if engine["engine"] == TESSERACT else str(engine["engine"])


def _note() -> str:
    found = tesseract.version() or "tesseract is not installed here"
    return (
        "Each set by `gotwatch evaluate`, one file after the other; seconds are the engine's own, on a shared"
        f" machine: see its load below. Tesseract is {found}, as Debian ships it with its own models, told the"
        " language and given the same upright pixels as the others. Drawn pages: `samples/in`, of which some were"
        " made to look scanned or photographed; one is blank, which gotwatch sees before any engine. The scan: a"
        " page of Lovelace's Lucasta, London 1864, at two resolutions (`samples/scans`), transcribed by hand. That"
        " is one page, so its figures are those of a few letters; PaddleOCR writes straight quotation marks there,"
        f" which count as wrong. The typewriter is the small checkpoint of the demo on {FRESH_PAGES} fresh pages of"
        " the only font it knows, which says nothing of GOT-OCR2.0. GOT-OCR2.0 itself: weights not available where"
        " this was measured; the last table holds its paper's figures (arXiv 2409.01704), on other pages and in"
        " the paper's way of counting. METEOR of the other tables counts no synonyms."
    )
