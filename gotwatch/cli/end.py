"""Whether, and when, to stop. The only module that knows how signals reach a thread that waits."""

import select
import signal
import socket
from contextlib import suppress

ENOUGH_BYTES = 4096


class End:
    """Waited for by one thread, mostly the main one, set by any thread and by signals. Close it when nobody waits.

    A signal's handler may interrupt the very thread that waits, which rules out an Event: its lock may be held by
    just that thread. And Python only notes a signal that comes in the moment before a wait, or to another thread,
    and would sleep on with it. So signals ring a bell of the system's, and the wait is for that bell. It tells which
    signal it was, as the main thread may be in a loop of its desktop's, where Python's handlers never get their turn.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._heeded: frozenset[int] = frozenset()
        self._ear, self._bell = socket.socketpair()
        self._bell.setblocking(False)  # what finds it full has nothing to add

    def heed_signals(self) -> None:
        """Be set by Ctrl+C and its like from now on. For the main thread."""
        signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)
        numbers = [signal.SIGTERM, signal.SIGINT]
        if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # else: by nohup
            numbers.append(signal.SIGHUP)
        for number in numbers:
            signal.signal(number, lambda *_: self.set())
        self._heeded = frozenset(numbers)

    def set(self) -> None:
        self._is_set = True
        with suppress(OSError):  # full, as it was rung often enough; or closed, as we are ending already
            self._bell.send(b"!")

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it is set. Blocks until then, or a signal comes, or for *seconds*."""
        if not self._is_set and select.select([self._ear], [], [], seconds)[0]:
            rung = self._ear.recv(ENOUGH_BYTES)
            self._is_set = self._is_set or not self._heeded.isdisjoint(rung)
        return self._is_set

    def close(self) -> None:
        signal.set_wakeup_fd(-1)
        self._ear.close()
        self._bell.close()
