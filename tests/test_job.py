"""What an error does to a job, and how long is waited."""

from datetime import timedelta
from pathlib import Path

import pytest

from gotwatch.documents import Stamp
from gotwatch.errors import (
    CheckpointMissing,
    DestinationUnavailable,
    DiskFull,
    Encrypted,
    EngineCrashed,
    EngineTimeout,
    ErrorKind,
    FileBusy,
    NoDevice,
    OutOfMemory,
    ReaderCrashed,
    SourceGone,
    TooLarge,
    Unreadable,
    Unsupported,
)
from gotwatch.jobs.job import (
    LONGEST_HOLD_SECONDS,
    Failure,
    Hold,
    Job,
    JobState,
    Patience,
    Verdict,
    describe,
    in_words,
    judge,
    wait,
)
from tests.queues import NOW

PATIENCE = Patience(attempts=3, give_up_seconds=900)


def job(*, attempts: int = 1, waits: int = 0) -> Job:
    return Job(
        id=1,
        version=1,
        path=Path("a.png"),
        watch="scans",
        stamp=Stamp(1, 1),
        attempts=attempts,
        waits=waits,
        redo=False,
    )


def verdict(error: Exception, *, attempts: int = 1, waits: int = 0, unchanged_seconds: float = 1e9) -> Verdict:
    return judge(
        error,
        job=job(attempts=attempts, waits=waits),
        patience=PATIENCE,
        unchanged_seconds=unchanged_seconds,
        now=NOW,
    )


@pytest.mark.parametrize(
    ("error", "state", "counts", "hold"),
    [
        (Encrypted("x"), JobState.FAILED, True, Hold.NOTHING),
        (Unreadable("x"), JobState.FAILED, True, Hold.NOTHING),
        (Unsupported("x"), JobState.FAILED, True, Hold.NOTHING),
        (TooLarge("x"), JobState.FAILED, True, Hold.NOTHING),
        (KeyError("x"), JobState.FAILED, True, Hold.NOTHING),
        (SourceGone("x"), JobState.GONE, False, Hold.NOTHING),
        (FileBusy("x"), JobState.WAITING, False, Hold.NOTHING),
        (EngineCrashed("x"), JobState.WAITING, True, Hold.NOTHING),
        (EngineTimeout("x"), JobState.WAITING, True, Hold.NOTHING),
        (ReaderCrashed("x"), JobState.WAITING, True, Hold.NOTHING),
        (DestinationUnavailable("x"), JobState.QUEUED, False, Hold.WATCH),
        (OutOfMemory("x"), JobState.QUEUED, False, Hold.ALL),
        (CheckpointMissing("x"), JobState.QUEUED, False, Hold.ALL),
        (NoDevice("x"), JobState.QUEUED, False, Hold.ALL),
        (DiskFull("x"), JobState.QUEUED, False, Hold.ALL),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_each_error_has_its_verdict(error: Exception, state: JobState, counts: bool, hold: Hold) -> None:
    found = verdict(error)

    assert (found.state, found.counts, found.hold) == (state, counts, hold)


@pytest.mark.parametrize(
    ("error", "attempts", "state"),
    [
        (EngineCrashed("x"), 2, JobState.WAITING),
        (EngineCrashed("x"), 3, JobState.FAILED),
        (ReaderCrashed("x"), 4, JobState.FAILED),
        (FileBusy("x"), 99, JobState.WAITING),
        (OutOfMemory("x"), 99, JobState.QUEUED),
        (DestinationUnavailable("x"), 99, JobState.QUEUED),
    ],
)
def test_only_what_the_file_may_be_to_blame_for_is_given_up(error: Exception, attempts: int, state: JobState) -> None:
    assert verdict(error, attempts=attempts).state is state


@pytest.mark.parametrize(
    ("unchanged_seconds", "state"),
    [(0, JobState.WAITING), (899, JobState.WAITING), (900, JobState.FAILED)],
)
def test_a_torn_file_fails_only_when_nobody_has_written_to_it_for_long(
    unchanged_seconds: float, state: JobState
) -> None:
    assert verdict(Unreadable("x"), unchanged_seconds=unchanged_seconds).state is state


def test_a_crash_waits_longer_from_attempt_to_attempt() -> None:
    first, second = (verdict(EngineCrashed("x"), attempts=attempts).not_before - NOW for attempts in (1, 2))

    assert first < second


def test_what_is_put_off_waits_longer_each_time_up_to_five_minutes() -> None:
    assert [wait(times).total_seconds() for times in (0, 1, 2, 5, 6, 7, 100)] == [5, 10, 20, 160, 300, 300, 300]


@pytest.mark.parametrize("error", [OutOfMemory("x"), CheckpointMissing("x"), DestinationUnavailable("x")])
def test_a_file_that_keeps_meeting_a_held_error_lets_the_others_try(error: Exception) -> None:
    # The same file was tried first each time a hold ended, so one page too large for the GPU stopped the whole queue.
    often = verdict(error, waits=9).not_before - NOW

    assert often > timedelta(seconds=LONGEST_HOLD_SECONDS)


def test_a_bug_is_told_without_its_own_words_which_may_hold_the_documents() -> None:
    found = describe(ValueError("Dear Mrs Miller, your diagnosis"))

    assert found.kind is ErrorKind.BUG
    assert found.name == ""
    assert "Miller" not in in_words(found)
    assert "ValueError" in found.message


def test_an_error_of_ours_keeps_its_words() -> None:
    found = describe(Encrypted("It needs a password.", hint="Save a copy without one."))

    assert found == Failure(ErrorKind.INPUT, "Encrypted", "It needs a password.", "Save a copy without one.")


@pytest.mark.parametrize(
    ("message", "hint", "words"),
    [
        ("It is torn", "Scan it again.", "It is torn. Scan it again."),
        ("It is torn.", "Scan it again.", "It is torn. Scan it again."),
        ("It is torn", "", "It is torn."),
    ],
)
def test_message_and_hint_are_two_sentences(message: str, hint: str, words: str) -> None:
    assert in_words(Failure(ErrorKind.INPUT, "Unreadable", message, hint)) == words
