"""The queue on disk: one verb, one statement or transaction."""

import json
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gotwatch.documents import Output, Stamp
from gotwatch.errors import ErrorKind
from gotwatch.jobs.database import Connection, Database, Row
from gotwatch.jobs.job import DONE, Job, JobState, Original, Verdict

OPEN_STATES = "('queued', 'waiting')"
DONE_STATES = f"('{DONE[0]}', '{DONE[1]}')"
MOST_VALUES = 500  # in one statement
HIGHEST_RANK = 2**62  # a file's time in nanoseconds may be anything


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file that settled, on its way into the queue."""

    path: Path
    watch: str
    stamp: Stamp
    priority: int
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """How a job ended well."""

    pages: int
    engine: str
    checkpoint: str
    copied_from: Path | None
    warnings: tuple[str, ...]
    original: Original


CLAIM = (
    "update job set state = 'reading', attempts = attempts + 1, lease_until = :lease, started_at = :now"
    " where id = (select id from job indexed by job_due"
    f"   where state in {OPEN_STATES} and not_before <= :now"
    "   and (lease_until is null or lease_until <= :now)"  # an older version may still be in work
    "   and watch in (select value from json_each(:watches))"
    "   and (digest is null or digest not in"  # its twin is being read; that text will do for it too
    "     (select digest from job where state = 'reading' and digest is not null))"
    "   order by priority desc, rank, path limit 1)"
    " returning *"
)


class JobStore:
    """Every method may be called from any thread. Raises StoreUnusable or DiskFull."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        self._database.close()

    def enqueue(self, files: Iterable[NewFile], now: datetime) -> int:
        """Add files, or new versions of known ones; how many of them were not known already."""
        rows = [_new_row(file, now) for file in files]
        with self._database.write() as db:
            before = db.total_changes
            # A file that did not change may have come under another watch with a new config. Nothing is read again.
            db.executemany(
                "update job set watch = :watch, priority = :priority, rank = :rank"
                " where path = :path and size = :size and mtime_ns = :mtime_ns and watch <> :watch",
                rows,
            )
            db.executemany(
                "insert into job (path, watch, size, mtime_ns, priority, rank, state, not_before)"
                " values (:path, :watch, :size, :mtime_ns, :priority, :rank, 'queued', :now)"
                " on conflict (path) do update set watch = excluded.watch, size = excluded.size,"
                " mtime_ns = excluded.mtime_ns, priority = excluded.priority, rank = excluded.rank,"
                " version = version + 1, digest = null, state = 'queued', attempts = 0, waits = 0,"
                " not_before = excluded.not_before, failure_kind = null, failure_name = null,"
                " failure_message = null, failure_hint = null, warnings = '[]', original = 'left'"
                " where size <> excluded.size or mtime_ns <> excluded.mtime_ns or state = 'gone'",
                rows,
            )
            return db.total_changes - before

    def leave(self, files: Iterable[NewFile], now: datetime) -> None:
        """Know these files without reading them, until they change. Those that are known already stay as they are."""
        rows = [_new_row(file, now) for file in files]
        with self._database.write() as db:
            db.executemany(
                "insert into job (path, watch, size, mtime_ns, priority, rank, state, not_before)"
                " values (:path, :watch, :size, :mtime_ns, :priority, :rank, 'forgotten', :now)"
                " on conflict (path) do nothing",
                rows,
            )

    def finished_stamps(self, paths: Sequence[Path]) -> dict[Path, Stamp]:
        """What those of *paths* that are done looked like when they were read."""
        found: dict[Path, Stamp] = {}
        for begin in range(0, len(paths), MOST_VALUES):
            some = [os.fsencode(path) for path in paths[begin : begin + MOST_VALUES]]
            places = ", ".join("?" * len(some))
            sql = f"select path, size, mtime_ns from job where path in ({places}) and state in {DONE_STATES}"
            found |= {Path(os.fsdecode(row["path"])): stamp_of(row) for row in self._database.rows(sql, some)}
        return found

    def touch(self, path: Path, stamp: Stamp, digest: str) -> bool:
        """Take *stamp* for a finished file whose content is still *digest*; False if it is something else."""
        with self._database.write() as db:
            changed = db.execute(
                f"update job set size = ?, mtime_ns = ? where path = ? and digest = ? and state in {DONE_STATES}",
                (stamp.size, str(stamp.mtime_ns), os.fsencode(path), digest),
            )
            return changed.rowcount == 1

    def stamps(self, watch: str) -> dict[str, Stamp]:
        """What the files of *watch* looked like when they were queued, by path as text (os.fsdecode)."""
        rows = self._database.rows("select path, size, mtime_ns from job where watch = ? and state <> 'gone'", (watch,))
        return {os.fsdecode(row["path"]): stamp_of(row) for row in rows}

    def rank_again(self, watch: str, *, priority: int, rank: str) -> None:
        """Give the waiting files of *watch* a new place. *rank*: oldest, newest or name."""
        age = f"min(max(cast(mtime_ns as integer), {-HIGHEST_RANK}), {HIGHEST_RANK})"
        formula = {"oldest": age, "newest": f"-{age}", "name": "0"}[rank]
        with self._database.write() as db:
            db.execute(
                f"update job set priority = ?, rank = {formula} where watch = ? and state in {OPEN_STATES}",
                (priority, watch),
            )

    def claim(
        self, now: datetime, *, lease_until: datetime, held: Collection[str] = (), watches: Collection[str]
    ) -> Job | None:
        """Take the next due job of *watches*, except the *held* ones, and count the attempt, in one step."""
        wanted = json.dumps([watch for watch in watches if watch not in held])
        with self._database.write(durable=True) as db:
            row = db.execute(CLAIM, {"now": stored(now), "lease": stored(lease_until), "watches": wanted}).fetchone()
        return job_of(row) if row else None

    def renew(self, ids: Iterable[int], lease_until: datetime) -> None:
        """The heartbeat: these jobs are still being worked on."""
        with self._database.write() as db:
            db.executemany(
                "update job set lease_until = ? where id = ?", [(stored(lease_until), job_id) for job_id in ids]
            )

    def identify(self, job: Job, digest: str) -> bool:
        """Note the content of *job*; False if it has a newer version, or its twin is being read just now.

        Twins are files of the same bytes. The one that steps back is not claimed before the other's turn has ended.
        """
        with self._database.write() as db:
            noted = db.execute(
                "update job set digest = ? where id = ? and version = ? and state = 'reading'",
                (digest, job.id, job.version),
            )
            twin = db.execute(
                "select 1 from job where digest = ? and id <> ? and state = 'reading'", (digest, job.id)
            ).fetchone()
            return noted.rowcount == 1 and twin is None

    def is_current(self, job: Job) -> bool:
        """Whether *job* still reads the newest version of its file."""
        row = self._database.row(
            "select 1 from job where id = ? and version = ? and state = 'reading'", (job.id, job.version)
        )
        return row is not None

    def progressed(self, job: Job) -> None:
        """A page more is kept: what ended the earlier attempts is behind us, and is held against the job no more."""
        with self._database.write() as db:
            db.execute("update job set attempts = 1 where id = ? and version = ?", (job.id, job.version))

    def finish(self, job: Job, completed: Completed, outputs: Sequence[Output], now: datetime) -> None:
        """The results are on disk; forget what was only intended."""
        state = JobState.DONE_WITH_WARNINGS if completed.warnings else JobState.DONE
        # A power cut must not leave us with a file that is moved away and not done.
        with self._database.write(durable=completed.original is Original.TO_MOVE) as db:
            db.execute(
                "update job set state = ?, finished_at = ?, pages = ?, engine = ?, checkpoint = ?, copied_from = ?,"
                " warnings = ?, original = ?, redo = 0, attempts = 0, waits = 0, failure_kind = null,"
                " failure_name = null, failure_message = null, failure_hint = null"
                " where id = ? and version = ? and state = 'reading'",
                (
                    state,
                    stored(now),
                    completed.pages,
                    completed.engine,
                    completed.checkpoint,
                    os.fsencode(completed.copied_from) if completed.copied_from else None,
                    json.dumps(completed.warnings),
                    completed.original,
                    job.id,
                    job.version,
                ),
            )
            _leave(db, job)
            written = {(os.fsencode(output.path), output.digest) for output in outputs}
            noted = db.execute("select path, digest from output where job_id = ?", (job.id,)).fetchall()
            db.executemany(
                "delete from output where path = ? and digest = ? and job_id = ?",
                [(*row, job.id) for row in noted if tuple(row) not in written],
            )

    def settle(self, job: Job, verdict: Verdict, now: datetime) -> None:
        """The attempt failed; put the job where *verdict* says."""
        failure = verdict.failure
        with self._database.write() as db:
            db.execute(
                "update job set state = ?, not_before = ?, attempts = max(attempts - ?, 0), waits = waits + ?,"
                " finished_at = ?, failure_kind = ?, failure_name = ?, failure_message = ?, failure_hint = ?"
                " where id = ? and version = ? and state = 'reading'",
                (
                    verdict.state,
                    stored(verdict.not_before),
                    not verdict.counts,
                    verdict.state in (JobState.QUEUED, JobState.WAITING),
                    stored(now),
                    failure.kind,
                    failure.name,
                    failure.message,
                    failure.hint,
                    job.id,
                    job.version,
                ),
            )
            _leave(db, job)

    def put_back(self, job: Job) -> None:
        """The attempt was broken off by us; it does not count."""
        with self._database.write() as db:
            db.execute(
                "update job set state = 'queued', attempts = max(attempts - 1, 0)"
                " where id = ? and version = ? and state = 'reading'",
                (job.id, job.version),
            )
            _leave(db, job)

    def recover(self, attempts: int, now: datetime) -> int:
        """Put back what an earlier run left in work, and give up on what keeps ending it; how many were put back."""
        with self._database.write() as db:
            db.execute("update job set lease_until = null")
            db.execute(
                "update job set state = 'failed', finished_at = ?, failure_kind = ?, failure_name = 'EngineCrashed',"
                " failure_message = 'gotwatch ended each of the ' || attempts || ' times this file was read.',"
                " failure_hint = 'Try it again with: gotwatch retry' where state = 'reading' and attempts >= ?",
                (stored(now), ErrorKind.TRANSIENT, attempts),
            )
            put_back = db.execute("update job set state = 'queued' where state = 'reading'").rowcount
        self.hurry(now)
        return put_back

    def hurry(self, now: datetime) -> None:
        """What waits for a better moment is due now."""
        with self._database.write() as db:
            db.execute(
                f"update job set not_before = :now where state in {OPEN_STATES} and not_before > :now",
                {"now": stored(now)},
            )

    def reclaim(self, now: datetime) -> int:
        """Put back jobs whose lease ran out: their thread ended and could not write how. No fault of the file."""
        with self._database.write() as db:
            return db.execute(
                "update job set state = 'queued', lease_until = null, attempts = max(attempts - 1, 0)"
                " where state = 'reading' and lease_until <= ?",
                (stored(now),),
            ).rowcount

    def redone(self, job: Job) -> None:
        """The kept texts of *job* are dropped; from now on its new ones count."""
        with self._database.write() as db:
            db.execute("update job set redo = 0 where id = ? and version = ?", (job.id, job.version))

    def first_of(self, digest: str, job: Job) -> Path | None:
        """Another file of the same bytes that is done, the earliest."""
        row = self._database.row(
            f"select path from job where digest = ? and id <> ? and state in {DONE_STATES}"
            " and (copied_from is null or copied_from <> ?) order by finished_at limit 1",
            (digest, job.id, os.fsencode(job.path)),
        )
        return Path(os.fsdecode(row["path"])) if row else None

    def next_due(self, now: datetime, watches: Collection[str]) -> datetime | None:
        """When the next of the jobs that are put off may be claimed."""
        row = self._database.row(
            f"select min(not_before) due from job where state in {OPEN_STATES} and not_before > ?"
            " and watch in (select value from json_each(?))",
            (stored(now), json.dumps(list(watches))),
        )
        return datetime.fromisoformat(row["due"]) if row and row["due"] else None

    def has_due(self, now: datetime, watches: Collection[str]) -> bool:
        """Whether anything is queued, or waits and is due."""
        row = self._database.row(
            f"select 1 from job where state in {OPEN_STATES} and (state = 'queued' or not_before <= ?)"
            " and watch in (select value from json_each(?)) limit 1",
            (stored(now), json.dumps(list(watches))),
        )
        return row is not None

    def is_any_reading(self) -> bool:
        return self._database.row("select 1 from job where state = 'reading' limit 1") is not None

    def retry(self, paths: Iterable[Path], now: datetime, *, redo: bool = False) -> int:
        """Queue these files again, from their first attempt; how many there were. *redo*: read all pages anew."""
        with self._database.write() as db:
            return sum(
                db.execute(
                    "update job set state = 'queued', attempts = 0, waits = 0, not_before = ?, redo = max(redo, ?),"
                    " version = version + 1, failure_kind = null, failure_name = null, failure_message = null,"
                    " failure_hint = null"
                    " where path = ? and state <> 'reading'",
                    (stored(now), redo, os.fsencode(path)),
                ).rowcount
                for path in paths
            )

    def forget(self, path: Path, *, still_there: bool) -> bool:
        """Drop *path* and its kept text; False if it is unknown, or being read just now.

        A file that is *still_there* keeps its name in the queue, so that it is not read again as a new one.
        """
        where = "where path = ? and state <> 'reading' and lease_until is null"
        with self._database.write() as db:
            known = db.execute(f"select digest from job {where}", (os.fsencode(path),)).fetchone()
            if known is None:
                return False
            change = "update job set state = 'forgotten', digest = null" if still_there else "delete from job"
            db.execute(f"{change} {where}", (os.fsencode(path),))
            db.execute(
                "delete from page where digest = ?1 and not exists (select 1 from job where digest = ?1)",
                (known["digest"],),
            )
            return True


def job_of(row: Row) -> Job:
    return Job(
        id=row["id"],
        version=row["version"],
        path=Path(os.fsdecode(row["path"])),
        watch=row["watch"],
        stamp=stamp_of(row),
        attempts=row["attempts"],
        waits=row["waits"],
        redo=bool(row["redo"]),
    )


def _new_row(file: NewFile, now: datetime) -> dict[str, bytes | str | int]:
    return {
        "path": os.fsencode(file.path),
        "watch": file.watch,
        "size": file.stamp.size,
        "mtime_ns": str(file.stamp.mtime_ns),
        "priority": file.priority,
        "rank": max(-HIGHEST_RANK, min(file.rank, HIGHEST_RANK)),
        "now": stored(now),
    }


def _leave(db: Connection, job: Job) -> None:
    """Nobody works on this file any more, whatever version of it."""
    db.execute("update job set lease_until = null where id = ?", (job.id,))


def stamp_of(row: Row) -> Stamp:
    return Stamp(row["size"], int(row["mtime_ns"]))


def stored(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
