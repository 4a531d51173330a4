"""transformers' generate, writing pages to given lengths. Run in a process of its own."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import GenerationConfig, GotOcr2ForConditionalGeneration

from bench import got_random, got_timing
from bench.got_errand import Errand
from bench.got_timing import check
from gotwatch.documents import PageImage, Prompt
from gotwatch.engine.base import Precision
from gotwatch.engine.got import opened
from gotwatch.engine.got.hf import silence_libraries
from gotwatch.engine.got.preprocess import normalised
from gotwatch.engine.got.repetition import NO_REPEAT_NGRAM


class Generate:
    def __init__(self, errand: Errand) -> None:
        self._device = errand.device
        self._at_once = errand.at_once
        self._opened = opened.open_checkpoint(errand.checkpoint, lambda _: None)
        kind = torch.float32 if errand.precision is Precision.FP32 else torch.bfloat16
        model = GotOcr2ForConditionalGeneration.from_pretrained(Path(errand.checkpoint), dtype=kind)
        self._model: Any = model.to(errand.device).eval()
        self._kind = kind

    def write(self, pages: Sequence[PageImage], lengths: Sequence[int]) -> None:
        for first in range(0, len(pages), self._at_once):
            part = slice(first, first + self._at_once)
            self._write_together(pages[part], lengths[part])

    def _write_together(self, pages: Sequence[PageImage], lengths: Sequence[int]) -> None:
        inputs = [self._opened.inputs([page], Prompt()) for page in pages]
        ids = torch.tensor([ids for ids, _ in inputs], device=self._device)
        pixels = np.concatenate([normalised(views, self._opened.recipe) for _, views in inputs])
        with self._as_on_the_hub():
            written = self._model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                pixel_values=torch.from_numpy(pixels).to(self._device, self._kind),
                generation_config=_to_the_longest(lengths),
                stopping_criteria=[Ends(ids.shape[1], torch.tensor(lengths, device=self._device))],
            )
        check([written.shape[1] - ids.shape[1]], [max(lengths)])

    def _as_on_the_hub(self) -> Any:
        """Weights in float32 are multiplied in bfloat16 there, on a GPU."""
        has_cast = self._device == "cuda" and self._kind == torch.float32
        return torch.autocast("cuda", dtype=torch.bfloat16) if has_cast else nullcontext()


class Ends:
    """A stopping criterion: the page has its length, and what follows for its neighbours' sake does not count."""

    def __init__(self, prompt_length: int, lengths: torch.Tensor) -> None:
        self._lengths = lengths + prompt_length

    def __call__(self, input_ids: torch.Tensor, _scores: object) -> torch.Tensor:
        return input_ids.shape[1] >= self._lengths


def _to_the_longest(lengths: Sequence[int]) -> GenerationConfig:
    return GenerationConfig(
        do_sample=False,
        use_cache=True,
        max_new_tokens=max(lengths),
        no_repeat_ngram_size=NO_REPEAT_NGRAM,
        pad_token_id=got_random.STOPS[0],
    )


if __name__ == "__main__":
    silence_libraries()
    got_timing.main(Generate)
