"""The quoting of command lines in .desktop files and in systemd's units, there and back."""

import re
from collections.abc import Sequence

_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)', re.DOTALL)
_DESKTOP_SPECIAL = re.compile(r'["`$\\]')
_UNIT_SPECIAL = re.compile(r'["\\]')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def desktop_line(words: Sequence[str]) -> str:
    """The value of Exec=. Quotes come first, then the escapes that every value of such a file has."""
    return _quoted(words, _DESKTOP_SPECIAL).replace("\\", "\\\\").replace("%", "%%")


def desktop_words(line: str) -> list[str]:
    return _words(_ESCAPED.sub(_of_value, line).replace("%%", "%"))


def unit_line(words: Sequence[str]) -> str:
    """The value of ExecStart=. The colon keeps systemd from taking $ for variables, so that it is not doubled."""
    return ":" + _quoted(words, _UNIT_SPECIAL).replace("%", "%%")


def unit_words(line: str) -> list[str]:
    return _words(line.removeprefix(":").replace("%%", "%"))


def _quoted(words: Sequence[str], special: re.Pattern[str]) -> str:
    return " ".join('"' + special.sub(r"\\\g<0>", word) + '"' for word in words)


def _words(line: str) -> list[str]:
    return [_ESCAPED.sub(r"\1", word[1]) if word[2] is None else word[2] for word in _WORD.finditer(line)]


def _of_value(match: re.Match[str]) -> str:
    return {"s": " ", "n": "\n", "t": "\t", "r": "\r"}.get(match[1], match[1])
