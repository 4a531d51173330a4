"""Reading over HTTP, as a whole: built from the config, started and stopped beside the rest of the program."""

import logging
from collections.abc import Callable
from pathlib import Path

from gotwatch.config.settings import Server
from gotwatch.desk import Desk
from gotwatch.server.bodies import Bodies
from gotwatch.server.callers import callers
from gotwatch.server.figures import Figures, Source
from gotwatch.server.listener import Listener
from gotwatch.server.reception import Reception
from gotwatch.server.site import site
from gotwatch.threads import Threads

log = logging.getLogger(__name__)

MEGABYTE = 1024 * 1024


def no_files() -> dict[str, int]:
    """Of a program that watches no folders."""
    return {}


class HttpServer:
    def __init__(
        self,
        settings: Server,
        desk: Desk,
        *,
        results: Path,
        files: Callable[[], dict[str, int]] = no_files,
    ) -> None:
        """*results*: where rendered pages are kept unless the settings name a place. *files*: by their state."""
        self._settings = settings
        self._reception = Reception(
            desk, most=settings.requests, results=Path(settings.results) if settings.results else results
        )
        self._listener = Listener(settings.host, settings.port)
        self._figures = Figures(
            Source(
                engine=lambda: desk.room.fleet.state(),
                work=lambda: desk.room.fleet.work,
                requests=lambda: self._reception.inside,
                files=files,
            )
        )

    def start(self, threads: Threads) -> None:
        """Raises ConfigError or UsageError where it may not or cannot listen there."""
        settings = self._settings
        who = callers(settings.host, settings.token_file, settings.hosts)
        bodies = Bodies(settings.body_megabytes * MEGABYTE)
        app = site(self._reception, who, self._figures, bodies, request_seconds=settings.request_seconds)
        self._reception.start(threads)
        self._listener.open(app)
        threads.start("http", self._listener.run)
        log.info("listening at %s", self.url)

    @property
    def url(self) -> str:
        return self._listener.url

    def stop(self) -> None:
        """Take no more requests; those in work are told to come again. Before the desk is stopped."""
        self._reception.stop()
        self._listener.stop()

    def close(self) -> None:
        """After the desk was stopped and the threads have ended."""
        self._reception.close()
