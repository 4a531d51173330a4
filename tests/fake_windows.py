"""The calls of Windows that an icon in its tray needs, each as thin as what it stands for."""

import ctypes
import sys
from collections.abc import Callable
from ctypes import wintypes
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

import pytest
from PIL import Image

WM_QUIT, WM_TIMER, WM_RBUTTONUP, WM_LBUTTONUP = 0x0012, 0x0113, 0x0205, 0x0202
WM_NOTIFY = 0x400 + 11  # pystray's own number
NIM_ADD, NIM_MODIFY, NIM_DELETE = 0, 1, 2
NIF_TIP = 4
SMALL_ICON = 20  # pixels; what a screen at 125 % has


class Function:
    """A function of a library, which ctypes lets describe and call."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self.call = call
        self.argtypes: tuple[Any, ...] = ()
        self.restype: Any = None
        self.errcheck: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any) -> Any:
        result = self.call(*arguments)
        return self.errcheck(result, self, arguments) if self.errcheck else result


@dataclass
class Windows:
    refusals: int = 0  # how often Explorer is still too busy to take an icon
    messages: SimpleQueue[tuple[int, int, int, int]] = field(default_factory=SimpleQueue)
    notified: list[tuple[int, str]] = field(default_factory=list)  # (what, tip) of each Shell_NotifyIcon
    timers: dict[int, int] = field(default_factory=dict)  # number -> milliseconds
    menus: dict[int, list[Any]] = field(default_factory=dict)
    loaded: list[tuple[int, int]] = field(default_factory=list)  # the sizes of the icons
    while_open: Callable[[], int] = lambda: 0  # what a person does while the menu is open; the entry clicked, or 0
    window: int = 0
    is_shown: bool = False
    _procedure: Any = None
    _last: int = 100

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Until the end of the test."""
        library = {name: Function(getattr(self, name)) for name in dir(type(self)) if name[0].isupper()}
        loader = type("WinDLL", (), {"__getattr__": lambda _, name: library.get(name) or Function(lambda *_: 1)})()
        libraries = type("Libraries", (), {"__getattr__": lambda *_: loader})()
        monkeypatch.setattr(ctypes, "WinDLL", object, raising=False)
        monkeypatch.setattr(ctypes, "LibraryLoader", lambda _: libraries)
        monkeypatch.setattr(ctypes, "windll", libraries, raising=False)
        monkeypatch.setattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE, raising=False)
        monkeypatch.setattr(ctypes, "HRESULT", ctypes.c_long, raising=False)
        for module in ("pystray._win32", "pystray._util.win32", "gotwatch.desktop.tray.windows_icon"):
            monkeypatch.delitem(sys.modules, module, raising=False)
        if package := sys.modules.get("pystray._util"):
            monkeypatch.delattr(package, "win32", raising=False)  # else it is taken from there

    def send(self, message: int, wparam: int = 0, lparam: int = 0) -> None:
        self.messages.put((self.window, message, wparam, lparam))

    def tips(self) -> list[str]:
        return [tip for _, tip in self.notified if tip]

    def _new(self) -> int:
        self._last += 1
        return self._last

    def RegisterClassExW(self, description: Any) -> int:
        self._procedure = description.lpfnWndProc
        return self._new()

    def CreateWindowExW(self, *_: Any) -> int:
        handle = self._new()
        self.window = self.window or handle  # the second one only owns the menu
        return handle

    def PeekMessageW(self, *_: Any) -> int:
        return 0

    def PostMessageW(self, window: int, message: int, wparam: int, lparam: int) -> int:
        self.messages.put((window, message, wparam, lparam))
        return 1

    def PostQuitMessage(self, code: int) -> None:
        self.messages.put((0, WM_QUIT, code, 0))

    def GetMessageW(self, place: Any, *_: Any) -> int:
        window, message, wparam, lparam = self.messages.get()
        place._obj.hWnd, place._obj.message = window, message
        place._obj.wParam, place._obj.lParam = wparam, lparam
        return int(message != WM_QUIT)

    def DispatchMessageW(self, place: Any) -> int:
        asked: wintypes.MSG = place._obj
        return int(self._procedure(asked.hWnd, asked.message, asked.wParam, asked.lParam))

    def SetTimer(self, _: int, number: int, milliseconds: int, __: None) -> int:
        self.timers[number] = milliseconds
        return number

    def KillTimer(self, _: int, number: int) -> int:
        return int(self.timers.pop(number, None) is not None)

    def GetSystemMetrics(self, _: int) -> int:
        return SMALL_ICON

    def LoadImageW(self, _: None, path: str, __: int, width: int, height: int, ___: int) -> int:
        with Image.open(path) as icon:
            assert icon.size == (width, height)
        self.loaded.append((width, height))
        return self._new()

    def Shell_NotifyIconW(self, what: int, asked: Any) -> int:
        self.notified.append((what, asked.szTip if asked.uFlags & NIF_TIP else ""))
        if what == NIM_ADD:
            if self.refusals:
                self.refusals -= 1
                return 0
            self.is_shown = True
        if what == NIM_DELETE:
            self.is_shown = False
        return int(what == NIM_DELETE or self.is_shown)

    def CreatePopupMenu(self) -> int:
        handle = self._new()
        self.menus[handle] = []
        return handle

    def InsertMenuItemW(self, menu: int, _: int, __: bool, place: Any) -> int:
        self.menus[menu].append(place._obj)
        return 1

    def DestroyMenu(self, menu: int) -> int:
        """With all that are below it."""
        items = self.menus.pop(menu, None)
        for item in items or []:
            if item.hSubMenu:
                self.DestroyMenu(item.hSubMenu)
        return int(items is not None)

    def TrackPopupMenuEx(self, menu: int, *_: Any) -> int:
        """Windows goes on with the window's messages while the menu is open."""
        clicked = self.while_open()
        while not self.messages.empty():
            window, message, wparam, lparam = self.messages.get()
            self._procedure(window, message, wparam, lparam)
        assert menu in self.menus, "the menu was taken away while it was open"
        return clicked
