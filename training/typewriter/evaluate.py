"""How well the typewriter reads fresh pages, mode by mode: `python -m training.typewriter.evaluate`."""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from transformers import GenerationConfig, GotOcr2ForConditionalGeneration

from gotwatch.documents import PageImage, Prompt
from gotwatch.engine.got import preprocess
from gotwatch.engine.got.repetition import NO_REPEAT_NGRAM
from training.typewriter import tasks, vocabulary
from training.typewriter.apprenticeship import STATE
from training.typewriter.batches import normalised
from training.typewriter.model import Apprentice
from training.typewriter.tasks import SIDE, Effort, Exercise, Task

FRESH_SEED = 10**9  # no training step has a seed like this
MOST_TOKENS = 700

_BATCH = 50


@dataclass(frozen=True, slots=True)
class Reading:
    exercise: Exercise
    text: str

    @property
    def errors(self) -> int:
        return edits(self.text, self.exercise.text)


@dataclass(frozen=True, slots=True)
class Score:
    """Of one task."""

    task: Task
    pages: int
    characters: int
    errors: int
    flawless: int  # pages

    @property
    def error_rate(self) -> float:
        return self.errors / self.characters


def score(model: Any, task: Task, *, pages: int, effort: Effort) -> tuple[Score, list[Reading]]:
    readings = list(_read(model, [fresh(task, number, effort) for number in range(pages)]))
    characters = sum(len(reading.exercise.text) for reading in readings)
    errors = [reading.errors for reading in readings]
    return Score(task, pages, characters, sum(errors), errors.count(0)), readings


def fresh(task: Task, number: int, effort: Effort) -> tuple[Exercise, list[Image.Image]]:
    """A page that no training has seen, at its natural size."""
    random = np.random.default_rng((FRESH_SEED, list(Task).index(task), number))
    exercise = tasks.make(task, random, effort)
    return exercise, tasks.draw(exercise, random)


def engine_views(exercise: Exercise, images: Sequence[Image.Image]) -> np.ndarray:
    """(views, side, side, 3), by the engine's own code."""
    recipe = preprocess.Recipe(SIDE)
    shown = [PageImage(number, *image.size, image.tobytes()) for number, image in enumerate(images, 1)]
    if exercise.cropped:
        return preprocess.views(shown[0], recipe, Prompt(crop=True))
    return preprocess.views_of_all(shown, recipe)


def edits(read: str, truth: str) -> int:
    """Characters to insert, delete or replace."""
    row = list(range(len(truth) + 1))
    for place, letter in enumerate(read, 1):
        above, row = row, [place]
        for column, other in enumerate(truth, 1):
            row.append(min(above[column] + 1, row[-1] + 1, above[column - 1] + (letter != other)))
    return row[-1]


def _read(model: Any, pages: list[tuple[Exercise, list[Image.Image]]]) -> Iterator[Reading]:
    """In batches of prompts of one length, so that nothing is padded."""
    alike = defaultdict(list)
    for exercise, images in pages:
        alike[len(exercise.prompt())].append((exercise, images))
    for group in alike.values():
        for start in range(0, len(group), _BATCH):
            yield from _read_batch(model, group[start : start + _BATCH])


def _read_batch(model: Any, pages: list[tuple[Exercise, list[Image.Image]]]) -> Iterator[Reading]:
    ids = torch.tensor([exercise.prompt() for exercise, _images in pages])
    views = normalised(np.concatenate([engine_views(exercise, images) for exercise, images in pages]))
    written = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        pixel_values=views,
        generation_config=GenerationConfig(
            do_sample=False,
            max_new_tokens=MOST_TOKENS,
            no_repeat_ngram_size=NO_REPEAT_NGRAM,
            eos_token_id=[vocabulary.mark("<|im_end|>"), vocabulary.mark("<|endoftext|>")],
            pad_token_id=vocabulary.mark("<|endoftext|>"),
        ),
    )
    for (exercise, _images), answer in zip(pages, written[:, ids.shape[1] :].tolist(), strict=True):
        yield Reading(exercise, vocabulary.tokenizer().decode(answer, skip_special_tokens=True).strip())


def load(source: Path) -> Any:
    """The model of a training's folder, or of a checkpoint."""
    if (source / STATE).is_file():
        apprentice = Apprentice()
        apprentice.load_state_dict(torch.load(source / STATE, weights_only=True)["model"])
        model = apprentice.got
    else:
        model = GotOcr2ForConditionalGeneration.from_pretrained(source, dtype=torch.float32)
    model.generation_config = GenerationConfig()
    return model.eval()


def table(scores: Sequence[Score]) -> str:
    lines = [
        "| task | pages | characters | wrong | character error rate | flawless pages |",
        "|---|---|---|---|---|---|",
    ]
    for one in scores:
        rate = f"{100 * one.error_rate:.2f} %"
        lines.append(f"| {one.task} | {one.pages} | {one.characters} | {one.errors} | {rate} | {one.flawless} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, nargs="?", default=Path("build/typewriter"), help="training or checkpoint")
    parser.add_argument("--pages", type=int, default=200, help="of each task")
    parser.add_argument("--lines", type=int, default=8, help="of a page at most; a cropped one has twice as many")
    parser.add_argument("--tasks", nargs="+", type=Task, default=list(Task), choices=list(Task))
    parser.add_argument("--show", type=int, default=0, help="so many wrong readings of each task")
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    model = load(chosen.source)
    scores = []
    with torch.inference_mode():
        for task in chosen.tasks:
            one, readings = score(model, task, pages=chosen.pages, effort=Effort(lines=chosen.lines))
            scores.append(one)
            for reading in [reading for reading in readings if reading.errors][: chosen.show]:
                print(f"{reading.exercise.query!r}\n  truth {reading.exercise.text!r}\n  read  {reading.text!r}")
    print(table(scores))


if __name__ == "__main__":
    main()
