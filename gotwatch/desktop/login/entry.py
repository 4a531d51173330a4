"""What each system's way to start a program at login has in common."""

from dataclasses import dataclass
from typing import Protocol

from gotwatch.desktop.login.launch import Launch


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry as it stands."""

    place: str  # as a person would look for it
    launch: Launch | None  # None: it does not say what to start
    switched_off: str = ""  # where the person switched it off, elsewhere than in gotwatch


class Entry(Protocol):
    """Its methods raise OSError."""

    def look(self) -> Seen | None:
        """None: there is none."""
        ...

    def check(self, launch: Launch) -> None:
        """Raises UsageError for what cannot be written so that it is started as it is."""
        ...

    def write(self, launch: Launch) -> None:
        """Make it, or make it anew, and switch it on."""
        ...

    def remove(self) -> None:
        """Harmless where there is none."""
        ...
