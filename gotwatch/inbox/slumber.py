"""Notices that the computer slept, or that its clock was set: what happened meanwhile raised no events. Pure."""

from collections.abc import Callable

LEAP_SECONDS = 30.0


class Slumber:
    def __init__(self, *, clock: Callable[[], float], wall_clock: Callable[[], float]) -> None:
        self._clock = clock
        self._wall_clock = wall_clock
        self._before = (0.0, 0.0)

    def begin(self) -> None:
        self._before = self._clock(), self._wall_clock()

    def has_passed(self, late_seconds: float) -> bool:
        """Whether the computer slept since the last call or begin(). *late_seconds*: how late a wait ended.

        The steady clock stands still in sleep on Linux and macOS, where the wall clock parts from it. On Windows both
        go on, and only the wait tells.
        """
        now = self._clock(), self._wall_clock()
        before, self._before = self._before, now
        steady, wall = now[0] - before[0], now[1] - before[1]
        return late_seconds > LEAP_SECONDS or abs(wall - steady) > LEAP_SECONDS
