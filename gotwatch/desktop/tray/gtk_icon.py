"""The icon by GTK, for a tray of X11, where Python has GTK. Importing this raises NoTray where it has not."""

from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from gotwatch.desktop.tray.icon import NAME, OnOrder, Tamed, backend

_BASE: Any = backend("gtk")
_GLIB: Any = import_module("gi.repository.GLib")


class GtkIcon(Tamed, _BASE.Icon):  # type: ignore[misc]  # pystray has no types
    SIDE = 22

    def __init__(self, on_order: OnOrder) -> None:
        super().__init__(NAME, on_order)

    def post(self, work: Callable[[], None]) -> None:
        def once() -> bool:
            work()
            return False

        _GLIB.idle_add(once)

    def _finalize(self) -> None:
        """pystray takes a notification back that was never shown, and fails where no notifications are."""
        with suppress(_GLIB.GError):
            super()._finalize()
