"""How well the typewriter reads fresh pages, mode by mode: `python -m training.typewriter.evaluate`."""

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import numpy as np
import torch
from PIL import Image

from gotwatch.documents import BoxBy, Color, Mode, PageImage, Prompt
from gotwatch.engine.base import Engine, EngineOptions, Precision
from gotwatch.engine.got.engine import GotEngine
from gotwatch.engine.got.hf import HfEngine
from training.typewriter import tasks
from training.typewriter.apprenticeship import STATE
from training.typewriter.export import export
from training.typewriter.tasks import Effort, Exercise, Task

FRESH_SEED = 10**9  # no training step has a seed like this
MOST_TOKENS = 700


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


def score(engine: Engine, task: Task, *, pages: int, effort: Effort) -> tuple[Score, list[Reading]]:
    exercises = [fresh(task, number, effort) for number in range(pages)]
    with ThreadPoolExecutor(engine.slots) as readers:
        texts = readers.map(lambda made: read(engine, *made), exercises)
        readings = [Reading(exercise, text) for (exercise, _images), text in zip(exercises, texts, strict=True)]
    characters = sum(len(reading.exercise.text) for reading in readings)
    errors = [reading.errors for reading in readings]
    return Score(task, pages, characters, sum(errors), errors.count(0)), readings


def fresh(task: Task, number: int, effort: Effort) -> tuple[Exercise, list[Image.Image]]:
    """A page that no training has seen, at its natural size."""
    random = np.random.default_rng((FRESH_SEED, list(Task).index(task), number))
    exercise = tasks.make(task, random, effort)
    return exercise, tasks.draw(exercise, random)


def read(engine: Engine, exercise: Exercise, images: Sequence[Image.Image]) -> str:
    """As the program does it, but for the second try."""
    shown = [PageImage(number, *image.size, image.tobytes()) for number, image in enumerate(images, 1)]
    return engine.read(shown, replace(asked(exercise, images[0].size), retry=False), Event()).markup.strip()


def asked(exercise: Exercise, size: tuple[int, int]) -> Prompt:
    """What a person would ask of the engine for this exercise. *size*: of the page, in pixels."""
    match exercise.task:
        case Task.PLAIN:
            return Prompt()
        case Task.FORMAT:
            return Prompt(Mode.FORMAT)
        case Task.CROP:
            return Prompt(crop=True)
        case Task.CROP_FORMAT:
            return Prompt(Mode.FORMAT, crop=True)
        case Task.PAGES:
            return Prompt(Mode.FORMAT, multi_page=True)
        case Task.COLOUR:
            return Prompt(color=Color(_in_brackets(exercise)))
        case Task.BOX:
            per_mille = map(int, _in_brackets(exercise).split(", "))
            box = tuple(round(value * size[axis % 2] / 1000) for axis, value in enumerate(per_mille))
            return Prompt(box=box, box_by=BoxBy.PROMPT)


def _in_brackets(exercise: Exercise) -> str:
    return exercise.query.partition("]")[0].removeprefix("[")


def edits(read: str, truth: str) -> int:
    """Characters to insert, delete or replace."""
    row = list(range(len(truth) + 1))
    for place, letter in enumerate(read, 1):
        above, row = row, [place]
        for column, other in enumerate(truth, 1):
            row.append(min(above[column] + 1, row[-1] + 1, above[column - 1] + (letter != other)))
    return row[-1]


def load(source: Path, *, name: str, precision: Precision) -> Engine:
    """The engine with the model of a training's folder, or of a checkpoint."""
    with TemporaryDirectory() as folder:
        if (source / STATE).is_file():
            export(source, Path(folder), dtype=torch.float32)
            source = Path(folder)
        options = EngineOptions(checkpoint=str(source), device="cpu", precision=precision, max_new_tokens=MOST_TOKENS)
        engine: Engine = GotEngine(options) if name == "got" else HfEngine(options)
        engine.load(lambda _progress: None)
    return engine


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
    parser.add_argument("--engine", choices=["got", "got-hf"], default="got")
    parser.add_argument("--precision", type=Precision, choices=list(Precision), default=Precision.AUTO)
    chosen = parser.parse_args()
    torch.set_num_threads(1)  # so small a model gains nothing by two
    engine = load(chosen.source, name=chosen.engine, precision=chosen.precision)
    scores = []
    for task in chosen.tasks:
        one, readings = score(engine, task, pages=chosen.pages, effort=Effort(lines=chosen.lines))
        scores.append(one)
        for reading in [reading for reading in readings if reading.errors][: chosen.show]:
            print(f"{reading.exercise.query!r}\n  truth {reading.exercise.text!r}\n  read  {reading.text!r}")
    print(table(scores))


if __name__ == "__main__":
    main()
