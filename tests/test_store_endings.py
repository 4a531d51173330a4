"""How an attempt ends, what a new start makes of it, and what a person may undo, on a real file."""

from pathlib import Path

import pytest

from gotwatch.documents import Output, Stamp
from gotwatch.errors import ErrorKind
from gotwatch.jobs.job import JobState
from gotwatch.jobs.queue import Queue
from tests.queues import (
    NOW,
    READING,
    SCANS,
    add,
    claim,
    completed,
    fail,
    failing,
    finish,
    page,
    seconds,
    state,
)

A, B, C = (Path(f"/scans/{name}.png") for name in "abc")
NEWER = Stamp(101, 2_000)


def test_a_finished_file_keeps_how_it_ended(queue: Queue) -> None:
    add(queue, A)
    job = claim(queue)
    queue.store.identify(job, "d1")

    queue.store.finish(job, completed(warnings=("Page 1: cut",), copied_from=B), (), NOW)

    entry = queue.entries.of(A)
    assert entry is not None
    assert entry.state is JobState.DONE_WITH_WARNINGS
    assert (entry.warnings, entry.copied_from, entry.finished_at) == (("Page 1: cut",), B, NOW)
    assert (entry.engine, entry.checkpoint, entry.pages, entry.digest) == ("echo", "echo-1", 1, "d1")


def test_an_older_version_cannot_finish_the_newer_one(queue: Queue) -> None:
    add(queue, A)
    old = claim(queue)
    add(queue, A, stamp=NEWER)

    queue.store.finish(old, completed(), (), NOW)

    assert state(queue, A) is JobState.QUEUED


def test_an_error_after_the_end_does_not_undo_it(queue: Queue) -> None:
    # Such as one from the moving of the original, which comes last.
    job = finish(queue, A)

    queue.store.settle(job, failing(JobState.FAILED), NOW)

    assert state(queue, A) is JobState.DONE


def test_only_the_outputs_that_were_written_stay_known(queue: Queue) -> None:
    add(queue, A)
    job = claim(queue)
    kept, intended = Output(Path("/out/a.png.txt"), "new"), Output(Path("/out/a.png.txt"), "old")
    other = Output(Path("/out/a (2).png.txt"), "old")
    for output in (kept, intended, other):
        queue.shelf.intend(job.id, output, str(output.path))

    queue.store.finish(job, completed(), (kept,), NOW)

    assert queue.shelf.outputs(job.id) == (kept,)


def test_a_failed_file_keeps_its_error(queue: Queue) -> None:
    fail(queue, A)

    entry = queue.entries.of(A)

    assert entry is not None
    assert entry.failure is not None
    assert (entry.state, entry.failure.message) == (JobState.FAILED, "It is torn")
    assert queue.entries.failed([SCANS]) == [A]


@pytest.mark.parametrize(("counts", "attempts"), [(True, 2), (False, 1)])
def test_an_attempt_counts_only_where_the_verdict_says_so(queue: Queue, counts: bool, attempts: int) -> None:
    add(queue, A)
    queue.store.settle(claim(queue), failing(JobState.WAITING, counts=counts), NOW)

    assert claim(queue).attempts == attempts


def test_each_putting_off_is_remembered_so_that_the_next_is_longer(queue: Queue) -> None:
    add(queue, A)
    for put_off in (JobState.WAITING, JobState.QUEUED):
        queue.store.settle(claim(queue), failing(put_off, counts=False), NOW)

    assert claim(queue).waits == 2


def test_what_was_broken_off_is_due_at_once_and_not_counted(queue: Queue) -> None:
    add(queue, A)

    queue.store.put_back(claim(queue))

    assert claim(queue).attempts == 1


def test_a_page_more_clears_the_attempts_that_were_lost(queue: Queue) -> None:
    # A long document that was read through three restarts was given up, though it came further each time.
    add(queue, A)
    claim(queue)
    queue.store.recover(3, NOW)
    job = claim(queue)

    queue.store.progressed(job)
    queue.store.recover(3, NOW)

    assert (job.attempts, claim(queue).attempts) == (2, 2)


def test_what_was_in_work_when_the_program_ended_is_queued_again(queue: Queue) -> None:
    add(queue, A, B, C)
    claim(queue)
    claim(queue)

    assert queue.store.recover(3, NOW) == 2
    assert [claim(queue).path for _ in range(3)] == [A, B, C]


