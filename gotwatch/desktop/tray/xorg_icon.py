"""The icon as a bare window, for a tray of X11: no menu, but the state, and a click. Importing it may raise NoTray."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import current_thread
from typing import Any

from PIL import Image
from PIL.Image import Resampling

from gotwatch.desktop.tray.icon import NAME, OnOrder, Posted, Tamed, backend
from gotwatch.desktop.tray.panel import NoTray

_BASE: Any = backend("xorg")
_X: Any = _BASE.Xlib.X
_GONE: Any = _BASE.Xlib.error.ConnectionClosedError
_ALL_PLANES = 0xFFFFFFFF


class XorgIcon(Tamed, _BASE.Icon):  # type: ignore[misc]  # pystray has no types
    _icon_data: Any  # these two are pystray's
    _systray_manager: Any

    def __init__(self, on_order: OnOrder) -> None:
        self._posted = Posted()
        self._is_over = False
        self._ground: Image.Image | None = None
        super().__init__(NAME, on_order)
        self._ours = self._display.intern_atom("_GOTWATCH_POSTED")
        self._theirs = self._message_handlers[_X.ClientMessage]
        self._message_handlers[_X.ClientMessage] = self._on_message

    def post(self, work: Callable[[], None]) -> None:
        self._posted.put(work)
        with suppress(_GONE):
            self._send_message(self._window, self._ours)
            self._display.flush()

    def _run(self) -> None:
        self._thread = current_thread()  # before it is shown, which asks for it
        try:
            super()._run()
        finally:
            with suppress(_GONE):
                self._display.close()  # and the window with it
        if not self._is_over:
            raise NoTray("the screen is gone")

    def stop(self) -> None:
        self._is_over = True

    def _events(self) -> Iterator[Any]:
        """As pystray's, which is ended by an event that does not come from all panels."""
        with suppress(_GONE):
            while not self._is_over:
                yield self._display.next_event()

    def _create_window(self) -> Any:
        """With clicks, which pystray does not ask for."""
        window = super()._create_window()
        window.change_attributes(
            event_mask=_X.ExposureMask | _X.StructureNotifyMask | _X.ButtonPressMask,
        )
        return window

    def _assert_icon_data(self, width: int, height: int) -> None:
        """As pystray's, which puts the icon on black."""
        size = (width, height)
        if self._icon_data and self._icon_data.size == size:
            return
        if self._ground is None or self._ground.size != size:
            self._ground = self._seen(width, height)
        picture: Any = self._ground.copy()
        icon = self._icon.resize(size, Resampling.LANCZOS)
        picture.paste(icon, (0, 0), icon)
        picture.tostring = picture.tobytes  # which Xlib asks for
        self._icon_data = picture

    def _seen(self, width: int, height: int) -> Image.Image:
        """What the panel shows there, before anything of ours is drawn on it; black where it does not tell."""
        window = self._window
        try:
            with _BASE.display_manager(self._display):
                window.change_attributes(background_pixmap=_X.ParentRelative)
                window.clear_area(0, 0, width, height)
                seen = window.get_image(0, 0, width, height, _X.ZPixmap, _ALL_PLANES)
            ground = Image.frombytes("RGB", (width, height), seen.data, "raw", "BGRX")
            ground.paste(ground.crop((1, 0, 2, 1)))  # all that the window was at first is this pixel, and still black
            return ground
        except (_BASE.XError, _BASE.Xlib.error.XError, ValueError):  # it has other colours than the screen
            return Image.new("RGB", (width, height))

    def _draw(self) -> None:
        """Not before the panel has said how large it wants it."""
        if self._window.get_geometry().width > 1:
            super()._draw()

    def _on_destroy_notify(self, event: Any) -> None:
        """As pystray's, which takes it for an error that there is no other panel yet."""
        if self._systray_manager and event.window.id == self._systray_manager.id:
            self._systray_manager = None
            self._dock_window()

    def _on_message(self, event: Any) -> None:
        if event.client_type == self._ours:
            self._posted.do_all()
        else:
            self._theirs(event)
