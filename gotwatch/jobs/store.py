"""The queue on disk: one verb, one statement or transaction."""

import json
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gotwatch.documents import Output, Stamp
from gotwatch.errors import ErrorKind
from gotwatch.jobs.database import Database, Row
from gotwatch.jobs.job import Failure, Job, JobState, Original, Verdict

OPEN_STATES = "('queued', 'waiting')"
DONE_STATES = "('done', 'done_with_warnings')"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file that settled, on its way into the queue."""

    path: Path
    watch: str
    stamp: Stamp
    priority: int
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """All that the queue knows of one file."""

    job: Job
    state: JobState
    digest: str
    not_before: datetime
    finished_at: datetime | None
    failure: Failure | None
    warnings: tuple[str, ...]
    pages: int
    engine: str
    checkpoint: str
    copied_from: Path | None
    original: Original


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """How a job ended well."""

    pages: int
    engine: str
    checkpoint: str
    copied_from: Path | None
    warnings: tuple[str, ...]
    original: Original


class JobStore:
    """Every method may be called from any thread. Raises StoreUnusable or DiskFull."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        self._database.close()

    def enqueue(self, files: Iterable[NewFile], now: datetime) -> int:
        """Add files, or new versions of known ones; how many of them were not known already."""
        rows = [
            (
                os.fsencode(file.path),
                file.watch,
                file.stamp.size,
                file.stamp.mtime_ns,
                file.priority,
                file.rank,
                _at(now),
            )
            for file in files
        ]
        with self._database.write() as db:
            before = db.total_changes
            db.executemany(
                "insert into job (path, watch, size, mtime_ns, priority, rank, state, not_before)"
                " values (?, ?, ?, ?, ?, ?, 'queued', ?)"
                " on conflict (path) do update set watch = excluded.watch, size = excluded.size,"
                " mtime_ns = excluded.mtime_ns, priority = excluded.priority, rank = excluded.rank,"
                " version = version + 1, digest = null, state = 'queued', attempts = 0, waits = 0,"
                " not_before = excluded.not_before, failure_kind = null, failure_name = null,"
                " failure_message = null, failure_hint = null, warnings = '[]', original = 'left'"
                " where size <> excluded.size or mtime_ns <> excluded.mtime_ns or state = 'gone'",
                rows,
            )
            return db.total_changes - before

    def touch(self, path: Path, stamp: Stamp, digest: str) -> bool:
        """Take *stamp* for a finished file whose content is still *digest*; False if it is something else."""
        with self._database.write() as db:
            changed = db.execute(
                f"update job set size = ?, mtime_ns = ? where path = ? and digest = ? and state in {DONE_STATES}",
                (stamp.size, stamp.mtime_ns, os.fsencode(path), digest),
            )
            return changed.rowcount == 1

    def stamps(self, watch: str) -> dict[str, Stamp]:
        """What the files of *watch* looked like when they were queued, by path as text (os.fsdecode)."""
        rows = self._database.rows("select path, size, mtime_ns from job where watch = ? and state <> 'gone'", (watch,))
        return {os.fsdecode(row["path"]): Stamp(row["size"], row["mtime_ns"]) for row in rows}

    def rank_again(self, watch: str, *, priority: int, rank: str) -> None:
        """Give the waiting files of *watch* a new place. *rank*: oldest, newest or name."""
        formula = {"oldest": "mtime_ns", "newest": "-mtime_ns", "name": "0"}[rank]
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
            row = db.execute(
                "update job set state = 'reading', attempts = attempts + 1, lease_until = :lease, started_at = :now"
                " where id = (select id from job indexed by job_due"
                f"   where state in {OPEN_STATES} and not_before <= :now"
                "   and (lease_until is null or lease_until <= :now)"  # an older version may still be in work
                "   and watch in (select value from json_each(:watches))"
                "   order by priority desc, rank, path limit 1)"
                " returning *",
                {"now": _at(now), "lease": _at(lease_until), "watches": wanted},
            ).fetchone()
        return _job(row) if row else None

    def renew(self, ids: Iterable[int], lease_until: datetime) -> None:
        """The heartbeat: these jobs are still being worked on."""
        with self._database.write() as db:
            db.executemany(
                "update job set lease_until = ? where id = ?", [(_at(lease_until), job_id) for job_id in ids]
            )

    def identify(self, job: Job, digest: str) -> bool:
        """Note the content of *job*; False if the same bytes are being read under another name just now."""
        with self._database.write() as db:
            return (
                db.execute(
                    "update job set digest = :digest where id = :id and version = :version and not exists"
                    " (select 1 from job other"
                    " where other.digest = :digest and other.id <> :id and other.state = 'reading')",
                    {"digest": digest, "id": job.id, "version": job.version},
                ).rowcount
                == 1
            )

    def is_current(self, job: Job) -> bool:
        """Whether *job* still reads the newest version of its file."""
        row = self._database.row("select version, state from job where id = ?", (job.id,))
        return row is not None and row["version"] == job.version and row["state"] == JobState.READING

    def finish(self, job: Job, completed: Completed, outputs: Sequence[Output], now: datetime) -> None:
        """The results are on disk; forget what was only intended."""
        state = JobState.DONE_WITH_WARNINGS if completed.warnings else JobState.DONE
        with self._database.write() as db:
            db.execute(
                "update job set state = ?, finished_at = ?, pages = ?, engine = ?, checkpoint = ?, copied_from = ?,"
                " warnings = ?, original = ?, redo = 0, attempts = 0, waits = 0, failure_kind = null,"
                " failure_name = null, failure_message = null, failure_hint = null where id = ? and version = ?",
                (
                    state,
                    _at(now),
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
            db.execute("update job set lease_until = null where id = ?", (job.id,))
            keep = json.dumps([[os.fsencode(output.path).hex(), output.digest] for output in outputs])
            db.execute(
                "delete from output where job_id = ? and not exists (select 1 from json_each(?) kept"
                " where lower(hex(output.path)) = kept.value ->> 0 and output.digest = kept.value ->> 1)",
                (job.id, keep),
            )

    def settle(self, job: Job, verdict: Verdict, now: datetime) -> None:
        """The attempt failed; put the job where *verdict* says."""
        failure = verdict.failure
        with self._database.write() as db:
            db.execute(
                "update job set state = ?, not_before = ?, attempts = attempts - ?, waits = waits + ?, finished_at = ?,"
                " failure_kind = ?, failure_name = ?, failure_message = ?, failure_hint = ?"
                " where id = ? and version = ?",
                (
                    verdict.state,
                    _at(verdict.not_before),
                    not verdict.counts,
                    verdict.state == JobState.WAITING,
                    _at(now),
                    failure.kind,
                    failure.name,
                    failure.message,
                    failure.hint,
                    job.id,
                    job.version,
                ),
            )
            db.execute("update job set lease_until = null where id = ?", (job.id,))

    def put_back(self, job: Job) -> None:
        """The attempt was broken off by us; it does not count."""
        with self._database.write() as db:
            db.execute(
                "update job set state = 'queued', attempts = max(attempts - 1, 0)"
                " where id = ? and version = ? and state = 'reading'",
                (job.id, job.version),
            )
            db.execute("update job set lease_until = null where id = ?", (job.id,))

    def recover(self, attempts: int, now: datetime) -> int:
        """Put back what an earlier run left in work, and give up on what keeps ending it; how many were put back."""
        with self._database.write() as db:
            db.execute("update job set lease_until = null")
            db.execute(
                "update job set state = 'failed', finished_at = ?, failure_kind = ?, failure_name = 'EngineCrashed',"
                " failure_message = 'gotwatch ended each of the ' || attempts || ' times this file was read.',"
                " failure_hint = 'Try it again with: gotwatch retry' where state = 'reading' and attempts >= ?",
                (_at(now), ErrorKind.TRANSIENT, attempts),
            )
            return db.execute("update job set state = 'queued' where state = 'reading'").rowcount

    def reclaim(self, now: datetime) -> int:
        """Put back jobs whose lease ran out: the thread that had them is gone."""
        with self._database.write() as db:
            return db.execute(
                "update job set state = 'queued', lease_until = null where state = 'reading' and lease_until <= ?",
                (_at(now),),
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

    def entry(self, path: Path) -> Entry | None:
        row = self._database.row("select * from job where path = ?", (os.fsencode(path),))
        return _entry(row) if row else None

    def entry_of(self, job_id: int) -> Entry | None:
        row = self._database.row("select * from job where id = ?", (job_id,))
        return _entry(row) if row else None

    def counts(self) -> dict[str, int]:
        """How many files are in each state, and how many are ignored."""
        rows = self._database.rows(
            "select state, count(*) n from job group by state union all select 'ignored', count(*) from ignored"
        )
        return {state.value: 0 for state in JobState} | {row["state"]: row["n"] for row in rows}

    def recent(self, limit: int) -> list[Entry]:
        """What ended last, newest first."""
        rows = self._database.rows(
            "select * from job where state in ('done', 'done_with_warnings', 'failed')"
            " order by finished_at desc limit ?",
            (limit,),
        )
        return [_entry(row) for row in rows]

    def open_entries(self, limit: int) -> list[Entry]:
        """What comes next, in the order of its turn."""
        rows = self._database.rows(
            f"select * from job where state in {OPEN_STATES} order by priority desc, rank, path limit ?", (limit,)
        )
        return [_entry(row) for row in rows]

    def next_due(self) -> datetime | None:
        """When the next job may be claimed."""
        row = self._database.row(f"select min(not_before) due from job where state in {OPEN_STATES}")
        return datetime.fromisoformat(row["due"]) if row and row["due"] else None

    def has_due(self, now: datetime, watches: Collection[str]) -> bool:
        row = self._database.row(
            f"select 1 from job where state in {OPEN_STATES} and not_before <= ?"
            " and watch in (select value from json_each(?)) limit 1",
            (_at(now), json.dumps(list(watches))),
        )
        return row is not None

    def failed(self) -> list[Path]:
        return [
            Path(os.fsdecode(row["path"]))
            for row in self._database.rows("select path from job where state = 'failed' order by finished_at")
        ]

    def retry(self, paths: Iterable[Path], now: datetime, *, redo: bool = False) -> int:
        """Queue these files again, from their first attempt; how many there were. *redo*: read all pages anew."""
        with self._database.write() as db:
            return sum(
                db.execute(
                    "update job set state = 'queued', attempts = 0, waits = 0, not_before = ?, redo = ?,"
                    " version = version + 1, failure_kind = null, failure_name = null, failure_message = null,"
                    " failure_hint = null"
                    " where path = ? and state <> 'reading'",
                    (_at(now), redo, os.fsencode(path)),
                ).rowcount
                for path in paths
            )

    def forget(self, path: Path, *, still_there: bool) -> bool:
        """Drop *path* and its kept text; False if it is unknown or being read just now.

        A file that is *still_there* keeps its name in the queue, so that it is not read again as a new one.
        """
        with self._database.write() as db:
            where = "where path = ? and state <> 'reading' returning digest"
            before = db.execute("select digest from job where path = ?", (os.fsencode(path),)).fetchone()
            change = "update job set state = 'forgotten', digest = null" if still_there else "delete from job"
            if db.execute(f"{change} {where}", (os.fsencode(path),)).fetchone() is None:
                return False
            db.execute(
                "delete from page where digest = ?1 and not exists (select 1 from job where digest = ?1)",
                (before["digest"],),
            )
            return True

    def unarchived(self, watch: str) -> list[Job]:
        """Done jobs whose originals are still to be moved."""
        rows = self._database.rows("select * from job where watch = ? and original = ?", (watch, Original.TO_MOVE))
        return [_job(row) for row in rows]

    def not_moved(self, job: Job, warning: str) -> None:
        with self._database.write() as db:
            db.execute(
                "update job set original = 'not moved', state = 'done_with_warnings',"
                " warnings = json_insert(warnings, '$[#]', ?) where id = ? and version = ?",
                (warning, job.id, job.version),
            )

    def moved(self, job: Job, path: Path) -> None:
        """The original lies at *path* now, and its results stay its own: the next file of its old name is another."""
        with self._database.write() as db:
            db.execute("delete from job where path = ?", (os.fsencode(path),))
            db.execute(
                "update job set original = 'moved', path = ? where id = ? and version = ?",
                (os.fsencode(path), job.id, job.version),
            )


def _job(row: Row) -> Job:
    return Job(
        id=row["id"],
        version=row["version"],
        path=Path(os.fsdecode(row["path"])),
        watch=row["watch"],
        stamp=Stamp(row["size"], row["mtime_ns"]),
        attempts=row["attempts"],
        waits=row["waits"],
        redo=bool(row["redo"]),
    )


def _entry(row: Row) -> Entry:
    failure = None
    if row["failure_kind"]:
        kind = ErrorKind(row["failure_kind"])
        failure = Failure(kind, row["failure_name"], row["failure_message"], row["failure_hint"])
    return Entry(
        job=_job(row),
        state=JobState(row["state"]),
        digest=row["digest"] or "",
        not_before=datetime.fromisoformat(row["not_before"]),
        finished_at=datetime.fromisoformat(row["finished_at"]) if row["finished_at"] else None,
        failure=failure,
        warnings=tuple(json.loads(row["warnings"])),
        pages=row["pages"] or 0,
        engine=row["engine"] or "",
        checkpoint=row["checkpoint"] or "",
        copied_from=Path(os.fsdecode(row["copied_from"])) if row["copied_from"] else None,
        original=Original(row["original"]),
    )


def _at(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
