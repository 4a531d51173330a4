"""Whose turn it is at the engine, and which page is to blame when the engine dies. Knows no process and no clock.

When the engine dies with several pages in flight, each of them is suspected. Suspects are tried again
one at a time, before all others, until each has passed or has brought the engine down twice alone.
So a page never fails because of its neighbour.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from gotwatch.documents import PageText, Prompt, page_title
from gotwatch.pixels import SharedPage

MAX_STRIKES = 2  # one may be the machine's fault, with the same page twice it is the page's


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """A page that waits for its text, or several that are read in one go."""

    request: int
    pages: tuple[SharedPage, ...]
    prompt: Prompt
    text: Future[PageText] = field(default_factory=Future)
    strikes: int = 0  # how often the engine died with this page alone
    urgent: bool = False  # before all that are not: somebody waits for it
    tell: Callable[[str], None] | None = None  # takes the text so far, where the engine says it while it writes

    @property
    def title(self) -> str:
        return page_title(self.pages[0].number, len(self.pages))

    @property
    def is_unwanted(self) -> bool:
        return self.text.cancelled()

    def succeed(self, text: PageText) -> None:
        # Pending until now, so that a page can be cancelled at any time, also while the engine is at it.
        if self.text.set_running_or_notify_cancel():
            self.text.set_result(text)

    def fail(self, error: Exception) -> None:
        if self.text.set_running_or_notify_cancel():
            self.text.set_exception(error)

    def say(self, text_so_far: str) -> None:
        if self.tell is not None and not self.is_unwanted:
            self.tell(text_so_far)

    def cancel(self) -> None:
        self.text.cancel()
        self.text.set_running_or_notify_cancel()  # wakes those who wait for several futures


@dataclass(frozen=True, slots=True)
class Flight:
    """A turn that the engine has been given, and when."""

    turn: Turn
    since_seconds: float
    is_called_off: bool = False  # the engine was told that nobody wants the text any more


class Turns:
    """The pages that have no text yet, in their order. Belongs to one thread."""

    def __init__(self) -> None:
        self._waiting: deque[Turn] = deque()
        self._urgent: deque[Turn] = deque()
        self._suspects: deque[Turn] = deque()
        self._in_flight: dict[int, Flight] = {}  # by request, oldest first
        self._alone = False  # whether what is in flight is a suspect, and so has no company

    @property
    def in_flight(self) -> int:
        return len(self._in_flight)

    @property
    def waiting(self) -> int:
        return len(self._suspects) + len(self._urgent) + len(self._waiting)

    @property
    def oldest(self) -> Flight | None:
        """What the engine has had for the longest time."""
        return next(iter(self._in_flight.values()), None)

    def add(self, turn: Turn) -> None:
        (self._urgent if turn.urgent else self._waiting).append(turn)

    def pending(self) -> bool:
        """Whether any page still wants its text."""
        return bool(self._in_flight) or any(map(_live, (self._suspects, self._urgent, self._waiting)))

    def send(self, slots: int, now_seconds: float) -> Turn | None:
        """The next page for an engine of *slots*, from now on in flight."""
        queue, room = (self._suspects, 1) if _live(self._suspects) else (self._next_queue(), slots)
        if self._alone or not queue or len(self._in_flight) >= room:
            return None
        self._alone = queue is self._suspects
        turn = queue.popleft()
        self._in_flight[turn.request] = Flight(turn, now_seconds)
        return turn

    def in_flight_of(self, request: int) -> Turn | None:
        """None where it has been answered."""
        flight = self._in_flight.get(request)
        return flight.turn if flight else None

    def call_off(self) -> list[Turn]:
        """Those in flight that were cancelled since the last call. They are in flight until the engine lets go."""
        flights = [
            flight for flight in self._in_flight.values() if flight.turn.is_unwanted and not flight.is_called_off
        ]
        for flight in flights:
            self._in_flight[flight.turn.request] = replace(flight, is_called_off=True)
        return [flight.turn for flight in flights]

    def answered(self, request: int) -> Turn:
        self._alone = False
        return self._in_flight.pop(request).turn

    def lost(self) -> Turn | None:
        """The engine died: what was in flight goes back, to be tried alone. The page to give up, if one is.

        A cancelled page may have been the reason: whoever was with it was not alone.
        """
        lost = [flight.turn for flight in self._in_flight.values()]
        self._in_flight.clear()
        self._alone = False
        if len(lost) == 1 and not lost[0].is_unwanted:
            lost = [replace(lost[0], strikes=lost[0].strikes + 1)]
            if lost[0].strikes == MAX_STRIKES:
                return lost[0]
        self._suspects.extendleft(reversed(lost))
        return None

    def drain(self) -> list[Turn]:
        """Every page, in order. None is left here."""
        in_flight = (flight.turn for flight in self._in_flight.values())
        turns = [*in_flight, *self._suspects, *self._urgent, *self._waiting]
        self._in_flight.clear()
        self._suspects.clear()
        self._urgent.clear()
        self._waiting.clear()
        self._alone = False
        return turns

    def _next_queue(self) -> deque[Turn]:
        return self._urgent if _live(self._urgent) else _live(self._waiting)


def _live(queue: deque[Turn]) -> deque[Turn]:
    """*queue*, whose first page is now one that nobody has cancelled."""
    while queue and queue[0].is_unwanted:
        queue.popleft().cancel()
    return queue
