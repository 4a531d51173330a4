"""The training itself: steps, their rate, and a state on disk from which it goes on."""

import json
import math
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.typewriter import layout, tasks
from training.typewriter.batches import batch_of
from training.typewriter.crew import Crew
from training.typewriter.lessons import LAST, LOOKING, Lesson
from training.typewriter.model import Apprentice, Batch, Losses
from training.typewriter.muon import Muon
from training.typewriter.tasks import Exercise

STATE = "state.pt"
LOG = "log.jsonl"
LOOKING_LOSSES = ("cells", "glyphs", "inks", "lines")
WRITING_LOSSES = ("text", "recalling", "pointing", "carrying", "counting", "standing", "planning", "enclosing")
LOSSES = LOOKING_LOSSES + WRITING_LOSSES

_WARM_UP_STEPS = 150
_HEADS_ALONE_STEPS = 100  # after the start from a checkpoint, which has no heads of training
_HEADS_RATE = 2e-3
_LOOKING_RATE = 2.0  # times the rate of writing, which would not settle at this
_DECAY_SHARE = 0.8  # of the time, at its end
_SAVE_SECONDS = 120.0
_LONGEST_STEP_SECONDS = 20.0  # what is longer was no step: the process was suspended
_LOG_STEPS = 25
_SMOOTHING = 0.97
_VIEWS_OF_PART = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    out: Path
    seconds: float
    batch: int = 32
    rate: float = 7e-4
    seed: int = 1
    start: Path | None = None  # a checkpoint whose weights to begin with, where no state is


@dataclass(slots=True)
class Progress:
    """What is saved beside the weights."""

    step: int = 0
    images: int = 0
    seconds: float = 0.0
    lesson: Lesson = field(default_factory=Lesson)
    smooth: dict[str, float] = field(default_factory=dict)
    from_checkpoint: bool = False

    @property
    def heads_alone(self) -> bool:
        """Whether the heads still learn what the model knows already."""
        return self.from_checkpoint and self.step < _HEADS_ALONE_STEPS

    def note(self, name: str, value: float) -> float:
        self.smooth[name] = _SMOOTHING * self.smooth.get(name, value) + (1 - _SMOOTHING) * value
        return self.smooth[name]


def train(plan: Plan, crew: Crew) -> None:
    """Go on from the state in plan.out, until the time is over or a signal comes."""
    torch.set_num_threads(1)  # two of them wait for each other more than they help
    torch.set_float32_matmul_precision("medium")  # bfloat16 inside products, where the processor has it: a third faster
    apprenticeship = Apprenticeship(plan, crew)
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: apprenticeship.stop())
    apprenticeship.run()


