"""What looks over the model's shoulder while transformers' generate writes, shaped as that library calls it."""

import time
from threading import Event

import torch

from gotwatch.engine.got.device import NotANumber
from gotwatch.engine.got.repetition import LoopWatch


class Watch:
    """A stopping criterion: the time is up, nobody wants the text any more, or the model repeats itself."""

    def __init__(self, prompt_length: int, deadline: float, cancelled: Event) -> None:
        """*deadline* is on the clock time.monotonic()."""
        self.timed_out = False
        self.loop_start: int | None = None  # in what was written, without the prompt
        self._loops = LoopWatch()
        self._told = prompt_length  # tokens that it knows of
        self._deadline = deadline
        self._cancelled = cancelled

    def __call__(self, input_ids: torch.Tensor, _scores: object) -> torch.Tensor:
        self._loops.add(input_ids[0, self._told :].tolist())
        self._told = input_ids.shape[1]
        self.loop_start = self._loops.loop_start
        self.timed_out = time.monotonic() > self._deadline
        stop = self.timed_out or self.loop_start is not None or self._cancelled.is_set()
        return torch.full((input_ids.shape[0],), stop, dtype=torch.bool, device=input_ids.device)


class ChosenLogProbs:
    """A logits processor that changes nothing: notes how sure the model was of the token that greedy takes."""

    def __init__(self) -> None:
        self._noted: list[torch.Tensor] = []

    def __call__(self, _input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        noted = scores[0].max() - scores[0].logsumexp(dim=-1)
        if not self._noted and bool(noted.isnan()):  # once a page: asking waits for the device
            raise NotANumber
        self._noted.append(noted)
        return scores

    def values(self) -> list[float]:
        return torch.stack(self._noted).tolist() if self._noted else []
