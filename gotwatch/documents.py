"""The nouns that travel from folder to result."""

import os
import re
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path, PurePath

from gotwatch.errors import UsageError
from gotwatch.words import marked

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


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Mode(StrEnum):
    PLAIN = "plain"
    FORMAT = "format"


class BoxBy(StrEnum):
    """How the model is held to a box."""

    PIXELS = "pixels"  # it is shown nothing else; a point has no area to show and goes by the prompt
    PROMPT = "prompt"  # it is told the box in words, and may not keep to it


class Color(StrEnum):
    """The colours of text that the model was trained to tell apart."""

    RED = "red"
    GREEN = "green"
    BLUE = "blue"


class PromptStyle(StrEnum):
    """Whose spaces the prompt has: three programs write it, one token apart."""

    TRAINING = "training"  # the original project's training and evaluation
    HUB = "hub"  # the code beside the original weights
    HF = "hf"  # transformers


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the engine is asked to do with a page. checked() tells what can be asked."""

    mode: Mode = Mode.PLAIN
    _: KW_ONLY
    box: tuple[int, ...] | None = None  # x1, y1, x2, y2, or the point x, y; pixels of the upright page
    box_by: BoxBy = BoxBy.PIXELS
    color: Color | None = None
    crop: bool = False  # show it the page in tiles too
    multi_page: bool = False  # several pages of a document in one go
    style: PromptStyle = PromptStyle.TRAINING
    trim: bool = False  # leave empty margins off before the model looks
    strips: bool = False  # a very long image in pieces, one after the other
    retry: bool = True  # once in another way where the model got lost
    max_new_tokens: int = 0  # for a page; 0: as many as the engine allows

    @property
    def asks_by_box(self) -> bool:
        """Whether the box stands in the prompt's words."""
        return self.box is not None and (self.box_by is BoxBy.PROMPT or len(self.box) == _POINT)

    @property
    def key(self) -> str:
        """Two prompts with one key give the same text."""
        parts = [self.mode.value]
        if self.box is not None:
            by = BoxBy.PROMPT if self.asks_by_box else BoxBy.PIXELS
            parts.append(f"box {','.join(map(str, self.box))} by {by}")
        if self.color is not None:
            parts.append(self.color.value)
        parts += [word for word, is_asked in (("crop", self.crop), ("multi page", self.multi_page)) if is_asked]
        if self.style is not PromptStyle.TRAINING:
            parts.append(self.style.value)
        parts += [word for word, is_asked in (("trim", self.trim), ("strips", self.strips)) if is_asked]
        parts += [] if self.retry else ["no retry"]
        parts += [f"{self.max_new_tokens} tokens"] if self.max_new_tokens else []
        return "; ".join(parts)


_POINT, _AREA = 2, 4  # values of a box


def checked(prompt: Prompt) -> Prompt:
    """*prompt* as the model can be asked. Raises UsageError where it was never trained on such a thing."""
    special = {
        marked("a box"): prompt.box is not None,
        marked("a colour"): prompt.color is not None,
        "crop": prompt.crop,
        "several pages in one go": prompt.multi_page,
    }
    asked = [name for name, is_asked in special.items() if is_asked]
    if len(asked) > 1:
        hint = "The model was never trained on both together: choose one."
        raise UsageError(f"{asked[0].capitalize()} and {asked[1]} cannot be combined", hint=hint)
    if prompt.box is not None:
        _check_box(prompt.box)
    return replace(prompt, mode=Mode.FORMAT) if prompt.multi_page else prompt  # the only mode it knows for them


def _check_box(box: tuple[int, ...]) -> None:
    shown_box = ",".join(map(str, box))
    if len(box) not in (_POINT, _AREA):
        raise UsageError(f"The box {shown_box} has {len(box)} values", hint="Give x1,y1,x2,y2, or a point x,y.")
    if len(box) == _AREA and not (box[0] < box[2] and box[1] < box[3]):
        hint = "Give x1,y1,x2,y2: the left upper corner first, in pixels of the upright page."
        raise UsageError(f"The box {shown_box} is empty", hint=hint)


class Form(StrEnum):
    """A kind of result file; the value is its suffix."""

    TXT = "txt"
    HTML = "html"
    MD = "md"
    JSON = "json"
    DOCX = "docx"  # by pandoc, if that is installed
    PDF = "pdf"  # the pages as pictures, to be searched


class TextStyle(StrEnum):
    """What stands in the text file of a page that was read with its format."""

    MODEL = "model"  # the markup, as the model wrote it
    READABLE = "readable"


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


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as a small picture, to be looked at beside its text."""

    number: int
    width: int
    height: int
    jpeg: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What the engine read on one page, or on several in one go."""

    number: int  # of the first page
    count: int = 1  # pages that were read in one go
    markup: str
    tokens: int  # tokens of a model that writes, text lines of one that finds them
    seconds: float
    confidence: float | None  # 0 to 1, the geometric mean over the tokens; None where the engine does not know
    least_confidence: float | None = None  # of the least certain token
    finish: Finish
    checkpoint: str  # the model that wrote it, with its revision
    ids: tuple[int, ...] = ()  # the tokens themselves where the engine has them; not kept in the queue
    log_probs: tuple[float, ...] = ()  # of each of them, and of the stop behind them

    @property
    def numbers(self) -> range:
        """Of all its pages."""
        return range(self.number, self.number + self.count)

    @property
    def title(self) -> str:
        return page_title(self.number, self.count)


MOST_IN_ONE_GO = 8  # pages; the models that read several were trained on no more


@dataclass(frozen=True, slots=True)
class Reading:
    """How a document is read. Two readings with one key give the same text."""

    engine: str
    checkpoint: str  # as configured, so that it is known before the engine is loaded
    prompt: Prompt
    alone: str = ""  # a mark of the one file that may use this text; "": every file of the same bytes
    precision: str = ""  # the numbers that the config has it computed in; "": those of the device

    @property
    def key(self) -> str:
        parts = (self.engine, self.checkpoint, self.prompt.key, self.alone)
        return "|".join((*parts, self.precision) if self.precision else parts)


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

    @property
    def page_count(self) -> int:
        """Where several pages were read in one go there are fewer texts."""
        return sum(page.count for page in self.pages)


@dataclass(frozen=True, slots=True)
class Output:
    """A result file as we wrote it."""

    path: Path
    digest: str  # sha256 of its content, hex


def shown(path: PurePath | str) -> str:
    """*path* for a person's eyes: one line of valid UTF-8, whatever bytes it is made of."""
    readable = str(path).encode("utf-8", "backslashreplace").decode("utf-8")
    return _CONTROL.sub(lambda control: f"\\x{ord(control[0]):02x}", readable)


def absolute(path: Path) -> Path:
    """*path* as the queue knows it: absolute and without "..", but with its links as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute() keeps ".."


def page_title(first: int, count: int) -> str:
    """ "page 3", "pages 3-5"."""
    return marked(f"page {first}") if count == 1 else marked(f"pages {first}-{first + count - 1}")


def counted(number: int, noun: str) -> str:
    """ "1 page", "2 pages"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
