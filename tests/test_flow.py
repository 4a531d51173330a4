"""Pages on their way through the engine: how many at once, and what becomes of them when something goes wrong."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.shared_memory import SharedMemory
from threading import Event, Thread

import pytest

from gotwatch import pixels
from gotwatch.documents import MOST_IN_ONE_GO, Finish, Mode, PageText, Prompt
from gotwatch.errors import EngineCrashed, EngineUnusable, Unreadable
from gotwatch.flow import ByteBudget, PageReader, PageSource, read_pages
from gotwatch.pixels import Hold, SharedPage
from tests.in_process import InstantEngine, LateEngine

Eventually = Callable[[Callable[[], object]], None]
PAGE_BYTES = 2 * 2 * 3
ALONE, TOGETHER = Prompt(), Prompt(Mode.FORMAT, multi_page=True)


class Sheets:
    """Small grey pages; those in *blank* are white. Remembers the memory that they took."""

    def __init__(self, *, blank: tuple[int, ...] = (), torn: int = 0, size: int = 2) -> None:
        self.blank = blank
        self.torn = torn
        self.size = size
        self.rendered: list[int] = []
        self.blocks: list[str] = []

    def render(self, number: int) -> Hold:
        if number == self.torn:
            raise Unreadable(f"Page {number} is torn")
        block = pixels.new_block_name()
        rgb = b"\x80" * (self.size * self.size * 3)
        page, memory = pixels.fill(block, number, self.size, self.size, rgb, blank=number in self.blank)
        hold = Hold(page)
        memory.close()
        self.blocks.append(block)
        self.rendered.append(number)
        return hold

    def let_go(self) -> None:
        """Nobody waits for it."""


class CrashingEngine(InstantEngine):
    """Fails on page 2."""

    def read(self, pages: Sequence[SharedPage], prompt: Prompt) -> PageText:
        if pages[0].number == 2:
            raise EngineCrashed("It ended")
        return super().read(pages, prompt)


class ClosedEngine(InstantEngine):
    """Cancels each page, as an engine does that was stopped."""

    def submit(self, pages: Sequence[SharedPage], prompt: Prompt) -> Future[PageText]:
        future: Future[PageText] = Future()
        future.cancel()
        future.set_running_or_notify_cancel()
        return future


class BrokenDoorEngine(InstantEngine):
    """Cannot even be asked."""

    def submit(self, pages: Sequence[SharedPage], prompt: Prompt) -> Future[PageText]:
        raise KeyError("oops")


class NotingEngine(InstantEngine):
    """Remembers how it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.prompts: list[Prompt] = []

    def read(self, pages: Sequence[SharedPage], prompt: Prompt) -> PageText:
        self.prompts.append(prompt)
        return super().read(pages, prompt)


class Enough(Exception):
    """What go_on raises."""


def read(
    source: PageSource,
    engine: PageReader,
    kept: list[PageText],
    *,
    pages: int | Sequence[int] = 3,
    prompt: Prompt = ALONE,
    budget: ByteBudget | None = None,
    go_on: Callable[[], None] = lambda: None,
    check_wanted: Callable[[], None] | None = None,
) -> None:
    read_pages(
        source,
        range(1, pages + 1) if isinstance(pages, int) else pages,
        engine,
        prompt,
        budget=budget or ByteBudget(10**6),
        go_on=go_on,
        keep=kept.append,
        check_wanted=check_wanted,
    )


def is_left(block: str) -> bool:
    try:
        SharedMemory(name=block).close()
    except FileNotFoundError:
        return False
    return True


def groups(kept: list[PageText]) -> list[tuple[int, int]]:
    return sorted((page.numbers[0], page.numbers[-1]) for page in kept)


def numbers(kept: list[PageText]) -> list[int]:
    return sorted(page.number for page in kept)


def test_every_page_is_kept_once() -> None:
    kept: list[PageText] = []

    read(Sheets(), InstantEngine(), kept, pages=9)

    assert numbers(kept) == list(range(1, 10))
    assert {page.markup for page in kept if page.number == 1} == {"Page 1: 2 x 2, plain"}


def test_a_blank_page_is_kept_without_asking_the_engine() -> None:
    kept: list[PageText] = []
    engine = InstantEngine()

    read(Sheets(blank=(2,)), engine, kept)

    assert engine.asked == [1, 3]
    assert [(page.number, page.markup) for page in kept if page.finish is Finish.BLANK] == [(2, "")]


