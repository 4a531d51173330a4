"""Documents that were read, for tests of what is made of them."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from gotwatch.documents import Document, Finish, Mode, PageText, Prompt, Reading, SourceFile, Stamp


def page(
    number: int = 1,
    markup: str = "text",
    *,
    count: int = 1,
    finish: Finish = Finish.STOP,
    confidence: float | None = 0.9,
) -> PageText:
    return PageText(
        number=number,
        count=count,
        markup=markup,
        tokens=7,
        seconds=0.12345,
        confidence=confidence,
        least_confidence=confidence and confidence / 2,
        finish=finish,
        checkpoint="" if finish is Finish.BLANK else "model@1",
    )


def document(
    *pages: PageText,
    name: str = "scan.png",
    mode: Mode = Mode.PLAIN,
    copied_from: Path | None = None,
    warnings: tuple[str, ...] = (),
    mtime_ns: int = 1_700_000_000_123_456_789,
) -> Document:
    return Document(
        source=SourceFile(Path("in", name), "scans", Stamp(1234, mtime_ns), "ab" * 32),
        relative=Path("2025", name),
        pages=pages,
        reading=Reading("echo", "configured", Prompt(mode)),
        read_at=datetime(2025, 11, 22, 9, 48, 3, tzinfo=UTC),
        copied_from=copied_from,
        warnings=warnings,
    )


def formatted(*markups: str) -> Document:
    pages = (page(number, markup) for number, markup in enumerate(markups, start=1))
    return document(*pages, mode=Mode.FORMAT)


def of_file(path: Path, *texts: str) -> Document:
    """Read from a file that is really there."""
    made = document(*(page(number, text) for number, text in enumerate(texts, start=1)), name=path.name)
    digest = sha256(path.read_bytes()).hexdigest()
    return replace(made, source=replace(made.source, path=path, digest=digest))
