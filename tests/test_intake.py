"""What a watcher delivers, and what of it becomes work."""

import os
from pathlib import Path

import pytest

from gotwatch.config.settings import Order, Watch
from gotwatch.documents import Stamp, absolute
from gotwatch.inbox import scan
from gotwatch.inbox.identity import Identity
from gotwatch.inbox.rules import Ignored, Rule
from gotwatch.intake import FolderIntake, rank_of
from gotwatch.jobs.job import JobState
from gotwatch.jobs.queue import Queue
from gotwatch.pipeline import digest_of
from tests.queues import NOW, completed, failing, state, try_claim


class Inbox:
    """A real folder with its intake."""

    def __init__(self, folder: Path, queue: Queue) -> None:
        folder.mkdir()
        self.folder = folder
        self.queue = queue
        self.arrivals = 0
        self.watch = Watch(folder=folder, output=folder.parent / "out", priority=7, order=Order.NEWEST)
        self.intake = FolderIntake(self.watch, queue.store, queue.marks, now=lambda: NOW, arrived=self.arrived)

    def arrived(self) -> None:
        self.arrivals += 1

    def deliver(self, path: Path) -> None:
        self.intake.deliver([(path, self.stamp(path))])

    def stamp(self, path: Path) -> Stamp:
        seen = scan.look(path)
        assert seen is not None
        return seen.stamp

    def done(self, content: bytes = b"content") -> Path:
        path = self.folder / "a.png"
        path.write_bytes(content)
        self.deliver(path)
        job = try_claim(self.queue, watches=(self.watch.key,))
        assert job is not None
        self.queue.store.identify(job, digest_of(path, job.stamp))
        self.queue.store.finish(job, completed(), (), NOW)
        return path


@pytest.fixture
def inbox(tmp_path: Path, queue: Queue) -> Inbox:
    return Inbox(tmp_path / "in", queue)


def later(path: Path) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_mtime_ns + 10**9, status.st_mtime_ns + 10**9))


def test_a_new_file_is_queued_and_the_runner_told(inbox: Inbox) -> None:
    path = inbox.folder / "a.png"
    path.write_bytes(b"content")

    inbox.deliver(path)

    assert state(inbox.queue, path) is JobState.QUEUED
    assert inbox.intake.stamps() == {str(path): inbox.stamp(path)}
    assert inbox.arrivals == 1


def test_a_file_that_is_known_tells_nobody(inbox: Inbox) -> None:
    path = inbox.done()

    inbox.deliver(path)

    assert state(inbox.queue, path) is JobState.DONE
    assert inbox.arrivals == 1


def test_a_finished_file_with_a_new_time_and_the_old_content_is_only_touched(inbox: Inbox) -> None:
    path = inbox.done()

    later(path)
    inbox.deliver(path)

    assert state(inbox.queue, path) is JobState.DONE
    assert inbox.intake.stamps() == {str(path): inbox.stamp(path)}
    assert inbox.arrivals == 1


def test_a_finished_file_with_another_content_of_the_same_size_is_read_again(inbox: Inbox) -> None:
    path = inbox.done(b"content")

    path.write_bytes(b"CONTENT")
    later(path)
    inbox.deliver(path)

    assert state(inbox.queue, path) is JobState.QUEUED


def test_a_finished_file_that_is_gone_when_it_is_compared_is_left_to_the_queue(inbox: Inbox) -> None:
    path = inbox.done()
    stamp = inbox.stamp(path)
    path.unlink()

    inbox.intake.deliver([(path, Stamp(stamp.size, stamp.mtime_ns + 1))])

    assert state(inbox.queue, path) is JobState.QUEUED


def test_a_failed_file_that_is_touched_is_tried_again(inbox: Inbox) -> None:
    path = inbox.done()
    inbox.queue.store.retry([path], NOW)
    job = try_claim(inbox.queue, watches=(inbox.watch.key,))
    assert job is not None
    inbox.queue.store.settle(job, failing(JobState.FAILED), NOW)

    later(path)
    inbox.deliver(path)

    assert state(inbox.queue, path) is JobState.QUEUED


@pytest.mark.parametrize(("order", "ranks"), [(Order.OLDEST, [5, 9]), (Order.NEWEST, [-5, -9]), (Order.NAME, [0, 0])])
def test_a_files_rank_follows_the_order_of_its_watch(order: Order, ranks: list[int]) -> None:
    assert [rank_of(order, Stamp(1, mtime_ns)) for mtime_ns in (5, 9)] == ranks


def test_ignored_files_are_kept_with_their_reasons(inbox: Inbox) -> None:
    inbox.intake.ignored({"/in/a.docx": Ignored(Rule.TYPE, "no type")})

    assert inbox.queue.marks.ignored(Path("/in/a.docx")) == "no type"


def test_a_folder_is_known_again(inbox: Inbox) -> None:
    before = inbox.intake.identity()
    seen = Identity(1, 2, "/mnt", "volume")

    inbox.intake.set_identity(seen)

    assert before is None
    assert inbox.intake.identity() == seen


def test_a_path_is_made_absolute_without_following_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    assert absolute(Path("sub/../link/a.png")) == tmp_path / "link" / "a.png"
