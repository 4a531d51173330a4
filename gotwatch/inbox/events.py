"""The system's news of a folder, as paths to look at. The only module that knows watchdog."""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

# On Linux these say all there is to know; without the filter our own reading would wake us.
LINUX_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileClosedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]
OVERFLOW_LOGGER = "watchdog.observers.inotify_c"
STOP_SECONDS = 5.0


class Events:
    """Listens to one folder, from listen() to stop(). The callbacks come on watchdog's threads."""

    def __init__(
        self, *, touched: Callable[[Path], None], folder_changed: Callable[[Path], None], overflowed: Callable[[], None]
    ) -> None:
        self._handler = _Handler(touched, folder_changed)
        self._overflow = _OverflowHook(overflowed)
        self._observer: BaseObserver | None = None

    def listen(self, folder: Path, *, recursive: bool) -> None:
        """Raises OSError where the system has no watches left, or the folder cannot be watched."""
        self.stop()
        observer = Observer(timeout=0.3)
        observer.schedule(
            self._handler,
            str(folder),
            recursive=recursive,
            event_filter=LINUX_EVENTS if sys.platform == "linux" else None,
        )
        logging.getLogger(OVERFLOW_LOGGER).addHandler(self._overflow)
        observer.start()
        self._observer = observer

    @property
    def alive(self) -> bool:
        return self._observer is not None and all(emitter.is_alive() for emitter in self._observer.emitters)

    def stop(self) -> None:
        observer, self._observer = self._observer, None
        logging.getLogger(OVERFLOW_LOGGER).removeHandler(self._overflow)
        if observer is not None:
            observer.stop()
            observer.join(STOP_SECONDS)


class _Handler(FileSystemEventHandler):
    def __init__(self, touched: Callable[[Path], None], folder_changed: Callable[[Path], None]) -> None:
        self._touched = touched
        self._folder_changed = folder_changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        path = Path(os.fsdecode(event.dest_path or event.src_path))
        if event.is_directory:
            self._folder_changed(path)
        else:
            self._touched(path)


class _OverflowHook(logging.Handler):
    """watchdog only logs that the kernel dropped events (7.1); nothing else tells of it."""

    def __init__(self, overflowed: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._overflowed = overflowed

    def emit(self, record: logging.LogRecord) -> None:
        if "overflow" in record.getMessage().lower():
            self._overflowed()
