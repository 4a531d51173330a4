"""What gotwatch remembers beside the jobs: ignored files, folders as they were, and what a person switched."""

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gotwatch.jobs.database import Database

PAUSED_UNTIL = "paused_until"
FOR_EVER = "for ever"


@dataclass(frozen=True, slots=True)
class Pause:
    """The person wants nothing to be read."""

    until: datetime | None  # None: until they say so


class Marks:
    """Every method may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set_ignored(self, watch: str, ignored: Mapping[str, tuple[str, str]]) -> None:
        """Replace what is known of *watch*'s ignored files. path -> (rule, reason)."""
        known = {
            os.fsdecode(row["path"]): (row["rule"], row["reason"])
            for row in self._database.rows("select path, rule, reason from ignored where watch = ?", (watch,))
        }
        if known == ignored:
            return
        with self._database.write() as db:
            db.executemany(
                "delete from ignored where path = ? and watch = ?",
                [(os.fsencode(path), watch) for path in known.keys() - ignored.keys()],
            )
            db.executemany(
                "insert or replace into ignored (path, watch, rule, reason) values (?, ?, ?, ?)",
                [(os.fsencode(path), watch, *entry) for path, entry in ignored.items() if known.get(path) != entry],
            )

    def count_ignored(self, watches: Collection[str]) -> int:
        row = self._database.row(
            "select count(*) n from ignored where watch in (select value from json_each(?))",
            (json.dumps(list(watches)),),
        )
        assert row is not None  # count(*) always has one
        return int(row["n"])

    def ignored(self, path: Path) -> str | None:
        """Why *path* is ignored, if it is."""
        row = self._database.row("select reason from ignored where path = ?", (os.fsencode(path),))
        return str(row["reason"]) if row else None

    def folder(self, path: Path) -> tuple[int, int, str, str] | None:
        """(device, inode, mount, volume) of *path* when it was last seen."""
        row = self._database.row("select * from folder where path = ?", (str(path),))
        return (int(row["device"]), int(row["inode"]), row["mount"], row["volume"]) if row else None

    def set_folder(self, path: Path, identity: tuple[int, int, str, str]) -> None:
        device, inode, mount, volume = identity
        with self._database.write() as db:
            db.execute(
                "insert or replace into folder values (?, ?, ?, ?, ?)",
                (str(path), str(device), str(inode), mount, volume),
            )

    def forget_folder(self, path: Path) -> bool:
        with self._database.write() as db:
            return db.execute("delete from folder where path = ?", (str(path),)).rowcount == 1

    def pause(self, until: datetime | None) -> None:
        value = until.isoformat() if until else FOR_EVER
        with self._database.write() as db:
            db.execute("insert or replace into setting values (?, ?)", (PAUSED_UNTIL, value))

    def resume(self) -> None:
        with self._database.write() as db:
            db.execute("delete from setting where name = ?", (PAUSED_UNTIL,))

    def paused(self, now: datetime) -> Pause | None:
        """The pause that is on at *now*; a pause with an end ends by itself."""
        row = self._database.row("select value from setting where name = ?", (PAUSED_UNTIL,))
        if row is None:
            return None
        until = None if row["value"] == FOR_EVER else datetime.fromisoformat(row["value"])
        return None if until and until <= now else Pause(until)
