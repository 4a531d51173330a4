"""When something is told, and in which words: the clock is an argument."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gotwatch.config.settings import Level
from gotwatch.desktop import news
from gotwatch.desktop.news import Ended, Note, Tally, Trouble

LOG = Path("/state/gotwatch.log")
LONG_AGO = float("-inf")


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOTWATCH_LANGUAGE", "en")


def read(name: str = "a.png", *, folder: str = "/out", remark: str = "", pages: int = 1) -> Ended:
    outputs = (Path(folder) / f"{name}.txt", Path(folder) / f"{name}.html")
    return Ended(name, pages, failed=False, remark=remark, outputs=outputs)


def failed(name: str = "b.pdf", remark: str = "It needs a password. Save a copy without one.") -> Ended:
    return Ended(name, 0, failed=True, remark=remark, outputs=())


def tally(*files: Ended, at: float = 0.0) -> Tally:
    counted = Tally()
    for file in files:
        counted = news.heard(counted, file, at)
    return counted


def due(
    counted: Tally, now: float, *, told_at: float = LONG_AGO, level: Level = Level.SUMMARY, busy: bool = False
) -> bool:
    return news.is_due(counted, now, told_at=told_at, level=level, is_busy=busy)


@dataclass
class Evening:
    """Someone who looks once a second, as the herald does."""

    level: Level = Level.SUMMARY
    notes: list[tuple[float, Note]] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    told_at: float = LONG_AGO

    def pass_by(self, now: float, files: Sequence[Ended], *, busy: bool) -> None:
        for file in files:
            if news.is_wanted(file, self.level):
                self.tally = news.heard(self.tally, file, now)
        if news.is_due(self.tally, now, told_at=self.told_at, level=self.level, is_busy=busy):
            self.notes.append((now, news.note_of(self.tally, LOG)))
            self.tally, self.told_at = Tally(), now

    def titles(self) -> list[str]:
        return [note.title for _, note in self.notes]


def test_nothing_is_told_of_nothing() -> None:
    assert not due(Tally(), 1000.0)
    assert not due(Tally(), 1000.0, level=Level.ALL)


def test_a_file_is_told_when_it_has_been_quiet_for_a_moment() -> None:
    counted = tally(read())

    assert not due(counted, 1.0)
    assert due(counted, 3.0)


def test_while_more_is_to_come_the_summary_waits() -> None:
    assert not due(tally(read()), 3600.0, busy=True)


def test_a_burst_of_300_is_one_note_and_errors_are_not_lost_in_it() -> None:
    evening = Evening()

    for second in range(30):
        files = [read(f"{second}-{number}.png") for number in range(10)]
        evening.pass_by(second, [failed(), *files[1:]] if second == 7 else files, busy=True)
    for second in range(30, 60):
        evening.pass_by(second, [], busy=False)

    assert evening.titles() == ["299 files read, 1 failed"]
    assert "b.pdf: It needs a password." in evening.notes[0][1].body


def test_two_summaries_are_a_minute_apart_and_nothing_is_lost_in_between() -> None:
    evening = Evening()

    for second in range(200):
        evening.pass_by(second, [read()] if second in (0, 10, 20) else [], busy=False)

    assert evening.titles() == ["Read: a.png", "2 files read"]
    assert [at for at, _ in evening.notes] == [3, 63]


def test_a_failure_does_not_wait_for_the_end_of_a_night_s_work_and_comes_every_ten_minutes_at_most() -> None:
    evening = Evening()

    for second in range(3600):
        evening.pass_by(second, [failed() if second % 20 == 0 else read()], busy=True)
    evening.pass_by(3700, [], busy=False)

    assert 6 <= len(evening.notes) <= 7
    assert evening.notes[0][0] == 60


def test_where_all_is_wanted_each_file_is_told_but_a_flood_is_summed_up() -> None:
    evening = Evening(Level.ALL)

    for second in range(60):
        evening.pass_by(second, [read(f"{second}.png")] if second in (0, 20) or 30 <= second < 50 else [], busy=True)

    assert evening.titles()[:2] == ["Read: 0.png", "Read: 20.png"]
    assert all(later - earlier >= 5 for (earlier, _), (later, _) in zip(evening.notes, evening.notes[1:], strict=False))
    assert "5 files read" in evening.titles()


def test_where_errors_are_wanted_nothing_else_is_told() -> None:
    evening = Evening(Level.ERRORS)

    for second in range(60):
        evening.pass_by(second, [read(), failed()] if second == 0 else [], busy=False)

    assert evening.titles() == ["Failed: b.pdf"]


def test_where_nothing_is_wanted_nothing_is_told() -> None:
    assert not news.is_wanted(read(), Level.NONE)
    assert not news.is_wanted(failed(), Level.NONE)


@settings(deadline=None)  # 500 seconds are passed in each
@given(st.lists(st.tuples(st.integers(0, 300), st.booleans()), max_size=50), st.sampled_from(["all", "summary"]))
def test_every_file_is_told_once(times: list[tuple[int, bool]], level: str) -> None:
    evening = Evening(Level(level))
    counts = []

    for second in range(500):
        now = [failed() if bad else read() for at, bad in times if at == second]
        before = evening.tally
        evening.pass_by(second, now, busy=second < 300)
        if len(evening.notes) > len(counts):
            counts.append(before.read + before.failed + len(now))

    assert sum(counts) == len(times)
    assert evening.tally == Tally()


def test_a_file_that_was_read_offers_its_page_and_its_folder() -> None:
    note = news.note_of(tally(read("a & b.png", pages=3)), LOG)

    assert (note.title, note.body) == ("Read: a & b.png", "3 pages")
    assert [(choice.label, str(choice.target)) for choice in note.choices] == [
        ("Open the result", "/out/a & b.png.html"),
        ("Show the folder", "/out"),
    ]
    assert not note.is_urgent


def test_a_file_without_results_offers_nothing() -> None:
    assert news.note_of(tally(Ended("a", 1, failed=False, remark="", outputs=())), LOG).choices == ()


def test_what_should_be_looked_at_is_told() -> None:
    note = news.note_of(tally(read(remark="Page 2 was cut at the token limit.")), LOG)

    assert note.body == "Page 2 was cut at the token limit."


def test_a_file_that_failed_offers_the_log() -> None:
    note = news.note_of(tally(failed()), LOG)

    assert (note.title, note.body) == ("Failed: b.pdf", "It needs a password. Save a copy without one.")
    assert [choice.target for choice in note.choices] == [LOG]
    assert note.is_urgent


def test_several_files_offer_the_folder_of_them_all() -> None:
    note = news.note_of(tally(read(folder="/out/a/b"), read(folder="/out/a/c"), read(folder="/out/a")), LOG)

    assert (note.title, note.body) == ("3 files read", "The results are in /out/a")
    assert [choice.target for choice in note.choices] == [Path("/out/a")]


def test_files_of_different_disks_offer_no_folder() -> None:
    assert news.note_of(tally(read(folder="/out"), read(folder="/other")), LOG).choices == ()


def test_several_that_failed_are_counted_and_one_is_named() -> None:
    assert news.note_of(tally(failed(), failed("c.pdf")), LOG).title == "2 files failed"
    assert news.note_of(tally(failed(), read()), LOG).title == "1 file read, 1 failed"


def test_a_name_that_is_no_text_can_be_shown() -> None:
    note = news.note_of(tally(failed("\udcff\n.png")), LOG)

    note.title.encode()
    assert "\n" not in note.title


def test_notes_speak_the_person_s_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOTWATCH_LANGUAGE", "zh_CN")

    assert "a.png" in news.note_of(tally(read()), LOG).title


def record(state: str, **values: Any) -> dict[str, Any]:
    plain = {
        "path": "/in/a.png",
        "pages": 1,
        "error": None,
        "hint": None,
        "warnings": [],
        "outputs": ["/out/a.png.txt"],
    }
    return {**plain, "state": state, **values}


def test_a_file_whose_turn_ended_only_for_now_is_no_news() -> None:
    assert news.ended(record("queued")) is None
    assert news.ended(record("waiting")) is None


def test_what_ended_is_taken_from_its_record() -> None:
    assert news.ended(record("done")) == Ended("a.png", 1, False, "", (Path("/out/a.png.txt"),))
    warned = news.ended(record("done_with_warnings", warnings=["One.", "Two."]))
    assert warned is not None
    assert (warned.failed, warned.remark) == (False, "One. Two.")
    broken = news.ended(record("failed", error="It is damaged", hint="Scan it again."))
    assert broken is not None
    assert (broken.failed, broken.remark) == (True, "It is damaged. Scan it again.")


def status(**values: Any) -> dict[str, Any]:
    return {"state": "idle", "held_reason": None, "problems": [], "folders": [], **values}


def test_what_stands_in_the_way_is_taken_from_the_status() -> None:
    folders = [
        {"path": "/in", "state": "waiting for folder", "held": False, "why": "the folder is not there"},
        {"path": "/closed", "state": "no access", "held": False, "why": "gotwatch may not read this folder"},
        {"path": "/full", "state": "watching", "held": True, "why": "The disk is full"},
        {"path": "/ok", "state": "watching", "held": False, "why": "by polling"},
    ]

    standing = news.standing_troubles(status(folders=folders, problems=["x"]))

    assert sorted(standing.values()) == [
        "/closed: gotwatch may not read this folder",
        "/full: The disk is full",
        "/in: the folder is not there",
        "x",
    ]
    assert news.standing_troubles(status(state="paused")) == {}


def test_a_hold_of_all_is_told_and_one_of_a_folder_is_told_as_that_folder_s() -> None:
    held = status(state="held", held_reason="The weights are missing.")
    folder = {"path": "/full", "state": "watching", "held": True, "why": "The disk is full"}

    assert list(news.standing_troubles(held).values()) == ["The weights are missing."]
    assert list(news.standing_troubles({**held, "folders": [folder]}).values()) == ["/full: The disk is full"]


def watch(looks: Sequence[tuple[float, set[str]]]) -> list[tuple[float, str]]:
    """What is told at which of these looks, each with the troubles that stand then."""
    troubles: list[Trouble] = []
    told = []
    for now, standing in looks:
        troubles, to_tell = news.watched(troubles, standing, now)
        told += [(now, key) for key in to_tell]
    return told


def test_a_trouble_is_told_once_when_it_lasts() -> None:
    assert watch([(0, {"disk"}), (5, {"disk"}), (10, {"disk"}), (15, {"disk"}), (9999, {"disk"})]) == [(10, "disk")]


def test_a_trouble_that_is_mended_soon_is_not_told() -> None:
    assert watch([(0, {"disk"}), (5, set()), (200, set())]) == []


def test_a_hold_that_is_lifted_for_a_moment_by_each_try_is_told_once() -> None:
    looks = [(float(now), {"disk"} if now % 20 else set()) for now in range(0, 1000, 5)]

    assert len(watch(looks)) == 1


def test_a_trouble_that_comes_back_another_day_is_told_again() -> None:
    looks = [(0, {"disk"}), (10, {"disk"}), (20, set()), (86400, {"disk"}), (86410, {"disk"})]

    assert watch([(float(now), standing) for now, standing in looks]) == [(10, "disk"), (86410, "disk")]


def test_troubles_that_began_together_are_one_note() -> None:
    note = news.note_of_troubles(["The disk is full.", "/in: the folder is not there"], LOG)

    assert note.body == "The disk is full.\n/in: the folder is not there"
    assert [choice.target for choice in note.choices] == [LOG]
