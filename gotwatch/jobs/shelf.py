"""What was read and written already: the kept text of pages, and the result files that are ours."""

import os
from pathlib import Path

from gotwatch.documents import Finish, Output, PageText, Reading
from gotwatch.jobs.database import Database, Row


class Shelf:
    """Every method may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_page(self, digest: str, reading: Reading, page: PageText) -> None:
        with self._database.write() as db:
            db.execute(
                "insert or replace into page (digest, reading, number, count, markup, tokens, seconds, confidence,"
                " least_confidence, finish, checkpoint) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    digest,
                    reading.key,
                    page.number,
                    page.count,
                    page.markup,
                    page.tokens,
                    page.seconds,
                    page.confidence,
                    page.least_confidence,
                    page.finish,
                    page.checkpoint,
                ),
            )

    def pages(self, digest: str, reading: Reading) -> dict[int, PageText]:
        """The pages of this content that were read in this way, by number and in that order.

        Where other pages were wanted at another time, one may be there twice: alone, and in one go with others.
        """
        sql = "select * from page where digest = ? and reading = ? order by number"
        return {row["number"]: _page(row) for row in self._database.rows(sql, (digest, reading.key))}

    def drop_pages(self, digest: str, reading: Reading) -> None:
        with self._database.write() as db:
            db.execute("delete from page where digest = ? and reading = ?", (digest, reading.key))

    def wrote(self, job_id: int, path: Path) -> frozenset[str]:
        """Digests of what was written at *path* for this job, or was about to be."""
        rows = self._database.rows(
            "select digest from output where path = ? and job_id = ?", (os.fsencode(path), job_id)
        )
        return frozenset(row["digest"] for row in rows)

    def taken(self, job_id: int, fold: str) -> bool:
        """Whether another job's output has this folded path."""
        return self._database.row("select 1 from output where fold = ? and job_id <> ?", (fold, job_id)) is not None

    def intend(self, job_id: int, output: Output, fold: str) -> bool:
        """Note *output* before it is written; False if its folded path became another job's in the meantime."""
        with self._database.write(durable=True) as db:
            db.execute(
                "insert or ignore into output select :path, :digest, :job, :fold"
                " where not exists (select 1 from output where fold = :fold and job_id <> :job)",
                {"path": os.fsencode(output.path), "digest": output.digest, "job": job_id, "fold": fold},
            )
            ours = "select 1 from output where path = ? and digest = ? and job_id = ?"
            return db.execute(ours, (os.fsencode(output.path), output.digest, job_id)).fetchone() is not None

    def outputs(self, job_id: int) -> tuple[Output, ...]:
        rows = self._database.rows("select path, digest from output where job_id = ? order by path", (job_id,))
        return tuple(Output(Path(os.fsdecode(row["path"])), row["digest"]) for row in rows)


def _page(row: Row) -> PageText:
    return PageText(
        number=row["number"],
        count=row["count"],
        markup=row["markup"],
        tokens=row["tokens"],
        seconds=row["seconds"],
        confidence=row["confidence"],
        least_confidence=row["least_confidence"],
        finish=Finish(row["finish"]),
        checkpoint=row["checkpoint"],
    )
