"""How one and the same step is run again and again: by itself, or on CUDA as a graph, which no launch slows."""

import logging
from collections.abc import Callable
from typing import Protocol

import torch

log = logging.getLogger(__name__)

Step = Callable[[], None]
Shape = tuple[int, int]


class Runner(Protocol):
    def run(self, shape: Shape, step: Step) -> None:
        """Do *step* once. Steps of one *shape* do the same things to the same memory: what it holds may change,
        where it lies may not, until forget()."""

    def forget(self) -> None:
        """The memory that steps work on is about to go."""


class Direct:
    """Where nothing can be recorded."""

    def run(self, shape: Shape, step: Step) -> None:  # noqa: ARG002 - the protocol's
        step()

    def forget(self) -> None:
        pass


class CudaGraphs:
    """A graph for each shape, recorded when that is first met. Belongs to one thread, on a stream of its own."""

    def __init__(self) -> None:
        self._graphs: dict[Shape, torch.cuda.CUDAGraph] = {}
        self._pool = torch.cuda.graph_pool_handle()
        self._records = True

    def run(self, shape: Shape, step: Step) -> None:
        if graph := self._graphs.get(shape):
            graph.replay()
            return
        step()  # the work itself; it also makes what libraries make at first use, which cannot be recorded
        if self._records:
            self._record(shape, step)

    def forget(self) -> None:
        self._graphs.clear()
        self._pool = torch.cuda.graph_pool_handle()

    def _record(self, shape: Shape, step: Step) -> None:
        """All graphs share one pool, in any order: a step leaves nothing in it that another one reads."""
        graph = torch.cuda.CUDAGraph()
        stream = torch.cuda.current_stream()
        try:
            with torch.cuda.graph(graph, pool=self._pool, stream=stream, capture_error_mode="thread_local"):
                step()
        except torch.OutOfMemoryError:
            # Each further try would leave its memory behind: PyTorch up to 2.13 loses that of a failed recording. And
            # with it the workspace of cuBLAS goes, which is one for a stream, and to which the other graphs point.
            log.warning("no memory to record steps of %d pages: going on without", shape[0])
            self._records = False
            self.forget()
        else:
            self._graphs[shape] = graph


def runner(device: str) -> Runner:
    return CudaGraphs() if device.startswith("cuda") else Direct()
