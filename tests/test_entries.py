"""What the queue tells people of its files."""

from pathlib import Path

from gotwatch.documents import Stamp
from gotwatch.jobs.job import JobState
from gotwatch.jobs.queue import Queue
from tests.queues import (
    NOW,
    SCANS,
    add,
    fail,
    finish,
    new_file,
    seconds,
)

A, B, C = (Path(f"/scans/{name}.png") for name in "abc")
NEWER = Stamp(101, 2_000)


def test_only_files_of_the_watched_folders_are_counted(queue: Queue) -> None:
    finish(queue, A)
    fail(queue, B)
    add(queue, C)
    add(queue, "/other/d.png", watch="/other")

    counts = queue.entries.counts([SCANS])

    assert {state.value: count for state, count in counts.items() if count} == {"done": 1, "failed": 1, "queued": 1}
    assert queue.entries.counts([SCANS, "/other"])[JobState.QUEUED] == 2


def test_what_ended_last_comes_first(queue: Queue) -> None:
    finish(queue, A, now=NOW)
    finish(queue, B, now=NOW + seconds(1))
    add(queue, C)

    assert [entry.job.path for entry in queue.entries.recent([SCANS], 5)] == [B, A]
    assert [entry.job.path for entry in queue.entries.recent([SCANS], 1)] == [B]


def test_what_comes_next_stands_in_the_order_of_its_turn(queue: Queue) -> None:
    queue.store.enqueue([new_file(A), new_file(B, priority=1)], NOW)
    add(queue, "/other/d.png", watch="/other")

    assert [entry.job.path for entry in queue.entries.next_up([SCANS], 5)] == [B, A]


def test_a_file_is_found_by_the_number_of_its_job(queue: Queue) -> None:
    job = finish(queue, A)

    entry = queue.entries.of_job(job.id)

    assert entry is not None
    assert entry.job.path == A
    assert queue.entries.of_job(99) is None
