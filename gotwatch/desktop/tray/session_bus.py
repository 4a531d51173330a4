"""The session bus of a Linux desktop, and whether anybody there shows icons."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from dbus_fast import DBusFastError, Message, MessageType
from dbus_fast.aio import MessageBus

CALL_SECONDS = 5.0

WATCHER = "org.kde.StatusNotifierWatcher"
WATCHER_PATH = "/StatusNotifierWatcher"
DBUS = "org.freedesktop.DBus"
DBUS_PATH = "/org/freedesktop/DBus"


class NoBus(Exception):
    """There is no session bus, or it does not answer."""


async def connect(address: str) -> MessageBus:
    """Raises NoBus."""
    try:
        return await asyncio.wait_for(MessageBus(bus_address=address).connect(), CALL_SECONDS)
    except (DBusFastError, OSError, EOFError, TimeoutError) as exc:
        raise NoBus(f"the session bus does not answer: {exc}") from exc


async def leave(bus: MessageBus) -> None:
    bus.disconnect()
    with suppress(Exception):  # whatever ended the connection, we are done with it
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast's


class Watcher:
    """The desktop's list of icons: panels read it, programs put their icons on it."""

    def __init__(self, bus: MessageBus, on_change: Callable[[], None]) -> None:
        self._bus = bus
        self._on_change = on_change

    async def observe(self) -> None:
        """Hear of its coming and going from now on, and of the panels that read it."""
        self._bus.add_message_handler(self._heed)
        for rule in (
            f"type='signal',interface='{DBUS}',member='NameOwnerChanged',arg0='{WATCHER}'",
            f"type='signal',interface='{WATCHER}',member='StatusNotifierHostRegistered'",
            f"type='signal',interface='{WATCHER}',member='StatusNotifierHostUnregistered'",
        ):
            await self._call(DBUS, DBUS_PATH, DBUS, "AddMatch", "s", [rule])

    async def owner(self) -> str | None:
        """Who it is; another one after a restart of the panel."""
        try:
            return str((await self._call(DBUS, DBUS_PATH, DBUS, "GetNameOwner", "s", [WATCHER]))[0])
        except NoBus:
            return None

    async def register(self) -> bool:
        """Put the icon of *bus* on the list."""
        assert self._bus.unique_name is not None  # it is connected
        # The specification's well-known name needs a permission in a sandbox; panels take the unique one too.
        with suppress(NoBus):
            await self._call(WATCHER, WATCHER_PATH, WATCHER, "RegisterStatusNotifierItem", "s", [self._bus.unique_name])
            return True
        return False

    async def is_read(self) -> bool:
        """Whether a panel reads it. True where that is not told."""
        properties = "org.freedesktop.DBus.Properties"
        asked = [WATCHER, "IsStatusNotifierHostRegistered"]
        with suppress(NoBus):
            return bool((await self._call(WATCHER, WATCHER_PATH, properties, "Get", "ss", asked))[0].value)
        return True

    def _heed(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL and (
            message.interface == WATCHER or (message.member == "NameOwnerChanged" and message.body[0] == WATCHER)
        ):
            self._on_change()

    async def _call(
        self, name: str, path: str, interface: str, member: str, signature: str, body: list[Any]
    ) -> list[Any]:
        """Raises NoBus, for a refusal too."""
        if not self._bus.connected:
            raise NoBus("the session bus is gone")
        message = Message(
            destination=name, path=path, interface=interface, member=member, signature=signature, body=body
        )
        try:
            reply = await asyncio.wait_for(self._bus.call(message), CALL_SECONDS)
        except (DBusFastError, OSError, EOFError, TimeoutError) as exc:
            raise NoBus(str(exc)) from exc
        if reply.message_type is MessageType.ERROR:
            raise NoBus(f"{reply.error_name}: {reply.body}")
        return list(reply.body)
