"""gotwatchw: without standard streams, as Windows starts it, and with closed ones."""

import importlib
import os
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gotwatch import streams
from gotwatch.cli.windowed import main as windowed_main
from tests.desk import REPOSITORY, Desk, eventually, image
from tests.notification_daemons import FakeNotificationDaemon
from tests.openers import note_what_is_opened, opened
from tests.tray_hosts import session_bus

WINDOWED = ["-c", "import sys; from gotwatch.cli.windowed import main; sys.exit(main())"]
# What Windows' pythonw.exe does to each process, child processes too.
PYTHONW = "import sys\nsys.stdin = sys.stdout = sys.stderr = None\n"
needs_bus = pytest.mark.skipif(sys.platform != "linux" or not shutil.which("dbus-daemon"), reason="needs a D-Bus")


@pytest.fixture
def windowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    (tmp_path / "pythonw").mkdir()
    (tmp_path / "pythonw/sitecustomize.py").write_text(PYTHONW, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "pythonw"))
    with Desk(tmp_path) as desk:
        desk.program = WINDOWED
        desk.configure("PrintingEngine")
        yield desk


def test_it_reads_though_libraries_print_and_keeps_what_they_print(windowed: Desk) -> None:
    windowed.start()

    windowed.wait_for(image(windowed.inbox / "a.png"))

    printed = (windowed.state / "printed.log").read_text("utf-8")
    assert "PrintingEngine says hello" in printed
    assert "weights: 100%" in printed
    assert "watching" not in printed  # that is for the log
    assert "watching" in (windowed.state / "gotwatch.log").read_text("utf-8")


def test_what_is_printed_is_kept_over_a_restart_but_not_for_ever(windowed: Desk) -> None:
    windowed.state.mkdir()
    printed = windowed.state / "printed.log"
    printed.write_text("of before\n", "utf-8")

    windowed.start()
    windowed.end()
    assert printed.read_text("utf-8").startswith("of before\n")

    printed.write_text("x" * (streams.LARGEST_BYTES + 1), "utf-8")
    windowed.start()
    assert printed.stat().st_size < streams.LARGEST_BYTES


def test_at_login_a_second_one_ends_quietly(windowed: Desk) -> None:
    windowed.start()

    assert windowed.launch("run", "--at-login").wait(20) == 0


def test_a_second_click_shows_the_results_of_the_first(windowed: Desk) -> None:
    windowed.start()
    note_what_is_opened(windowed)

    assert windowed.launch("run").wait(20) == 0

    eventually(lambda: opened(windowed) == [str(windowed.out)])
    assert windowed.status()["state"] == "idle"


@needs_bus
def test_an_error_is_shown_where_nobody_sees_what_is_printed(windowed: Desk) -> None:
    windowed.config.write_text("[[watch]]\nfolder = 'in'\n", "utf-8")

    with session_bus(windowed.root) as address, FakeNotificationDaemon(address) as daemon:
        windowed.session = {"DBUS_SESSION_BUS_ADDRESS": address, "GOTWATCH_LANGUAGE": "en"}
        assert windowed.launch("run").wait(20) == 2

    assert daemon.told[0].title == "gotwatch cannot start"
    assert "[[watch]] needs 'output'" in daemon.told[0].body
    assert "[[watch]] needs 'output'" in (windowed.state / "printed.log").read_text("utf-8")


def test_app_autostart_and_command_started_together_make_one(windowed: Desk) -> None:
    note_what_is_opened(windowed)

    started = [windowed.launch("run"), windowed.launch("run", "--at-login"), windowed.launch("run", "--at-login")]
    eventually(lambda: sum(process.poll() is not None for process in started) == 2)

    windowed.daemon = next(process for process in started if process.poll() is None)
    assert [process.returncode for process in started if process is not windowed.daemon] == [0, 0]
    assert windowed.status()["state"] == "idle"


def test_the_command_is_installed_as_a_program_with_windows() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    module, _, function = project["gui-scripts"]["gotwatchw"].partition(":")

    assert getattr(importlib.import_module(module), function) is windowed_main


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such streams")
@pytest.mark.parametrize("program", [WINDOWED, ["-m", "gotwatch"]], ids=["gotwatchw", "gotwatch"])
def test_it_reads_where_the_standard_streams_were_closed(desk: Desk, program: list[str]) -> None:
    desk.program = program
    desk.configure("PrintingEngine")
    desk.prefix = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]

    desk.start()
    desk.wait_for(image(desk.inbox / "a.png"))

    assert desk.daemon is not None
    if sys.platform == "linux":
        opened = {Path(f"/proc/{desk.daemon.pid}/fd/{number}").readlink() for number in (0, 1, 2)}
        assert opened == {Path(os.devnull)}
