"""The icon as a bare window, for a tray of X11: no menu, but the state, and a click. Importing it may raise NoTray."""

from collections.abc import Callable, Iterator
from threading import current_thread
from typing import Any

from gotwatch.desktop.tray.icon import NAME, OnOrder, Posted, Tamed, backend

_BASE: Any = backend("xorg")
_X: Any = _BASE.Xlib.X


class XorgIcon(Tamed, _BASE.Icon):  # type: ignore[misc]  # pystray has no types
    def __init__(self, on_order: OnOrder) -> None:
        self._posted = Posted()
        self._is_over = False
        super().__init__(NAME, on_order)
        self._ours = self._display.intern_atom("_GOTWATCH_POSTED")
        self._theirs = self._message_handlers[_X.ClientMessage]
        self._message_handlers[_X.ClientMessage] = self._on_message

    def post(self, work: Callable[[], None]) -> None:
        self._posted.put(work)
        self._send_message(self._window, self._ours)
        self._display.flush()

    def _run(self) -> None:
        self._thread = current_thread()  # before it is shown, which asks for it
        try:
            super()._run()
        finally:
            self._display.close()  # and the window with it

    def stop(self) -> None:
        self._is_over = True

    def _events(self) -> Iterator[Any]:
        """As pystray's, which is ended by an event that does not come from all panels."""
        while not self._is_over:
            yield self._display.next_event()

    def _create_window(self) -> Any:
        """With clicks, which pystray does not ask for."""
        window = super()._create_window()
        window.change_attributes(
            event_mask=_X.ExposureMask | _X.StructureNotifyMask | _X.ButtonPressMask,
        )
        return window

    def _on_message(self, event: Any) -> None:
        if event.client_type == self._ours:
            self._posted.do_all()
        else:
            self._theirs(event)
