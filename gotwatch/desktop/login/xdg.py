"""The autostart folder of the freedesktop.org desktops: GNOME, KDE, XFCE, Cinnamon, MATE, LXQt and others."""

import os
from pathlib import Path

from gotwatch.desktop.login import safe, texts
from gotwatch.desktop.login.entry import Seen
from gotwatch.desktop.login.launch import Launch
from gotwatch.results import disk


class DesktopFile:
    def __init__(self, config_home: Path) -> None:
        self._path = config_home / "autostart" / "gotwatch.desktop"

    def look(self) -> Seen | None:
        try:
            text = self._path.read_text("utf-8", "replace")
        except FileNotFoundError:
            return None
        launch, off_by = texts.read_desktop_file(text)
        return Seen(str(self._path), launch, f"{off_by} in {self._path}" if off_by else "")

    def check(self, launch: Launch) -> None:
        safe.check(launch)

    def write(self, launch: Launch) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        disk.write_whole(self._path, texts.desktop_file(launch).encode())

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)


def config_home() -> Path:
    named = os.environ.get("XDG_CONFIG_HOME", "")
    return Path(named) if os.path.isabs(named) else Path.home() / ".config"  # noqa: PTH117 - "" is no path
