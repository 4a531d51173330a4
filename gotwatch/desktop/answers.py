"""What a first start asks, at a terminal or in a window, and who does what was answered."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gotwatch.documents import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    folder: Path
    output: Path
    mode: Mode
    read_existing: bool


class Host(Protocol):
    """The program behind the questions. Its methods raise GotwatchError."""

    def folder(self) -> Path:
        """A suggestion."""
        ...

    def output_of(self, folder: Path) -> Path:
        """Where its results go if nobody says otherwise."""
        ...

    def count(self, folder: Path) -> int:
        """The documents in it; 0 too where it is not there yet."""
        ...

    def may_ask_for_login(self) -> bool:
        """Whether it does not start at login yet."""
        ...

    def gpu(self) -> str | None:
        """Its name."""
        ...

    def lacks_model(self) -> bool:
        """Whether GOT-OCR2.0 is not on this machine."""
        ...

    def begin(self, answers: Answers) -> None:
        """Make the folder, and have the config watch it."""
        ...

    def start_at_login(self) -> str:
        """What is to be said of it."""
        ...

    def download(self, tell: Callable[[str], None]) -> None:
        """GOT-OCR2.0. Takes minutes; *tell* hears how far it is."""
        ...
