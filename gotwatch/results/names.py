"""What a result is called. The only module that knows which names Windows, macOS and Linux all take."""

import re
import unicodedata
from hashlib import sha256
from pathlib import Path, PurePath

MAX_NAME_BYTES = 255  # of UTF-8; no character has more UTF-16 units than UTF-8 bytes, so Windows' 255 units hold too
_TAIL_ROOM_BYTES = len(" (99).html")
_MAX_EXTENSION_BYTES = 16  # what is longer is a part of the name that happens to follow a dot
# besides accents, what makes one sign on the screen out of two characters: Korean vowels, emoji parts and skin colours
_CONTINUING = re.compile("[\u1160-\u11ff\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f]')
_UNDECODABLE = re.compile(r"[\ud800-\udfff]")
_RESERVED = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³]) *(?=\.|$)", re.IGNORECASE)


def output_name(source_name: str, suffix: str) -> str:
    """`scan.png` and `txt` give `scan.png.txt`: the source's extension stays, so that a.png and a.jpg don't meet."""
    return f"{_shortened(_portable(source_name), MAX_NAME_BYTES - _TAIL_ROOM_BYTES)}.{suffix}"


def output_folder(relative_parent: PurePath) -> Path:
    """The mirrored folder, below the destination. Never leads out of it."""
    return Path(*map(_folder_name, relative_parent.parts))


def with_counter(name: str, counter: int) -> str:
    """`scan.png.txt` and 2 give `scan.png (2).txt`."""
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    tail = f" ({counter}){dot}{suffix}"
    return _shortened(stem, MAX_NAME_BYTES - _size_bytes(tail)) + tail


def is_portable(name: str) -> bool:
    """Whether *name* is a bare file name as it stands, on every system, and none that is hidden."""
    readable = _portable(name)
    bare = name == readable and name == name.strip(". ") and bool(name)
    return bare and _size_bytes(name) <= MAX_NAME_BYTES - _TAIL_ROOM_BYTES


def fold(path: PurePath) -> str:
    """A key that is the same for all paths that some file system takes for one: by case, or by Unicode form."""
    decomposed = unicodedata.normalize("NFD", path.as_posix())
    return unicodedata.normalize("NFC", decomposed.casefold())


def _portable(name: str) -> str:
    readable = _FORBIDDEN.sub("_", _UNDECODABLE.sub(_as_hex, name))
    return _RESERVED.sub(lambda device: f"{device[0]}_", readable, count=1) if _RESERVED.match(readable) else readable


def _as_hex(undecodable: re.Match[str]) -> str:
    """A byte that is no UTF-8 (Python keeps it as U+DC80 to U+DCFF), or half a pair out of a Windows name."""
    code = ord(undecodable[0])
    return f"%{code - 0xDC00:02X}" if 0xDC80 <= code <= 0xDCFF else f"%u{code:04X}"


def _folder_name(part: str) -> str:
    name = _shortened(_portable(part), MAX_NAME_BYTES)
    kept = name.rstrip(". ")  # Windows drops them silently, and ".." would lead out
    return kept + "_" * (len(name) - len(kept))


def _shortened(name: str, room_bytes: int) -> str:
    if _size_bytes(name) <= room_bytes:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or _size_bytes(extension) > _MAX_EXTENSION_BYTES:
        stem, dot, extension = name, "", ""
    # the hash keeps two long names apart that differ only behind the cut
    tail = f"-{sha256(_encoded(name)).hexdigest()[:8]}{dot}{extension}"
    return _cut(stem, room_bytes - _size_bytes(tail)) + tail


def _cut(text: str, room_bytes: int) -> str:
    """The longest beginning that fits and does not part an accent from its letter."""
    end = len(_encoded(text)[:room_bytes].decode("utf-8", "ignore"))
    while 0 < end < len(text) and _continues(text, end):
        end -= 1
    return text[:end]


def _continues(text: str, index: int) -> bool:
    character = text[index]
    joins = _CONTINUING.match(character) is not None or text[index - 1] == "\u200d"
    return joins or unicodedata.combining(character) > 0


def _size_bytes(text: str) -> int:
    return len(_encoded(text))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
