"""Readers and an engine of a command's own, beside those of a gotwatch that may be running."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from gotwatch.cli import terminal
from gotwatch.cli.context import Context
from gotwatch.desk import Desk
from gotwatch.threads import Threads


@contextmanager
def own_desk(context: Context, engine: Mapping[str, Any], meter: terminal.Meter) -> Iterator[Desk]:
    """A desk for the length of the block. *engine*: what differs from the config's [engine]."""
    config = context.config_or_defaults()
    config = config.model_copy(update={"engine": config.engine.model_copy(update=engine)})
    logging.getLogger("gotwatch").addHandler(logging.NullHandler())
    desk = Desk(config, Threads(lambda: None), on_change=lambda: meter.waiting_for(desk.room.fleet.state().message))
    desk.start()
    try:
        yield desk
    finally:
        desk.stop()
