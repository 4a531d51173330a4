"""Originals that are moved away: what the queue remembers of them."""

from dataclasses import replace
from pathlib import Path

from gotwatch.documents import Output, Stamp
from gotwatch.jobs.job import Job, JobState, Original
from gotwatch.jobs.queue import Queue
from tests.queues import (
    NOW,
    SCANS,
    STAMP,
    add,
    claim,
    completed,
    seconds,
    state,
)

A, B, C = (Path(f"/scans/{name}.png") for name in "abc")
NEWER = Stamp(101, 2_000)


def archived(queue: Queue, path: Path, target: Path) -> Job:
    add(queue, path)
    job = claim(queue)
    queue.store.identify(job, "d1")
    queue.store.finish(job, completed(original=Original.TO_MOVE), (Output(Path("/out/x"), "o"),), NOW)
    queue.moves.moved(job, target)
    return job


def test_an_original_is_to_be_moved_once_its_file_is_done(queue: Queue) -> None:
    add(queue, A)
    job = claim(queue)
    queue.store.identify(job, "d1")
    before = queue.moves.original_of(job)

    queue.store.finish(job, completed(original=Original.TO_MOVE), (), NOW)

    original = queue.moves.original_of(job)
    assert before is None
    assert original is not None
    assert (original.path, original.digest, original.stamp) == (A, "d1", STAMP)
    assert queue.moves.left(SCANS) == [replace(job, attempts=0)]


def test_an_original_that_is_to_be_read_again_stays_until_then(queue: Queue) -> None:
    add(queue, A)
    job = claim(queue)
    queue.store.finish(job, completed(original=Original.TO_MOVE), (), NOW)

    queue.store.retry([A], NOW, redo=True)

    assert queue.moves.left(SCANS) == []
    assert queue.moves.original_of(job) is None


def test_a_moved_file_keeps_its_results_and_the_next_of_its_name_is_another(queue: Queue) -> None:
    job = archived(queue, A, Path("/archive/a.png"))

    assert add(queue, A) == 1

    assert claim(queue).id != job.id
    assert state(queue, "/archive/a.png") is JobState.DONE
    assert queue.moves.left(SCANS) == []


def test_a_moved_file_is_found_by_its_old_name_too(queue: Queue) -> None:
    archived(queue, A, Path("/archive/a.png"))

    entry = queue.entries.of(A)

    assert entry is not None
    assert (entry.job.path, entry.moved_from, entry.original) == (Path("/archive/a.png"), A, Original.MOVED)


def test_by_its_old_name_the_last_that_was_moved_is_found_unless_a_new_one_is_there(queue: Queue) -> None:
    archived(queue, A, Path("/archive/a.png"))
    add(queue, A, stamp=NEWER)
    second = claim(queue)
    queue.store.finish(second, completed(original=Original.TO_MOVE), (), NOW + seconds(1))
    queue.moves.moved(second, Path("/archive/a (2).png"))

    last = queue.entries.of(A)
    add(queue, A)
    new = queue.entries.of(A)

    assert last is not None
    assert new is not None
    assert (last.job.path, new.job.path) == (Path("/archive/a (2).png"), A)


def test_a_file_whose_original_could_not_be_moved_is_done_with_a_warning(queue: Queue) -> None:
    add(queue, A)
    job = claim(queue)
    queue.store.finish(job, completed(warnings=("first",), original=Original.TO_MOVE), (), NOW)

    queue.moves.not_moved(job, "second")

    entry = queue.entries.of(A)
    assert entry is not None
    assert (entry.state, entry.warnings) == (JobState.DONE_WITH_WARNINGS, ("first", "second"))
    assert entry.original is Original.NOT_MOVED
