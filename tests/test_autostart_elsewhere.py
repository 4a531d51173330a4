"""Starting at login on Windows and macOS, with fakes of the registry and of launchctl."""

import os
from pathlib import Path

import pytest

from gotwatch.desktop.autostart import State, Way
from gotwatch.desktop.login.entry import Entry
from gotwatch.desktop.login.launchd import LaunchAgent
from gotwatch.desktop.login.runkey import APPROVED, RUN, RunKey
from gotwatch.errors import StoreUnusable, UsageError
from tests.logins import CARRIED, login
from tests.windows import FakeWinreg


@pytest.fixture
def winreg() -> FakeWinreg:
    return FakeWinreg()


def windows(winreg: FakeWinreg) -> dict[Way, Entry]:
    return {Way.DESKTOP: RunKey(winreg)}


def test_on_windows_the_run_key_starts_it_with_its_variables(winreg: FakeWinreg, command: Path) -> None:
    at_login = login(windows(winreg), command, environment={"HF_HOME": r"D:\my models"})

    assert at_login.switch_on().is_on

    line, kind = winreg.keys[RUN]["gotwatch"]
    assert line == f'"{command}" --env "HF_HOME=D:\\my models" run --at-login'
    assert kind == winreg.REG_SZ
    assert at_login.switch_off().state is State.OFF
    assert at_login.switch_off().state is State.OFF
    assert winreg.keys[RUN] == {}


@pytest.mark.parametrize(("first", "is_on"), [(2, True), (6, True), (3, False), (7, False), (1, False)])
def test_on_windows_an_odd_first_byte_of_startup_approved_is_off(
    winreg: FakeWinreg, command: Path, first: int, is_on: bool
) -> None:
    at_login = login(windows(winreg), command)
    at_login.switch_on()

    winreg.keys[APPROVED] = {"gotwatch": (bytes([first, *[0] * 11]), winreg.REG_BINARY)}

    assert at_login.status().is_on is is_on
    assert is_on or "Task Manager" in at_login.status().message
    assert at_login.switch_on().is_on


def test_on_windows_other_programs_entries_are_left_alone(winreg: FakeWinreg, command: Path) -> None:
    winreg.keys[RUN] = {"Other": ("other.exe", winreg.REG_SZ)}
    at_login = login(windows(winreg), command)

    at_login.switch_on()
    at_login.switch_off()

    assert winreg.keys[RUN] == {"Other": ("other.exe", winreg.REG_SZ)}


def test_on_windows_a_line_that_is_too_long_to_be_started_is_refused(winreg: FakeWinreg, command: Path) -> None:
    at_login = login(windows(winreg), command, "--config", "C:\\" + 250 * "x")

    with pytest.raises(UsageError, match="Windows takes 260"):
        at_login.switch_on()

    assert winreg.keys == {}


def test_on_windows_an_entry_whose_program_is_gone_is_mended(winreg: FakeWinreg, command: Path) -> None:
    login(windows(winreg), command.parent / "gone.exe", "--config", "C:\\my config.toml").switch_on()

    mended = login(windows(winreg), command).mend()

    assert mended.command == (str(command), "--config", "C:\\my config.toml", "run", "--at-login")


def test_on_windows_a_registry_that_is_closed_to_us_is_told(winreg: FakeWinreg, command: Path) -> None:
    winreg.is_closed_to_us = True

    with pytest.raises(StoreUnusable, match="Access is denied"):
        login(windows(winreg), command).switch_on()


@pytest.fixture
def launchctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A launchctl that writes down what it is told, and says what stands in the file "disabled"."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "disabled").write_text("", "utf-8")
    tool = folder / "launchctl"
    tool.write_text(
        f'#!/bin/sh\necho "$@" >> "{folder}/told"\nif [ "$1" = print-disabled ]; then cat "{folder}/disabled"; fi\n',
        "utf-8",
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def macos(folder: Path) -> dict[Way, Entry]:
    return {Way.DESKTOP: LaunchAgent(folder / "LaunchAgents", errors=folder / "printed.log", user=501)}


@pytest.mark.usefixtures("launchctl")
def test_on_macos_an_agent_starts_it_and_nobody_else_may_write_to_that(tmp_path: Path, command: Path) -> None:
    at_login = login(macos(tmp_path), command, environment=CARRIED)
    path = tmp_path / "LaunchAgents/io.gotwatch.daemon.plist"

    assert at_login.switch_on().is_on
    assert path.stat().st_mode & 0o777 == 0o644
    assert at_login.switch_off().state is State.OFF
    assert not path.exists()


@pytest.mark.parametrize("word", ["disabled", "true"])
def test_on_macos_what_launchctl_disabled_is_off_until_it_is_switched_on_again(
    tmp_path: Path, command: Path, launchctl: Path, word: str
) -> None:
    at_login = login(macos(tmp_path), command)
    at_login.switch_on()
    listed = 'disabled services = {\n\t"io.gotwatch.daemon" => %s\n\t"other" => disabled\n}\n'

    (launchctl / "disabled").write_text(listed % word, "utf-8")
    assert "launchctl disable" in at_login.status().message
    (launchctl / "disabled").write_text(listed % "enabled", "utf-8")
    assert at_login.status().is_on

    assert (launchctl / "told").read_text("utf-8").splitlines()[0] == "enable gui/501/io.gotwatch.daemon"


def test_without_launchctl_the_agent_counts_as_on(
    tmp_path: Path, command: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    at_login = login(macos(tmp_path), command)

    assert at_login.switch_on().is_on


def test_another_way_than_the_system_has_is_refused(tmp_path: Path, command: Path) -> None:
    with pytest.raises(UsageError, match="Only Linux"):
        login(macos(tmp_path), command).switch_on(Way.SYSTEMD)
