"""The first start by a click: a window on a real screen, and what comes of it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.desk import OTHERS_SESSION, REPOSITORY, eventually
from tests.folders import make_files
from tests.newcomers import config_of, newcomers_environment
from tests.screens import display
from tests.test_windowed import WINDOWED

WINDOW_SECONDS = 30.0
MISSING = [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]

pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.skipif(find_spec("_tkinter") is None, reason="this Python has no tkinter"),
]


class Newcomer:
    """Sits before a screen, or before none."""

    def __init__(self, home: Path, screen: str | None) -> None:
        self.home = home
        own = {name: value for name, value in newcomers_environment(home).items() if name not in OTHERS_SESSION}
        self.environment = own | ({"DISPLAY": screen} if screen else {})

    @contextmanager
    def clicking_on_gotwatch(self) -> Iterator[psutil.Popen]:
        process = psutil.Popen([sys.executable, *WINDOWED], cwd=REPOSITORY, env=self.environment)
        try:
            yield process
        finally:
            with suppress(psutil.NoSuchProcess):  # it has ended by itself
                for one in [process, *process.children(recursive=True)]:
                    one.terminate()
            process.wait(20)

    def wait_for_window(self, title: str) -> str:
        """Its number."""
        found: list[str] = []

        def is_there() -> list[str]:
            found[:] = self._hand("search", "--onlyvisible", "--name", title).split()
            return found

        eventually(is_there, WINDOW_SECONDS)
        return found[0]

    def press(self, *keys: str) -> None:
        self._hand("key", "--delay", "50", *keys)

    def type(self, text: str) -> None:
        self._hand("type", "--delay", "20", text)

    def status(self) -> dict[str, Any]:
        done = self.command("status", "--json")
        return dict(json.loads(done.stdout))

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run([sys.executable, "-m", "gotwatch", *arguments])

    def height_of(self, window: str) -> int:
        return int(self._hand("getwindowgeometry", "--shell", window).partition("HEIGHT=")[2].split()[0])

    def has_config(self) -> bool:
        return (self.home / "config" / "gotwatch" / "config.toml").exists()

    def _hand(self, *arguments: str) -> str:
        return self._run(["xdotool", *arguments]).stdout

    def _run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=REPOSITORY,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    (tmp_path / "home").mkdir()
    with display() as screen:
        yield Newcomer(tmp_path / "home", screen)


def test_a_first_click_asks_in_a_window_and_then_gotwatch_runs(newcomer: Newcomer) -> None:
    with newcomer.clicking_on_gotwatch():
        newcomer.wait_for_window("Welcome to gotwatch")
        assert not newcomer.has_config()
        newcomer.press("Return")
        eventually(lambda: newcomer.status()["state"] == "idle", WINDOW_SECONDS)

    scans = newcomer.home / "Scans"
    assert config_of(newcomer.home)["watch"] == [{"folder": str(scans), "output": f"{scans} read"}]


def test_whoever_closes_the_window_starts_nothing(newcomer: Newcomer) -> None:
    with newcomer.clicking_on_gotwatch() as process:
        newcomer.wait_for_window("Welcome to gotwatch")
        newcomer.press("Escape")

        assert process.wait(20) == 0

    assert not newcomer.has_config()
    assert not (newcomer.home / "Scans").exists()


def test_the_answers_are_what_the_config_says(newcomer: Newcomer) -> None:
    make_files(newcomer.home, "Letters/a.pdf", "Letters/b.png")
    with newcomer.clicking_on_gotwatch():
        window = newcomer.wait_for_window("Welcome to gotwatch")
        height = newcomer.height_of(window)
        newcomer.press("Tab", "ctrl+a")  # from the last button round to the first field
        newcomer.type("~/Letters")
        eventually(lambda: newcomer.height_of(window) > height)  # it asks about what is in it
        newcomer.press("Tab", "Tab", "Tab", "Tab", "Tab", "space")  # past the other field, to the second way of reading
        newcomer.press("Tab", "space")  # not what is in it
        newcomer.press("Return")
        eventually(newcomer.has_config)
        eventually(lambda: newcomer.height_of(window) < height)  # the model cannot be downloaded, which it says
        assert newcomer.status()["state"] == "not running"
        newcomer.press("Return")
        eventually(lambda: newcomer.status()["state"] != "not running", WINDOW_SECONDS)

    letters = newcomer.home / "Letters"
    assert config_of(newcomer.home)["watch"] == [
        {"folder": str(letters), "output": f"{letters} read", "mode": "format", "existing": "leave"}
    ]


def test_a_folder_that_cannot_be_made_is_told_and_asked_for_again(newcomer: Newcomer) -> None:
    (newcomer.home / "Scans").write_text("no folder", "utf-8")
    with newcomer.clicking_on_gotwatch():
        window = newcomer.wait_for_window("Welcome to gotwatch")
        height = newcomer.height_of(window)
        newcomer.press("Return")
        eventually(lambda: newcomer.height_of(window) > height)
        assert not newcomer.has_config()
        newcomer.press("Tab", "ctrl+a")
        newcomer.type("~/Other")
        newcomer.press("Return")
        eventually(lambda: newcomer.status()["state"] == "idle", WINDOW_SECONDS)

    assert config_of(newcomer.home)["watch"][0]["folder"] == str(newcomer.home / "Other")


def test_where_no_window_can_be_shown_it_begins_with_a_folder_that_is_easily_found(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    newcomer = Newcomer(tmp_path / "home", None)

    asked = newcomer.command("setup", "--window")
    with newcomer.clicking_on_gotwatch():
        eventually(lambda: newcomer.status()["state"] == "idle", WINDOW_SECONDS)

    assert asked.returncode == 2
    assert "No window can be shown here" in asked.stderr
    assert config_of(newcomer.home)["watch"][0]["folder"] == str(newcomer.home / "Scans")
