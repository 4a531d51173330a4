"""The engine process from inside: how an engine is found, loaded, and given page after page."""

import contextlib
import importlib
import pickle
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from threading import Lock

from gotwatch import pixels
from gotwatch.documents import PageText
from gotwatch.engine.base import Answer, Engine, EngineOptions, EngineSpec, Loading, ReadPage, Ready, Reply
from gotwatch.errors import EngineUnusable, GotwatchError
from gotwatch.processes import Refused, leave_with_parent, refusal


def serve(pipe: Connection, spec: EngineSpec) -> None:
    """Load the engine once, then answer page by page until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us too, but the parent decides when we end
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


def _read_pages(engine: Engine, slots: int, pipe: Connection, replies: _Replies) -> None:
    pool = ThreadPoolExecutor(slots, thread_name_prefix="page")
    with contextlib.suppress(EOFError, OSError):  # the parent has closed the pipe: we are no longer needed
        while True:
            request: ReadPage = pipe.recv()
            pool.submit(_answer, engine, request, replies)
    pool.shutdown(wait=False, cancel_futures=True)


def _answer(engine: Engine, request: ReadPage, replies: _Replies) -> None:
    try:
        replies.send(Answer(request.request, _read(engine, request)))
    except Exception as error:  # noqa: BLE001 - the process boundary: an answer that cannot be pickled
        replies.send(Answer(request.request, refusal(error)))


def _read(engine: Engine, request: ReadPage) -> PageText | Refused:
    try:
        with pixels.look(request.page) as page:
            text = engine.read(page, request.prompt)
        if not isinstance(text, PageText):
            raise TypeError(f"the engine answered with {type(text).__name__}, not with PageText")
    except BaseException as error:  # noqa: BLE001 - the process boundary; libraries call sys.exit too
        return refusal(error)
    return text
