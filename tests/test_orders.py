"""What a person may ask and order: why for every state and rule, retry, reprocess, forget, pause, and the counts."""

import os
import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from gotwatch.config.settings import Config, Watch
from gotwatch.documents import Output
from gotwatch.errors import ErrorKind, UsageError
from gotwatch.jobs.job import Failure, Job, JobState, Original
from gotwatch.jobs.queue import Queue
from gotwatch.orders import Orders
from tests.queues import NOW, READING, add, claim, completed, failing, page, seconds, state

HELD = Failure(ErrorKind.TRANSIENT, "DestinationUnavailable", "/out is gone", "Connect the disk.")


class Counter:
    """Where orders are given: two watched folders, one of them without its subfolders."""

    def __init__(self, root: Path, queue: Queue) -> None:
        self.queue = queue
        self.folder, self.flat = root / "in", root / "flat"
        for folder in (self.folder, self.flat):
            folder.mkdir()
        self.held: Failure | None = None
        self.config = Config(
            watch=(
                Watch(folder=self.folder, output=root / "out", ignore=("*draft*", "old/"), quiet_seconds=5.0),
                Watch(folder=self.flat, output=root / "out2", recursive=False),
            )
        )
        self.orders = self.with_config(self.config)

    def with_config(self, config: Config) -> Orders:
        return Orders(config, self.queue, lambda: NOW, hold_on=lambda _: self.held)

    def file(self, name: str) -> Path:
        """A file on the disk that the queue has not seen."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return path

    def queued(self, name: str) -> Path:
        path = self.file(name)
        add(self.queue, path, watch=str(self.folder))
        return path

    def claimed(self, name: str) -> Job:
        self.queued(name)
        return claim(self.queue, watches=(str(self.folder),))

    def failed(self, name: str) -> Path:
        job = self.claimed(name)
        self.queue.store.settle(job, failing(JobState.FAILED), NOW)
        return job.path

    def done(self, name: str, *, copied_from: Path | None = None, warnings: tuple[str, ...] = ()) -> Job:
        job = self.claimed(name)
        self.queue.store.identify(job, "d1")
        output = Output(Path(f"/out/{name}.txt"), "o1")
        self.queue.shelf.intend(job.id, output, str(output.path))
        self.queue.store.finish(job, completed(copied_from=copied_from, warnings=warnings), (output,), NOW)
        return job

    def why(self, path: Path) -> tuple[str, str]:
        reason = self.orders.why(path)
        return reason.state, reason.why


@pytest.fixture
def counter(tmp_path: Path, queue: Queue) -> Counter:
    return Counter(tmp_path, queue)


def test_a_queued_file_waits_for_its_turn(counter: Counter) -> None:
    assert counter.why(counter.queued("a.png")) == ("queued", "It waits for its turn.")


def test_a_file_that_let_others_try_first_says_what_it_met(counter: Counter) -> None:
    job = counter.claimed("a.png")
    counter.queue.store.settle(job, failing(JobState.QUEUED), NOW)

    assert counter.why(job.path) == ("queued", "It waits for its turn. It is torn. Scan it again.")


def test_while_paused_a_queued_file_says_so(counter: Counter) -> None:
    path = counter.queued("a.png")

    counter.orders.pause(None)

    assert counter.why(path) == ("queued", "It waits, as gotwatch is paused.")


def test_while_paused_for_a_time_a_queued_file_says_until_when(counter: Counter) -> None:
    path, until = counter.queued("a.png"), NOW + timedelta(hours=1)

    counter.orders.pause(until)

    assert counter.why(path)[1] == f"It waits, as gotwatch is paused until {until.astimezone():%Y-%m-%d %H:%M}."


def test_a_file_that_is_held_says_what_must_be_mended(counter: Counter) -> None:
    path = counter.queued("a.png")

    counter.held = HELD

    assert counter.why(path)[1] == "It waits until this is mended: /out is gone. Connect the disk."


def test_a_file_of_a_folder_that_is_no_longer_watched_says_so(counter: Counter) -> None:
    path = counter.queued("a.png")

    reason = counter.with_config(Config()).why(path)

    assert reason.why == f"It is not read: {counter.folder} is no longer a watched folder."


def test_a_file_that_is_being_read_says_so(counter: Counter) -> None:
    assert counter.why(counter.claimed("a.png").path) == ("reading", "It is being read.")


def test_a_file_that_waits_says_until_when_and_why(counter: Counter) -> None:
    job = counter.claimed("a.png")
    counter.queue.store.settle(job, failing(JobState.WAITING, after=10), NOW)

    when = (NOW + seconds(10)).astimezone()
    words = f"It is tried again after {when:%H:%M:%S}. It is torn. Scan it again."
    assert counter.why(job.path) == ("waiting", words)


def test_a_failed_file_says_its_error_and_what_to_do(counter: Counter) -> None:
    path = counter.failed("a.png")

    assert counter.why(path) == ("failed", "It could not be read: It is torn. Scan it again.")


def test_a_file_that_was_taken_away_says_so(counter: Counter) -> None:
    job = counter.claimed("a.png")
    counter.queue.store.settle(job, failing(JobState.GONE), NOW)

    assert counter.why(job.path) == ("gone", "It was taken away before it was read.")


def test_a_forgotten_file_says_when_it_is_read_again(counter: Counter) -> None:
    path = counter.done("a.png").path

    counter.orders.forget(path)

    assert counter.why(path) == (
        "forgotten",
        "It is left alone, as you asked; it is read when it changes, or with: gotwatch reprocess",
    )


def test_a_finished_file_says_who_read_it_and_where_its_results_are(counter: Counter) -> None:
    job = counter.done("a.png")

    reason = counter.orders.why(job.path)

    when = f"{NOW.astimezone():%Y-%m-%d at %H:%M}"
    assert reason.why == f"Its text was read on {when} by echo (echo-1), 1 page."
    assert reason.outputs == (Path("/out/a.png.txt"),)


def test_a_finished_file_says_its_warnings(counter: Counter) -> None:
    job = counter.done("a.png", warnings=("Page 1: cut.",))

    assert counter.why(job.path)[0] == "done_with_warnings"
    assert counter.why(job.path)[1].endswith("Page 1: cut.")


def test_a_copy_says_whose_text_it_has(counter: Counter) -> None:
    first = counter.done("a.png").path

    copy = counter.done("b.png", copied_from=first).path

    assert f"It has the same bytes as {first}, whose text was used." in counter.why(copy)[1]


def test_an_archived_file_is_explained_under_its_old_path_and_its_new_one(counter: Counter) -> None:
    job, target = counter.done("a.png"), Path("/archive/a.png")
    counter.queue.moves.moved(job, target)

    old, new = counter.orders.why(job.path), counter.orders.why(target)

    assert (old.state, new.state) == ("done", "done")
    assert "It was moved to /archive/a.png." in old.why
    assert f"It was moved here from {job.path}." in new.why
    assert old.outputs == new.outputs == (Path("/out/a.png.txt"),)


def test_an_original_that_is_still_to_be_moved_says_so(counter: Counter) -> None:
    job = counter.claimed("a.png")
    counter.queue.store.finish(job, completed(original=Original.TO_MOVE), (), NOW)

    assert "It will be moved to the archive." in counter.why(job.path)[1]


def make_link(path: Path) -> None:
    path.symlink_to(path.parent)


def make_socket(path: Path) -> None:
    place = os.getcwd()  # noqa: PTH109 - a socket's path is short
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(place)


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        (".hidden.png", Path.touch, "begins with a dot"),
        ("~$letter.pdf", Path.touch, "lock file"),
        ("a.png.part", Path.touch, "not finished"),
        ("Thumbs.db", Path.touch, "belongs to the system"),
        ("my-draft.png", Path.touch, "the ignore pattern '*draft*' matches"),
        ("old/a.png", Path.touch, "the ignore pattern 'old/' matches"),
        ("@eaDir/a.png", Path.touch, "hidden or system folder"),
        ("notes.docx", Path.touch, ".docx is no type that gotwatch reads"),
        ("README", Path.touch, "a name without an ending"),
        ("folder.png", Path.mkdir, "it is a folder"),
        pytest.param(
            "link.png", make_link, "symbolic link", marks=pytest.mark.skipif(os.name == "nt", reason="rights")
        ),
        pytest.param(
            "ear.png",
            make_socket,
            "pipe, socket or device",
            marks=pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no sockets here"),
        ),
    ],
)
def test_an_ignored_file_says_by_which_rule(
    counter: Counter, name: str, make: Callable[[Path], None], words: str
) -> None:
    path = counter.folder / name
    path.parent.mkdir(exist_ok=True)
    make(path)

    found, why = counter.why(path)

    assert found == "ignored"
    assert why.startswith("It is ignored: ")
    assert words in why


def test_what_the_watcher_noted_as_ignored_is_believed(counter: Counter) -> None:
    path = counter.file("cloud.pdf")
    counter.queue.marks.set_ignored(str(counter.folder), {str(path): ("online only", "it is online only")})

    assert counter.why(path) == ("ignored", "It is ignored: it is online only.")


def test_a_file_in_a_subfolder_says_that_only_the_top_is_watched(counter: Counter) -> None:
    path = counter.flat / "sub" / "a.png"
    path.parent.mkdir()
    path.touch()

    assert "recursive = false" in counter.why(path)[1]


def test_a_new_file_says_how_long_it_must_not_change(counter: Counter) -> None:
    path = counter.file("a.png")

    assert counter.why(path) == ("settling", "It is new, and must not change for 5 s before it is read.")


def test_a_file_that_is_not_there_is_unknown(counter: Counter) -> None:
    found, why = counter.why(counter.folder / "a.png")

    assert found == "unknown"
    assert "no such file" in why


@pytest.mark.parametrize("name", ["sub", "2024.06"])
def test_a_folder_is_looked_into(counter: Counter, name: str) -> None:
    (counter.folder / name).mkdir()

    assert "the files in it are looked at" in counter.why(counter.folder / name)[1]


@pytest.mark.parametrize("name", [".git", "old", "old/sub", "@eaDir"])
def test_a_folder_that_is_left_out_says_why(counter: Counter, name: str) -> None:
    (counter.folder / name).mkdir(parents=True)

    assert counter.why(counter.folder / name)[0] == "ignored"


def test_a_folder_below_a_watch_without_subfolders_is_left_out(counter: Counter) -> None:
    (counter.flat / "sub").mkdir()

    assert "recursive = false" in counter.why(counter.flat / "sub")[1]


def test_a_file_elsewhere_lies_in_no_watched_folder(counter: Counter, tmp_path: Path) -> None:
    assert counter.why(tmp_path / "a.png") == ("unknown", "It lies in no watched folder.")


def test_all_failed_files_are_tried_again(counter: Counter) -> None:
    paths = [counter.failed("a.png"), counter.failed("b.png")]

    assert counter.orders.retry([]) == 2
    assert {state(counter.queue, path) for path in paths} == {JobState.QUEUED}


def test_one_failed_file_is_tried_again(counter: Counter) -> None:
    first, second = counter.failed("a.png"), counter.failed("b.png")

    assert counter.orders.retry([second]) == 1
    assert (state(counter.queue, first), state(counter.queue, second)) == (JobState.FAILED, JobState.QUEUED)


def test_failed_files_of_a_folder_that_is_no_longer_watched_are_left(counter: Counter) -> None:
    path = counter.failed("a.png")
    orders = counter.with_config(Config())

    assert orders.retry([]) == 0
    with pytest.raises(UsageError, match="no watched folder any more"):
        orders.retry([path])


def test_a_file_that_has_not_failed_cannot_be_tried_again(counter: Counter) -> None:
    path = counter.done("a.png").path

    with pytest.raises(UsageError, match="has not failed") as caught:
        counter.orders.retry([path])

    assert "gotwatch why" in caught.value.hint


@pytest.mark.parametrize("order", ["retry", "reprocess", "forget"])
def test_a_file_that_is_not_known_cannot_be_ordered_about(counter: Counter, order: str) -> None:
    path = counter.folder / "a.png"

    with pytest.raises(UsageError, match="does not know"):
        getattr(counter.orders, order)([path] if order == "retry" else path)


@pytest.mark.parametrize("order", ["reprocess", "forget"])
def test_a_file_that_is_being_read_cannot_be_ordered_about(counter: Counter, order: str) -> None:
    path = counter.claimed("a.png").path

    with pytest.raises(UsageError, match="being read just now"):
        getattr(counter.orders, order)(path)


def test_a_finished_file_can_be_read_anew(counter: Counter) -> None:
    path = counter.done("a.png").path

    counter.orders.reprocess(path)

    assert claim(counter.queue, watches=(str(counter.folder),)).redo


def test_an_archived_file_can_be_read_anew_by_its_old_path(counter: Counter) -> None:
    job = counter.done("a.png")
    counter.queue.moves.moved(job, Path("/archive/a.png"))

    counter.orders.reprocess(job.path)

    assert claim(counter.queue, watches=(str(counter.folder),)).path == Path("/archive/a.png")


def test_a_forgotten_file_loses_its_kept_text(counter: Counter) -> None:
    path = counter.done("a.png").path
    counter.queue.shelf.save_page("d1", READING, page(1))

    counter.orders.forget(path)

    assert counter.queue.shelf.pages("d1", READING) == {}
    assert add(counter.queue, path, watch=str(counter.folder)) == 0


def test_a_file_that_is_gone_is_forgotten_for_good(counter: Counter) -> None:
    path = counter.done("a.png").path
    path.unlink()

    counter.orders.forget(path)

    assert counter.queue.entries.of(path) is None


def test_a_forgotten_file_of_a_folder_that_is_away_is_not_new_when_it_comes_back(
    counter: Counter, tmp_path: Path
) -> None:
    path = counter.done("a.png").path
    counter.folder.rename(tmp_path / "unplugged")

    counter.orders.forget(path)

    assert state(counter.queue, path) is JobState.FORGOTTEN


def test_a_folder_can_be_forgotten_so_that_another_may_take_its_place(counter: Counter) -> None:
    counter.queue.marks.set_folder(counter.folder, (1, 2, "/", ""))

    counter.orders.forget(counter.folder)

    assert counter.queue.marks.folder(counter.folder) is None


def test_a_pause_is_ended_by_resume(counter: Counter) -> None:
    counter.orders.pause(None)

    counter.orders.resume()

    assert counter.queue.marks.paused(NOW) is None


def test_the_counts_are_those_of_the_watched_folders(counter: Counter) -> None:
    # Files of a folder that was taken out of the config stood as "queued" for ever.
    counter.failed("a.png")
    counter.queued("b.png")
    add(counter.queue, "/gone/c.png", watch="/gone")
    counter.queue.marks.set_ignored("/gone", {"/gone/d": ("type", "d")})
    counter.queue.marks.set_ignored(str(counter.folder), {str(counter.folder / "e"): ("type", "e")})

    assert {name: count for name, count in counter.orders.counts().items() if count} == {
        "failed": 1,
        "queued": 1,
        "ignored": 1,
    }


def test_what_ended_last_is_told_with_its_results_and_errors(counter: Counter) -> None:
    counter.done("a.png")
    counter.failed("b.png")

    records = {Path(record["path"]).name: record for record in counter.orders.recent()}

    assert records["a.png"]["outputs"] == ["/out/a.png.txt"]
    assert records["a.png"]["pages"] == 1
    assert (records["b.png"]["error"], records["b.png"]["hint"]) == ("It is torn", "Scan it again.")


def test_what_comes_next_is_told_in_its_order(counter: Counter) -> None:
    for name in ("b.png", "a.png"):
        counter.queued(name)
    add(counter.queue, "/gone/c.png", watch="/gone")

    assert [Path(record["path"]).name for record in counter.orders.next_up()] == ["a.png", "b.png"]


def test_the_record_of_a_job_is_found_by_its_number(counter: Counter) -> None:
    job = counter.done("a.png")

    record = counter.orders.record(job.id)

    assert record is not None
    assert (record["state"], record["finished_at"]) == ("done", NOW.isoformat(timespec="seconds"))
    assert counter.orders.record(99) is None


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_is_shown_in_a_way_that_can_be_printed(counter: Counter) -> None:
    path = counter.queued(os.fsdecode(b"\xff.png"))

    assert counter.why(path)[0] == "queued"
    assert counter.orders.next_up()[0]["path"].encode().endswith(b"\\udcff.png")
