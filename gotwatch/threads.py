"""Starts every thread, and remembers the ones that died of an error, so that status can tell."""

import logging
import time
from collections.abc import Callable
from threading import Lock, Thread

log = logging.getLogger(__name__)


class Threads:
    def __init__(self, on_death: Callable[[], None]) -> None:
        self._on_death = on_death
        self._lock = Lock()
        self._threads: list[Thread] = []
        self._deaths: dict[str, str] = {}

    def start(self, name: str, run: Callable[[], None]) -> Thread:
        thread = Thread(target=self._run, args=(name, run), name=name, daemon=True)
        with self._lock:
            self._threads = [*(known for known in self._threads if known.is_alive()), thread]
            thread.start()
        return thread

    def join(self, timeout_seconds: float) -> list[str]:
        """Wait for all, also those that are started meanwhile; the names of those that did not end in time."""
        deadline = time.monotonic() + timeout_seconds
        while alive := self._alive():
            if time.monotonic() >= deadline:
                return [thread.name for thread in alive]
            for thread in alive:
                thread.join(max(deadline - time.monotonic(), 0.0))
        return []

    def deaths(self) -> dict[str, str]:
        """name -> error of every thread that ended by one."""
        with self._lock:
            return dict(self._deaths)

    def _alive(self) -> list[Thread]:
        with self._lock:
            return [thread for thread in self._threads if thread.is_alive()]

    def _run(self, name: str, run: Callable[[], None]) -> None:
        try:
            run()
        except Exception as error:
            # The thread's boundary: its death must be seen, and must not pass in silence.
            log.exception("the thread %s died", name)
            with self._lock:
                self._deaths[name] = f"{type(error).__name__}: {error}"
            self._on_death()
