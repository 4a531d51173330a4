"""The originals that are moved away once they are read: which still are to be, and where they went."""

import os
from pathlib import Path

from gotwatch.documents import SourceFile
from gotwatch.jobs.database import Database
from gotwatch.jobs.job import Job, Original
from gotwatch.jobs.store import DONE_STATES, job_of, stamp_of


class Moves:
    """Every method may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def left(self, watch: str) -> list[Job]:
        """Done jobs whose originals are still to be moved."""
        rows = self._database.rows(
            f"select * from job where watch = ? and original = ? and state in {DONE_STATES}", (watch, Original.TO_MOVE)
        )
        return [job_of(row) for row in rows]

    def original_of(self, job: Job) -> SourceFile | None:
        """The original of *job*, as it was read, if that is done and it is still to be moved."""
        row = self._database.row(
            f"select * from job where id = ? and version = ? and original = ? and state in {DONE_STATES}",
            (job.id, job.version, Original.TO_MOVE),
        )
        return SourceFile(job.path, job.watch, stamp_of(row), row["digest"]) if row else None

    def moved(self, job: Job, path: Path) -> None:
        """The original lies at *path* now, and its results stay its own: the next file of its old name is another."""
        with self._database.write() as db:
            db.execute("delete from job where path = ? and id <> ?", (os.fsencode(path), job.id))
            db.execute(
                "update job set original = 'moved', path = ?, moved_from = ? where id = ? and version = ?",
                (os.fsencode(path), os.fsencode(job.path), job.id, job.version),
            )

    def not_moved(self, job: Job, warning: str) -> None:
        with self._database.write() as db:
            db.execute(
                "update job set original = 'not moved', state = 'done_with_warnings',"
                f" warnings = json_insert(warnings, '$[#]', ?) where id = ? and version = ? and state in {DONE_STATES}",
                (warning, job.id, job.version),
            )
