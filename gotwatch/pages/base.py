"""What an open file's pages are, their limits, and the words that the program and a reader process exchange."""

from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

from gotwatch.documents import PageImage, PagePicture
from gotwatch.errors import TooLarge
from gotwatch.pixels import SharedPage
from gotwatch.processes import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLimits:
    """How pages are rendered, and where a file is given up. The hints name the settings as the config does."""

    dpi: int = 200
    max_pixels: int = 60_000_000
    max_pages: int = 2_000
    page_seconds: float = 60.0
    memory_bytes: int = 2 * 1024**3

    def check_page_count(self, name: str, count: int) -> None:
        if count > self.max_pages:
            raise TooLarge(
                f"{name} has {count:,} pages; the limit is {self.max_pages:,}",
                hint="Split it, or raise limits.max_pages in the config.",
            )

    def check_pixels(self, what: str, width: int, height: int) -> None:
        """Before anything is unpacked: a small file can hold a picture of any size."""
        if width * height > self.max_pixels:
            raise TooLarge(
                f"{what} is {width:,} x {height:,} pixels; the limit is {self.max_pixels / 1e6:,g} million in all",
                hint="Scale it down, or raise limits.max_pixels in the config.",
            )

    def memory_exceeded(self, what: str) -> TooLarge:
        return TooLarge(
            f"{what} needs more than {self.memory_bytes / 1024**3:.2g} GiB of memory to render",
            hint="Save it with fewer pixels, or raise limits.reader_megabytes in the config.",
        )

    def time_exceeded(self, what: str) -> TooLarge:
        return TooLarge(
            f"{what} took longer than {self.page_seconds:g} s to render",
            hint="Save it in a simpler form (print it to PDF), or raise limits.render_seconds in the config.",
        )


class Kind(Enum):
    """What a file is by its content."""

    PDF = auto()
    PNG = auto()
    JPEG = auto()
    TIFF = auto()
    GIF = auto()
    WEBP = auto()
    BMP = auto()
    HEIF = auto()
    AVIF = auto()


@dataclass(frozen=True, slots=True)
class TextLayer:
    """The text that a page holds as text, in the order of the file."""

    text: str
    hidden: bool  # most of it is not drawn: another program has read it off a scan


NO_TEXT = TextLayer("", hidden=False)


class Pages(Protocol):
    """An open source file. Numbers start at 1."""

    def __len__(self) -> int: ...
    def render(self, number: int) -> PageImage: ...
    def text(self, number: int) -> TextLayer: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Started:
    """The reader process is up."""


@dataclass(frozen=True, slots=True)
class Open:
    """Close what lies open, and open this."""

    path: Path
    title: str  # what messages call it


@dataclass(frozen=True, slots=True)
class Opened:
    count: int


@dataclass(frozen=True, slots=True)
class Render:
    number: int
    block: str  # the shared memory to create for the page


@dataclass(frozen=True, slots=True)
class Rendered:
    page: SharedPage


@dataclass(frozen=True, slots=True)
class Depict:
    number: int
    longest_pixels: int  # of the picture's longer side


@dataclass(frozen=True, slots=True)
class Depicted:
    picture: PagePicture


@dataclass(frozen=True, slots=True)
class Quote:
    """Hand over the page's text layer."""

    number: int


@dataclass(frozen=True, slots=True)
class Quoted:
    layer: TextLayer


@dataclass(frozen=True, slots=True)
class Close:
    """Close what lies open. The one request without a reply."""


Request = Open | Render | Depict | Quote | Close
Reply = Started | Opened | Rendered | Depicted | Quoted | Refused
