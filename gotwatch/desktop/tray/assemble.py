"""Puts the tray together for the system that we are on."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib import import_module

from gotwatch.desktop.autostart import Autostart
from gotwatch.desktop.opening import Opener
from gotwatch.desktop.tray.actions import Actions, Gotwatch
from gotwatch.desktop.tray.linux import LinuxPanel
from gotwatch.desktop.tray.login_switch import LoginSwitch
from gotwatch.desktop.tray.loop_panel import LoopIcon, LoopPanel, OnOrder
from gotwatch.desktop.tray.menu import Files
from gotwatch.desktop.tray.panel import Panel
from gotwatch.desktop.tray.tray import Tray
from gotwatch.threads import Threads


def tray(
    gotwatch: Gotwatch, files: Files, autostart: Autostart, *, threads: Threads, quit_program: Callable[[], None]
) -> Tray:
    login = LoginSwitch(autostart)
    actions = Actions(gotwatch, Opener(), login, quit_program=quit_program, now=utc_now)
    return Tray(_panel(threads), gotwatch, actions, login, files, threads=threads, now=utc_now)


def utc_now() -> datetime:
    return datetime.now(UTC)


def _panel(threads: Threads) -> Panel:
    match sys.platform:
        case "win32":
            return LoopPanel(partial(_icon, "windows_icon", "WindowsIcon"), needs_main_thread=False)
        case "darwin":
            return LoopPanel(partial(_icon, "macos_icon", "MacIcon"), needs_main_thread=True)
        case _:
            return LinuxPanel(threads.start)


def _icon(module: str, name: str, on_order: OnOrder) -> LoopIcon:
    """Raises NoTray. Imported where it can be used alone, with what it needs of that system."""
    icon: LoopIcon = getattr(import_module(f"gotwatch.desktop.tray.{module}"), name)(on_order)
    return icon
