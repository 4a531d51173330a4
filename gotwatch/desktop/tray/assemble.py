"""Puts the tray together for the system that we are on."""

from collections.abc import Callable
from datetime import UTC, datetime

from gotwatch.desktop.autostart import Autostart
from gotwatch.desktop.opening import Opener
from gotwatch.desktop.tray.actions import Actions, Gotwatch
from gotwatch.desktop.tray.login_switch import LoginSwitch
from gotwatch.desktop.tray.menu import Files
from gotwatch.desktop.tray.panel import Panel
from gotwatch.desktop.tray.tray import Tray
from gotwatch.threads import Threads


def tray(
    gotwatch: Gotwatch, files: Files, autostart: Autostart, *, threads: Threads, quit_program: Callable[[], None]
) -> Tray:
    login = LoginSwitch(autostart)
    actions = Actions(gotwatch, Opener(), login, quit_program=quit_program, now=utc_now)
    return Tray(_panel(), gotwatch, actions, login, files, threads=threads, now=utc_now)


def utc_now() -> datetime:
    return datetime.now(UTC)


def _panel() -> Panel:
    # Each is imported where it can be used alone, with what it needs of that system.
    from gotwatch.desktop.tray.linux import LinuxPanel  # noqa: PLC0415

    return LinuxPanel()
