"""What every command needs: the config, the state folder, and the queue with or without a running gotwatch."""

import functools
import logging
import logging.handlers
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from gotwatch import control, instance
from gotwatch.app import utc_now
from gotwatch.cli.options import Options
from gotwatch.config import load, places
from gotwatch.config.places import StateFolder
from gotwatch.config.settings import Config
from gotwatch.documents import absolute
from gotwatch.doors.choose import door_of
from gotwatch.errors import AlreadyRunning, ConfigError, ExitCode, GotwatchError, StoreUnusable
from gotwatch.jobs.queue import open_queue
from gotwatch.orders import Orders

LOG_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
JOURNAL_FORMAT, JOURNAL_TIME = "%(asctime)s %(message)s", "%H:%M:%S"
OLD_LOGS = 3
COMING_SECONDS = 10.0  # for a gotwatch that is starting or ending
LOOK_SECONDS = 0.1
MEGABYTE = 1024 * 1024

P = ParamSpec("P")
R = TypeVar("R")


class NotRunning(GotwatchError):
    """The command needs a running gotwatch."""

    exit_code = ExitCode.INPUT  # 3, which service managers know as "program is not running"


@dataclass(frozen=True, slots=True)
class Context:
    options: Options

    @property
    def config_path(self) -> Path:
        return places.config_file(self.options.config)

    @property
    def state(self) -> StateFolder:
        return places.state_folder(self.options.state_dir)

    def config(self) -> Config:
        return load.load(self.config_path)

    def config_or_defaults(self) -> Config:
        """For commands that do without folders: the config if there is one."""
        return self.config() if self.options.config or self.config_path.exists() else Config()

    def place(self, path: Path) -> Path:
        """*path* as the queue knows it: below its folder as the config names that, through whatever links we came."""
        here = absolute(path)
        real = here.parent.resolve() / here.name
        for folder in self._watched_folders():
            if not here.is_relative_to(folder) and real.is_relative_to(folder.resolve()):
                return folder / real.relative_to(folder.resolve())
        return here

    def _watched_folders(self) -> list[Path]:
        try:
            return [watch.folder for watch in self.config_or_defaults().watch]
        except ConfigError:
            return []  # the running gotwatch may have read a better one

    def ask(self, verb: str, **values: Any) -> dict[str, Any] | None:
        """The running gotwatch's answer; None if none runs."""
        return control.call(door_of(self.state), {"verb": verb, **values})

    def demand(self, verb: str, **values: Any) -> dict[str, Any]:
        """The running gotwatch's answer. Raises NotRunning."""
        reply = self.ask(verb, **values)
        if reply is None:
            raise NotRunning("gotwatch is not running.", hint="Start it with: gotwatch run")
        return reply

    def order(self, verb: str, offline: Callable[[Orders], dict[str, Any] | None], **values: Any) -> dict[str, Any]:
        """The running gotwatch's answer; where none runs, what *offline* makes of its queue."""
        deadline = time.monotonic() + COMING_SECONDS
        while True:
            if reply := self.ask(verb, **values):
                return reply
            try:
                with self._orders() as orders:
                    return offline(orders) or {}
            except AlreadyRunning:  # it has the queue but gives no answer: not yet, or no more
                if time.monotonic() > deadline:
                    raise
            time.sleep(LOOK_SECONDS)

    @contextmanager
    def _orders(self) -> Iterator[Orders]:
        """The queue of a gotwatch that is not running."""
        with instance.only_one(self.state):
            queue = open_queue(self.state.queue, utc_now())
            try:
                yield Orders(self.config_or_defaults(), queue, utc_now, hold_on=lambda _: None)
            finally:
                queue.close()


def with_context(command: Callable[Concatenate[Context, P], R]) -> Callable[P, R]:
    """Give a click command the Context as its first argument."""

    @click.pass_obj
    @functools.wraps(command)
    def run(options: Options, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return command(Context(options), *args, **kwargs)

    return run


def open_log(config: Config, state: StateFolder, *, to_journal: bool) -> None:
    """One line a decision, in a file that rotates. *to_journal*: on standard error too, for whoever collects that."""
    try:
        file = logging.handlers.RotatingFileHandler(
            state.log,
            maxBytes=config.log.megabytes * MEGABYTE,
            backupCount=OLD_LOGS,
            encoding="utf-8",
            errors="backslashreplace",
        )
    except OSError as exc:
        raise StoreUnusable(
            f"The log {state.log} cannot be written: {exc.strerror or exc}.", hint="Choose another --state-dir."
        ) from exc
    file.setFormatter(logging.Formatter(LOG_FORMAT))
    handlers: list[logging.Handler] = [file]
    if to_journal and sys.stderr is not None:
        journal = logging.StreamHandler()
        journal.setFormatter(logging.Formatter(JOURNAL_FORMAT, JOURNAL_TIME))
        handlers.append(journal)
    logging.raiseExceptions = False  # a full disk is told by the status, not by a traceback for every line
    root = logging.getLogger("gotwatch")
    root.handlers[:] = handlers
    root.setLevel(config.log.level.upper())
    root.propagate = False
