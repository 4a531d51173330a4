"""One engine process for each device, used as if they were one: who gets which page, and what to do without whom."""

import logging
import math
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from threading import Lock

from gotwatch.documents import PageText, Prompt
from gotwatch.engine.base import EngineSpec
from gotwatch.engine.process import EngineProcess, EngineState, Phase
from gotwatch.errors import CheckpointMissing, EngineUnusable, GotwatchError, NoDevice, OutOfMemory
from gotwatch.pixels import SharedPage
from gotwatch.words import marked

log = logging.getLogger(__name__)

REST_SECONDS = 60.0  # of a device without free memory: another program has it, for a while


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetState:
    """What the processes are at, together."""

    phase: Phase  # of the one that is furthest
    message: str  # how far the loading is
    fault: str  # why it could not be loaded the last time, where none is
    checkpoint: str
    device: str  # all that are known
    slots: int
    in_flight: int
    waiting: int
    pids: tuple[int, ...]
    unload_at: datetime | None  # when the last of them will be ended, if all are idle
    left_out: str  # which devices are not used, and why


@dataclass(frozen=True, slots=True)
class Work:
    """What was read so far, all in all."""

    pages: int = 0
    tokens: int = 0
    seconds: float = 0.0

    def and_also(self, text: PageText) -> "Work":
        return Work(self.pages + text.count, self.tokens + text.tokens, self.seconds + text.seconds)


@dataclass(slots=True, eq=False)
class _Station:
    """A device with its process. What changes is guarded by the fleet's lock."""

    device: str  # as configured
    process: EngineProcess
    pages: int = 0  # that it has not answered yet
    out_until_seconds: float = 0.0  # by the monotonic clock; infinite: for good
    fault: str = ""  # why it is out

    @property
    def is_out(self) -> bool:
        return time.monotonic() < self.out_until_seconds

    @property
    def queue_share(self) -> float:
        return self.pages / self.process.slots

    @property
    def reads_at_once(self) -> bool:
        """Whether one more page need not wait, neither for another page nor for the model to be loaded."""
        return self.process.state().phase is Phase.READY and self.queue_share < 1

    def leave_out(self, error: GotwatchError, rest_seconds: float) -> None:
        self.fault = error.message
        self.out_until_seconds = time.monotonic() + rest_seconds


@dataclass(frozen=True, slots=True, eq=False)
class _Errand:
    """Pages on their way to a text, from one device to the next if need be."""

    pages: tuple[SharedPage, ...]
    prompt: Prompt
    urgent: bool = False
    tell: Callable[[str], None] | None = None
    text: Future[PageText] = field(default_factory=Future)  # pending to the end, so that cancelling always works
    tried: frozenset[_Station] = frozenset()

    def end_as(self, answer: Future[PageText]) -> None:
        """End as *answer* did, unless it is too late for that."""
        if answer.cancelled():
            self.text.cancel()
        if not self.text.set_running_or_notify_cancel():
            return
        if error := answer.exception():
            self.text.set_exception(error)
        else:
            self.text.set_result(answer.result())


