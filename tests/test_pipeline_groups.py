"""Documents whose pages are read several in one go: which are read, which are kept, and what the results say."""

from dataclasses import replace
from pathlib import Path

import pytest

from gotwatch.jobs.job import JobState
from gotwatch.jobs.queue import Queue
from gotwatch.pipeline import usable
from tests.queues import NOW, page
from tests.shops import Killed, Shop

TEN = ("red", "grey", "navy", "green", "pink", "tan", "teal", "gold", "plum", "blue")


@pytest.fixture
def shop(tmp_path: Path, queue: Queue) -> Shop:
    return Shop(tmp_path, queue, multi_page=True)


def test_a_document_is_read_in_groups_that_the_results_name(shop: Shop) -> None:
    path = shop.drop("a.pdf", *TEN)

    shop.work()

    assert shop.entry(path).pages == 10
    results = shop.results()
    assert [part.splitlines()[-1] for part in results["a.pdf.txt"].split("\f")] == [
        "Page 8: 40 x 100, format",
        "Page 10: 40 x 120, format",
    ]
    assert "10 pages" in results["a.pdf.html"]
    assert "Pages 1\N{EN DASH}8" in results["a.pdf.html"]
    assert "Pages 9\N{EN DASH}10" in results["a.pdf.html"]


def test_a_blank_page_stands_for_itself_between_two_groups(shop: Shop) -> None:
    shop.drop("a.pdf", "red", "grey", "white", "navy", "green")

    shop.work()

    assert shop.engine.read_pages == [1, 2, 4, 5]
    html = shop.results()["a.pdf.html"]
    assert html.index("Pages 1\N{EN DASH}2") < html.index("Blank page.") < html.index("Pages 4\N{EN DASH}5")


def test_killed_between_two_groups_it_reads_no_page_twice(shop: Shop) -> None:
    path = shop.drop("a.pdf", *TEN)
    shop.engine.deadly = 9
    with pytest.raises(Killed):
        shop.pipeline(shop.claim())
    shop.engine.deadly = 0

    shop.restart()

    assert shop.engine.read_pages == [*range(1, 11)]
    assert shop.entry(path).state is JobState.DONE


def test_the_same_bytes_twice_are_read_once(shop: Shop) -> None:
    first = shop.drop("a.pdf", *TEN)
    (shop.folder / "b.pdf").write_bytes(first.read_bytes())
    shop.settle(shop.folder / "b.pdf")

    shop.work()

    assert shop.engine.read_pages == [*range(1, 11)]
    assert shop.results()["a.pdf.txt"] == shop.results()["b.pdf.txt"]


def test_progress_counts_pages_and_not_groups(shop: Shop) -> None:
    shop.drop("a.pdf", *TEN)
    parts = shop.parts()
    seen: list[int] = []
    shop.on_render = lambda _: seen.extend(current.done for current in parts.progress.all())
    shop.engine.slots = 0  # each group is waited for before the next is drawn

    shop.with_parts(progress=parts.progress)(shop.claim())

    assert seen == [0] * 8 + [8] * 2


def test_a_group_of_which_only_a_part_is_wanted_now_is_read_again(shop: Shop) -> None:
    path = shop.drop("a.pdf", *TEN)
    shop.work()
    shop.with_settings(pages=((3, 4),))
    shop.queue.store.retry([path], NOW)

    shop.work()

    assert shop.engine.read_pages == [*range(1, 11), 3, 4]
    assert "Pages 3\N{EN DASH}4" in shop.results()["a.pdf.html"]


def test_of_kept_texts_none_covers_a_page_twice_or_one_that_is_not_wanted() -> None:
    kept = [replace(page(1), count=8), replace(page(3), count=2), page(9), replace(page(10), count=2)]

    whole, part = usable(kept, range(1, 11)), usable(kept, [3, 4, 9])

    assert [text.numbers for text in whole] == [range(1, 9), range(9, 10)]
    assert [text.numbers for text in part] == [range(3, 5), range(9, 10)]
