"""A LaunchAgent, which macOS starts when its user logs in.

Nothing is loaded or unloaded at once: to unload the agent would end the gotwatch that it started.
"""

import os
import re
import subprocess
from pathlib import Path

from gotwatch.desktop.login import texts
from gotwatch.desktop.login.entry import Seen
from gotwatch.desktop.login.launch import Launch
from gotwatch.results import disk

TOOL = "launchctl"
TOOL_SECONDS = 10.0
MODE = 0o644  # launchd takes no file that others may write


class LaunchAgent:
    def __init__(self, folder: Path, *, errors: Path, user: int) -> None:
        """*folder*: ~/Library/LaunchAgents. *errors*: a file for what is printed to standard error."""
        self._path = folder / f"{texts.LABEL}.plist"
        self._errors = errors
        self._domain = f"gui/{user}"

    def look(self) -> Seen | None:
        try:
            launch, is_disabled = texts.read_launch_agent(self._path.read_bytes())
        except FileNotFoundError:
            return None
        off_by = f"Disabled in {self._path}" if is_disabled else ""
        if not off_by and _is_listed(_launchctl("print-disabled", self._domain)):
            off_by = "launchctl disable"
        return Seen(str(self._path), launch, off_by)

    def check(self, launch: Launch) -> None:
        """A list of words needs no quoting."""

    def write(self, launch: Launch) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        disk.write_whole(self._path, texts.launch_agent(launch, self._errors))
        self._path.chmod(MODE)
        _launchctl("enable", f"{self._domain}/{texts.LABEL}")

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)


def _is_listed(disabled: str) -> bool:
    """Whether the agent stands in what print-disabled says, as `"label" => disabled`, or `=> true` before macOS 13."""
    return re.search(rf'"{re.escape(texts.LABEL)}" => (disabled|true)\b', disabled) is not None


def _launchctl(*arguments: str) -> str:
    """What it says; nothing where it cannot be asked."""
    try:
        done = subprocess.run(
            [TOOL, *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TOOL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


def agents_folder() -> Path:
    return Path(os.path.expanduser("~/Library/LaunchAgents"))  # noqa: PTH111 - Path's may raise
