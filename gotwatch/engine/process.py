"""The parent's handle on the engine process: when it lives, what it is given, and what becomes of pages when it dies.

Imports no torch. One thread owns the process; others only drop pages into its mailbox, cancel them, and look at its
last state.
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from multiprocessing.connection import Connection, wait
from threading import Thread

from gotwatch.documents import PageText, Prompt
from gotwatch.engine.base import Answer, Cancel, EngineSpec, Loading, ReadPages, Ready, Reply, SoFar
from gotwatch.engine.child import Child, spawn
from gotwatch.engine.mailbox import Mailbox
from gotwatch.engine.turns import Turn, Turns
from gotwatch.errors import EngineCrashed, EngineTimeout, EngineUnusable
from gotwatch.pixels import SharedPage
from gotwatch.processes import Refused, revive
from gotwatch.threads import Threads
from gotwatch.words import marked

log = logging.getLogger(__name__)

_MAX_STARTS = 2
_POLITE_SECONDS = 2.0  # for an engine that is asked to end with nothing to do
_LEAST_IDLE_SECONDS = 1.0  # so that "unload at once" does not mean between two pages of one document


class Phase(StrEnum):
    STOPPED = "stopped"
    LOADING = "loading"
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineState:
    phase: Phase = Phase.STOPPED
    message: str = ""  # how far the loading is
    fault: str = ""  # why it could not be loaded the last time
    checkpoint: str = ""  # this and the next two as last known, also after the engine was ended
    device: str = ""
    slots: int = 1
    in_flight: int = 0  # pages that the engine is reading
    waiting: int = 0  # pages that wait for it
    pid: int | None = None
    unload_at: datetime | None = None  # when the idle engine will be ended


@dataclass(frozen=True, slots=True)
class _Unload:
    at_seconds: float  # by the monotonic clock
    at: datetime  # for people


class EngineProcess:
    """An engine in another process: started when first needed, restarted when it dies, ended when idle."""

    def __init__(
        self,
        spec: EngineSpec,
        *,
        page_seconds: float,
        start_seconds: float,
        keep_alive_seconds: float,
        threads: Threads,
        on_change: Callable[[], None],
    ) -> None:
        """*page_seconds*: for one page, from when the engine has it. *start_seconds*: for loading, from its last word.
        *keep_alive_seconds*: without work until the engine is ended; negative: never.
        *on_change*: state() has something new; called in the engine's thread."""
        self.spec = spec
        self._page_seconds = page_seconds
        self._start_seconds = start_seconds
        self._keep_alive_seconds = keep_alive_seconds
        self._on_change = on_change

        self._mailbox = Mailbox()
        self._state = EngineState()
        self._threads = threads
        self._thread: Thread | None = None

        # What follows is touched by the thread alone.
        self._turns = Turns()
        self._child: Child | None = None
        self._starts = 0  # in a row that did not get as far as Ready
        self._known = Ready("", "", 1)
        self._message = ""
        self._fault = ""
        self._heard_seconds = 0.0  # when the loading engine last gave a sign
        self._unload: _Unload | None = None

    def start(self) -> None:
        """Accept pages. The process itself is started with the first one."""
        self._thread = self._threads.start("engine", self._run)

    def stop(self) -> None:
        """End the process, at once if it is at work. Pages without text are cancelled, and so are later ones."""
        self._mailbox.close()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join()
        else:
            self._close()

    def submit(
        self,
        pages: Sequence[SharedPage],
        prompt: Prompt,
        *,
        urgent: bool = False,
        tell: Callable[[str], None] | None = None,
    ) -> Future[PageText]:
        """The page's text, when it is there; that of several pages where *prompt* asks for them in one go.

        *urgent*: before all that are not. *tell*, which must be quick, is called in the engine's thread with the
        text so far, as often as the engine says it: some never do, and one that begins anew says less than before.

        The pages' memory must stay until then, or until the future is cancelled. Cancelling always works, and makes
        the engine let go. The future fails with EngineCrashed, EngineTimeout or what the engine refused with.
        """
        return self._mailbox.put(pages, prompt, urgent=urgent, tell=tell)

    def load(self) -> None:
        """Have the process started soon, though there is nothing to read yet."""
        self._mailbox.ask_load()

    def unload(self) -> None:
        """Have the process ended soon if it has nothing to do."""
        self._mailbox.ask_unload()

    def state(self) -> EngineState:
        return self._state

    @property
    def slots(self) -> int:
        """How many pages the engine reads at once, 1 before it was ever loaded."""
        return self._state.slots

    def _run(self) -> None:
        try:
            while not self._mailbox.closed:
                self._listen()
                self._mind_death()
                self._mind_time()
                self._hand_out()
                self._call_off()
                self._mind_idleness()
                self._publish()
        finally:
            self._mailbox.close()  # also when this thread dies of a bug: nobody shall wait for ever
            self._close()

    def _close(self) -> None:
        at_rest = self._child is not None and self._child.ready and not self._turns.in_flight
        self._end_child(patience_seconds=_POLITE_SECONDS if at_rest else 0.0)
        for turn in self._mailbox.take() + self._turns.drain():
            turn.cancel()
        self._publish()

    def _listen(self) -> None:
        """Sleep until something happens, then take it in."""
        child = self._child
        sources: list[Connection | int] = [child.pipe, child.process.sentinel] if child else []
        wait([self._mailbox.bell, *sources], self._patience_seconds())
        for turn in self._mailbox.take():
            self._turns.add(turn)
        if child:
            for reply in child.hear():
                self._heed(reply)

    def _patience_seconds(self) -> float | None:
        deadline = self._deadline_seconds()
        if deadline is None and self._unload:
            deadline = self._unload.at_seconds
        return None if deadline is None else max(0.0, deadline - time.monotonic())

    def _deadline_seconds(self) -> float | None:
        """Until when the engine must have given a sign."""
        if self._child is None:
            return None
        if not self._child.ready:
            return self._heard_seconds + self._start_seconds
        oldest = self._turns.oldest
        return oldest.since_seconds + self._page_seconds if oldest else None

    def _heed(self, reply: Reply) -> None:
        match reply:
            case Answer(request, Refused() as refused):
                self._turns.answered(request).fail(revive(refused))
            case Answer(request, PageText() as text):
                self._turns.answered(request).succeed(text)
            case SoFar(request, text_so_far):
                if turn := self._turns.in_flight_of(request):
                    turn.say(text_so_far)
            case Loading(message):
                self._message = message
                self._heard_seconds = time.monotonic()
            case Ready():
                self._greet(reply)
            case Refused():
                self._give_up_loading(reply)

    def _greet(self, ready: Ready) -> None:
        assert self._child is not None
        self._child.ready = True
        self._known = ready
        self._starts = 0
        self._message = self._fault = ""
        log.info("engine %s started, pid %d, on %s", self.spec.name, self._child.pid, ready.device)

    def _give_up_loading(self, refused: Refused) -> None:
        log.error("engine %s: %s\n%s", self.spec.name, refused.message, refused.traceback)
        self._end_child(patience_seconds=_POLITE_SECONDS)
        self._fail_all(lambda: revive(refused), refused.message)

    def _mind_death(self) -> None:
        child = self._child
        if child is None or not child.dead:
            return
        ending = self._end_child(patience_seconds=_POLITE_SECONDS)
        if child.ready:
            self._try_alone(marked(f"ended ({ending})"), lambda turn: _crashed(turn, ending))
        else:
            self._try_loading_again(marked(f"ended while it was loading ({ending})"))

    def _mind_time(self) -> None:
        child, deadline = self._child, self._deadline_seconds()
        if child is None or deadline is None or time.monotonic() < deadline:
            return
        self._end_child(patience_seconds=0.0)
        if child.ready:
            seconds = self._page_seconds
            self._try_alone(marked(f"gave no answer within {seconds:g} s"), lambda turn: _late(turn, seconds))
        else:
            self._try_loading_again(marked(f"gave no sign for {self._start_seconds:g} s while it was loading"))

    def _try_alone(self, what: str, blame: Callable[[Turn], Exception]) -> None:
        log.warning("engine %s %s; pages in flight: %d", self.spec.name, what, self._turns.in_flight)
        culprit = self._turns.lost()
        if culprit:
            log.error("engine %s: %s given up", self.spec.name, culprit.title)
            culprit.fail(blame(culprit))

    def _try_loading_again(self, what: str) -> None:
        log.warning("engine %s %s, attempt %d of %d", self.spec.name, what, self._starts, _MAX_STARTS)
        if self._starts >= _MAX_STARTS:
            self._fail_all(lambda: _unusable(marked(f"The engine {what}")), marked(f"The engine {what}"))

    def _fail_all(self, error: Callable[[], Exception], fault: str) -> None:
        self._starts = 0
        self._fault = fault
        for turn in self._turns.drain():
            turn.fail(error())  # an error of its own each: raising one writes into it

    def _hand_out(self) -> None:
        is_asked = self._mailbox.take_load()
        if self._child is None and (is_asked or self._turns.pending()):
            self._start_child()
        child = self._child
        while child and child.ready and (turn := self._turns.send(self._known.slots, time.monotonic())):
            child.ask(ReadPages(turn.request, turn.pages, turn.prompt, aloud=turn.tell is not None))

    def _call_off(self) -> None:
        if self._child is not None:
            for turn in self._turns.call_off():
                self._child.ask(Cancel(turn.request))

    def _start_child(self) -> None:
        self._starts += 1
        try:
            self._child = spawn(self.spec)
        except OSError as error:
            fault = marked(f"The engine cannot be started: {error}")
            log.error("engine %s: %s", self.spec.name, fault)
            self._fail_all(lambda: _unusable(fault), fault)
        else:
            self._heard_seconds = time.monotonic()
            self._message = "Starting"

    def _mind_idleness(self) -> None:
        child = self._child
        asked = self._mailbox.take_unload()
        if child is None or self._turns.pending():
            self._unload = None
        elif asked:
            self._retire("on request")
        elif child.ready and self._keep_alive_seconds >= 0:
            self._unload = self._unload or _unload_in(max(self._keep_alive_seconds, _LEAST_IDLE_SECONDS))
            if time.monotonic() >= self._unload.at_seconds:
                self._retire(f"after {self._keep_alive_seconds:g} s without work")

    def _retire(self, why: str) -> None:
        self._end_child(patience_seconds=_POLITE_SECONDS)
        self._starts = 0
        log.info("engine %s ended %s", self.spec.name, why)

    def _end_child(self, *, patience_seconds: float) -> str:
        child, self._child = self._child, None
        self._unload = None
        self._message = ""
        return child.end(patience_seconds) if child else ""

    def _publish(self) -> None:
        child = self._child
        state = EngineState(
            phase=Phase.STOPPED if child is None else Phase.READY if child.ready else Phase.LOADING,
            message=self._message,
            fault=self._fault,
            checkpoint=self._known.checkpoint,
            device=self._known.device,
            slots=self._known.slots,
            in_flight=self._turns.in_flight,
            waiting=self._turns.waiting,
            pid=child.pid if child else None,
            unload_at=self._unload.at if self._unload else None,
        )
        if state != self._state:
            self._state = state
            self._on_change()


def _unload_in(seconds: float) -> _Unload:
    return _Unload(time.monotonic() + seconds, datetime.now(UTC) + timedelta(seconds=seconds))


def _crashed(turn: Turn, ending: str) -> EngineCrashed:
    return EngineCrashed(
        f"The engine ended twice while it was reading {turn.title} ({ending})",
        hint="The page may need more memory than there is: close other programs, or save it with fewer pixels.",
    )


def _late(turn: Turn, page_seconds: float) -> EngineTimeout:
    return EngineTimeout(
        f"The engine gave no answer for {turn.title} within {page_seconds:g} s, also on the second try",
        hint="Allow more time for a page in the config, or save the page with fewer pixels.",
    )


def _unusable(message: str) -> EngineUnusable:
    return EngineUnusable(message, hint="Close programs that use much memory, or choose another engine in the config.")
