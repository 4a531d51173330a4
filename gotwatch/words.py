"""What people read, in their language. The only module that knows the catalogues.

Records, logs, JSON and what processes tell each other are English, and so are all errors. They are put into the
person's language where they are shown: what is made up there by say(), what comes finished from elsewhere by retell().
"""

import functools
import os
import re
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

VARIABLE = "GOTWATCH_LANGUAGE"  # set from the config at start, so that child processes speak it too
AUTO, ENGLISH, CHINESE = "auto", "en", "zh_CN"
LANGUAGES = (AUTO, ENGLISH, CHINESE)
LOCALES = Path(__file__).parent / "locales"

T = TypeVar("T", bound=str)
_GAP = re.compile(r"\{(\w+)\}")
_NUMBERS = frozenset({"count", "number", "line", "percent"})  # gaps of these names hold a number, and nothing else
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_FEWEST_LETTERS = 4  # of a message with gaps that may be sought in finished text; " {a}: {b}" would be everywhere
_DEEPEST = 4  # messages in the gaps of messages
_LONGEST = 500  # characters that are held against patterns, whose time grows faster than the text
_TOOL_SECONDS = 2.0


def say(message: str, /, **values: object) -> str:
    """*message* in the person's language, with its {gaps} filled."""
    return _catalogue(language()).get(message, message).format_map(values)


def say_count(one: str, many: str, count: int, **values: object) -> str:
    """*one* where *count* is 1, else *many*, in the person's language; {count} is the number."""
    return say(one if count == 1 else many, count=count, **values)


def marked(message: T) -> T:
    """*message* as it is. It is found for the catalogues by this, and shown later by retell()."""
    return message


def retell(text: str) -> str:
    """Finished English *text* in the person's language, as far as the catalogue knows it."""
    spoken = language()
    if spoken == ENGLISH or not text:
        return text
    return "\n".join(_retold(line, spoken, 0) for line in text.split("\n"))


def language() -> str:
    """The language that the person is spoken to in: one of LANGUAGES, but not "auto"."""
    wish = os.environ.get(VARIABLE, "")
    return _nearest(wish) if wish not in ("", AUTO) else _of_system()


def speak(wish: str) -> None:
    """Speak *wish*, one of LANGUAGES, from now on, in child processes too."""
    if wish == AUTO:
        os.environ.pop(VARIABLE, None)
    else:
        os.environ[VARIABLE] = wish


@functools.cache
def _of_system() -> str:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if wish := os.environ.get(name, ""):
            return _nearest(wish.split(":")[0])
    return _nearest(_system_name())  # a program that starts at login has none of them


def _system_name() -> str:
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - the one place that needs it

        primary = ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF
        return "zh" if primary == 0x04 else ""  # LANG_CHINESE, winnt.h
    if sys.platform == "darwin":
        try:
            return subprocess.run(
                ["/usr/bin/defaults", "read", "-g", "AppleLocale"],
                capture_output=True,
                text=True,
                timeout=_TOOL_SECONDS,
                check=False,
            ).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            return ""
    return ""


def _nearest(name: str) -> str:
    return CHINESE if name.lower().startswith("zh") else ENGLISH


@functools.cache
def _catalogue(spoken: str) -> Mapping[str, str]:
    compiled = LOCALES / spoken / "LC_MESSAGES" / "gotwatch.mo"
    if spoken == ENGLISH or not compiled.is_file():
        return {}
    return messages(compiled.read_bytes())


def messages(compiled: bytes) -> dict[str, str]:
    """English -> translation, of a compiled catalogue. gettext of the standard library looks up, but does not list."""
    _, _, count, originals, translations = struct.unpack_from("<5I", compiled)

    def texts(table: int) -> list[str]:
        places = struct.iter_unpack("<2I", compiled[table : table + 8 * count])
        return [compiled[at : at + length].decode("utf-8") for length, at in places]

    return {
        original: translation
        for original, translation in zip(texts(originals), texts(translations), strict=True)
        if original and translation
    }


@functools.cache
def _unended(spoken: str) -> Mapping[str, str]:
    """The catalogue without full stops: a message stands with or without one, as what is around it asks for."""
    return {_stem(original): translation.removesuffix("。") for original, translation in _catalogue(spoken).items()}


def _stem(text: str) -> str:
    return text.removesuffix(".")


@functools.cache
def _patterns(spoken: str) -> list[tuple[re.Pattern[str], str]]:
    """Messages with gaps as patterns of finished text, the most telling first."""
    found = [
        (sum(map(str.isalpha, _GAP.sub("", original))), original, translation)
        for original, translation in _unended(spoken).items()
        if _GAP.search(original)
    ]
    ranked = sorted((entry for entry in found if entry[0] >= _FEWEST_LETTERS), reverse=True)
    return [(_pattern(original), translation) for _, original, translation in ranked]


def _pattern(original: str) -> re.Pattern[str]:
    """A gap holds no end of a sentence, or "{setting} needs {value}" would be found in every paragraph."""
    gap = ".+?" if _SENTENCE_END.search(original) else r"(?:(?![.!?]\s).)+?"
    pattern, seen = "", set[str]()
    for index, part in enumerate(_GAP.split(original)):
        if index % 2 == 0:
            pattern += re.escape(part)
        elif part in seen:
            pattern += f"(?P={part})"
        else:
            seen.add(part)
            pattern += rf"(?P<{part}>[\d.,]+)" if part in _NUMBERS else f"(?P<{part}>{gap})"
    return re.compile(pattern, re.DOTALL)


@functools.lru_cache(maxsize=2000)
def _retold(text: str, spoken: str, depth: int) -> str:
    if found := _whole(text, spoken, depth):
        return found
    sentences = _SENTENCE_END.split(text)
    if len(sentences) > 1:
        return _joined([_retold(sentence, spoken, depth) for sentence in sentences])
    parts = text.split(": ")  # where, what, and why, put together
    return text if len(parts) == 1 else ": ".join(_retold(part, spoken, depth) for part in parts)


def _whole(text: str, spoken: str, depth: int) -> str | None:
    """*text* as one message, which may have others in its gaps."""
    stem, end = _stem(text), "。" if text.endswith(".") else ""
    if known := _unended(spoken).get(stem):
        return known + end
    for pattern, translation in _patterns(spoken) if depth < _DEEPEST and len(text) <= _LONGEST else ():
        if match := pattern.fullmatch(stem):
            values = {name: _in_gap(value, spoken, depth) for name, value in match.groupdict().items()}
            return translation.format_map(values).removesuffix("。") + end
    return None


def _in_gap(value: str, spoken: str, depth: int) -> str:
    """A single word in a gap is a name more often than a message."""
    words = value.strip()
    return value.replace(words, _retold(words, spoken, depth + 1)) if " " in words else value


def _joined(sentences: list[str]) -> str:
    """Chinese full stops bring their own space."""
    text = sentences[0]
    for sentence in sentences[1:]:
        text += sentence if text.endswith(("。", "？", "！")) else f" {sentence}"
    return text
