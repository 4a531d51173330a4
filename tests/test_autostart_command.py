"""gotwatch autostart, which program it takes, and what doctor says of it."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from gotwatch.cli.main import main
from gotwatch.desktop.login import program
from gotwatch.desktop.login.program import Installation
from gotwatch.errors import UsageError
from tests.desk import REPOSITORY, Desk
from tests.logins import CARRIED, NASTY, desktop_file, linux, linux_only, login, needs, recorded, recorder


def installation(root: Path, *, on_path: Path | None = None) -> Installation:
    own = root / "bin/gotwatch"
    own.parent.mkdir(parents=True)
    own.write_text(f"#!{root}/bin/python\n", "utf-8")
    return Installation(root, own, on_path, Path("/nowhere/tmp"))


def test_the_link_on_the_path_is_started_as_it_outlives_an_upgrade(tmp_path: Path) -> None:
    link = tmp_path / "local/bin/gotwatch"
    link.parent.mkdir(parents=True)
    installed = installation(tmp_path / "uv/tools/gotwatch", on_path=link)
    link.symlink_to(installed.command)

    assert program.durable(installed) == str(link)


def test_another_gotwatch_on_the_path_is_not_started_in_place_of_this_one(tmp_path: Path) -> None:
    other = installation(tmp_path / "other").command
    installed = installation(tmp_path / "mine", on_path=other)

    assert program.durable(installed) == str(installed.command)


@pytest.mark.parametrize(
    "prefix",
    [".cache/uv/archive-v0/x1", "uv/cache/archive-v0/x1", "uv/cache/environments-v2/x", ".local/pipx/.cache/x2"],
)
def test_the_environment_of_one_run_is_refused(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(UsageError, match="is a cache") as caught:
        program.durable(installation(tmp_path / prefix))

    assert "uv tool install" in caught.value.hint


def test_an_environment_in_the_folder_for_temporary_files_is_refused(tmp_path: Path) -> None:
    installed = installation(tmp_path / "venv")

    with pytest.raises(UsageError, match="temporary files"):
        program.durable(Installation(installed.prefix, installed.command, None, tmp_path))


def test_an_environment_without_the_command_is_refused(tmp_path: Path) -> None:
    installed = installation(tmp_path / "venv")
    installed.command.unlink()

    with pytest.raises(UsageError, match="There is no command"):
        program.durable(installed)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CONFIG_HOME", "GOTWATCH_CONFIG", "GOTWATCH_STATE_DIR", *CARRIED):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@linux_only
def test_the_command_switches_it_on_and_off_and_tells(home: Path) -> None:
    with Desk(home) as desk:
        assert desk.ask("autostart", "status")[0] == 3

        code, said = desk.ask("autostart", "on")
        assert code == 0
        assert f"gotwatch starts at login.\n  {home}/.config/autostart/gotwatch.desktop" in said

        code, said = desk.ask("autostart", "status", "--json")
        command = json.loads(said)["command"]
        assert code == 0
        assert command[1:] == ["--config", str(desk.config), "--state-dir", str(desk.state), "run", "--at-login"]

        assert desk.ask("autostart", "off") == (0, "gotwatch does not start at login.\n")
        assert desk.ask("autostart", "status")[0] == 3
        assert "loginctl enable-linger" in desk.ask("autostart", "on", "--systemd", "--no-tray")[1]


@linux_only
def test_the_config_of_the_environment_is_carried_along(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOTWATCH_CONFIG", "my.toml")
    monkeypatch.chdir(home)

    assert main(["autostart", "on"]) == 0

    assert f'"--config" "{home}/my.toml" "run"' in desktop_file(home / ".config").read_text("utf-8")


@linux_only
def test_from_a_throw_away_environment_the_command_refuses_and_writes_nothing(home: Path) -> None:
    prefix = home / ".cache/uv/archive-v0/x1"
    done = _in_environment(prefix, home, "autostart", "on")

    assert done.returncode == 2
    assert "which is a cache, as of uvx" in done.stderr
    assert not (home / ".config").exists()


@linux_only
@pytest.mark.parametrize("character", ["$", "%", "\\", '"'])
def test_from_an_unsafe_path_the_command_refuses_and_writes_nothing(home: Path, character: str) -> None:
    done = _in_environment(home / f"a{character}b", home, "autostart", "on")

    assert done.returncode == 2
    assert f"because of {character} in it" in done.stderr
    assert not (home / ".config").exists()


@linux_only
@needs("gio")
def test_from_a_path_with_spaces_and_quotes_what_is_started_is_the_command_that_was_installed(home: Path) -> None:
    prefix = home / NASTY
    done = _in_environment(prefix, home, "autostart", "on", HF_HOME="/models of mine")
    assert done.returncode == 0, done.stderr
    recorder(prefix / "bin/gotwatch", home / "seen")

    subprocess.run(["gio", "launch", desktop_file(home / ".config")], check=True)

    arguments, variables = recorded(home / "seen")
    assert arguments == [str(prefix / "bin/gotwatch"), "run", "--at-login"]
    assert variables["HF_HOME"] == "/models of mine"


def _in_environment(prefix: Path, home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """gotwatch, installed into a virtual environment at *prefix*."""
    venv.create(prefix, symlinks=True)
    site = next(prefix.glob("lib/python*/site-packages"))
    (site / "here.pth").write_text("\n".join([str(REPOSITORY), *_packages()]), "utf-8")
    (prefix / "bin/gotwatch").write_text("", "utf-8")
    (prefix / "bin/gotwatch").chmod(0o755)
    (home / "tmp").mkdir()
    return subprocess.run(
        [prefix / "bin/python", "-m", "gotwatch", *arguments],
        cwd=home,
        env=os.environ | {"TMPDIR": str(home / "tmp")} | variables,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def _packages() -> list[str]:
    return [path for path in sys.path if path.endswith("site-packages")]


@linux_only
def test_doctor_mends_an_entry_that_points_to_nothing(home: Path) -> None:
    with Desk(home) as desk:
        desk.configure()
        login(linux(home / ".config"), home / "gone", "--config", "/a.toml").switch_on()

        finding = _finding(desk)
        assert finding["grade"] == "note"
        assert f"{home / 'gone'} is gone. Mended: it starts {program.this_installation().command}" in finding["message"]
        assert '"--config" "/a.toml"' in desktop_file(home / ".config").read_text("utf-8")

        assert _finding(desk)["grade"] == "good"


@linux_only
def test_doctor_tells_what_it_cannot_mend(home: Path) -> None:
    with Desk(home) as desk:
        desk.configure()
        desktop_file(home / ".config").parent.mkdir(parents=True)
        desktop_file(home / ".config").write_text("[Desktop Entry]\n", "utf-8")

        finding = _finding(desk)

        assert finding["grade"] == "wrong"
        assert finding["mend"] == "Switch it on with: gotwatch autostart on"


def _finding(desk: Desk) -> dict[str, str]:
    findings: list[dict[str, str]] = json.loads(desk.ask("doctor", "--json")[1])
    return next(finding for finding in findings if finding["subject"] == "start at login")


def test_variables_that_an_entry_could_not_set_are_set_by_gotwatch(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "")

    with Desk(home) as desk:
        desk.configure()
        code = main(["--env", "HF_ENDPOINT=https://mirror", "--config", str(desk.config), "doctor"])

    assert code == 0
    assert os.environ["HF_ENDPOINT"] == "https://mirror"
    assert main(["--env", "nonsense", "status"]) == 2
