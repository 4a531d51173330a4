"""What tests put into a real queue, and how they take it out again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from gotwatch.documents import Finish, Output, PageText, Prompt, Reading, Stamp
from gotwatch.errors import ErrorKind
from gotwatch.jobs.job import Failure, Job, JobState, Original, Verdict
from gotwatch.jobs.queue import Queue
from gotwatch.jobs.store import Completed, NewFile

NOW = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
SCANS = "/scans"
STAMP = Stamp(100, 1_000)
READING = Reading("echo", "", Prompt())


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def new_file(
    path: str | Path, *, watch: str = SCANS, stamp: Stamp = STAMP, priority: int = 0, rank: int = 0
) -> NewFile:
    return NewFile(path=Path(path), watch=watch, stamp=stamp, priority=priority, rank=rank)


def add(queue: Queue, *paths: str | Path, watch: str = SCANS, stamp: Stamp = STAMP) -> int:
    return queue.store.enqueue([new_file(path, watch=watch, stamp=stamp) for path in paths], NOW)


def claim(queue: Queue, now: datetime = NOW, *, held: tuple[str, ...] = (), watches: tuple[str, ...] = (SCANS,)) -> Job:
    """The next job. Fails where there is none."""
    job = try_claim(queue, now, held=held, watches=watches)
    assert job is not None
    return job


def try_claim(
    queue: Queue, now: datetime = NOW, *, held: tuple[str, ...] = (), watches: tuple[str, ...] = (SCANS,)
) -> Job | None:
    return queue.store.claim(now, lease_until=now + seconds(60), held=held, watches=watches)


def completed(
    *, warnings: tuple[str, ...] = (), copied_from: Path | None = None, original: Original = Original.LEFT
) -> Completed:
    return Completed(
        pages=1,
        engine="echo",
        checkpoint="echo-1",
        copied_from=copied_from,
        warnings=warnings,
        original=original,
    )


def finish(
    queue: Queue, path: str | Path, *, digest: str = "d1", outputs: tuple[Output, ...] = (), now: datetime = NOW
) -> Job:
    """Take *path*, which is the next in the queue, all the way."""
    add(queue, path)
    job = claim(queue)
    assert job.path == Path(path)
    assert queue.store.identify(job, digest)
    queue.store.finish(job, completed(), outputs, now)
    return job


def failing(state: JobState, *, after: float = 0.0, counts: bool = True) -> Verdict:
    failure = Failure(ErrorKind.INPUT, "Unreadable", "It is torn", "Scan it again.")
    return Verdict(state, NOW + seconds(after), failure, counts=counts)


def state(queue: Queue, path: str | Path) -> JobState | None:
    entry = queue.entries.of(Path(path))
    return entry.state if entry else None


def page(number: int, markup: str = "text") -> PageText:
    return PageText(
        number=number,
        markup=markup,
        tokens=4,
        seconds=0.5,
        confidence=0.9,
        finish=Finish.STOP,
        checkpoint="echo-1",
    )


def fill_disk(folder: Path) -> Path:
    """Leave no space on the disk of *folder*; the file that takes it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size_bytes in (65536, 4096):
            try:
                while True:
                    file.write(bytes(size_bytes))
            except OSError:
                continue
    return ballast


def fail(queue: Queue, path: Path) -> Job:
    """Queue *path* and have it fail."""
    add(queue, path)
    job = claim(queue)
    queue.store.settle(job, failing(JobState.FAILED), NOW)
    return job
