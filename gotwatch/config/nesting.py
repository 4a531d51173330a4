"""Whether one folder is, or lies inside, another, whatever links, mounts or spellings lead there."""

import os
import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")  # Linux; elsewhere a folder cannot be mounted at a second place


def same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there: their names must do
        return _spelled(one) == _spelled(other)


def inside(inner: Path, outer: Path) -> bool:
    """Whether *inner* is *outer*, or below it. *inner* need not be there yet."""
    real = Path(os.path.realpath(inner))
    if any(same(candidate, outer) for candidate in (real, *real.parents)):  # whatever its letters' case
        return True
    return _place(inner).is_relative_to(_place(outer))


def _spelled(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path))


def _place(path: Path) -> Path:
    """Where *path* is on its volume: "8:1/home/scans", the same through all places where the volume is mounted.

    Such as in a container that has one folder of its host as /in, and a subfolder of that one as /out.
    """
    real = os.path.realpath(path)
    place, longest = Path(real), ""
    for line in MOUNTS.read_text("utf-8", "surrogateescape").splitlines() if MOUNTS.exists() else ():
        volume, root, point = (_unescaped(field) for field in line.split(" ")[2:5])
        if Path(real).is_relative_to(point) and len(point) >= len(longest):
            place, longest = Path(f"{volume}{root}", os.path.relpath(real, point)), point
    return place


def _unescaped(field: str) -> str:
    return re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), field)
