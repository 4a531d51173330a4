"""The pages of one document on their way through a reader and the engine: many at once, bounded in bytes."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from threading import Condition
from typing import Protocol

from gotwatch.documents import Finish, PageText, Prompt
from gotwatch.errors import EngineUnusable
from gotwatch.pixels import Hold, SharedPage


class PageReader(Protocol):
    """What can read a page: the engine process."""

    @property
    def slots(self) -> int: ...
    def submit(self, page: SharedPage, prompt: Prompt) -> Future[PageText]: ...


class PageSource(Protocol):
    """What can draw a page: a document that is open in a reader process."""

    def render(self, number: int) -> Hold: ...
    def let_go(self) -> None: ...


class ByteBudget:
    """How many bytes of pixels may wait for the engine. One page always may, whatever its size."""

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
) -> None:
    """Read the pages *numbers*, in any order; each text goes to *keep* as soon as it is there.

    *go_on* is called before each page and raises where no further one shall be begun. Whatever error ends this,
    the pages that were already with the engine are waited for and kept.
    """
    in_flight: set[Future[PageText]] = set()
    try:
        for number in numbers:
            go_on()
            page = source.render(number)
            if page.page.blank:
                page.release()
                keep(blank(number))
                continue
            in_flight.add(_submit(page, engine, prompt, budget))
            while len(in_flight) > engine.slots:
                in_flight = _collect(in_flight, keep)
        source.let_go()  # so that the next document's pages are drawn while the engine reads ours
        while in_flight:
            in_flight = _collect(in_flight, keep)
    except BaseException:
        for future in wait(in_flight).done:
            if not future.cancelled() and future.exception() is None:
                keep(future.result())
        raise


def blank(number: int) -> PageText:
    """The text of a page without ink: the model is not asked, as it invents some."""
    return PageText(
        number=number, markup="", tokens=0, seconds=0.0, confidence=None, finish=Finish.BLANK, checkpoint=""
    )


def _submit(page: Hold, engine: PageReader, prompt: Prompt, budget: ByteBudget) -> Future[PageText]:
    size_bytes = page.page.size_bytes
    budget.take(size_bytes)

    def let_go(_: Future[PageText] | None = None) -> None:
        page.release()
        budget.give_back(size_bytes)

    try:
        future = engine.submit(page.page, prompt)
    except BaseException:
        let_go()
        raise
    future.add_done_callback(let_go)
    return future


def _collect(in_flight: set[Future[PageText]], keep: Callable[[PageText], None]) -> set[Future[PageText]]:
    """Wait for at least one page and keep what is there; what is still in flight."""
    done, still = wait(in_flight, return_when=FIRST_COMPLETED)
    for future in done:
        in_flight.discard(future)
        keep(_text(future))
    return set(still)


def _text(future: Future[PageText]) -> PageText:
    try:
        return future.result()
    except CancelledError as exc:  # we never cancel: the engine's thread has ended
        raise EngineUnusable("The engine is no longer there", hint="Restart gotwatch; its log says why.") from exc
