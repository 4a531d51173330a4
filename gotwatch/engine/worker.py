"""The engine process from inside: how an engine is found, loaded, and given page after page."""

import contextlib
import importlib
import pickle
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from threading import Event, Lock

from gotwatch import pixels, streams
from gotwatch.documents import PageText
from gotwatch.engine.base import (
    AloudEngine,
    Answer,
    Cancel,
    Engine,
    EngineOptions,
    EngineSpec,
    Loading,
    ReadPages,
    Ready,
    Reply,
    Request,
    SoFar,
)
from gotwatch.errors import EngineUnusable, GotwatchError
from gotwatch.processes import Refused, leave_with_parent, refusal


def serve(pipe: Connection, spec: EngineSpec) -> None:
    """Load the engine once, then answer page by page until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us too, but the parent decides when we end
    streams.ensure()
    leave_with_parent()
    replies = _Replies(pipe)
    try:
        engine = _load(spec, replies)
    except BaseException as error:  # noqa: BLE001 - the process boundary; libraries call sys.exit too
        replies.send(refusal(error))
    else:
        slots = max(1, engine.slots)
        replies.send(Ready(engine.checkpoint, engine.device, slots))
        _read_pages(engine, slots, pipe, replies)


class _Replies:
    """Our half of the pipe, on which one thread speaks at a time."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = Lock()

    def send(self, reply: Reply) -> None:
        record = pickle.dumps(reply)  # before the lock, and whole or not at all
        with self._lock, contextlib.suppress(OSError):  # the parent has closed the pipe: nobody wants to know
            self._pipe.send_bytes(record)


def _load(spec: EngineSpec, replies: _Replies) -> Engine:
    engine_class = _find(spec.path)
    try:
        engine = engine_class(spec.options)
        engine.load(lambda message: replies.send(Loading(message)))
    except GotwatchError:
        raise
    except Exception as error:
        # Not a bug of one page: whatever the reason is, no page can be read until someone mends it.
        raise EngineUnusable(
            f"The engine {spec.name} cannot be loaded: {type(error).__name__}: {error}",
            hint="See the log for details, or choose another engine in the config.",
        ) from error
    return engine


def _find(path: str) -> Callable[[EngineOptions], Engine]:
    """Import "package.module:Class" here, so that the parent never loads torch."""
    module_name, _, class_name = path.partition(":")
    try:
        engine_class: Callable[[EngineOptions], Engine] = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise EngineUnusable(
            f'The engine "{path}" cannot be imported: {error}',
            hint='Name a built-in engine in the config, or "package.module:Class" of an installed package.',
        ) from error
    return engine_class


class _Cancels:
    """For each request that the engine is at, whether anybody still wants its answer."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._events: dict[int, Event] = {}

    def begin(self, request: int) -> None:
        with self._lock:
            self._events[request] = Event()

    def of(self, request: int) -> Event:
        with self._lock:
            return self._events[request]

    def cancel(self, request: int) -> None:
        with self._lock:
            if request in self._events:  # else its answer is on its way
                self._events[request].set()

    def end(self, request: int) -> None:
        with self._lock:
            del self._events[request]


def _read_pages(engine: Engine, slots: int, pipe: Connection, replies: _Replies) -> None:
    pool = ThreadPoolExecutor(slots, thread_name_prefix="page")
    cancels = _Cancels()
    with contextlib.suppress(EOFError, OSError):  # the parent has closed the pipe: we are no longer needed
        while True:
            request: Request = pipe.recv()
            match request:
                case ReadPages():
                    cancels.begin(request.request)  # in this thread, where the next word may take it back
                    pool.submit(_answer, engine, request, cancels, replies)
                case Cancel():
                    cancels.cancel(request.request)
    pool.shutdown(wait=False, cancel_futures=True)


def _answer(engine: Engine, request: ReadPages, cancels: _Cancels, replies: _Replies) -> None:
    text = _read(engine, request, cancels.of(request.request), replies)
    cancels.end(request.request)
    try:
        replies.send(Answer(request.request, text))
    except Exception as error:  # noqa: BLE001 - the process boundary: an answer that cannot be pickled
        replies.send(Answer(request.request, refusal(error)))


def _read(engine: Engine, request: ReadPages, cancelled: Event, replies: _Replies) -> PageText | Refused:
    try:
        with contextlib.ExitStack() as stack:
            pages = [stack.enter_context(pixels.look(page)) for page in request.pages]
            if request.aloud and isinstance(engine, AloudEngine):
                tell = partial(_say, request.request, replies)
                text = engine.read_aloud(pages, request.prompt, cancelled, tell)
            else:
                text = engine.read(pages, request.prompt, cancelled)
        if not isinstance(text, PageText):
            raise TypeError(f"the engine answered with {type(text).__name__}, not with PageText")
    except BaseException as error:  # noqa: BLE001 - the process boundary; libraries call sys.exit too
        return refusal(error)
    return text


def _say(request: int, replies: _Replies, text_so_far: str) -> None:
    replies.send(SoFar(request, text_so_far))
