"""Opens files, folders and addresses with the program that the desktop has for them."""

import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

log = logging.getLogger(__name__)


class Opener:
    """Its methods return at once. What cannot be opened is told by the log: nobody waits for an answer."""

    def __init__(self, platform: str = sys.platform) -> None:
        self._platform = platform
        self._started: list[subprocess.Popen[bytes]] = []

    def open(self, target: str) -> None:
        """A path, or an address."""
        match self._platform:
            case "win32":
                self._start_file(target)
            case "darwin":
                self._start(["open", target])
            case _:
                self._start(["xdg-open", target])

    def open_text(self, path: Path) -> None:
        """In an editor, also where its ending is not known as that of a text."""
        match self._platform:
            case "win32":
                self._start(["notepad.exe", str(path)])
            case "darwin":
                self._start(["open", "-t", str(path)])
            case _:
                self._start(["xdg-open", str(path)])

    def _start_file(self, target: str) -> None:
        try:
            os.startfile(target)  # type: ignore[attr-defined]  # Windows alone has it
        except OSError as exc:
            log.warning("%s could not be opened: %s", target, exc.strerror or exc)

    def _start(self, command: Sequence[str]) -> None:
        self._started = [process for process in self._started if process.poll() is None]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # it outlives us, and Ctrl+C is not meant for it
            )
        except OSError as exc:
            log.warning("%s could not be opened: %s: %s", command[-1], command[0], exc.strerror or exc)
        else:
            self._started.append(process)
