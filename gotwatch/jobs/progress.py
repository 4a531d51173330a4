"""How far the documents are that are being read just now. In memory only."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """One document in work."""

    path: Path
    pages: int  # to be read in all; 0 until it is known
    done: int
    kept: int  # of the done ones, how many were known from earlier
    since: float  # monotonic seconds

    @property
    def page(self) -> int:
        """The page that is being read, from 1."""
        return min(self.done + 1, self.pages) if self.pages else 1

    def seconds_left(self, now: float) -> float | None:
        """By the pages read so far; None before the first."""
        read = self.done - self.kept
        return (now - self.since) / read * (self.pages - self.done) if read else None


class Progress:
    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._lock = Lock()
        self._current: dict[int, Current] = {}

    def begin(self, key: int, path: Path) -> None:
        self._set(key, Current(path=path, pages=0, done=0, kept=0, since=time.monotonic()))

    def known(self, key: int, *, pages: int, kept: int) -> None:
        with self._lock:
            current = self._current[key]
        self._set(key, replace(current, pages=pages, done=kept, kept=kept, since=time.monotonic()))

    def pages_done(self, key: int, count: int) -> None:
        with self._lock:
            current = self._current[key]
            self._current[key] = replace(current, done=current.done + count)
        self._on_change()

    def end(self, key: int) -> None:
        with self._lock:
            self._current.pop(key, None)
        self._on_change()

    def all(self) -> list[Current]:
        """What is in work, the longest at it first."""
        with self._lock:
            return list(self._current.values())

    def _set(self, key: int, current: Current) -> None:
        with self._lock:
            self._current[key] = current
        self._on_change()
