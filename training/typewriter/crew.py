"""Several processes that train one model: each takes its share of a step, and all make the same step of it."""

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator
from multiprocessing.context import SpawnProcess
from pathlib import Path

import torch
import torch.distributed
from torch import Tensor


class Crew:
    """One process as it sees itself among *size* of them, number *rank*."""

    def __init__(self, rank: int = 0, size: int = 1, board: torch.distributed.Store | None = None) -> None:
        """*board*: what all of them see, if there are several."""
        self.rank = rank
        self.size = size
        self._board = board

    def taken(self, step: int, parts: int) -> Iterator[int]:
        """The parts of a step that this process does: one for each of them, and what is left to who is free first, as
        other programs may take much of one processor's time."""
        number = self.rank
        while number < parts:
            yield number
            number = self._board.add(f"taken {step}", 1) + self.size - 1 if self._board else number + 1

    def total(self, values: Tensor) -> Tensor:
        """The sum of what all processes bring to this call."""
        if self.size > 1:
            torch.distributed.all_reduce(values)
        return values


def work_together(size: int, work: Callable[[Crew], None]) -> None:
    """Do *work* in this process and in *size* - 1 further ones; *work* must be importable from another process."""
    if size == 1:
        work(Crew())
        return
    with tempfile.TemporaryDirectory() as folder:
        meeting = Path(folder) / "meeting"
        context = multiprocessing.get_context("spawn")
        others: list[SpawnProcess] = [
            context.Process(target=_join, args=(rank, size, meeting, work), daemon=True) for rank in range(1, size)
        ]
        for process in others:
            process.start()
        _join(0, size, meeting, work)
        for process in others:
            process.join()


def _join(rank: int, size: int, meeting: Path, work: Callable[[Crew], None]) -> None:
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")  # the processes of one machine
    board = torch.distributed.FileStore(str(meeting), size)
    torch.distributed.init_process_group("gloo", store=board, rank=rank, world_size=size)
    work(Crew(rank, size, board))
    torch.distributed.destroy_process_group()
