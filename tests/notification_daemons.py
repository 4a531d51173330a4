"""A notification daemon that shows nothing, writes down what it is told, and clicks as a person would."""

import asyncio
from dataclasses import dataclass
from threading import Event, Thread
from typing import Annotated

from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusDict, DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

from tests.desk import eventually

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
START_SECONDS = 10.0

Words = Annotated[list[str], DBusSignature("as")]
Information = Annotated[list[str], DBusSignature("ssss")]
Invoked = Annotated[list[object], DBusSignature("us")]
Closed = Annotated[list[object], DBusSignature("uu")]


@dataclass(frozen=True)
class Shown:
    number: int
    app: str
    title: str
    body: str
    actions: dict[str, str]  # key -> label

    def key(self, label: str) -> str:
        return next(key for key, shown in self.actions.items() if shown == label)


class _Interface(ServiceInterface):
    def __init__(self, told: list[Shown]) -> None:
        super().__init__(NAME)
        self._told = told

    @dbus_method()
    def GetCapabilities(self) -> Words:
        return ["body", "body-markup", "actions"]

    @dbus_method()
    def GetServerInformation(self) -> Information:
        return ["FakeNotificationDaemon", "gotwatch", "1", "1.2"]

    @dbus_method()
    def Notify(
        self,
        app: DBusStr,
        replaces: DBusUInt32,
        icon: DBusStr,
        summary: DBusStr,
        body: DBusStr,
        actions: Words,
        hints: DBusDict,
        expires: DBusInt32,
    ) -> DBusUInt32:
        number = len(self._told) + 1
        self._told.append(Shown(number, app, summary, body, dict(zip(actions[::2], actions[1::2], strict=True))))
        return number

    @dbus_method()
    def CloseNotification(self, number: DBusUInt32) -> None:
        self.NotificationClosed(number, 3)

    @dbus_signal()
    def ActionInvoked(self, number: int, key: str) -> Invoked:
        return [number, key]

    @dbus_signal()
    def NotificationClosed(self, number: int, reason: int) -> Closed:
        return [number, reason]


class FakeNotificationDaemon:
    """Within its block it is on the bus at *address*."""

    def __init__(self, address: str) -> None:
        self.told: list[Shown] = []
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._interface = _Interface(self.told)
        self._is_ready = Event()
        self._silence = Event()  # set when it is over
        self._end = asyncio.Event()
        self._thread = Thread(target=self._run, name="notification daemon", daemon=True)

    def __enter__(self) -> "FakeNotificationDaemon":
        self._thread.start()
        assert self._is_ready.wait(START_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._silence.set()
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(START_SECONDS)

    def wait_for(self, count: int, timeout_seconds: float = 20.0) -> list[Shown]:
        eventually(lambda: len(self.told) >= count, timeout_seconds)
        return self.told

    def click(self, shown: Shown, key: str = "default") -> None:
        self._loop.call_soon_threadsafe(self._interface.ActionInvoked, shown.number, key)

    def fall_silent(self) -> None:
        """Answer nothing from now on."""
        self._loop.call_soon_threadsafe(self._silence.wait)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        bus = await MessageBus(bus_address=self._address).connect()
        bus.export(PATH, self._interface)
        await bus.request_name(NAME)
        self._is_ready.set()
        await self._end.wait()
        bus.disconnect()
