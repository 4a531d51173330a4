"""Keeps the computer from falling asleep by itself while there is work. The only module that knows how."""

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from threading import Event
from typing import Protocol

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
ANSWER_SECONDS = 5.0
WHO, WHY = "gotwatch", "Files are being read"
# winbase.h: until further notice, the system is needed (the screen is not)
ES_CONTINUOUS, ES_SYSTEM_REQUIRED = 0x8000_0000, 0x0000_0001

Release = Callable[[], None]


class Awake:
    """run() works until stop(), in one thread: Windows counts the wish as that thread's."""

    def __init__(self, is_working: Callable[[], bool], hold: "Callable[[], Release] | None" = None) -> None:
        self._is_working = is_working
        self._hold = hold or of_this_system
        self._stopping = Event()
        self._release: Release | None = None
        self._is_refused = False

    def run(self) -> None:
        try:
            while not self._stopping.wait(LOOK_SECONDS):
                self.look()
        finally:
            self._let_go()

    def stop(self) -> None:
        self._stopping.set()

    def look(self) -> None:
        """Hold or let go, as there is work or not."""
        if not self._is_working():
            self._let_go()
        elif self._release is None and not self._is_refused:
            self._take()

    def _take(self) -> None:
        try:
            self._release = self._hold()
        except Exception as error:  # noqa: BLE001 - D-Bus has many; whatever it is, reading goes on
            self._is_refused = True  # it would be the same the next time
            log.info("the computer may fall asleep while gotwatch reads: %s", error)
        else:
            log.debug("the computer is kept awake")

    def _let_go(self) -> None:
        release, self._release = self._release, None
        if release is not None:
            release()
            log.debug("the computer may fall asleep again")


def of_this_system() -> Release:
    """Keep the computer awake until what is given back is called. Raises where the system does not take the wish."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - the one place that needs it

        return by_windows(ctypes.windll.kernel32)
    return by_caffeinate() if sys.platform == "darwin" else by_logind()


class Kernel32(Protocol):
    def SetThreadExecutionState(self, state: int) -> int: ...


def by_windows(kernel32: Kernel32) -> Release:
    if not kernel32.SetThreadExecutionState(ES_CONTINUOUS | ES_SYSTEM_REQUIRED):
        raise OSError("Windows does not take the wish")

    def release() -> None:
        kernel32.SetThreadExecutionState(ES_CONTINUOUS)

    return release


def by_caffeinate(program: str = "/usr/bin/caffeinate") -> Release:
    """It ends with us, however we end."""
    process = subprocess.Popen([program, "-i", "-w", str(os.getpid())], stdin=subprocess.DEVNULL)

    def release() -> None:
        process.terminate()
        process.wait()

    return release


def by_logind() -> Release:
    """The lock is a file that logind hands over: closed, also by our death, it is gone."""
    number = asyncio.run(asyncio.wait_for(_inhibit(), ANSWER_SECONDS))
    return lambda: os.close(number)


async def _inhibit() -> int:
    from dbus_fast import BusType, Message, MessageType  # noqa: PLC0415 - only Linux has it
    from dbus_fast.aio import MessageBus  # noqa: PLC0415

    bus = await MessageBus(bus_type=BusType.SYSTEM, negotiate_unix_fd=True).connect()
    try:
        reply = await bus.call(
            Message(
                destination="org.freedesktop.login1",
                path="/org/freedesktop/login1",
                interface="org.freedesktop.login1.Manager",
                member="Inhibit",
                signature="ssss",
                body=["idle:sleep", WHO, WHY, "block"],
            )
        )
        if reply is None or reply.message_type is MessageType.ERROR:
            raise OSError(f"logind does not take the wish ({reply.error_name if reply else 'no answer'})")
        return reply.unix_fds[0]  # ours from here on
    finally:
        bus.disconnect()
