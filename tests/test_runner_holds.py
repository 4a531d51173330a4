"""What an error holds back, and how it goes on. The queue is real, the work small."""

import logging
from itertools import count
from pathlib import Path

import pytest

from gotwatch.errors import (
    CheckpointMissing,
    DestinationUnavailable,
    EngineCrashed,
    GotwatchError,
    OutOfMemory,
)
from gotwatch.jobs.job import Job, JobState
from gotwatch.jobs.queue import Queue, open_queue
from gotwatch.jobs.runner import EVERYTHING
from tests.offices import AtWork, Eventually, Office, Refusing, Waiting, Work
from tests.queues import NOW, READING, SCANS, add, claim, fill_disk, page, seconds, state

A, B, C = (Path(f"/scans/{name}.png") for name in "abc")
OTHER = "/other"


@pytest.mark.parametrize("error", [CheckpointMissing("No weights"), OutOfMemory("The GPU is full")])
def test_an_error_of_the_machine_holds_the_queue_and_fails_nothing(
    queue: Queue, at_work: AtWork, eventually: Eventually, error: GotwatchError
) -> None:
    add(queue, A, B)
    office = at_work(Office(queue, Refusing(queue, error)))

    eventually(lambda: EVERYTHING in office.runner.holds() and not office.runner.active())

    assert (state(queue, A), state(queue, B)) == (JobState.QUEUED, JobState.QUEUED)
    assert office.work.begun == ["a.png"]
    assert not office.runner.is_busy()
    held = office.runner.hold_on(SCANS)
    assert held is not None
    assert held.message == error.message


