"""Tells the person on the desktop what became of the files, and what keeps gotwatch up."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from typing import Any, Protocol

from gotwatch.config.settings import Level
from gotwatch.desktop import news, notify
from gotwatch.desktop.news import Ended, Note, Tally, Trouble
from gotwatch.desktop.notify import Display
from gotwatch.desktop.opening import Opener

LOOK_SECONDS = 1.0
STATUS_SECONDS = 5.0


class Informant(Protocol):
    """What is needed of App."""

    def subscribe(self, listener: Callable[[], None]) -> None: ...

    def subscribe_to_files(self, listener: Callable[[dict[str, Any]], None]) -> None: ...

    def status(self) -> dict[str, Any]: ...

    def is_busy(self) -> bool: ...


class Herald:
    """run() is for a thread of its own, until stop()."""

    def __init__(
        self,
        informant: Informant,
        new_display: Callable[[], Display],
        level: Callable[[], Level],
        *,
        log: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """*level* is asked before each note. *log*: the file that is offered where something went wrong."""
        self._informant = informant
        self._new_display = new_display
        self._level = level
        self._log = log
        self._clock = clock
        self._endings: SimpleQueue[Ended] = SimpleQueue()
        self._changed = Event()
        self._stopping = Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._telling: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._tally = Tally()
        self._told_at = float("-inf")
        self._troubles: list[Trouble] = []
        self._looked_at = float("-inf")
        informant.subscribe(self._note_change)
        informant.subscribe_to_files(self._hear)

    def run(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._tell_on())

    def stop(self) -> None:
        """Also while a note waits to be shown."""
        self._stopping.set()
        if (loop := self._loop) and (telling := self._telling):
            with suppress(RuntimeError):  # it has ended
                loop.call_soon_threadsafe(telling.cancel)

    def _hear(self, record: dict[str, Any]) -> None:
        if ended := news.ended(record):
            self._endings.put(ended)
            self.wake()

    def _note_change(self) -> None:
        self._changed.set()
        self.wake()

    def wake(self) -> None:
        """Look now."""
        if loop := self._loop:
            with suppress(RuntimeError):  # it has ended
                loop.call_soon_threadsafe(self._woken.set)

    async def _tell_on(self) -> None:
        self._telling = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        display = self._new_display()
        try:
            while not self._stopping.is_set():
                self._woken.clear()  # before the look: what comes during it is seen by the next
                for note in self._due():
                    await display.show(note)
                if not self._time_alone_may_do():
                    await self._woken.wait()
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            display.close()

    def _time_alone_may_do(self) -> bool:
        """Whether something may become due though nothing happens."""
        if self._level() is Level.NONE:
            return False
        return self._tally.first is not None or self._changed.is_set() or self._has_untold_trouble()

    def _has_untold_trouble(self) -> bool:
        return any(not trouble.told for trouble in self._troubles)

    def _due(self) -> list[Note]:
        now, level = self._clock(), self._level()
        return [*self._of_files(now, level), *self._of_troubles(now, level)]

    def _of_files(self, now: float, level: Level) -> list[Note]:
        while not self._endings.empty():
            if news.is_wanted(ended := self._endings.get(), level):
                self._tally = news.heard(self._tally, ended, now)
        busy = self._tally.first is not None and self._informant.is_busy()
        if not news.is_due(self._tally, now, told_at=self._told_at, level=level, is_busy=busy):
            return []
        note, self._tally, self._told_at = news.note_of(self._tally, self._log), Tally(), now
        return [note]

    def _of_troubles(self, now: float, level: Level) -> list[Note]:
        if level is Level.NONE or now - self._looked_at < STATUS_SECONDS:
            return []
        if not self._changed.is_set() and not self._has_untold_trouble():
            return []
        self._changed.clear()
        self._looked_at = now
        standing = news.standing_troubles(self._informant.status())
        self._troubles, to_tell = news.watched(self._troubles, standing, now)
        return [news.note_of_troubles([standing[key] for key in to_tell], self._log)] if to_tell else []


def herald_of(informant: Informant, level: Callable[[], Level], log: Path) -> Herald:
    """One for the desktop that we are on."""
    opener = Opener()

    def open_choice(target: Path) -> None:
        if target == log:
            opener.open_text(target)
        else:
            opener.open(str(target))

    return Herald(informant, lambda: notify.display(open_choice), level, log=log)
