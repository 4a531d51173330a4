"""Calls POST /ocr of a gotwatch that listens, or of any server that keeps to the same contract.

    with OcrClient("http://127.0.0.1:8765") as client:
        print(client.read("scan.png").text)

The only module that knows httpx2.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Self, Unpack

import httpx2

from gotwatch.contract import (
    RECORD_TYPE,
    Events,
    OcrAnswer,
    OcrFields,
    Sources,
    Told,
    answer_of,
    error_of,
    request_body,
)
from gotwatch.errors import GotwatchError, ServerAway, ServerBusy, UsageError

CONNECT_SECONDS = 5.0


class OcrClient:
    """Close it, or use it in a with block. For any number of threads."""

    def __init__(self, url: str, *, token: str = "", seconds: float = 600.0, patience_seconds: float = 60.0) -> None:
        """*seconds*: for one answer. *patience_seconds*: for so long a server that is busy or starts is asked again."""
        self._client = httpx2.Client(**_settings(url, token, seconds))
        self._patience_seconds = patience_seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def read(self, source: Sources, **fields: Unpack[OcrFields]) -> OcrAnswer:
        """Raises the error that the server answers with, and ServerAway where it does not answer."""
        with self._asked(request_body(source, fields)) as response:
            return answer_of(response.read())

    def stream(self, source: Sources, **fields: Unpack[OcrFields]) -> Iterator[Told]:
        """Words as they are decoded, each page when it is done, and the whole answer last."""
        events = Events()
        with self._asked(request_body(source, fields, stream=True)) as response:
            for line in response.iter_lines():
                yield from events.of(line)
        events.check_complete()

    def check_ready(self) -> None:
        """Raises ServerBusy where the server says that it is not, and ServerAway."""
        with _reaching(self._client.base_url):
            _check(self._client.get("/ready"))

    @contextmanager
    def _asked(self, body: bytes) -> Iterator[httpx2.Response]:
        end = time.monotonic() + self._patience_seconds
        while True:
            with _reaching(self._client.base_url), self._client.stream("POST", "/ocr", content=body) as response:
                if response.status_code == 200:
                    yield response
                    return
                response.read()
                wait_seconds = _wait_seconds(_error(response), end)
            time.sleep(wait_seconds)


class AsyncOcrClient:
    """As OcrClient, for one event loop. A call that is cancelled ends the reading on the server too."""

    def __init__(self, url: str, *, token: str = "", seconds: float = 600.0, patience_seconds: float = 60.0) -> None:
        self._client = httpx2.AsyncClient(**_settings(url, token, seconds))
        self._patience_seconds = patience_seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._client.aclose()

    async def read(self, source: Sources, **fields: Unpack[OcrFields]) -> OcrAnswer:
        async with self._asked(request_body(source, fields)) as response:
            return answer_of(await response.aread())

    async def stream(self, source: Sources, **fields: Unpack[OcrFields]) -> AsyncIterator[Told]:
        events = Events()
        async with self._asked(request_body(source, fields, stream=True)) as response:
            async for line in response.aiter_lines():
                for told in events.of(line):
                    yield told
        events.check_complete()

    async def check_ready(self) -> None:
        with _reaching(self._client.base_url):
            _check(await self._client.get("/ready"))

    @asynccontextmanager
    async def _asked(self, body: bytes) -> AsyncIterator[httpx2.Response]:
        end = time.monotonic() + self._patience_seconds
        while True:
            with _reaching(self._client.base_url):
                async with self._client.stream("POST", "/ocr", content=body) as response:
                    if response.status_code == 200:
                        yield response
                        return
                    await response.aread()
                    wait_seconds = _wait_seconds(_error(response), end)
            await asyncio.sleep(wait_seconds)


def _settings(url: str, token: str, seconds: float) -> dict[str, Any]:
    headers = {"Accept": f"{RECORD_TYPE}, application/json", "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return {
        "base_url": url,
        "headers": headers,
        "timeout": httpx2.Timeout(seconds, connect=CONNECT_SECONDS),
        "trust_env": False,  # a proxy for the web is none for the machine beside us
    }


@contextmanager
def _reaching(url: httpx2.URL) -> Iterator[None]:
    """Raises ServerAway for what a connection fails of."""
    try:
        yield
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise UsageError(f"{url} is no address of a server", hint="Write it as http://HOST:PORT.") from error
    except httpx2.HTTPError as error:
        hint = "See that gotwatch serve runs there, and that no firewall is between."
        raise ServerAway(f"No answer from {url}: {str(error) or type(error).__name__}", hint=hint) from error


def _error(response: httpx2.Response) -> GotwatchError:
    return error_of(response.status_code, response.headers.get("retry-after", ""), response.content)


def _check(response: httpx2.Response) -> None:
    if response.status_code != 200:
        raise _error(response)


def _wait_seconds(error: GotwatchError, end: float) -> float:
    """Until the next try. Raises *error* where there is none before *end*."""
    if not isinstance(error, ServerBusy) or time.monotonic() + error.retry_seconds > end:
        raise error
    return error.retry_seconds
