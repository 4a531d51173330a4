"""What a page costs on its way through a reader process and through the engine process, less the work itself."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import instant, sheets
from bench.report import Report, Table
from gotwatch import pixels
from gotwatch.documents import PageImage, Prompt
from gotwatch.engine.base import EngineOptions, EngineSpec
from gotwatch.engine.process import EngineProcess
from gotwatch.pages.base import PageLimits
from gotwatch.pages.blank import is_blank
from gotwatch.pages.loader import open_pages
from gotwatch.pages.reader import ReaderPool
from gotwatch.threads import Threads

READS = 20
TRIPS = 300
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sheet:
    path: Path
    number: int
    words: str


def measure(place: Path) -> Report:
    sheets.small_images(place / "in", 1)
    chosen = (
        Sheet(place / "in" / "small-00001.png", 1, "PNG"),
        Sheet(sheets.SAMPLES / "letter-scan.jpg", 1, "JPEG scan"),
        Sheet(sheets.SAMPLES / "minutes.pdf", 1, "PDF text"),
        Sheet(sheets.SAMPLES / "minutes.pdf", 2, "PDF scan"),
    )
    return Report(
        title="trips: one page there and back",
        goals=(),
        tables=(_reader_table(chosen), _engine_table(chosen)),
        notes=(
            f"Medians of {READS} reads and {TRIPS} trips. A reader process opens and draws the page, looks whether it"
            " is blank, and puts it into shared memory; the first two columns are the same work in one process. The"
            " trip to the engine is from submit() to its answer, for an engine that looks at the first pixel only.",
        ),
    )


def _reader_table(chosen: tuple[Sheet, ...]) -> Table:
    pool = ReaderPool(PageLimits(), readers=1)
    pool.start()
    try:
        rows = tuple(_reader_row(sheet, pool) for sheet in chosen)
    finally:
        pool.stop()
    columns = ("reader: page", "pixels", "open and draw, ms", "look for ink, ms", "by a reader process, ms", "more, ms")
    return Table(columns, rows)


def _reader_row(sheet: Sheet, pool: ReaderPool) -> tuple[str, ...]:
    page = _draw(sheet)
    drawn = _milliseconds(READS, lambda: _draw(sheet))
    looked = _milliseconds(READS, lambda: is_blank(page))
    trip = _milliseconds(READS, lambda: _by_reader(sheet, pool))
    more = trip - drawn - looked
    figures = (f"{figure:.2f}" for figure in (drawn, looked, trip, more))
    return (sheet.words, f"{page.width} x {page.height}", *figures)


def _draw(sheet: Sheet) -> PageImage:
    opened = open_pages(sheet.path, PageLimits())
    try:
        return opened.render(sheet.number)
    finally:
        opened.close()


def _by_reader(sheet: Sheet, pool: ReaderPool) -> None:
    with pool.open(sheet.path) as opened:
        opened.render(sheet.number).release()


def _engine_table(chosen: tuple[Sheet, ...]) -> Table:
    with _engine() as engine:
        rows = tuple(_engine_row(_draw(sheet), engine) for sheet in chosen[:2])
    return Table(("engine: pixels", "MB", "there and back, ms"), rows)


def _engine_row(page: PageImage, engine: EngineProcess) -> tuple[str, ...]:
    shared, memory = pixels.fill(pixels.new_block_name(), 1, page.width, page.height, page.rgb, blank=False)
    try:
        trip = _milliseconds(TRIPS, lambda: engine.submit([shared], Prompt()).result())
    finally:
        memory.close()
        memory.unlink()
    return (f"{page.width} x {page.height}", f"{shared.size_bytes / MEGABYTE:.1f}", f"{trip:.2f}")


@contextmanager
def _engine() -> Iterator[EngineProcess]:
    engine = EngineProcess(
        EngineSpec("instant", instant.PATH, EngineOptions()),
        page_seconds=60.0,
        start_seconds=60.0,
        keep_alive_seconds=-1.0,
        threads=Threads(lambda: None),
        on_change=lambda: None,
    )
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def _milliseconds(times: int, step: Callable[[], object]) -> float:
    """The median; the first time, which may have to start a process, does not count."""
    step()
    return statistics.median(_timed(step) for _ in range(times)) * 1000


def _timed(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began
