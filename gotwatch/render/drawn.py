"""What becomes of a block that is to be drawn."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drawn:
    """*svg* is clean, may be several elements, and draws in black or in the color of the text."""

    svg: str
    notes: tuple[str, ...] = ()  # what a person should know of it: repaired, left out
    caption: str = ""
    midi: bytes = b""


@dataclass(frozen=True, slots=True)
class Undrawn:
    """The source is all that can be shown, for this reason."""

    reason: str
