"""The figures for Prometheus. The only module that knows its client."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import psutil
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gotwatch.engine.fleet import FleetState, Work

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the figures are looked up when they are asked for."""

    engine: Callable[[], FleetState]
    work: Callable[[], Work]
    requests: Callable[[], int]
    files: Callable[[], dict[str, int]]  # of the watched folders, by state


class Figures:
    def __init__(self, source: Source) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Looked(source))
        self._answers = Counter(
            "gotwatch_http_answers", "Requests to POST /ocr that were answered.", ["status"], registry=self._registry
        )
        self._seconds = Histogram(
            "gotwatch_http_seconds",
            "From a request to POST /ocr to its answer, where that is 200.",
            buckets=_SECONDS,
            registry=self._registry,
        )

    def answered(self, status: int, seconds: float) -> None:
        self._answers.labels(str(status)).inc()
        if status == 200:
            self._seconds.observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self._registry)


class _Looked(Collector):
    def __init__(self, source: Source) -> None:
        self._source = source

    def collect(self) -> Iterator[Metric]:
        source = self._source
        engine, work = source.engine(), source.work()
        yield CounterMetricFamily("gotwatch_pages", "Pages that the engine has read.", work.pages)
        yield CounterMetricFamily("gotwatch_tokens", "Tokens that the engine has written.", work.tokens)
        yield CounterMetricFamily("gotwatch_page_seconds", "Time that pages were in the engine.", work.seconds)
        yield _gauge("gotwatch_pages_waiting", "Pages that wait for the engine.", engine.waiting)
        yield _gauge("gotwatch_pages_in_engine", "Pages that the engine is reading.", engine.in_flight)
        yield _gauge("gotwatch_slots", "Pages that the engine can read at once.", engine.slots)
        yield _gauge("gotwatch_engine_loaded", "Whether the model is in memory.", int(engine.phase == "ready"))
        yield _gauge("gotwatch_requests", "Requests in work or waiting.", source.requests())
        files = GaugeMetricFamily("gotwatch_files", "Files of the watched folders.", labels=["state"])
        for state, count in source.files().items():
            files.add_metric([state], count)
        yield files
        memory = GaugeMetricFamily("gotwatch_memory_bytes", "Memory of processes.", labels=["process"])
        memory.add_metric(["main"], _memory_bytes([os.getpid()]))
        memory.add_metric(["engine"], _memory_bytes(engine.pids))
        yield memory


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value)


def _memory_bytes(pids: Iterable[int]) -> int:
    held_bytes = 0
    for pid in pids:
        try:
            held_bytes += int(psutil.Process(pid).memory_info().rss)
        except psutil.Error:  # it has just ended
            continue
    return held_bytes
