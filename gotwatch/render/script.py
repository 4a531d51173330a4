"""JavaScript without a browser: the only module that knows QuickJS."""

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

try:
    import quickjs
except ImportError:  # there is no wheel for every system, and nothing but drawings depends on it
    quickjs = None  # is_available tells, before anything is called

# QuickJS checks its own limit against the stack of the thread it runs in. If that is smaller, as it is on macOS,
# the process dies of what should have been an error.
_THREAD_STACK_BYTES = 16 * 2**20
_SCRIPT_STACK_BYTES = 2**20
_MEMORY_BYTES = 128 * 2**20
_LOADING_SECONDS = 20.0

# A result that was put together of pieces is a string that the binding cannot hand over; JSON makes a flat one.
_BRIDGE = "(name, argument) => JSON.stringify(globalThis[name](JSON.parse(argument)) ?? null)"


class ScriptFailed(Exception):
    """The script threw, took too long, or wanted more memory or stack than it may have."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    context: "quickjs.Context"
    bridge: "quickjs.Object"


def is_available() -> bool:
    return quickjs is not None


class Script:
    """Sources that are loaded once, when first called, and again after a failure: what it leaves behind is not trusted.

    A QuickJS context belongs to the thread that made it, so each Script has its own.
    """

    def __init__(self, sources: Sequence[str]) -> None:
        self._sources = tuple(sources)
        self._lock = Lock()
        self._thread: ThreadPoolExecutor | None = None
        self._loaded: _Loaded | None = None

    def add(self, source: str) -> None:
        """Have *source* loaded as well, from the next call on. Does nothing if that is so already."""
        if source not in self._sources:
            self._sources += (source,)
            self._owner().submit(self._forget).result()

    def call(self, function: str, argument: object, *, seconds: float) -> object:
        """The global *function* of *argument*, both as JSON has them. *seconds* are processor time of the process."""
        task = self._owner().submit(self._call, function, json.dumps(argument), seconds)
        return json.loads(task.result())

    def close(self) -> None:
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.submit(self._forget).result()
            thread.shutdown()

    def _owner(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._thread is None:
                self._thread = _thread_with_large_stack()
            return self._thread

    def _call(self, function: str, argument: str, seconds: float) -> str:
        try:
            loaded = self._loaded or self._load()
            loaded.context.set_time_limit(seconds)
            return str(loaded.bridge(function, argument))
        except (quickjs.JSException, MemoryError) as error:
            self._forget()
            raise ScriptFailed(_first_line(error)) from None

    def _load(self) -> _Loaded:
        context = quickjs.Context()
        context.set_memory_limit(_MEMORY_BYTES)
        context.set_max_stack_size(_SCRIPT_STACK_BYTES)
        context.set_time_limit(_LOADING_SECONDS)
        for source in self._sources:
            context.eval(source)
        self._loaded = _Loaded(context, context.eval(_BRIDGE))
        return self._loaded

    def _forget(self) -> None:
        self._loaded = None


def _thread_with_large_stack() -> ThreadPoolExecutor:
    usual_bytes = threading.stack_size(_THREAD_STACK_BYTES)
    try:
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="script")
        pool.submit(int).result()  # the thread starts now, while its size is set
    finally:
        threading.stack_size(usual_bytes)
    return pool


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
