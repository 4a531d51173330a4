"""What the queue tells people of its files. Reads only."""

import json
import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gotwatch.errors import ErrorKind
from gotwatch.jobs.database import Database, Row
from gotwatch.jobs.job import Failure, Job, JobState, Original
from gotwatch.jobs.store import OPEN_STATES, job_of

OF_THESE = "watch in (select value from json_each(?))"


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
    moved_from: Path | None


class Entries:
    """Every method may be called from any thread. *watches*: only the files of these watched folders."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, path: Path) -> Entry | None:
        """The file at *path*, or else the one that was last moved away from there."""
        here = self._database.row("select * from job where path = ?", (os.fsencode(path),))
        row = here or self._database.row(
            "select * from job where moved_from = ? order by finished_at desc limit 1", (os.fsencode(path),)
        )
        return _entry(row) if row else None

    def of_job(self, job_id: int) -> Entry | None:
        row = self._database.row("select * from job where id = ?", (job_id,))
        return _entry(row) if row else None

    def counts(self, watches: Collection[str]) -> dict[JobState, int]:
        """How many files are in each state."""
        rows = self._database.rows(
            f"select state, count(*) n from job where {OF_THESE} group by state", (_listed(watches),)
        )
        return dict.fromkeys(JobState, 0) | {JobState(row["state"]): row["n"] for row in rows}

    def recent(self, watches: Collection[str], limit: int) -> list[Entry]:
        """What ended last, newest first."""
        return self._ended("('done', 'done_with_warnings', 'failed')", watches, limit)

    def failures(self, watches: Collection[str], limit: int) -> list[Entry]:
        """What failed last, newest first."""
        return self._ended("('failed')", watches, limit)

    def next_up(self, watches: Collection[str], limit: int) -> list[Entry]:
        """What comes next, in the order of its turn."""
        rows = self._database.rows(
            f"select * from job where state in {OPEN_STATES} and {OF_THESE} order by priority desc, rank, path limit ?",
            (_listed(watches), limit),
        )
        return [_entry(row) for row in rows]

    def _ended(self, states: str, watches: Collection[str], limit: int) -> list[Entry]:
        rows = self._database.rows(
            f"select * from job where state in {states} and {OF_THESE} order by finished_at desc limit ?",
            (_listed(watches), limit),
        )
        return [_entry(row) for row in rows]

    def failed(self, watches: Collection[str]) -> list[Path]:
        rows = self._database.rows(
            f"select path from job where state = 'failed' and {OF_THESE} order by finished_at", (_listed(watches),)
        )
        return [Path(os.fsdecode(row["path"])) for row in rows]


def _entry(row: Row) -> Entry:
    return Entry(
        job=job_of(row),
        state=JobState(row["state"]),
        digest=row["digest"] or "",
        not_before=datetime.fromisoformat(row["not_before"]),
        finished_at=datetime.fromisoformat(row["finished_at"]) if row["finished_at"] else None,
        failure=_failure(row),
        warnings=tuple(json.loads(row["warnings"])),
        pages=row["pages"] or 0,
        engine=row["engine"] or "",
        checkpoint=row["checkpoint"] or "",
        copied_from=_path(row["copied_from"]),
        original=Original(row["original"]),
        moved_from=_path(row["moved_from"]),
    )


def _failure(row: Row) -> Failure | None:
    if not row["failure_kind"]:
        return None
    return Failure(ErrorKind(row["failure_kind"]), row["failure_name"], row["failure_message"], row["failure_hint"])


def _path(column: bytes | None) -> Path | None:
    return Path(os.fsdecode(column)) if column else None


def _listed(watches: Collection[str]) -> str:
    return json.dumps(list(watches))
