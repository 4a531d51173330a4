"""Where in a config file each setting stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
        lines: dict[Location, int] = {}
        for found, number in self._locations():
            lines.setdefault(found, number)
        for length in range(len(location), 0, -1):
            if line := lines.get(location[:length]):
                return f"{self.path}, line {line}"
        return str(self.path)

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
