"""How other threads reach the engine's thread: what they leave here wakes it out of its wait for the process."""

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from multiprocessing import Pipe
from threading import Lock

from gotwatch.documents import PageText, Prompt
from gotwatch.engine.turns import Turn
from gotwatch.pixels import SharedPage


class Mailbox:
    """What other threads want of the engine's thread. Everything here is guarded by one lock."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._numbers = itertools.count(1)
        self._turns: list[Turn] = []
        self._unload_asked = False
        self._load_asked = False
        self._rung = False
        self.closed = False
        self.bell, self._rope = Pipe(duplex=False)  # readable when there is something new

    def put(
        self, pages: Sequence[SharedPage], prompt: Prompt, *, urgent: bool, tell: Callable[[str], None] | None
    ) -> Future[PageText]:
        with self._lock:
            turn = Turn(next(self._numbers), tuple(pages), prompt, urgent=urgent, tell=tell)
            if self.closed:
                turn.cancel()
            else:
                turn.text.add_done_callback(self._ring_if_cancelled)
                self._turns.append(turn)
                self._ring()
        return turn.text

    def take(self) -> list[Turn]:
        with self._lock:
            if self._rung:
                self.bell.recv_bytes()
                self._rung = False
            turns, self._turns = self._turns, []
            return turns

    def ask_unload(self) -> None:
        with self._lock:
            self._unload_asked = True
            self._ring()

    def take_unload(self) -> bool:
        with self._lock:
            asked, self._unload_asked = self._unload_asked, False
            return asked

    def ask_load(self) -> None:
        with self._lock:
            self._load_asked = True
            self._ring()

    def take_load(self) -> bool:
        with self._lock:
            asked, self._load_asked = self._load_asked, False
            return asked

    def close(self) -> None:
        with self._lock:
            self.closed = True
            self._ring()

    def _ring_if_cancelled(self, text: Future[PageText]) -> None:
        """Whoever cancels does so in a thread of its own; the engine may be at that page."""
        if text.cancelled():
            with self._lock:
                self._ring()

    def _ring(self) -> None:
        if not self._rung:
            self._rung = True
            self._rope.send_bytes(b"!")
