"""The settings: their names, types, defaults and what they mean. The example config is written from here."""

import re
import warnings
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pathspec import GitIgnoreSpec
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt

from gotwatch.documents import Form, Mode

LONGEST_SECONDS = 366 * 86400.0  # the systems' timers take no more than some years
DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|m|h|d)\s*")
UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
RANGE = re.compile(r"\s*(\d+)?\s*(-)?\s*(\d+)?\s*")


def parse_seconds(value: object) -> object:
    """Seconds of "90s", "5m", "1h" or "2d". What is no such text is given back as it is."""
    if isinstance(value, str) and (match := DURATION.fullmatch(value)):
        return float(match[1]) * UNIT_SECONDS[match[2]]
    return value


def _check_seconds(value: object) -> object:
    seconds = parse_seconds(value)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ValueError('must be seconds, or text such as "90s", "5m" or "1h"')
    return seconds


def _check_path(value: object) -> object:
    if value == "":
        raise ValueError('must not be empty; "." is the folder of this file')
    if isinstance(value, str) and "\0" in value:
        raise ValueError("must not hold a zero byte")
    return value


def _check_pattern(pattern: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # [[:alpha:]] would mean something else than in git
            GitIgnoreSpec.from_lines([pattern])
    except (ValueError, re.error, FutureWarning) as exc:
        raise ValueError("is no pattern of .gitignore's syntax") from exc
    return pattern


def _each_once(forms: tuple[Form, ...]) -> tuple[Form, ...]:
    if not forms:
        raise ValueError("must name one form at least")
    return tuple(dict.fromkeys(forms))


def parse_pages(value: object) -> object:
    """The (first, last) pairs of "1-3, 7, 10-"; "all" is one pair without end."""
    if not isinstance(value, str):
        raise ValueError('must be text such as "all" or "1-3, 7, 10-"')
    if value.strip() == "all":
        return ((1, None),)
    return tuple(_page_range(part) for part in value.split(","))


def _page_range(part: str) -> tuple[int, int | None]:
    match = RANGE.fullmatch(part)
    if not match or not (match[1] or match[3]):
        raise ValueError(f'{part.strip()!r} is no page or range; write "all" or "1-3, 7, 10-"')
    first = int(match[1] or 1)
    last = (int(match[3]) if match[3] else None) if match[2] else first
    if first < 1 or (last is not None and last < first):
        raise ValueError(f"{part.strip()!r} counts backwards; pages are counted from 1")
    return first, last


Seconds = Annotated[float, BeforeValidator(_check_seconds), Field(le=LONGEST_SECONDS)]
Place = Annotated[Path, BeforeValidator(_check_path)]
Pattern = Annotated[str, AfterValidator(_check_pattern)]
PageRanges = Annotated[tuple[tuple[int, int | None], ...], BeforeValidator(parse_pages)]


class Order(StrEnum):
    OLDEST = "oldest"
    NEWEST = "newest"
    NAME = "name"


class Originals(StrEnum):
    LEAVE = "leave"
    ARCHIVE = "archive"


class Detection(StrEnum):
    AUTO = "auto"
    EVENTS = "events"
    POLL = "poll"


class Duplicates(StrEnum):
    REUSE = "reuse"
    READ = "read"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Watch(_Section):
    """One watched folder."""

    folder: Place = Field(description="Files that appear in this folder are read. It must exist.")
    output: Place = Field(
        description="Results go here, in the same tree of subfolders. May not lie inside a watched folder."
    )
    recursive: StrictBool = Field(default=True, description="Look into subfolders too.")
    mode: Mode = Field(
        default=Mode.PLAIN, description='"plain" text, or "format": formulas, tables and headings as markup.'
    )
    formats: Annotated[tuple[Form, ...], AfterValidator(_each_once)] = Field(
        default=(Form.TXT, Form.HTML), description="Which result files to write: txt, html, md, json."
    )
    pages: PageRanges = Field(
        default=((1, None),), description='Which pages of a document: "all", or such as "1-3, 7, 10-".'
    )
    quiet_seconds: Seconds = Field(
        default=5.0, ge=0, description="A file is read when it has not changed for this long."
    )
    ignore: tuple[Pattern, ...] = Field(
        default=(), description="Files and folders to leave out, in .gitignore's syntax."
    )
    order: Order = Field(default=Order.OLDEST, description='Which file comes first: "oldest", "newest" or "name".')
    priority: StrictInt = Field(
        default=0,
        ge=-1000,
        le=1000,
        description="Files of a folder with a higher number are read before all others.",
    )
    originals: Originals = Field(
        default=Originals.LEAVE,
        description='"leave" the files where they are, or "archive" them once their results are written.',
    )
    archive: Place | None = Field(
        default=None, description='Where "archive" moves them. May not lie inside a watched folder.'
    )
    detection: Detection = Field(
        default=Detection.AUTO, description='How new files are noticed: "events" of the system, "poll", or "auto".'
    )
    rescan_seconds: Seconds = Field(
        default=600.0, ge=1, description="The whole folder is looked through this often too, as events can be lost."
    )
    duplicates: Duplicates = Field(
        default=Duplicates.REUSE,
        description='The same bytes again: "reuse" the text that was read, or "read" them anew.',
    )

    @property
    def key(self) -> str:
        """How the queue names this folder."""
        return str(self.folder)

    def wants(self, page: int) -> bool:
        return any(first <= page and (last is None or page <= last) for first, last in self.pages)


class Engine(_Section):
    """The model that reads."""

    name: str = Field(
        default="auto",
        description='"auto"; "got-hf", GOT-OCR2.0 by transformers; "got", the same by a decoder of our own;'
        ' "paddle", PaddleOCR without a GPU; or "package.module:Class".',
    )
    checkpoint: str = Field(
        default="", description="A folder with the model's files, or its name on the hub. Empty: the engine's own."
    )
    device: str = Field(default="auto", description='"auto", "cpu", "cuda", "cuda:1" or "mps".')
    keep_alive: Seconds = Field(
        default=300.0, ge=-1, description="The model leaves memory after this long without work. 0: at once, -1: never."
    )
    max_new_tokens: StrictInt = Field(
        default=4096, ge=1, le=32768, description="The longest text of a page, in tokens."
    )


class Pages(_Section):
    """How pages become pictures."""

    dpi: StrictInt = Field(default=200, ge=50, le=1200, description="Resolution of PDF pages, in dots per inch.")


class Limits(_Section):
    """What no file may exceed, so that a bad one costs only itself."""

    max_pixels: StrictInt = Field(default=60_000_000, ge=1_000_000, description="Pixels of one page.")
    max_pages: StrictInt = Field(default=2_000, ge=1, description="Pages of one document.")
    page_seconds: Seconds = Field(default=300.0, gt=0, description="Time for the model to read one page.")
    render_seconds: Seconds = Field(default=60.0, gt=0, description="Time to open a document or draw one page of it.")
    reader_megabytes: StrictInt = Field(default=2048, ge=256, description="Memory of a process that draws pages.")
    in_flight_megabytes: StrictInt = Field(default=512, ge=64, description="Memory for pages that wait for the model.")
    readers: StrictInt = Field(
        default=0,
        ge=0,
        le=16,
        description="How many documents are read at once. 0: as the processor has cores, at most 4.",
    )
    attempts: StrictInt = Field(
        default=3, ge=1, le=100, description="A file on which gotwatch crashed this often is given up."
    )
    give_up_seconds: Seconds = Field(
        default=900.0,
        ge=0,
        description="A file that cannot be read yet is tried again until it is this old and unchanged.",
    )


class Log(_Section):
    """The log file in the state folder."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error."
    )
    megabytes: StrictInt = Field(
        default=5, ge=1, le=1000, description="Size at which a new file is begun; three old ones are kept."
    )


class Config(_Section):
    """The whole config file."""

    watch: tuple[Watch, ...] = ()
    engine: Engine = Engine()
    pages: Pages = Pages()
    limits: Limits = Limits()
    log: Log = Log()


SECTIONS: dict[str, type[BaseModel]] = {
    "watch": Watch,
    "engine": Engine,
    "pages": Pages,
    "limits": Limits,
    "log": Log,
}


def section_fields(section: type[BaseModel]) -> dict[str, Any]:
    """name -> pydantic's FieldInfo, in the order of the config file."""
    return dict(section.model_fields)
