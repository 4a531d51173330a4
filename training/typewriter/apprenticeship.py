"""The training itself: steps, their rate, and a state on disk from which it goes on."""

import json
import math
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch

from training.typewriter import tasks
from training.typewriter.batches import batch_of
from training.typewriter.lessons import LOOKING, Lesson
from training.typewriter.model import Apprentice, Batch, Losses

STATE = "state.pt"
LOG = "log.jsonl"
LOSSES = ("text", "cells", "glyphs", "inks", "recalling", "pointing", "carrying", "counting")

_WARM_UP_STEPS = 150
_LOOKING_RATE = 2.0  # times the rate of writing, which would not settle at this
_DECAY_SHARE = 0.25  # of the time, at its end
_SAVE_SECONDS = 120.0
_LONGEST_STEP_SECONDS = 20.0  # what is longer was no step: the process was suspended
_LOG_STEPS = 25
_SMOOTHING = 0.97


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    out: Path
    seconds: float
    batch: int = 32
    rate: float = 7e-4
    seed: int = 1


@dataclass(slots=True)
class Progress:
    """What is saved beside the weights."""

    step: int = 0
    images: int = 0
    seconds: float = 0.0
    lesson: Lesson = field(default_factory=Lesson)
    smooth: dict[str, float] = field(default_factory=dict)

    def note(self, name: str, value: float) -> float:
        self.smooth[name] = _SMOOTHING * self.smooth.get(name, value) + (1 - _SMOOTHING) * value
        return self.smooth[name]


class Apprenticeship:
    def __init__(self, plan: Plan) -> None:
        torch.manual_seed(plan.seed)
        self.plan = plan
        self.progress = Progress()
        self._stopped = False
        self.model = Apprentice()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), plan.rate, betas=(0.9, 0.98), weight_decay=0.01)

    def run(self) -> None:
        self._resume()
        elapsed = unsaved = 0.0
        while elapsed < self.plan.seconds and not self._stopped:
            begun = time.monotonic()
            self._step(elapsed / self.plan.seconds)
            seconds = min(time.monotonic() - begun, _LONGEST_STEP_SECONDS)
            elapsed, unsaved, self.progress.seconds = (
                elapsed + seconds,
                unsaved + seconds,
                self.progress.seconds + seconds,
            )
            if unsaved > _SAVE_SECONDS:
                self.save()
                unsaved = 0.0
        self.save()

    def stop(self) -> None:
        """After the present step, and with the state saved."""
        self._stopped = True

    def save(self) -> None:
        content = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": asdict(self.progress),
        }
        unfinished = self.plan.out / (STATE + ".part")
        torch.save(content, unfinished)
        unfinished.replace(self.plan.out / STATE)

    def _resume(self) -> None:
        self.plan.out.mkdir(parents=True, exist_ok=True)
        path = self.plan.out / STATE
        if not path.is_file():
            return
        content = torch.load(path, weights_only=True)
        self.model.load_state_dict(content["model"])
        self.optimizer.load_state_dict(content["optimizer"])
        saved = content["progress"]
        self.progress = Progress(**{**saved, "lesson": Lesson(**saved["lesson"])})

    def _step(self, share: float) -> None:
        progress = self.progress
        random = np.random.default_rng((self.plan.seed, progress.step))
        chosen, effort = progress.lesson.tasks(random, progress.step, count=self.plan.batch)
        exercises = [tasks.make(task, random, effort) for task in chosen]
        batch = batch_of(exercises, random)
        looks_only = progress.lesson.looks_only(progress.step)
        losses = self._learn(batch, share, looks_only=looks_only)
        progress.step += 1
        progress.images += len(batch.views)
        several = batch.views.shape[0] > len(exercises)
        self._note("looking" if looks_only else "several" if several else "single", losses)

    def _learn(self, batch: Batch, share: float, *, looks_only: bool) -> Losses:
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate(share)
        losses: Losses = self.model(batch, looks_only=looks_only)
        self.optimizer.zero_grad(set_to_none=True)
        losses.total.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        return losses

    def _rate(self, share: float) -> float:
        warm = min(1.0, (self.progress.step + 1) / _WARM_UP_STEPS)
        left = (1 - share) / _DECAY_SHARE
        looking = _LOOKING_RATE if self.progress.lesson.level == LOOKING else 1.0
        return self.plan.rate * looking * warm * min(1.0, max(0.02, left))

    def _note(self, kind: str, losses: Losses) -> None:
        progress = self.progress
        for name in ("cells", "glyphs", "inks") if kind == "looking" else LOSSES:
            value = float(getattr(losses, name).detach())
            if not math.isfinite(value):
                raise FloatingPointError(f"{name} is {value} at step {progress.step}")
            progress.note(f"{kind}-{name}", value)
        now = progress.smooth
        lesson = progress.lesson.after(text_loss=now.get("single-text", 9.0), glyph_loss=now.get("looking-glyphs", 9.0))
        if lesson != progress.lesson:
            progress.lesson = lesson
            now["single-text"] = 1.0  # the new level is measured anew
        if progress.step % _LOG_STEPS == 0:
            self._log()

    def _log(self) -> None:
        progress = self.progress
        line = {
            "step": progress.step,
            "images": progress.images,
            "seconds": round(progress.seconds),
            "level": progress.lesson.level,
            **{name: round(value, 4) for name, value in progress.smooth.items()},
        }
        with (self.plan.out / LOG).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)
