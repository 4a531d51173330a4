"""The pages of one document on their way through a reader and the engine: many at once, bounded in bytes."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import closing
from dataclasses import replace
from threading import Condition
from typing import Protocol

from gotwatch.documents import MOST_IN_ONE_GO, Finish, PageText, Prompt
from gotwatch.errors import EngineUnusable
from gotwatch.pixels import Hold, SharedPage

CHECK_SECONDS = 1.0  # between two looks whether the texts are still wanted


class PageReader(Protocol):
    """What can read a page, or several in one go: the engine process."""

    @property
    def slots(self) -> int: ...
    def submit(self, pages: Sequence[SharedPage], prompt: Prompt) -> Future[PageText]: ...


class PageSource(Protocol):
    """What can draw a page: a document that is open in a reader process."""

    def render(self, number: int) -> Hold: ...
    def let_go(self) -> None: ...


class ByteBudget:
    """How many bytes of pixels may wait for the engine. One page or group always may, whatever its size."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._used_bytes = 0
        self._queue: deque[object] = deque()
        self._changed = Condition()

    @property
    def waiting(self) -> int:
        """How many pages there is no room for yet."""
        return len(self._queue)

    def take(self, size_bytes: int) -> None:
        """Blocks until there is room, and until all who asked before have theirs: else a large page waits for ever."""
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            self._changed.wait_for(lambda: self._queue[0] is ticket and self._has_room(size_bytes))
            self._queue.popleft()
            self._used_bytes += size_bytes
            self._changed.notify_all()

    def give_back(self, size_bytes: int) -> None:
        with self._changed:
            self._used_bytes -= size_bytes
            self._changed.notify_all()

    def _has_room(self, size_bytes: int) -> bool:
        return not self._used_bytes or self._used_bytes + size_bytes <= self._limit_bytes


def read_pages(
    source: PageSource,
    numbers: Iterable[int],
    engine: PageReader,
    prompt: Prompt,
    *,
    budget: ByteBudget,
    go_on: Callable[[], None],
    keep: Callable[[PageText], None],
    check_wanted: Callable[[], None] | None = None,
) -> None:
    """Read the pages *numbers*, which grow, in any order; each text goes to *keep* as soon as it is there.

    *go_on* is called before each page and raises where no further one shall be begun. Whatever error ends this,
    the pages that were already with the engine are waited for and kept. Not so with *check_wanted*, which is called
    every second while nothing comes, and raises where nobody wants the texts any more: then they are cancelled.
    """
    in_flight = _InFlight(keep, check_wanted)
    inked = _inked(source, numbers, go_on, keep)
    try:
        with closing(_together(inked, MOST_IN_ONE_GO if prompt.multi_page else 1)) as groups:
            for pages in groups:
                in_flight.add(_submit(pages, engine, prompt, budget))
                in_flight.collect_all_but(engine.slots)
        source.let_go()  # so that the next document's pages are drawn while the engine reads ours
        in_flight.collect_all_but(0)
    except BaseException:
        in_flight.end()
        raise


def blank(number: int) -> PageText:
    """The text of a page without ink: the model is not asked, as it invents some."""
    return PageText(
        number=number, markup="", tokens=0, seconds=0.0, confidence=None, finish=Finish.BLANK, checkpoint=""
    )


def _inked(
    source: PageSource, numbers: Iterable[int], go_on: Callable[[], None], keep: Callable[[PageText], None]
) -> Iterator[Hold]:
    for number in numbers:
        go_on()
        page = source.render(number)
        if page.page.blank:
            page.release()
            keep(blank(number))
        else:
            yield page


def _together(pages: Iterator[Hold], most: int) -> Generator[list[Hold], None, None]:
    """Neighbours that are read in one go, at most so many. A blank page parts them, and one that is not asked for.

    So the groups depend on the pages alone, and whoever reads only what is missing makes the same ones again.
    """
    group: list[Hold] = []
    try:
        for page in pages:
            if group and group[-1].page.number + 1 != page.page.number:
                whole, group = group, [page]
                yield whole
            else:
                group.append(page)
            if len(group) == most:
                whole, group = group, []
                yield whole
        if group:
            whole, group = group, []
            yield whole
    finally:
        for page in group:  # of a group that is never whole; the others are not ours any more
            page.release()


def _submit(pages: list[Hold], engine: PageReader, prompt: Prompt, budget: ByteBudget) -> Future[PageText]:
    size_bytes = sum(page.page.size_bytes for page in pages)
    budget.take(size_bytes)

    def let_go(_: Future[PageText] | None = None) -> None:
        for page in pages:
            page.release()
        budget.give_back(size_bytes)

    try:
        future = engine.submit([page.page for page in pages], _prompt_for(len(pages), prompt))
    except BaseException:
        let_go()
        raise
    future.add_done_callback(let_go)
    return future


def _prompt_for(count: int, prompt: Prompt) -> Prompt:
    """A page that is left over is asked for alone: the models were trained on two and more in one go."""
    return prompt if count > 1 else replace(prompt, multi_page=False)


class _InFlight:
    """The pages that the engine has, and what becomes of their texts."""

    def __init__(self, keep: Callable[[PageText], None], check_wanted: Callable[[], None] | None) -> None:
        self._keep = keep
        self._check_wanted = check_wanted
        self._texts: set[Future[PageText]] = set()

    def add(self, text: Future[PageText]) -> None:
        self._texts.add(text)

    def collect_all_but(self, count: int) -> None:
        """Wait until no more than *count* are left. What is there is kept at once, whatever the order."""
        while len(self._texts) > count:
            for text in self._next():
                self._texts.discard(text)
                self._keep(_text(text))

    def end(self) -> None:
        if self._check_wanted is None:
            self._keep_rest()
        else:
            for text in self._texts:
                text.cancel()

    def _next(self) -> set[Future[PageText]]:
        """At least one whose text is there."""
        if self._check_wanted is None:
            return wait(self._texts, return_when=FIRST_COMPLETED).done
        while not (done := wait(self._texts, CHECK_SECONDS, FIRST_COMPLETED).done):
            self._check_wanted()
        return done

    def _keep_rest(self) -> None:
        for text in wait(self._texts).done:
            if not text.cancelled() and text.exception() is None:
                self._keep(text.result())


def _text(future: Future[PageText]) -> PageText:
    try:
        return future.result()
    except CancelledError as exc:  # we never cancel: the engine's thread has ended
        raise EngineUnusable("The engine is no longer there", hint="Restart gotwatch; its log says why.") from exc
