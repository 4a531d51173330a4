"""The engine "got", writing pages to given lengths. Run in a process of its own."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from bench import got_timing
from bench.got_errand import Errand
from bench.got_timing import check
from gotwatch.documents import PageImage, Prompt
from gotwatch.engine.base import EngineOptions
from gotwatch.engine.got.engine import GotEngine

PATIENCE_SECONDS = 3600.0  # for a page: a slow machine is measured too


class Ours:
    def __init__(self, errand: Errand) -> None:
        options = EngineOptions(
            checkpoint=errand.checkpoint,
            device=errand.device,
            precision=errand.precision,
            page_seconds=PATIENCE_SECONDS,
        )
        self._engine = GotEngine(options)
        self._engine.load(lambda _: None)

    def write(self, pages: Sequence[PageImage], lengths: Sequence[int]) -> None:
        with ThreadPoolExecutor(self._engine.slots) as pool:
            check(list(pool.map(self._write_one, pages, lengths)), lengths)

    def _write_one(self, page: PageImage, length: int) -> int:
        return self._engine.read([page], Prompt(retry=False, max_new_tokens=length), Event()).tokens


if __name__ == "__main__":
    got_timing.main(Ours)
