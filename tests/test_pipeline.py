"""One job, start to finish: what is read, what is not read again, and which results there are."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from gotwatch.config.settings import Duplicates
from gotwatch.documents import Form
from gotwatch.errors import DestinationUnavailable, EngineUnusable, FileBusy, GotwatchError, SourceGone, Unreadable
from gotwatch.inbox import identity
from gotwatch.jobs.job import JobState
from gotwatch.jobs.progress import Progress
from gotwatch.jobs.queue import Queue
from gotwatch.jobs.runner import BrokenOff
from gotwatch.pipeline import EngineInUse
from tests.in_process import no_news
from tests.queues import NOW
from tests.shops import Shop, StoppedEngine, draw, touch


@pytest.fixture
def shop(tmp_path: Path, queue: Queue) -> Shop:
    return Shop(tmp_path, queue)


def test_a_dropped_image_becomes_text_and_html(shop: Shop) -> None:
    path = shop.drop("a.png")

    shop.work()

    assert shop.results().keys() == {"a.png.txt", "a.png.html"}
    assert "Page 1: 40 x 30, plain" in shop.results()["a.png.txt"]
    entry = shop.entry(path)
    assert (entry.state, entry.pages, entry.checkpoint) == (JobState.DONE, 1, "instant-1")
    assert path.exists()


def test_all_pages_of_a_document_come_in_their_order(shop: Shop) -> None:
    shop.drop("a.pdf", "red", "grey", "navy")

    shop.work()

    text = shop.results()["a.pdf.txt"]
    assert text.index("Page 1") < text.index("Page 2") < text.index("Page 3")


def test_the_results_mirror_the_folders_and_no_two_files_share_a_name(shop: Shop) -> None:
    for name in ("a.png", "a.pdf", "sub/deep/a.png"):
        shop.drop(name, "red")

    shop.work()

    names = {"a.png.txt", "a.pdf.txt", "sub/deep/a.png.txt"}
    assert {name for name in shop.results() if name.endswith(".txt")} == names


def test_names_that_some_disks_take_for_one_get_two_results(shop: Shop) -> None:
    shop.drop("a.png", "red")
    shop.drop("A.png", "blue")
    if len(list(shop.folder.iterdir())) == 1:
        pytest.skip("this disk takes them for one itself")

    shop.work()

    assert shop.results().keys() == {"a.png.txt", "a.png.html", "A.png (2).txt", "A.png (2).html"}


def test_a_blank_document_is_done_without_the_engine(shop: Shop) -> None:
    path = shop.drop("a.png", "white")

    shop.work()

    assert shop.engine.asked == []
    assert shop.results()["a.png.txt"].strip() == ""
    assert (shop.entry(path).state, shop.entry(path).checkpoint) == (JobState.DONE, "")


def test_the_same_bytes_twice_are_read_once_and_the_second_says_so(shop: Shop) -> None:
    first = shop.drop("a.pdf", "red", "grey")
    (shop.folder / "b.pdf").write_bytes(first.read_bytes())
    shop.settle(shop.folder / "b.pdf")

    shop.work()

    assert shop.engine.asked == [1, 2]
    assert shop.entry(shop.folder / "b.pdf").copied_from == first
    assert shop.entry(first).copied_from is None
    assert shop.results()["a.pdf.txt"] == shop.results()["b.pdf.txt"]
    assert "a.pdf" in shop.results()["b.pdf.html"]


def test_the_same_bytes_twice_are_read_twice_where_the_config_says_so(tmp_path: Path, queue: Queue) -> None:
    shop = Shop(tmp_path, queue, duplicates=Duplicates.READ)
    first = shop.drop("a.png")
    (shop.folder / "b.png").write_bytes(first.read_bytes())
    shop.settle(shop.folder / "b.png")

    shop.work()

    assert shop.engine.asked == [1, 1]
    assert shop.entry(shop.folder / "b.png").copied_from is None


def test_of_the_same_bytes_at_the_same_time_only_one_is_read(shop: Shop) -> None:
    first = shop.drop("a.png")
    (shop.folder / "b.png").write_bytes(first.read_bytes())
    shop.settle(shop.folder / "b.png")
    job, twin = shop.claim(), shop.claim()
    seen: list[type[BaseException]] = []

    def start_twin(_: int) -> None:
        with pytest.raises(BrokenOff) as caught:
            shop.pipeline(twin)
        seen.append(caught.type)

    shop.on_render = start_twin
    shop.pipeline(job)

    shop.queue.store.put_back(twin)
    shop.work()
    assert seen == [BrokenOff]
    assert shop.engine.asked == [1]
    assert shop.entry(twin.path).copied_from == first


def test_a_file_whose_folder_was_taken_out_of_the_config_is_not_read(shop: Shop) -> None:
    shop.drop("a.png")
    job = shop.claim()

    shop.pipeline.take_up({})
    with pytest.raises(BrokenOff):
        shop.pipeline(job)
    shop.pipeline.archive(job)

    assert shop.engine.asked == []


def test_a_finished_file_that_is_touched_is_not_read_again(shop: Shop) -> None:
    path = shop.drop("a.png")
    shop.work()
    before = shop.results()

    touch(path)
    shop.settle(path)
    shop.work()

    assert shop.engine.asked == [1]
    assert shop.results() == before
    assert shop.entry(path).job.version == 1


def test_a_file_that_is_touched_while_it_is_read_still_has_one_result(shop: Shop) -> None:
    path = shop.drop("a.png")
    shop.on_render = lambda _: touch(path)
    with pytest.raises(FileBusy):
        shop.pipeline(shop.claim())
    shop.on_render = no_news

    shop.settle(path)
    shop.restart()

    assert shop.results().keys() == {"a.png.txt", "a.png.html"}


def test_a_file_that_changes_while_it_is_read_leaves_no_text_under_its_old_content(shop: Shop) -> None:
    # The new page was kept under the old digest, and a later file of the old bytes got its text.
    path = shop.drop("a.png", "red")
    old = path.read_bytes()

    def scanner_goes_on(_: int) -> None:
        draw(path, "blue")
        touch(path)

    shop.on_render = scanner_goes_on
    with pytest.raises(FileBusy, match="changed while it was read"):
        shop.pipeline(shop.claim())
    shop.on_render = no_news
    (shop.folder / "b.png").write_bytes(old)
    shop.settle(shop.folder / "b.png")
    shop.settle(path)
    shop.restart()

    assert shop.results().keys() == {"a.png.txt", "a.png.html", "b.png.txt", "b.png.html"}
    assert len(shop.engine.read_pages) == 3


def test_a_document_that_changed_before_its_turn_waits_until_it_has_settled(shop: Shop) -> None:
    path = shop.drop("a.png")
    touch(path)

    with pytest.raises(FileBusy, match="still changes"):
        shop.pipeline(shop.claim())

    assert shop.engine.asked == []


def test_an_empty_file_is_not_readable_yet(shop: Shop) -> None:
    path = shop.folder / "a.png"
    path.touch()
    shop.settle(path)

    with pytest.raises(Unreadable, match="empty"):
        shop.pipeline(shop.claim())


def test_a_file_that_is_taken_away_before_its_turn_is_gone(shop: Shop) -> None:
    shop.drop("a.png").unlink()

    with pytest.raises(SourceGone):
        shop.pipeline(shop.claim())


def test_a_file_that_is_taken_away_while_it_is_read_leaves_no_result(shop: Shop) -> None:
    path = shop.drop("a.png")
    shop.on_render = lambda _: path.unlink()

    with pytest.raises(SourceGone):
        shop.pipeline(shop.claim())

    assert shop.results() == {}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_in_the_place_of_a_file_stops_nothing(shop: Shop) -> None:
    # Whoever opens one waits for ever.
    path = shop.drop("a.png")
    path.unlink()
    os.mkfifo(path)

    with pytest.raises(SourceGone):
        shop.pipeline(shop.claim())


def test_the_files_of_a_folder_that_is_away_are_not_gone(shop: Shop, tmp_path: Path) -> None:
    shop.drop("a.png")
    shop.folder.rename(tmp_path / "unplugged")

    with pytest.raises(FileBusy, match="is away"):
        shop.pipeline(shop.claim())


def test_an_empty_mount_point_is_not_the_folder_whose_files_are_gone(shop: Shop) -> None:
    shop.intake.set_identity(identity.Identity(1, 2, "/media/stick", "volume-of-the-stick"))
    shop.drop("a.png").unlink()

    with pytest.raises(FileBusy, match="is away"):
        shop.pipeline(shop.claim())


def test_new_content_replaces_the_results_that_are_still_ours(shop: Shop) -> None:
    path = shop.drop("a.pdf", "red")
    shop.work()

    draw(path, "red", "blue")
    shop.settle(path)
    shop.work()

    assert shop.results().keys() == {"a.pdf.txt", "a.pdf.html"}
    assert "Page 2" in shop.results()["a.pdf.txt"]
    assert shop.entry(path).pages == 2


def test_a_result_that_the_user_edited_is_kept_and_the_new_ones_get_a_counter(shop: Shop) -> None:
    path = shop.drop("a.png", "red")
    shop.work()
    (shop.output / "a.png.txt").write_text("my notes", "utf-8")

    draw(path, "blue")
    touch(path)
    shop.settle(path)
    shop.work()

    assert shop.results().keys() == {"a.png.txt", "a.png (2).txt", "a.png (2).html"}
    assert shop.results()["a.png.txt"] == "my notes"
    outputs = shop.queue.shelf.outputs(shop.entry(path).job.id)
    assert {output.path.name for output in outputs} == {"a.png (2).txt", "a.png (2).html"}


def test_a_file_of_someone_else_in_the_place_of_a_result_is_left_alone(shop: Shop) -> None:
    (shop.output / "a.png.txt").write_text("not ours", "utf-8")
    shop.drop("a.png")

    shop.work()

    assert shop.results()["a.png.txt"] == "not ours"
    assert "a.png (2).txt" in shop.results()


def test_a_form_that_is_no_longer_wanted_goes_when_the_file_is_read_anew(shop: Shop) -> None:
    path = shop.drop("a.png")
    shop.work()
    shop.with_settings(formats=(Form.TXT,))

    shop.queue.store.retry([path], NOW, redo=True)
    shop.work()

    assert shop.results().keys() == {"a.png.txt"}


def test_an_output_folder_of_an_earlier_config_that_cannot_be_reached_stops_nothing(shop: Shop, tmp_path: Path) -> None:
    path = shop.drop("a.png")
    shop.work()
    (tmp_path / "new").mkdir()
    shop.with_settings(output=tmp_path / "new")
    for result in shop.output.iterdir():
        result.unlink()
    shop.output.rmdir()
    shop.output.symlink_to(shop.output)  # whoever looks below it gets an error

    shop.queue.store.retry([path], NOW)
    shop.work()

    assert shop.entry(path).state is JobState.DONE
    assert {result.name for result in (tmp_path / "new").iterdir()} == {"a.png.txt", "a.png.html"}


def test_only_the_wanted_pages_are_read(tmp_path: Path, queue: Queue) -> None:
    shop = Shop(tmp_path, queue, pages="1, 3-")
    path = shop.drop("a.pdf", "red", "grey", "navy", "green")

    shop.work()

    assert shop.engine.asked == [1, 3, 4]
    assert shop.entry(path).pages == 3
    assert "Page 2" not in shop.results()["a.pdf.txt"]


def test_a_document_without_a_wanted_page_is_done_with_a_warning(tmp_path: Path, queue: Queue) -> None:
    shop = Shop(tmp_path, queue, pages="5-")
    path = shop.drop("a.pdf", "red", "grey")

    shop.work()

    assert shop.engine.asked == []
    assert shop.entry(path).state is JobState.DONE_WITH_WARNINGS
    assert "wanted" in shop.entry(path).warnings[0]


def test_more_pages_wanted_later_cost_only_those(tmp_path: Path, queue: Queue) -> None:
    shop = Shop(tmp_path, queue, pages="1")
    path = shop.drop("a.pdf", "red", "grey", "navy")
    shop.work()
    shop.with_settings(pages=((1, None),))

    shop.queue.store.retry([path], NOW)
    shop.work()

    assert shop.engine.asked == [1, 2, 3]


def test_reading_anew_asks_the_engine_for_every_page_and_replaces_the_results(shop: Shop) -> None:
    path = shop.drop("a.pdf", "red", "grey")
    shop.work()

    shop.queue.store.retry([path], NOW, redo=True)
    shop.work()

    assert shop.engine.asked == [1, 2, 1, 2]
    assert shop.results().keys() == {"a.pdf.txt", "a.pdf.html"}


def test_without_its_output_folder_nothing_is_lost_and_the_next_try_reads_nothing_again(
    shop: Shop, tmp_path: Path
) -> None:
    shop.drop("a.pdf", "red", "grey")
    shop.output.rename(tmp_path / "unplugged")
    with pytest.raises(DestinationUnavailable):
        shop.pipeline(shop.claim())

    (tmp_path / "unplugged").rename(shop.output)
    shop.restart()

    assert shop.engine.asked == [1, 2]
    assert shop.results().keys() == {"a.pdf.txt", "a.pdf.html"}


def test_a_newer_version_that_came_while_it_was_read_has_its_own_turn(shop: Shop) -> None:
    path = shop.drop("a.png", "red")
    job = shop.claim()

    def next_version_settles(_: int) -> None:
        shop.intake.deliver([(path, replace(job.stamp, mtime_ns=job.stamp.mtime_ns + 1))])

    shop.on_render = next_version_settles
    with pytest.raises(BrokenOff):
        shop.pipeline(job)

    assert shop.results() == {}
    assert shop.entry(path).state is JobState.QUEUED


def test_pages_that_the_engine_in_use_gave_up_for_another_engine_are_read_by_that_one(shop: Shop) -> None:
    # Another document's error had made "auto" take the other engine; this one was held for a while, with an error.
    shop.drop("a.png")
    shop.in_use = EngineInUse("stopped", "", StoppedEngine())
    job = shop.claim()

    def other_engine(_: int) -> None:
        shop.in_use = EngineInUse("counting", "", shop.engine)

    shop.on_render = other_engine
    with pytest.raises(BrokenOff):
        shop.pipeline(job)


def test_an_engine_that_is_gone_for_good_is_an_error(shop: Shop) -> None:
    shop.drop("a.png")
    shop.in_use = EngineInUse("stopped", "", StoppedEngine())

    with pytest.raises(EngineUnusable):
        shop.pipeline(shop.claim())


def test_progress_is_told_while_a_document_is_read(shop: Shop) -> None:
    progress = Progress(lambda: None)
    seen: list[tuple[int, int]] = []
    path = shop.drop("a.pdf", "red", "grey", "navy")

    def look(_: int) -> None:
        seen.extend((current.page, current.pages) for current in progress.all() if current.path == path)

    shop.on_render = look
    shop.with_parts(progress=progress)(shop.claim())

    assert seen[0] == (1, 3)
    assert progress.all() == []


def test_whatever_the_error_nobody_is_told_of_progress_any_more(shop: Shop) -> None:
    progress = Progress(lambda: None)
    shop.drop("a.png").unlink()

    with pytest.raises(GotwatchError):
        shop.with_parts(progress=progress)(shop.claim())

    assert progress.all() == []
