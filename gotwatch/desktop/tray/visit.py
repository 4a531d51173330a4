"""One connection to the session bus: whenever a panel there shows icons, it gets ours."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from dbus_fast.aio import MessageBus

from gotwatch.desktop.tray.face import Face
from gotwatch.desktop.tray.panel import Callbacks, NoTray
from gotwatch.desktop.tray.session_bus import Watcher

if TYPE_CHECKING:
    from gotwatch.desktop.tray.notifier_item import NotifierIcon

log = logging.getLogger(__name__)

PANEL_SECONDS = 5.0  # in which the panel of a session that has just begun appears


class Visit:
    """All but post() and is_seen is for its loop."""

    def __init__(
        self, bus: MessageBus, callbacks: Callbacks, on_absent: Callable[[], None], on_found: Callable[[], None]
    ) -> None:
        self.is_seen = False
        self._bus = bus
        self._callbacks = callbacks
        self._on_absent = on_absent
        self._on_found = on_found
        self._watcher = Watcher(bus, self._panels_changed)
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._must_look = True
        self._registered_with: str | None = None
        self._face: Face | None = None
        self._icon: NotifierIcon | None = None
        self._ending = False

    def post(self, face: Face | None) -> None:
        """Show *face*. None: end."""
        self._loop.call_soon_threadsafe(self._take, face)

    async def run(self) -> None:
        lost = asyncio.ensure_future(self._bus.wait_for_disconnect())  # type: ignore[no-untyped-call]  # dbus-fast's
        lost.add_done_callback(lambda _: self._wake.set())
        await self._watcher.observe()
        await self._attend(lost, PANEL_SECONDS)
        if not self.is_seen and not self._ending and not lost.done():
            self._on_absent()
        await self._attend(lost, None)
        if self._icon:
            self._icon.stop()
        if lost.done():
            lost.exception()  # asked for, or it would be complained of
            if not self._ending:
                raise NoTray("the session bus is gone")

    async def _attend(self, lost: "asyncio.Future[None]", seconds: float | None) -> None:
        """Until the end; if nobody shows icons, for so many seconds."""
        while not self._ending and not lost.done():
            self._wake.clear()
            if self._must_look:
                await self._look()
            if self._face and self._registered_with:
                self._wear(self._face)
            try:
                await asyncio.wait_for(self._wake.wait(), None if self.is_seen else seconds)
            except TimeoutError:
                return

    async def _look(self) -> None:
        """Find out who shows icons, and put ours on a list that is new."""
        self._must_look = False
        owner = await self._watcher.owner()
        is_seen = owner is not None and await self._watcher.is_read()
        if owner is None:
            self._registered_with = None
        elif self._face and owner != self._registered_with:
            self._wear(self._face)  # before anybody looks at it
            self._registered_with = owner if await self._watcher.register() else None
        if is_seen != self.is_seen:
            self.is_seen = is_seen
            if is_seen:
                self._on_found()
            log.info("the tray icon %s", "can be seen" if is_seen else "cannot be seen any more: no panel shows it")
            self._callbacks.on_change()

    def _wear(self, face: Face) -> None:
        if self._icon is None:
            # only now, as it brings in Pillow and pystray, and few servers have a panel
            from gotwatch.desktop.tray.notifier_item import NotifierIcon  # noqa: PLC0415

            self._icon = NotifierIcon(self._bus, self._callbacks.on_order)
            self._icon.wear(face)
            self._icon.run_detached()
        elif face != self._icon.face:
            self._icon.wear(face)

    def _take(self, face: Face | None) -> None:
        self._ending = self._ending or face is None
        # the first one to be shown is what the icon is put on the panel's list with
        self._must_look = self._must_look or self._face is None
        self._face = face or self._face
        self._wake.set()

    def _panels_changed(self) -> None:
        self._must_look = True
        self._wake.set()
