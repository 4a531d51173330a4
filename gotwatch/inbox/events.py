"""The system's news of a folder, as paths to look at. The only module that knows watchdog."""

import logging
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

IS_LINUX = sys.platform == "linux"
# These say all there is to know; with others our own reading would wake us. Only Linux tells when a file is closed.
NEWS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileClosedEvent if IS_LINUX else FileModifiedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]
log = logging.getLogger(__name__)

WATCHDOG_LOGGER = "watchdog"
COLLECT_SECONDS = 0.3
STOP_SECONDS = 5.0


class Events:
    """Listens to one folder, from listen() to stop(). The callbacks come on watchdog's threads."""

    def __init__(
        self, *, touched: Callable[[Path], None], folder_changed: Callable[[Path], None], overflowed: Callable[[], None]
    ) -> None:
        self._touched = touched
        self._folder_changed = folder_changed
        self._overflow = _OverflowHook(overflowed)
        self._observer: BaseObserver | None = None

    def listen(self, folder: Path, *, recursive: bool) -> None:
        """Raises OSError where the system has no watches left, or the folder cannot be watched."""
        self.stop()
        # watchdog warns in its own thread, at length and to no use, where a new folder is found twice.
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)
        handler = _Handler(folder, self._touched, self._folder_changed)
        observer = self._observer = Observer(timeout=COLLECT_SECONDS)
        logging.getLogger(WATCHDOG_LOGGER).addHandler(self._overflow)
        try:
            observer.schedule(handler, handler.real, recursive=recursive, event_filter=NEWS)
            observer.start()
        except OSError:
            self.stop()
            raise

    @property
    def alive(self) -> bool:
        observer = self._observer
        if observer is None:
            return False
        # The thread that reads inotify can die alone, of a folder that was moved out and made anew (7.1).
        reader = getattr(observer, "_inotify_fd", observer)
        return all(thread.is_alive() for thread in (observer, reader, *observer.emitters))

    def watches(self) -> int | None:
        """How many folders the system watches for us; None where it does not tell."""
        reader = getattr(self._observer, "_inotify_fd", None)  # only Linux's observer has one (7.1)
        number = getattr(reader, "_inotify_fd", None)
        if number is None:
            return None
        try:
            told = Path(f"/proc/self/fdinfo/{number}").read_text("ascii")
        except OSError:
            return None
        return sum(line.startswith("inotify wd:") for line in told.splitlines())

    def stop(self) -> None:
        observer, self._observer = self._observer, None
        logging.getLogger(WATCHDOG_LOGGER).removeHandler(self._overflow)
        if observer is None:
            return
        try:
            observer.stop()
        except (KeyError, OSError):  # of the same cause; what is left of it hears nothing, and ends with the process
            log.warning("watchdog could not be stopped in order")
        else:
            if observer.is_alive():
                observer.join(STOP_SECONDS)


class _Handler(FileSystemEventHandler):
    """Hands on the paths of events, spelled as the watched folder is: links in it are followed for the watch only."""

    def __init__(self, folder: Path, touched: Callable[[Path], None], folder_changed: Callable[[Path], None]) -> None:
        self.real = os.path.realpath(folder)  # inotify would watch a link itself, and hear nothing
        self._below_real = os.path.join(self.real, "")  # noqa: PTH118 - Path drops the separator at the end
        self._folder = folder
        self._touched = touched
        self._folder_changed = folder_changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        text = os.fsdecode(event.dest_path or event.src_path)
        if text == self.real:
            self._folder_changed(self._folder)
        elif text.startswith(self._below_real):
            path = self._folder / text.removeprefix(self._below_real)
            (self._folder_changed if event.is_directory else self._touched)(path)


class _OverflowHook(logging.Handler):
    """watchdog only logs that the kernel dropped events (7.1); nothing else tells of it."""

    def __init__(self, overflowed: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._overflowed = overflowed

    def emit(self, record: logging.LogRecord) -> None:
        if "events were lost" in record.getMessage():
            self._overflowed()
