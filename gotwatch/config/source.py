"""Where in a config file each setting stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gotwatch.words import marked

# ("watch", 0, "folder") is `folder` in the first [[watch]]; ("engine",) is the [engine] section itself.
Location = tuple[str | int, ...]

NAME = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
HEADER = re.compile(rf"\s*(\[\[?)\s*({NAME}(?:\s*\.\s*{NAME})*)\s*\]")
KEY = re.compile(rf"\s*({NAME}(?:\s*\.\s*{NAME})*)\s*=")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a config file."""

    path: Path
    text: str

    def where(self, location: Location) -> str:
        """Such as "config.toml, line 7": of the setting, or of what should have held it."""
        lines = self._lines()
        for length in range(len(location), 0, -1):
            if line := lines.get(location[:length]):
                return marked(f"{self.path}, line {line}")
        return str(self.path)

    def block(self, location: Location) -> range:
        """The lines of the section at *location*, counted from 1; those of comments that lead to the next section are
        not among them. Empty where it is written in another way."""
        first = self._lines().get(location, 0)
        headers = [number for number, line in enumerate(self.text.split("\n"), start=1) if HEADER.match(line)]
        if first not in headers:
            return range(0)
        end = next((number for number in headers if number > first), self.text.count("\n") + 2)
        while end in headers and self.line(end - 1).startswith("#"):
            end, headers = end - 1, [*headers, end - 1]
        return range(first, end)

    def _lines(self) -> dict[Location, int]:
        lines: dict[Location, int] = {}
        for found, number in self._locations():
            lines.setdefault(found, number)
        return lines

    def line(self, number: int) -> str:
        return "".join(self.text.split("\n")[number - 1 : number])

    def _locations(self) -> Iterator[tuple[Location, int]]:
        section: Location = ()
        repeated: dict[Location, int] = {}
        for number, line in enumerate(self.text.split("\n"), start=1):
            if header := HEADER.match(line):
                section = _names(header[2])
                yield section, number
                if header[1] == "[[":
                    repeated[section] = repeated.get(section, -1) + 1
                    section = (*section, repeated[section])
                    yield section, number
            elif key := KEY.match(line):
                yield (*section, *_names(key[1])), number


def _names(dotted: str) -> Location:
    return tuple(name.strip("\"'") for name in re.findall(NAME, dotted))
