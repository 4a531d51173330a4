"""Whether an engine that takes its time is kept busy, by how many pages it can read at once."""

import shutil
from pathlib import Path

from bench import instant, paddle, program, sheets
from bench.report import Report, Table

PAGES_PER_SLOT = 10


def measure(place: Path) -> Report:
    rows = [row for slots, engine in instant.SLOW_PATHS.items() for row in _rows(place / str(slots), slots, engine)]
    return Report(
        title=f"feeding: pages of A4 for an engine that takes {instant.SLOW_SECONDS:g} s for each",
        goals=(),
        tables=(Table(("read at once; documents", "pages/s", "the engine alone", "share"), tuple(rows)),),
        notes=(
            f"{PAGES_PER_SLOT} pages for each that is read at once. The engine only waits, as one on a GPU would, so"
            " what it can do alone is known, and the processor is free for gotwatch. Timed as with paddle.",
        ),
    )


def _rows(place: Path, slots: int, engine: str) -> list[tuple[str, ...]]:
    count = slots * PAGES_PER_SLOT
    sheets.scans(place / "images", count)
    sheets.long_scan(place / "pdf", count)
    return [
        _row(f"{slots}; {count} images", program.install(place / "of-images", place / "images", engine=engine), slots),
        _row(f"{slots}; one PDF of {count}", program.install(place / "of-pdf", place / "pdf", engine=engine), slots),
    ]


def _row(words: str, installation: program.Installation, slots: int) -> tuple[str, ...]:
    run = program.once(installation)
    shutil.rmtree(installation.base)
    per_second = run.summary["pages"] / paddle.reading_seconds(run.log)
    alone = slots / instant.SLOW_SECONDS
    return (words, f"{per_second:.1f}", f"{alone:.1f}", f"{per_second / alone:.0%}")