def test_a_file_that_ended_the_program_each_time_is_given_up(queue: Queue) -> None:
    add(queue, A)
    for _ in range(2):
        claim(queue)
        assert queue.store.recover(3, NOW) == 1
    claim(queue)

    assert queue.store.recover(3, NOW) == 0

    entry = queue.entries.of(A)
    assert entry is not None
    assert entry.failure is not None
    assert entry.failure.message == "gotwatch ended each of the 3 times this file was read."
    assert entry.failure.kind is ErrorKind.TRANSIENT
    assert queue.store.retry([A], NOW) == 1


def test_after_a_restart_what_waits_is_tried_at_once(queue: Queue) -> None:
    # Also where the clock was wrong then, and the wait would last for years.
    add(queue, A)
    queue.store.settle(claim(queue), failing(JobState.WAITING, after=1e8), NOW)

    queue.store.recover(3, NOW)

    assert claim(queue).path == A


def test_a_lease_that_ran_out_frees_the_file_and_the_attempt_is_not_counted(queue: Queue) -> None:
    add(queue, A)
    claim(queue)

    assert queue.store.reclaim(NOW + seconds(59)) == 0
    assert queue.store.reclaim(NOW + seconds(60)) == 1
    assert claim(queue).attempts == 1


def test_a_renewed_lease_is_kept(queue: Queue) -> None:
    add(queue, A)
    job = claim(queue)

    queue.store.renew([job.id], NOW + seconds(120))

    assert queue.store.reclaim(NOW + seconds(60)) == 0


def test_a_failed_file_can_be_tried_again_from_its_first_attempt(queue: Queue) -> None:
    fail(queue, A)

    assert queue.store.retry([A, B], NOW) == 1
    assert claim(queue).attempts == 1


def test_a_file_that_is_being_read_is_not_tried_again(queue: Queue) -> None:
    add(queue, A)
    claim(queue)

    assert queue.store.retry([A], NOW) == 0
    assert state(queue, A) is JobState.READING


def test_redo_lasts_until_it_was_done_also_through_a_plain_retry(queue: Queue) -> None:
    finish(queue, A)
    queue.store.retry([A], NOW, redo=True)
    first = claim(queue)
    queue.store.settle(first, failing(JobState.FAILED), NOW)
    queue.store.retry([A], NOW)
    second = claim(queue)

    queue.store.redone(second)
    queue.store.put_back(second)

    assert (first.redo, second.redo, claim(queue).redo) == (True, True, False)


def test_a_forgotten_file_that_is_gone_leaves_no_trace(queue: Queue) -> None:
    job = finish(queue, A)
    queue.shelf.intend(job.id, Output(Path("/out/a.png.txt"), "o1"), "/out/a.png.txt")
    queue.shelf.save_page("d1", READING, page(1))

    assert queue.store.forget(A, still_there=False)
    assert queue.entries.of(A) is None
    assert queue.shelf.pages("d1", READING) == {}
    assert queue.shelf.outputs(job.id) == ()


def test_the_text_of_a_forgotten_file_is_kept_while_another_has_the_same_bytes(queue: Queue) -> None:
    finish(queue, A)
    finish(queue, B)
    queue.shelf.save_page("d1", READING, page(1))

    queue.store.forget(A, still_there=True)
    kept = queue.shelf.pages("d1", READING)
    queue.store.forget(B, still_there=True)

    assert kept == {1: page(1)}
    assert queue.shelf.pages("d1", READING) == {}


def test_a_file_that_is_being_read_is_not_forgotten(queue: Queue) -> None:
    add(queue, A)
    claim(queue)

    assert not queue.store.forget(A, still_there=True)


def test_a_file_whose_older_version_is_being_read_is_not_forgotten(queue: Queue) -> None:
    # Its reader went on to keep pages, of a file that nobody was to know any more.
    add(queue, A)
    old = claim(queue)
    add(queue, A, stamp=NEWER)

    assert not queue.store.forget(A, still_there=False)
    queue.store.put_back(old)
    assert queue.store.forget(A, still_there=False)


def test_what_is_unknown_cannot_be_forgotten(queue: Queue) -> None:
    assert not queue.store.forget(A, still_there=True)
