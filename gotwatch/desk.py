"""Reader processes, engine and press together: what turns a file into page texts, and those into results."""

import os
from collections.abc import Callable
from pathlib import Path

from gotwatch import flow
from gotwatch.config.settings import Config, Watch
from gotwatch.documents import PageText, Prompt
from gotwatch.engine import abilities
from gotwatch.engine.base import EngineOptions, Precision
from gotwatch.engine.room import EngineRoom
from gotwatch.errors import ConfigError, FatalError, FormUnavailable, UsageError
from gotwatch.flow import ByteBudget
from gotwatch.pages.base import PageLimits
from gotwatch.pages.reader import ReaderPool
from gotwatch.pipeline import EngineInUse
from gotwatch.render import installed
from gotwatch.render.press.process import Press
from gotwatch.threads import Threads

MEGABYTE = 1024 * 1024
MOST_READERS = 4


class Desk:
    def __init__(self, config: Config, threads: Threads, on_change: Callable[[], None]) -> None:
        limits = config.limits
        self._reader_count = limits.readers or min(os.cpu_count() or 1, MOST_READERS)
        self.readers = ReaderPool(page_limits(config), readers=self._reader_count)
        # One of their own, so that no command waits until a document of 2,000 pages is done.
        self._readers_for_commands = ReaderPool(page_limits(config), readers=1)
        self.press = Press()
        self.room = EngineRoom(
            config.engine.name,
            engine_options(config),
            devices=config.engine.device,
            page_seconds=limits.page_seconds,
            keep_alive_seconds=config.engine.keep_alive,
            threads=threads,
            on_change=on_change,
        )
        self.budget = ByteBudget(limits.in_flight_megabytes * MEGABYTE)
        self._stopping = False

    def start(self) -> None:
        self.readers.start()
        self._readers_for_commands.start()
        self.room.start()

    def stop(self) -> None:
        self._stopping = True
        self.room.stop()
        self.readers.stop()
        self.press.close()
        self._readers_for_commands.stop()

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
        try:
            return self._read(path, prompt, on_page)
        except FatalError as error:
            if self._stopping or not self.room.fall_back(error):
                raise
            return self._read(path, prompt, on_page)

    def _read(self, path: Path, prompt: Prompt, on_page: Callable[[int, int], None]) -> list[PageText]:
        abilities.check_prompt(self.room.choice.spec.name, prompt)
        texts: list[PageText] = []
        with self._readers_for_commands.open(path) as opened:

            def tell() -> None:
                on_page(sum(page.count for page in texts), opened.count)

            def keep(page: PageText) -> None:
                texts.append(page)
                tell()

            tell()
            flow.read_pages(
                opened,
                range(1, opened.count + 1),
                self.room.fleet,
                prompt,
                budget=self.budget,
                go_on=lambda: None,
                keep=keep,
                check_wanted=tell,
            )
        return sorted(texts, key=lambda page: page.number)


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
        page_seconds=config.limits.page_seconds,
    )
