"""What an engine is, and the words the two processes exchange."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from threading import Event
from typing import Protocol, runtime_checkable

from gotwatch.documents import PageImage, PageText, Prompt
from gotwatch.pixels import SharedPage
from gotwatch.processes import Refused

DEFAULT_MAX_NEW_TOKENS = 4096
SOFT_SHARE = 0.95


class Precision(StrEnum):
    """The numbers that a model computes in."""

    AUTO = "auto"  # what the device is best at
    FP32 = "fp32"
    BF16 = "bf16"
    FP16 = "fp16"
    INT8 = "int8"  # weights of linear layers in 8 bits; smaller and faster on a CPU, a little less exact


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """What the config says about the model. Every engine takes them and uses what concerns it."""

    checkpoint: str = ""  # a folder, or a name on the hub; "" is the engine's own default
    device: str = "auto"  # auto, cpu, cuda, cuda:N, mps
    precision: Precision = Precision.AUTO
    memory_share: float = 0.8  # of the memory that is free on the device at the start: no more is taken
    max_new_tokens: int = DEFAULT_MAX_NEW_TOKENS
    servers: tuple[str, ...] = ()  # addresses, for the engine that lets others read
    token_file: str = ""  # with the word that these servers ask for; "": none
    page_seconds: float = 300.0  # the process is ended when a page takes longer

    @property
    def soft_page_seconds(self) -> float:
        """After this an engine that writes ends a page by itself, with the text that it has."""
        return SOFT_SHARE * self.page_seconds


class Engine(Protocol):
    """Reads page images. Lives in the engine process; built by Class(options), then loaded once.

    read() is called from up to *slots* threads at a time.
    """

    checkpoint: str  # the model with its revision, as it stands in results; known after load()
    device: str  # as a person reads it, "cpu" or "NVIDIA GeForce RTX 3060 (cuda:0)"; known after load()
    slots: int  # how many pages it reads at once

    def load(self, progress: Callable[[str], None]) -> None:
        """Get ready; may take minutes and download. *progress* takes a line for status, as often as it changes.

        Raises CheckpointMissing, NoDevice, OutOfMemory or EngineUnusable.
        """

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        """The text of one page, or of several in one go where *prompt* asks for that (then multi_page is set).

        The pixels are gone after the return: keep no view of them. *cancelled*: nobody wants the text any more;
        an engine that looks at it may return what it has, which is thrown away.
        Raises OutOfMemory, or an InputError where it is the page's fault.
        """


@runtime_checkable
class AloudEngine(Engine, Protocol):
    """An engine that can say what it has written so far. Not all can: those that find lines have a page all at once."""

    def read_aloud(
        self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event, tell: Callable[[str], None]
    ) -> PageText:
        """As read(). *tell* takes the text so far, as often as is of use to a person who looks on."""


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """Which engine to start, and how."""

    name: str  # as status and results show it
    path: str  # "package.module:Class", imported in the engine process only
    options: EngineOptions


@dataclass(frozen=True, slots=True)
class Ready:
    checkpoint: str
    device: str
    slots: int


@dataclass(frozen=True, slots=True)
class Loading:
    """How far the loading is, in words."""

    message: str


@dataclass(frozen=True, slots=True)
class ReadPages:
    request: int
    pages: tuple[SharedPage, ...]  # one; several only where the prompt says so
    prompt: Prompt
    aloud: bool = False  # whether the text shall be told while it is written, if the engine can


@dataclass(frozen=True, slots=True)
class Cancel:
    """Nobody wants the answer to *request* any more. It is answered all the same, so that its slot is known free."""

    request: int


@dataclass(frozen=True, slots=True)
class SoFar:
    """What stands on the page now. One that begins anew says less than before."""

    request: int
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    request: int
    text: PageText | Refused


Request = ReadPages | Cancel
Reply = Ready | Loading | SoFar | Answer | Refused  # a bare Refused means that loading failed
