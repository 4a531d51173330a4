"""The parts of the queue on disk, opened together."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gotwatch.jobs import database
from gotwatch.jobs.entries import Entries
from gotwatch.jobs.marks import Marks
from gotwatch.jobs.moves import Moves
from gotwatch.jobs.shelf import Shelf
from gotwatch.jobs.store import JobStore


@dataclass(frozen=True, slots=True)
class Queue:
    store: JobStore
    entries: Entries
    shelf: Shelf
    marks: Marks
    moves: Moves
    set_aside: Path | None  # where a damaged one went, if there was one

    def close(self) -> None:
        self.store.close()


def open_queue(path: Path, now: datetime) -> Queue:
    """The queue at *path*, made if it is not there. Raises StoreUnusable or DiskFull."""
    opened, set_aside = database.open_or_replace(path, now)
    return Queue(JobStore(opened), Entries(opened), Shelf(opened), Marks(opened), Moves(opened), set_aside)
