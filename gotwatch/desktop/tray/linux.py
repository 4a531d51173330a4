"""The tray on Linux: by the session bus, or by an old tray of X11 for as long as nobody on the bus shows icons."""

from collections.abc import Callable
from importlib import import_module
from threading import Thread

from gotwatch.desktop.tray.face import Face
from gotwatch.desktop.tray.loop_panel import LoopIcon, LoopPanel, OnOrder
from gotwatch.desktop.tray.notifier_panel import NotifierPanel
from gotwatch.desktop.tray.panel import Callbacks, NoTray, log_absence

StartThread = Callable[[str, Callable[[], None]], Thread]


class LinuxPanel:
    needs_main_thread = False

    def __init__(self, start_thread: StartThread) -> None:
        self._start_thread = start_thread
        self._callbacks: Callbacks | None = None
        self._is_old_used = False
        self._on_bus = NotifierPanel(self._when_absent, self._when_found)
        self._old = LoopPanel(_old_icon, needs_main_thread=False)

    def run(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks
        try:
            self._on_bus.run(callbacks)
        except NoTray as reason:
            self._use_old(reason)

    def show(self, face: Face) -> None:
        self._on_bus.show(face)
        self._old.show(face)

    def is_seen(self) -> bool:
        return self._on_bus.is_seen() or (self._is_old_used and self._old.is_seen())

    def stop(self) -> None:
        self._on_bus.stop()
        self._old.stop()

    def _when_absent(self) -> None:
        self._start_thread("tray icon by X11", self._try_old)

    def _try_old(self) -> None:
        try:
            self._use_old(NoTray("no panel shows icons (on GNOME the AppIndicator extension does)"))
        except NoTray as reason:
            log_absence(reason)

    def _use_old(self, reason: NoTray) -> None:
        """Raises *reason* where there is no old tray either."""
        assert self._callbacks is not None  # run() was called
        old_tray = import_module("gotwatch.desktop.tray.old_tray")
        try:
            old_tray.find()
            self._is_old_used = True
            self._callbacks.on_change()
            self._old.run(self._callbacks)
        except NoTray:
            raise reason from None

    def _when_found(self) -> None:
        self._old.stop()  # or there would be two


def _old_icon(on_order: OnOrder) -> LoopIcon:
    icon: LoopIcon = import_module("gotwatch.desktop.tray.old_tray").make(on_order)
    return icon
