"""Results in place, whole or not at all; removed and archived without touching what is not ours."""

import errno
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

import pytest

from gotwatch.documents import Output, SourceFile, Stamp
from gotwatch.errors import DestinationUnavailable, FileBusy, GotwatchError, SourceGone, TooLarge
from gotwatch.results import disk, refusals
from gotwatch.results.archive import archive
from gotwatch.results.names import fold
from gotwatch.results.publish import publish, remove

BOTH = {"html": b"<p>new", "txt": b"new"}


@dataclass
class NoteBook:
    """A ledger in memory."""

    others: set[str] = field(default_factory=set)
    intended: list[Output] = field(default_factory=list)

    def wrote(self, path: Path) -> frozenset[str]:
        return frozenset(output.digest for output in self.intended if output.path == path)

    def taken(self, path: Path) -> bool:
        return fold(path) in self.others

    def intend(self, output: Output) -> None:
        self.intended.append(output)


class TornNoteBook(NoteBook):
    """Cannot be written to, from the second note on."""

    def intend(self, output: Output) -> None:
        if self.intended:
            raise DestinationUnavailable("The ledger is torn")
        super().intend(output)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 64 KiB."""
    mount = tmp_path / "tiny"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(mount)]
    if os.name != "posix" or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("may not mount a file system here")
    yield mount
    subprocess.run(["umount", str(mount)], check=True)


def put(out: Path, ledger: NoteBook, contents: dict[str, bytes] = BOTH, name: str = "a.png") -> list[str]:
    outputs = publish(contents, name=name, folder=out, root=out, ledger=ledger)
    return [output.path.name for output in outputs]


def source(path: Path) -> SourceFile:
    found = path.lstat()
    return SourceFile(path, "scans", Stamp(found.st_size, found.st_mtime_ns), sha256(path.read_bytes()).hexdigest())


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_results_stand_beside_each_other_and_nothing_else_is_left(out: Path) -> None:
    outputs = publish(BOTH, name="a.png", folder=out / "2025" / "Q3", root=out, ledger=NoteBook())

    assert [output.path.read_bytes() for output in outputs] == [b"new", b"<p>new"]
    assert names_in(out / "2025" / "Q3") == {"a.png.txt", "a.png.html"}
    assert outputs[0].digest == sha256(b"new").hexdigest()


def test_html_comes_last_and_each_file_is_noted_before_it_is_there(out: Path) -> None:
    class Watching(NoteBook):
        def intend(self, output: Output) -> None:
            seen.append((output.path.suffix, names_in(out)))
            super().intend(output)

    seen: list[tuple[str, set[str]]] = []

    put(out, Watching(), {"html": b"h", "txt": b"t", "json": b"j"})

    assert seen == [(".txt", set()), (".json", {"a.png.txt"}), (".html", {"a.png.txt", "a.png.json"})]


def test_our_own_results_are_replaced(out: Path) -> None:
    ledger = NoteBook()
    put(out, ledger, {"txt": b"old", "html": b"<p>old"})

    assert put(out, ledger) == ["a.png.txt", "a.png.html"]
    assert (out / "a.png.txt").read_bytes() == b"new"
    assert names_in(out) == {"a.png.txt", "a.png.html"}


def test_what_is_in_place_already_is_not_written_again(out: Path) -> None:
    ledger = NoteBook()
    put(out, ledger)
    before = (out / "a.png.txt").stat()

    put(out, ledger)

    after = (out / "a.png.txt").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert len(ledger.intended) == 2


def test_an_edited_result_is_kept_and_all_new_ones_get_the_same_counter(out: Path) -> None:
    ledger = NoteBook()
    put(out, ledger)
    (out / "a.png.txt").write_bytes(b"edited")

    names = put(out, ledger, {"txt": b"newer", "html": b"<p>newer"})

    assert names == ["a.png (2).txt", "a.png (2).html"]
    assert (out / "a.png.txt").read_bytes() == b"edited"
    assert put(out, ledger, {"txt": b"newest", "html": b"<p>newest"}) == names


def test_a_file_that_gotwatch_did_not_write_is_never_replaced(out: Path) -> None:
    (out / "a.png.html").write_bytes(b"<p>new")  # even with the same content

    assert put(out, NoteBook()) == ["a.png (2).txt", "a.png (2).html"]


@pytest.mark.parametrize("kind", ["folder", "link", "dangling link", "fifo"])
def test_what_is_no_regular_file_is_left_alone(out: Path, kind: str) -> None:
    place, elsewhere = out / "a.png.txt", out.parent / "precious"
    elsewhere.write_bytes(b"new")
    ledger = NoteBook(intended=[Output(place, sha256(b"new").hexdigest())])
    match kind:
        case "folder":
            place.mkdir()
        case "link":
            place.symlink_to(elsewhere)
        case "dangling link":
            place.symlink_to(out / "nowhere")
        case "fifo":
            os.mkfifo(place)

    assert put(out, ledger, {"txt": b"newer"}) == ["a.png (2).txt"]
    assert elsewhere.read_bytes() == b"new"


def test_names_that_meet_on_some_disks_get_a_counter(out: Path) -> None:
    ledger = NoteBook(others={fold(out / "A.PNG.txt")})

    assert put(out, ledger) == ["a.png (2).txt", "a.png (2).html"]


def test_after_a_crash_a_file_that_was_meant_to_be_ours_is_ours(out: Path) -> None:
    (out / "a.png.txt").write_bytes(b"written just before the crash")
    meant = Output(out / "a.png.txt", sha256(b"written just before the crash").hexdigest())

    assert put(out, NoteBook(intended=[meant])) == ["a.png.txt", "a.png.html"]


def test_an_error_between_two_files_leaves_no_half_file(out: Path) -> None:
    with pytest.raises(DestinationUnavailable, match="torn"):
        put(out, TornNoteBook())

    assert names_in(out) == {"a.png.txt"}


def test_a_reader_never_sees_half_a_file(out: Path) -> None:
    contents = [letter * 200_000 for letter in (b"a", b"b")]
    ledger, done, odd = NoteBook(), Event(), []
    put(out, ledger, {"txt": contents[0]})

    def look() -> None:
        while not done.is_set():
            if (found := (out / "a.png.txt").read_bytes()) not in contents:
                odd.append(len(found))

    reader = Thread(target=look, name="reader")
    reader.start()
    for turn in range(150):
        put(out, ledger, {"txt": contents[turn % 2]})
    done.set()
    reader.join()

    assert odd == []
    assert names_in(out) == {"a.png.txt"}


@pytest.mark.skipif(os.name != "posix", reason="Windows has no umask")
def test_results_have_the_rights_that_the_umask_gives(out: Path) -> None:
    before = os.umask(0o027)
    try:
        put(out, NoteBook())
    finally:
        os.umask(before)

    assert (out / "a.png.txt").stat().st_mode & 0o777 == 0o640


def test_a_destination_that_is_gone_is_not_made_again(tmp_path: Path) -> None:
    gone = tmp_path / "unplugged"

    with pytest.raises(DestinationUnavailable, match=r"unplugged is gone") as caught:
        publish(BOTH, name="a.png", folder=gone / "sub", root=gone, ledger=NoteBook())

    assert "Connect the disk" in caught.value.hint
    assert not gone.exists()


def test_a_file_in_the_place_of_a_folder_is_named(out: Path) -> None:
    (out / "2025").write_bytes(b"")

    with pytest.raises(DestinationUnavailable, match=r"2025 is not a folder"):
        publish(BOTH, name="a.png", folder=out / "2025" / "Q3", root=out, ledger=NoteBook())


def test_a_full_disk_is_told_and_left_as_it_was(tiny_disk: Path) -> None:
    ledger = NoteBook()
    put(tiny_disk, ledger, {"txt": b"old"})

    with pytest.raises(DestinationUnavailable, match=r"No space left in .*tiny") as caught:
        put(tiny_disk, ledger, {"txt": b"x" * 200_000})

    assert "goes on by itself" in caught.value.hint
    assert names_in(tiny_disk) == {"a.png.txt"}
    assert (tiny_disk / "a.png.txt").read_bytes() == b"old"


def test_a_read_only_disk_is_told(tiny_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)

    with pytest.raises(DestinationUnavailable, match="is read-only"):
        put(tiny_disk, NoteBook())


def test_a_path_that_is_too_long_is_that_files_fault_alone(out: Path) -> None:
    folder = out.joinpath(*["x" * 250] * 20)

    with pytest.raises(TooLarge, match="too long"):
        publish(BOTH, name="a.png", folder=folder, root=out, ledger=NoteBook())


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EDQUOT, "No space left in out"),
        (errno.EACCES, "gotwatch may not write to out"),
        (errno.ESTALE, "out is gone"),
        (errno.EIO, "The disk that holds out reports an error"),
        (errno.EFBIG, "Cannot write to out: "),
    ],
)
def test_each_refusal_has_its_own_words(code: int, words: str) -> None:
    with pytest.raises(DestinationUnavailable) as caught, refusals.explained(Path("out")):
        raise OSError(code, os.strerror(code))

    assert caught.value.message.startswith(words)


class WindowsError32(PermissionError):
    """What Windows raises while someone has the file open."""

    winerror = 32


def test_a_result_that_is_open_elsewhere_holds_its_own_job_only() -> None:
    with pytest.raises(FileBusy, match=r"a\.txt is open in another program"), refusals.explained(Path("out")):
        raise WindowsError32(errno.EACCES, "in use", "a.txt")


def test_a_step_is_taken_again_while_windows_says_that_the_file_is_held() -> None:
    answers = iter([WindowsError32(), WindowsError32(), None])
    pauses: list[float] = []

    def step() -> None:
        if (answer := next(answers)) is not None:
            raise answer

    disk.patiently(step, pause=pauses.append)

    assert pauses == [0.02, 0.05]


def test_patience_ends() -> None:
    pauses: list[float] = []

    def step() -> None:
        raise WindowsError32

    with pytest.raises(WindowsError32):
        disk.patiently(step, pause=pauses.append)

    assert 1 < sum(pauses) < 3


def test_names_that_are_no_utf8_raise_nothing(out: Path) -> None:
    if os.name != "posix":
        pytest.skip("only POSIX has such names")

    with pytest.raises(DestinationUnavailable) as caught:
        publish(BOTH, name="caf\udce9.png", folder=out / "gone\udce9" / "b", root=out / "gone\udce9", ledger=NoteBook())

    caught.value.message.encode("utf-8")
    assert put(out, NoteBook(), name="caf\udce9.png") == ["caf%E9.png.txt", "caf%E9.png.html"]


def test_the_sweep_removes_old_temporary_files_and_nothing_else(out: Path) -> None:
    (out / "sub").mkdir()
    old, new = out / "sub" / f".gotwatch-{'0' * 16}.tmp", out / f".gotwatch-{'1' * 16}.tmp"
    others = [out / ".gotwatch-notes.tmp", out / "a.tmp", out / f".gotwatch-{'2' * 16}.tmp.txt"]
    for path in (old, new, *others):
        path.write_bytes(b"")
    for path in (old, *others):
        os.utime(path, (0, 0))

    assert disk.sweep(out, older_than_seconds=60) == 1
    assert not old.exists()
    assert all(path.exists() for path in (new, *others))


def test_the_sweep_of_a_folder_that_is_gone_finds_nothing(tmp_path: Path) -> None:
    assert disk.sweep(tmp_path / "gone", older_than_seconds=0) == 0


def test_only_results_that_are_still_as_we_wrote_them_are_removed(out: Path) -> None:
    outputs = publish({**BOTH, "md": b"m"}, name="a.png", folder=out, root=out, ledger=NoteBook())
    (out / "a.png.txt").write_bytes(b"edited")
    (out / "a.png.md").unlink()

    assert remove(outputs) == (out / "a.png.html",)
    assert names_in(out) == {"a.png.txt"}


def test_an_original_is_moved_with_its_time(tmp_path: Path, out: Path) -> None:
    scan = tmp_path / "scan.png"
    scan.write_bytes(b"pixels")
    os.utime(scan, ns=(1_600_000_000_000_000_000, 1_600_000_000_000_000_000))

    went = archive(source(scan), out / "2020" / "scan.png", root=out)

    assert went == out / "2020" / "scan.png"
    assert went.read_bytes() == b"pixels"
    assert went.stat().st_mtime_ns == 1_600_000_000_000_000_000
    assert not scan.exists()


def test_an_archived_file_is_never_replaced(tmp_path: Path, out: Path) -> None:
    (out / "scan.png").write_bytes(b"older scan")
    scan = tmp_path / "scan.png"
    scan.write_bytes(b"pixels")

    assert archive(source(scan), out / "scan.png", root=out) == out / "scan (2).png"
    assert (out / "scan.png").read_bytes() == b"older scan"


def test_an_original_that_changed_since_it_was_read_is_not_archived(tmp_path: Path, out: Path) -> None:
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"page 1")
    read = source(scan)
    scan.write_bytes(b"page 1, page 2")

    with pytest.raises(FileBusy, match="changed since it was read"):
        archive(read, out / "scan.pdf", root=out)

    assert scan.exists()
    assert names_in(out) == set()


def test_an_original_that_is_gone_is_named(tmp_path: Path, out: Path) -> None:
    scan = tmp_path / "scan.png"
    scan.write_bytes(b"pixels")
    read = source(scan)
    scan.unlink()

    with pytest.raises(SourceGone, match=r"scan\.png is no longer there"):
        archive(read, out / "scan.png", root=out)


def test_an_original_goes_to_another_disk_whole(tmp_path: Path, tiny_disk: Path) -> None:
    (tiny_disk / "scan.png").write_bytes(b"older scan")
    scan = tmp_path / "scan.png"
    scan.write_bytes(b"pixels")
    scan.chmod(0o600)
    os.utime(scan, ns=(1_600_000_000_000_000_000, 1_600_000_000_000_000_000))

    went = archive(source(scan), tiny_disk / "scan.png", root=tiny_disk)

    assert went == tiny_disk / "scan (2).png"
    assert went.read_bytes() == b"pixels"
    assert (went.stat().st_mtime_ns, went.stat().st_mode & 0o777) == (1_600_000_000_000_000_000, 0o600)
    assert names_in(tiny_disk) == {"scan.png", "scan (2).png"}
    assert not scan.exists()


def test_an_original_that_does_not_fit_stays_where_it_is(tmp_path: Path, tiny_disk: Path) -> None:
    scan = tmp_path / "scan.png"
    scan.write_bytes(b"x" * 200_000)

    with pytest.raises(DestinationUnavailable, match="No space left"):
        archive(source(scan), tiny_disk / "scan.png", root=tiny_disk)

    assert scan.stat().st_size == 200_000
    assert names_in(tiny_disk) == set()


def test_an_original_that_turns_out_different_while_it_is_copied_stays(tmp_path: Path, tiny_disk: Path) -> None:
    scan = tmp_path / "scan.png"
    scan.write_bytes(b"pixels")
    read = source(scan)
    scan.write_bytes(b"pixelz")
    os.utime(scan, ns=(read.stamp.mtime_ns, read.stamp.mtime_ns))  # the same from outside

    with pytest.raises(FileBusy):
        archive(read, tiny_disk / "scan.png", root=tiny_disk)

    assert scan.exists()
    assert names_in(tiny_disk) == set()


def test_an_original_in_a_folder_that_may_not_change_stays_alone(tmp_path: Path, tiny_disk: Path) -> None:
    scan = tiny_disk / "scan.png"
    scan.write_bytes(b"pixels")
    archived = tmp_path / "archive"
    archived.mkdir()
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)

    with pytest.raises(GotwatchError, match=r"scan\.png cannot be moved away") as caught:
        archive(source(scan), archived / "scan.png", root=archived)

    assert "leave originals" in caught.value.hint
    assert scan.exists()
    assert names_in(archived) == set()


def test_an_archive_that_is_read_only_is_named_rather_than_the_original(tmp_path: Path, tiny_disk: Path) -> None:
    scan = tmp_path / "scan.png"
    scan.write_bytes(b"pixels")
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)

    with pytest.raises(DestinationUnavailable, match=r"tiny is read-only"):
        archive(source(scan), tiny_disk / "scan.png", root=tiny_disk)

    assert scan.exists()


def test_a_rename_without_hard_links_goes_over_nothing(tmp_path: Path) -> None:
    scan, free, taken = (tmp_path / name for name in ("scan.png", "free.png", "taken.png"))
    scan.write_bytes(b"pixels")
    taken.write_bytes(b"older scan")

    with pytest.raises(FileExistsError):
        disk.rename_new(scan, taken)
    disk.rename_new(scan, free)

    assert names_in(tmp_path) == {"free.png", "taken.png"}
    assert (free.read_bytes(), taken.read_bytes()) == (b"pixels", b"older scan")


def test_a_rename_that_fails_gives_the_name_back(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        disk.rename_new(tmp_path / "gone.png", tmp_path / "free.png")

    assert names_in(tmp_path) == set()


def test_an_archive_that_is_gone_leaves_the_original(tmp_path: Path) -> None:
    scan = tmp_path / "scan.png"
    scan.write_bytes(b"pixels")

    with pytest.raises(DestinationUnavailable, match="is gone"):
        archive(source(scan), tmp_path / "archive" / "scan.png", root=tmp_path / "archive")

    assert scan.exists()
