"""What comes into the queue and who takes it out, on a real file."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from gotwatch.config.settings import Order
from gotwatch.documents import Stamp
from gotwatch.intake import rank_of
from gotwatch.jobs import store
from gotwatch.jobs.database import Database
from gotwatch.jobs.job import JobState
from gotwatch.jobs.queue import Queue
from tests.queues import (
    NOW,
    SCANS,
    STAMP,
    add,
    claim,
    completed,
    fail,
    failing,
    finish,
    new_file,
    seconds,
    state,
    try_claim,
)

A, B, C = (Path(f"/scans/{name}.png") for name in "abc")
NEWER = Stamp(101, 2_000)


def test_a_new_file_is_queued(queue: Queue) -> None:
    assert add(queue, A, B) == 2
    assert state(queue, A) is JobState.QUEUED


def test_a_file_that_is_known_is_no_news(queue: Queue) -> None:
    add(queue, A)

    assert add(queue, A) == 0


def test_a_changed_file_is_queued_again_as_a_newer_version(queue: Queue) -> None:
    old = finish(queue, A)

    assert add(queue, A, stamp=NEWER) == 1
    new = claim(queue)
    assert (new.id, new.version, new.stamp) == (old.id, old.version + 1, NEWER)


def test_a_file_that_only_got_older_has_changed_too(queue: Queue) -> None:
    finish(queue, A)

    assert add(queue, A, stamp=Stamp(STAMP.size, STAMP.mtime_ns - 1)) == 1


def test_a_failed_file_is_tried_again_when_it_changes_and_starts_from_its_first_attempt(queue: Queue) -> None:
    fail(queue, A)
    add(queue, A, stamp=NEWER)

    job = claim(queue)

    assert job.attempts == 1
    entry = queue.entries.of(A)
    assert entry is not None
    assert entry.failure is None


def test_a_failed_file_that_did_not_change_stays_failed(queue: Queue) -> None:
    fail(queue, A)

    assert add(queue, A) == 0
    assert state(queue, A) is JobState.FAILED


def test_a_file_that_was_gone_is_queued_when_it_is_back_as_it_was(queue: Queue) -> None:
    add(queue, A)
    queue.store.settle(claim(queue), failing(JobState.GONE, counts=False), NOW)

    assert add(queue, A) == 1
    assert state(queue, A) is JobState.QUEUED


def test_a_file_that_is_gone_is_not_among_the_stamps(queue: Queue) -> None:
    add(queue, A, B)
    queue.store.settle(claim(queue), failing(JobState.GONE, counts=False), NOW)

    assert queue.store.stamps(SCANS) == {str(B): STAMP}


def test_a_forgotten_file_is_queued_only_when_it_changes(queue: Queue) -> None:
    finish(queue, A)
    queue.store.forget(A, still_there=True)

    assert add(queue, A) == 0
    assert add(queue, A, stamp=NEWER) == 1


def test_a_file_under_another_watch_moves_there_and_is_not_read_again(queue: Queue) -> None:
    # With a new config, files that were known under the old watch waited for ever: nobody claimed for it any more.
    finish(queue, A)
    add(queue, B)

    add(queue, A, B, watch="/scans/new")

    assert state(queue, A) is JobState.DONE
    assert claim(queue, watches=("/scans/new",)).path == B
    assert queue.store.stamps("/scans/new") == {str(A): STAMP, str(B): STAMP}


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_goes_in_and_out_unchanged(queue: Queue) -> None:
    odd = Path(os.fsdecode(b"/scans/\xff.png"))
    add(queue, odd)

    job = claim(queue)
    queue.store.finish(job, completed(copied_from=odd), (), NOW)

    entry = queue.entries.of(odd)
    assert entry is not None
    assert (entry.job.path, entry.copied_from) == (odd, odd)
    assert queue.store.stamps(SCANS) == {str(odd): STAMP}


@pytest.mark.parametrize("mtime_ns", [-(2**80), -1, 0, 2**63, 2**80])
def test_any_time_that_a_broken_clock_wrote_is_kept(queue: Queue, mtime_ns: int) -> None:
    # Times beyond the year 2262 did not fit into SQLite's integers, and one such file ended the watching of its folder.
    stamp = Stamp(1, mtime_ns)
    queue.store.enqueue([new_file(A, stamp=stamp, rank=rank_of(Order.OLDEST, stamp))], NOW)

    queue.store.rank_again(SCANS, priority=0, rank="newest")

    assert claim(queue).stamp == stamp
    assert queue.store.enqueue([new_file(A, stamp=stamp)], NOW) == 0


def test_a_finished_file_that_was_only_touched_takes_the_new_time(queue: Queue) -> None:
    finish(queue, A, digest="d1")
    touched = Stamp(STAMP.size, 9_000)

    assert queue.store.touch(A, touched, "d1")
    assert queue.store.stamps(SCANS) == {str(A): touched}
    assert add(queue, A, stamp=touched) == 0


def test_a_finished_file_with_another_content_is_not_only_touched(queue: Queue) -> None:
    finish(queue, A, digest="d1")

    assert not queue.store.touch(A, NEWER, "d2")
    assert queue.store.finished_stamps([A]) == {A: STAMP}


def test_a_file_that_is_not_done_is_never_only_touched(queue: Queue) -> None:
    add(queue, A)
    queue.store.identify(claim(queue), "d1")

    assert not queue.store.touch(A, NEWER, "d1")
    assert queue.store.finished_stamps([A]) == {}


def test_a_claimed_file_is_being_read_and_its_attempt_is_counted(queue: Queue) -> None:
    add(queue, A)

    job = claim(queue)

    assert (job.path, job.attempts, state(queue, A)) == (A, 1, JobState.READING)


def test_nothing_is_claimed_twice(queue: Queue) -> None:
    add(queue, A)
    claim(queue)

    assert try_claim(queue) is None


def test_two_threads_never_claim_the_same_file(queue: Queue) -> None:
    add(queue, *(f"/scans/{number}.png" for number in range(60)))
    start = Barrier(4)

    def take_all() -> list[int]:
        start.wait()
        ids = []
        while job := try_claim(queue):
            ids.append(job.id)
        return ids

    with ThreadPoolExecutor(4) as pool:
        taken = [job_id for each in [pool.submit(take_all) for _ in range(4)] for job_id in each.result()]

    assert sorted(taken) == list(range(1, 61))


def test_a_file_is_not_claimed_before_its_time(queue: Queue) -> None:
    add(queue, A)
    queue.store.settle(claim(queue), failing(JobState.WAITING, after=10), NOW)

    assert try_claim(queue, NOW + seconds(9)) is None
    assert claim(queue, NOW + seconds(10)).path == A


def test_only_the_wanted_watches_are_claimed_from(queue: Queue) -> None:
    add(queue, A, watch="/other")
    add(queue, B)

    assert claim(queue, watches=(SCANS, "/third")).path == B
    assert try_claim(queue) is None


def test_a_held_watch_is_not_claimed_from(queue: Queue) -> None:
    add(queue, A)
    add(queue, B, watch="/other")

    assert claim(queue, held=(SCANS,), watches=(SCANS, "/other")).path == B


@pytest.mark.parametrize(
    ("order", "names"),
    [(Order.OLDEST, ["old", "mid", "new"]), (Order.NEWEST, ["new", "mid", "old"]), (Order.NAME, ["mid", "new", "old"])],
)
def test_files_come_in_the_order_of_their_watch(queue: Queue, order: Order, names: list[str]) -> None:
    ages = {"mid": Stamp(1, 20), "new": Stamp(1, 30), "old": Stamp(1, 10)}
    queue.store.enqueue([new_file(name, stamp=stamp, rank=rank_of(order, stamp)) for name, stamp in ages.items()], NOW)

    assert [claim(queue).path.name for _ in ages] == names


@pytest.mark.parametrize(
    ("order", "names"),
    [(Order.OLDEST, ["old", "mid", "new"]), (Order.NEWEST, ["new", "mid", "old"]), (Order.NAME, ["mid", "new", "old"])],
)
def test_what_waits_is_put_in_the_order_of_a_new_config(queue: Queue, order: Order, names: list[str]) -> None:
    ages = {"mid": Stamp(1, 20), "new": Stamp(1, 30), "old": Stamp(1, 10)}
    queue.store.enqueue([new_file(name, stamp=stamp, rank=5) for name, stamp in ages.items()], NOW)

    queue.store.rank_again(SCANS, priority=0, rank=order)

    assert [claim(queue).path.name for _ in ages] == names


def test_a_higher_priority_comes_first_whatever_the_order(queue: Queue) -> None:
    queue.store.enqueue(
        [new_file(A, rank=-9), new_file(B, priority=1, rank=9), new_file(C, priority=-1, rank=-99)], NOW
    )

    assert [claim(queue).path for _ in range(3)] == [B, A, C]


def test_claiming_goes_by_its_index_however_long_the_queue_is(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "queue.sqlite3")) as database:
        values = {"now": "2025", "lease": "2025", "watches": "[]"}
        plan = [row["detail"] for row in database.rows(f"explain query plan {store.CLAIM}", values)]

    assert "SCAN job USING INDEX job_due" in plan
    assert not [step for step in plan if "TEMP B-TREE" in step]


def test_the_newer_version_waits_until_the_older_one_is_left_off(queue: Queue) -> None:
    add(queue, A)
    old = claim(queue)
    add(queue, A, stamp=NEWER)

    assert try_claim(queue) is None
    queue.store.put_back(old)

    new = claim(queue)
    assert new.version == old.version + 1
    assert new.attempts == 1


def test_of_two_files_of_the_same_bytes_the_second_steps_back(queue: Queue) -> None:
    add(queue, A, B)
    first, second = claim(queue), claim(queue)

    assert queue.store.identify(first, "d1")
    assert not queue.store.identify(second, "d1")


def test_a_file_whose_twin_is_being_read_is_not_claimed_and_does_not_keep_others_waiting(queue: Queue) -> None:
    # It used to sit on a thread until its twin was done, which may take an hour.
    add(queue, A, B, C)
    first, second = claim(queue), claim(queue)
    queue.store.identify(first, "d1")
    queue.store.identify(second, "d1")
    queue.store.put_back(second)

    assert claim(queue).path == C
    assert try_claim(queue) is None
    queue.store.finish(first, completed(), (), NOW)
    assert claim(queue).path == B


def test_a_file_with_a_newer_version_is_not_identified(queue: Queue) -> None:
    add(queue, A)
    old = claim(queue)
    add(queue, A, stamp=NEWER)

    assert not queue.store.identify(old, "d1")
    assert not queue.store.is_current(old)


def test_the_first_of_the_same_bytes_is_the_earliest_that_is_done(queue: Queue) -> None:
    finish(queue, B, now=NOW)
    finish(queue, A, now=NOW + seconds(1))
    add(queue, C)

    job = claim(queue)

    assert queue.store.first_of("d1", job) == B
    assert queue.store.first_of("d2", job) is None


def test_a_file_is_no_copy_of_its_own_copy(queue: Queue) -> None:
    original = finish(queue, A)
    add(queue, B)
    queue.store.identify(copy := claim(queue), "d1")
    queue.store.finish(copy, completed(copied_from=A), (), NOW)

    assert queue.store.first_of("d1", original) is None


def test_the_next_moment_is_that_of_the_first_that_is_put_off(queue: Queue) -> None:
    add(queue, A, B, C)
    add(queue, "/other/d.png", watch="/other")
    for after in (30, 20):
        queue.store.settle(claim(queue), failing(JobState.WAITING, after=after), NOW)

    assert queue.store.next_due(NOW, [SCANS]) == NOW + seconds(20)
    assert queue.store.next_due(NOW + seconds(20), [SCANS]) == NOW + seconds(30)
    assert queue.store.next_due(NOW + seconds(30), [SCANS]) is None


def test_a_file_that_waits_is_work_only_when_it_is_due(queue: Queue) -> None:
    add(queue, A)
    queue.store.settle(claim(queue), failing(JobState.WAITING, after=10), NOW)

    assert not queue.store.has_due(NOW, [SCANS])
    assert queue.store.has_due(NOW + seconds(10), [SCANS])
    assert not queue.store.has_due(NOW + seconds(10), ["/other"])


def test_a_queued_file_is_work_also_while_it_lets_others_try(queue: Queue) -> None:
    add(queue, A)
    queue.store.settle(claim(queue), failing(JobState.QUEUED, after=10), NOW)

    assert queue.store.has_due(NOW, [SCANS])


def test_hurry_makes_due_what_is_put_off(queue: Queue) -> None:
    add(queue, A)
    queue.store.settle(claim(queue), failing(JobState.WAITING, after=10), NOW)

    queue.store.hurry(NOW)

    assert claim(queue).path == A


def test_it_is_known_whether_any_file_is_being_read(queue: Queue) -> None:
    add(queue, A)
    before = queue.store.is_any_reading()
    claim(queue)

    assert (before, queue.store.is_any_reading()) == (False, True)


def test_files_that_are_left_alone_are_known_and_read_when_they_change(queue: Queue) -> None:
    add(queue, B)
    queue.store.leave([new_file(A), new_file(B)], NOW)
    before = {path: state(queue, path) for path in (A, B)}
    add(queue, A)
    unchanged = state(queue, A)
    add(queue, A, stamp=NEWER)

    assert before == {A: JobState.FORGOTTEN, B: JobState.QUEUED}
    assert unchanged is JobState.FORGOTTEN
    assert state(queue, A) is JobState.QUEUED
