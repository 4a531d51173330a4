"""serve: reading over HTTP, without folders and without the queue."""

import logging
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click

from gotwatch.cli.context import JOURNAL_FORMAT, JOURNAL_TIME, Context, with_context
from gotwatch.cli.end import End
from gotwatch.cli.wishes import with_engine
from gotwatch.config.places import StateFolder
from gotwatch.config.settings import Config, Server
from gotwatch.desk import Desk
from gotwatch.documents import absolute
from gotwatch.errors import ExitCode
from gotwatch.server.http_server import HttpServer
from gotwatch.threads import Threads
from gotwatch.words import say

STOP_SECONDS = 8.0


@click.command()
@click.option("--host", help="The address to listen at, instead of the config's.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port, instead of the config's; 0: any that is free.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file with the word that callers must send; needed for any address that is not this machine's own.",
)
@with_engine("name", "checkpoint", "device", "precision")
@with_context
def serve(context: Context, host: str | None, port: int | None, token_file: Path | None, engine: dict[str, Any]) -> int:
    """Read what other programs send, over HTTP.

    POST /ocr, described at /docs. Without folders and without the queue, until Ctrl+C.
    """
    config = context.config_or_defaults()
    wanted = {"host": host, "port": port, "token_file": str(absolute(token_file)) if token_file else None}
    changes = {name: value for name, value in wanted.items() if value is not None}
    settings = config.server.model_copy(update=changes)
    config = config.model_copy(update={"engine": config.engine.model_copy(update=engine)})
    with closing(End()) as end, _alone(config, settings, context.state) as url:
        end.heed_signals()
        click.echo(say("gotwatch reads at {url}/ocr, described at {url}/docs. Ctrl+C ends it.", url=url), err=True)
        while not end.wait():
            pass
    return ExitCode.OK


@contextmanager
def _alone(config: Config, settings: Server, state: StateFolder) -> Iterator[str]:
    """The address, while it listens there."""
    _log_to_terminal(config)
    threads = Threads(lambda: None)
    desk = Desk(config, threads, on_change=lambda: None)
    server = HttpServer(settings, desk, results=state.results)
    try:
        server.start(threads)
        desk.start()
        desk.room.fleet.load()  # so that the first caller need not wait for it
        yield server.url
    finally:
        server.stop()
        desk.stop()
        threads.join(STOP_SECONDS)
        server.close()


def _log_to_terminal(config: Config) -> None:
    journal = logging.StreamHandler(sys.stderr)
    journal.setFormatter(logging.Formatter(JOURNAL_FORMAT, JOURNAL_TIME))
    root = logging.getLogger("gotwatch")
    root.handlers[:] = [journal]
    root.setLevel(config.log.level.upper())
    root.propagate = False


COMMANDS = (serve,)