def test_the_queue_goes_on_by_itself_when_the_cause_is_gone(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    add(queue, A, B)
    work = Refusing(queue, CheckpointMissing("No weights"))
    office = at_work(Office(queue, work))
    eventually(lambda: office.runner.holds() and not office.runner.active())

    work.mended = True
    office.later(5)
    eventually(lambda: state(queue, B) is JobState.DONE)
    office.later(10)

    eventually(lambda: state(queue, A) is JobState.DONE)
    assert office.runner.holds() == {}
    assert office.runner.hold_on(SCANS) is None


def test_a_hold_costs_no_attempt_however_often_it_is_tried(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    add(queue, A)
    work = Refusing(queue, CheckpointMissing("No weights"))
    office = at_work(Office(queue, work))
    for tries in range(1, 6):
        eventually(lambda count=tries: len(work.begun) == count and not office.runner.active())
        office.later(300)
    eventually(lambda: len(work.begun) == 6 and not office.runner.active())

    office.stop()

    job = claim(queue, NOW + seconds(10_000))
    assert job.attempts == 1


def test_a_hold_is_one_line_in_the_log_and_its_end_another(
    queue: Queue, at_work: AtWork, eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    add(queue, A)
    work = Refusing(queue, CheckpointMissing("No weights"))
    office = at_work(Office(queue, work))
    for tries in range(1, 4):
        eventually(lambda count=tries: len(work.begun) == count and not office.runner.active())
        work.mended = tries == 3
        office.later(300)

    eventually(lambda: state(queue, A) is JobState.DONE and not office.runner.active())
    assert [record.getMessage() for record in caplog.records] == ["held: No weights", "goes on: No weights"]


def test_while_it_is_not_known_whether_the_cause_is_gone_one_file_tries_it_out(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    add(queue, *(f"/scans/{number}.png" for number in range(9)))
    work = Refusing(queue, OutOfMemory("The GPU is full"))
    office = at_work(Office(queue, work, parallel=3))
    eventually(lambda: office.runner.holds() and not office.runner.active())
    begun, work.most_at_once = len(work.begun), 0

    office.later(5)

    eventually(lambda: len(work.begun) > begun and not office.runner.active())
    assert len(work.begun) == begun + 1


def test_one_file_that_always_meets_the_error_does_not_stop_the_others(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    # A page too large for the GPU was tried first each time, and nothing else was ever read.
    add(queue, A, B, C)
    office = at_work(Office(queue, Refusing(queue, OutOfMemory("The GPU is full"), "a.png")))
    eventually(lambda: office.runner.holds() and not office.runner.active())

    office.later(5)

    eventually(lambda: state(queue, C) is JobState.DONE)
    assert (state(queue, A), state(queue, B)) == (JobState.QUEUED, JobState.DONE)


def test_jobs_that_were_begun_before_a_hold_do_not_make_it_longer(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    add(queue, *(f"/scans/{number}.png" for number in range(4)))

    class Together(Waiting):
        def read(self, job: Job) -> None:
            self.go.wait(20)
            raise OutOfMemory("The GPU is full")

    work = Together(queue)
    office = at_work(Office(queue, work, parallel=4))
    eventually(lambda: office.runner.active() == 4)

    work.go.set()

    eventually(lambda: not office.runner.active())
    assert office.runner.holds()[EVERYTHING].until == NOW + seconds(5)


def test_a_destination_that_is_away_holds_its_watch_alone(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    add(queue, A, B)
    add(queue, "/other/c.png", "/other/d.png", watch=OTHER)
    work = Refusing(queue, DestinationUnavailable("/out is gone"), "a.png", "b.png")
    office = at_work(Office(queue, work, watches=(SCANS, OTHER)))

    eventually(lambda: not office.runner.is_busy())

    assert office.runner.holds().keys() == {SCANS}
    assert state(queue, "/other/d.png") is JobState.DONE
    assert office.runner.hold_on(OTHER) is None
    assert {state(queue, A), state(queue, B)} == {JobState.QUEUED}


def test_there_is_work_while_a_watch_that_is_not_held_has_files(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    # `once` ended with files of the other folder left, as soon as one folder was held.
    add(queue, A)
    work = Refusing(queue, DestinationUnavailable("/out is gone"), "a.png")
    office = at_work(Office(queue, work, watches=(SCANS, OTHER)))
    eventually(lambda: not office.runner.is_busy())
    office.stop()

    add(queue, "/other/c.png", watch=OTHER)

    assert office.runner.is_busy()


def test_releasing_the_holds_tries_at_once_what_was_held(queue: Queue, at_work: AtWork, eventually: Eventually) -> None:
    add(queue, A)
    work = Refusing(queue, DestinationUnavailable("/out is gone"))
    office = at_work(Office(queue, work))
    eventually(lambda: office.runner.holds() and not office.runner.active())

    work.mended = True
    office.runner.release_holds()

    eventually(lambda: state(queue, A) is JobState.DONE)


def test_after_a_remedy_the_job_is_tried_again_at_once(queue: Queue, at_work: AtWork, eventually: Eventually) -> None:
    add(queue, A)
    work = Refusing(queue, CheckpointMissing("No weights"))

    def mend(error: Exception) -> bool:
        work.mended = True
        return isinstance(error, CheckpointMissing)

    office = at_work(Office(queue, work, remedy=mend))

    eventually(lambda: state(queue, A) is JobState.DONE)
    assert office.runner.holds() == {}
    assert work.begun == ["a.png", "a.png"]


def test_an_error_that_comes_of_the_stopping_is_not_held_against_the_file(
    queue: Queue, at_work: AtWork, eventually: Eventually
) -> None:
    class Cut(Waiting):
        def read(self, job: Job) -> None:
            self.go.wait(20)
            raise EngineCrashed("It was ended")

    add(queue, A)
    work = Cut(queue)
    office = at_work(Office(queue, work))
    eventually(lambda: office.runner.active() == 1)

    office.runner.stop()
    work.go.set()

    eventually(lambda: state(queue, A) is JobState.QUEUED)
    assert claim(queue).attempts == 1


def test_when_the_queues_own_disk_is_full_it_is_held_and_goes_on_when_there_is_room(
    small_disk: Path, at_work: AtWork, eventually: Eventually
) -> None:
    class Filling(Work):
        """Fills the disk, and then keeps pages until there is no more room; the second time it reads."""

        ballast: Path | None = None

        def read(self, job: Job) -> None:
            if self.ballast is None:
                self.ballast = fill_disk(small_disk)
                for number in count(1):
                    self.queue.shelf.save_page("d1", READING, page(number, "x" * 10_000))
            super().read(job)

    queue = open_queue(small_disk / "queue.sqlite3", NOW)
    add(queue, A)
    work = Filling(queue)
    office = at_work(Office(queue, work))
    eventually(lambda: office.runner.holds() and not office.runner.active())
    held = office.runner.hold_on(SCANS)

    assert work.ballast is not None
    work.ballast.unlink()
    for _ in range(2):
        office.later(100)

    eventually(lambda: state(queue, A) is JobState.DONE)
    assert held is not None
    assert held.name == "DiskFull"
    office.stop()
    queue.close()
