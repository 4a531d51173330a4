"""Saying what stands on a page while it is being written."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait

from gotwatch.engine.got.opened import Written

_BREATH_SECONDS = 0.15  # between two times that a text is told
_HALF_A_CHARACTER = "\ufffd"  # what its first bytes look like, until the token with the rest of them is there


class Murmur:
    """What was written so far: heard in the thread that writes, told by the thread that waits for the end of it."""

    def __init__(self, decode: Callable[[Sequence[int]], str], tell: Callable[[str], None]) -> None:
        self._decode = decode
        self._tell = tell
        self._ids: tuple[int, ...] = ()
        self._told: tuple[int, ...] = ()

    def hear(self, ids: Sequence[int]) -> None:
        self._ids = tuple(ids)

    def until(self, written: Future[Written]) -> None:
        """Tell what is new now and then, until *written* is there."""
        while not wait([written], _BREATH_SECONDS).done:
            if self._ids != self._told:
                self._told = self._ids
                self._tell(self._decode(self._told).rstrip(_HALF_A_CHARACTER))
