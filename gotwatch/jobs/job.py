"""A job, its states, and what an error does to it. No I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from gotwatch.documents import Stamp
from gotwatch.errors import (
    DestinationUnavailable,
    ErrorKind,
    FatalError,
    GotwatchError,
    OutOfMemory,
    SourceGone,
    TransientError,
    Unreadable,
)
from gotwatch.words import marked

SHORTEST_WAIT_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 300.0
LONGEST_HOLD_SECONDS = 60.0


class JobState(StrEnum):
    QUEUED = "queued"
    READING = "reading"
    WAITING = "waiting"  # tried, and to be tried again later
    DONE = "done"
    DONE_WITH_WARNINGS = "done_with_warnings"
    FAILED = "failed"
    GONE = "gone"  # the file was taken away before it was read
    FORGOTTEN = "forgotten"  # the person wants to hear no more of it, or never did


DONE = (JobState.DONE, JobState.DONE_WITH_WARNINGS)


class Original(StrEnum):
    """What became of the source file after its results were written."""

    LEFT = "left"
    TO_MOVE = "to move"
    MOVED = "moved"
    NOT_MOVED = "not moved"


class Hold(StrEnum):
    """How much of the queue an error holds back."""

    NOTHING = "nothing"
    WATCH = "watch"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Failure:
    kind: ErrorKind
    name: str  # the error's class, "" for a bug
    message: str
    hint: str


def in_words(failure: Failure) -> str:
    """Message and hint as running text."""
    return f"{failure.message.rstrip('.')}. {failure.hint}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The reading of one version of one source file."""

    id: int
    version: int  # grows when the file's content changes
    path: Path
    watch: str
    stamp: Stamp
    attempts: int  # this one included
    waits: int  # how often it has been put off without an attempt being counted
    redo: bool  # whether texts that are kept from earlier are to be ignored


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a job goes after an attempt that raised."""

    state: JobState
    not_before: datetime
    failure: Failure
    counts: bool  # whether the attempt is held against the job
    hold: Hold = Hold.NOTHING


@dataclass(frozen=True, slots=True)
class Patience:
    """How long gotwatch keeps trying."""

    attempts: int
    give_up_seconds: float


def judge(error: Exception, *, job: Job, patience: Patience, unchanged_seconds: float, now: datetime) -> Verdict:
    """What becomes of *job* after *error*. *unchanged_seconds*: how long the file has not changed."""
    failure = describe(error)
    # In time longer than any hold: perhaps it is this file alone that meets the error, and the others need not wait.
    after_others = now + min(wait(job.waits + 1), timedelta(seconds=2 * LONGEST_HOLD_SECONDS))
    match error:
        case FatalError() | OutOfMemory():
            return Verdict(JobState.QUEUED, after_others, failure, counts=False, hold=Hold.ALL)
        case DestinationUnavailable():
            return Verdict(JobState.QUEUED, after_others, failure, counts=False, hold=Hold.WATCH)
        case SourceGone():
            return Verdict(JobState.GONE, now, failure, counts=False)
        case Unreadable() if unchanged_seconds < patience.give_up_seconds:
            # Perhaps it is still being written, by a program that pauses longer than the quiet time.
            return Verdict(JobState.WAITING, now + wait(job.waits), failure, counts=False)
        case TransientError() if not error.gives_up:
            return Verdict(JobState.WAITING, now + wait(job.waits), failure, counts=False)
        case TransientError() if job.attempts < patience.attempts:
            return Verdict(JobState.WAITING, now + wait(2 * (job.attempts - 1)), failure, counts=True)
        case _:
            return Verdict(JobState.FAILED, now, failure, counts=True)


def wait(times: int) -> timedelta:
    """5, 10, 20 … seconds, at most five minutes, for something that was put off *times* times before."""
    return timedelta(seconds=min(SHORTEST_WAIT_SECONDS * 2 ** min(times, 10), LONGEST_WAIT_SECONDS))


def describe(error: Exception) -> Failure:
    if isinstance(error, GotwatchError):
        return Failure(error.kind, type(error).__name__, error.message, error.hint)
    # An unforeseen error's own words may hold text of the document; the log's traceback has them.
    return Failure(
        ErrorKind.BUG,
        "",
        marked(f"A bug in gotwatch ({type(error).__name__})"),
        marked("Please report it with the log."),
    )
