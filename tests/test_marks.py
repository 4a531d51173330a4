"""Pauses, ignored files, and folders as they were."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from gotwatch.jobs.marks import Pause
from gotwatch.jobs.queue import Queue, open_queue
from tests.queues import NOW, SCANS, seconds

HOUR = timedelta(hours=1)


def test_nothing_is_paused_at_first(queue: Queue) -> None:
    assert queue.marks.paused(NOW) is None


def test_a_pause_without_an_end_lasts_until_it_is_resumed(queue: Queue) -> None:
    queue.marks.pause(None)
    later = queue.marks.paused(NOW + 1000 * HOUR)

    queue.marks.resume()

    assert later == Pause(None)
    assert queue.marks.paused(NOW) is None


def test_a_pause_with_an_end_ends_by_itself(queue: Queue) -> None:
    queue.marks.pause(NOW + HOUR)

    assert queue.marks.paused(NOW + HOUR - seconds(1)) == Pause(NOW + HOUR)
    assert queue.marks.paused(NOW + HOUR) is None


def test_a_second_pause_replaces_the_first(queue: Queue) -> None:
    queue.marks.pause(None)

    queue.marks.pause(NOW + HOUR)

    assert queue.marks.paused(NOW + HOUR) is None


def test_a_pause_outlives_the_program(tmp_path: Path) -> None:
    first = open_queue(tmp_path / "queue.sqlite3", NOW)
    first.marks.pause(NOW + HOUR)
    first.close()

    second = open_queue(tmp_path / "queue.sqlite3", NOW)

    assert second.marks.paused(NOW) == Pause(NOW + HOUR)
    second.close()


def test_an_ignored_file_has_its_reason(queue: Queue) -> None:
    queue.marks.set_ignored(SCANS, {"/scans/a.docx": ("type", "no type that gotwatch reads")})

    assert queue.marks.ignored(Path("/scans/a.docx")) == "no type that gotwatch reads"
    assert queue.marks.ignored(Path("/scans/b.docx")) is None


def test_each_look_replaces_what_was_ignored_in_that_watch_alone(queue: Queue) -> None:
    queue.marks.set_ignored(SCANS, {"/scans/a": ("type", "old"), "/scans/b": ("type", "b")})
    queue.marks.set_ignored("/other", {"/other/c": ("type", "c")})

    queue.marks.set_ignored(SCANS, {"/scans/a": ("type", "new")})

    paths = ("/scans/a", "/scans/b", "/other/c")
    assert [queue.marks.ignored(Path(path)) for path in paths] == ["new", None, "c"]


def test_an_ignored_file_that_another_watch_took_over_stays_there(queue: Queue) -> None:
    queue.marks.set_ignored(SCANS, {"/scans/sub/a": ("type", "outer")})
    queue.marks.set_ignored("/scans/sub", {"/scans/sub/a": ("type", "inner")})

    queue.marks.set_ignored(SCANS, {})

    assert queue.marks.ignored(Path("/scans/sub/a")) == "inner"


def test_ignored_files_are_counted_for_the_watched_folders(queue: Queue) -> None:
    queue.marks.set_ignored(SCANS, {"/scans/a": ("type", "a"), "/scans/b": ("type", "b")})
    queue.marks.set_ignored("/other", {"/other/c": ("type", "c")})

    assert queue.marks.count_ignored([SCANS]) == 2
    assert queue.marks.count_ignored([]) == 0


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_an_ignored_name_may_be_no_text(queue: Queue) -> None:
    odd = os.fsdecode(b"/scans/\xff.docx")

    queue.marks.set_ignored(SCANS, {odd: ("type", "odd")})

    assert queue.marks.ignored(Path(odd)) == "odd"


@pytest.mark.parametrize("number", [0, 2**63, 2**128 - 1])
def test_a_folder_is_remembered_whatever_numbers_its_file_system_gives(queue: Queue, number: int) -> None:
    # Windows and some network file systems have numbers that did not fit into SQLite's integers.
    queue.marks.set_folder(Path(SCANS), (number, number, "/mnt", "volume"))

    assert queue.marks.folder(Path(SCANS)) == (number, number, "/mnt", "volume")


def test_a_folder_can_be_forgotten_once(queue: Queue) -> None:
    queue.marks.set_folder(Path(SCANS), (1, 2, "/", ""))

    assert queue.marks.forget_folder(Path(SCANS))
    assert not queue.marks.forget_folder(Path(SCANS))
    assert queue.marks.folder(Path(SCANS)) is None
