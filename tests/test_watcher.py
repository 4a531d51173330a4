"""The watcher over a real folder, with the system's real events."""

import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from gotwatch.documents import Stamp
from gotwatch.errors import StoreUnusable
from gotwatch.inbox import scan
from gotwatch.inbox.folder import Detection, FolderState, Pace, WatchedFolder
from gotwatch.inbox.identity import Identity
from gotwatch.inbox.rules import Ignored, Rule, Rules
from gotwatch.inbox.watcher import DELIVERY, Watcher
from tests.folders import Mounts, as_nobody, make_files, open_to_all

Eventually = Callable[..., None]

QUICK = Pace(root_check_seconds=0.05, shortest_poll_seconds=0.1, late_seconds=0.3, retry_seconds=0.1)
QUIET_SECONDS = 0.2
NEVER_SECONDS = 3600.0


class Tray:
    """An Intake that keeps what it is given, and remembers it as the queue does."""

    def __init__(self) -> None:
        self.delivered: list[tuple[Path, Stamp]] = []
        self.last_ignored: Mapping[str, Ignored] = {}
        self.known_identity: Identity | None = None
        self.is_full = False
        self.left: list[tuple[Path, Stamp]] = []
        self.looks = 0  # through the whole folder

    def deliver(self, files: Sequence[tuple[Path, Stamp]]) -> None:
        if self.is_full:
            raise StoreUnusable("the tray is full")
        self.delivered += files

    def stamps(self) -> Mapping[str, Stamp]:
        return {str(path): stamp for path, stamp in [*self.left, *self.delivered]}

    def leave(self, files: Sequence[tuple[Path, Stamp]]) -> None:
        self.left += files

    def ignored(self, files: Mapping[str, Ignored]) -> None:
        self.last_ignored = files
        self.looks += 1

    def identity(self) -> Identity | None:
        return self.known_identity

    def set_identity(self, identity: Identity) -> None:
        self.known_identity = identity

    def paths(self) -> list[Path]:
        return [path for path, _ in self.delivered]


def watched_folder(folder: Path, *, patterns: Sequence[str] = (), **settings: Any) -> WatchedFolder:
    defaults: dict[str, Any] = {
        "folder": folder,
        "recursive": True,
        "rules": Rules(patterns),
        "quiet_seconds": QUIET_SECONDS,
        "rescan_seconds": NEVER_SECONDS,  # so that events alone must do, where a test does not say otherwise
        "detection": None,
        "leave_out": (),
    }
    return WatchedFolder(**(defaults | settings))


@contextmanager
def watching(
    folder: Path,
    tray: Tray,
    *,
    pace: Pace = QUICK,
    on_change: Callable[[], None] = lambda: None,
    wall_clock: Callable[[], float] = time.time,
    **settings: Any,
) -> Iterator[Watcher]:
    watcher = Watcher(watched_folder(folder, **settings), tray, on_change, pace, wall_clock=wall_clock)
    thread = Thread(target=watcher.run, daemon=True)
    thread.start()
    try:
        assert watcher.wait_for_first_scan(20)
        yield watcher
    finally:
        watcher.stop()
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    return folder


@pytest.fixture
def tray() -> Tray:
    return Tray()


@pytest.fixture
def mounts() -> Iterator[Mounts]:
    with Mounts() as mounts:
        yield mounts


def test_files_that_were_there_before_are_delivered(root: Path, tray: Tray, eventually: Eventually) -> None:
    make_files(root, "a.png", "one/two/b.pdf")

    with watching(root, tray):
        eventually(lambda: len(tray.delivered) == 2)

    assert set(tray.paths()) == {root / "a.png", root / "one/two/b.pdf"}
    assert dict(tray.delivered)[root / "a.png"] == Stamp(1, (root / "a.png").stat().st_mtime_ns)