class Apprenticeship:
    def __init__(self, plan: Plan, crew: Crew | None = None) -> None:
        """*crew*: the processes that share the work; each has an Apprenticeship of the same plan."""
        torch.manual_seed(plan.seed)
        self.plan = plan
        self.progress = Progress()
        self._crew = crew or Crew()
        self._stopped = False
        self.model = Apprentice()
        self.optimizers = _optimizers(self.model, plan.rate)

    def run(self) -> None:
        self._resume()
        elapsed = unsaved = 0.0
        stopped = False
        while elapsed < self.plan.seconds and not stopped:
            begun = time.monotonic()
            self._step(elapsed / self.plan.seconds)
            # What all of them must agree on: the time, and whether one of them was told to stop.
            seconds = min(time.monotonic() - begun, _LONGEST_STEP_SECONDS)
            shared = self._crew.total(torch.tensor([seconds / self._crew.size, float(self._stopped)]))
            seconds, stopped = float(shared[0]), bool(shared[1])
            elapsed, unsaved = elapsed + seconds, unsaved + seconds
            self.progress.seconds += seconds
            if unsaved > _SAVE_SECONDS:
                self.save()
                unsaved = 0.0
        self.save()

    def stop(self) -> None:
        """After the present step, and with the state saved."""
        self._stopped = True

    def save(self) -> None:
        if self._crew.rank:
            return
        content = {
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "progress": asdict(self.progress),
        }
        unfinished = self.plan.out / (STATE + ".part")
        torch.save(content, unfinished)
        unfinished.replace(self.plan.out / STATE)

    def _resume(self) -> None:
        self.plan.out.mkdir(parents=True, exist_ok=True)
        path = self.plan.out / STATE
        if not path.is_file():
            if self.plan.start:
                layout.load(self.model.got, self.plan.start)
                self.progress = Progress(lesson=Lesson(LAST), from_checkpoint=True)
            return
        content = torch.load(path, weights_only=True)
        self.model.load_state_dict(content["model"])
        for optimizer, state in zip(self.optimizers, content["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        saved = content["progress"]
        self.progress = Progress(**{**saved, "lesson": Lesson(**saved["lesson"])})

    def _step(self, share: float) -> None:
        progress = self.progress
        seed = (self.plan.seed, progress.step)
        random = np.random.default_rng(seed)
        chosen, effort = progress.lesson.tasks(random, progress.step, count=self.plan.batch)
        sets = [tasks.make_several(task, random, effort) for task in chosen]
        parts = _parts(sets, self._crew.size)
        mine = self._crew.taken(progress.step, len(parts))
        batches = (batch_of(parts[number], np.random.default_rng((*seed, number))) for number in mine)
        looks, writes = progress.lesson.looks(progress.step), progress.lesson.writes(progress.step)
        losses = self._learn(batches, share, looks=looks, writes=writes)
        progress.step += 1
        progress.images += sum(exercises[0].views for exercises in sets)
        if looks:
            self._note("looking", LOOKING_LOSSES, losses)
        if writes:
            self._note(_kind(chosen), WRITING_LOSSES, losses)
        self._go_on()

    def _learn(self, batches: Iterable[Batch], share: float, *, looks: bool, writes: bool) -> Mapping[str, float]:
        """One step of the optimizer; the mean losses. Each token counts as its weight says, whatever batch it is in."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self._rate(share)
        self.model.zero_grad(set_to_none=True)
        self.model.got.requires_grad_(not self.progress.heads_alone)
        sums = torch.zeros(1 + len(LOSSES))
        for batch in batches:
            losses: Losses = self.model(batch, looks=looks, writes=writes)
            (losses.total * batch.weight).backward()
            sums += batch.weight * torch.tensor([1.0, *(float(getattr(losses, name).detach()) for name in LOSSES)])
        weight, *totals = self._share(sums).tolist()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        return {name: total / weight for name, total in zip(LOSSES, totals, strict=True)}

    def _share(self, sums: Tensor) -> Tensor:
        """The sums of all processes, the first of them the weight; and every gradient as the mean over all of it."""
        gradients = [parameter.grad for parameter in self.model.parameters() if parameter.grad is not None]
        everything = self._crew.total(torch.cat([sums, *(gradient.flatten() for gradient in gradients)]))
        sums, *shares = everything.split([len(sums), *(gradient.numel() for gradient in gradients)])
        for gradient, shared in zip(gradients, shares, strict=True):
            gradient.copy_(shared.view_as(gradient) / sums[0])
        return sums

    def _rate(self, share: float) -> float:
        if self.progress.heads_alone:
            return _HEADS_RATE
        warm = min(1.0, (self.progress.step + 1) / _WARM_UP_STEPS)
        left = (1 - share) / _DECAY_SHARE
        looking = _LOOKING_RATE if self.progress.lesson.level == LOOKING else 1.0
        return self.plan.rate * looking * warm * min(1.0, max(0.02, left))

    def _note(self, kind: str, names: Sequence[str], losses: Mapping[str, float]) -> None:
        progress = self.progress
        for name in names:
            if not math.isfinite(losses[name]):
                raise FloatingPointError(f"{name} is {losses[name]} at step {progress.step}")
            progress.note(f"{kind}-{name}", losses[name])

    def _go_on(self) -> None:
        progress = self.progress
        now = progress.smooth
        lesson = progress.lesson.after(text_loss=now.get("single-text", 9.0), glyph_loss=now.get("looking-glyphs", 9.0))
        if lesson != progress.lesson:
            progress.lesson = lesson
            now["single-text"] = 1.0  # the new level is measured anew
        if progress.step % _LOG_STEPS == 0 and not self._crew.rank:
            self._log()

    def _log(self) -> None:
        progress = self.progress
        line = {
            "step": progress.step,
            "images": progress.images,
            "seconds": round(progress.seconds),
            "level": progress.lesson.level,
            **{name: float(f"{value:.3g}") for name, value in progress.smooth.items()},
        }
        with (self.plan.out / LOG).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)


def _parts(sets: Sequence[Sequence[Exercise]], least: int) -> list[list[Exercise]]:
    """A few sets each, of like lengths: little is padding, and what a part needs stays in the processor's cache. The
    longest come first, so that nobody is left with one at the end. *least*: so many parts."""
    in_order = sorted(sets, key=lambda exercises: -len(exercises[0].answer))
    size = max(1, min(_VIEWS_OF_PART // sets[0][0].views, len(sets) // least))
    return [list(chain(*in_order[first : first + size])) for first in range(0, len(in_order), size)]


def _kind(chosen: Sequence[tasks.Task]) -> str:
    return "single" if chosen[0] in tasks.SINGLE_VIEW else chosen[0].value


def _optimizers(model: Apprentice, rate: float) -> tuple[torch.optim.Optimizer, ...]:
    """Muon for the products inside the layers, AdamW for all else: in the same steps the loss falls a tenth further
    than by AdamW alone."""
    inner = [p for name, p in model.named_parameters() if "layers" in name and p.dim() == 2 and "rel_pos" not in name]
    chosen = set(map(id, inner))
    rest = [parameter for parameter in model.parameters() if id(parameter) not in chosen]
    return (
        Muon(inner, rate, weight_decay=0.01),
        torch.optim.AdamW(rest, rate, betas=(0.9, 0.98), weight_decay=0.01),
    )
