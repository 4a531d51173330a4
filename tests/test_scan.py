"""A look through real folders, with all that may lie in them."""

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gotwatch.inbox import scan
from gotwatch.inbox.rules import Rule, Rules, Traits
from tests.folders import as_nobody, make_files, open_to_all


@pytest.fixture
def open_folder() -> Iterator[Path]:
    with open_to_all() as folder:
        yield folder


def look_through(root: Path, *patterns: str, recursive: bool = True, **options: Any) -> scan.Scan:
    return scan.scan(root, Rules(patterns), recursive=recursive, **options)


def names(root: Path, found: scan.Scan) -> set[str]:
    return {str(Path(path).relative_to(root)) for path in found.documents}


def test_a_tree_of_documents_is_found_whole(tmp_path: Path) -> None:
    make_files(tmp_path, "a.png", "one/b.pdf", "one/two/c.JPG", "one/two/three/d.tiff")

    found = look_through(tmp_path)

    assert names(tmp_path, found) == {"a.png", "one/b.pdf", "one/two/c.JPG", "one/two/three/d.tiff"}
    assert found.ignored == {}


def test_what_is_found_tells_size_and_time(tmp_path: Path) -> None:
    make_files(tmp_path, "a.png")
    os.utime(tmp_path / "a.png", ns=(5, 1_234_567_890_123_456_789))

    seen = look_through(tmp_path).documents[str(tmp_path / "a.png")]

    assert seen == scan.look(tmp_path / "a.png")
    assert seen.stamp.mtime_ns == 1_234_567_890_123_456_789
    assert seen.changed_at == pytest.approx((tmp_path / "a.png").stat().st_ctime)  # later than the time that was set


def test_without_recursion_only_the_top_is_looked_at(tmp_path: Path) -> None:
    make_files(tmp_path, "a.png", "one/b.png")

    assert names(tmp_path, look_through(tmp_path, recursive=False)) == {"a.png"}


def test_folders_of_other_watches_are_left_to_them(tmp_path: Path) -> None:
    make_files(tmp_path, "a.png", "theirs/b.png", "theirs/deep/c.png", "theirs too/d.png")

    found = look_through(tmp_path, leave_out=[tmp_path / "theirs"])

    assert names(tmp_path, found) == {"a.png", "theirs too/d.png"}


def test_a_part_of_the_tree_can_be_looked_at_alone(tmp_path: Path) -> None:
    make_files(tmp_path, "a.png", "one/b.png", "one/two/c.png", "one/two/drafts/d.png")

    found = look_through(tmp_path, "/one/two/drafts", start=tmp_path / "one")

    assert names(tmp_path, found) == {"one/b.png", "one/two/c.png"}


def test_the_root_of_a_drive_can_be_watched(tmp_path: Path) -> None:
    """Its name ends in a separator, and once cost every name below it a letter."""
    make_files(tmp_path, "a.png", "b.png")
    drive = Path(tmp_path.anchor)
    pattern = "/" + (tmp_path / "a.png").relative_to(drive).as_posix()

    found = look_through(drive, pattern, start=tmp_path)

    assert names(tmp_path, found) == {"b.png"}


def test_left_out_and_hidden_folders_are_not_entered(tmp_path: Path) -> None:
    make_files(tmp_path, "a.png", "drafts/b.png", ".cache/c.png", "@eaDir/d.png", "x/.stversions/e.png")

    found = look_through(tmp_path, "drafts/")

    assert names(tmp_path, found) == {"a.png"}
    assert found.ignored == {}


def test_files_that_are_no_documents_are_listed_with_their_reasons(tmp_path: Path) -> None:
    make_files(tmp_path, "a.docx", "b.draft.png", ".hidden.png", "c.png.part")

    found = look_through(tmp_path, "*.draft.png")

    assert {Path(path).name: ignored.rule for path, ignored in found.ignored.items()} == {
        "a.docx": Rule.TYPE,
        "b.draft.png": Rule.PATTERN,
    }


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_links_are_not_followed_and_loops_do_not_hang(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    root = tmp_path / "root"
    make_files(tmp_path, "elsewhere/x.png", "root/a.png")
    (root / "loop").symlink_to(root)
    (root / "there").symlink_to(elsewhere)
    (root / "x.png").symlink_to(elsewhere / "x.png")
    (root / "nowhere.png").symlink_to(tmp_path / "nothing")
    (root / "self.png").symlink_to(root / "self.png")

    found = look_through(root)

    assert names(root, found) == {"a.png"}
    assert {Path(path).name for path, ignored in found.ignored.items() if ignored.rule is Rule.LINK} == {
        "loop",
        "there",
        "x.png",
        "nowhere.png",
        "self.png",
    }


def test_a_windows_junction_counts_as_a_link() -> None:
    junction: Any = SimpleNamespace(st_mode=stat.S_IFDIR, st_file_attributes=0x410, st_reparse_tag=0xA000_0003)

    assert scan.traits_of(junction) == Traits(stat.S_IFLNK, windows_attributes=0x410)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in the file system here")
def test_a_pipe_a_socket_and_a_folder_named_like_documents_are_listed_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")  # to open it would block for ever
    make_files(tmp_path, "folder.pdf/inside.png")
    listener = socket.socket(socket.AF_UNIX)
    with listener:
        listener.bind(os.path.relpath(tmp_path / "socket.png"))

        found = look_through(tmp_path)

    assert names(tmp_path, found) == {"folder.pdf/inside.png"}
    assert {Path(path).name: ignored.rule for path, ignored in found.ignored.items()} == {
        "pipe.pdf": Rule.SPECIAL,
        "socket.png": Rule.SPECIAL,
        "folder.pdf": Rule.SPECIAL,
    }


@pytest.mark.skipif(os.name == "nt" or os.uname().sysname == "Darwin", reason="names are text here")
def test_names_that_are_no_text_are_found_and_can_be_opened(tmp_path: Path) -> None:
    for name in (b"\xff.png", b"odd.\xff"):
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(b"x")  # noqa: PTH118 - bytes

    found = look_through(tmp_path)

    assert [Path(path).read_bytes() for path in found.documents] == [b"x"]
    assert [ignored.reason for ignored in found.ignored.values()] == [".\\udcff is no type that gotwatch reads"]


def test_a_closed_subfolder_is_listed_and_the_rest_is_found(open_folder: Path) -> None:
    make_files(open_folder, "a.png", "closed/b.png", "names-only/c.png", "open/d.png")
    (open_folder / "closed").chmod(0o000)
    (open_folder / "names-only").chmod(0o744)

    found = as_nobody(lambda: look_through(open_folder))

    assert names(open_folder, found) == {"a.png", "open/d.png"}
    assert {Path(path).name: ignored.rule for path, ignored in found.ignored.items()} == {
        "closed": Rule.CLOSED,
        "c.png": Rule.CLOSED,
    }


def test_a_root_that_cannot_be_listed_is_an_error(open_folder: Path) -> None:
    open_folder.chmod(0o000)

    with pytest.raises(PermissionError):
        as_nobody(lambda: look_through(open_folder))


def test_a_root_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        look_through(tmp_path / "gone")


def test_a_look_at_anything_but_a_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)

    assert scan.look(tmp_path) is None
    assert scan.look(tmp_path / "link") is None
    assert scan.look(tmp_path / "nothing") is None
