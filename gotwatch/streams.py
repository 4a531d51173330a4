"""Standard streams for programs that have none: under gotwatchw on Windows, or where whoever starts us has closed them.

They are None there, and libraries (tqdm, transformers, warnings) fail at the first word that they print.
"""

import os
import sys
from pathlib import Path
from typing import Literal, TextIO

PRINTED = "GOTWATCH_PRINTED"  # names the file for it, to child processes too
LARGEST_BYTES = 1024 * 1024


def ensure() -> None:
    """The first thing that a process does. What is printed goes to the file that PRINTED names, or nowhere."""
    if os.name == "posix":
        _fill_gaps()
    sys.stdin = sys.stdin or _opened(os.devnull, "r")
    if sys.stdout is None or sys.stderr is None:
        place = _opened(os.environ.get(PRINTED) or os.devnull, "a")
        sys.stdout, sys.stderr = sys.stdout or place, sys.stderr or place


def keep_in(path: Path) -> None:
    """From now on, here and in child processes, what would be printed nowhere goes to the file *path*."""
    nowhere = [name for name in ("stdout", "stderr") if getattr(sys, name).name == os.devnull]
    if not nowhere:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        place = _opened(path, "w" if _is_large(path) else "a")
    except OSError:
        return  # what else cannot be written there is told when it matters
    for name in nowhere:
        setattr(sys, name, place)
    os.environ[PRINTED] = str(path)


def _fill_gaps() -> None:
    """Open 0, 1 and 2. The next file that we open would get a closed one's number, and what a library prints in C, in
    it."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # takes the lowest number that is free


def _opened(path: str | Path, mode: Literal["r", "w", "a"]) -> TextIO:
    """Line by line, so that what came last is there after a crash. It stays open to the end."""
    return Path(path).open(mode, buffering=1, encoding="utf-8", errors="backslashreplace")


def _is_large(path: Path) -> bool:
    return path.exists() and path.stat().st_size > LARGEST_BYTES
