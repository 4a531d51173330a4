"""A logind of the test's own, which hands over a lock and hears when it is let go."""

import asyncio
import os
import select
from threading import Event, Thread
from typing import Any

from dbus_fast import Message, MessageType, RequestNameReply
from dbus_fast.aio import MessageBus


class FakeLogind:
    """On the bus at *address*, from start to end of a with block."""

    def __init__(self, address: str) -> None:
        self.asked: list[list[Any]] = []
        self._address = address
        self._reader, self._writer = os.pipe()
        self._loop = asyncio.new_event_loop()
        self._ready = Event()
        self._thread = Thread(target=self._loop.run_until_complete, args=(self._run(),), daemon=True)

    def __enter__(self) -> "FakeLogind":
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(20)
        self._loop.close()
        os.close(self._reader)

    def lock_is_held(self) -> bool:
        """Whether somebody still has the other end of the pipe open."""
        poll = select.poll()
        poll.register(self._reader, select.POLLHUP)
        return not poll.poll(0)

    async def _run(self) -> None:
        self._ended = asyncio.Event()
        bus = await MessageBus(self._address, negotiate_unix_fd=True).connect()
        bus.add_message_handler(self._answer)
        assert await bus.request_name("org.freedesktop.login1") is RequestNameReply.PRIMARY_OWNER
        self._ready.set()
        await self._ended.wait()
        bus.disconnect()

    def _answer(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.member != "Inhibit":
            return None
        self.asked.append(message.body)
        lock, self._writer = self._writer, -1
        self._loop.call_later(0.5, os.close, lock)  # once it is sent, only the caller has it
        return Message.new_method_return(message, "h", [0], [lock])
