"""Where the config and the state are looked for."""

import os
import stat
from pathlib import Path

import pytest

from gotwatch.config import places
from gotwatch.config.places import StateFolder


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(places.CONFIG_VARIABLE, raising=False)
    monkeypatch.delenv(places.STATE_VARIABLE, raising=False)


def test_the_command_line_comes_before_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(places.CONFIG_VARIABLE, str(tmp_path / "by-variable.toml"))
    monkeypatch.setenv(places.STATE_VARIABLE, str(tmp_path / "state-by-variable"))

    assert places.config_file(tmp_path / "chosen.toml") == tmp_path / "chosen.toml"
    assert places.config_file(None) == tmp_path / "by-variable.toml"
    assert places.state_folder(tmp_path / "state").path == tmp_path / "state"
    assert places.state_folder(None).path == tmp_path / "state-by-variable"


def test_without_a_choice_the_systems_own_places_are_used() -> None:
    assert places.config_file(None).name == "config.toml"
    assert places.config_file(None).parent.name == "gotwatch"
    assert places.state_folder(None).path.is_absolute()


def test_a_relative_choice_starts_where_the_person_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    assert places.config_file(Path("mine.toml")) == tmp_path / "mine.toml"
    assert places.state_folder(Path("state")).path == tmp_path / "state"


@pytest.mark.skipif(os.name == "nt", reason="access is of another kind on Windows")
def test_the_state_folder_is_the_owners_alone(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "deep" / "state")

    state.create()
    state.create()

    assert stat.S_IMODE(state.path.stat().st_mode) == 0o700
