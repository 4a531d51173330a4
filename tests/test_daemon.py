"""The whole program, when something dies, is missing, or is wanted otherwise."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.desk import Desk, Onlooker, document, eventually, image

ALL_FIVE = ["Page 1", "Page 2", "Page 3", "Page 4", "Page 5"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path) as desk:
        yield desk


def pages_read(desk: Desk) -> list[int]:
    return [int(line.split()[0]) for line in desk.pages_read()]


def test_files_that_came_while_it_was_off_are_read_and_those_done_are_not_read_again(desk: Desk) -> None:
    desk.run()
    old = document(desk.inbox / "old.pdf", 1)
    desk.wait_for(old)
    desk.end()
    os.utime(old, (1, 1))
    new = document(desk.inbox / "new.pdf", 2)

    desk.start()
    desk.wait_for(new)

    assert sorted(pages_read(desk)) == [1, 1, 2]


def test_after_kill_9_it_goes_on_from_the_last_saved_page_and_no_half_result_is_seen(desk: Desk) -> None:
    desk.run("SlowEngine")
    with Onlooker(desk.out).looking() as onlooker:
        source = document(desk.inbox / "five.pdf", 5)
        eventually(lambda: desk.page_in_work(source) == 3)

        desk.kill()
        eventually(lambda: len(desk.processes()) == 0, 5.0)
        desk.start()
        desk.wait_for(source)

    assert pages_read(desk) == [1, 2, 3, 4, 5]
    assert desk.texts("five.pdf") == ALL_FIVE
    assert onlooker.looks > 0
    assert onlooker.torn == []


def test_its_processes_are_gone_soon_after_it_is_killed(desk: Desk) -> None:
    desk.run("HangingEngine")
    source = document(desk.inbox / "hangs.pdf", 3)
    eventually(lambda: desk.page_in_work(source) >= 2 and desk.engine() and desk.readers())

    desk.kill()

    eventually(lambda: desk.processes() == [], 5.0)


def test_the_death_of_the_engine_process_costs_no_page(desk: Desk) -> None:
    desk.run("SlowEngine")
    source = document(desk.inbox / "five.pdf", 5)
    eventually(lambda: desk.page_in_work(source) == 2)

    engine = desk.engine()
    assert engine is not None
    engine.kill()

    desk.wait_for(source)
    assert desk.texts("five.pdf") == ALL_FIVE
    assert pages_read(desk) == [1, 2, 3, 4, 5]


def test_the_death_of_a_reader_process_costs_no_page(desk: Desk) -> None:
    desk.run("SlowEngine")
    source = document(desk.inbox / "five.pdf", 5)
    eventually(lambda: desk.page_in_work(source) == 2)

    for reader in desk.readers():
        reader.kill()

    desk.wait_for(source)
    assert desk.texts("five.pdf") == ALL_FIVE
    assert pages_read(desk) == [1, 2, 3, 4, 5]


def test_an_engine_that_dies_once_costs_one_page_not_the_document(desk: Desk) -> None:
    desk.run("DyingOnceEngine")
    source = document(desk.inbox / "five.pdf", 5)

    desk.wait_for(source)

    assert desk.texts("five.pdf") == ALL_FIVE


@pytest.mark.parametrize("engine", ["DyingEngine", "HangingEngine"])
def test_a_killer_page_is_given_up_and_later_files_are_read(desk: Desk, engine: str) -> None:
    desk.run(engine, limits="page_seconds = 1\nattempts = 1\nreaders = 1")
    killer = document(desk.inbox / "a killer.pdf", 3)
    later = document(desk.inbox / "b later.pdf", 1, width=320)

    desk.wait_for(later)

    assert "page 2" in desk.wait_for(killer, "failed")["why"]


def test_a_file_that_failed_is_retried_from_the_page_that_failed(desk: Desk) -> None:
    desk.run("DyingEngine", limits="attempts = 1")
    source = document(desk.inbox / "killer.pdf", 3)
    desk.wait_for(source, "failed")
    read_before = pages_read(desk)

    assert desk.ask("retry", "--all") == (0, "1 file will be tried again.\n")

    desk.wait_for(source, "failed")
    assert pages_read(desk) == read_before


def test_a_file_on_which_gotwatch_died_too_often_is_given_up(desk: Desk) -> None:
    desk.run("HangingEngine", limits="attempts = 2")
    source = document(desk.inbox / "deadly.pdf", 3)

    for _ in range(2):
        eventually(lambda: desk.page_in_work(source) == 3)  # the last that is left, so nothing is read until the kill
        desk.kill()
        desk.start()

    assert "each of the 2 times" in desk.why(source)["why"]
    assert desk.why(source)["state"] == "failed"


def test_a_pause_takes_effect_at_the_next_page_and_outlives_a_restart(desk: Desk) -> None:
    desk.run("SlowEngine")
    source = document(desk.inbox / "five.pdf", 5)
    eventually(lambda: desk.page_in_work(source) == 2)

    assert desk.ask("pause") == (0, "Paused.\n")
    eventually(lambda: not desk.status()["current"])
    read_before = pages_read(desk)
    assert read_before in ([1, 2], [1, 2, 3])
    assert desk.why(source)["state"] == "queued"

    desk.end()
    desk.start()
    assert desk.status()["state"] == "paused"
    new = document(desk.inbox / "new.pdf", 1, width=320)
    eventually(lambda: desk.status()["queue"]["queued"] == 2)
    assert pages_read(desk) == read_before

    assert desk.ask("resume") == (0, "Resumed.\n")
    desk.wait_for(source)
    desk.wait_for(new)
    assert sorted(pages_read(desk)) == [1, 1, 2, 3, 4, 5]


def test_a_pause_with_an_end_ends_by_itself(desk: Desk) -> None:
    desk.run()
    desk.ask("pause", "--for", "2s")
    assert desk.status()["paused_until"] is not None

    source = document(desk.inbox / "one.pdf", 1)
    eventually(lambda: desk.status()["queue"]["queued"] == 1)

    desk.wait_for(source)
    assert desk.status()["state"] == "idle"


@dataclass(frozen=True, slots=True)
class Held:
    """A daemon whose queue was held, and whose cause is mended by now."""

    desk: Desk
    source: Path
    status: dict[str, Any]  # while it was held

    def goes_on_by_itself(self) -> bool:
        self.desk.wait_for(self.source)
        return self.desk.texts(self.source.name) == ["Page 1", "Page 2", "Page 3"]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Held]]:
    """All at once, as each must wait before it tries again."""
    with ExitStack() as stack:
        desks = {name: stack.enter_context(Desk(tmp_path_factory.mktemp(name))) for name in ("gpu", "weights", "out")}
        desks["gpu"].run("FullMemoryOnceEngine")
        desks["weights"].run("WaitingForWeightsEngine")
        desks["out"].run()
        shutil.rmtree(desks["out"].out)
        sources = {name: document(desk.inbox / "three.pdf", 3) for name, desk in desks.items()}

        held = {name: Held(desk, sources[name], desk.wait_until_held()) for name, desk in desks.items()}

        desks["weights"].weights.touch()
        desks["out"].out.mkdir()
        yield held


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gpu", "The GPU is out of memory. Close other programs."),
        ("weights", "The weights are not there. Put them there."),
        ("out", "/out is gone. Connect the disk"),
    ],
)
def test_what_is_no_files_fault_holds_the_queue_until_it_is_mended(
    held: dict[str, Held], name: str, reason: str
) -> None:
    assert reason in held[name].status["held_reason"]
    assert held[name].status["queue"]["failed"] == 0
    assert held[name].goes_on_by_itself()
    assert held[name].desk.status()["state"] == "idle"


def test_pages_that_were_read_before_the_results_could_be_written_are_not_read_again(held: dict[str, Held]) -> None:
    assert held["out"].goes_on_by_itself()

    assert sorted(pages_read(held["out"].desk)) == [1, 2, 3]


def test_the_watched_folder_may_go_and_come_back(desk: Desk) -> None:
    desk.run()
    done = document(desk.inbox / "done.pdf", 1)
    desk.wait_for(done)

    shutil.copytree(desk.inbox, away := desk.root / "away")
    shutil.rmtree(desk.inbox)
    eventually(lambda: desk.status()["folders"][0]["state"] == "waiting for folder")
    assert desk.status()["queue"]["failed"] == 0
    new = document(away / "new.pdf", 2)
    away.rename(desk.inbox)

    desk.wait_for(desk.inbox / new.name)
    assert desk.status()["folders"][0]["state"] == "watching"
    assert sorted(pages_read(desk)) == [1, 1, 2]


def test_a_page_that_was_cut_off_is_a_warning_wherever_one_looks(desk: Desk) -> None:
    desk.run("ChattyEngine", watch='formats = ["txt", "html", "json"]')
    source = document(desk.inbox / "chatty.pdf", 1)

    answer = desk.wait_for(source, "done_with_warnings")

    assert "Cut at the token limit" in answer["why"]
    assert "Cut at the token limit" in desk.ask("status")[1]
    assert "Cut at the token limit" in desk.status()["recent"][0]["warnings"][0]
    assert "Cut at the token limit" in (desk.out / "chatty.pdf.html").read_text("utf-8")
    record = json.loads((desk.out / "chatty.pdf.json").read_text("utf-8"))
    assert "Cut at the token limit" in record["warnings"][0]
    assert (desk.out / "chatty.pdf.txt").read_text("utf-8").startswith("again again")


def test_an_idle_engine_leaves_memory_and_the_next_file_loads_it_again(desk: Desk) -> None:
    desk.run(engine_settings="keep_alive = 1")
    desk.wait_for(image(desk.inbox / "one.png"))
    loaded = desk.status()["engine"]
    assert loaded["loaded"]
    assert loaded["unload_at"] is not None

    eventually(lambda: not desk.status()["engine"]["loaded"])

    assert not any(map(psutil.pid_exists, loaded["pids"]))
    desk.wait_for(image(desk.inbox / "two.png", "another"))


def test_files_are_read_on_all_devices_at_once(desk: Desk) -> None:
    sources = [image(desk.inbox / f"{number}.png", str(number)) for number in (1, 2)]

    desk.run("tests.devices:MeetingEngine", engine_settings='device = ["cpu", "cuda:1"]')

    for source in sources:
        desk.wait_for(source)
    engine = desk.status()["engine"]
    assert set(engine["device"].split(", ")) == {"cpu", "cuda:1"}
    assert len(engine["pids"]) == 2


def test_only_one_runs_at_a_time_until_the_first_is_dead(desk: Desk) -> None:
    desk.run()
    assert desk.daemon is not None

    second = desk.command("run")
    assert second.returncode == 2
    assert f"gotwatch is running already (process {desk.daemon.pid})" in second.stderr

    desk.kill()
    desk.start()
    assert desk.status()["state"] == "idle"


def test_two_started_together_make_one(desk: Desk) -> None:
    desk.configure()

    starters = [desk.launch("run"), desk.launch("run")]

    eventually(lambda: any(starter.poll() is not None for starter in starters))
    refused = next(starter for starter in starters if starter.poll() is not None)
    desk.daemon = next(starter for starter in starters if starter is not refused)
    assert refused.wait() == 2
    assert desk.status()["state"] == "idle"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_the_middle_of_a_page_and_leaves_nothing_behind(desk: Desk, number: signal.Signals) -> None:
    desk.run("HangingEngine")
    source = document(desk.inbox / "hangs.pdf", 3)
    eventually(lambda: desk.page_in_work(source) >= 2)

    assert desk.end(number) == 0

    eventually(lambda: desk.processes() == [], 5.0)
    assert not (desk.state / "control.sock").exists()
    assert desk.why(source)["state"] == "queued"
    assert desk.status()["state"] == "not running"


def test_stop_returns_when_it_has_ended(desk: Desk) -> None:
    desk.run()
    assert desk.daemon is not None

    assert desk.ask("stop") == (0, "gotwatch has ended.\n")

    assert desk.daemon.wait(5) == 0
    assert desk.ask("stop") == (3, "gotwatch: gotwatch is not running.\nStart it with: gotwatch run\n")


def test_what_a_killed_one_left_half_written_is_swept_away(desk: Desk) -> None:
    desk.run()
    desk.end()
    left = desk.out / ".gotwatch-0123456789abcdef.tmp"
    left.write_bytes(b"half")
    os.utime(left, (1, 1))

    desk.start()

    eventually(lambda: not left.exists())