def test_a_page_is_kept_as_soon_as_it_is_there_whatever_the_order(eventually: Eventually) -> None:
    kept: list[PageText] = []
    engine = LateEngine()
    thread = Thread(target=read, args=(Sheets(), engine, kept), daemon=True)
    thread.start()
    eventually(lambda: len(engine.waiting) == 3)

    engine.answer(2)

    eventually(lambda: numbers(kept) == [2])
    engine.answer(3)
    engine.answer(1)
    thread.join()
    assert numbers(kept) == [1, 2, 3]


def test_one_page_more_is_drawn_than_the_engine_takes_and_no_further_one(eventually: Eventually) -> None:
    kept: list[PageText] = []
    sheets, engine = Sheets(), LateEngine()
    thread = Thread(target=read, args=(sheets, engine, kept), kwargs={"pages": 4}, daemon=True)
    thread.start()
    eventually(lambda: len(engine.waiting) == 3)

    drawn = list(sheets.rendered)

    assert drawn == [1, 2, 3]
    engine.answer(1)
    eventually(lambda: 4 in engine.waiting)
    for number in (2, 3, 4):
        engine.answer(number)
    thread.join()


@pytest.mark.parametrize("engine", [InstantEngine(), CrashingEngine(), ClosedEngine(), BrokenDoorEngine()])
def test_no_pixels_are_left_in_memory_however_it_ends(engine: PageReader) -> None:
    sheets, budget = Sheets(blank=(1,)), ByteBudget(PAGE_BYTES)

    with suppress(EngineCrashed, EngineUnusable, KeyError):
        read(sheets, engine, [], budget=budget)

    assert [block for block in sheets.blocks if is_left(block)] == []
    budget.take(PAGE_BYTES)  # would block if any of it were still taken


def test_an_error_of_the_engine_keeps_the_pages_that_were_read() -> None:
    kept: list[PageText] = []

    with pytest.raises(EngineCrashed):
        read(Sheets(), CrashingEngine(), kept)

    assert numbers(kept) == [1, 3]


def test_a_torn_page_keeps_those_that_the_engine_has_already(eventually: Eventually) -> None:
    kept: list[PageText] = []
    engine = LateEngine()
    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(read, Sheets(torn=3), engine, kept)
        eventually(lambda: len(engine.waiting) == 2)

        engine.answer(1)
        engine.answer(2)

        assert isinstance(ended.exception(), Unreadable)
    assert numbers(kept) == [1, 2]


def test_where_no_further_page_shall_be_begun_the_begun_ones_are_kept() -> None:
    kept: list[PageText] = []
    sheets = Sheets()

    def go_on() -> None:
        if len(sheets.rendered) == 2:
            raise Enough

    with pytest.raises(Enough):
        read(sheets, InstantEngine(), kept, go_on=go_on)

    assert sheets.rendered == [1, 2]
    assert numbers(kept) == [1, 2]


def test_an_engine_that_was_stopped_is_told_as_such() -> None:
    with pytest.raises(EngineUnusable, match="no longer there"):
        read(Sheets(), ClosedEngine(), [])


def test_pages_that_wait_for_the_engine_never_take_more_than_the_budget(eventually: Eventually) -> None:
    kept: list[PageText] = []
    engine = LateEngine()
    engine.slots = 99
    budget = ByteBudget(2 * PAGE_BYTES)
    thread = Thread(target=read, args=(Sheets(), engine, kept), kwargs={"pages": 5, "budget": budget}, daemon=True)
    thread.start()

    for number in range(1, 6):
        eventually(lambda number=number: number in engine.waiting)  # type: ignore[misc]
        assert len(engine.waiting) <= 2
        engine.answer(number)

    thread.join()
    assert numbers(kept) == [1, 2, 3, 4, 5]


def test_a_page_larger_than_the_whole_budget_is_read_alone() -> None:
    kept: list[PageText] = []

    read(Sheets(size=9), InstantEngine(), kept, budget=ByteBudget(PAGE_BYTES))

    assert numbers(kept) == [1, 2, 3]


def test_a_large_page_is_not_overtaken_by_small_ones_for_ever(eventually: Eventually) -> None:
    # Small pages of other documents always found room, so a large one waited as long as there were any.
    budget = ByteBudget(10)
    budget.take(4)
    taken: list[str] = []

    def take(name: str, size_bytes: int) -> None:
        budget.take(size_bytes)
        taken.append(name)

    large = Thread(target=take, args=("large", 10), daemon=True)
    large.start()
    eventually(lambda: budget.waiting == 1)
    small = Thread(target=take, args=("small", 1), daemon=True)
    small.start()
    eventually(lambda: budget.waiting == 2)

    budget.give_back(4)
    large.join()
    budget.give_back(10)
    small.join()

    assert taken == ["large", "small"]