def test_what_was_there_before_can_be_left_alone_until_it_changes(
    root: Path, tray: Tray, eventually: Eventually
) -> None:
    make_files(root, "a.png", "one/b.pdf")

    with watching(root, tray, leave_existing=True):
        make_files(root, "new.png")
        eventually(lambda: tray.delivered)
        (root / "a.png").write_bytes(b"changed")
        eventually(lambda: len(tray.delivered) == 2)

    assert sorted(path for path, _ in tray.left) == [root / "a.png", root / "one/b.pdf"]
    assert tray.paths() == [root / "new.png", root / "a.png"]


def test_only_the_first_sight_of_a_folder_leaves_anything_alone(root: Path, tray: Tray, eventually: Eventually) -> None:
    with watching(root, tray, leave_existing=True):
        pass
    make_files(root, "came while it was off.png")

    with watching(root, tray, leave_existing=True):
        eventually(lambda: tray.delivered)

    assert tray.left == []


def test_files_that_the_queue_knows_are_not_delivered_again(root: Path, tray: Tray, eventually: Eventually) -> None:
    make_files(root, "old.png")
    tray.delivered = [(root / "old.png", scan.look(root / "old.png").stamp)]  # type: ignore[union-attr]  # it is there
    make_files(root, "new.png")

    with watching(root, tray):
        eventually(lambda: root / "new.png" in tray.paths())

    assert tray.paths() == [root / "old.png", root / "new.png"]


def test_a_dropped_file_is_noticed_by_an_event(root: Path, tray: Tray, eventually: Eventually) -> None:
    with watching(root, tray) as watcher:
        make_files(root, "a.png")
        eventually(lambda: tray.delivered)

        assert watcher.status().detection is Detection.EVENTS

    assert tray.paths() == [root / "a.png"]


def test_a_slow_copy_is_delivered_once_and_whole(root: Path, tray: Tray, eventually: Eventually) -> None:
    with watching(root, tray, quiet_seconds=1.0):
        with (root / "scan.pdf").open("wb") as file:
            for _ in range(15):
                file.write(b"x" * 1000)
                file.flush()
                time.sleep(0.1)  # the pace of the copy, longer in all than the quiet time
            assert tray.delivered == []
        eventually(lambda: tray.delivered)

    assert [stamp.size for _, stamp in tray.delivered] == [15_000]


def test_a_file_that_grows_after_it_was_delivered_is_delivered_again(
    root: Path, tray: Tray, eventually: Eventually
) -> None:
    with watching(root, tray):
        make_files(root, "scan.pdf")
        eventually(lambda: tray.delivered)
        with (root / "scan.pdf").open("ab") as file:
            file.write(b"one more page")
        eventually(lambda: len(tray.delivered) == 2)

    assert [stamp.size for _, stamp in tray.delivered] == [1, 14]


def test_a_file_counts_under_its_final_name_only(root: Path, tray: Tray, eventually: Eventually) -> None:
    with watching(root, tray, quiet_seconds=0.0):
        make_files(root, "x.png.part", "y.pdf.crdownload", ".~z.pdf")
        (root / "x.png.part").rename(root / "x.png")
        eventually(lambda: tray.delivered)
        (root / "y.pdf.crdownload").rename(root / "y.pdf")
        eventually(lambda: len(tray.delivered) == 2)

    assert tray.paths() == [root / "x.png", root / "y.pdf"]


def test_files_moved_and_linked_in_are_noticed(root: Path, tmp_path: Path, tray: Tray, eventually: Eventually) -> None:
    make_files(tmp_path, "outside/moved.png", "outside/linked.png")

    with watching(root, tray):
        (tmp_path / "outside/moved.png").rename(root / "moved.png")
        (root / "linked.png").hardlink_to(tmp_path / "outside/linked.png")
        eventually(lambda: len(tray.delivered) == 2)

    assert set(tray.paths()) == {root / "moved.png", root / "linked.png"}


