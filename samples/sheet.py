"""How letters come to stand on a page."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

SERIF, SANS, MONO = "Liberation Serif", "Liberation Sans", "Liberation Mono"
CHINESE_SERIF = "Noto Serif CJK SC"
INK = (24, 24, 28)


@cache
def typeface(family: str, size: int) -> ImageFont.FreeTypeFont:
    found = subprocess.run(
        ["fc-match", "-f", "%{family}\n%{file}\n%{index}", family], capture_output=True, text=True, check=True
    ).stdout.split("\n")
    if found[0].split(",")[0] != family.split(":")[0]:
        raise SystemExit(f"The font {family} is not installed; samples/README.md says which package has it.")
    return ImageFont.truetype(found[1], size, index=int(found[2]))


@dataclass(slots=True)
class Sheet:
    """A page that is being written from the top; y is where the next line goes."""

    image: Image.Image
    left: int
    right: int
    y: int
    leading: float = 1.32

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def draw(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.image)

    def line(self, text: str, font: ImageFont.FreeTypeFont, anchor: str = "l", colour: tuple[int, ...] = INK) -> None:
        x = {"l": self.left, "m": (self.left + self.right) / 2, "r": self.right}[anchor]
        self.draw.text((x, self.y), text, fill=colour, font=font, anchor=anchor + "a")
        self.y += round(font.size * self.leading)

    def lines(self, block: str, font: ImageFont.FreeTypeFont, anchor: str = "l") -> None:
        for text in block.split("\n"):
            self.line(text, font, anchor)

    def paragraph(self, text: str, font: ImageFont.FreeTypeFont, *, indent: int = 0) -> None:
        """Wrapped and justified."""
        rows = wrap(text, font, self.width, indent)
        for number, words in enumerate(rows):
            start = self.left + (indent if number == 0 else 0)
            gap = justified_gap(words, font, self.right - start) if number < len(rows) - 1 else font.getlength(" ")
            self.words(words, font, start, gap)

    def words(self, words: Sequence[str], font: ImageFont.FreeTypeFont, x: float, gap: float) -> None:
        for word in words:
            self.draw.text((x, self.y), word, fill=INK, font=font)
            x += font.getlength(word) + gap
        self.y += round(font.size * self.leading)

    def row(self, cells: Sequence[str], font: ImageFont.FreeTypeFont, stops: Sequence[tuple[str, int]]) -> None:
        for cell, (anchor, x) in zip(cells, stops, strict=True):
            self.draw.text((x, self.y), cell, fill=INK, font=font, anchor=anchor + "a")
        self.y += round(font.size * self.leading)

    def rule(self, width: int = 2, colour: tuple[int, ...] = INK) -> None:
        self.draw.line((self.left, self.y, self.right, self.y), fill=colour, width=width)

    def skip(self, pixels: int) -> None:
        self.y += pixels


def wrap(text: str, font: ImageFont.FreeTypeFont, width: int, indent: int = 0) -> list[list[str]]:
    rows: list[list[str]] = [[]]
    for word in text.split(" "):
        room = width - (indent if len(rows) == 1 else 0)
        if rows[-1] and font.getlength(" ".join([*rows[-1], word])) > room:
            rows.append([])
        rows[-1].append(word)
    return rows


def justified_gap(words: Sequence[str], font: ImageFont.FreeTypeFont, width: int) -> float:
    return (width - sum(font.getlength(word) for word in words)) / max(1, len(words) - 1)


def blank(size: tuple[int, int]) -> Image.Image:
    return Image.new("RGB", size, "white")
