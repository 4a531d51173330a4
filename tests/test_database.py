"""The SQLite file: new, old, newer, damaged, full, and used by many threads."""

import re
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import resources
from pathlib import Path

import pytest

from gotwatch.documents import Output, Prompt, Reading
from gotwatch.errors import DiskFull, StoreUnusable
from gotwatch.jobs.database import STEPS, Database, damage_of
from gotwatch.jobs.job import JobState
from gotwatch.jobs.marks import Pause
from gotwatch.jobs.queue import Queue, open_queue
from tests.queues import NOW, READING, SCANS, add, claim, fill_disk, finish, page, state, try_claim

VERSION_1 = Path(__file__).with_name("queue-version-1.sql")
PAGE_BYTES = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "queue.sqlite3"


@pytest.fixture(autouse=True)
def folder(path: Path) -> None:
    path.parent.mkdir()


def version_of(path: Path) -> int:
    connection = sqlite3.connect(path)
    version: int = connection.execute("pragma user_version").fetchone()[0]
    connection.close()
    return version


def run_sql(path: Path, script: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()


def test_a_new_file_has_the_newest_version(path: Path) -> None:
    Database(path).close()

    assert version_of(path) == len(STEPS)


def test_what_was_written_is_there_when_it_is_opened_again(path: Path) -> None:
    first = open_queue(path, NOW)
    add(first, "/scans/a.png")
    first.close()

    second = open_queue(path, NOW)

    assert claim(second).path == Path("/scans/a.png")
    assert second.set_aside is None
    second.close()


def test_a_version_1_file_is_taken_over_with_all_that_is_in_it(path: Path) -> None:
    run_sql(path, VERSION_1.read_text("utf-8"))

    queue = open_queue(path, NOW)

    assert version_of(path) == len(STEPS)
    assert claim(queue).path == Path("/scans/queued.png")
    assert state(queue, "/scans/done.png") is JobState.DONE
    assert queue.entries.failed([SCANS]) == [Path("/scans/failed.png")]
    assert queue.shelf.outputs(1) == (Output(Path("/out/done.png.txt"), "o1"),)
    kept = queue.shelf.pages("d1", Reading("paddle", "", Prompt()))[1]
    assert (kept.markup, kept.count, kept.least_confidence) == ("Dear Sir", 1, None)
    assert queue.marks.folder(Path("/scans")) == (42, 7, "/", "")
    assert queue.marks.ignored(Path("/scans/notes.docx")) is not None
    assert queue.marks.paused(NOW) == Pause(None)
    queue.close()


def test_the_picture_of_version_1_is_what_its_schema_makes(path: Path) -> None:
    run_sql(path, VERSION_1.read_text("utf-8"))
    schema = path.with_name("schema.sqlite3")
    run_sql(schema, resources.files("gotwatch.jobs").joinpath(STEPS[0]).read_text("utf-8"))

    kept, made = (sqlite3.connect(each) for each in (path, schema))

    columns = "select m.name, c.name, c.type, c.pk from sqlite_schema m, pragma_table_info(m.name) c order by 1, 2"
    assert kept.execute(columns).fetchall() == made.execute(columns).fetchall()
    kept.close()
    made.close()


def test_a_newer_file_is_refused_and_left_as_it_is(path: Path) -> None:
    Database(path).close()
    run_sql(path, "pragma user_version = 99")

    with pytest.raises(StoreUnusable, match="newer gotwatch") as caught:
        open_queue(path, NOW)

    assert "Update" in caught.value.hint
    assert version_of(path) == 99


def test_a_folder_in_the_place_of_the_file_is_refused(path: Path) -> None:
    path.mkdir()

    with pytest.raises(StoreUnusable, match="cannot be used"):
        open_queue(path, NOW)


def test_an_error_takes_back_all_of_its_transaction(path: Path) -> None:
    database = Database(path)

    with suppress(ZeroDivisionError), database.write() as db:
        db.execute("insert into setting values ('a', 'b')")
        raise ZeroDivisionError

    assert database.rows("select * from setting") == []
    database.close()


def test_after_an_error_the_next_transaction_works(path: Path) -> None:
    database = Database(path)
    with pytest.raises(StoreUnusable), database.write() as db:
        db.execute("insert into nothing values (1)")

    with database.write() as db:
        db.execute("insert into setting values ('a', 'b')")

    assert len(database.rows("select * from setting")) == 1
    database.close()


def test_a_closed_database_says_so_in_its_own_error(path: Path) -> None:
    database = Database(path)
    database.close()

    with pytest.raises(StoreUnusable):
        database.rows("select 1")


def test_a_sound_file_is_not_set_aside(path: Path) -> None:
    Database(path).close()

    assert damage_of(path) == ""


def test_a_missing_file_is_no_damage(path: Path) -> None:
    assert damage_of(path) == ""


def test_what_is_no_database_is_set_aside_and_a_new_one_begun(path: Path) -> None:
    path.write_bytes(b"not a database at all " * 500)

    queue = open_queue(path, NOW)

    assert queue.set_aside == path.with_name("queue-damaged-20250601-120000.sqlite3")
    assert queue.set_aside.read_bytes().startswith(b"not a database")
    assert add(queue, "/scans/a.png") == 1
    queue.close()


def damaged(path: Path) -> None:
    """A queue of many files whose list has a hole in the middle."""
    queue = open_queue(path, NOW)
    done = finish(queue, "/scans/0.png", outputs=())
    queue.shelf.intend(done.id, Output(Path("/out/0.png.txt"), "o1"), "/out/0.png.txt")
    queue.marks.pause(None)
    add(queue, *(f"/scans/{number}.png" for number in range(1, 2000)))
    queue.close()
    content = bytearray(path.read_bytes())
    places = [found.start() for found in re.finditer(b"/scans/1000.png", content)]
    for place in places:
        start = place // PAGE_BYTES * PAGE_BYTES
        content[start : start + PAGE_BYTES] = b"\xa5" * PAGE_BYTES
    path.write_bytes(content)


def test_what_can_be_read_of_a_damaged_file_is_taken_over(path: Path) -> None:
    damaged(path)

    queue = open_queue(path, NOW)

    assert queue.set_aside is not None
    assert queue.set_aside.exists()
    assert state(queue, "/scans/0.png") is JobState.DONE
    assert queue.shelf.outputs(1) == (Output(Path("/out/0.png.txt"), "o1"),)
    assert queue.marks.paused(NOW) == Pause(None)
    assert state(queue, "/scans/500.png") is JobState.QUEUED
    assert state(queue, "/scans/1000.png") is None
    queue.close()


def test_what_lies_behind_the_damage_is_taken_over_too(path: Path) -> None:
    damaged(path)

    queue = open_queue(path, NOW)

    assert state(queue, "/scans/1999.png") is JobState.QUEUED
    queue.close()


def test_a_queue_that_was_taken_over_is_sound(path: Path) -> None:
    damaged(path)

    open_queue(path, NOW).close()

    assert damage_of(path) == ""


def test_a_full_disk_is_told_as_such_and_the_queue_goes_on_when_there_is_room(small_disk: Path) -> None:
    # SQLite had rolled back by itself; our own rollback then failed, and its error hid the cause.
    queue = open_queue(small_disk / "queue.sqlite3", NOW)
    ballast = fill_disk(small_disk)

    with pytest.raises(DiskFull, match="No space left"):
        add(queue, *(f"/scans/{number:05}.png" for number in range(20_000)))
    ballast.unlink()

    assert add(queue, "/scans/a.png") == 1
    assert claim(queue).path == Path("/scans/a.png")
    queue.close()


def test_a_full_disk_at_the_start_is_told_as_such(small_disk: Path) -> None:
    fill_disk(small_disk)

    with pytest.raises((DiskFull, StoreUnusable)):
        open_queue(small_disk / "queue.sqlite3", NOW)


def test_what_was_written_outlives_a_killed_process(path: Path) -> None:
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from gotwatch.jobs.queue import open_queue\n"
        "from tests import queues\n"
        "queue = open_queue(Path(sys.argv[1]), queues.NOW)\n"
        "queues.add(queue, '/scans/a.png')\n"
        "queue.shelf.save_page('d1', queues.READING, queues.page(1))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], cwd=VERSION_1.parent.parent, check=False)

    queue = open_queue(path, NOW)

    assert queue.set_aside is None
    assert state(queue, "/scans/a.png") is JobState.QUEUED
    assert queue.shelf.pages("d1", READING) == {1: page(1)}
    queue.close()


def test_many_threads_may_use_it_at_once(queue: Queue) -> None:
    def work(worker: int) -> int:
        for number in range(20):
            add(queue, f"/scans/{worker}-{number}.png")
            queue.shelf.save_page(f"d{worker}", READING, page(number + 1))
            queue.entries.counts([SCANS])
        return sum(try_claim(queue) is not None for _ in range(20))

    with ThreadPoolExecutor(4) as pool:
        claimed = sum(pool.map(work, range(4)))

    assert claimed == 80
    assert queue.entries.counts([SCANS])[JobState.READING] == 80
