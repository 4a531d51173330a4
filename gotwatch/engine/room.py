"""The engine in use: chosen from the config, and given up for the built-in one where "auto" cannot start it."""

import logging
from collections.abc import Callable
from threading import Lock

from gotwatch.engine import choose
from gotwatch.engine.base import EngineOptions, EngineSpec
from gotwatch.engine.choose import Choice
from gotwatch.engine.process import EngineProcess
from gotwatch.errors import CheckpointMissing, EngineUnusable, NoDevice
from gotwatch.threads import Threads

log = logging.getLogger(__name__)

START_SECONDS = 180.0  # without a word of progress


class EngineRoom:
    def __init__(
        self,
        name: str,
        options: EngineOptions,
        *,
        page_seconds: float,
        keep_alive_seconds: float,
        threads: Threads,
        on_change: Callable[[], None],
    ) -> None:
        self._name = name
        self._options = options
        self._page_seconds = page_seconds
        self._keep_alive_seconds = keep_alive_seconds
        self._threads = threads
        self._on_change = on_change
        self._lock = Lock()
        self._given_up = ""  # the message of the error that "auto" fell back on
        self._choice = self._choose()
        self._process = self._new_process()

    def start(self) -> None:
        self._process.start()
        log.info("engine: %s. %s", self._choice.spec.name, self._choice.why)

    def stop(self) -> None:
        self._process.stop()

    @property
    def choice(self) -> Choice:
        return self._choice

    @property
    def process(self) -> EngineProcess:
        return self._process

    def fall_back(self, error: Exception) -> bool:
        """Whether "auto" has another engine for pages that ended in *error*; if so it is in use from now on."""
        if self._name != "auto" or not isinstance(error, CheckpointMissing | NoDevice | EngineUnusable):
            return False
        with self._lock:
            if self._given_up:
                return error.message == self._given_up  # another page of the engine that was given up
            if self._choice.spec.name == choose.FALLBACK:
                return False
            self._given_up = error.message
            old = self._process
            self._choice = choose.fallback(self._options, because=error.message)
            self._process = self._new_process()
            self.start()
        old.stop()
        self._on_change()
        return True

    def _choose(self) -> Choice:
        return choose.choose(
            self._name,
            self._options,
            gpu=choose.find_gpu() if self._name == "auto" else None,
            local_checkpoint=choose.checkpoint_is_local(self._options.checkpoint),
        )

    def _new_process(self) -> EngineProcess:
        spec: EngineSpec = self._choice.spec
        return EngineProcess(
            spec,
            page_seconds=self._page_seconds,
            start_seconds=START_SECONDS,
            keep_alive_seconds=self._keep_alive_seconds,
            threads=self._threads,
            on_change=self._on_change,
        )
