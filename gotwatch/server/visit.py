"""A caller who waits: how the thread that reads and the loop that speaks HTTP reach each other."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from typing import Any

from gotwatch.documents import PageText
from gotwatch.server.answers import Answer, Problem


@dataclass(frozen=True, slots=True)
class Words:
    """What came to a page's text since the last words; *anew*: all that there was before is void."""

    page: int
    text: str
    anew: bool


@dataclass(frozen=True, slots=True)
class Page:
    page: PageText


@dataclass(frozen=True, slots=True)
class Gone:
    """The caller hung up."""


News = Words | Page | Answer | Problem | Gone


class Visit:
    """Made and waited on in the loop. tell() and what *gone* says are for any thread."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.gone = Event()
        self._loop = asyncio.get_running_loop()
        self._news: asyncio.Queue[News] = asyncio.Queue()
        self._told: dict[int, str] = {}

    def tell(self, news: News) -> None:
        with suppress(RuntimeError):  # the loop has ended, and with it the caller
            self._loop.call_soon_threadsafe(self._news.put_nowait, news)

    def tell_words(self, page: int, text: str) -> None:
        """*text*: all that stands on the page now."""
        before = self._told.get(page, "")
        self._told[page] = text
        if text.startswith(before):
            if len(text) > len(before):
                self.tell(Words(page, text[len(before) :], anew=False))
        else:
            self.tell(Words(page, text, anew=True))

    async def next(self) -> News:
        return await self._news.get()

    async def watch(self, receive: Any) -> None:
        """Until the caller hangs up; to be cancelled when there is an answer."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self.gone.set()
        self._news.put_nowait(Gone())