def test_pages_that_are_read_together_come_in_groups_of_as_many_as_a_model_was_trained_on() -> None:
    kept: list[PageText] = []

    read(Sheets(), InstantEngine(), kept, pages=2 * MOST_IN_ONE_GO + 3, prompt=TOGETHER)

    assert groups(kept) == [(1, 8), (9, 16), (17, 19)]
    first = next(page for page in kept if page.number == 1)
    assert first.markup.splitlines()[7] == "Page 8: 2 x 2, format"


def test_a_blank_page_parts_two_groups() -> None:
    kept: list[PageText] = []

    read(Sheets(blank=(1, 4)), InstantEngine(), kept, pages=7, prompt=TOGETHER)

    assert groups(kept) == [(1, 1), (2, 3), (4, 4), (5, 7)]
    assert [page.number for page in kept if page.finish is Finish.BLANK] == [1, 4]


def test_pages_that_do_not_follow_each_other_are_not_read_together() -> None:
    kept: list[PageText] = []

    read(Sheets(), InstantEngine(), kept, pages=[1, 2, 5, 6, 9], prompt=TOGETHER)

    assert groups(kept) == [(1, 2), (5, 6), (9, 9)]


@pytest.mark.parametrize("missing", [range(1, 9), range(9, 17), range(17, 21), [*range(1, 9), *range(17, 21)]])
def test_whoever_reads_what_is_missing_makes_the_same_groups_again(missing: Sequence[int]) -> None:
    whole: list[PageText] = []
    rest: list[PageText] = []
    read(Sheets(), InstantEngine(), whole, pages=20, prompt=TOGETHER)

    read(Sheets(), InstantEngine(), rest, pages=missing, prompt=TOGETHER)

    assert set(groups(rest)) == {group for group in groups(whole) if group[0] in missing}


def test_a_page_that_is_left_over_is_asked_for_alone_but_in_the_same_mode() -> None:
    engine = NotingEngine()

    read(Sheets(), engine, [], pages=MOST_IN_ONE_GO + 1, prompt=TOGETHER)

    assert engine.prompts == [TOGETHER, Prompt(Mode.FORMAT)]


def test_a_group_that_is_never_whole_leaves_no_pixels_and_is_not_read() -> None:
    sheets, kept = Sheets(torn=11), list[PageText]()

    with pytest.raises(Unreadable):
        read(sheets, InstantEngine(), kept, pages=12, prompt=TOGETHER)

    assert groups(kept) == [(1, 8)]
    assert sheets.rendered == list(range(1, 11))
    assert [block for block in sheets.blocks if is_left(block)] == []


def test_a_group_that_cannot_be_asked_for_leaves_no_pixels() -> None:
    sheets, budget = Sheets(), ByteBudget(PAGE_BYTES)

    with pytest.raises(KeyError):
        read(sheets, BrokenDoorEngine(), [], pages=[1, 2, 4, 5], prompt=TOGETHER, budget=budget)

    assert [block for block in sheets.blocks if is_left(block)] == []
    budget.take(PAGE_BYTES)  # would block if any of it were still taken


def test_the_budget_counts_all_pages_of_a_group(eventually: Eventually) -> None:
    kept: list[PageText] = []
    sheets, engine = Sheets(), LateEngine()
    budget = ByteBudget(12 * PAGE_BYTES)
    more = {"pages": 16, "prompt": TOGETHER, "budget": budget}
    thread = Thread(target=read, args=(sheets, engine, kept), kwargs=more, daemon=True)
    thread.start()
    eventually(lambda: budget.waiting)

    waiting = list(engine.waiting)

    assert waiting == [1]
    engine.answer(1)
    eventually(lambda: 9 in engine.waiting)
    engine.answer(9)
    thread.join()


def test_pages_that_nobody_wants_any_more_are_cancelled_while_they_are_read(eventually: Eventually) -> None:
    sheets, engine, hung_up = Sheets(), LateEngine(), Event()

    def check_wanted() -> None:
        if hung_up.is_set():
            raise Enough

    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(read, sheets, engine, [], check_wanted=check_wanted)
        eventually(lambda: len(engine.waiting) == 3)

        hung_up.set()

        assert isinstance(ended.exception(), Enough)
    assert all(text.cancelled() for text in engine.waiting.values())
    assert [block for block in sheets.blocks if is_left(block)] == []


def test_where_texts_may_be_unwanted_no_error_waits_for_those_in_flight() -> None:
    engine = LateEngine()

    with pytest.raises(Unreadable):
        read(Sheets(torn=3), engine, [], check_wanted=lambda: None)

    assert [text.cancelled() for text in engine.waiting.values()] == [True, True]
