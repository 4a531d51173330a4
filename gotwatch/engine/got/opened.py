"""A checkpoint, opened: its tensors and sizes, and what it makes of a page before the model and after it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gotwatch.documents import Finish, PageImage, PageText, Prompt
from gotwatch.engine.checkpoint import stock
from gotwatch.engine.checkpoint.sizes import Sizes, sizes_of
from gotwatch.engine.checkpoint.tensors import Tensors, open_tensors
from gotwatch.engine.checkpoint.vocabulary import Vocabulary, open_vocabulary, refused
from gotwatch.engine.got import preprocess
from gotwatch.engine.got.prompt import known_to, prompt_ids
from gotwatch.words import marked


@dataclass(frozen=True, slots=True)
class Written:
    """What the model wrote on one page, or on several in one go."""

    ids: tuple[int, ...]  # without the stop token
    log_probs: tuple[float, ...]  # of each token, the stop token's included
    finish: Finish

    @property
    def confidence(self) -> float | None:
        """The geometric mean of the tokens' probabilities."""
        return math.exp(sum(self.log_probs) / len(self.log_probs)) if self.log_probs else None

    @property
    def least_confidence(self) -> float | None:
        """The probability of the least certain token."""
        return math.exp(min(self.log_probs)) if self.log_probs else None


@dataclass(frozen=True, slots=True)
class Opened:
    title: str  # as it stands in results
    tensors: Tensors
    sizes: Sizes
    recipe: preprocess.Recipe
    vocabulary: Vocabulary

    def inputs(self, pages: Sequence[PageImage], prompt: Prompt) -> tuple[list[int], NDArray[np.uint8]]:
        """The prompt's ids, and the views of all *pages*, (views, side, side, 3)."""
        views = self._views(pages, prompt)
        tokens = self.sizes.tokens_per_view
        size = (pages[0].width, pages[0].height)  # for a box, which is never asked for on several pages
        return prompt_ids(prompt, self.vocabulary, views=len(views), tokens_per_view=tokens, page_size=size), views

    def page_text(self, pages: Sequence[PageImage], written: Written, *, seconds: float) -> PageText:
        return PageText(
            number=pages[0].number,
            count=len(pages),
            markup=self.vocabulary.text(written.ids),
            tokens=len(written.ids),
            seconds=seconds,
            confidence=written.confidence,
            least_confidence=written.least_confidence,
            finish=written.finish,
            checkpoint=self.title,
            ids=written.ids,
            log_probs=written.log_probs,
        )

    def _views(self, pages: Sequence[PageImage], prompt: Prompt) -> NDArray[np.uint8]:
        if prompt.multi_page:
            return preprocess.views_of_all(pages, self.recipe)
        (page,) = pages
        return preprocess.views(page, self.recipe, prompt)


def open_checkpoint(name: str, progress: Callable[[str], None]) -> Opened:
    """*name*: as the config has it. Raises CheckpointMissing or DiskFull."""
    located = stock.locate(name, progress)
    progress(marked(f"Loading {located.name}"))
    tensors = open_tensors(located.folder)
    sizes = sizes_of(tensors.config)
    recipe = preprocess.read_recipe(located.folder, side=sizes.vision.side)
    vocabulary = open_vocabulary(located.folder, tensors.config)
    if not known_to(vocabulary):
        raise refused(located.folder, "it gives other ids for the prompts than GOT-OCR2.0 was trained on")
    return Opened(located.title, tensors, sizes, recipe, vocabulary)
