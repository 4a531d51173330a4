"""What the program and the studio, the process that draws, say to each other."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Engrave:
    kern: str
    with_midi: bool


@dataclass(frozen=True, slots=True)
class Engraved:
    pages: tuple[str, ...]  # an SVG each; the glyphs that they share are in the first. None: it could not be read
    signs: int  # notes and rests that are drawn
    midi: bytes  # if it was wanted


@dataclass(frozen=True, slots=True)
class Sketch:
    tikz: str


@dataclass(frozen=True, slots=True)
class Sketched:
    svg: str  # "" if there is nothing to draw
    warnings: tuple[str, ...]


Order = Engrave | Sketch
Reply = Engraved | Sketched
