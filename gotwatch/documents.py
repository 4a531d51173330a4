"""The nouns that travel from folder to result."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path, PurePath

# Names worth looking at. What a file really is, its content says.
DOCUMENT_SUFFIXES = frozenset(
    {".pdf", ".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".webp", ".bmp", ".dib", ".gif"}
    | {".heic", ".heif", ".hif", ".avif"}
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a file looks like from outside; two different stamps are two versions."""

    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file in a watched folder that has stopped changing."""

    path: Path
    watch: str
    stamp: Stamp
    digest: str  # sha256 of the content, hex


class Mode(StrEnum):
    PLAIN = "plain"
    FORMAT = "format"


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the engine is asked to do with a page."""

    mode: Mode = Mode.PLAIN


class Form(StrEnum):
    """A kind of result file; the value is its suffix."""

    TXT = "txt"
    HTML = "html"
    MD = "md"
    JSON = "json"


class Finish(StrEnum):
    """Why the engine stopped writing."""

    STOP = "stop"  # it was done
    LENGTH = "length"  # the token limit
    LOOP = "loop"  # it repeated itself
    TIME = "time"  # the time limit
    BLANK = "blank"  # no ink on the page; the model was not asked


@dataclass(frozen=True, slots=True)
class PageImage:
    """An upright page. Buffer of width * height * 3 bytes, RGB, row by row from the top."""

    number: int  # from 1, as a person counts
    width: int
    height: int
    rgb: bytes | memoryview


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What the engine read on one page."""

    number: int
    markup: str
    tokens: int  # tokens of a model that writes, text lines of one that finds them
    seconds: float
    confidence: float | None  # 0 to 1; None where the engine does not know
    finish: Finish
    checkpoint: str  # the model that wrote it, with its revision


@dataclass(frozen=True, slots=True)
class Reading:
    """How a document is read. Two readings with one key give the same text."""

    engine: str
    checkpoint: str  # as configured, so that it is known before the engine is loaded
    prompt: Prompt
    alone: str = ""  # a mark of the one file that may use this text; "": every file of the same bytes

    @property
    def key(self) -> str:
        return "|".join((self.engine, self.checkpoint, self.prompt.mode, self.alone))


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A source file, read."""

    source: SourceFile
    relative: Path  # the source's place below its watched folder
    pages: tuple[PageText, ...]
    reading: Reading
    read_at: datetime
    copied_from: Path | None  # the file of the same bytes whose text this is
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Output:
    """A result file as we wrote it."""

    path: Path
    digest: str  # sha256 of its content, hex


def shown(path: PurePath | str) -> str:
    """*path* for a person's eyes and for UTF-8, also where its bytes are no text."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def counted(number: int, noun: str) -> str:
    """ "1 page", "2 pages"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
