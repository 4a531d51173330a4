"""A process that may die of its work: there while there is some, ended where it takes too long. Both its sides."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Lock
from typing import Generic, TypeVar

from gotwatch import processes, streams
from gotwatch.processes import Refused

_START_SECONDS = 60.0
_END_SECONDS = 2.0
_LEFT = 0  # the exit code of a process that had nothing to do

Order = TypeVar("Order")
Reply = TypeVar("Reply")


class WorkFailed(Exception):
    """There is no result. The message says why, as the end of a sentence."""


class WorkshopClosed(WorkFailed):
    """Nothing is carried out any more."""


@dataclass(frozen=True, slots=True)
class _Started:
    """The process is up."""


@dataclass(frozen=True, slots=True)
class _Done(Generic[Reply]):
    """The order is carried out, with this as its last word."""

    reply: Reply | Refused


@dataclass(frozen=True, slots=True)
class WorkshopLimits:
    seconds: float  # without any word of the process
    idle_seconds: float = 60.0  # after which it leaves
    memory_bytes: int = 2**30


class Workshop(Generic[Order, Reply]):
    """Carries out one order after the other, for any number of threads.

    The process starts with the first order and leaves after a while without one. If an order crashes or stops it,
    the next finds a new process. *serve* runs in it, and calls attend().
    """

    def __init__(
        self,
        serve: Callable[["Connection[object, Order]", WorkshopLimits], None],
        limits: WorkshopLimits,
        *,
        name: str,
        has_children: bool = False,
    ) -> None:
        self._serve = serve
        self._limits = limits
        self._name = name
        self._has_children = has_children
        self._lock = Lock()
        self._worker: _Worker[Order, Reply] | None = None
        self._closed = False

    def ask(self, order: Order, hear: Callable[[Reply], None] | None = None) -> Reply | Refused:
        """Wait for the orders before, and for the last reply to this one; *hear* gets the replies before the last.

        Raises WorkFailed where the process crashes, or says nothing for too long.
        """
        with self._lock:
            try:
                return self._carry_out(order, hear)
            except _Left:  # at the moment at which it was asked
                return self._carry_out(order, hear)

    def _carry_out(self, order: Order, hear: Callable[[Reply], None] | None) -> Reply | Refused:
        try:
            return self._present_worker().ask(order, hear)
        except WorkFailed as failed:
            if self._closed:
                raise WorkshopClosed(str(failed)) from failed
            raise

    def close(self) -> None:
        """End the process, whatever it does. From any thread; what is being asked then fails, and all that follows."""
        self._closed = True
        if worker := self._worker:
            worker.kill()
        with self._lock:
            if self._worker is not None:
                self._worker.end()

    def _present_worker(self) -> "_Worker[Order, Reply]":
        if not self._closed and (self._worker is None or not self._worker.is_there):
            self._worker = self._start()
        if self._closed or self._worker is None:  # perhaps while it started
            raise WorkFailed("it has been stopped")
        return self._worker

    def _start(self) -> "_Worker[Order, Reply]":
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=self._serve, args=(theirs, self._limits), name=self._name, daemon=not self._has_children
        )
        try:
            process.start()
        except OSError as exc:
            raise WorkFailed(f"the system has no room for another process ({exc.strerror})") from exc
        finally:
            theirs.close()  # so that the pipe breaks when the process dies
        worker = _Worker[Order, Reply](process, ours, self._limits.seconds)
        worker.wait_until_started()
        return worker


class _Left(WorkFailed):
    """The process was idle for too long."""


class _Worker(Generic[Order, Reply]):
    """One process: of use until it fails to answer."""

    def __init__(self, process: BaseProcess, pipe: "Connection[Order, object]", seconds: float) -> None:
        self._process = process
        self._pipe = pipe
        self._seconds = seconds

    @property
    def is_there(self) -> bool:
        return self._process.is_alive()

    def wait_until_started(self) -> None:
        assert isinstance(self._next(_START_SECONDS), _Started)

    def ask(self, order: Order, hear: Callable[[Reply], None] | None) -> Reply | Refused:
        try:
            self._pipe.send(order)
        except OSError as exc:
            raise self._end_found() from exc
        while not isinstance(word := self._next(self._seconds), _Done):
            if hear is not None:
                hear(word)  # type: ignore[arg-type]  # attend() sends nothing else
        return word.reply

    def kill(self) -> None:
        self._process.kill()  # it holds nothing that is worth a farewell; its own children end with it

    def end(self) -> None:
        self._pipe.close()
        self.kill()
        self._process.join(_END_SECONDS)

    def _next(self, seconds: float) -> object:
        try:
            if self._pipe.poll(seconds):
                return self._pipe.recv()
        except (EOFError, OSError) as exc:
            raise self._end_found() from exc
        self.end()
        raise WorkFailed(f"it took longer than {seconds:g} s")

    def _end_found(self) -> WorkFailed:
        self._process.join(_END_SECONDS)
        exit_code = self._process.exitcode
        self.end()
        if exit_code == _LEFT:
            return _Left("the process has just left")
        return WorkFailed(f"the process that does it crashed (exit code {exit_code})")


def attend(
    pipe: "Connection[object, Order]",
    limits: WorkshopLimits,
    work: Callable[[Order, Callable[[Reply], None]], Reply],
) -> None:
    """In the process: carry out what is ordered until the parent closes its end, or orders nothing for a while.

    *work* makes the last reply; what else it has to say it tells, and each word is a sign of life.
    """
    streams.ensure()
    processes.leave_with_parent()
    processes.step_back()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the whole group; the parent decides what ends
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries write what nobody could act on
    processes.cap_memory(limits.memory_bytes)
    pipe.send(_Started())
    try:
        while pipe.poll(limits.idle_seconds):
            pipe.send(_Done(_last(work, pipe.recv(), pipe.send)))
    except (EOFError, ConnectionResetError, BrokenPipeError):
        pass


def _last(
    work: Callable[[Order, Callable[[Reply], None]], Reply], order: Order, tell: Callable[[Reply], None]
) -> Reply | Refused:
    try:
        return work(order, tell)
    except Exception as exc:  # noqa: BLE001  the process boundary: the parent decides what becomes of it
        return processes.refusal(exc)
