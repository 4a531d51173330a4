"""pystray, tamed: the only door to it. Import this where an icon is about to be shown, and not before.

pystray chooses a backend while it is imported, and fails there in many ways without a screen. So it is imported with
the backend that does nothing, and the one that is wanted is loaded by its name.
"""

import importlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from types import ModuleType
from typing import TYPE_CHECKING, Any

from PIL import Image

from gotwatch.desktop.tray import drawing
from gotwatch.desktop.tray.face import Face, Look, Mood
from gotwatch.desktop.tray.menu import Entry, Order
from gotwatch.desktop.tray.panel import NoTray

BACKEND = "PYSTRAY_BACKEND"
NAME = "gotwatch"
NO_FACE = Face(Look(Mood.IDLE), "", ())

OnOrder = Callable[[Order], None]
Escape = Callable[[str], str]


class Posted:
    """Work for the thread of an icon, which other threads leave here before they wake it."""

    def __init__(self) -> None:
        self._works: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def put(self, work: Callable[[], None]) -> None:
        self._works.put(work)

    def do_all(self) -> None:
        while True:
            try:
                work = self._works.get_nowait()
            except Empty:
                return
            work()


@contextmanager
def _no_backend() -> Iterator[None]:
    chosen = os.environ.get(BACKEND)
    os.environ[BACKEND] = "dummy"
    try:
        yield
    finally:
        if chosen is None:
            del os.environ[BACKEND]
        else:
            os.environ[BACKEND] = chosen


with _no_backend():
    import pystray
BaseIcon: Any = pystray.Icon  # pystray has no types


def backend(name: str) -> ModuleType:
    """pystray's module for one kind of tray. Raises NoTray."""
    try:
        return importlib.import_module(f"pystray._{name}")
    except Exception as exc:  # not only ImportError: Xlib's and gi's own errors come out of the import too
        raise NoTray(f"{type(exc).__name__}: {exc}") from exc


class Item(pystray.MenuItem):  # type: ignore[misc]  # pystray has no types
    """A menu item that knows which entry it shows."""

    def __init__(self, entry: Entry, escape: Escape, on_order: OnOrder) -> None:
        submenu = pystray.Menu(*items(entry.children, escape, on_order)) if entry.children else None
        order = entry.order
        super().__init__(
            escape(entry.text),
            submenu or ((lambda: on_order(order)) if order else None),
            checked=None if entry.checked is None else (lambda _: bool(entry.checked)),
            default=entry.is_default,
            enabled=entry.is_enabled,
        )
        self.entry = entry


def items(entries: Iterable[Entry], escape: Escape, on_order: OnOrder) -> list[Any]:
    return [pystray.Menu.SEPARATOR if entry.is_separator else Item(entry, escape, on_order) for entry in entries]


class Tamed:
    """Goes before pystray's Icon among the bases of an icon, all of whose methods are called in one thread.

    pystray shows an icon from a thread of its own, which is not a daemon and waits for ever for a start that failed,
    and which calls AppKit from where that ends the process. Here the icon is shown by the thread that runs it.
    """

    SIDE = 64  # pixels

    def __init__(self, name: str, on_order: OnOrder) -> None:
        super().__init__(name)  # type: ignore[call-arg]  # pystray's Icon is next
        self.face = NO_FACE
        self._on_order = on_order

    def __del__(self) -> None:
        """Not pystray's, which waits for a loop that may be gone, and so for ever at the end of the process."""

    def wear(self, face: Face) -> None:
        """Show *face*. Only what is new in it is sent on."""
        before, self.face = self.face, face
        if face.look != before.look or self.icon is None:
            self.icon = self._picture(face.look)
        self.title = self._cut(face.title)
        if face.menu != before.menu:
            self.menu = pystray.Menu(*items(face.menu, self._escape, self._on_order))

    def _picture(self, look: Look) -> Image.Image:
        return drawing.draw(look, self.SIDE)

    @staticmethod
    def _escape(text: str) -> str:
        """*text* so that this system shows it as it stands."""
        return text

    @staticmethod
    def _cut(title: str) -> str:
        """*title* as long as it may be here."""
        return title

    def _start_setup(self, setup: object) -> None:
        """No thread."""

    def _mark_ready(self) -> None:
        self._running = True
        self.update_menu()
        self.visible = True

    def stop(self) -> None:
        if self._running:
            self._running = False
            self._stop()

    if TYPE_CHECKING:  # pystray's
        icon: Image.Image | None
        title: str
        menu: Any
        visible: bool

        def update_menu(self) -> None: ...
        def _stop(self) -> None: ...
