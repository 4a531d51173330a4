"""Reading for somebody who waits: outside of the queue, and before the pages of the folders."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from gotwatch import flow
from gotwatch.documents import PageText, Prompt, counted
from gotwatch.engine import abilities
from gotwatch.engine.fleet import Fleet
from gotwatch.engine.room import EngineRoom
from gotwatch.errors import FatalError, Unsupported, UsageError
from gotwatch.flow import ByteBudget, PageSource
from gotwatch.pages.reader import ReaderPool
from gotwatch.pixels import Hold, SharedPage


def every_page(_number: int) -> bool:
    return True


def unheard(_page: int, _text: str) -> None:
    """For those who wait for the whole text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody waits for. Its functions are called in the thread that reads, but for *on_words*.

    *check_wanted* is called at least every second, and raises where nobody wants the text any more: then the engine
    is not kept busy with it.
    """

    files: tuple[Path, ...]  # one with any number of pages, or several with one page each
    titles: tuple[str, ...] = ()  # of the files in messages, if not their names
    prompt: Prompt
    wants_page: Callable[[int], bool] = every_page
    check_wanted: Callable[[], None] = lambda: None
    on_page: Callable[[int, int], None] = lambda _done, _pages: None  # pages read, pages in all
    on_text: Callable[[PageText], None] = lambda _page: None
    on_words: Callable[[int, str], None] | None = None  # page, its text so far; quick, in the engine's thread

    def title(self, index: int) -> str:
        return self.titles[index] if self.titles else self.files[index].name


@dataclass(frozen=True, slots=True)
class ReadUrgently:
    pages: tuple[PageText, ...]
    engine: str


class UrgentReading:
    def __init__(self, room: EngineRoom, readers: ReaderPool, budget: ByteBudget) -> None:
        self._room = room
        self._readers = readers
        self._budget = budget
        self._stopping = False

    def stop(self) -> None:
        """No other engine is tried from now on."""
        self._stopping = True

    def read(self, wish: Wish) -> ReadUrgently:
        """Blocks. Raises what is wrong with the files, the wish or the engine."""
        try:
            return self._read(wish)
        except FatalError as error:
            if self._stopping or not self._room.fall_back(error):
                raise
            return self._read(wish)

    def _read(self, wish: Wish) -> ReadUrgently:
        engine = self._room.choice.spec.name
        abilities.check_prompt(engine, wish.prompt)
        texts: list[PageText] = []
        with self._opened(wish) as (source, numbers):

            def check() -> None:
                wish.check_wanted()
                wish.on_page(sum(page.count for page in texts), len(numbers))

            def keep(page: PageText) -> None:
                texts.append(page)
                wish.on_text(page)
                check()

            check()
            flow.read_pages(
                source,
                numbers,
                _FirstInLine(self._room.fleet, wish),
                wish.prompt,
                budget=self._budget,
                go_on=wish.check_wanted,
                keep=keep,
                check_wanted=check,
            )
        return ReadUrgently(tuple(sorted(texts, key=lambda page: page.number)), engine)

    @contextmanager
    def _opened(self, wish: Wish) -> Iterator[tuple[PageSource, Sequence[int]]]:
        """The source of the pages, and which of them are wanted."""
        if len(wish.files) > 1:
            yield _Album(self._readers, wish), range(1, len(wish.files) + 1)
            return
        with self._readers.open(wish.files[0], title=wish.title(0)) as opened:
            numbers = [number for number in range(1, opened.count + 1) if wish.wants_page(number)]
            if not numbers:
                raise UsageError(
                    f"None of the pages asked for is there: it has {counted(opened.count, 'page')}",
                    hint="Pages are counted from 1.",
                )
            yield opened, numbers


class _FirstInLine:
    """The engine, for pages that go before those of the folders."""

    def __init__(self, fleet: Fleet, wish: Wish) -> None:
        self._fleet = fleet
        self._on_words = wish.on_words

    @property
    def slots(self) -> int:
        return self._fleet.slots

    def submit(self, pages: Sequence[SharedPage], prompt: Prompt) -> Future[PageText]:
        return self._fleet.submit(pages, prompt, urgent=True, tell=self._teller(pages[0].number))

    def _teller(self, page: int) -> Callable[[str], None] | None:
        on_words = self._on_words
        return None if on_words is None else lambda text: on_words(page, text)


class _Album:
    """Several files of one page each, as if they were the pages of one."""

    def __init__(self, readers: ReaderPool, wish: Wish) -> None:
        self._readers = readers
        self._wish = wish

    def render(self, number: int) -> Hold:
        file, title = self._wish.files[number - 1], self._wish.title(number - 1)
        with self._readers.open(file, title=title) as opened:
            if opened.count != 1:
                raise Unsupported(
                    f"{title} has {counted(opened.count, 'page')}: of several files each is to be one page",
                    hint="Send a document of many pages alone.",
                )
            hold = opened.render(1)
        hold.page = replace(hold.page, number=number)
        return hold

    def let_go(self) -> None:
        """Each file is let go once its page is drawn."""
