"""The kept text of pages, and the outputs that are ours."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from gotwatch.documents import Finish, Mode, Output, Prompt, Reading
from gotwatch.jobs.queue import Queue
from tests.queues import READING, add, claim, page

TXT = Output(Path("/out/a.png.txt"), "o1")


def two_jobs(queue: Queue) -> tuple[int, int]:
    add(queue, "/scans/a.png", "/scans/b.png")
    return claim(queue).id, claim(queue).id


def test_a_kept_page_comes_back_as_it_was(queue: Queue) -> None:
    text = replace(page(3, "Füße\n\n\U0001d6fc"), confidence=None, finish=Finish.LOOP)

    queue.shelf.save_page("d1", READING, text)

    assert queue.shelf.pages("d1", READING) == {3: text}


def test_pages_that_were_read_in_one_go_come_back_as_such(queue: Queue) -> None:
    text = replace(page(3), count=4, least_confidence=0.25)

    queue.shelf.save_page("d1", READING, text)

    assert queue.shelf.pages("d1", READING) == {3: text}


def test_the_tokens_themselves_are_not_kept(queue: Queue) -> None:
    queue.shelf.save_page("d1", READING, replace(page(1), ids=(1, 2), log_probs=(-0.5, -0.1, -0.2)))

    assert queue.shelf.pages("d1", READING) == {1: page(1)}


def test_a_page_that_is_read_again_replaces_the_kept_one(queue: Queue) -> None:
    queue.shelf.save_page("d1", READING, page(1, "old"))

    queue.shelf.save_page("d1", READING, page(1, "new"))

    assert queue.shelf.pages("d1", READING)[1].markup == "new"


@pytest.mark.parametrize(
    "other",
    [
        replace(READING, engine="got"),
        replace(READING, checkpoint="my/model"),
        replace(READING, prompt=Prompt(Mode.FORMAT)),
        replace(READING, alone="a.png"),
    ],
)
def test_text_of_another_way_of_reading_is_not_used(queue: Queue, other: Reading) -> None:
    queue.shelf.save_page("d1", READING, page(1))

    assert queue.shelf.pages("d1", other) == {}
    assert queue.shelf.pages("d2", READING) == {}


def test_only_the_pages_of_one_content_and_reading_are_dropped(queue: Queue) -> None:
    other = replace(READING, engine="got")
    for digest, reading in (("d1", READING), ("d1", other), ("d2", READING)):
        queue.shelf.save_page(digest, reading, page(1))

    queue.shelf.drop_pages("d1", READING)

    assert queue.shelf.pages("d1", READING) == {}
    assert queue.shelf.pages("d1", other) == {1: page(1)}
    assert queue.shelf.pages("d2", READING) == {1: page(1)}


def test_an_intended_output_is_known_as_ours_at_once(queue: Queue) -> None:
    first, second = two_jobs(queue)

    assert queue.shelf.intend(first, TXT, "/out/a.png.txt")
    assert queue.shelf.intend(first, replace(TXT, digest="o2"), "/out/a.png.txt")

    assert queue.shelf.wrote(first, TXT.path) == {"o1", "o2"}
    assert queue.shelf.wrote(second, TXT.path) == frozenset()


def test_an_output_may_be_intended_again(queue: Queue) -> None:
    first, _ = two_jobs(queue)
    queue.shelf.intend(first, TXT, "/out/a.png.txt")

    assert queue.shelf.intend(first, TXT, "/out/a.png.txt")
    assert queue.shelf.outputs(first) == (TXT,)


def test_a_name_is_taken_for_all_jobs_but_its_own(queue: Queue) -> None:
    first, second = two_jobs(queue)
    queue.shelf.intend(first, TXT, "/out/a.png.txt")

    assert not queue.shelf.taken(first, "/out/a.png.txt")
    assert queue.shelf.taken(second, "/out/a.png.txt")


def test_of_two_names_that_some_disks_take_for_one_only_one_is_given(queue: Queue) -> None:
    # Two threads both asked before either had noted its output, and on macOS the second went over the first.
    jobs = two_jobs(queue)
    start = Barrier(2)

    def intend(job_id: int, name: str) -> bool:
        start.wait()
        return queue.shelf.intend(job_id, Output(Path("/out") / name, name), "/out/a.png.txt")

    with ThreadPoolExecutor(2) as pool:
        given = list(pool.map(intend, jobs, ("a.png.txt", "A.png.txt")))

    assert sorted(given) == [False, True]


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_an_output_may_have_a_name_that_is_no_text(queue: Queue) -> None:
    first, _ = two_jobs(queue)
    odd = Output(Path(os.fsdecode(b"/out/\xff.txt")), "o1")

    queue.shelf.intend(first, odd, "/out/?.txt")

    assert queue.shelf.outputs(first) == (odd,)
    assert queue.shelf.wrote(first, odd.path) == {"o1"}
