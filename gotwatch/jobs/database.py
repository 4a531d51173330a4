"""The SQLite file: opening, migrating, checking, setting a damaged one aside. The only module that knows sqlite3."""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from importlib import resources
from pathlib import Path
from threading import RLock
from typing import Any

from gotwatch.errors import DiskFull, StoreUnusable

log = logging.getLogger(__name__)

Row = sqlite3.Row
Connection = sqlite3.Connection
# Each entry takes the schema from its index to the next version; entry 0 makes version 1.
STEPS: tuple[str, ...] = ("schema.sql", "schema-2.sql")
OLDEST_SQLITE = (3, 37)  # strict tables
SALVAGED_TABLES = ("job", "page", "output", "folder", "setting")


class Database:
    """One connection, used by all threads in turn."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = RLock()
        self._connection = _open(path)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        with self._lock, _mapped(self._path):
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Row | None:
        with self._lock, _mapped(self._path):
            found: Row | None = self._connection.execute(sql, values).fetchone()
            return found

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Connection]:
        """One transaction. *durable*: it is on the disk when the block ends, with all before it."""
        with self._lock, _mapped(self._path):
            self._connection.execute(f"pragma synchronous = {'full' if durable else 'normal'}")
            self._connection.execute("begin immediate")
            try:
                yield self._connection
                self._connection.execute("commit")
            except BaseException:
                if self._connection.in_transaction:  # on a full disk SQLite may have rolled back by itself
                    self._connection.execute("rollback")
                raise


def open_or_replace(path: Path, now: datetime) -> tuple[Database, Path | None]:
    """The database at *path*, and where a damaged one was set aside, if one was.

    What can still be read of a damaged one is taken over, so that results that we wrote stay known as ours.
    """
    damage = damage_of(path)
    if not damage:
        return Database(path), None
    log.error("the queue is damaged: %s", damage)
    aside = _set_aside(path, now)
    database = Database(path)
    _salvage(aside, database)
    return database, aside


def damage_of(path: Path) -> str:
    """What SQLite says of a damaged file; "" for a sound one, or where opening will say what is wrong."""
    if not path.exists():
        return ""
    try:
        with closing(sqlite3.connect(path)) as connection:
            answer = str(connection.execute("pragma quick_check").fetchone()[0])
    except sqlite3.OperationalError:
        return ""
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if answer == "ok" else answer


def _open(path: Path) -> sqlite3.Connection:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StoreUnusable(
            f"SQLite {sqlite3.sqlite_version} is too old; gotwatch needs 3.37 or newer.",
            hint="Use a Python that brings a newer one, such as that of python.org or uv.",
        )
    with _mapped(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("pragma journal_mode = wal")
            # A commit outlives this process at once, and a power cut once a later durable one is made. What a cut can
            # take back is only work that is done again from the files. Two things it must not take back, so they are
            # durable: that a file was claimed, and that a result is ours.
            connection.execute("pragma synchronous = normal")
            connection.execute("pragma foreign_keys = on")
            _migrate(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("pragma user_version").fetchone()[0]
    if version > len(STEPS):
        raise StoreUnusable(
            f"The queue at {path} was made by a newer gotwatch.", hint="Update gotwatch, or choose another --state-dir."
        )
    for step, name in enumerate(STEPS[version:], start=version + 1):
        script = resources.files("gotwatch.jobs").joinpath(name).read_text("utf-8")
        connection.executescript(f"begin immediate;\n{script}\npragma user_version = {step};\ncommit;")


def _set_aside(path: Path, now: datetime) -> Path:
    aside = path.with_name(f"{path.stem}-damaged-{now:%Y%m%d-%H%M%S}{path.suffix}")
    # The file itself goes last: a log that stayed behind would be taken for the new one's.
    for ending in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).replace(aside.with_name(aside.name + ending))
    return aside


def _salvage(damaged: Path, database: Database) -> None:
    try:
        source = sqlite3.connect(f"{damaged.as_uri()}?mode=ro", uri=True)
    except sqlite3.DatabaseError:
        return
    source.row_factory = sqlite3.Row
    try:
        for table in SALVAGED_TABLES:
            log.warning("took over %d rows of %s from the damaged queue", _copy(source, table, database), table)
    finally:
        source.close()


def _copy(source: sqlite3.Connection, table: str, database: Database) -> int:
    copied = 0
    with database.write() as target:
        for row in _readable(source, table):
            columns, places = ", ".join(row.keys()), ", ".join("?" * len(row))
            with suppress(sqlite3.IntegrityError):  # one torn row costs itself
                sql = f"insert or ignore into {table} ({columns}) values ({places})"
                copied += target.execute(sql, tuple(row)).rowcount
    return copied


def _readable(source: sqlite3.Connection, table: str) -> Iterator[Row]:
    """The rows before the damage, and those behind it from the far end."""
    for direction in ("asc", "desc"):
        with suppress(sqlite3.DatabaseError):
            yield from source.execute(f"select * from {table} order by 1 {direction}")


@contextmanager
def _mapped(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as exc:
        if getattr(exc, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise DiskFull(f"No space left for the queue at {path}.", hint="Free some disk space.") from exc
        raise StoreUnusable(f"The queue at {path} cannot be used: {exc}.", hint="See: gotwatch doctor") from exc
