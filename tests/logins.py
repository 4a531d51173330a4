"""What a test needs to switch the start at login on: a command, and the entries of each system."""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from gotwatch.desktop.autostart import Autostart, Way
from gotwatch.desktop.login.entry import Entry
from gotwatch.desktop.login.systemd import UserUnit
from gotwatch.desktop.login.xdg import DesktopFile
from tests.desk import eventually

NASTY = "my 'é&( folder"
RECORDER = """#!{python}
import json, os, sys
from pathlib import Path
names = ("HF_HOME", "HF_ENDPOINT", "CUDA_VISIBLE_DEVICES")
seen = json.dumps([sys.argv, {{name: os.environ.get(name) for name in names}}])
Path({seen!r}).with_suffix(".part").write_text(seen, "utf-8")
Path({seen!r}).with_suffix(".part").replace({seen!r})
"""
CARRIED = {"HF_HOME": "/models of mine", "HF_ENDPOINT": "https://mirror/%20", "CUDA_VISIBLE_DEVICES": "1"}


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not here")


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="is Linux's way")


def recorder(path: Path, seen: Path) -> Path:
    """A program at *path* that writes its arguments and variables down in *seen*."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(RECORDER.format(python=sys.executable, seen=str(seen)), "utf-8")
    path.chmod(0o755)
    return path


def recorded(seen: Path) -> tuple[list[str], dict[str, str | None]]:
    """What such a program was started with."""
    eventually(seen.exists)
    arguments, variables = json.loads(seen.read_text("utf-8"))
    return arguments, variables


def login(
    entries: Mapping[Way, Entry], command: Path, *options: str, environment: Mapping[str, str] | None = None
) -> Autostart:
    return Autostart(entries, options, find_program=lambda: str(command), environment=environment or {})


def linux(config_home: Path) -> dict[Way, Entry]:
    return {Way.DESKTOP: DesktopFile(config_home), Way.SYSTEMD: UserUnit(config_home)}


def desktop_file(config_home: Path) -> Path:
    return config_home / "autostart/gotwatch.desktop"
