"""The engine "got-hf": GOT-OCR2.0 as transformers computes it, which is what a faster decoder is held against."""

import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import transformers
from transformers import GenerationConfig, GotOcr2ForConditionalGeneration

from gotwatch.documents import Finish, PageImage, PageText, Prompt
from gotwatch.engine import weights
from gotwatch.engine.base import EngineOptions
from gotwatch.engine.got import checkpoint, device, preprocess
from gotwatch.engine.got.prompt import prompt_ids
from gotwatch.engine.got.repetition import loop_start
from gotwatch.engine.got.vocabulary import Vocabulary, open_vocabulary
from gotwatch.errors import EngineUnusable

log = logging.getLogger(__name__)

NO_REPEAT_NGRAM = 20  # as in the original
_SOFT_SHARE = 0.95  # of the time for a page, after which it ends with what it has
_TOKENS_PER_LOOK = 64  # between two looks for a loop


@dataclass(frozen=True, slots=True)
class Written:
    """What the model wrote on one page."""

    ids: tuple[int, ...]  # without the stop token
    log_probs: tuple[float, ...]  # of each token, the stop token included
    finish: Finish


class HfEngine:
    slots = 1

    def __init__(self, options: EngineOptions) -> None:
        self.checkpoint = options.checkpoint or weights.DEFAULT_CHECKPOINT
        self.device = options.device
        self._options = options

    def load(self, progress: Callable[[str], None]) -> None:
        silence_libraries()
        self._device = device.pick(self._options.device)
        located = checkpoint.locate(self._options.checkpoint, progress)
        progress(f"Loading {located.name} on {self._device.label}")
        with device.memory_errors(self._device):
            self._model = load_model(located, self._device)
        sizes = self._model.config.vision_config
        self._recipe = preprocess.read_recipe(located.folder, side=sizes.image_size)
        self._tokens_per_view = tokens_per_view(sizes.image_size, sizes.patch_size)
        self._vocabulary = open_vocabulary(located.folder, image_token=self._model.config.image_token_id)
        self.checkpoint = located.title
        self.device = self._device.label

    def read(self, page: PageImage, prompt: Prompt) -> PageText:
        started = time.perf_counter()
        deadline = time.monotonic() + self._options.page_seconds * _SOFT_SHARE
        inputs = self._inputs(page, prompt)
        try:
            with device.memory_errors(self._device):
                written = self._write(inputs, deadline=deadline)
        finally:
            device.free_cached_memory(self._device)
        return PageText(
            number=page.number,
            markup=self._vocabulary.text(written.ids),
            tokens=len(written.ids),
            seconds=time.perf_counter() - started,
            confidence=confidence(written.log_probs),
            finish=written.finish,
            checkpoint=self.checkpoint,
        )
