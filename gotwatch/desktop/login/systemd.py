"""A unit of the user's own systemd, for machines without a desktop and for desktops that know no autostart folder."""

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from gotwatch.desktop.login import safe, texts
from gotwatch.desktop.login.entry import Seen
from gotwatch.desktop.login.launch import Launch
from gotwatch.results import disk

UNIT = "gotwatch.service"
RELOAD_SECONDS = 10.0


class UserUnit:
    def __init__(self, config_home: Path) -> None:
        self._folder = config_home / "systemd" / "user"
        self._path = self._folder / UNIT

    def look(self) -> Seen | None:
        if self._path.is_symlink() and not self._path.is_file():
            return Seen(str(self._path), None, "systemctl --user mask")
        try:
            launch = texts.read_unit_file(self._path.read_text("utf-8", "replace"))
        except FileNotFoundError:
            return None
        return Seen(str(self._path), launch, "" if self._links() else "systemctl --user disable")

    def check(self, launch: Launch) -> None:
        safe.check(launch)

    def write(self, launch: Launch) -> None:
        """As `systemctl --user enable` would, which needs a running systemd: the unit, and a link from its target."""
        self.remove()  # also a link to /dev/null, and the link from another target
        self._folder.mkdir(parents=True, exist_ok=True)
        disk.write_whole(self._path, texts.unit_file(launch).encode())
        wants = self._folder / f"{texts.unit_target(launch)}.wants"
        wants.mkdir(exist_ok=True)
        (wants / UNIT).symlink_to(self._path)
        _reload()

    def remove(self) -> None:
        links = self._links()
        if not links and not self._path.is_file() and not self._path.is_symlink():
            return
        for path in (*links, self._path):
            path.unlink(missing_ok=True)
        _reload()

    def _links(self) -> list[Path]:
        return [link for link in self._folder.glob(f"*.wants/{UNIT}") if link.is_symlink()]


def _reload() -> None:
    """So that systemctl shows what stands there now. Without a running systemd there is nobody to tell."""
    if tool := shutil.which("systemctl"):
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run([tool, "--user", "daemon-reload"], capture_output=True, timeout=RELOAD_SECONDS, check=False)
