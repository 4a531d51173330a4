"""How far a download is, in words for the status line."""

import math
import time
from collections.abc import Callable

from gotwatch.words import marked

_MIN_SECONDS = 3.0  # before this the speed says nothing
_SILENCE_SECONDS = 30.0  # an engine that says nothing for minutes is taken for dead


class Transfer:
    """Counts bytes and tells *progress* the line for a person: when it changes, and now and then as a sign of life."""

    def __init__(
        self,
        name: str,
        total_bytes: int,
        progress: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total_bytes = total_bytes
        self._name = name
        self._progress = progress
        self._clock = clock
        self._line = ""
        self._told = -math.inf
        self.start(already=0)

    def start(self, *, already: int) -> None:
        """Begin to measure the speed; *already* bytes are here."""
        self._done = self._already = already
        self._started = self._clock()

    def add(self, count: int) -> None:
        """*count* bytes more are here; negative where the server began anew."""
        self._done += count
        line = progress_line(self._name, self._done, self.total_bytes, seconds_left=self._seconds_left())
        now = self._clock()
        if line != self._line or now - self._told > _SILENCE_SECONDS:
            self._line, self._told = line, now
            self._progress(line)

    def _seconds_left(self) -> float | None:
        seconds = self._clock() - self._started
        came = self._done - self._already
        if seconds < _MIN_SECONDS or came <= 0:
            return None
        return (self.total_bytes - self._done) * seconds / came


def progress_line(name: str, done_bytes: int, total_bytes: int, *, seconds_left: float | None) -> str:
    percent = min(99, 100 * done_bytes // max(1, total_bytes))  # 100 % only when it is checked and in place
    left = "" if seconds_left is None else marked(f", {_duration_words(seconds_left)} left")
    return marked(f"Downloading {name}: {percent} % of {size_words(total_bytes)}{left}")


def size_words(size_bytes: int) -> str:
    if size_bytes >= 1e9:
        return f"{size_bytes / 1e9:.1f} GB"
    return f"{size_bytes / 1e6:.0f} MB" if size_bytes >= 1e6 else f"{size_bytes / 1e3:.0f} kB"


def _duration_words(seconds: float) -> str:
    if seconds < 60:
        return marked("less than 1 min")
    minutes = round(seconds / 60)
    return marked(f"{minutes} min") if minutes < 120 else marked(f"{round(minutes / 60)} h")
