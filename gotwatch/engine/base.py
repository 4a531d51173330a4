"""What an engine is, and the words the two processes exchange."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gotwatch.documents import PageImage, PageText, Prompt
from gotwatch.pixels import SharedPage
from gotwatch.processes import Refused

DEFAULT_MAX_NEW_TOKENS = 4096
SOFT_SHARE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """What the config says about the model. Every engine takes them and uses what concerns it."""

    checkpoint: str = ""  # a folder, or a name on the hub; "" is the engine's own default
    device: str = "auto"  # auto, cpu, cuda, cuda:N, mps
    max_new_tokens: int = DEFAULT_MAX_NEW_TOKENS
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

    def read(self, page: PageImage, prompt: Prompt) -> PageText:
        """The text of one page. *page*'s pixels are gone after the return: keep no view of them.

        Raises OutOfMemory, or an InputError where it is the page's fault.
        """


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
class ReadPage:
    request: int
    page: SharedPage
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Answer:
    request: int
    text: PageText | Refused


Reply = Ready | Loading | Answer | Refused  # a bare Refused means that loading failed
