"""A screen with a real panel on it, for tests: Xvfb and xfce4-panel, and a hand that clicks."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.desk import eventually
from tests.tray_hosts import session_bus

PROGRAMS = ("Xvfb", "xfce4-panel", "xdotool", "import", "dbus-daemon")
SIZE = (900, 380)
PANEL_PIXELS = 30
PANEL_SECONDS = 20.0
PANEL_TRIES = 3
PANEL = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="{dark}"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="{size}"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/><value type="int" value="2"/><value type="int" value="3"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/><property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
    </property>
    <property name="plugin-3" type="string" value="clock"/>
  </property>
</channel>
"""


def missing() -> list[str]:
    return [name for name in PROGRAMS if shutil.which(name) is None]


class Screen:
    """What a session on it has in its environment, and what it shows."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def picture(self) -> Image.Image:
        shot = subprocess.run(
            ["import", "-window", "root", "png:-"], env=self._all(), capture_output=True, check=True
        ).stdout
        return Image.open(BytesIO(shot)).convert("RGB")

    def has_panel(self) -> bool:
        """With its clock."""
        return len(self.picture().crop((0, 0, SIZE[0], PANEL_PIXELS)).getcolors(99_999) or []) > 5

    def click(self, x: int, y: int, button: int = 1) -> None:
        self._hand("mousemove", str(x), str(y), "click", str(button))

    def key(self, name: str) -> None:
        self._hand("key", name)

    def _hand(self, *arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], env=self._all(), check=True)

    def _all(self) -> dict[str, str]:
        return {**os.environ, **self.environment}


@contextmanager
def screen(folder: Path, *, dark: bool = False, bus: bool = True) -> Iterator[Screen]:
    """*bus*: whether programs find the session bus; the panel does."""
    folder.mkdir()
    settings = folder / "settings"
    channel = settings / "xfce4" / "xfconf" / "xfce-perchannel-xml" / "xfce4-panel.xml"
    channel.parent.mkdir(parents=True)
    channel.write_text(PANEL.format(dark=str(dark).lower(), size=PANEL_PIXELS), "utf-8")
    own = {
        "XDG_CONFIG_HOME": str(settings),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_DATA_HOME": str(folder / "data"),
        "HOME": str(folder),
        "NO_AT_BRIDGE": "1",
    }
    with ExitStack() as stack:
        place = stack.enter_context(display())
        address = stack.enter_context(session_bus(folder, services=True, environment=own | {"DISPLAY": place}))
        whole = own | {"DISPLAY": place, "DBUS_SESSION_BUS_ADDRESS": address}
        shown = Screen(whole if bus else {"DISPLAY": place})
        _start_panel(stack, whole, shown)
        yield shown


def _start_panel(stack: ExitStack, environment: dict[str, str], shown: Screen) -> None:
    """It does not always come up at once on a busy machine, where its settings' daemon may be late."""
    for _ in range(PANEL_TRIES):
        with ExitStack() as attempt:
            attempt.enter_context(_running(["xfce4-panel", "--disable-wm-check"], environment))
            with suppress(AssertionError):
                eventually(shown.has_panel, PANEL_SECONDS)
                stack.push(attempt.pop_all())
                return
    raise AssertionError("the panel does not start")


@contextmanager
def display() -> Iterator[str]:
    """A display that nobody else has; Xvfb chooses and tells its number."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp"]
    with _running(command, {}, pass_fds=(writer,)):
        os.close(writer)
        with os.fdopen(reader) as told:
            yield f":{told.readline().strip()}"


@contextmanager
def _running(command: list[str], environment: dict[str, str], pass_fds: tuple[int, ...] = ()) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=pass_fds,
    )
    try:
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        if process.poll() is None:
            process.kill()
            process.wait()
