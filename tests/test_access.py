"""Whether a folder can be read, and what a person is told where it cannot."""

import builtins
import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gotwatch.inbox import access
from tests.folders import as_nobody, make_files, open_to_all

BY_PRIVACY = PermissionError(errno.EPERM, "Operation not permitted")
BY_MODE = PermissionError(errno.EACCES, "Permission denied")


def refusing(monkeypatch: pytest.MonkeyPatch, error: OSError) -> list[str]:
    """Files that are opened, each of which the system keeps from us."""
    asked: list[str] = []
    real_open: Callable[..., Any] = builtins.open

    def refuse(path: Any, *args: Any, **options: Any) -> Any:
        if isinstance(path, str) and path.endswith(".pdf"):
            asked.append(path)
            raise error
        return real_open(path, *args, **options)

    monkeypatch.setattr("builtins.open", refuse)
    return asked


@pytest.mark.parametrize("mode", [0o000, 0o744, 0o711], ids=["closed", "names only", "entry only"])
def test_access_needs_both_listing_and_entering(mode: int) -> None:
    with open_to_all() as folder:
        make_files(folder, "closed/a.png")
        (folder / "closed").chmod(mode)

        with pytest.raises(PermissionError):
            as_nobody(lambda: access.check(folder / "closed"))


def test_an_open_folder_is_accessible() -> None:
    with open_to_all() as folder:
        as_nobody(lambda: access.check(folder))


def test_a_folder_that_lists_its_files_but_lets_none_be_read_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """macOS does so with volumes that a program was not allowed."""
    make_files(tmp_path, "notes.txt", "a.pdf")
    refusing(monkeypatch, BY_PRIVACY)

    with pytest.raises(PermissionError):
        access.check(tmp_path)


@pytest.mark.parametrize("error", [BY_MODE, OSError(errno.EBUSY, "busy")])
def test_one_file_that_may_not_be_read_closes_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    make_files(tmp_path, "a.pdf")
    asked = refusing(monkeypatch, error)

    access.check(tmp_path)

    assert asked == [str(tmp_path / "a.pdf")]


@pytest.mark.skipif(os.name == "nt", reason="there are no pipes in the file system here")
def test_no_pipe_is_opened_to_try_a_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")  # to open it would block for ever

    access.check(tmp_path)


def test_what_macos_keeps_from_us_is_told_with_the_setting_and_the_program_to_allow(tmp_path: Path) -> None:
    make_files(tmp_path, "python3.11")
    (tmp_path / "python3").symlink_to("python3.11")

    why = access.why_closed(BY_PRIVACY, platform="darwin", program=str(tmp_path / "python3"))

    assert why == (
        "macOS does not let gotwatch read this folder: allow it in System Settings > Privacy & Security >"
        " Files and Folders, or Full Disk Access, for python3.11"
    )


@pytest.mark.parametrize(("error", "platform"), [(BY_MODE, "darwin"), (BY_PRIVACY, "linux"), (BY_MODE, "linux")])
def test_file_permissions_are_told_as_such(error: PermissionError, platform: str) -> None:
    assert access.why_closed(error, platform=platform) == "gotwatch may not read this folder"