class Fleet:
    """One engine process for each device. A device that fails alone is left out, and its pages go to the others."""

    def __init__(
        self,
        spec: EngineSpec,
        devices: Sequence[str],
        new_process: Callable[[EngineSpec], EngineProcess],
        *,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self._spec = spec
        self._stations = [_Station(device, new_process(_on(spec, device))) for device in devices]
        self._rest_seconds = rest_seconds
        self._lock = Lock()
        self._work = Work()

    def start(self) -> None:
        """Accept pages. A process is started with the first page that goes to it."""
        for station in self._stations:
            station.process.start()

    def stop(self) -> None:
        """End all processes, at once those at work. Pages without text are cancelled, and so are later ones."""
        with ThreadPoolExecutor(len(self._stations)) as together:  # each may take seconds
            list(together.map(lambda station: station.process.stop(), self._stations))

    def submit(
        self,
        pages: Sequence[SharedPage],
        prompt: Prompt,
        *,
        urgent: bool = False,
        tell: Callable[[str], None] | None = None,
    ) -> Future[PageText]:
        """As EngineProcess.submit(). It fails with what a device lacks only where no other device can do it."""
        errand = _Errand(tuple(pages), prompt, urgent, tell)
        station = self._book(errand)
        assert station is not None  # none was tried
        self._send(errand, station)
        return errand.text

    def load(self) -> None:
        """Have all processes started soon, though there is nothing to read yet."""
        for station in self._stations:
            station.process.load()

    @property
    def work(self) -> Work:
        """What was read since start()."""
        with self._lock:
            return self._work

    @property
    def slots(self) -> int:
        """How many pages are read at once."""
        with self._lock:
            return sum(station.process.slots for station in self._in_use() or self._stations)

    @property
    def faults(self) -> frozenset[str]:
        """The messages of the errors for which devices are left out."""
        with self._lock:
            return frozenset(station.fault for station in self._stations if station.is_out)

    def state(self) -> FleetState:
        states = [station.process.state() for station in self._stations]
        running = [state for state in states if state.pid is not None]
        return FleetState(
            phase=_furthest(states),
            message=self._messages(states),
            fault=next((state.fault for state in states if state.fault), "") if not running else "",
            checkpoint=next((state.checkpoint for state in states if state.checkpoint), ""),
            device=", ".join(dict.fromkeys(state.device for state in states if state.device)),
            slots=self.slots,
            in_flight=sum(state.in_flight for state in states),
            waiting=sum(state.waiting for state in states),
            pids=tuple(state.pid for state in running if state.pid is not None),
            unload_at=_last([state.unload_at for state in running]),
            left_out=self._left_out(),
        )

    def _messages(self, states: Sequence[EngineState]) -> str:
        if len(states) == 1:
            return states[0].message
        loading = zip(self._stations, states, strict=True)
        return "; ".join(f"{station.device}: {state.message}" for station, state in loading if state.message)

    def _left_out(self) -> str:
        with self._lock:
            if not self._in_use():
                return ""  # what is wrong with all of them is told as the reason why nothing is read
            out = [station for station in self._stations if station.is_out]
        return " ".join(marked(f"Left out: {station.device} ({station.fault.rstrip('.')}).") for station in out)

    def _in_use(self) -> list[_Station]:
        return [station for station in self._stations if not station.is_out]

    def _book(self, errand: _Errand) -> _Station | None:
        """A place for *errand* on the best device that it was not tried on; None where there is none."""
        with self._lock:
            if not errand.tried and not self._in_use():
                self._forgive_all()
            untried = [station for station in self._in_use() if station not in errand.tried]
            if not untried:
                return None
            # One that is ready comes first: a second model is not loaded for what the first can read beside the rest.
            best = min(untried, key=lambda station: (not station.reads_at_once, station.queue_share))
            best.pages += len(errand.pages)
            return best

    def _forgive_all(self) -> None:
        """Where all devices have failed, the cause may be none of theirs, and gone by now."""
        for station in self._stations:
            station.out_until_seconds = 0.0

    def _send(self, errand: _Errand, station: _Station) -> None:
        answer = station.process.submit(errand.pages, errand.prompt, urgent=errand.urgent, tell=errand.tell)
        errand.text.add_done_callback(lambda _: answer.cancel())  # without effect where it is there
        answer.add_done_callback(partial(self._take_answer, errand, station))

    def _take_answer(self, errand: _Errand, station: _Station, answer: Future[PageText]) -> None:
        """Called where the answer came from: in a process' thread, or by whoever cancelled."""
        error = None if answer.cancelled() else answer.exception()
        with self._lock:
            station.pages -= len(errand.pages)
            if not answer.cancelled() and error is None:
                self._work = self._work.and_also(answer.result())
        if isinstance(error, NoDevice | EngineUnusable | CheckpointMissing | OutOfMemory):
            self._leave_out(station, error)
            errand = replace(errand, tried=errand.tried | {station})
            if other := self._book(errand):
                self._send(errand, other)
                return
        errand.end_as(answer)

    def _leave_out(self, station: _Station, error: GotwatchError) -> None:
        is_for_good = not isinstance(error, OutOfMemory)
        with self._lock:
            is_new = not station.is_out
            station.leave_out(error, math.inf if is_for_good else self._rest_seconds)
            others = self._in_use()
        if is_new and others:
            until = (
                marked("gotwatch is started again") if is_for_good else marked(f"{self._rest_seconds:g} s have passed")
            )
            log.warning("engine %s: %s is left out until %s: %s", self._spec.name, station.device, until, error.message)


def _on(spec: EngineSpec, device: str) -> EngineSpec:
    return replace(spec, options=replace(spec.options, device=device))


def _furthest(states: Iterable[EngineState]) -> Phase:
    phases = {state.phase for state in states}
    return next(phase for phase in (Phase.READY, Phase.LOADING, Phase.STOPPED) if phase in phases)


def _last(moments: Sequence[datetime | None]) -> datetime | None:
    """The last of them; None where one is open, or there is none."""
    known = [moment for moment in moments if moment is not None]
    return max(known) if known and len(known) == len(moments) else None
