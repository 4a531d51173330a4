"""Originals that are moved away once they are read."""

from pathlib import Path

import pytest

from gotwatch.config.settings import Originals
from gotwatch.errors import DestinationUnavailable
from gotwatch.jobs.job import Job, JobState, Original
from gotwatch.jobs.queue import Queue
from tests.queues import NOW
from tests.shops import Shop, draw


@pytest.fixture
def archiving(tmp_path: Path, queue: Queue) -> Shop:
    return Shop(tmp_path, queue, originals=Originals.ARCHIVE)


def test_an_original_is_archived_once_its_results_are_there(archiving: Shop) -> None:
    path = archiving.drop("sub/a.png")

    archiving.work()

    target = archiving.archive / "sub" / "a.png"
    assert target.exists()
    assert not path.exists()
    assert archiving.results().keys() == {"sub/a.png.txt", "sub/a.png.html"}
    assert archiving.entry(path).job.path == target


def test_an_original_stays_where_it_is_as_long_as_its_results_are_not_there(archiving: Shop) -> None:
    path = archiving.drop("a.png")
    archiving.output.rmdir()

    with pytest.raises(DestinationUnavailable):
        archiving.pipeline(archiving.claim())

    assert path.exists()


def test_an_archive_that_cannot_be_written_to_is_a_warning_and_the_original_stays(archiving: Shop) -> None:
    path = archiving.drop("a.png")
    archiving.archive.rmdir()

    archiving.work()

    entry = archiving.entry(path)
    assert (entry.state, entry.original) == (JobState.DONE_WITH_WARNINGS, Original.NOT_MOVED)
    assert "not moved" in entry.warnings[0]
    assert path.exists()
    assert archiving.results().keys() == {"a.png.txt", "a.png.html"}


def test_the_next_file_of_an_archived_name_leaves_the_first_ones_results_alone(archiving: Shop) -> None:
    archiving.drop("a.png", "red")
    archiving.work()
    first = archiving.results()

    archiving.drop("a.png", "blue")
    archiving.work()

    assert {name: text for name, text in archiving.results().items() if name in first} == first
    assert archiving.results().keys() - first.keys() == {"a.png (2).txt", "a.png (2).html"}
    assert {path.name for path in archiving.archive.iterdir()} == {"a.png", "a (2).png"}


def killed_before_the_note(shop: Shop, path: Path) -> Job:
    """The program ends between the move of the original and the note of it."""
    job = shop.claim()
    shop.with_settings(archive=None)(job)
    shop.with_settings(archive=shop.archive)
    path.rename(shop.archive / path.name)
    return job


def test_an_original_that_was_moved_just_before_a_kill_is_found_in_the_archive(archiving: Shop) -> None:
    # It was told as "not moved: it is no longer there".
    path = archiving.drop("a.png")
    job = killed_before_the_note(archiving, path)

    archiving.pipeline.archive(job)

    entry = archiving.entry(path)
    assert (entry.state, entry.original) == (JobState.DONE, Original.MOVED)
    assert entry.job.path == archiving.archive / "a.png"


def test_an_original_that_somebody_took_away_is_not_taken_for_archived(archiving: Shop) -> None:
    path = archiving.drop("a.png")
    job = killed_before_the_note(archiving, path)
    draw(archiving.archive / "a.png", "blue")

    archiving.pipeline.archive(job)

    assert archiving.entry(path).original is Original.NOT_MOVED


def test_an_archived_original_is_no_other_files_though_it_has_the_same_bytes(archiving: Shop) -> None:
    path = archiving.drop("a.png")
    archiving.work()
    path.write_bytes((archiving.archive / "a.png").read_bytes())
    archiving.settle(path)
    job = archiving.claim()
    archiving.with_settings(archive=None)(job)
    archiving.with_settings(archive=archiving.archive)
    path.unlink()

    archiving.pipeline.archive(job)

    assert archiving.entry(path).original is Original.NOT_MOVED
    assert archiving.entry(archiving.archive / "a.png").original is Original.MOVED


def test_an_archived_original_can_be_read_anew_and_stays_in_the_archive(archiving: Shop) -> None:
    path = archiving.drop("sub/a.png")
    archiving.work()
    target = archiving.archive / "sub" / "a.png"

    archiving.queue.store.retry([target], NOW, redo=True)
    archiving.work()

    assert archiving.engine.asked == [1, 1]
    assert archiving.results().keys() == {"sub/a.png.txt", "sub/a.png.html"}
    assert target.exists()
    entry = archiving.entry(path)
    assert (entry.state, entry.original, entry.job.path) == (JobState.DONE, Original.MOVED, target)
