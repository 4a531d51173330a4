"""Shows notes on the desktop. The only module that knows desktop-notifier."""

import asyncio
import html
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from desktop_notifier import Button, DesktopNotifier, Icon, Urgency

from gotwatch.desktop.news import Choice, Note

log = logging.getLogger(__name__)

NAME = "gotwatch"
SHOW_SECONDS = 25.0  # as long as D-Bus waits; a daemon that the first note starts may need some of that
# Arguments are not part of the script: nothing in them can be code.
OSASCRIPT = (
    "osascript",
    "-e", "on run arguments",
    "-e", "display notification (item 2 of arguments) with title (item 1 of arguments)",
    "-e", "end run",
)  # fmt: skip


class Display(Protocol):
    """Its methods belong into one asyncio loop, which must go on for clicks to be heard. They never raise."""

    async def show(self, note: Note) -> None: ...

    async def why_not(self) -> str:
        """Why nothing would be shown; "" where it would."""
        ...

    def close(self) -> None: ...


def display(open_choice: Callable[[Path], None], *, icon: Path | None = None, platform: str = sys.platform) -> Display:
    """What shows notes on this system. *open_choice* is called in the loop, and must be quick."""
    if platform == "darwin" and not _is_signed_app():
        return Script()
    return Centre(open_choice, icon, escape=_escaped if platform == "linux" else str)


def open_nothing(_: Path) -> None:
    """For programs that have ended when somebody clicks."""


class Centre:
    """The notification centre of the system. Where there is none, which is told once, nothing is shown."""

    def __init__(self, open_choice: Callable[[Path], None], icon: Path | None, *, escape: Callable[[str], str]) -> None:
        """*escape*: for the body, which on Linux may hold markup; a title never does."""
        self._open = open_choice
        self._icon = Icon(path=icon) if icon else Icon(name="scanner")
        self._escape = escape
        self._notifier: DesktopNotifier | None = None
        self._has_failed = False

    async def show(self, note: Note) -> None:
        try:
            async with asyncio.timeout(SHOW_SECONDS):
                with _overheard() as complaints:
                    await self._send(note)
        except Exception as error:  # noqa: BLE001 - another's library over three systems: no note is worth a crash
            self._failed(str(error) or type(error).__name__)
        else:
            if complaints:
                self._failed(complaints[0])

    async def why_not(self) -> str:
        try:
            async with asyncio.timeout(SHOW_SECONDS):
                await self._opened().get_capabilities()
                return (
                    "" if await self._opened().has_authorisation() else "they are switched off in the system's settings"
                )
        except Exception as error:  # noqa: BLE001 - as above
            return str(error) or type(error).__name__

    def _opened(self) -> DesktopNotifier:
        self._notifier = self._notifier or DesktopNotifier(app_name=NAME, app_icon=self._icon)
        return self._notifier

    async def _send(self, note: Note) -> None:
        await self._opened().send(
            title=note.title,
            message=self._escape(note.body),
            urgency=Urgency.Normal,
            buttons=[Button(choice.label, self._opening(choice)) for choice in note.choices],
            on_clicked=self._opening(note.choices[0]) if note.choices else None,
        )

    def close(self) -> None:
        notifier, self._notifier = self._notifier, None
        if bus := getattr(getattr(notifier, "_backend", None), "bus", None):  # it has no way to say goodbye itself
            bus.disconnect()

    def _opening(self, choice: Choice) -> Callable[[], None]:
        return lambda: self._open(choice.target)

    def _failed(self, why: str) -> None:
        """The next note tries anew, as a bus or a notification daemon may come later."""
        self.close()
        if not self._has_failed:
            log.info("notifications cannot be shown: %s", why)
        self._has_failed = True


class Script:
    """macOS shows notes only of signed apps, which Homebrew's, conda's and uv's Pythons are not. This is one that is.

    A click opens nothing of ours.
    """

    async def show(self, note: Note) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *OSASCRIPT, note.title, note.body, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except OSError as exc:
            log.info("notifications cannot be shown: %s", exc)
            return
        try:
            async with asyncio.timeout(SHOW_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def why_not(self) -> str:
        return "" if shutil.which(OSASCRIPT[0]) else f"there is no {OSASCRIPT[0]}"

    def close(self) -> None:
        """Nothing is kept open."""


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """What the library complains of in its log, with a traceback each time, where others would raise."""
    complaints: list[str] = []

    def overhear(record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        complaints.append(str(error) if error else record.getMessage())
        return False

    library = logging.getLogger("desktop_notifier.backends.base")
    library.addFilter(overhear)
    try:
        yield complaints
    finally:
        library.removeFilter(overhear)


def why_not(display: Display) -> str:
    """As the method, for those who have no loop."""

    async def ask() -> str:
        try:
            return await display.why_not()
        finally:
            display.close()

    return asyncio.run(ask())


def _escaped(text: str) -> str:
    """Only what is needed: some daemons know no other entities."""
    return html.escape(text, quote=False)


def _is_signed_app() -> bool:
    from desktop_notifier.backends import macos_support  # noqa: PLC0415 - can be imported on macOS only

    return bool(macos_support.is_signed_bundle())
