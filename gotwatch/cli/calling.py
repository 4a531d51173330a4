"""Files read by another machine, for `read --server`."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gotwatch.cli import terminal
from gotwatch.client import OcrClient
from gotwatch.contract import OcrAnswer, fields_of
from gotwatch.documents import PageText, Prompt, absolute, counted, shown
from gotwatch.errors import ServerAway
from gotwatch.records import page_record
from gotwatch.tokens import read_token

ReadFile = Callable[[Path, Callable[[int, int], None]], dict[str, Any]]


@contextmanager
def reader(url: str, token_file: Path | None, prompt: Prompt, meter: terminal.Meter) -> Iterator[ReadFile]:
    """Says on standard error how long each file took."""
    token = read_token(absolute(token_file)) if token_file else ""
    with OcrClient(url, token=token) as client:

        def read_file(path: Path, on_page: Callable[[int, int], None]) -> dict[str, Any]:
            began = time.monotonic()
            answer = _answer(client, path, prompt, on_page)
            seconds = time.monotonic() - began
            pages = counted(sum(page.count for page in answer.pages), "page")
            meter.complain(f"{shown(path.name)}: {pages} in {seconds:.2f} s, by {answer.engine} ({answer.checkpoint})")
            return {
                "engine": answer.engine,
                "seconds": round(seconds, 3),
                "pages": [page_record(page) for page in answer.pages],
            }

        yield read_file


def _answer(client: OcrClient, path: Path, prompt: Prompt, on_page: Callable[[int, int], None]) -> OcrAnswer:
    done = 0
    for told in client.stream(path, **fields_of(prompt)):
        if isinstance(told, PageText):
            done += told.count
            on_page(done, 0)  # how many there are in all is known at the end
        elif isinstance(told, OcrAnswer):
            return told
    raise ServerAway("The server's answer has no end")
