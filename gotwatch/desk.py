"""Reader processes, engine and press together: what turns a file into page texts, and those into results."""

import os
from collections.abc import Callable
from pathlib import Path

from gotwatch.config.settings import Config, Watch
from gotwatch.documents import PageText, Prompt
from gotwatch.engine import abilities
from gotwatch.engine.base import EngineOptions, Precision
from gotwatch.engine.room import EngineRoom
from gotwatch.errors import ConfigError, FormUnavailable, UsageError
from gotwatch.flow import ByteBudget
from gotwatch.pages.base import PageLimits
from gotwatch.pages.reader import ReaderPool
from gotwatch.pipeline import EngineInUse
from gotwatch.render import installed
from gotwatch.render.press.process import Press
from gotwatch.threads import Threads
from gotwatch.urgent import UrgentReading, Wish

MEGABYTE = 1024 * 1024
MOST_READERS = 4


class Desk:
    def __init__(self, config: Config, threads: Threads, on_change: Callable[[], None]) -> None:
        self._threads = threads
        self._on_change = on_change
        self.furnish(config)

    def furnish(self, config: Config) -> None:
        """Readers and an engine as *config* wants them, for all who hold this desk. Not between start() and stop()."""
        limits = config.limits
        self._reader_count = limits.readers or min(os.cpu_count() or 1, MOST_READERS)
        self.readers = ReaderPool(page_limits(config), readers=self._reader_count)
        # Their own, so that nobody who waits does so until a document of 2,000 pages in a folder is done.
        self._urgent_readers = ReaderPool(page_limits(config), readers=self._reader_count)
        self.press = Press()
        self.room = EngineRoom(
            config.engine.name,
            engine_options(config),
            devices=config.engine.device,
            page_seconds=limits.page_seconds,
            keep_alive_seconds=config.engine.keep_alive,
            threads=self._threads,
            on_change=self._on_change,
        )
        self.budget = ByteBudget(limits.in_flight_megabytes * MEGABYTE)
        urgent_budget = ByteBudget(limits.in_flight_megabytes * MEGABYTE)
        self.urgent = UrgentReading(self.room, self._urgent_readers, urgent_budget)

    def start(self) -> None:
        self.readers.start()
        self._urgent_readers.start()
        self.room.start()

    def stop(self) -> None:
        self.urgent.stop()
        self.room.stop()
        self.readers.stop()
        self.press.close()
        self._urgent_readers.stop()

    def parallel(self) -> int:
        """How many files may be in work: one for each reader, and one for each page that the engine reads at once."""
        return self._reader_count + self.room.fleet.slots

    def engine(self) -> EngineInUse:
        choice = self.room.choice
        options = choice.spec.options
        precision = "" if options.precision is Precision.AUTO else options.precision.value
        return EngineInUse(choice.spec.name, options.checkpoint, self.room.fleet, precision)

    def read_now(self, path: Path, prompt: Prompt, *, on_page: Callable[[int, int], None]) -> list[PageText]:
        """All pages of *path*, outside of the queue. *on_page*: (pages read, pages in all), also when nothing is new.

        It raises where nobody wants the text any more; then the engine is not kept busy with it.
        """
        return list(self.urgent.read(Wish(files=(path,), prompt=prompt, on_page=on_page)).pages)


def page_limits(config: Config) -> PageLimits:
    limits = config.limits
    return PageLimits(
        dpi=config.pages.dpi,
        max_pixels=limits.max_pixels,
        max_pages=limits.max_pages,
        page_seconds=limits.render_seconds,
        memory_bytes=limits.reader_megabytes * MEGABYTE,
    )


def check_watches(config: Config) -> None:
    """Raises ConfigError where the engine that the config names cannot read a folder's files as they are to be."""
    for watch in config.watch:
        try:
            abilities.check_prompt(config.engine.name, watch.prompt)
        except UsageError as error:
            raise ConfigError(f"The folder {watch.folder}: {error.message}", hint=error.hint) from error


def check_forms(config: Config) -> None:
    """Raises ConfigError where a folder asks for results that nothing here can make."""
    for watch in config.watch:
        try:
            check_formats(watch)
        except FormUnavailable as error:
            raise ConfigError(f"The folder {watch.folder}: {error.message}", hint=error.hint) from error


def check_formats(watch: Watch) -> None:
    """Raises FormUnavailable."""
    for form in watch.formats:
        installed.check(form)


def engine_options(config: Config) -> EngineOptions:
    engine = config.engine
    return EngineOptions(
        checkpoint=engine.checkpoint,
        device=min(engine.device, key=lambda name: name == "cpu"),  # "auto" goes by the GPU if there is one among them
        precision=Precision(engine.precision),
        memory_share=engine.memory_share,
        max_new_tokens=engine.max_new_tokens,
        servers=engine.servers,
        token_file=engine.token_file,
        page_seconds=config.limits.page_seconds,
    )
