"""The icon on Windows: pystray's, with what it leaves out. Importing this raises NoTray where that cannot be had."""

import ctypes
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from gotwatch.desktop.tray import drawing
from gotwatch.desktop.tray.face import Look
from gotwatch.desktop.tray.icon import NAME, OnOrder, Posted, Tamed, backend

_BASE: Any = backend("win32")
_WIN32: Any = _BASE.win32

log = logging.getLogger(__name__)

WM_TIMER = 0x0113
WM_POSTED = _WIN32.WM_USER + 20
SM_CXSMICON = 49
TIMER = 1
RETRY_MILLISECONDS = 5_000
TIP_UNITS = 127  # of UTF-16, and a zero


class WindowsIcon(Tamed, _BASE.Icon):  # type: ignore[misc]  # pystray has no types
    def __init__(self, on_order: OnOrder) -> None:
        self._user32 = ctypes.windll.user32  # type: ignore[attr-defined]  # Windows alone has it
        self._posted = Posted()
        self._is_open = False
        self._is_stale = False
        self._icon_handle: int | None = None
        super().__init__(NAME, on_order)
        self._message_handlers |= {WM_POSTED: self._on_posted, WM_TIMER: self._on_timer}

    def post(self, work: Callable[[], None]) -> None:
        self._posted.put(work)
        if self._running:  # else it is done as soon as the loop begins
            _WIN32.PostMessage(self._hwnd, WM_POSTED, 0, 0)

    def _mark_ready(self) -> None:
        super()._mark_ready()
        self._posted.do_all()

    def _on_posted(self, _: int, __: int) -> None:
        self._posted.do_all()

    def _show(self) -> None:
        super()._show()
        if not self._was_taken:
            # Explorer is busy, as it is at login: there is no icon now, and nobody will ask for it.
            log.info("the tray icon is not shown yet; it is tried again")
            self._user32.SetTimer(self._hwnd, TIMER, RETRY_MILLISECONDS, None)

    def _on_timer(self, _: int, __: int) -> None:
        self._hide()  # it may have been taken all the same
        super()._show()
        if self._was_taken:
            self._user32.KillTimer(self._hwnd, TIMER)
            log.info("the tray icon is shown")

    def _message(self, code: int, flags: int, **values: object) -> None:
        """As pystray's, which forgets the answer."""
        asked = _WIN32.NOTIFYICONDATAW(
            cbSize=ctypes.sizeof(_WIN32.NOTIFYICONDATAW), hWnd=self._hwnd, uFlags=flags, **values
        )
        self._was_taken = bool(_WIN32.Shell_NotifyIcon(code, asked))

    def _on_notify(self, wparam: int, lparam: int) -> None:
        """It comes back when the menu is closed. Meanwhile the loop goes on, and may not take the menu away."""
        self._is_open = True
        try:
            super()._on_notify(wparam, lparam)
        finally:
            self._is_open = False
            if self._is_stale:
                self._update_menu()

    def _update_menu(self) -> None:
        self._is_stale = self._is_open
        if not self._is_open:
            super()._update_menu()

    def _picture(self, look: Look) -> Image.Image:
        self._side = int(self._user32.GetSystemMetrics(SM_CXSMICON)) or 16
        return drawing.draw(look, self._side)

    def _assert_icon_handle(self) -> None:
        """As pystray's, which loads another size, and lets Windows blur it into this one."""
        if self._icon_handle:
            return
        assert self.icon is not None  # or nothing would be shown
        handle, path = tempfile.mkstemp(".ico")
        try:
            with os.fdopen(handle, "wb") as file:
                self.icon.save(file, "ICO", sizes=[(self._side, self._side)])
            self._icon_handle = _WIN32.LoadImage(
                None, path, _WIN32.IMAGE_ICON, self._side, self._side, _WIN32.LR_LOADFROMFILE
            )
        finally:
            Path(path).unlink()

    @staticmethod
    def _escape(text: str) -> str:
        """A single & would underline the letter behind it; a tabulator begins the column of shortcuts."""
        return text.replace("&", "&&").replace("\t", " ")

    @staticmethod
    def _cut(title: str) -> str:
        units = title.encode("utf-16-le")
        if len(units) <= 2 * TIP_UNITS:
            return title
        return units[: 2 * (TIP_UNITS - 1)].decode("utf-16-le", "ignore") + "…"
