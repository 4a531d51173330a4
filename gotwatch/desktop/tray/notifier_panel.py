"""The panel behind the session bus, for as long as there is one."""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from gotwatch.desktop.tray.face import Face
from gotwatch.desktop.tray.panel import Callbacks, NoTray

if TYPE_CHECKING:
    from gotwatch.desktop.tray.visit import Visit

log = logging.getLogger(__name__)

ADDRESS = "DBUS_SESSION_BUS_ADDRESS"
RUNTIME = "XDG_RUNTIME_DIR"


class NotifierPanel:
    needs_main_thread = False

    def __init__(self, on_absent: Callable[[], None], on_found: Callable[[], None]) -> None:
        """*on_absent*: nobody on the bus shows icons. *on_found*: somebody does, perhaps after that."""
        self._on_absent = on_absent
        self._on_found = on_found
        self._lock = Lock()
        self._visit: Visit | None = None
        self._face: Face | None = None
        self._ending = False

    def run(self, callbacks: Callbacks) -> None:
        address = _address()
        if not address:
            raise NoTray("there is no session bus")
        asyncio.run(self._run(address, callbacks))

    def show(self, face: Face) -> None:
        with self._lock:
            self._face = face
            if self._visit:
                self._visit.post(face)

    def is_seen(self) -> bool:
        with self._lock:
            return self._visit is not None and self._visit.is_seen

    def stop(self) -> None:
        with self._lock:
            self._ending = True
            if self._visit:
                self._visit.post(None)

    async def _run(self, address: str, callbacks: Callbacks) -> None:
        # only now, as they bring in dbus-fast, and few servers have a session
        from gotwatch.desktop.tray import session_bus  # noqa: PLC0415
        from gotwatch.desktop.tray.visit import Visit  # noqa: PLC0415

        asyncio.get_running_loop().set_exception_handler(_note)
        try:
            bus = await session_bus.connect(address)
        except session_bus.NoBus as exc:
            raise NoTray(str(exc)) from exc
        visit = Visit(bus, callbacks, self._on_absent, self._on_found)
        self._begin(visit)
        try:
            await visit.run()
        finally:
            with self._lock:
                self._visit = None
            await session_bus.leave(bus)

    def _begin(self, visit: "Visit") -> None:
        with self._lock:
            self._visit = visit
            if self._ending:
                visit.post(None)
            elif self._face:
                visit.post(self._face)


def _address() -> str:
    """The session bus's; "" if there is none."""
    if address := os.environ.get(ADDRESS):
        return address
    usual = Path(os.environ.get(RUNTIME, "/nonexistent"), "bus")
    return f"unix:path={usual}" if usual.exists() else ""


def _note(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What dbus-fast leaves behind when the bus goes away in the middle of a message."""
    log.debug("the session bus: %s", context["message"], exc_info=context.get("exception"))
