"""What the tray needs of the place where icons are shown, whatever system it is."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gotwatch.desktop.tray.face import Face
from gotwatch.desktop.tray.menu import Order

log = logging.getLogger(__name__)


class NoTray(Exception):
    """There is no place for an icon in this session, and none will come. Its text says why."""


def log_absence(reason: NoTray) -> None:
    log.info("no tray: %s; gotwatch status, pause, resume and stop work all the same", reason)


@dataclass(frozen=True, slots=True)
class Callbacks:
    """How a panel tells of what happens there. Both are quick, and may be called from any thread."""

    on_order: Callable[[Order], None]  # something was clicked
    on_change: Callable[[], None]  # is_seen() may have changed


class Panel(Protocol):
    needs_main_thread: bool

    def run(self, callbacks: Callbacks) -> None:
        """Look after the icon until stop(). Raises NoTray."""

    def show(self, face: Face) -> None:
        """From any thread, at any time; what it shows first is the last that it was told."""

    def is_seen(self) -> bool:
        """Whether there is somebody to show an icon to. Until then show() is not called."""

    def stop(self) -> None:
        """From any thread, also before run() has begun."""
