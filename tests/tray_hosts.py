"""A panel that shows icons, for tests: it owns the list of icons on a session bus, reads them, and clicks."""

import asyncio
import os
import subprocess
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any, TypeVar

from dbus_fast import Message, MessageType, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal
from PIL import Image

from tests.desk import eventually

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PROPERTIES = "org.freedesktop.DBus.Properties"
ANSWER_SECONDS = 10.0
BUS_CONFIG = """<busconfig><type>session</type>{services}<listen>unix:tmpdir=/tmp</listen><policy context="default">
<allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""

T = TypeVar("T")


@contextmanager
def session_bus(folder: Path, *, services: bool = False, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of a bus of its own. *services*: it starts what is installed, with this *environment*."""
    config = folder / "bus.conf"
    config.write_text(BUS_CONFIG.format(services="<standard_session_servicedirs/>" if services else ""), "utf-8")
    command = ["dbus-daemon", f"--config-file={config}", "--print-address=1", "--nofork", "--nopidfile"]
    ours = {**os.environ, **(environment or {})}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ours) as daemon:
        assert daemon.stdout is not None
        try:
            yield daemon.stdout.readline().strip()
        finally:
            daemon.terminate()


@dataclass(frozen=True)
class Line:
    """An entry of the menu as the panel shows it."""

    number: int
    label: str
    is_enabled: bool
    is_checked: bool | None
    children: tuple["Line", ...]


class TrayHost:
    """Within its block icons can be put on its list."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._started = Event()
        self._ending: asyncio.Event | None = None
        self.signals: list[str] = []  # what the icon has told of, in turn
        self.registered: list[str] = []

    def __enter__(self) -> "TrayHost":
        self._thread = Thread(target=lambda: asyncio.run(self._run()), name="tray host", daemon=True)
        self._thread.start()
        assert self._started.wait(ANSWER_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._ending is not None
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join()

    def wait_for_icon(self) -> None:
        eventually(lambda: self.registered, ANSWER_SECONDS)

    def properties(self) -> dict[str, Any]:
        """What the icon says of itself."""
        return dict(_plain(self._call("/StatusNotifierItem", PROPERTIES, "GetAll", "s", [ITEM])[0]))

    def picture(self, side: int = 44) -> Image.Image:
        """The icon at this size."""
        found = next(pixels for width, _, pixels in self.properties()["IconPixmap"] if width == side)
        alpha, red, green, blue = Image.frombytes("RGBA", (side, side), bytes(found)).split()
        return Image.merge("RGBA", (red, green, blue, alpha))

    def menu(self) -> tuple[Line, ...]:
        _, root = self._call(self._menu_path(), MENU, "GetLayout", "iias", [0, -1, []])
        return _line(root).children

    def labels(self) -> list[str]:
        return [line.label for line in self.menu()]

    def line(self, *labels: str) -> Line:
        """Down through the submenus."""
        lines, found = self.menu(), None
        for label in labels:
            found = next((line for line in lines if line.label == label), None)
            assert found is not None, f"no {label!r} in {[line.label for line in lines]}"
            lines = found.children
        assert found is not None
        return found

    def click(self, *labels: str) -> None:
        line = self.line(*labels)
        assert line.is_enabled, f"{line.label!r} cannot be clicked"
        self._call(self._menu_path(), MENU, "Event", "isvu", [line.number, "clicked", Variant("i", 0), 0])

    def activate(self) -> None:
        """A click on the icon itself."""
        self._call("/StatusNotifierItem", ITEM, "Activate", "ii", [0, 0])

    def _menu_path(self) -> str:
        return str(self.properties()["Menu"])

    async def _run(self) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.add_message_handler(self._heed)
        self._bus.export("/StatusNotifierWatcher", _Watcher())
        await self._bus.request_name(WATCHER)
        await self._bus.call(_message("org.freedesktop.DBus", "/org/freedesktop/DBus", "AddMatch", "s", _ALL_SIGNALS))
        self._started.set()
        await self._ending.wait()
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast says nothing of it

    def _heed(self, message: Message) -> None:
        if message.member == "RegisterStatusNotifierItem" and message.message_type is MessageType.METHOD_CALL:
            self.registered.append(message.body[0])
        if message.message_type is MessageType.SIGNAL and message.interface in (ITEM, MENU):
            self.signals.append(str(message.member))

    def _call(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> list[Any]:
        message = _message(self.registered[-1], path, member, signature, body, interface)
        reply = self._ask(lambda: self._bus.call(message))
        assert reply.message_type is not MessageType.ERROR, f"{reply.error_name}: {reply.body}"
        return list(reply.body)

    def _ask(self, question: Callable[[], Awaitable[T]]) -> T:
        async def ask() -> T:
            return await question()

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result(ANSWER_SECONDS)


class _Watcher(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(WATCHER)

    @dbus_method()
    def RegisterStatusNotifierItem(self, service: DBusStr) -> None:
        """The host has seen the message itself."""

    @dbus_property(access=PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> DBusBool:
        return True

    @dbus_signal()
    def StatusNotifierHostRegistered(self) -> None:
        """Not told again: it is so from the beginning."""


_ALL_SIGNALS = ["type='signal',path_namespace='/StatusNotifierItem'"]


def _message(
    name: str, path: str, member: str, signature: str, body: list[Any], interface: str = "org.freedesktop.DBus"
) -> Message:
    return Message(destination=name, path=path, interface=interface, member=member, signature=signature, body=body)


def _line(node: list[Any]) -> Line:
    number, properties, children = node
    said = {name: value.value for name, value in properties.items()}
    checked = bool(said["toggle-state"]) if "toggle-type" in said else None
    below = tuple(_line(child.value) for child in children)
    return Line(number, said.get("label", "").replace("__", "_"), said.get("enabled", True), checked, below)


def _plain(value: Any) -> Any:
    if isinstance(value, Variant):
        return _plain(value.value)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value
