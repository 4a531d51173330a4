"""Answers and problems as HTTP responses."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gotwatch.contract import RECORD_TYPE
from gotwatch.records import page_record
from gotwatch.server.answers import Answer, Problem, as_ascii_json, as_json
from gotwatch.server.visit import Gone, News, Page, Visit, Words

JSON_TYPE = "application/json"
_STILL_HERE = b": still reading\n\n"
_STILL_HERE_SECONDS = 15.0  # of silence


def refusal(problem: Problem) -> Response:
    headers = problem.headers()
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(as_json(problem.record()), problem.status, headers, media_type=JSON_TYPE)


def answered(answer: Answer, request: Request) -> Response:
    """The text as a JSON string, or the whole record where the caller asks for that type."""
    if RECORD_TYPE in request.headers.get("accept", "").lower():
        return Response(as_json(answer.record()), media_type=RECORD_TYPE)
    return Response(as_json(answer.text), media_type=JSON_TYPE)


class Recital(Response):
    """The text while it is decoded, as server-sent events: words, page, then done or error."""

    media_type = "text/event-stream"

    def __init__(self, visit: Visit, first: News, leaving: asyncio.Task[None]) -> None:
        """*leaving* notices when the caller hangs up, and is ended with the answer."""
        self._visit = visit
        self._first = first
        self._leaving = leaving
        super().__init__()
        del self.headers["content-length"]  # which nobody knows yet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for part in self._parts():
            await send({"type": "http.response.body", "body": part, "more_body": True})
        self._leaving.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _parts(self) -> AsyncIterator[bytes]:
        news = self._first
        while not isinstance(news, Gone):
            yield _event(news)
            if isinstance(news, Answer | Problem):
                return
            while (later := await self._next()) is None:
                yield _STILL_HERE
            news = later

    async def _next(self) -> News | None:
        """None after a while of silence."""
        try:
            async with asyncio.timeout(_STILL_HERE_SECONDS):
                return await self._visit.next()
        except TimeoutError:
            return None


def _event(news: Words | Page | Answer | Problem) -> bytes:
    match news:
        case Words():
            name, record = "words", {"page": news.page, "text": news.text, "anew": news.anew}
        case Page():
            name, record = "page", page_record(news.page)
        case Answer():
            name, record = "done", news.record()
        case Problem():
            name, record = "error", dict(news.record())
    return b"event: %s\ndata: %s\n\n" % (name.encode(), as_ascii_json(record))
