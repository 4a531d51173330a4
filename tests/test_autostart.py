"""Starting at login on Linux, held against the desktops' own tools."""

import os
import subprocess
from pathlib import Path

import pytest

from gotwatch.desktop.autostart import State, Way
from gotwatch.desktop.login import quoting, texts
from gotwatch.desktop.login.launch import launch_of
from gotwatch.errors import StoreUnusable, UsageError
from tests.logins import CARRIED, desktop_file, linux, linux_only, login, needs, recorded

GENERATOR = Path("/usr/lib/systemd/user-generators/systemd-xdg-autostart-generator")


def test_it_is_off_until_it_is_switched_on_and_after_it_is_switched_off(tmp_path: Path, command: Path) -> None:
    at_login = login(linux(tmp_path), command)

    assert at_login.status().state is State.OFF
    assert at_login.switch_on().is_on
    assert at_login.status().is_on
    assert at_login.switch_off().state is State.OFF
    assert at_login.switch_off().state is State.OFF
    assert list(tmp_path.rglob("gotwatch.*")) == []


def test_what_is_started_is_gotwatch_run_with_the_options_of_now(tmp_path: Path, command: Path) -> None:
    at_login = login(linux(tmp_path), command, "--config", "/my config.toml")

    assert at_login.switch_on().command == (str(command), "--config", "/my config.toml", "run", "--at-login")
    assert "--no-tray" in at_login.switch_on(tray=False).command


@linux_only
@needs("desktop-file-validate")
def test_the_desktop_file_is_as_the_specification_says(tmp_path: Path, command: Path) -> None:
    login(linux(tmp_path), command, environment=CARRIED).switch_on()

    done = subprocess.run(
        ["desktop-file-validate", desktop_file(tmp_path)], capture_output=True, encoding="utf-8", check=False
    )

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@linux_only
@needs("gio")
def test_the_desktop_file_starts_just_our_command_with_the_variables_of_now(tmp_path: Path, command: Path) -> None:
    awkward = "/conf 100% \"x\" 'é' &(;~#.toml"
    login(linux(tmp_path), command, "--config", awkward, environment=CARRIED).switch_on()

    subprocess.run(["gio", "launch", desktop_file(tmp_path)], check=True)

    arguments, variables = recorded(tmp_path / "seen")
    assert arguments == [str(command), "--config", awkward, "run", "--at-login"]
    assert variables == CARRIED


@linux_only
@pytest.mark.skipif(not GENERATOR.exists(), reason="systemd's generator is not here")
def test_the_unit_that_systemd_makes_of_the_desktop_file_starts_the_same(tmp_path: Path, command: Path) -> None:
    login(linux(tmp_path), command, "--config", "/100% \"x\" 'é'.toml", environment=CARRIED).switch_on()
    folders = [tmp_path / name for name in ("normal", "early", "late")]
    for folder in folders:
        folder.mkdir()

    environment = os.environ | {"XDG_CONFIG_HOME": str(tmp_path), "XDG_CONFIG_DIRS": "/nonexistent"}
    subprocess.run([GENERATOR, *folders], env=environment, capture_output=True, check=True)

    made = next(path for path in (tmp_path / "late").rglob("app-gotwatch*.service") if path.is_file())
    line = next(line for line in made.read_text("utf-8").splitlines() if line.startswith("ExecStart="))
    launch = launch_of(quoting.unit_words(line.removeprefix("ExecStart=")))
    assert launch == texts.read_desktop_file(desktop_file(tmp_path).read_text("utf-8"))[0]
    assert launch is not None
    assert dict(launch.environment) == CARRIED


@linux_only
@needs("systemd-analyze")
@pytest.mark.parametrize("tray", [True, False])
def test_the_unit_is_as_systemd_wants_it(tmp_path: Path, command: Path, tray: bool) -> None:
    login(linux(tmp_path), command, "--config", "/a 100% 'b'.toml", environment=CARRIED).switch_on(
        Way.SYSTEMD, tray=tray
    )

    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", tmp_path / "systemd/user/gotwatch.service"],
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path), "SYSTEMD_LOG_LEVEL": "info"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert "gotwatch.service" not in done.stderr
    assert done.returncode == 0


