"""Which jobs are begun and when, and how they end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from gotwatch.documents import Stamp
from gotwatch.errors import (
    Encrypted,
    EngineCrashed,
    FileBusy,
)
from gotwatch.jobs.job import Job, JobState
from gotwatch.jobs.queue import Queue
from tests.offices import AtWork, Eventually, Office, Paging, Refusing, Waiting, Work
from tests.queues import SCANS, add, claim, state

A, B, C = (Path(f"/scans/{name}.png") for name in "abc")
OTHER = "/other"


def test_what_is_queued_is_done_in_its_order(queue: Queue, at_work: AtWork, eventually: Eventually) -> None:
    add(queue, B, C, A)

    office = at_work(Office(queue, Work(queue)))

    eventually(lambda: not office.runner.is_busy())
    assert office.work.begun == ["a.png", "b.png", "c.png"]


def test_what_comes_later_is_done_when_the_runner_is_woken(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    office = at_work(Office(queue, Work(queue)))

    add(queue, A)
    office.runner.wake()

    eventually(lambda: state(queue, A) is JobState.DONE)


def test_files_of_a_watch_that_was_taken_away_are_begun_no_more(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    office = at_work(Office(queue, Work(queue)))
    office.runner.watch_only([OTHER])
    add(queue, A)
    add(queue, B, watch=OTHER)
    office.runner.wake()
    eventually(lambda: state(queue, B) is JobState.DONE)
    before = state(queue, A)

    office.runner.watch_only([SCANS, OTHER])

    eventually(lambda: state(queue, A) is JobState.DONE)
    assert before is JobState.QUEUED


def test_nothing_is_begun_while_others_need_the_computer(queue: Queue, at_work: AtWork, eventually: Eventually) -> None:
    reasons = ["The computer runs on its battery."]
    add(queue, A)
    office = at_work(Office(queue, Work(queue), hindrance=lambda: reasons[0]))
    office.runner.wake()
    job_waits, is_busy = state(queue, A), office.runner.is_busy()

    reasons[0] = ""
    office.runner.wake()

    eventually(lambda: state(queue, A) is JobState.DONE)
    assert (job_waits, is_busy) == (JobState.QUEUED, False)


def test_a_document_is_left_off_at_its_next_page_when_others_need_the_computer(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    reasons = [""]
    add(queue, A)
    work = Paging(queue)
    at_work(Office(queue, work, hindrance=lambda: reasons[0]))
    eventually(work.turning.is_set)

    reasons[0] = "The computer runs on its battery."

    eventually(lambda: state(queue, A) is JobState.QUEUED)


def test_as_many_files_as_allowed_are_in_work_at_once(queue: Queue, at_work: AtWork, eventually: Eventually) -> None:
    add(queue, *(f"/scans/{number}.png" for number in range(6)))
    work = Waiting(queue)

    office = at_work(Office(queue, work, parallel=3))

    eventually(lambda: office.runner.active() == 3)
    work.go.set()
    eventually(lambda: not office.runner.is_busy())
    assert work.most_at_once == 3


def test_a_file_that_cannot_be_read_fails_alone(queue: Queue, at_work: AtWork, eventually: Eventually) -> None:
    add(queue, A, B)

    office = at_work(Office(queue, Refusing(queue, Encrypted("It needs a password"), "a.png")))

    eventually(lambda: not office.runner.is_busy())
    assert (state(queue, A), state(queue, B)) == (JobState.FAILED, JobState.DONE)
    assert office.runner.holds() == {}


def test_a_bug_costs_its_file_and_stands_in_the_log_with_its_traceback(
    queue: Queue, at_work: AtWork, eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    add(queue, A, B)

    office = at_work(Office(queue, Refusing(queue, KeyError("oops"), "a.png")))

    eventually(lambda: not office.runner.is_busy())
    assert (state(queue, A), state(queue, B)) == (JobState.FAILED, JobState.DONE)
    assert "Traceback" in caplog.text


def test_a_file_that_is_busy_is_tried_again_after_its_time_without_losing_an_attempt(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    add(queue, A)
    work = Refusing(queue, FileBusy("Word has it"))
    office = at_work(Office(queue, work))
    eventually(lambda: state(queue, A) is JobState.WAITING)
    busy_while_waiting = office.runner.is_busy()

    work.mended = True
    office.later(5)

    eventually(lambda: state(queue, A) is JobState.DONE)
    assert not busy_while_waiting
    assert len(work.begun) == 2


def test_a_file_on_which_the_engine_crashes_is_given_up_after_its_attempts(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    add(queue, A)
    office = at_work(Office(queue, Refusing(queue, EngineCrashed("It ended"))))

    for attempts in (1, 2, 3):
        eventually(lambda count=attempts: len(office.work.begun) == count and not office.runner.active())
        office.later(300)

    assert state(queue, A) is JobState.FAILED
    assert office.runner.holds() == {}


def test_a_pause_takes_effect_at_the_next_page(queue: Queue, at_work: AtWork, eventually: Eventually) -> None:
    add(queue, A)
    work = Paging(queue)
    office = at_work(Office(queue, work))
    eventually(work.turning.is_set)

    queue.marks.pause(None)

    eventually(lambda: state(queue, A) is JobState.QUEUED and not office.runner.active())
    assert not office.runner.is_busy()


def test_after_a_pause_it_goes_on_and_no_attempt_was_counted(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    add(queue, A)
    work = Paging(queue)
    office = at_work(Office(queue, work))
    eventually(work.turning.is_set)
    queue.marks.pause(None)
    eventually(lambda: state(queue, A) is JobState.QUEUED)

    queue.marks.resume()
    work.last.set()
    office.runner.wake()

    eventually(lambda: state(queue, A) is JobState.DONE)


def test_while_it_is_paused_nothing_is_begun(queue: Queue, at_work: AtWork) -> None:
    queue.marks.pause(None)
    add(queue, A)
    office = at_work(Office(queue, Work(queue)))

    office.runner.wake()
    office.stop()

    assert office.work.begun == []


def test_a_timed_pause_ends_by_itself(queue: Queue, at_work: AtWork, eventually: Eventually) -> None:
    # It used to be noticed only at the next look round, up to a quarter of a minute late.
    def wall_clock() -> datetime:
        return datetime.now(UTC)

    queue.store.enqueue([], wall_clock())
    add(queue, A)
    queue.marks.pause(wall_clock() + timedelta(seconds=0.3))

    at_work(Office(queue, Work(queue), now=wall_clock))

    eventually(lambda: state(queue, A) is JobState.DONE, 5)


def test_a_file_with_a_newer_version_is_left_off_and_the_newer_one_read(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    add(queue, A)
    work = Paging(queue)
    at_work(Office(queue, work))
    eventually(work.turning.is_set)

    add(queue, A, stamp=Stamp(5, 5))
    eventually(lambda: len(work.begun) == 2)
    work.last.set()

    eventually(lambda: state(queue, A) is JobState.DONE)
    assert queue.store.finished_stamps([A]) == {A: Stamp(5, 5)}


def test_after_the_machine_slept_nobody_reads_a_file_that_is_still_being_read(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    # Its lease had run out in the meantime, so the newer version was begun beside the older one.
    add(queue, A)
    work = Waiting(queue)
    office = at_work(Office(queue, work, parallel=2))
    eventually(lambda: office.runner.active() == 1)
    add(queue, A, stamp=Stamp(5, 5))

    office.later(8 * 3600)
    add(queue, B)
    office.runner.wake()

    eventually(lambda: work.begun == ["a.png", "b.png"])
    work.go.set()
    eventually(lambda: work.begun == ["a.png", "b.png", "a.png"])


def test_stopping_leaves_off_what_is_in_work_without_counting_it(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    add(queue, A, B)
    work = Paging(queue)
    office = at_work(Office(queue, work))
    eventually(work.turning.is_set)

    office.stop()

    assert work.begun == ["a.png"]
    assert claim(queue).attempts == 1


def test_a_file_counts_as_work_until_its_end_was_told(queue: Queue, at_work: AtWork, eventually: Eventually) -> None:
    # `once` ended before it had heard of its last file.
    telling, told = Event(), Event()

    def tell(_: Job) -> None:
        telling.set()
        told.wait(20)

    add(queue, A)
    office = at_work(Office(queue, Work(queue), on_end=tell))
    eventually(telling.is_set)

    busy_before = office.runner.is_busy()
    told.set()

    assert busy_before
    eventually(lambda: not office.runner.is_busy())


def test_a_thread_that_dies_of_a_bug_is_seen_and_the_others_go_on(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    def tell(job: Job) -> None:
        if job.path == A:
            raise KeyError("oops")

    add(queue, A, B)
    office = at_work(Office(queue, Work(queue), on_end=tell))

    eventually(lambda: state(queue, B) is JobState.DONE)
    assert office.threads.deaths() == {"job 1": "KeyError: 'oops'"}
