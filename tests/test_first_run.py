"""A first start, with somebody at the terminal and with nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk
from tests.folders import make_files
from tests.newcomers import config_of, newcomers_environment
from tests.talks import talk


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    return newcomers_environment(home)


ANSWERS = {"Which folder": "~/Letters", "results go": "", "How shall it be read": "", "log in": "n"}


def test_setup_asks_and_writes_a_config(home: Path, environment: dict[str, str]) -> None:
    code, said = talk(["setup"], ANSWERS, environment)

    assert code == 0, said
    assert config_of(home)["watch"] == [{"folder": str(home / "Letters"), "output": str(home / "Letters read")}]
    assert (home / "Letters").is_dir()


def test_setup_asks_about_files_that_are_there_already(home: Path, environment: dict[str, str]) -> None:
    make_files(home, "Letters/a.pdf", "Letters/b.png", "Letters/notes.txt")

    code, said = talk(["setup"], {**ANSWERS, "There are 2 documents": "n"}, environment)

    assert code == 0, said
    assert config_of(home)["watch"][0]["existing"] == "leave"


def test_format_asks_for_the_model_and_goes_on_without_it(home: Path, environment: dict[str, str]) -> None:
    answers = {**ANSWERS, "How shall it be read": "format", "Download it now": "y"}

    code, said = talk(["setup"], answers, environment)

    assert code == 0, said
    assert config_of(home)["watch"][0]["mode"] == "format"
    assert "HF_HUB_OFFLINE forbids the download" in said


def test_setup_adds_a_folder_where_there_is_a_config(home: Path, environment: dict[str, str]) -> None:
    talk(["setup"], ANSWERS, environment)

    code, said = talk(["setup"], {**ANSWERS, "Which folder": "~/Faxes"}, environment)

    assert code == 0, said
    assert [watch["folder"] for watch in config_of(home)["watch"]] == [str(home / "Letters"), str(home / "Faxes")]


def test_setup_can_switch_the_start_at_login_on_or_says_why_not(home: Path, environment: dict[str, str]) -> None:
    code, said = talk(["setup"], {**ANSWERS, "log in": "y"}, environment)

    entry = home / "config" / "autostart" / "gotwatch.desktop"
    assert code == 0, said
    assert ("gotwatch starts at login." in said) == entry.exists()
    assert entry.exists() or "at login" in said.split("[y/N]: y")[-1]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path) as desk:
        yield desk


def test_where_nobody_can_be_asked_setup_says_what_to_do_instead(desk: Desk) -> None:
    done = desk.command("setup")

    assert done.returncode == 2
    assert "gotwatch add FOLDER" in done.stderr


def test_a_config_that_was_named_and_is_not_there_is_no_first_start(desk: Desk) -> None:
    done = desk.command("run")

    assert done.returncode == 2
    assert "There is no config file" in done.stderr
    assert not desk.config.exists()
