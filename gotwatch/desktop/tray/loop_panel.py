"""A panel whose icon brings its own loop and is always to be seen: Windows', macOS's, X11's."""

from collections.abc import Callable
from threading import Event, Lock
from typing import Protocol

from gotwatch.desktop.tray.face import Face
from gotwatch.desktop.tray.menu import Order
from gotwatch.desktop.tray.panel import Callbacks

OnOrder = Callable[[Order], None]


class LoopIcon(Protocol):
    def wear(self, face: Face) -> None:
        """In the thread of its loop, or before that runs."""

    def run(self) -> None:
        """Blocks until stop()."""

    def stop(self) -> None:
        """In the thread of its loop."""

    def post(self, work: Callable[[], None]) -> None:
        """From any thread: do *work* in the loop, as soon as that runs."""


class LoopPanel:
    def __init__(self, make: Callable[[OnOrder], LoopIcon], *, needs_main_thread: bool) -> None:
        """*make*: the icon, called by the thread that will run it. Raises NoTray."""
        self.needs_main_thread = needs_main_thread
        self._make = make
        self._lock = Lock()
        self._news = Event()
        self._face: Face | None = None
        self._icon: LoopIcon | None = None
        self._ending = False
        self._is_over = False

    def run(self, callbacks: Callbacks) -> None:
        try:
            self._news.wait()
            if not self._ending:
                self._run(self._make(callbacks.on_order))
        finally:
            self._is_over = True

    def show(self, face: Face) -> None:
        with self._lock:
            self._face = face
            if icon := self._icon:
                icon.post(lambda: icon.wear(face))
        self._news.set()

    def is_seen(self) -> bool:
        return not self._is_over

    def stop(self) -> None:
        with self._lock:
            self._ending = True
            if self._icon:
                self._icon.post(self._icon.stop)
        self._news.set()

    def _run(self, icon: LoopIcon) -> None:
        with self._lock:
            if self._ending:
                return
            assert self._face is not None  # or there would be no news
            icon.wear(self._face)
            self._icon = icon
        try:
            icon.run()
        finally:
            with self._lock:
                self._icon = None