def test_a_tree_that_is_moved_in_is_read_whole(root: Path, tmp_path: Path, tray: Tray, eventually: Eventually) -> None:
    names = ["a.png", "one/b.png", "one/two/c.png", "one/two/three/d.png", "one/.hidden/e.png"]
    make_files(tmp_path / "outside", *names)

    with watching(root, tray):
        (tmp_path / "outside").rename(root / "tree")
        eventually(lambda: len(tray.delivered) == 4)
        make_files(root, "tree/one/two/three/late.png")
        eventually(lambda: len(tray.delivered) == 5)

    assert set(tray.paths()) == {root / "tree" / name for name in [*names[:4], "one/two/three/late.png"]}


def test_files_in_folders_made_a_moment_before_are_noticed(root: Path, tray: Tray, eventually: Eventually) -> None:
    expected = {root / f"{number}/b/c/d/x.png" for number in range(20)}

    with watching(root, tray):
        for path in expected:
            path.parent.mkdir(parents=True)
            path.write_bytes(b"x")
        eventually(lambda: len(tray.delivered) >= 20)

    assert set(tray.paths()) == expected


def test_a_folder_renamed_in_place_is_read_under_its_new_name(root: Path, tray: Tray, eventually: Eventually) -> None:
    make_files(root, "draft/a.png")

    with watching(root, tray, patterns=["draft/"]):
        (root / "draft").rename(root / "final")
        eventually(lambda: tray.delivered)

    assert tray.paths() == [root / "final/a.png"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # it is what must be survived
def test_a_folder_moved_out_and_made_anew_does_not_deafen(
    root: Path, tmp_path: Path, tray: Tray, eventually: Eventually
) -> None:
    """watchdog 7.1 takes both folders for one, and when they go its reading thread dies unnoticed."""
    (root / "2024").mkdir()

    with watching(root, tray):
        for number in range(3):
            (root / "2024").rename(tmp_path / f"outside {number}")
            make_files(root, f"2024/{number}.png")
            eventually(lambda number=number: len(tray.delivered) == 2 * number + 1)
            shutil.rmtree(root / "2024")
            shutil.rmtree(tmp_path / f"outside {number}")
            make_files(root, f"2024/again {number}.png")
            eventually(lambda number=number: len(tray.delivered) == 2 * number + 2)

    assert len(set(tray.paths())) == 6


def test_left_out_places_raise_no_deliveries(root: Path, tray: Tray, eventually: Eventually) -> None:
    make_files(root, "theirs/x.png")

    with watching(root, tray, patterns=["drafts/", "*.tif"], leave_out=(root / "theirs",)):
        make_files(root, "drafts/deep/a.png", "b.tif", "theirs/new/c.png", ".hidden/d.png", "e.txt")
        make_files(root, "last.png")
        eventually(lambda: tray.delivered)

    assert tray.paths() == [root / "last.png"]


def test_without_recursion_subfolders_stay_unread(root: Path, tray: Tray, eventually: Eventually) -> None:
    make_files(root, "before/a.png")

    with watching(root, tray, recursive=False):
        make_files(root, "after/b.png", "before/c.png")
        make_files(root, "last.png")
        eventually(lambda: tray.delivered)

    assert tray.paths() == [root / "last.png"]


def test_pipes_and_links_named_like_documents_neither_block_nor_count(
    root: Path, tmp_path: Path, tray: Tray, eventually: Eventually
) -> None:
    make_files(tmp_path, "outside/x.png")

    with watching(root, tray) as watcher:
        os.mkfifo(root / "pipe.pdf")
        (root / "link.png").symlink_to(tmp_path / "outside/x.png")
        (root / "loop").symlink_to(root)
        make_files(root, "real.png")
        eventually(lambda: tray.delivered)
        watcher.rescan()
        eventually(lambda: len(tray.last_ignored) == 3)

    assert tray.paths() == [root / "real.png"]
    assert tray.last_ignored[str(root / "pipe.pdf")].rule is Rule.SPECIAL


def test_a_root_that_is_a_link_is_watched(root: Path, tmp_path: Path, tray: Tray, eventually: Eventually) -> None:
    """inotify, told not to follow links, watched the link itself and heard nothing."""
    link = tmp_path / "link"
    link.symlink_to(root)

    with watching(link, tray):
        make_files(root, "a.png", "sub/b.png")
        eventually(lambda: len(tray.delivered) == 2)

    assert set(tray.paths()) == {link / "a.png", link / "sub/b.png"}


def test_names_that_are_no_text_are_delivered(root: Path, tray: Tray, eventually: Eventually) -> None:
    if sys.platform != "linux":
        pytest.skip("names are text here")
    odd = root / os.fsdecode(b"\xff.png")

    with watching(root, tray):
        odd.write_bytes(b"x")
        eventually(lambda: tray.delivered)

    assert tray.paths() == [odd]


def test_polling_finds_what_no_event_tells(root: Path, tray: Tray, eventually: Eventually) -> None:
    with watching(root, tray, detection=Detection.POLL) as watcher:
        make_files(root, "one/two/a.png")
        eventually(lambda: tray.delivered)

        assert watcher.status().detection is Detection.POLL

    assert tray.paths() == [root / "one/two/a.png"]


def test_a_poll_is_never_rarer_than_the_rescan(root: Path, tray: Tray, eventually: Eventually) -> None:
    lazy = Pace(root_check_seconds=NEVER_SECONDS, shortest_poll_seconds=NEVER_SECONDS)

    with watching(root, tray, pace=lazy, detection=Detection.POLL, rescan_seconds=0.2):
        make_files(root, "a.png")
        eventually(lambda: tray.delivered)


def test_where_events_turn_out_not_to_arrive_the_folder_is_polled(
    root: Path, tray: Tray, mounts: Mounts, eventually: Eventually
) -> None:
    (root / "stick").mkdir()

    with watching(root, tray, rescan_seconds=1.0) as watcher:
        mounts.new_volume(root / "stick")  # of which the system tells nothing
        make_files(root, "stick/a.png")
        eventually(lambda: tray.delivered)
        make_files(root, "stick/b.png")
        eventually(lambda: watcher.status().detection is Detection.POLL)
        status = watcher.status()
        make_files(root, "stick/c.png")
        eventually(lambda: len(tray.delivered) == 3)

    assert status.why == "the system did not tell of all changes"


def test_events_that_were_asked_for_are_kept(root: Path, tray: Tray, mounts: Mounts, eventually: Eventually) -> None:
    (root / "stick").mkdir()

    with watching(root, tray, rescan_seconds=1.0, detection=Detection.EVENTS) as watcher:
        mounts.new_volume(root / "stick")
        make_files(root, "stick/a.png")
        eventually(lambda: tray.delivered)

        assert watcher.status().detection is Detection.EVENTS


def test_after_dropped_events_the_folder_is_looked_through_once_and_it_is_said_once(
    root: Path, tray: Tray, mounts: Mounts, eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    (root / "stick").mkdir()

    with watching(root, tray):
        mounts.new_volume(root / "stick")  # of which the system tells nothing
        make_files(root, "stick/lost.png")
        looks = tray.looks
        caplog.clear()
        logging.getLogger("watchdog.observers.inotify_c").warning(
            "Inotify queue overflowed; filesystem events were lost"
        )
        eventually(lambda: tray.delivered)

    assert tray.paths() == [root / "stick/lost.png"]
    assert tray.looks == looks + 1
    assert [record.getMessage() for record in caplog.records if record.name.startswith("gotwatch")] == [
        f"{root}: the system dropped events; looking through the folder"
    ]


def test_a_burst_is_doubted_where_events_are_dropped_in_silence(root: Path, tray: Tray, eventually: Eventually) -> None:
    silent = replace(QUICK, doubted_burst=5, calm_seconds=0.1)

    with watching(root, tray, pace=silent):
        looks = tray.looks
        make_files(root, "one.png")
        eventually(lambda: tray.delivered)
        looks_after_one = tray.looks
        make_files(root, *(f"{number}.png" for number in range(200)))
        eventually(lambda: len(tray.delivered) == 201 and tray.looks > looks)

    assert looks_after_one == looks


def test_after_sleep_the_folder_is_looked_through(root: Path, tray: Tray, eventually: Eventually) -> None:
    slept = Event()

    with watching(root, tray, wall_clock=lambda: time.time() + 3600.0 * slept.is_set()):
        looks = tray.looks
        slept.set()
        eventually(lambda: tray.looks > looks)
        Event().wait(5 * QUICK.root_check_seconds)

        assert tray.looks == looks + 1


def test_files_that_are_online_only_are_counted(root: Path, tray: Tray, eventually: Eventually) -> None:
    make_files(root, "a.png", ".b.pdf.icloud", "c.pdf.nextcloud")

    with watching(root, tray) as watcher:
        eventually(lambda: watcher.status().online_only == 2 and tray.delivered)

    assert tray.paths() == [root / "a.png"]


def test_a_root_deleted_and_made_again_is_watched_again(root: Path, tray: Tray, eventually: Eventually) -> None:
    with watching(root, tray) as watcher:
        make_files(root, "before.png")
        eventually(lambda: tray.delivered)
        shutil.rmtree(root)
        eventually(lambda: watcher.status().state is FolderState.MISSING)
        make_files(root, "caught up.png")
        eventually(lambda: len(tray.delivered) == 2)
        make_files(root, "heard.png")
        eventually(lambda: len(tray.delivered) == 3)

        assert watcher.status().state is FolderState.WATCHING

    assert tray.paths() == [root / name for name in ("before.png", "caught up.png", "heard.png")]


def test_the_death_of_the_root_is_heard_of(root: Path, tray: Tray, eventually: Eventually) -> None:
    with watching(root, tray, pace=Pace(root_check_seconds=NEVER_SECONDS)) as watcher:
        root.rmdir()

        eventually(lambda: watcher.status().state is FolderState.MISSING)


def test_a_root_replaced_between_two_looks_is_watched_again(root: Path, tray: Tray, eventually: Eventually) -> None:
    with watching(root, tray):
        make_files(root, "old.png")
        eventually(lambda: tray.delivered)
        root.rename(root.with_name("away"))
        make_files(root, "new.png")
        eventually(lambda: len(tray.delivered) == 2)
        make_files(root, "heard.png")
        make_files(root.with_name("away"), "not ours any more.png")
        eventually(lambda: len(tray.delivered) == 3)

    assert tray.paths() == [root / name for name in ("old.png", "new.png", "heard.png")]


def test_a_root_that_is_missing_is_waited_for(root: Path, tray: Tray, eventually: Eventually) -> None:
    root.rmdir()

    with watching(root, tray) as watcher:
        missing = watcher.status()
        make_files(root, "a.png")
        eventually(lambda: tray.delivered)

    assert (missing.state, missing.why) == (FolderState.MISSING, "the folder is not there")


def test_a_file_in_the_place_of_the_root_is_waited_out_quietly(root: Path, tray: Tray, eventually: Eventually) -> None:
    """It once kept the watcher in an endless loop."""
    root.rmdir()
    root.write_bytes(b"not a folder")
    changes: list[FolderState] = []

    with watching(root, tray, pace=Pace(), on_change=lambda: changes.append(FolderState.MISSING)) as watcher:
        before = time.process_time()
        Event().wait(0.5)
        busy_seconds = time.process_time() - before
        root.unlink()
        make_files(root, "a.png")
        watcher.rescan()
        eventually(lambda: tray.delivered)

    assert busy_seconds < 0.25


def test_an_unmounted_stick_is_waited_for_and_its_return_redoes_nothing(
    root: Path, tray: Tray, mounts: Mounts, tmp_path: Path, eventually: Eventually
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    mounts.new_volume(stick)
    make_files(stick, "a.png")
    mounts.again(stick, root)

    with watching(root, tray) as watcher:
        eventually(lambda: tray.delivered)
        mounts.unmount(root)
        eventually(lambda: watcher.status().state is FolderState.MISSING)
        missing = watcher.status()
        make_files(root, "on the empty mount point.png")
        make_files(stick, "b.png")
        mounts.again(stick, root)
        eventually(lambda: len(tray.delivered) == 2)

    assert tray.paths() == [root / "a.png", root / "b.png"]
    assert missing.why.startswith("the volume that holds the folder is not there")
    assert f'gotwatch forget "{root}"' in missing.why


def test_a_folder_that_may_not_be_read_is_waited_for_and_said_once(
    tray: Tray, eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    with open_to_all() as folder:
        make_files(folder, "scans/a.png")
        (folder / "scans").chmod(0o000)
        watcher = Watcher(watched_folder(folder / "scans"), tray, lambda: None, QUICK)

        def open_later() -> None:
            try:
                eventually(lambda: watcher.status().state is FolderState.NO_ACCESS)
                Event().wait(5 * QUICK.root_check_seconds)
                (folder / "scans").chmod(0o755)
                eventually(lambda: tray.delivered)
            finally:
                watcher.stop()

        helper = Thread(target=open_later)
        helper.start()
        as_nobody(watcher.run)
        helper.join()

    assert tray.paths() == [folder / "scans" / "a.png"]
    assert len([record for record in caplog.records if "may not read this folder" in record.getMessage()]) == 1


def test_files_that_the_queue_cannot_take_are_delivered_later(
    root: Path, tray: Tray, eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    tray.is_full = True

    with watching(root, tray):
        make_files(root, "a.png")
        eventually(lambda: "the tray is full" in caplog.text)
        tray.is_full = False
        eventually(lambda: tray.delivered)

    assert tray.paths() == [root / "a.png"]


def test_a_queue_that_takes_nothing_is_not_asked_all_the_time(
    root: Path, tray: Tray, eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    make_files(root, *(f"{number}.png" for number in range(DELIVERY + 1)))
    tray.is_full = True
    watcher = Watcher(watched_folder(root), tray, lambda: None, replace(QUICK, retry_seconds=0.5))
    thread = Thread(target=watcher.run)
    thread.start()

    eventually(lambda: caplog.text.count("the tray is full") == 2)
    tray.is_full = False
    eventually(lambda: len(tray.delivered) == DELIVERY + 1)
    watcher.stop()
    thread.join()

    assert caplog.text.count("the tray is full") <= 3


def test_changes_of_the_status_are_told(root: Path, tray: Tray, eventually: Eventually) -> None:
    changed = Event()

    with watching(root, tray, on_change=changed.set, quiet_seconds=1.0) as watcher:
        changed.clear()
        make_files(root, "a.png")
        eventually(changed.is_set)
        settling = watcher.status().settling
        eventually(lambda: watcher.status().settling == 0)

    assert settling == 1
    assert len(tray.delivered) == 1


def test_stop_ends_it_at_once(root: Path, tray: Tray) -> None:
    watcher = Watcher(watched_folder(root), tray, lambda: None)
    thread = Thread(target=watcher.run)
    thread.start()
    watcher.wait_for_first_scan(20)

    began = time.monotonic()
    watcher.stop()
    thread.join(10)

    assert not thread.is_alive()
    assert time.monotonic() - began < 2.0


def test_it_leaves_no_thread_and_no_open_file_behind(root: Path, tray: Tray, eventually: Eventually) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0

    with watching(root, tray):
        pass
    before = open_files()

    with watching(root, tray) as watcher:
        for _ in range(5):
            root.rename(root.with_name("away"))
            eventually(lambda: watcher.status().state is FolderState.MISSING)
            root.with_name("away").rename(root)
            eventually(lambda: watcher.status().state is FolderState.WATCHING)

    assert open_files() == before


def test_an_idle_watcher_costs_next_to_nothing(root: Path, tray: Tray) -> None:
    make_files(root, *(f"{number}/a.txt" for number in range(100)))

    with watching(root, tray, pace=Pace()):
        before = time.process_time()
        Event().wait(1.0)
        busy_seconds = time.process_time() - before

    assert busy_seconds < 0.1


BURST = """
import os, sys
for number in range(10_000):
    name = f"{sys.argv[1]}/{number % 100:03}/{number:05}.png"
    with open(name + ".part", "wb") as file:
        file.write(b"x" * 2000)
    os.replace(name + ".part", name)
"""


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a disk fast enough to outrun the reader of events")
def test_a_burst_of_10_000_files_loses_none(tray: Tray, eventually: Eventually) -> None:
    folder = Path("/dev/shm", f"gotwatch-burst-{os.getpid()}")
    for number in range(100):
        (folder / f"{number:03}").mkdir(parents=True)

    try:
        with watching(folder, tray, quiet_seconds=0.0):
            subprocess.run([sys.executable, "-c", BURST, str(folder)], check=True)
            eventually(lambda: len(tray.delivered) >= 10_000 == len(tray.stamps()))
    finally:
        shutil.rmtree(folder)

    assert len(set(tray.paths())) == 10_000


FEW_WATCHES = """
import sys
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from gotwatch.inbox.folder import Detection
from gotwatch.inbox.watcher import Watcher
from tests.folders import make_files
from tests.test_watcher import QUICK, Tray, watched_folder

root, tray = Path(sys.argv[1]), Tray()
LIMIT = Path("/proc/sys/user/max_inotify_watches")  # of this namespace alone
LIMIT.write_text("40")
watcher = Watcher(watched_folder(root), tray, lambda: None, replace(QUICK, listen_again_seconds=0.2))

def until(condition):
    while not condition():
        Event().wait(0.02)

def show():
    print(watcher.status().detection, watcher.status().why, sep=": ", flush=True)

thread = Thread(target=watcher.run, daemon=True)
thread.start()
watcher.wait_for_first_scan(20)
"""
# One more folder than there are watches: those that come first are watched, and the rest are not.
FROM_THE_START = """
show()
make_files(root, "99/late.png")
until(lambda: tray.delivered)
LIMIT.write_text("4000")
until(lambda: watcher.status().detection is Detection.EVENTS)
show()
print(*tray.paths())
watcher.stop()
thread.join()
"""
LATER = """
show()
for number in range(100, 200):
    (root / str(number)).mkdir()
watcher.rescan()
until(lambda: watcher.status().detection is Detection.POLL)
show()
make_files(root, "199/late.png")
until(lambda: tray.delivered)
print(*tray.paths())
watcher.stop()
thread.join()
"""


def with_few_watches(root: Path, script: str) -> list[str]:
    """What *script* prints in a world of its own where the system has 40 watches."""
    if sys.platform != "linux":
        pytest.skip("only inotify counts its watches")
    alone = ["unshare", "-Ur"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("a limit of our own cannot be set here")
    return subprocess.run(
        [*alone, sys.executable, "-c", FEW_WATCHES + script, str(root)],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout.splitlines()


def test_where_the_watches_run_out_the_folder_is_polled_until_the_limit_is_raised(root: Path) -> None:
    """watchdog says nothing of the subfolders that it could not watch."""
    for number in range(100):
        (root / f"{number}").mkdir()

    polled, heard, found = with_few_watches(root, FROM_THE_START)

    assert polled.startswith("poll: the system's limit of watches is reached")
    assert "sudo sysctl fs.inotify.max_user_watches=524288" in polled
    assert heard == "events: "
    assert found == str(root / "99" / "late.png")


def test_folders_that_come_when_there_are_no_watches_left_are_polled(root: Path) -> None:
    heard, polled, found = with_few_watches(root, LATER)

    assert heard == "events: "
    assert polled.startswith("poll: the system's limit of watches is reached")
    assert found == str(root / "199" / "late.png")
