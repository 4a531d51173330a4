"""Notices that the config file was changed, once whoever writes it is done. Nothing but the file is looked at."""

from collections.abc import Callable
from pathlib import Path

Stamp = tuple[int, int, int]  # of a file: inode, size and time; programs that save in one go change the first


def stamp_of(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


class ConfigFile:
    """has_changed() is to be asked every few seconds. The file need not be there: it may be away while it is saved."""

    def __init__(self, path: Path, stamp_of: Callable[[Path], Stamp | None] = stamp_of) -> None:
        self._path = path
        self._stamp_of = stamp_of
        self._taken: Stamp | None = None
        self._last: Stamp | None = None

    def take(self) -> None:
        """As it is now it is known."""
        self._taken = self._last = self._stamp_of(self._path)

    def has_changed(self) -> bool:
        """Whether it is another than the one that was taken, and is the same as at the last look. Then it is taken."""
        before, self._last = self._last, self._stamp_of(self._path)
        if self._last == self._taken or self._last != before:
            return False
        self._taken = self._last
        return True
