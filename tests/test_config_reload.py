"""A changed config is taken up by the running gotwatch."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.bad_files import text_page
from tests.desk import Desk, document
from tests.folders import make_files

Eventually = Callable[..., None]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path) as desk:
        yield desk


def drop(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    text_page(name).save(path)
    return path


def test_folders_come_and_go_without_a_restart(desk: Desk) -> None:
    desk.run()
    daemon = desk.daemon
    more = desk.root / "more"
    more.mkdir()

    added = desk.ask("add", str(more), "--output", str(desk.root / "more out"))
    desk.wait_for(drop(more, "a.png"))
    removed = desk.ask("remove", str(desk.inbox))
    ignored = drop(desk.inbox, "b.png")
    desk.wait_for(drop(more, "c.png"))

    assert (added[0], removed[0]) == (0, 0), added + removed
    assert (desk.root / "more out" / "a.png.txt").exists()
    assert [folder["path"] for folder in desk.status()["folders"]] == [str(more)]
    assert desk.why(ignored)["state"] == "unknown"
    assert daemon is not None
    assert daemon.poll() is None


def test_a_config_changed_by_hand_is_taken_up_and_a_broken_one_is_told(desk: Desk, eventually: Eventually) -> None:
    desk.run()
    whole = desk.config.read_text("utf-8")

    desk.config.write_text(whole.replace("quiet_seconds", "quiet_secnds"), "utf-8")
    eventually(lambda: desk.status()["problems"])
    broken = desk.status()
    desk.wait_for(drop(desk.inbox, "a.png"))
    desk.config.write_text(whole.replace('output = "out"', 'output = "other"'), "utf-8")
    eventually(lambda: desk.status()["folders"][0]["output"] == str(desk.root / "other"))
    desk.wait_for(drop(desk.inbox, "b.png"))

    assert "line 4" in broken["config"]["problem"]
    assert "Did you mean 'quiet_seconds'?" in broken["config"]["problem"]
    assert broken["problems"] == [f"The changed config is not taken up: {broken['config']['problem']}"]
    assert (desk.out / "a.png.txt").exists()
    assert (desk.root / "other" / "b.png.txt").exists()
    assert desk.status()["problems"] == []


def test_a_folder_that_cannot_be_watched_is_refused_and_nothing_else_changes(desk: Desk) -> None:
    desk.run()
    before = desk.config.read_text("utf-8")

    code, said = desk.ask("add", str(desk.root / "gone"))

    assert code == 2
    assert "There is no folder" in said
    assert desk.config.read_text("utf-8") == before


def test_another_engine_takes_over_in_the_middle_of_a_document(desk: Desk, eventually: Eventually) -> None:
    desk.run("SlowEngine")
    daemon = desk.daemon
    long = document(desk.inbox / "long.pdf", 60)
    eventually(lambda: desk.page_in_work(long) > 1)

    desk.configure("EchoEngine")
    desk.wait_for(long)
    desk.wait_for(drop(desk.inbox, "next.png"))

    assert desk.status()["engine"]["name"] == "tests.engines:EchoEngine"
    assert len(desk.texts("long.pdf")) == 60
    assert desk.status()["recent"][-1]["engine"] == "tests.engines:EchoEngine"
    assert daemon is not None
    assert daemon.poll() is None


def test_outside_of_its_hours_files_wait_and_status_says_until_when(desk: Desk, eventually: Eventually) -> None:
    now = datetime.now().astimezone()
    closed = f"{now + timedelta(hours=2):%H:%M}-{now + timedelta(hours=3):%H:%M}"
    desk.configure()
    always = desk.config.read_text("utf-8")
    desk.config.write_text(f'{always}[schedule]\nhours = ["{closed}"]\n', "utf-8")
    desk.start()

    path = drop(desk.inbox, "a.png")
    desk.wait_for(path, "queued")
    eventually(lambda: desk.status()["state"] == "held")
    held, why = desk.status()["held_reason"], desk.why(path)["why"]
    desk.config.write_text(always, "utf-8")
    desk.wait_for(path)

    assert held == f"It is outside of the hours in which gotwatch reads; they begin at {closed[:5]}."
    assert why == f"It waits. {held}"


def test_what_was_in_a_folder_before_can_be_left_alone(desk: Desk) -> None:
    desk.run()
    more = desk.root / "more"
    old = drop(more, "old.png")
    os.utime(old, (1, 1))

    desk.ask("add", str(more), "--leave-existing", "--output", str(desk.root / "more out"))
    desk.wait_for(drop(more, "new.png"))

    assert desk.why(old)["state"] == "forgotten"
    assert "gotwatch reprocess" in desk.why(old)["why"]
    assert not (desk.root / "more out" / "old.png.txt").exists()


def test_results_go_beside_a_folder_if_nobody_says_otherwise(desk: Desk) -> None:
    desk.configure()
    make_files(desk.root, "letters/a.txt")

    code, said = desk.ask("add", str(desk.root / "letters"), "--mode", "format")

    assert code == 0
    assert f"writes to {desk.root / 'letters read'}" in said
    assert 'mode = "format"' in desk.config.read_text("utf-8")
