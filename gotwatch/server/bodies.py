"""Takes in the bodies of requests: no more bytes than allowed, in one or in all, and no slower than allowed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from gotwatch.server.answers import BUSY_SECONDS, Problem

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

CHUNK_SECONDS = 10.0  # without a byte
WHOLE_SECONDS = 120.0
_ALL_TIMES = 4  # so many bodies of the largest size may be here at once


class CallerLeft(Exception):
    """In the middle of its request."""


class Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Bodies:
    """Used in the loop's thread."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._here_bytes = 0

    async def take(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
        """The whole body. Raises Refused, or CallerLeft."""
        length = self._announced(headers.get(b"content-length"))
        if self._here_bytes + length > _ALL_TIMES * self._most_bytes:
            raise Refused(
                Problem(503, "ServerBusy", "Too many large requests come in", "Try again.", retry_seconds=BUSY_SECONDS)
            )
        self._here_bytes += length
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                return await self._read(receive)
        except TimeoutError as error:
            raise Refused(Problem(408, "TooSlow", "The request did not arrive in time")) from error
        finally:
            self._here_bytes -= length

    def _announced(self, length: bytes | None) -> int:
        """What is to be expected, which may be the most."""
        if length is None:
            return self._most_bytes
        if int(length) > self._most_bytes:  # digits: HTTP's parser has seen to it
            raise self._too_large()
        return int(length)

    async def _read(self, receive: Receive) -> bytes:
        body = bytearray()
        more = True
        while more:
            async with asyncio.timeout(CHUNK_SECONDS):
                message = await receive()
            if message["type"] == "http.disconnect":
                raise CallerLeft
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._most_bytes:
                raise self._too_large()
        return bytes(body)

    def _too_large(self) -> Refused:
        megabytes = self._most_bytes // 1024**2
        hint = "Send fewer pages at once, or have the server's body_megabytes raised."
        return Refused(Problem(413, "TooLarge", f"The request is larger than {megabytes} MB", hint))
