"""What a kill -9 leaves behind, wherever it strikes, and what the next start makes of it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from gotwatch.documents import Output
from gotwatch.jobs.job import JobState
from gotwatch.jobs.queue import Queue
from gotwatch.jobs.shelf import Shelf
from tests.queues import NOW, try_claim
from tests.shops import Killed, Shop, draw


@pytest.fixture
def shop(tmp_path: Path, queue: Queue) -> Shop:
    return Shop(tmp_path, queue)


class DyingShelf:
    """The shelf, until the program is killed beside an output that it intends."""

    def __init__(self, shelf: Shelf, *, before: int = 0, after: int = 0) -> None:
        self._shelf = shelf
        self._before = before
        self._after = after
        self._intended = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shelf, name)

    def intend(self, job_id: int, output: Output, fold: str) -> bool:
        self._intended += 1
        if self._intended == self._before:
            raise Killed
        intended = self._shelf.intend(job_id, output, fold)
        if self._intended == self._after:
            raise Killed
        return intended


def dying_queue(queue: Queue, *, before: int = 0, after: int = 0) -> Queue:
    return replace(queue, shelf=cast(Shelf, DyingShelf(queue.shelf, before=before, after=after)))


def dying_clock(calls: int) -> Callable[[], Any]:
    """Kills at its *calls*th call: the first is for the document, the second for its end."""
    turns = iter([NOW] * (calls - 1))

    def now() -> Any:
        for moment in turns:
            return moment
        raise Killed

    return now


DEATHS: dict[str, Callable[[Shop], dict[str, Any]]] = {
    "before publishing": lambda _: {"now": dying_clock(1)},
    "before the first result": lambda shop: {"queue": dying_queue(shop.queue, before=1)},
    "at the first result": lambda shop: {"queue": dying_queue(shop.queue, after=1)},
    "between the results": lambda shop: {"queue": dying_queue(shop.queue, before=2)},
    "at the last result": lambda shop: {"queue": dying_queue(shop.queue, after=2)},
    "after publishing": lambda _: {"now": dying_clock(2)},
}


@pytest.mark.parametrize("death", DEATHS)
def test_killed_while_it_publishes_it_reads_no_page_twice_and_leaves_no_second_result(shop: Shop, death: str) -> None:
    path = shop.drop("a.pdf", "red", "grey", "navy")
    with pytest.raises(Killed):
        shop.with_parts(**DEATHS[death](shop))(shop.claim())

    shop.restart()

    assert shop.engine.read_pages == [1, 2, 3]
    assert shop.results().keys() == {"a.pdf.txt", "a.pdf.html"}
    assert shop.entry(path).state is JobState.DONE


@pytest.mark.parametrize("death", DEATHS)
def test_killed_while_it_replaces_results_it_leaves_no_second_ones(shop: Shop, death: str) -> None:
    path = shop.drop("a.pdf", "red")
    shop.work()
    draw(path, "red", "blue")
    shop.settle(path)
    with pytest.raises(Killed):
        shop.with_parts(**DEATHS[death](shop))(shop.claim())

    shop.restart()

    assert shop.results().keys() == {"a.pdf.txt", "a.pdf.html"}
    assert "Page 2" in shop.results()["a.pdf.txt"]


def test_killed_at_every_page_in_turn_it_reads_each_once_and_is_never_given_up(shop: Shop) -> None:
    # It was given up at the third kill, though it had come further each time.
    path = shop.drop("a.pdf", *("red", "grey", "navy", "green", "pink", "tan"))
    for shop.engine.deadly in range(2, 7):
        with pytest.raises(Killed):
            shop.pipeline(shop.claim())
        shop.queue.store.recover(3, NOW)
    shop.engine.deadly = 0

    shop.work()

    assert Counter(shop.engine.read_pages) == Counter(range(1, 7))
    assert shop.entry(path).state is JobState.DONE


def test_a_file_that_kills_at_the_same_page_each_time_is_given_up(shop: Shop) -> None:
    path = shop.drop("a.pdf", "red", "grey")
    shop.engine.deadly = 2
    for _ in range(4):
        if job := try_claim(shop.queue, watches=(shop.watch.key,)):
            with pytest.raises(Killed):
                shop.pipeline(job)
            shop.queue.store.recover(3, NOW)

    assert shop.entry(path).state is JobState.FAILED