def test_a_unit_is_enabled_by_a_link_from_its_target_and_not_beside_the_desktop_file(
    tmp_path: Path, command: Path
) -> None:
    at_login = login(linux(tmp_path), command)
    wants = tmp_path / "systemd/user/default.target.wants/gotwatch.service"
    at_login.switch_on()

    at_login.switch_on(Way.SYSTEMD, tray=False)

    assert wants.resolve() == tmp_path / "systemd/user/gotwatch.service"
    assert not desktop_file(tmp_path).exists()
    assert at_login.status().is_on

    at_login.switch_on(Way.DESKTOP)
    assert not wants.is_symlink()
    assert not (tmp_path / "systemd/user/gotwatch.service").exists()


def test_the_tray_s_check_mark_keeps_the_way_that_was_chosen(tmp_path: Path, command: Path) -> None:
    at_login = login(linux(tmp_path), command)
    at_login.switch_on(Way.SYSTEMD)

    assert at_login.switch_on().place.endswith("gotwatch.service")


def test_a_unit_that_was_disabled_or_masked_is_off_until_it_is_switched_on_again(tmp_path: Path, command: Path) -> None:
    at_login = login(linux(tmp_path), command)
    at_login.switch_on(Way.SYSTEMD)
    folder = tmp_path / "systemd/user"

    (folder / "graphical-session.target.wants/gotwatch.service").unlink()
    assert "systemctl --user disable" in at_login.status().message
    (folder / "gotwatch.service").unlink()
    (folder / "gotwatch.service").symlink_to("/dev/null")
    assert "systemctl --user mask" in at_login.status().message
    assert at_login.status().state is State.SWITCHED_OFF

    assert at_login.switch_on().is_on


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_what_the_desktop_s_settings_switched_off_is_off_until_it_is_switched_on_again(
    tmp_path: Path, command: Path, line: str
) -> None:
    at_login = login(linux(tmp_path), command)
    at_login.switch_on()
    path = desktop_file(tmp_path)
    path.write_text(path.read_text("utf-8") + line, "utf-8")

    assert at_login.status().state is State.SWITCHED_OFF
    assert line in at_login.status().message

    assert at_login.switch_on().is_on


def test_an_entry_whose_program_is_gone_is_told_and_mended_to_start_this_one(tmp_path: Path, command: Path) -> None:
    gone = tmp_path / "gone"
    login(linux(tmp_path), gone, "--config", "/a.toml", environment=CARRIED).switch_on()
    at_login = login(linux(tmp_path), command)

    assert at_login.status().state is State.BROKEN
    assert str(gone) in at_login.status().message

    assert at_login.mend().command == (str(command), "--config", "/a.toml", "run", "--at-login")
    assert '"HF_HOME=/models of mine"' in desktop_file(tmp_path).read_text("utf-8")


def test_only_what_is_broken_is_mended(tmp_path: Path, command: Path) -> None:
    login(linux(tmp_path), command, "--config", "/a.toml").switch_on()
    other = tmp_path / "other"
    other.write_text("", "utf-8")

    assert login(linux(tmp_path), other).mend().command[0] == str(command)
    desktop_file(tmp_path).unlink()
    assert login(linux(tmp_path), other).mend().state is State.OFF


def test_an_entry_that_says_nothing_is_broken_and_can_be_switched_on(tmp_path: Path, command: Path) -> None:
    at_login = login(linux(tmp_path), command)
    desktop_file(tmp_path).parent.mkdir()
    desktop_file(tmp_path).write_bytes(b"\xff\xfe")

    assert at_login.mend().state is State.BROKEN
    assert at_login.switch_on().is_on


def test_an_unsafe_path_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    at_login = login(linux(tmp_path), tmp_path / "a$b" / "gotwatch")

    for way in Way:
        with pytest.raises(UsageError, match="because of \\$ in it"):
            at_login.switch_on(way)

    assert list(tmp_path.iterdir()) == []


def test_an_entry_that_cannot_be_written_is_told(tmp_path: Path, command: Path) -> None:
    (tmp_path / "autostart").symlink_to("/proc/nowhere")
    at_login = login(linux(tmp_path), command)

    with pytest.raises(StoreUnusable, match="cannot be written"):
        at_login.switch_on()
    (tmp_path / "autostart").unlink()
    desktop_file(tmp_path).mkdir(parents=True)
    with pytest.raises(StoreUnusable, match="cannot be seen"):
        at_login.status()
    with pytest.raises(StoreUnusable, match="cannot be removed"):
        at_login.switch_off()
