"""The engine in use: chosen from the config, and given up for the built-in one where "auto" cannot start it."""

import logging
from collections.abc import Callable, Sequence
from threading import Lock

from gotwatch.engine import choose
from gotwatch.engine.base import EngineOptions, EngineSpec
from gotwatch.engine.choose import Choice
from gotwatch.engine.fleet import Fleet
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
        devices: Sequence[str],
        page_seconds: float,
        keep_alive_seconds: float,
        threads: Threads,
        on_change: Callable[[], None],
    ) -> None:
        """*devices*: as configured; each has a process of its own, with the *options* but for their device."""
        self._name = name
        self._options = options
        self._devices = tuple(devices)
        self._page_seconds = page_seconds
        self._keep_alive_seconds = keep_alive_seconds
        self._threads = threads
        self._on_change = on_change
        self._lock = Lock()
        self._given_up: frozenset[str] = frozenset()  # the messages of the errors that "auto" fell back on
        self._choice = self._choose()
        self._fleet = self._new_fleet()

    def start(self) -> None:
        self._fleet.start()
        log.info("engine: %s. %s", self._choice.spec.name, self._choice.why)

    def stop(self) -> None:
        self._fleet.stop()

    @property
    def choice(self) -> Choice:
        return self._choice

    @property
    def fleet(self) -> Fleet:
        return self._fleet

    @property
    def why(self) -> str:
        """Why this engine, and not on all of its devices, in sentences for status."""
        return f"{self._choice.why} {self._fleet.state().left_out}".rstrip()

    def fall_back(self, error: Exception) -> bool:
        """Whether "auto" has another engine for pages that ended in *error*; if so it is in use from now on."""
        if self._name != "auto" or not isinstance(error, CheckpointMissing | NoDevice | EngineUnusable):
            return False
        with self._lock:
            if self._given_up:
                return error.message in self._given_up  # another page of the engine that was given up
            if self._choice.spec.name == choose.FALLBACK:
                return False
            old = self._fleet
            self._given_up = old.faults | {error.message}
            self._choice = choose.fallback(self._options, because=error.message)
            self._fleet = self._new_fleet()
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

    def _new_fleet(self) -> Fleet:
        spec = self._choice.spec
        is_fallback = self._name == "auto" and spec.name == choose.FALLBACK
        return Fleet(spec, (spec.options.device,) if is_fallback else self._devices, self._new_process)

    def _new_process(self, spec: EngineSpec) -> EngineProcess:
        return EngineProcess(
            spec,
            page_seconds=self._page_seconds,
            start_seconds=START_SECONDS,
            keep_alive_seconds=self._keep_alive_seconds,
            threads=self._threads,
            on_change=self._on_change,
        )
