"""The engine "remote": other machines read, each page by the server that has least to do.

Pages wait here in threads, as for every engine, and are sent by one event loop, so that one that nobody wants any
more can be taken back in the middle of its request.
"""

import asyncio
import io
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from gotwatch import tokens
from gotwatch.client import AsyncOcrClient
from gotwatch.contract import OcrAnswer, OcrFields, OcrWords, Sources, fields_of
from gotwatch.documents import Finish, PageImage, PageText, Prompt
from gotwatch.engine.base import EngineOptions
from gotwatch.errors import (
    ConfigError,
    GotwatchError,
    NoServer,
    NotAllowed,
    ServerAway,
    ServerBusy,
    Unsupported,
    UserError,
)

log = logging.getLogger(__name__)

PAGES_A_SERVER = 16  # at once; a server has a queue of its own
REST_SECONDS = 30.0  # of a server that did not answer
_LOOK_SECONDS = 0.2  # between two looks whether the text is still wanted
_WAIT_SHARE = 0.5  # of the time for a page, until it is given back as all servers are busy

Tell = Callable[[str], None]


@dataclass(slots=True, eq=False)
class _Server:
    """Touched in the loop's thread alone."""

    url: str
    client: AsyncOcrClient
    pages: int = 0  # that it has not answered yet
    rests_until_seconds: float = 0.0  # by the monotonic clock
    is_away: bool = False  # for want of an answer; else it rests because it is busy

    @property
    def rests(self) -> bool:
        return time.monotonic() < self.rests_until_seconds

    def rest(self, seconds: float) -> None:
        self.rests_until_seconds = time.monotonic() + seconds
        self.is_away = False

    def leave_out(self, error: GotwatchError) -> None:
        log.warning("%s is left out for %g s: %s", self.url, REST_SECONDS, error.message)
        self.rests_until_seconds = time.monotonic() + REST_SECONDS
        self.is_away = True


