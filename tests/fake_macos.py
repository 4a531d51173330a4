"""AppKit as far as an icon needs it. What is called off the main thread is noted: the real one ends the process."""

import sys
from collections.abc import Callable
from queue import SimpleQueue
from threading import current_thread, main_thread
from types import ModuleType
from typing import Any

import pytest

BAR_POINTS = 22
ACCESSORY = 1


class Mac:
    def __init__(self) -> None:
        self.off_main: list[str] = []  # the calls for which macOS would have ended the process
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.events: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self.items: list[MenuItem] = []  # of the menu that was made last
        self.delegate: Any = None
        self.is_running = False

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Until the end of the test."""
        thing = Thing(self, "")
        app_kit = _module(
            NSApplication=Class(Application(self, "app")),
            NSStatusBar=Class(StatusBar(self, "bar")),
            NSMenu=Class(Menu(self, "menu")),
            NSMenuItem=MenuItems(self),
            NSImage=Class(Thing(self, "image")),
            NSEvent=thing,
            NSFont=thing,
            NSPoint=lambda *_: None,
            NSVariableStatusItemLength=-1,
            NSApplicationDefined=15,
            NSFontAttributeName="font",
            NSOnState=1,
            NSOffState=0,
        )
        foundation = _module(
            NSObject=self._delegate_class(), NSData=bytes, NSAttributedString=thing, NSDictionary=thing
        )
        tools = _module(__path__=[])
        for name, module in {
            "AppKit": app_kit,
            "Foundation": foundation,
            "objc": _module(namedSelector=lambda _: lambda method: method),
            "PyObjCTools": tools,
            "PyObjCTools.MachSignals": _module(),
            "PyObjCTools.AppHelper": _module(callAfter=self.events.put),
        }.items():
            monkeypatch.setitem(sys.modules, name, module)
        for name in ("pystray._darwin", "gotwatch.desktop.tray.macos_icon"):
            monkeypatch.delitem(sys.modules, name, raising=False)

    def note(self, name: str, arguments: tuple[Any, ...]) -> None:
        if current_thread() is not main_thread():
            self.off_main.append(name)
        self.calls.append((name, arguments))

    def told(self, name: str) -> list[Any]:
        """The first argument of each such call."""
        return [arguments[0] for called, arguments in self.calls if called == name]

    def click(self, title: str) -> None:
        """From any thread: a person clicks, and macOS tells of it on the main thread."""
        self.events.put(lambda: self.delegate.activate_menu_item(self._item(title)))

    def titles(self) -> list[str]:
        return [item.title for item in self.items]

    def _item(self, title: str) -> "MenuItem":
        return next(item for item in self.items if item.title == title)

    def _delegate_class(self) -> type:
        mac = self

        class NSObject:
            @classmethod
            def alloc(cls) -> Any:
                mac.delegate = cls()
                return mac.delegate

            def init(self) -> Any:
                return self

        return NSObject


class Thing:
    """An object of AppKit: takes every call, and answers with an object."""

    def __init__(self, mac: Mac, name: str) -> None:
        self._mac = mac
        self._name = name

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            self._mac.note(name, arguments)
            return self

        return call


class Class:
    """A class of AppKit with one object."""

    def __init__(self, only: Thing) -> None:
        self._only = only

    def __getattr__(self, _: str) -> Callable[..., Any]:
        return lambda *_: self._only


class Application(Thing):
    def run(self) -> None:
        self._mac.note("run", ())
        self._mac.is_running = True
        while self._mac.is_running:
            if event := self._mac.events.get():
                event()

    def stop_(self, _: Any) -> None:
        self._mac.note("stop_", ())
        self._mac.is_running = False

    def postEvent_atStart_(self, *arguments: Any) -> None:
        self._mac.note("postEvent_atStart_", arguments)
        self._mac.events.put(None)


class StatusBar(Thing):
    def thickness(self) -> float:
        return float(BAR_POINTS)


class Menu(Thing):
    def initWithTitle_(self, title: str) -> "Menu":
        self._mac.note("initWithTitle_", (title,))
        return self

    def addItem_(self, item: Any) -> None:
        self._mac.note("addItem_", (item,))
        if isinstance(item, MenuItem):
            self._mac.items.append(item)


class MenuItem(Thing):
    title = ""
    number = -1
    is_enabled = True

    def initWithTitle_action_keyEquivalent_(self, title: str, *_: Any) -> "MenuItem":
        self._mac.note("initWithTitle_action_keyEquivalent_", (title,))
        self.title = title
        return self

    def setTag_(self, number: int) -> None:
        self._mac.note("setTag_", (number,))
        self.number = number

    def tag(self) -> int:
        return self.number

    def setEnabled_(self, enabled: bool) -> None:
        self._mac.note("setEnabled_", (enabled,))
        self.is_enabled = enabled


class MenuItems:
    def __init__(self, mac: Mac) -> None:
        self._mac = mac

    def alloc(self) -> MenuItem:
        return MenuItem(self._mac, "item")

    def separatorItem(self) -> Thing:
        return Thing(self._mac, "separator")


def _module(**members: Any) -> Any:
    module = ModuleType("fake")
    vars(module).update(members)
    return module
