"""Holds files back until they stop changing. Pure: the clocks and the look at the disk are arguments."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gotwatch.documents import Stamp

# A file that nobody has touched for this long when we first see it is taken at its word,
# so that a start over a full folder does not wait for the quiet time.
LONG_AGO_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Look:
    """What a file looks like now."""

    stamp: Stamp
    changed_at: float  # seconds since the epoch: the later of its content's and its entry's last change


@dataclass(frozen=True, slots=True)
class _Pending:
    stamp: Stamp
    due: float


class Settler:
    def __init__(
        self,
        quiet_seconds: float,
        *,
        clock: Callable[[], float],
        wall_clock: Callable[[], float],
        look: Callable[[Path], Look | None],
    ) -> None:
        self._quiet_seconds = quiet_seconds
        self._clock = clock
        self._wall_clock = wall_clock
        self._look = look
        self._pending: dict[Path, _Pending] = {}
        self._turns: list[tuple[float, Path]] = []

    def __len__(self) -> int:
        return len(self._pending)

    def __contains__(self, path: Path) -> bool:
        return path in self._pending

    def note(self, path: Path, seen: Look | None = None) -> None:
        """Begin the quiet period of *path*, anew if it looks different from before."""
        now_seen = seen or self._look(path)
        if now_seen is None:
            self._pending.pop(path, None)
            return
        pending = self._pending.get(path)
        if pending is None or pending.stamp != now_seen.stamp:
            first = pending is None
            self._wait(path, now_seen.stamp, 0.0 if first and self._is_old(now_seen) else self._quiet_seconds)

    def settled(self) -> Iterator[tuple[Path, Stamp]]:
        """Yield, once, each file whose quiet period is over."""
        now = self._clock()
        while self._turns and self._turns[0][0] <= now:
            due, path = heapq.heappop(self._turns)
            pending = self._pending.get(path)
            if pending is None or pending.due != due:
                continue  # it was forgotten, or its period began anew
            current = self._look(path)
            if current is None:
                del self._pending[path]
            elif current.stamp != pending.stamp:
                self._wait(path, current.stamp, self._quiet_seconds)
            else:
                del self._pending[path]
                yield path, current.stamp

    def next_due(self) -> float | None:
        """When, by the clock, settled() has something to look at."""
        return self._turns[0][0] if self._turns else None

    def forget_all(self) -> None:
        self._pending.clear()
        self._turns.clear()

    def _wait(self, path: Path, stamp: Stamp, seconds: float) -> None:
        pending = _Pending(stamp, self._clock() + seconds)
        self._pending[path] = pending
        heapq.heappush(self._turns, (pending.due, path))

    def _is_old(self, seen: Look) -> bool:
        return self._wall_clock() - seen.changed_at >= max(LONG_AGO_SECONDS, self._quiet_seconds)