class RemoteEngine:
    def __init__(self, options: EngineOptions) -> None:
        self.checkpoint = "remote"  # each page says which model has read it
        self.device = ", ".join(options.servers)
        self.slots = PAGES_A_SERVER * len(options.servers)
        self._options = options

    def load(self, progress: Callable[[str], None]) -> None:
        """Raises NoServer where none answers."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="servers", daemon=True)
        self._thread.start()
        progress(f"Asking {self.device}")
        token = _token(self._options.token_file)
        servers = [_server(url, token, self._options.page_seconds) for url in self._options.servers]
        self._circle = _Circle(servers, wait_seconds=_WAIT_SHARE * self._options.page_seconds)
        asyncio.run_coroutine_threadsafe(self._circle.look_round(), self._loop).result()

    def close(self) -> None:
        """Hang up. The engine process need not: it ends."""
        asyncio.run_coroutine_threadsafe(self._circle.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: threading.Event) -> PageText:
        return self._read(pages, prompt, cancelled, None)

    def read_aloud(
        self, pages: Sequence[PageImage], prompt: Prompt, cancelled: threading.Event, tell: Tell
    ) -> PageText:
        return self._read(pages, prompt, cancelled, tell)

    def _read(
        self, pages: Sequence[PageImage], prompt: Prompt, cancelled: threading.Event, tell: Tell | None
    ) -> PageText:
        began = time.monotonic()
        pictures: Sources = [_png(page) for page in pages] if len(pages) > 1 else _png(pages[0])
        request = self._circle.read(pictures, fields_of(prompt), tell)
        sent = asyncio.run_coroutine_threadsafe(request, self._loop)
        while not wait([sent], _LOOK_SECONDS).done:
            if cancelled.is_set():
                sent.cancel()  # hangs up, and so frees the place there
                return _page_text(pages, OcrAnswer(text="", finish=Finish.TIME), 0.0)
        return _page_text(pages, sent.result(), time.monotonic() - began)


class _Circle:
    """The servers, each asked when it is its turn."""

    def __init__(self, servers: Sequence[_Server], *, wait_seconds: float) -> None:
        self._servers = servers
        self._wait_seconds = wait_seconds

    async def close(self) -> None:
        for server in self._servers:
            await server.client.close()

    async def look_round(self) -> None:
        """See who is there. Raises NoServer where none of them answers."""
        reasons = await asyncio.gather(*map(_why_away, self._servers))
        for server, reason in zip(self._servers, reasons, strict=True):
            if reason is not None:
                server.leave_out(reason)
        if all(reasons):
            raise _none_left(next(filter(None, reasons)))

    async def read(self, pictures: Sources, fields: OcrFields, tell: Tell | None) -> OcrAnswer:
        """Raises NoServer, ServerBusy, or what a server says of the page itself."""
        deadline = time.monotonic() + self._wait_seconds
        failed: set[_Server] = set()
        while True:
            server = await self._next(failed, deadline)
            server.pages += 1
            try:
                return await _ask(server, pictures, fields, tell)
            except ServerBusy as busy:
                server.rest(busy.retry_seconds)
            except (ServerAway, NotAllowed) as error:
                server.leave_out(error)
                failed.add(server)
                if len(failed) == len(self._servers):
                    raise _none_left(error) from error
            finally:
                server.pages -= 1

    async def _next(self, failed: set[_Server], deadline: float) -> _Server:
        """The least busy server that has not failed with this page. Waits while all that are there are busy."""
        while True:
            left = [server for server in self._servers if server not in failed]
            # Where all are away, the cause may be gone by now, and asking is the way to know.
            there = [server for server in left if not (server.rests and server.is_away)] or left
            awake = [server for server in there if not server.rests or server.is_away]
            if awake:
                return min(awake, key=lambda server: server.pages)
            soonest = min(server.rests_until_seconds for server in there)
            if soonest > deadline:
                raise ServerBusy("All servers are busy", hint="It goes on when one has room.")
            await asyncio.sleep(max(soonest - time.monotonic(), 0.01))


async def _ask(server: _Server, pictures: Sources, fields: OcrFields, tell: Tell | None) -> OcrAnswer:
    try:
        if tell is None:
            return await server.client.read(pictures, **fields)
        return await _ask_aloud(server, pictures, fields, tell)
    except NotAllowed:
        raise
    except UserError as error:
        raise Unsupported(f"{server.url}: {error.message}", hint=error.hint) from error


async def _ask_aloud(server: _Server, pictures: Sources, fields: OcrFields, tell: Tell) -> OcrAnswer:
    text = ""
    async for told in server.client.stream(pictures, **fields):
        if isinstance(told, OcrWords):
            text = told.text if told.anew else text + told.text
            tell(text)
        elif isinstance(told, OcrAnswer):
            return told
    raise ServerAway("The server's answer has no end")


def _server(url: str, token: str, page_seconds: float) -> _Server:
    return _Server(url, AsyncOcrClient(url, token=token, seconds=page_seconds, patience_seconds=0.0))


def _token(path: str) -> str:
    try:
        return tokens.read_token(Path(path)) if path else ""
    except ConfigError as error:
        raise NoServer(error.message, hint=error.hint) from error  # what is wrong is no file's fault


async def _why_away(server: _Server) -> GotwatchError | None:
    try:
        await server.client.check_ready()
    except ServerBusy:
        return None  # it is there, and starts
    except GotwatchError as error:
        return error
    return None


def _none_left(error: GotwatchError) -> NoServer:
    return NoServer(f"No server can be used: {error.message}", hint=error.hint or "See engine.servers in the config.")


def _page_text(pages: Sequence[PageImage], answer: OcrAnswer, seconds: float) -> PageText:
    """A server that gives the text alone says nothing of how it went."""
    number, count = pages[0].number, len(pages)
    if len(answer.pages) == 1:
        return replace(answer.pages[0], number=number, count=count)
    return PageText(
        number=number,
        count=count,
        markup=answer.text,
        tokens=answer.tokens,
        seconds=seconds,
        confidence=answer.confidence,
        finish=Finish(answer.finish),
        checkpoint=answer.checkpoint or "remote",
    )


def _png(page: PageImage) -> bytes:
    """Without loss, so that it is read as it would be here."""
    picture = Image.frombuffer("RGB", (page.width, page.height), page.rgb, "raw", "RGB", 0, 1)  # type: ignore[arg-type]  # any buffer
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=1)
    return stream.getvalue()
