"""The engine "got-hf": GOT-OCR2.0 as transformers computes it, which a faster decoder is held against."""

import logging
import time
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

import torch
import transformers
from transformers import GenerationConfig, GotOcr2Config, GotOcr2ForConditionalGeneration

from gotwatch.documents import Finish, PageImage, PageText, Prompt
from gotwatch.engine import weights
from gotwatch.engine.base import EngineOptions
from gotwatch.engine.checkpoint import layout
from gotwatch.engine.checkpoint.tensors import Tensors
from gotwatch.engine.got import device, opened, preprocess
from gotwatch.engine.got.device import NotANumber
from gotwatch.engine.got.observers import ChosenLogProbs, Watch
from gotwatch.engine.got.opened import Written
from gotwatch.engine.got.repetition import NO_REPEAT_NGRAM
from gotwatch.errors import EngineUnusable

log = logging.getLogger(__name__)


class HfEngine:
    slots = 1

    def __init__(self, options: EngineOptions) -> None:
        self.checkpoint = options.checkpoint or weights.DEFAULT_CHECKPOINT
        self.device = options.device
        self._options = options

    def load(self, progress: Callable[[str], None]) -> None:
        silence_libraries()
        self._on = device.pick(self._options.device, self._options.precision)
        self._opened = opened.open_checkpoint(self._options.checkpoint, progress)
        with device.memory_errors(self._on):
            self._model = build_model(self._opened.tensors, self._on)
        self.checkpoint = self._opened.title
        self.device = self._on.label

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        started = time.monotonic()
        inputs = self.inputs(pages, prompt)
        prompt_length = inputs["input_ids"].shape[1]
        watch = Watch(prompt_length, started + self._options.soft_page_seconds, cancelled)
        with device.memory_errors(self._on):
            written = self._write(inputs, self._generation(prompt, prompt_length), watch)
        return self._opened.page_text(pages, written, seconds=time.monotonic() - started)

    def inputs(self, pages: Sequence[PageImage], prompt: Prompt) -> dict[str, torch.Tensor]:
        """The pages and the prompt as the model takes them."""
        ids, views = self._opened.inputs(pages, prompt)
        input_ids = torch.tensor([ids], device=self._on.name)
        pixels = torch.from_numpy(preprocess.normalised(views, self._opened.recipe)).to(self._on.name)
        return {"input_ids": input_ids, "attention_mask": torch.ones_like(input_ids), "pixel_values": pixels}

    def _generation(self, prompt: Prompt, prompt_length: int) -> GenerationConfig:
        """Everything said here: the checkpoint's own file knows no stop token, and the library's defaults change."""
        room = self._model.config.text_config.max_position_embeddings - prompt_length
        return GenerationConfig(
            do_sample=False,
            num_beams=1,
            use_cache=True,
            max_new_tokens=max(1, min(prompt.max_new_tokens or self._options.max_new_tokens, room)),
            no_repeat_ngram_size=NO_REPEAT_NGRAM,
            eos_token_id=list(self._opened.vocabulary.stops),
            pad_token_id=self._opened.vocabulary.pad,
        )

    def _write(self, inputs: dict[str, torch.Tensor], generation: GenerationConfig, watch: Watch) -> Written:
        try:
            return self._write_once(inputs, generation, watch)
        except NotANumber:
            self._widen()
        try:
            return self._write_once(inputs, generation, watch)
        except NotANumber as exc:
            hint = 'Set engine.device = "cpu", or fetch the checkpoint again.'
            raise EngineUnusable(f"{self.checkpoint} gives no numbers on {self.device}", hint=hint) from exc

    def _write_once(self, inputs: dict[str, torch.Tensor], generation: GenerationConfig, watch: Watch) -> Written:
        log_probs = ChosenLogProbs()
        output = self._model.generate(
            **inputs, generation_config=generation, stopping_criteria=[watch], logits_processor=[log_probs]
        )
        ids = output[0, inputs["input_ids"].shape[1] :].tolist()
        return ended(ids, log_probs.values()[: len(ids)], watch, self._opened.vocabulary.stops)

    def _widen(self) -> None:
        """Half precision has overflowed on this device or for this page: from now on compute in full."""
        log.warning("%s overflows in %s on %s; going on in float32", self.checkpoint, self._model.dtype, self.device)
        self._model = self._model.float()


def silence_libraries() -> None:
    """No bars and notes on a console that may not be there."""
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def build_model(tensors: Tensors, on: device.Device) -> Any:
    """The native class with the checkpoint's weights, of either layout: no code comes from the checkpoint."""
    weights_by_name = {
        name if name == layout.HEAD else f"model.{name}": tensor
        for name, tensor in tensors.load(on.name, on.dtype).items()
    }
    model = GotOcr2ForConditionalGeneration.from_pretrained(
        None, config=GotOcr2Config(**tensors.config), state_dict=weights_by_name, dtype=on.dtype
    )
    model.generation_config = GenerationConfig()
    return model.to(on.name).eval()


def ended(ids: Sequence[int], log_probs: Sequence[float], watch: Watch, stops: Sequence[int]) -> Written:
    """Name the end that *ids* came to, and leave off what is not text."""
    if ids and ids[-1] in stops:
        return Written(tuple(ids[:-1]), tuple(log_probs), Finish.STOP)
    if watch.loop_start is not None:
        kept = watch.loop_start
        return Written(tuple(ids[:kept]), tuple(log_probs[:kept]), Finish.LOOP)
    return Written(tuple(ids), tuple(log_probs), Finish.TIME if watch.timed_out else Finish.LENGTH)
